"""Choices that are steps of a scale, such as low, medium and high, and changes by steps: "one notch less", "a size bigger".

The program reads the present choice when it runs, and takes the one that stands as many steps above or below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.signatures import Parameter, Scalar

_RANKS = {
    word: rank
    for rank, words in enumerate(
        (
            "off none zero nothing",
            "min minimum minimal lowest slowest quietest smallest",
            "tiny xs xsmall faint",
            "low slow quiet silent gentle soft mild light small short cold cool dim weak narrow thin fine sleep little",
            "medium mid normal middle moderate standard regular warm balanced average",
            "high fast large loud bright strong intense big long hot wide thick coarse deep powerful heavy rapid",
            "huge xl xlarge giant maximal",
            "max maximum highest turbo boost full strongest fastest loudest xxl",
        )
    )
    for word in words.split()
}
# These stand beside the scale, not on it.
_BESIDE = frozenset("auto automatic automatically smart adaptive custom default natural manual".split())
_LEAST = 2
_NOUN = r"(?:notch|notches|steps?|sizes?|levels?|gears?|settings?|stops?|clicks?|grades?)"
_MORE = r"up|higher|more|bigger|larger|faster|stronger|louder|brighter|warmer|longer"
_LESS = r"down|lower|less|smaller|slower|weaker|quieter|dimmer|cooler|shorter"
_COUNT = r"(?P<count>a|one|another|1|two|2|three|3)"
_STEPS = re.compile(
    rf"\b{_COUNT} {_NOUN} (?:(?P<more>{_MORE})|(?P<less>{_LESS}))\b"
    rf"|\b(?:(?P<up>{_MORE})|(?P<down>{_LESS})) (?:by )?(?:just )?{_COUNT.replace('count', 'number')} {_NOUN}\b"
)
_NUMBERS = {"two": 2, "2": 2, "three": 3, "3": 3}


@dataclass(frozen=True, slots=True)
class RelativeChoice:
    """A choice to be worked out from the present one.

    Attributes:
        current: the function that returns the present choice.
        scale: the choices from the lowest to the highest, and behind them those that stand beside the scale.
        on_scale: how many of them are on it.
        steps: how far up, or down where below 0; the ends stop it. From beside the scale it goes to the end on that side.
    """

    current: str
    scale: tuple[Scalar, ...]
    on_scale: int
    steps: int

    def expression(self, present: str) -> str:
        """Write in Python which choice follows from the one that the variable `present` holds."""
        last = self.on_scale - 1
        wanted = {
            choice: self.scale[
                min(last, max(0, place + self.steps)) if place <= last else last * (self.steps > 0)
            ]
            for place, choice in enumerate(self.scale)
        }
        *before, final = wanted.items()
        told = "".join(f"{choice!r} if {present} == {known!r} else " for known, choice in before)
        return f"({told}{final[1]!r})"


def scale_of(choices: Sequence[Scalar]) -> tuple[tuple[Scalar, ...], int]:
    """Order choices from the lowest to the highest, and count those on the scale; none where they are no scale.

    They are one where all are numbers, or where the first and the last of them are known and nothing contradicts their order.
    """
    if any(isinstance(choice, bool) for choice in choices):
        return (), 0
    numbers = [choice for choice in choices if isinstance(choice, int | float)]
    if len(numbers) == len(choices):
        return tuple(sorted(numbers)), len(numbers)
    words = [choice for choice in choices if str(choice).lower() not in _BESIDE]
    ranks = [_RANKS.get(str(choice).lower()) for choice in words]
    known = [rank for rank in ranks if rank is not None]
    if len(words) < _LEAST or ranks[0] is None or ranks[-1] is None or len(set(known)) < len(known):
        return (), 0
    if known == sorted(known, reverse=True):
        words.reverse()
    elif known != sorted(known):
        return (), 0
    return (*words, *(choice for choice in choices if choice not in words)), len(words)


def has_steps(parameter: Parameter) -> bool:
    """Whether a parameter is one choice of a scale, whose present choice can be read."""
    return (
        parameter.current is not None
        and not parameter.many
        and bool(parameter.choices and scale_of(parameter.choices)[0])
    )


def said_steps(lower: str) -> int | None:
    """Return by how many steps a text wants something higher, below 0 for lower; None where it does not count them."""
    found = {_count(match) for match in _STEPS.finditer(lower)}
    return found.pop() if len(found) == 1 else None


def read_step(parameter: Parameter, words: str, lower: str) -> RelativeChoice | None:
    """Read `up` or `down` for a parameter whose choices are a scale; None for anything else."""
    if parameter.current is None or words not in {"up", "down"} or not has_steps(parameter):
        return None
    steps = said_steps(lower) or (1 if words == "up" else -1)
    return RelativeChoice(parameter.current, *scale_of(parameter.choices), steps)


def _count(match: re.Match[str]) -> int:
    number = _NUMBERS.get(match["count"] or match["number"], 1)
    return number if match["more"] or match["up"] else -number
