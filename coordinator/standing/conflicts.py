"""When standing goals get in each other's way. Pure.

- Two that keep the same value of the same device within ranges that have nothing in common are never accepted together.
- A device whose own target was met before a correction and is missed after it objects: the goal that was corrected stops.
- Two whose corrections follow each other in turn on the same device undo each other: the younger one stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coordinator.standing.request import Watch

_TURNS = 4


def contradict(one: Watch, other: Watch) -> bool:
    """Say whether two watches cannot both be kept."""
    return (
        one.is_kept
        and other.is_kept
        and one.attribute == other.attribute
        and _share_a_device(one, other)
        and one.limits.contradicts(other.limits)
    )


def _share_a_device(one: Watch, other: Watch) -> bool:
    if one.device_ids and other.device_ids:
        return bool(set(one.device_ids) & set(other.device_ids))
    if one.device_ids or other.device_ids:
        # The devices that are named may be of any kind; which one they have is not known for ever.
        return True
    return one.kind is None or other.kind is None or one.kind == other.kind


@dataclass(frozen=True, slots=True)
class Correction:
    """One goal of a correction: for which standing goal, and which devices were at work on it."""

    standing_id: str
    device_ids: frozenset[str]


def undo_each_other(corrections: Sequence[Correction]) -> tuple[str, str] | None:
    """Return two standing goals whose last corrections followed each other in turn on a device; None where none do.

    Args:
        corrections: in the order in which they ended.
    """
    recent = corrections[-_TURNS:]
    if len(recent) < _TURNS or not frozenset.intersection(*(one.device_ids for one in recent)):
        return None
    first, second = recent[0].standing_id, recent[1].standing_id
    turns = [one.standing_id for one in recent]
    return (first, second) if first != second and turns == [first, second] * (_TURNS // 2) else None
