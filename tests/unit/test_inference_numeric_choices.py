"""Choices that are numbers or amounts are said in other units, as shares, and outside what there is."""

from __future__ import annotations

import pytest

from inference.composition import OutOfRange
from inference.numeric_choices import said_amounts, unfit_amounts
from inference.said_choices import SaidChoices
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from tests.composition_kit import likely, written

RUN = Parameter("minutes", ParameterKind.INTEGER, unit="minute", choices=(15, 30, 60, 90))
GATE = Parameter("opening", ParameterKind.INTEGER, unit="percent", choices=(0, 25, 50, 75, 100))
SUCTION = Parameter("level", ParameterKind.INTEGER, choices=(1, 2, 3, 4, 5))
SOAK = Parameter("soak", ParameterKind.STRING, choices=("10min", "30min", "60min"))
SPRINKLE = FunctionSignature("sprinkle", "Water the lawn", (RUN,))


@pytest.mark.parametrize(
    ("parameter", "text", "choice"),
    [
        (RUN, "run the sprinkler for an hour and a half", 90),
        (RUN, "sprinkle for half an hour", 30),
        (RUN, "sprinkle 900 seconds", 15),
        (GATE, "open the gate halfway", 50),
        (GATE, "gate three quarters open", 75),
        (GATE, "full opening", 100),
        (SUCTION, "highest level", 5),
        (SUCTION, "suction at the minimum", 1),
        (SOAK, "soak for half an hour", "30min"),
    ],
)
def test_an_amount_comes_to_a_choice(parameter: Parameter, text: str, choice: int | str) -> None:
    assert list(said_amounts(parameter, prepare(text), {})) == [choice]
    assert SaidChoices(prepare(text)).is_wholly_named(parameter, str(choice))


def test_an_end_is_not_said_of_what_has_a_number_or_is_not_spoken_of() -> None:
    heat = Parameter("temperature", ParameterKind.STRING, choices=("20", "30", "60"))
    assert not said_amounts(heat, prepare("wash a full load at 30"), {})
    drum = Parameter("spin", ParameterKind.STRING, required=False, choices=("400", "800"))
    assert not said_amounts(drum, prepare("wash a full load"), {})
    assert list(said_amounts(drum, prepare("full spin please"), {})) == ["800"]


def test_an_amount_that_is_no_choice_is_out_of_range() -> None:
    assert [each.text for each in unfit_amounts(RUN, prepare("water it for 45 minutes"), {})] == [
        "45 minutes"
    ]
    assert not unfit_amounts(RUN, prepare("water it for an hour"), {})
    assert not unfit_amounts(RUN, prepare("water it at 40 percent"), {})


def test_no_choice_is_guessed_for_an_amount_that_there_is_not() -> None:
    ranked = [likely(SPRINKLE, among=(SPRINKLE,))]
    said = {"sprinkle": {"minutes": "60"}}
    assert written("water for half an hour", ranked, said, (SPRINKLE,)) == {"A( 30)"}
    assert written("water for 45 minutes", ranked, said, (SPRINKLE,)) == OutOfRange(0, 0, "45 minutes")


def test_a_choice_is_named_however_it_is_spelled() -> None:
    rinse = Parameter(
        "options", ParameterKind.STRING, choices=("extraRinse", "preWash", "ecoMode"), many=True
    )
    choices = SaidChoices(prepare("bedding with prewash and extra rinse"))
    assert list(choices.naming(rinse)) == ["extra rinse", "pre wash"]
    assert choices.is_wholly_named(rinse, "pre wash")
