"""What can be wrong with a program before it runs, each in one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Danger = Literal["none", "confirm", "forbid"]


class FlawKind(StrEnum):
    """What is wrong."""

    SYNTAX = "syntax"
    CANNOT_BE_CHECKED = "cannot_be_checked"
    MODE = "mode"
    DANGER = "danger"
    UNKNOWN_FUNCTION = "unknown_function"
    UNASSIGNED = "unassigned"
    UNUSED_RESULT = "unused_result"
    UNREACHABLE = "unreachable"
    UNBOUNDED_LOOP = "unbounded_loop"
    TOO_MANY_CALLS = "too_many_calls"


@dataclass(frozen=True, slots=True)
class CallStep:
    """One call on the way to a forbidden one.

    Attributes:
        function: its name.
        line: where it stands, from 1.
        outcome: it returned, raised an exception, or failed and the program went on with None.
        mode: the mode after it; None for a device without modes.
        led: whether it was this call that put the device into that mode.
    """

    function: str
    line: int
    outcome: Literal["returned", "raised", "went on"]
    mode: str | None
    led: bool


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A shortest way to a call that its mode forbids.

    Attributes:
        start: the mode the device is in before the program.
        is_only_start: whether that is the only one it may be in then.
        calls: the calls before the forbidden one, in order.
        function: the forbidden one.
        mode: the mode it comes in.
        needs: the modes it is allowed in, sorted.
    """

    start: str | None
    is_only_start: bool
    calls: tuple[CallStep, ...]
    function: str
    mode: str | None
    needs: tuple[str, ...]

    @property
    def cause(self) -> CallStep | None:
        """The call that put the device into the mode in which the forbidden one comes; None where it started in it."""
        return next((step for step in reversed(self.calls) if step.led), None)

    @property
    def failure(self) -> CallStep | None:
        """The last call that has to fail, and to leave the mode as it is, for the program to get there."""
        for step in reversed(self.calls):
            if step.led:
                return None
            if step.outcome != "returned":
                return step
        return None


@dataclass(frozen=True, slots=True)
class Flaw:
    """One reason not to run a program.

    Attributes:
        kind: what is wrong.
        line: where, from 1.
        sentence: the same for a person who knows the device's functions, and for a language model.
        counterexample: how the program gets there, for `FlawKind.MODE`.
    """

    kind: FlawKind
    line: int
    sentence: str
    counterexample: Counterexample | None = None
