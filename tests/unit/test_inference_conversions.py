"""What a sentence converts, from which unit or currency to which."""

from __future__ import annotations

import pytest

from inference.conversions import converting, said_conversion, said_substance
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare

UNITS = ("km", "mile", "m", "in", "kg", "lb", "g", "cup", "l", "c", "f")
AMOUNT = Parameter("amount", ParameterKind.NUMBER)
OF = Parameter("substance", ParameterKind.STRING, required=False)
MEASURES = FunctionSignature(
    "measure",
    "Recalculates.",
    (
        AMOUNT,
        Parameter("unit_from", ParameterKind.STRING, choices=UNITS),
        Parameter("unit_to", ParameterKind.STRING, choices=UNITS),
        OF,
    ),
)
CODES = ("NOK", "GBP", "EUR", "HKD")
MONEY = FunctionSignature(
    "exchange",
    "Today's rate.",
    (
        AMOUNT,
        Parameter("target", ParameterKind.STRING, choices=CODES),
        Parameter("source", ParameterKind.STRING, choices=CODES),
    ),
)
FUNCTIONS = (FunctionSignature("hang_up", "Ends the call."), MEASURES, MONEY)


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("26 miles in kilometres please", "mile", "km"),
        ("how many pounds are there in seven kilos", "kg", "lb"),
        ("how heavy is a pound in grams?", "lb", "g"),
        ("from inches to metres: 70", "in", "m"),
        ("my scale shows kilos, it says 80 pounds", "lb", "kg"),
        ("425 F, my dial has celsius only", "f", "c"),
        ("I need 3 litres in cups", "l", "cup"),
    ],
)
def test_what_is_counted_is_what_is_converted(text: str, source: str, target: str) -> None:
    said = said_conversion(MEASURES.parameters, prepare(text))
    assert said is not None
    assert (said.source, said.target) == (source, target)
    assert converting(FUNCTIONS, prepare(text)) == [1]


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("what are 30 quid in euros", "GBP", "EUR"),
        ("100 Norwegian kroner into quid", "NOK", "GBP"),
        ("how many euros do I get for 90 kroner", "NOK", "EUR"),
        ("90 shekels, please", None, None),
        ("500 Hong Kong dollars to EUR", "HKD", "EUR"),
        ("€40 in quid", "EUR", "GBP"),
    ],
)
def test_money_is_converted_by_its_names(text: str, source: str | None, target: str | None) -> None:
    said = said_conversion(MONEY.parameters, prepare(text))
    assert (None if said is None else (said.source, said.target)) == (source and (source, target))


@pytest.mark.parametrize(
    "text",
    [
        "how many litres are 9 miles",
        "40 kilos in metres",
        "80 rand in euros",
        "drive 5 miles",
        "turn it to 20 C",
    ],
)
def test_nothing_is_converted_into_what_measures_something_else_or_is_not_known(text: str) -> None:
    assert converting(FUNCTIONS, prepare(text)) == []


def test_a_part_of_a_sentence_converts_where_it_names_a_unit() -> None:
    said = prepare("hang up, and how many grams are 2 pounds")
    assert converting(FUNCTIONS, said, (0, 7)) == []
    assert converting(FUNCTIONS, said, (9, len(said.lower))) == [1]


def test_an_amount_may_be_one_of_something() -> None:
    assert said_substance(MEASURES.parameters, prepare("two cups of brown sugar in grams")) == "brown sugar"
    assert said_substance(MEASURES.parameters, prepare("two pounds in grams")) is None
