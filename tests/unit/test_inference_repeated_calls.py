"""One function is called again where a clause has values of its own for it."""

from __future__ import annotations

import pytest

from inference.program_prompt import Hint
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.words import split_clauses
from tests.composition_kit import likely, written
from tests.reader_kit import Said

BURN = FunctionSignature(
    "burn",
    "Heats a plate for some time.",
    (
        Parameter("plate", ParameterKind.INTEGER, minimum=1, maximum=9),
        Parameter("minutes", ParameterKind.INTEGER, unit="minute", minimum=1, maximum=60),
    ),
)
SHIELD = FunctionSignature(
    "shield",
    "Closes a shutter.",
    (Parameter("side", ParameterKind.STRING, choices=("left", "right")),),
)
SHIELDS = FunctionSignature(
    "shields",
    "Closes shutters.",
    (Parameter("sides", ParameterKind.STRING, choices=("left side", "right side"), many=True),),
)
BUY = FunctionSignature(
    "buy",
    "Puts something on the list.",
    (Parameter("item", ParameterKind.STRING), Parameter("shop", ParameterKind.STRING, required=False)),
)
NOTE = FunctionSignature("note", "Writes a note.", (Parameter("text", ParameterKind.STRING),))


def _rankings(text: str, function: FunctionSignature) -> list[list[Hint]]:
    return [likely(function, among=(function,)) for _ in split_clauses(prepare(text).lower)]


def test_a_clause_with_an_amount_that_the_first_call_leaves_over_is_a_call_of_its_own() -> None:
    text = "plate 2 for 10 minutes, that is the soup, and plate 5 for 25 minutes"
    first: dict[str, Said] = {"burn": {"plate": "2", "minutes": "10 minutes"}}
    second: dict[str, Said] = {"burn": {"plate": "5", "minutes": "25 minutes"}}
    clauses = dict(zip(split_clauses(prepare(text).lower), [first, first, second], strict=True))
    assert written(text, _rankings(text, BURN), first, (BURN,), clauses) == {
        "A( 2| 10 minutes);A( 5| 25 minutes)"
    }


def test_what_one_call_has_use_for_is_one_call() -> None:
    text = "plate 2 on, 10 minutes"
    said: dict[str, Said] = {"burn": {"plate": "2", "minutes": "10 minutes"}}
    assert written(text, _rankings(text, BURN), said, (BURN,)) == {"A( 2| 10 minutes)"}


def test_each_of_both_choices_is_called() -> None:
    said: dict[str, Said] = {"shield": {"side": "left"}}
    assert written("shut both sides", _rankings("shut both sides", SHIELD), said, (SHIELD,)) == {
        "A( left);A( right)"
    }


def test_both_stand_in_a_list_where_the_parameter_is_one() -> None:
    said: dict[str, Said] = {"shields": {"sides": "left side"}}
    text = "shut both sides"
    assert written(text, _rankings(text, SHIELDS), said, (SHIELDS,)) == {"A( left side & right side)"}


def test_each_thing_is_bought_by_itself() -> None:
    text = "put tea and coffee on the list"
    said: dict[str, Said] = {"buy": {"item": "tea and coffee"}}
    assert written(text, _rankings(text, BUY), said, (BUY,)) == {"A( tea| _);A( coffee| _)"}


def test_another_text_is_not_taken_apart() -> None:
    text = "write down tea and coffee"
    said: dict[str, Said] = {"note": {"text": "tea and coffee"}}
    assert written(text, _rankings(text, NOTE), said, (NOTE,)) == {"A( tea and coffee)"}


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("fade 3 and 4 out, then stop", ["fade 3 and 4 out", "stop"]),
        ("lock A1, and open B2 and B3 again", ["lock A1", "open B2 and B3 again"]),
        ("lane 3 to 10 and 4 up", ["lane 3 to 10", "4 up"]),
        ("ask Mrs. Hill to come", ["ask Mrs. Hill to come"]),
    ],
)
def test_what_is_done_to_two_numbers_is_one_clause(text: str, clauses: list[str]) -> None:
    assert split_clauses(text) == clauses


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("two litres of milk and three of water", "2 litres of milk and 3 litres of water"),
        ("18 degrees in the hall, 21 in the den", "18 degrees in the hall, 21 degrees in the den"),
        ("wait 5 minutes for Ann and take 3 of them", "wait 5 minutes for Ann and take 3 of them"),
        ("8 grams for the cod and 5 for bass please", "8 grams for the cod and 5 grams for bass please"),
        (
            "20 kg for the heavy limit, 33 for the diverter delay",
            "20 kg for the heavy limit, 33 for the diverter delay",
        ),
        (
            "use 40 minutes for dawn and 6 for strength of blue",
            "use 40 minutes for dawn and 6 for strength of blue",
        ),
        ("2 boxes of tea and 3 of coffee", "2 boxes of tea and 3 of coffee"),
    ],
)
def test_a_unit_is_said_once_for_amounts_that_stand_alike(text: str, prepared: str) -> None:
    assert prepare(text).text == prepared
