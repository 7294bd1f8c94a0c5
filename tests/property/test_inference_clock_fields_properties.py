"""Times and amounts of time read back from the numbers of a call are what was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device_agent.clock_fields import with_clock_fields
from inference.clock_fields import clock_value, clock_words
from inference.signatures import Parameter, ParameterKind
from inference.text import prepare

_SECONDS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
_UNITS = tuple(_SECONDS)


def _fields(about: str, names: tuple[str, ...]) -> tuple[Parameter, ...]:
    return with_clock_fields([Parameter(name, ParameterKind.INTEGER, minimum=0) for name in names], about)


@given(st.integers(0, 23), st.integers(0, 59), st.booleans())
def test_a_time_of_day_reads_back(hour: int, minute: int, with_half: bool) -> None:
    half = f" {'pm' if hour > 11 else 'am'}" if with_half else ""
    shown = (hour % 12 or 12) if with_half else hour
    sentence = prepare(f"wake me at {shown}:{minute:02}{half}")
    parameters = _fields("set alarm", ("hour", "minute"))
    (words,) = clock_words(parameters[0], sentence)
    assert [clock_value(each, words, sentence) for each in parameters] == [hour, minute]


@given(st.integers(1, 10_000), st.sampled_from(_UNITS), st.sampled_from([(0, 4), (0, 3), (1, 4), (2, 4)]))
def test_an_amount_reads_back(amount: int, unit: str, ends: tuple[int, int]) -> None:
    names = _UNITS[slice(*ends)]
    sentence = prepare(f"run for {amount} {unit}")
    parameters = _fields("run", names)
    (words,) = clock_words(parameters[-1], sentence)
    numbers = [clock_value(each, words, sentence) for each in parameters]
    if None in numbers:
        assert amount * _SECONDS[unit] % _SECONDS[names[-1]]
        return
    assert sum((number or 0) * _SECONDS[name] for number, name in zip(numbers, names, strict=True)) == (
        amount * _SECONDS[unit]
    )
    assert all(
        (number or 0) * _SECONDS[name] < _SECONDS[larger]
        for number, name, larger in zip(numbers[1:], names[1:], names, strict=False)
    )
