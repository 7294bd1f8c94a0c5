"""Holds what was said against what is true in the world. The world judges, never the model.

An answer is judged twice: its structured claims, and the text that the person reads. What an answer honestly calls
unknown is no disagreement; what it leaves out is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coordinator.records import Claim
from demos.warehouse.truth import WorldTruth
from demos.warehouse.world import NETWORKS

BATTERY_TOLERANCE = 5.0
"""Percentage points: a robot goes on using its battery after it was asked."""

_NUMBERS = r"\d+(?:(?:, | and )\d+)*"
_SENTENCE = re.compile(
    rf"(?:^|(?<=[.!?]\s))Shel(?:f|ves) (?P<ids>{_NUMBERS}) (?:"
    r"(?P<vacant>(?:has|have) vacant space)\.|"
    r"(?P<full>(?:has|have) (?:none|no vacant space))\.|"
    r"(?P<unknown>(?:is|are) unknown)[:.])"
)
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """Which shelves an answer calls vacant, full or unknown, by id."""

    vacant: frozenset[str]
    full: frozenset[str]
    unknown: frozenset[str]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left unknown."""
        return not self.unknown


def vacant_shelves(truth: WorldTruth) -> frozenset[str]:
    """Return the ids of the shelves that really have vacant space."""
    return frozenset(shelf_id for shelf_id, shelf in truth.shelves.items() if shelf.has_vacancy)


def read_answer(text: str) -> AnswerReading:
    """Read an answer's sentences about vacant space; what devices are quoted as saying does not count.

    The forms are the coordinator's: "Shelves 2 and 4 have vacant space. Shelves 1 and 3 have none. Shelf 5 is unknown:
    robot-5 did not answer in time."
    """
    read: dict[str, set[str]] = {"vacant": set(), "full": set(), "unknown": set()}
    for sentence in _SENTENCE.finditer(_QUOTED.sub("", text)):
        read[str(sentence.lastgroup)].update(re.findall(r"\d+", sentence["ids"]))
    return AnswerReading(frozenset(read["vacant"]), frozenset(read["full"]), frozenset(read["unknown"]))


def judge_text(text: str, truth: WorldTruth) -> list[str]:
    """List where an answer to "which shelves have vacant space?" differs from the world; empty when it agrees."""
    reading = read_answer(text)
    vacant = vacant_shelves(truth)
    told = reading.vacant | reading.full | reading.unknown
    problems = [f"shelf {shelf_id} is said to have vacant space" for shelf_id in reading.vacant - vacant]
    problems += [f"shelf {shelf_id} is said to have none" for shelf_id in reading.full & vacant]
    problems += [f"shelf {shelf_id} is left out" for shelf_id in truth.shelves.keys() - told]
    problems += [f"there is no shelf {shelf_id}" for shelf_id in told - truth.shelves.keys()]
    problems += [
        f"shelf {shelf_id} is said to be two things"
        for shelf_id in told
        if sum(shelf_id in group for group in (reading.vacant, reading.full, reading.unknown)) > 1
    ]
    return sorted(problems)


def judge_claims(claims: Iterable[Claim], truth: WorldTruth) -> list[str]:
    """List the claims that differ from the world. Claims about what the world does not model are not judged."""
    problems = []
    for claim in claims:
        checker = _CHECKERS.get(claim.what or "")
        if checker is None or (claim.present is None and claim.value is None):
            continue
        problem = checker(claim, truth)
        if problem is not None:
            problems.append(problem)
    return problems


def unexpected_changes(before: WorldTruth, after: WorldTruth, *, allowed: Iterable[str] = ()) -> list[str]:
    """List what changed although looking at shelves does not change it.

    Args:
        before: the world when the goal was given.
        after: the world when it was answered.
        allowed: fields of a robot that the goal was to change. Place, battery, charging, images and mode always may;
            a call that a robot's mode forbade never should have been made.
    """
    free = {"x", "y", "at_shelf", "battery", "is_charging", "images", "mode", *allowed}
    changes = [
        f"shelf {shelf_id} changed"
        for shelf_id, shelf in before.shelves.items()
        if after.shelves.get(shelf_id) != shelf
    ]
    for robot_id, robot in before.robots.items():
        old, new = robot.model_dump(exclude=free), after.robots[robot_id].model_dump(exclude=free)
        changes += [
            f"{robot_id}: {name} went from {old[name]!r} to {new[name]!r}"
            for name in old
            if old[name] != new[name]
        ]
    return changes


def _check_vacancy(claim: Claim, truth: WorldTruth) -> str | None:
    shelf = truth.shelves.get(claim.entity_id or "")
    if shelf is None:
        return f"there is no shelf {claim.entity_id}"
    if claim.present is not shelf.has_vacancy:
        return f"shelf {claim.entity_id} is said {'' if claim.present else 'not '}to have vacant space"
    count = len(claim.value) if isinstance(claim.value, tuple) else claim.value
    if count is not None and count != len(shelf.free):
        return f"shelf {claim.entity_id} is said to have {count} free places, it has {len(shelf.free)}"
    return None


def _check_items(claim: Claim, truth: WorldTruth) -> str | None:
    shelf = truth.shelves.get(claim.entity_id or "")
    if shelf is None:
        # Where a step is not about shelves, the claim does not say which shelf the robot stood at.
        return f"there is no shelf {claim.entity_id}" if claim.entity_id is not None else None
    said = sorted(str(item) for item in claim.value) if isinstance(claim.value, tuple) else [str(claim.value)]
    return None if said == sorted(shelf.items) else f"shelf {claim.entity_id} does not hold {said}"


def _check_battery(claim: Claim, truth: WorldTruth) -> str | None:
    robot = truth.robots.get(claim.device_id or "")
    if robot is None:
        return f"there is no robot {claim.device_id}"
    is_near = isinstance(claim.value, int | float) and (
        abs(claim.value - robot.battery * 100) <= BATTERY_TOLERANCE
    )
    return None if is_near else f"{claim.device_id} is said to have {claim.value} % of its battery left"


def _check_networks(claim: Claim, truth: WorldTruth) -> str | None:  # noqa: ARG001 - the air is the same for all
    is_right = isinstance(claim.value, tuple) and set(claim.value) == set(NETWORKS)
    return None if is_right else f"{claim.device_id} is said to hear {claim.value}"


def _check_map(claim: Claim, truth: WorldTruth) -> str | None:
    is_right = claim.value == len(truth.shelves)
    return None if is_right else f"{claim.device_id} is said to see {claim.value} shelves"


_CHECKERS: dict[str, Callable[[Claim, WorldTruth], str | None]] = {
    "vacant space": _check_vacancy,
    "items on the shelf": _check_items,
    "battery level": _check_battery,
    "networks in range": _check_networks,
    "shelves on the map": _check_map,
}
