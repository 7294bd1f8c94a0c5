"""What a language model is told about one function of a device, independent of any description format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Scalar = bool | int | float | str


class ParameterKind(StrEnum):
    """The JSON types a program may pass as an argument."""

    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"


class Channel(StrEnum):
    """What a parameter is of a colour: a number of it, all three in a list, a code (#ff8800), its name, or the tone of white."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    HUE = "hue"
    SATURATION = "saturation"
    VALUE = "value"
    RGB = "rgb"
    HEX = "hex"
    NAME = "name"
    KELVIN = "kelvin"
    MIRED = "mired"


class ClockUnit(StrEnum):
    """What a number counts that is one of several of a time."""

    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class ClockField:
    """Which number of a time a parameter is, where a device takes a time in several.

    Attributes:
        unit: what it counts; `units` are those of all numbers of the time, the largest first.
        is_duration: the time is how long something lasts, else one of the day.
        time: what the numbers' paths have in common; it tells the times of one function apart.
        is_needed: the function needs one of the numbers.
    """

    unit: ClockUnit
    units: tuple[ClockUnit, ...]
    is_duration: bool
    time: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that a call passes: an argument, or a member of one that is an object.

    `unit` is the vendor's (pint's spelling); bounds are inclusive and in that unit. Lengths are those of a text, in
    characters.

    Attributes:
        pattern: a regular expression (ECMA 262) that a text has to match somewhere.
        format: "time" for a text that holds a time of day, written HH:MM, or HH:MM:SS `with_seconds`; "duration" for one that
            holds an amount of time, written as `layout` says: "ISO 8601", "HH:MM:SS", "MM:SS". Its `unit` is the second.
        many: the value is a list, and everything else here is said of one item; `minimum_items`, `maximum_items` and
            `unique_items` are said of the list.
        path: for a member of an object the argument's name, then the names of members down to `name`.
        needed_with: path of the optional object that cannot be passed without this member.
        current: the function that returns the present value, which makes relative values possible.
        english_name: what the words of the path mean, where they are not English.
        is_step: the value is itself a change, below 0 for one of two directions: "five metres lower" is -5.
        channel: what it is of a colour that people say by its name.
        clock: which number it is of a time that is said in one.
        states: the numbers that stand for "open", "closed", "off" and "silent".
        meanings: choices that are mere codes, each with what it means in lower case; all are different.
    """

    name: str
    kind: ParameterKind
    required: bool = True
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Scalar, ...] = ()
    description: str = ""
    minimum_length: int = 0
    maximum_length: int | None = None
    pattern: str | None = None
    format: Literal["time", "duration"] | None = None
    with_seconds: bool = False
    layout: str = ""
    many: bool = False
    minimum_items: int = 1
    maximum_items: int | None = None
    unique_items: bool = False
    path: tuple[str, ...] = ()
    needed_with: tuple[str, ...] | None = None
    current: str | None = None
    english_name: str = ""
    is_step: bool = False
    meanings: tuple[tuple[Scalar, str], ...] = ()
    channel: Channel | None = None
    clock: ClockField | None = None
    states: tuple[tuple[str, float], ...] = ()

    @property
    def readable_name(self) -> str:
        """The name, or the path into an object, for readers of English."""
        return self.english_name or " ".join(self.steps)

    @property
    def steps(self) -> tuple[str, ...]:
        """Where the value stands among a call's arguments: one name, or the path into an object."""
        return self.path or (self.name,)

    @property
    def key(self) -> str:
        """The same as one text that no other parameter of the function has."""
        return ".".join(self.steps)

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, those of an enumeration included."""
        return self.kind in {ParameterKind.INTEGER, ParameterKind.NUMBER}

    @property
    def is_quantity(self) -> bool:
        """Whether any number within bounds may be passed, or any amount of time as a text."""
        return not self.choices and (self.is_number or self.format == "duration")

    @property
    def has_direction(self) -> bool:
        """Whether up and down mean something for it: it can be worked out from the present value, or is a change."""
        return self.is_quantity and not self.many and (self.current is not None or self.is_step)


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """One callable affordance: an action, or a property to read.

    `required_objects` are the paths of objects that must be passed, even empty, wherever the object around them is;
    `english_name` says what the words of the name mean, where they are not English.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...] = field(default=())
    required_objects: tuple[tuple[str, ...], ...] = ()
    english_name: str = ""

    @property
    def readable_name(self) -> str:
        """The name for readers of English; calls are written with `name`."""
        return self.english_name or self.name
