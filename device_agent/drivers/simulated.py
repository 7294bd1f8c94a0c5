"""A simulated machine, for tests and for trying out a description without a machine: nothing moves, and it says so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from device_agent.drivers.port import DriverError
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.thing_description import ThingDescription, Watch
from protocol.clock import Clock
from protocol.errors import ErrorCode

logger = logging.getLogger(__name__)

Answer = Callable[[Mapping[str, Any]], Any]
_LONGEST_EXAMPLE = 16


@dataclass(slots=True)
class SimulatedFaults:
    """What is wrong with a simulated machine; may be changed while it runs.

    Attributes:
        failing: functions that fail.
        hanging: functions that never return.
        delay_seconds: how long every call takes.
    """

    failing: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    delay_seconds: float = 0.0


class SimulatedDriver:
    """Answers calls with scripted values, or with the plainest value that the description promises.

    It keeps the mode that its calls lead to, tells it when asked, and refuses what the mode forbids.

    Args:
        description: which functions there are and what their results look like.
        clock: for `delay_seconds`.
        answers: results by function name: a value, or a function of the arguments.
        faults: what is wrong with the machine.
    """

    def __init__(
        self,
        description: ThingDescription,
        clock: Clock,
        answers: Mapping[str, Any | Answer] | None = None,
        faults: SimulatedFaults | None = None,
    ) -> None:
        self.faults = faults or SimulatedFaults()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Every call that was made, in order."""
        self.times_made_safe = 0
        self.called = asyncio.Event()
        """Set at every call."""
        self._affordances = {affordance.name: affordance for affordance in description.affordances()}
        self._clock = clock
        self._answers = dict(answers or {})
        self._watches = description.watches
        self._mode_property = description.mode_property
        self._mode = description.initial_mode

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Answer one call.

        Raises:
            DriverError: the function is unknown, forbidden in the present mode, or set to fail.
        """
        self.calls.append((name, dict(arguments)))
        self.called.set()
        logger.info("Simulated, nothing moves: %s(%s)", name, dict(arguments))
        if name in self.faults.hanging:
            await asyncio.Event().wait()
        if self.faults.delay_seconds:
            await self._clock.sleep(self.faults.delay_seconds)
        if name in self.faults.failing or name not in self._affordances:
            raise DriverError("The machine does not do this.", code=ErrorCode.CALL_FAILED)
        affordance = self._affordances[name]
        allowed_in, leads_to = affordance.action.modes_from, affordance.action.mode_to
        if allowed_in is not None and self._mode not in allowed_in:
            raise DriverError("The machine does not do this in its present mode.", code=ErrorCode.CALL_FAILED)
        self._mode = leads_to or self._mode
        if name in self._answers:
            answer = self._answers[name]
            return answer(arguments) if callable(answer) else answer
        if affordance.key == self._mode_property:
            return self._mode
        watches = [watch for watch in self._watches if watch.property == affordance.key]
        return _untroubled_example(affordance.action.output, watches)

    async def make_safe(self) -> None:
        """Count; there is nothing that could move."""
        self.times_made_safe += 1


def example(schema: DataSchema | None) -> Any:
    """Return the plainest value a schema allows: success flags are true, numbers as small as they may be."""
    if schema is None:
        return None
    if schema.success:
        return True
    if schema.has_constant or schema.choices:
        return schema.const if schema.has_constant else schema.choices[0]
    makers: dict[str | None, Callable[[DataSchema], Any]] = {
        "object": lambda schema: {
            name: example(member) for name, member in (schema.properties or {}).items()
        },
        "array": _example_list,
        "boolean": lambda _: False,
        "number": _example_number,
        "integer": _example_number,
        "string": lambda _: "simulated",
    }
    make = makers.get(schema.type)
    return make(schema) if make is not None else None


def _untroubled_example(schema: DataSchema | None, watches: Sequence[Watch]) -> Any:
    """Return the plainest value that trips none of `watches`, so that a simulated machine does not stop itself."""
    bounds = [bound for watch in watches for bound in (watch.below, watch.above) if bound is not None]
    choices = () if schema is None else schema.choices
    values = [example(schema), *choices, *bounds, True, False]
    return next((value for value in values if not any(watch.trips(value) for watch in watches)), values[0])


def _example_list(schema: DataSchema) -> list[Any]:
    if isinstance(schema.items, tuple):
        return [example(item) for item in schema.items]
    return [example(schema.items) for _ in range(min(schema.minimum_items or 0, _LONGEST_EXAMPLE))]


def _example_number(schema: DataSchema) -> int | float:
    low = schema.minimum
    if low is None and schema.exclusive_minimum is not None:
        low = schema.exclusive_minimum + 1
    value = low if low is not None else min(0.0, schema.maximum if schema.maximum is not None else 0.0)
    return int(value) if schema.type == "integer" else value
