"""Numbers that are said without a sign and lie below 0, money in cents, and other amounts that are said in passing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inference.changes import Changes
from inference.said_lists import listed_with
from inference.signatures import Parameter, ParameterKind
from inference.signs import lies_below, said_with_way, tells_sign
from inference.text import prepare
from inference.values import fit_said
from inference.words import split_clauses


def number(name: str, low: float, high: float, description: str = "", unit: str | None = None) -> Parameter:
    return Parameter(
        name, ParameterKind.NUMBER, minimum=low, maximum=high, description=description, unit=unit
    )


NOSE = number("nose", -60, 20, "0 is level, -60 straight down", "degree")
RUDDER = number("rudder", -35, 35, "negative is port, left is negative")
DECK = number("deck", -4, 9)
FREEZER = number("freezer", -30, 10, "target", "degC")


@pytest.mark.parametrize(
    ("text", "parameter", "value"),
    [
        ("point the nose down to twenty degrees", NOSE, -20),
        ("nose up to twenty degrees", NOSE, 20),
        ("nose to twenty degrees", NOSE, 20),
        ("rudder ten to the left", RUDDER, -10),
        ("rudder ten to the right", RUDDER, 10),
        ("three decks below ground", DECK, -3),
        ("basement level 2", DECK, -2),
        ("down to deck 2", DECK, 2),
        ("freezer down to 5 degrees", FREEZER, 5),
    ],
)
def test_words_give_a_sign_where_a_description_tells_it(
    text: str, parameter: Parameter, value: float
) -> None:
    said = prepare(text).quantities[0]
    assert fit_said(parameter, said, {}) == value


def test_a_sign_is_only_given_to_what_may_be_below_nothing() -> None:
    assert not lies_below(number("depth", 0, 60, "down is positive"), "20 metres down")
    assert not lies_below(number("floor", 0, 9), "basement 2")
    assert tells_sign(NOSE, "up")
    assert not tells_sign(FREEZER, "up")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("put 20 euros on it", "credit_cents", 2000),
        ("charge it with €12", "credit_cents", 1200),
        ("load 900 cents", "credit_cents", 900),
        ("load 30", "credit_cents", 3000),
        ("load 700", "credit_cents", 700),
        ("put 20 euros on it", "credit", 20),
    ],
)
def test_money_may_be_counted_in_cents(text: str, name: str, value: float) -> None:
    credit = Parameter(name, ParameterKind.INTEGER, minimum=5, maximum=9000)
    if name == "credit_cents":
        credit = Parameter(name, ParameterKind.INTEGER, minimum=500, maximum=9000)
    assert fit_said(credit, prepare(text).quantities[0], {}) == value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("a 10 k walk", "kilometer", 10),
        ("a ten k walk", "meter", 10000),
        ("4 megabit for the stream", "kilobit/second", 4000),
        ("4 megabits a second", "kilobit/second", 4000),
        ("30 milimetres", "centimeter", 3),
        ("30 centimeteres", "millimeter", 300),
        ("80 farenheit", "degF", 80),
    ],
)
def test_units_are_read_in_short_and_with_a_slip(text: str, unit: str, value: float) -> None:
    parameter = Parameter("value", ParameterKind.NUMBER, unit=unit, minimum=0, maximum=20000)
    assert fit_said(parameter, prepare(text).quantities[0], {}) == value


@pytest.mark.parametrize("text", ["10 rounds", "6 letters", "9 meteors fell", "3 minutes"])
def test_other_words_are_no_slips(text: str) -> None:
    assert prepare(text).quantities[0].unit in {None, "minute"}


def test_a_way_behind_an_amount_tells_which_it_is() -> None:
    turn = number("turn", -90, 90, "negative is left", "degree")
    said = prepare("15 degrees to the left, 5 degrees up")
    assert said_with_way(turn, said) == ["15 degrees"]
    assert said_with_way(NOSE, said) == ["5 degrees"]
    assert said_with_way(replace(turn, is_step=True), said) == ["down 15 degrees"]
    assert said_with_way(FREEZER, said) == []
    assert said_with_way(turn, prepare("15 degrees further left")) == []


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("check the tank twice as often", "down"),
        ("check the tank half as often", "up"),
        ("wait twice as long", "up"),
        ("cut the waiting in half", "down"),
    ],
)
def test_what_is_done_more_often_is_done_at_shorter_intervals(text: str, way: str) -> None:
    every = Parameter(
        "every", ParameterKind.INTEGER, unit="minute", minimum=1, maximum=90, current="get_every"
    )
    said = prepare(text)
    assert Changes(said, {}).usual_way(said.quantities[0].text, every) == way


def test_half_an_hour_halves_nothing() -> None:
    assert [each.unit for each in prepare("off in half an hour").quantities] == ["hour"]
    assert prepare("too quiet, half of us hear nothing").quantities == ()


def test_a_list_with_or_is_one_where_several_may_be_said() -> None:
    said = prepare("water neither bed 3, 4 nor 6")
    assert listed_with("3", ["3", "4", "6"], said, with_or=True) == {"3", "4", "6"}
    assert listed_with("3", ["3", "4", "6"], said) == {"3", "4"}
    assert split_clauses("keep beds 3, 4 and 6 dry tonight") == ["keep beds 3, 4 and 6 dry tonight"]
    assert len(split_clauses("bed 1 to 20, 2 and 3 to 30")) > 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("two steps up, er, down I mean", "2 steps down"),
        ("ask to see Ann, no, hang on, to see Ben", "ask to see Ben"),
        ("it's late I mean", "it's late I mean"),
    ],
)
def test_what_is_meant_may_be_said_last(text: str, meant: str) -> None:
    assert prepare(text).text == meant
