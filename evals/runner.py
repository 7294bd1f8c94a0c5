"""Runs items through the production path and never stops for one that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from device_agent.pipeline import FunctionIndex
from evals.fleet import Fleet, open_fleet
from evals.items import Device, Item
from evals.outcome import Outcome
from evals.single import SingleDevice
from evals.things import Thing, thing_of
from inference.ports import LanguageModel, Reader
from inference.routing import Router
from protocol.text import clean_sentence

logger = logging.getLogger(__name__)


class Runner:
    """Answers items with the code that runs in production and simulated machines.

    Args:
        model: writes plans and programs.
        index: finds functions, with the production encoder.
        reader: reads sentences with functions.
        router: finds devices for parts of goals.
    """

    def __init__(
        self,
        model: LanguageModel,
        index: FunctionIndex,
        reader: Reader | None = None,
        router: Router | None = None,
    ) -> None:
        self.left_out: dict[str, None] = {}
        """What the descriptions of the devices cannot express, each once."""
        self._model = model
        self._index = index
        self._reader = reader
        self._router = router
        self._single = SingleDevice(model, index, reader)
        self._things: dict[str, Thing] = {}

    async def run(self, items: Sequence[Item], done: Callable[[], None] = lambda: None) -> list[Outcome]:
        """Answer items; returns their outcomes in the same order.

        Args:
            items: in any order; those with the same devices are run after one another, so that devices start once.
            done: called after each item.
        """
        outcomes: dict[int, Outcome] = {}
        groups: dict[tuple[str, ...], list[int]] = {}
        for number, item in enumerate(items):
            try:
                things = [self._thing(device) for device in item.addressed]
            except Exception as error:  # noqa: BLE001 - whatever is odd about a device costs its items, not the run
                outcomes[number] = _broken(error)
                done()
                continue
            if len(things) == 1:
                outcomes[number] = await self._run_single(item, things[0])
                done()
            else:
                key = tuple(f"{thing.device.id} {thing.description.content_hash}" for thing in things)
                groups.setdefault(key, []).append(number)
        for numbers in groups.values():
            answers = await self._run_group([items[number] for number in numbers], done)
            outcomes.update(zip(numbers, answers, strict=True))
        return [outcomes[number] for number in range(len(items))]

    async def _run_single(self, item: Item, thing: Thing) -> Outcome:
        try:
            return await self._single.answer(item.utterance, thing)
        except Exception as error:  # noqa: BLE001 - one item must not end the run
            return _broken(error)

    async def _run_group(self, items: Sequence[Item], done: Callable[[], None]) -> list[Outcome]:
        """Answer items that have the same devices. A fleet that broke down is replaced by a new one."""
        things = [self._thing(device) for device in items[0].devices]
        outcomes: list[Outcome] = []
        async with AsyncExitStack() as stack:
            fleet: Fleet | None = None
            for item in items:
                try:
                    if fleet is None:
                        fleet = await stack.enter_async_context(
                            open_fleet(things, self._model, self._index, self._reader, self._router)
                        )
                    outcomes.append(await fleet.answer(item))
                except Exception as error:  # noqa: BLE001 - one item must not end the run
                    outcomes.append(_broken(error))
                if outcomes[-1].is_broken:
                    # A device may still be at work on this sentence, and would be taken to do it for the next.
                    await stack.aclose()
                    fleet = None
                done()
        return outcomes

    def _thing(self, device: Device) -> Thing:
        if device.key not in self._things:
            thing = self._things[device.key] = thing_of(device)
            for line in thing.left_out:
                if line not in self.left_out:
                    logger.warning("Left out: %s", line)
                self.left_out[line] = None
        return self._things[device.key]


def _broken(error: Exception) -> Outcome:
    logger.debug("An item could not be answered.", exc_info=error)
    return Outcome((), 0.0, clean_sentence(f"{type(error).__name__}: {error}"), is_broken=True)
