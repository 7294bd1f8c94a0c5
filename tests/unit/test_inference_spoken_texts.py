"""Where a name or text begins and ends."""

from __future__ import annotations

import pytest

from inference.signatures import Parameter, ParameterKind
from inference.spoken_texts import text_gain
from inference.text import prepare


def _gain(name: str, words: str, text: str, *, required: bool = True) -> float:
    return text_gain(Parameter(name, ParameterKind.STRING, required=required), words, prepare(text))


@pytest.mark.parametrize(
    ("name", "better", "worse", "text"),
    [
        ("text", "wet paint please", "wet paint", 'show "Wet paint please" on it'),
        ("scene", "garden party", "party", "put on that Garden Party thing"),
        ("scene", "garden party", "garden", "put on that Garden Party thing"),
        ("badge_id", "7f21", "badge 7f21", "let badge 7F21 in"),
        ("article", "311", "article 311", "article 311 is sold out"),
        ("label", "school run", "school", "wake me at 7, call it school run"),
        ("label", "storm", "keep", "keep this as 7 and call it 'storm'"),
        ("preset", "yard", "the wall", "look at the wall, save it as yard"),
        ("reason", "flooding", "2 hours", "block it for 2 hours and note flooding as the reason"),
        ("reason", "flooding", "2 hours", "block it for 2 hours, reason: flooding"),
        ("guestName", "millers", "3 millers", "take the 3 Millers to table 9"),
    ],
)
def test_whole_names_are_likelier_than_parts(name: str, better: str, worse: str, text: str) -> None:
    assert _gain(name, better, text) > _gain(name, worse, text)


@pytest.mark.parametrize("words", ["tomorrow morning", "friday", "2 hours", "it", "mine"])
def test_a_time_or_amount_is_hardly_an_optional_text(words: str) -> None:
    text = "wake me tomorrow morning, on friday, after 2 hours; it is mine"
    assert _gain("label", words, text, required=False) < -4


def test_a_text_that_is_needed_may_be_a_time() -> None:
    assert _gain("scene", "night", "put on night") == 0
    assert _gain("scene", "2 hours", "put it on for 2 hours") < 0


def test_a_number_may_be_a_code() -> None:
    assert _gain("code", "4471", "let her in with 4471", required=False) == 0
    assert _gain("label", "4471", "let her in with 4471", required=False) < 0


@pytest.mark.parametrize(
    ("name", "words", "text"),
    [
        ("place", "night", "Night falls, go to Night"),
        ("scene", "abbey road", "Play Abbey Road"),
        ("place", "dock 4", "go to Dock 4"),
        ("text", "not there", "go"),
    ],
)
def test_what_nothing_speaks_against_keeps_its_weight(name: str, words: str, text: str) -> None:
    assert _gain(name, words, text) == 0
