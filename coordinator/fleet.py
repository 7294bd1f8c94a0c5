"""Which devices may get work now, and what is known of each that makes it the better or the worse choice. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from coordinator.site.geography import Geography, Spot
from coordinator.wording import listing
from protocol.messages import Finding

LOW_BATTERY_PERCENT = 20.0
"""A device with less gets work only where nobody else of its kind can be had."""
_NAMED_PAUSED = 3
# Up to so many pairs of a subtask and a device, ways are weighed within some hundredths of a second.
_SHORT_PAIRS = 24
_POINT_NUMBERS = 2


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What speaks for or against giving a device work. What is not known speaks for neither.

    Attributes:
        spot: where it is.
        battery_percent: what is left in its battery.
        load: what it carries, in whatever it counts that; the emptier one of two that are alike is taken.
        queued: subtasks that it is at or that wait for it.
        declined: sentences, as `sentence_key` writes them, that it said it cannot do.
        stands_still: a person has it stand still for a while; what it gets meanwhile waits.
    """

    spot: Spot | None = None
    battery_percent: float | None = None
    load: float = 0.0
    queued: int = 0
    declined: frozenset[str] = frozenset()
    stands_still: bool = False

    @property
    def is_low(self) -> bool:
        """Whether its battery is to be spared."""
        return self.battery_percent is not None and self.battery_percent < LOW_BATTERY_PERCENT


_UNKNOWN = DeviceState()


@dataclass(frozen=True)
class Fleet:
    """The devices that may get work now, by kind (in lower case), each list in the order in which they are preferred.

    Attributes:
        by_kind: their names.
        problems: why devices that exist may not get work.
        paused: by kind, what is said of those that only wait for a person to let them go on.
        states: what is known of devices, by name.
        geography: the places that they and the work are at; None where no site is known.
        weighs_ways: whether distances have a say in who does what.
    """

    by_kind: Mapping[str, Sequence[str]]
    problems: Mapping[str, str] = field(default_factory=dict)
    paused: Mapping[str, Sequence[str]] = field(default_factory=dict)
    states: Mapping[str, DeviceState] = field(default_factory=dict)
    geography: Geography | None = None
    weighs_ways: bool = True

    def of_kind(self, kind: str | None) -> Sequence[str]:
        """Return the devices of one kind."""
        return self.by_kind.get((kind or "").casefold(), ())

    def without(self, device_ids: Collection[str]) -> Fleet:
        """Return the fleet without some devices."""
        if not device_ids:
            return self
        by_kind = {
            kind: [name for name in names if name not in device_ids] for kind, names in self.by_kind.items()
        }
        return replace(self, by_kind=by_kind)

    def state(self, device_id: str) -> DeviceState:
        """Return what is known of a device."""
        return self.states.get(device_id, _UNKNOWN)

    def best_for(self, kind: str | None, key: str) -> tuple[str, ...]:
        """Return the devices of a kind among which a sentence is to be divided.

        Those that stand still come last, before them those that said they cannot do it, and before these those whose battery is
        low: they are returned only where there is nobody better.
        """
        return self._best(self.of_kind(kind), key)

    def _best(self, names: Sequence[str], key: str) -> tuple[str, ...]:
        ranks = {
            name: (state.stands_still, key in state.declined, state.is_low)
            for name in names
            for state in (self.state(name),)
        }
        best = min(ranks.values(), default=None)
        return tuple(name for name, rank in ranks.items() if rank == best)

    @property
    def is_divided(self) -> bool:
        """Whether places are out of use, so that not every device comes everywhere."""
        return self.geography is not None and self.geography.has_closures

    def barrier(self, sentence: str, device_id: str) -> str | None:
        """Say, as a clause, why a device cannot go where a sentence leads; None where nothing is in the way."""
        if self.geography is None or not self._travels([device_id]):
            return None
        barrier = self.geography.barrier(sentence)
        if barrier is None and not self.geography.reaches(self.state(device_id).spot, sentence):
            return f"no way that is open leads {device_id} there"
        return barrier

    def barrier_for_all(self, kind: str | None, sentence: str) -> str | None:
        """Say, as a clause, why no device of a kind can go where a sentence leads; None where one can."""
        names = self.of_kind(kind)
        if self.geography is None or not names or not self._travels(names):
            return None
        barrier = self.geography.barrier(sentence)
        if barrier is None and not any(
            self.geography.reaches(self.state(name).spot, sentence) for name in names
        ):
            return f"no way that is open leads a {kind or 'device'} there"
        return barrier

    def reaching(self, kind: str | None, key: str, sentence: str) -> tuple[str, ...]:
        """Return those of `best_for` among the devices that can come where a sentence leads."""
        geography = self.geography
        if geography is None:
            return self.best_for(kind, key)
        able = [name for name in self.of_kind(kind) if geography.reaches(self.state(name).spot, sentence)]
        return self._best(able or self.of_kind(kind), key)

    def _travels(self, names: Sequence[str]) -> bool:
        """Whether any of these moves about, as far as is known: it tells where it is, or nobody does."""
        return any(self.state(name).spot is not None for name in names) or all(
            state.spot is None for state in self.states.values()
        )

    def takes_long(self, kind: str | None, count: int) -> bool:
        """Whether dividing so many subtasks among the devices of a kind takes longer than others should wait for."""
        is_mapped = self.geography is not None and self.geography.is_mapped
        return is_mapped and count * len(self.of_kind(kind)) > _SHORT_PAIRS

    def unmapped(self) -> Fleet:
        """Return the same devices with distances left aside, so that work is divided by load alone, which takes no time."""
        return replace(self, weighs_ways=False)

    def nobody(self, kind: str | None) -> str:
        """Say that no device of a kind can be had, and which of them wait for a person."""
        text = f"no {kind or 'device'} is online and free"
        paused = self.paused.get((kind or "").casefold(), ())
        if not paused:
            return text
        more = [f"{len(paused) - _NAMED_PAUSED} more are paused"] if len(paused) > _NAMED_PAUSED else []
        return f"{text}: {listing([*paused[:_NAMED_PAUSED], *more])}"

    def problem_of(self, device_id: str) -> str | None:
        """Return why a device may not get work, or None when it may."""
        if device_id in self._everyone:
            return None
        return self.problems.get(device_id, f"{device_id} is not known here")

    @cached_property
    def declined(self) -> frozenset[str]:
        """Every sentence that any device said it cannot do, as `sentence_key` writes it."""
        return frozenset(key for state in self.states.values() for key in state.declined)

    @cached_property
    def _everyone(self) -> frozenset[str]:
        return frozenset(name for names in self.by_kind.values() for name in names)


def state_of(
    attributes: Mapping[str, Finding],
    *,
    home: Spot | None = None,
    geography: Geography | None = None,
    queued: int = 0,
    declined: frozenset[str] = frozenset(),
    stands_still: bool = False,
) -> DeviceState:
    """Read what a device tells of itself; what cannot be read counts as not told.

    Args:
        attributes: by casefolded name: "battery level" in percent, "position", "load".
        home: where it is as long as it tells no position.
        geography: the places that a position may name.
        queued: subtasks that it is at or that wait for it.
        declined: sentences that it said it cannot do.
        stands_still: a person has it stand still for a while.
    """
    battery = attributes.get("battery level")
    is_percent = battery is not None and battery.unit in {None, "%", "percent"}
    load = attributes.get("load")
    return DeviceState(
        spot=_spot(attributes.get("position"), geography) or home,
        battery_percent=_number(battery.value) if battery is not None and is_percent else None,
        load=(_number(load.value) if load is not None else None) or 0.0,
        queued=queued,
        declined=declined,
        stands_still=stands_still,
    )


def sentence_key(sentence: str) -> str:
    """Return what sentences of one sort have in common: "Move to shelf 3." and "move to shelf 12" are alike."""
    return re.sub(r"\d+", "#", " ".join(sentence.casefold().split())).rstrip(".")


def _spot(position: Finding | None, geography: Geography | None) -> Spot | None:
    if position is None:
        return None
    value = position.value
    if isinstance(value, str):
        return geography.find(value) if geography is not None else None
    if not isinstance(value, tuple) or position.unit not in {None, "m", "meter", "metre"}:
        return None
    point = [number for number in map(_number, value[:_POINT_NUMBERS]) if number is not None]
    return Spot(at=(point[0], point[1])) if len(point) == _POINT_NUMBERS else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
