"""Has the devices at a place stand still for a while, and lets exactly those go on: their work waits and is not given up."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from coordinator.dispatch import Dispatcher
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.operations import Operations
from coordinator.registry import Device, Registry
from coordinator.site.closures import places_in
from coordinator.site.current import CurrentSite
from coordinator.site.geography import Spot
from coordinator.travel import METRES_PER_SECOND
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError

STANDSTILL: Final = "standstill"
_BEGAN, _ENDED = "began", "ended"
_RESTORED = 10_000


@dataclass(frozen=True, slots=True)
class Standstill:
    """One order to stand still.

    Attributes:
        standstill_id: its id.
        name: what stands still, such as "everything near station 2".
        place: where; nothing new is begun that leads there. None for everywhere.
        by: who ordered it.
        at: when, Unix seconds.
    """

    standstill_id: str
    name: str
    place: str | None
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """Who was stopped, by what was known of each.

    Attributes:
        standstill: the order; None where nobody was there to be stopped and no place is kept clear.
        near: those that are there.
        heading: those whose work leads there.
        unlocated: those at work that may be there, because they told too long ago where they are, or never.
        before: those that had been paused before and stay so.
        others: those that go on.
    """

    standstill: Standstill | None
    near: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    unlocated: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def everyone(self) -> tuple[str, ...]:
        """All that were stopped."""
        return (*self.near, *self.heading, *self.unlocated)


class Standstills:
    """The orders to stand still that are in force.

    Args:
        site: knows where places are and what near means.
        ledger: where they are written down, and read back at the start.
        registry: the devices.
        dispatcher: knows where devices are and who is at work.
        operations: pauses devices and lets them go on.
        clock: time.
    """

    def __init__(
        self,
        *,
        site: CurrentSite,
        ledger: Ledger,
        registry: Registry,
        dispatcher: Dispatcher,
        operations: Operations,
        clock: Clock,
    ) -> None:
        self._site = site
        self._ledger = ledger
        self._registry = registry
        self._dispatcher = dispatcher
        self._operations = operations
        self._clock = clock
        self._standing: dict[str, Standstill] = {}
        for event in ledger.of_kind(EventKind.SITE_CONDITION, limit=_RESTORED):
            data = event.data
            if data["what"] == STANDSTILL and data["did"] == _BEGAN:
                one = Standstill(data["id"], data["name"], data["place"], data["by"], event.at)
                self._standing[one.standstill_id] = one
            elif data["what"] == STANDSTILL:
                self._standing.pop(data["id"], None)
        for one in self._standing.values():
            if one.place is not None:
                dispatcher.keep_clear(one.standstill_id, one.place)

    def list(self) -> list[Standstill]:
        """Return those in force, oldest first."""
        return list(self._standing.values())

    def devices(self, standstill_id: str) -> tuple[str, ...]:
        """Return those that still stand because of one."""
        return self._dispatcher.standing_still(standstill_id)

    def get(self, standstill_id: str) -> Standstill:
        """Return one that is in force.

        Raises:
            InputError: there is none with this id (any more).
        """
        if standstill_id not in self._standing:
            raise InputError(
                "standstill_id",
                standstill_id,
                "the id of a standstill that is in force",
                code=ErrorCode.NOT_FOUND,
                remedy="GET /v1/site/conditions lists them.",
            )
        return self._standing[standstill_id]

    def begin(self, name: str, by: str, *, place: str | None = None, kinds: Collection[str] = ()) -> Stopped:
        """Have devices stand still until `end`: what they are at is paused, and what waits for them waits on.

        Args:
            name: what stands still, as it is to be spoken of.
            by: who orders it.
            place: as the site file calls it: those near it or on their way there; None for all.
            kinds: only devices of these kinds (lower case); all where empty.

        Raises:
            OperatorError: the broker cannot be reached.
        """
        groups: dict[str, list[str]] = {
            "near": [],
            "heading": [],
            "unlocated": [],
            "before": [],
            "others": [],
        }
        for device in self._registry.available():
            device_id = device.device_id
            kind = "" if device.profile is None else device.profile.kind.casefold()
            if kinds and kind not in kinds:
                continue
            group = self._group(device, place)
            if group is not None and self._dispatcher.held_by(device_id) is not None:
                group = "before"
            groups[group or "others"].append(device_id)
        stopped = {name: tuple(members) for name, members in groups.items()}
        chosen = [*stopped["near"], *stopped["heading"], *stopped["unlocated"]]
        if not chosen and place is None:
            return Stopped(None, **stopped)
        one = Standstill(f"standstill-{uuid.uuid4().hex[:8]}", name, place, by, self._clock.now())
        self._operations.check_broker()
        self._note(one, _BEGAN, by, f"{by} stopped {name}.", chosen)
        self._standing[one.standstill_id] = one
        if place is not None:
            self._dispatcher.keep_clear(one.standstill_id, place)
        for device_id in chosen:
            self._operations.pause_device(device_id, by, standstill=one.standstill_id, because=name)
        return Stopped(one, **stopped)

    def end(self, standstill_id: str, by: str) -> tuple[str, ...]:
        """Let those go on that an order has stopped and that nobody has let go on since; returns who that is.

        Raises:
            InputError: it is not in force.
            OperatorError: the broker cannot be reached, or the emergency stop is engaged.
        """
        one = self.get(standstill_id)
        self._operations.check_may_go_on()
        stopped = self._dispatcher.standing_still(standstill_id)
        self._note(one, _ENDED, by, f"{by} let {one.name} go on.", stopped)
        del self._standing[standstill_id]
        for device_id in stopped:
            self._operations.resume_device(device_id, by)
        self._dispatcher.keep_clear(standstill_id, None)
        return stopped

    def _group(self, device: Device, place: str | None) -> str | None:
        """Say why a device is to stand still; None where it may go on."""
        if place is None:
            return "near"
        geography = self._site.geography
        spot = self._dispatcher.spot_of(device)
        is_near = None if spot is None else geography.is_near(spot, place)
        if is_near:
            return "near"
        at_work = self._dispatcher.exchanges(device_id=device.device_id)
        site = self._site.site
        led_to = {one for exchange in at_work for one in places_in(exchange.subtask.sentence, site)}
        if place in led_to or place in {site.zone_of.get(one) for one in led_to}:
            return "heading"
        return "unlocated" if at_work and self._may_be_near(device, spot, place) else None

    def _may_be_near(self, device: Device, spot: Spot | None, place: str) -> bool:
        """Whether a device at work may have come near since it told its place; true where that is not known."""
        if spot is None or device.attributes_at is None:
            return spot is None
        seconds = max(0.0, self._clock.now() - device.attributes_at)
        slack_metres = seconds * METRES_PER_SECOND
        return self._site.geography.is_near(spot, place, slack_metres=slack_metres) is not False

    def _note(self, one: Standstill, did: str, by: str, sentence: str, devices: Collection[str]) -> None:
        data = {
            "what": STANDSTILL,
            "id": one.standstill_id,
            "name": one.name,
            "place": one.place,
            "did": did,
            "by": by,
            "devices": list(devices),
            "sentence": sentence,
        }
        self._ledger.append(EventKind.SITE_CONDITION, data)
