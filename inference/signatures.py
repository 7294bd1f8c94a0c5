"""What a language model is told about one function of a device, independent of any description format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

Scalar = bool | int | float | str


class ParameterKind(StrEnum):
    """The JSON types a program may pass as an argument."""

    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a function.

    `unit` is the vendor's (pint's spelling); bounds are inclusive and in that unit. Lengths are those of a text, in
    characters.
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


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """One callable affordance: an action, or a property to read."""

    name: str
    description: str
    parameters: tuple[Parameter, ...] = field(default=())
