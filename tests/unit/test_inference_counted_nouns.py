"""What numbers count, by the noun behind them."""

from __future__ import annotations

import pytest

from inference.counted_nouns import counting, counts, counts_other, said_single
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare


def count(name: str, **told: object) -> Parameter:
    return Parameter(name, ParameterKind.INTEGER, minimum=0, **told)  # type: ignore[arg-type]


ROWS, KIDS, PILLOWS = count("rows"), count("children"), count("extra_pillows", required=False)
SEATS = FunctionSignature("reserve", "Books seats.", (ROWS,))
FAMILY = FunctionSignature("admit", "Lets people in.", (KIDS, PILLOWS))
TIP = FunctionSignature("tip", "Gives money.", (count("amount_usd", description="dollars"),))
FUNCTIONS = (SEATS, FAMILY, TIP)


@pytest.mark.parametrize(
    ("text", "parameter", "said"),
    [
        ("let three kids in", KIDS, ["3"]),
        ("four small children and two dogs", KIDS, ["4"]),
        ("one child please", KIDS, ["1"]),
        ("row 1 child seat", KIDS, []),
        ("zone 3 child", KIDS, []),
        ("five rows", ROWS, ["5"]),
        ("row 5", ROWS, []),
        ("nine bucks for him", TIP.parameters[0], ["9"]),
    ],
)
def test_a_noun_says_what_is_counted(text: str, parameter: Parameter, said: list[str]) -> None:
    assert counts(parameter, prepare(text)) == said


def test_what_one_function_counts_is_no_number_for_another() -> None:
    said = prepare("three kids please")
    assert counts_other(ROWS, "3", FUNCTIONS, said)
    assert not counts_other(KIDS, "3", FUNCTIONS, said)
    assert not counts_other(count("quantity"), "3", FUNCTIONS, said)
    assert counting(FUNCTIONS, said, said.lower) == ([1], [0, 2])
    assert counting(FUNCTIONS, prepare("make it 3"), "make it 3") == ([], [])


def test_one_may_be_said_without_a_number() -> None:
    assert said_single(PILLOWS, prepare("and an extra pillow")) == "an extra pillow"
    assert said_single(PILLOWS, prepare("and a pillow")) is None
    assert said_single(ROWS, prepare("book a row")) == "a row"
    assert said_single(count("rows", required=False), prepare("book a row")) is None
    assert said_single(ROWS, prepare("book 2 rows, not a row")) is None
