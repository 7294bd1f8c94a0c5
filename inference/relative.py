"""Values that are said relative to the present one ("ten percent brighter") and how a program works them out.

The model copies the direction and the amount; the program reads the present value when it runs and does the sum. Where the
device does the sum itself ("move by"), the direction is the sign of what it is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from inference.quantities import Quantity
from inference.shares import MULTIPLE, SHARE_OF_RANGE
from inference.signatures import Parameter, ParameterKind
from inference.text import Sentence
from inference.units import convert_difference

AS_OFTEN = re.compile(r"(?<=\w) as (?:often|frequently|frequent|many times|regularly)\b")
"""Behind a factor, what is done so much more often: the time between is so much shorter."""
_PERCENT = "percent"
_PERCENT_WITHOUT_AMOUNT = 10.0
_FIVE = 5
_WORDS = re.compile(r"(up|down)(?: (.+))?")


@dataclass(frozen=True, slots=True)
class Relative:
    """A value to be worked out from the present one.

    Attributes:
        current: the function that returns the present value.
        direction: whether the value rises or falls.
        amount: by how much, above 0: in the parameter's unit, or in percent of the present value.
        is_percent: which of the two.
        minimum: the result is not below it.
        maximum: the result is not above it.
        is_integer: the result is rounded, and differs by 1 at least.
    """

    current: str
    direction: Literal["up", "down"]
    amount: float
    is_percent: bool
    minimum: float | None = None
    maximum: float | None = None
    is_integer: bool = False

    def expression(self, present: str) -> str:
        """Write the sum in Python, `present` being the variable with the present value."""
        if not self.is_percent:
            change = _number(self.amount)
        else:
            base = present if self.minimum is not None and self.minimum >= 0 else f"abs({present})"
            change = f"{base} * {_number(round(self.amount / 100, 11))}"
            if self.is_integer:
                change = f"max(1, {change})"
        sign = "+" if self.direction == "up" else "-"
        # Nine decimals are those of `convert`: sums of decimal fractions are not exact.
        result = f"round({present} {sign} {change}{'' if self.is_integer else ', 9'})"
        if self.minimum is not None:
            result = f"max({_number(self.minimum)}, {result})"
        return result if self.maximum is None else f"min({_number(self.maximum)}, {result})"


def relative_words(
    parameter: Parameter, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> Iterator[str]:
    """List what may be written for a change of a parameter: both directions, plain and with each fitting amount."""
    if not parameter.has_direction:
        return
    for direction in ("up", "down"):
        amounts = (f"{direction} {quantity.text}" for quantity in sentence.quantities)
        for words in (direction, *amounts):
            if read_relative(parameter, words, sentence, unit_definitions) is not None:
                yield words


def read_relative(
    parameter: Parameter, words: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> Relative | int | float | None:
    """Read what `relative_words` lists, a step as the number that it is; None for anything else."""
    match = _WORDS.fullmatch(words)
    if match is None or not parameter.has_direction:
        return None
    if match[2] is None and parameter.is_step:
        # How far, and often which way, nobody has said: "pan a bit".
        return None
    if match[2] is None:
        amount: tuple[float, bool] | None = _usual_amount(parameter)
    else:
        said = next((quantity for quantity in sentence.quantities if quantity.text == match[2]), None)
        amount = None if said is None else _amount(parameter, said, match[1], unit_definitions)
    if amount is None:
        return None
    value, is_percent = amount
    if parameter.current is None:
        # Of what is itself a change no share can be taken.
        return None if is_percent else _step(parameter, match[1], value)
    return Relative(
        parameter.current,
        "up" if match[1] == "up" else "down",
        value,
        is_percent,
        parameter.minimum,
        parameter.maximum,
        parameter.kind is ParameterKind.INTEGER,
    )


def _step(parameter: Parameter, direction: str, amount: float) -> int | float | None:
    """Give an amount its sign; None where the device does not step so far."""
    value = _plain(amount if direction == "up" else -amount)
    lowest, highest = parameter.minimum or 0, parameter.maximum or 0
    return value if lowest <= value <= highest else None


def _amount(
    parameter: Parameter, said: Quantity, direction: str, unit_definitions: Mapping[str, str]
) -> tuple[float, bool] | None:
    """Convert a said amount: in the parameter's unit (points, where that is a percentage), else percent of the value.

    "A third less" is a third of the present value, and "twice as fast" adds all of it.
    """
    if said.value <= 0:
        return None
    if said.unit in {MULTIPLE, SHARE_OF_RANGE}:
        return _share_of_present(said, direction)
    converted = convert_difference(said.value, said.unit, parameter.unit, unit_definitions)
    if converted is None and said.unit == _PERCENT:
        is_percentage = parameter.unit is None and (parameter.minimum, parameter.maximum) == (0, 100)
        return said.value, not is_percentage
    if converted is None and parameter.unit is None:
        converted = said.value
    if converted is None:
        return None
    if parameter.kind is ParameterKind.INTEGER:
        nearest = round(converted)
        if said.unit is None and nearest != converted:
            return None
        converted = nearest
    return (converted, False) if converted > 0 else None


def _share_of_present(said: Quantity, direction: str) -> tuple[float, bool] | None:
    """Turn "a third", "twice" and "half as" into percent of the present value: "twice as slow" is half as fast.

    "Half as often" makes an interval twice as long.
    """
    value = said.value
    if said.unit == SHARE_OF_RANGE:
        share = value if value < 1 else 0.0
    elif direction == "up":
        share = (1 / value if value < 1 and AS_OFTEN.search(said.near) else value) - 1
    else:
        share = 1 - min(value, 1 / value)
    return (round(share * 100, 9), True) if share > 0 else None


def _usual_amount(parameter: Parameter) -> tuple[float, bool]:
    """What "a bit more" means: a tenth of the range, or of the present value where there is no range."""
    if parameter.minimum is None or parameter.maximum is None or parameter.maximum <= parameter.minimum:
        return _PERCENT_WITHOUT_AMOUNT, True
    tenth = round((parameter.maximum - parameter.minimum) / 10, 9)
    if tenth >= _FIVE:
        # Nobody means 9 percent, or 12 degrees.
        return _FIVE * round(tenth / _FIVE), False
    if parameter.kind is ParameterKind.INTEGER:
        return max(1, round(tenth)), False
    # Nobody means 2.7 degrees, but some mean 2.5; and 0.1 where a tenth is 0.11.
    return (round(2 * tenth) / 2 if tenth >= 1 else float(f"{tenth:.1g}")), False


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _number(value: float) -> str:
    return repr(_plain(value))
