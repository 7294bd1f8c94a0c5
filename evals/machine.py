"""A simulated machine that writes down what it was told, under the item's own names."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from device_agent.drivers.simulated import example
from evals.items import Call
from evals.things import Thing


class RecordingMachine:
    """A `Driver` without a machine. It holds the item's state, which reads return and actions change.

    Args:
        thing: what the machine is.
        calls: where every action is written down; reads are not.
    """

    def __init__(self, thing: Thing, calls: list[Call]) -> None:
        self._thing = thing
        self._calls = calls
        self._state: dict[str, Any] = {}
        self.reset(thing.device.state)

    def reset(self, state: Mapping[str, Any]) -> None:
        """Put the machine into another state."""
        self._state = copy.deepcopy(dict(state))

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run one function of the description."""
        if name in self._thing.readings:
            return copy.deepcopy(self._state.get(self._thing.readings[name]))
        action, renamed = self._thing.actions[name]
        given: dict[str, Any] = renamed.original(dict(arguments))
        self._calls.append(Call(device=self._thing.device.id, action=action, arguments=given))
        self._state.update({key: value for key, value in given.items() if key in self._state})
        return example(self._thing.description.actions[name].output)

    async def make_safe(self) -> None:
        """Nothing moves that could be brought to rest."""
