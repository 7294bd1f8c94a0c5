"""Topics, translated texts, words that a description gives, both ends of a way, and number plates."""

from __future__ import annotations

import pytest

from inference.said_codes import said_plates
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.told_topics import asks_to_translate, told_topics
from inference.told_ways import told_ways


def _text(name: str, description: str = "") -> Parameter:
    return Parameter(name, ParameterKind.STRING, required=True, description=description)


_SEARCH = FunctionSignature("search", "Finds articles.", (_text("topic"),))
_COOK = FunctionSignature("recipes", "Finds recipes.", (_text("query", "Ingredients."),))
_TRANSLATE = FunctionSignature("translate", "Translates.", (_text("text"),))
_WAKE = FunctionSignature("wake", "Wakes somebody.", (_text("person", "'everyone' for all, not 'nobody'"),))
_RIDE = FunctionSignature("ride", "Orders a ride.", (_text("pick_up"), _text("destination")))
_DRIVE = FunctionSignature("drive", "Drives.", (_text("address"),))


@pytest.mark.parametrize(
    ("text", "function", "found"),
    [
        ("is there anything about the harbour bridge this week?", _SEARCH, ["harbour bridge"]),
        ("what is this about?", _SEARCH, []),
        ("tell me about it", _SEARCH, []),
        ("something with leeks and potatoes in under an hour", _COOK, ["leeks and potatoes"]),
        ("how do you say one more please in Greek", _TRANSLATE, ["1 more please"]),
        ("translate 'see you soon' into Dutch", _TRANSLATE, ["see you soon"]),
        ("wake everyone", _WAKE, ["everyone"]),
        ("wake nobody", _WAKE, []),
    ],
)
def test_topics_and_translated_texts_are_whole(
    text: str, function: FunctionSignature, found: list[str]
) -> None:
    sentence = prepare(text)
    places = told_topics(function.parameters[0], function, sentence)
    assert [sentence.lower[start:end] for start, end in places] == found


def test_a_translation_is_asked_for() -> None:
    assert asks_to_translate("how do i say bread in thai")
    assert not asks_to_translate("set the language to thai")


@pytest.mark.parametrize(
    ("text", "function", "ends"),
    [
        ("a taxi from the old mill to Ferry Road 9 at 8", _RIDE, ["old mill", "ferry road 9"]),
        ("to the airport from 12 Elm Street please", _RIDE, ["12 elm street", "airport"]),
        ("from 8 to 9", _RIDE, []),
        ("drive me home please", _DRIVE, ["home"]),
        ("I left my home", _DRIVE, []),
    ],
)
def test_both_ends_of_a_way(text: str, function: FunctionSignature, ends: list[str]) -> None:
    sentence = prepare(text)
    places = [place for each in function.parameters for place in told_ways(each, function, sentence)]
    assert [sentence.lower[start:end] for start, end in places] == ends


@pytest.mark.parametrize(
    ("text", "plates"),
    [
        ("open for kx 20 rta", ["kx 20 rta"]),
        ("the plate is hh 812", ["hh 812"]),
        ("wait 5 min at 9 am", []),
        ("park in bay 12", []),
    ],
)
def test_plates(text: str, plates: list[str]) -> None:
    sentence = prepare(text)
    assert [sentence.lower[start:end] for start, end in said_plates(sentence)] == plates
