"""Numbers that are said without a sign and lie below 0, money in cents, and other amounts that are said in passing."""

from __future__ import annotations

import pytest

from inference.signatures import Parameter, ParameterKind
from inference.signs import lies_below, tells_sign
from inference.text import prepare
from inference.values import fit_said


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
