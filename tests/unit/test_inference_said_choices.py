"""Which choices of what may be left out are said, and which switches are not spoken of."""

from __future__ import annotations

import pytest

from inference.request import Request
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare

_STEAM = Parameter("steam_level", ParameterKind.STRING, choices=("off", "low", "high"), required=False)
_REPEAT = Parameter("repeat", ParameterKind.STRING, choices=("ONCE", "DAILY", "MONTHLY"), required=False)
_HEAT = Parameter("heat", ParameterKind.STRING, choices=("cold", "30", "60"), required=False)
_PAPER = Parameter("paper", ParameterKind.STRING, choices=("iso_a4", "iso_a3", "na_letter"), required=False)
_EXTRAS = Parameter(
    "extras", ParameterKind.STRING, choices=("preSoak", "extraSpin"), many=True, required=False
)
_COUNT = Parameter("count", ParameterKind.INTEGER, required=False)
_SHARED = Parameter("shared_taxi", ParameterKind.BOOLEAN, required=False)
_TAXI = Parameter("taxi", ParameterKind.BOOLEAN, required=False)


def _told(text: str, *parameters: Parameter, function: str = "run") -> list[str]:
    request = Request(prepare(text), [FunctionSignature(function, "", parameters)])
    first = parameters[0]
    return [words for words in request.values(first) if request.is_told(first, words)]


@pytest.mark.parametrize(
    ("text", "parameter", "told"),
    [
        ("iron the shirts without steam", _STEAM, ["off"]),
        ("no steam please", _STEAM, ["off"]),
        ("iron the shirts with steam", _STEAM, []),
        ("back the files up every day at 6", _REPEAT, ["daily"]),
        ("back the files up once a month", _REPEAT, ["monthly"]),
        ("back the files up on the day after", _REPEAT, []),
        ("boil the shirts at 60", _HEAT, ["60"]),
        ("boil the shirts for 60 minutes", _HEAT, []),
        ("print it on A3", _PAPER, ["iso a 3"]),
        ("print it on paper", _PAPER, []),
    ],
)
def test_choices_are_told_by_the_wording(text: str, parameter: Parameter, told: list[str]) -> None:
    assert _told(text, parameter) == told


def test_a_number_that_may_be_another_value_is_not_told() -> None:
    assert _told("boil it at 60", _HEAT, _COUNT) == []


def test_a_word_behind_one_that_changes_it_names_nothing_alone() -> None:
    request = Request(prepare("soak the towels"), [FunctionSignature("run", "", (_EXTRAS,))])
    assert request.choices.naming(_EXTRAS) == {}
    both = Request(prepare("towels with presoak and extra spin"), [FunctionSignature("run", "", (_EXTRAS,))])
    assert set(both.choices.naming(_EXTRAS)) == {"pre soak", "extra spin"} == set(both.values(_EXTRAS))


def test_a_switch_is_not_named_by_a_word_of_its_function() -> None:
    functions = [FunctionSignature("call_taxi", "", (_SHARED,))]
    assert Request(prepare("call a taxi"), functions).flag(_SHARED) is None
    assert not Request(prepare("call a taxi"), functions).speaks_of(_SHARED)
    assert Request(prepare("call a shared taxi"), functions).flag(_SHARED) is True
    # One that is called by nothing else is.
    assert Request(prepare("a taxi"), [FunctionSignature("set_taxi", "", (_TAXI,))]).flag(_TAXI) is True
