"""What a plan is made of: steps, conditions, and the devices that they are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.ports import Generation

__all__ = ["Condition", "KindProfile", "PlanAnswer", "PlanStep", "Route"]


@dataclass(frozen=True, slots=True)
class KindProfile:
    """Devices of one kind: how many there are, what they can do, what they are called, and a sentence about one of them.

    A count of 0 means that there are some, but none that can be had now.
    """

    kind: str
    count: int
    abilities: tuple[str, ...]
    device_names: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must have come of an earlier step for this one to be done.

    Attributes:
        step: index of that step in the plan, from 0.
        what: what it was to find out, in plain words; empty for whatever it found.
        is_present: what it must have found, where that is yes or no.
        comparison: how `value` must compare with what it found (`<`, `<=`, `>`, `>=`, `=`), where that is an amount.
        value: the amount, in `unit`.
    """

    step: int
    what: str = ""
    is_present: bool | None = None
    comparison: Literal["<", "<=", ">", ">=", "="] | None = None
    value: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One quantified step.

    Attributes:
        quantifier: `each` (one subtask for each entity, to any device of `kind`), `every` (to every device of `kind`), `one`
            (to any one device of `kind`) or `named` (to `device`).
        sentence: the subtask in plain language; for `each` it holds a placeholder such as `{shelf}`.
        entity: the kind of entity, for `each`.
        entity_ids: which entities; empty means all.
        kind: the kind of device; None for `named`.
        device: the device, for `named`.
        follows: whether the step before must have succeeded; otherwise it is done whatever became of that one.
        is_together: whether it is the same order as the step before, for another device: what that one had to wait for is
            what it waits for.
        condition: what must have come of an earlier step. For `each` and `every` steps over the same entities or devices it is
            decided for each of them.
    """

    quantifier: Literal["each", "every", "one", "named"]
    sentence: str
    entity: str | None = None
    entity_ids: tuple[str, ...] = ()
    kind: str | None = None
    device: str | None = None
    follows: bool = True
    is_together: bool = False
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A part of a goal, and the kind of device that it is for.

    Attributes:
        text: the part, as it was said.
        kind: the kind of device; None where a device is meant that the site does not have.
        missing: what that device was called.
        device: the device, where it is told from others of its kind by its name.
        follows: whether the part before has to be done first ("and then").
        is_together: whether it is the same part as that of the route before, for another device.
    """

    text: str
    kind: str | None
    missing: str = ""
    device: str | None = None
    follows: bool = False
    is_together: bool = False


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """Steps in order, a refusal with its reason, or a question that has to be answered first.

    `generation` is None where no model had to be asked. `is_beyond_all` marks a refusal because no device can do that.
    """

    outcome: Literal["plan", "refuse", "ask"]
    steps: tuple[PlanStep, ...]
    reason: str
    generation: Generation | None
    is_beyond_all: bool = False
