"""A standing goal's life, read from its events: active, paused, given up; ended or cancelled. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from coordinator.ledger.events import Event, EventKind
from coordinator.standing.corrections import Course
from coordinator.standing.request import StandingRequest

_KEPT_GOALS = 20


class StandingStatus(StrEnum):
    """Where a standing goal stands. The last two are ends."""

    ACTIVE = "active"
    PAUSED = "paused"
    GIVEN_UP = "given_up"
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether it never acts again."""
        return self in {StandingStatus.ENDED, StandingStatus.CANCELLED}


class Change(StrEnum):
    """What a STANDING_CHANGED event says. Stored: never renamed, only added to."""

    PAUSED = "paused"
    RESUMED = "resumed"
    CHANGED = "changed"
    ANSWERED = "answered"
    ASKED = "asked"
    BROKEN = "broken"
    MET = "met"
    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    DONE = "done"
    MISSED = "missed"
    OBJECTED = "objected"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Order:
    """A goal that a firing calls for. `goal_id` is None until it was submitted."""

    text: str
    goal_id: str | None = None
    is_over: bool = False
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The present state of one standing goal.

    Attributes:
        standing_id: its name.
        request: what was understood.
        by: who wants it.
        chat_id: the chat in which it was said.
        created_at: Unix seconds.
        status: where it stands.
        reason: why it is paused or given up, or how it ended, a sentence.
        question: what the person has been asked and not answered yet.
        handled_until: the newest occurrence that was done or skipped (Unix seconds).
        fired: how often it has acted.
        fired_at: when it last did.
        fired_seq: number of that event.
        orders: by line, the goals of the latest firing. A line is a device for which is done what does not repeat, else "".
        courses: by line, the rounds of corrections since the values were last met.
        goal_ids: its newest goals, oldest first.
        broken: the devices whose value is broken.
        unknown: the devices whose value is unknown, of which people were told.
        corrected: the devices for which the latest firing was.
        ended_at: Unix seconds.
    """

    standing_id: str
    request: StandingRequest
    by: str | None
    chat_id: str | None
    created_at: float
    handled_until: float
    status: StandingStatus = StandingStatus.ACTIVE
    reason: str | None = None
    question: str | None = None
    fired: int = 0
    fired_at: float | None = None
    fired_seq: int = 0
    orders: dict[str, tuple[Order, ...]] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    goal_ids: tuple[str, ...] = ()
    broken: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    corrected: frozenset[str] = frozenset()
    ended_at: float | None = None

    def open_goals(self) -> list[str]:
        """Return its goals that are under way as far as its events tell."""
        return [
            order.goal_id
            for orders in self.orders.values()
            for order in orders
            if order.goal_id is not None and not order.is_over
        ]

    def line_of(self, goal_id: str) -> str | None:
        """Return the line to which a goal belongs; None where it is not of the latest firing."""
        for line, orders in self.orders.items():
            if any(order.goal_id == goal_id for order in orders):
                return line
        return None


def standing(events: Iterable[Event]) -> Standing | None:
    """Fold the events of one standing goal into its present state; None where there are none."""
    state: Standing | None = None
    for event in events:
        state = apply(state, event)
    return state


def apply(state: Standing | None, event: Event) -> Standing | None:
    """Return the state after one event; one that is not about standing goals changes nothing."""
    data = event.data
    if event.kind is EventKind.STANDING_ACCEPTED:
        return Standing(
            standing_id=event.goal_id or "",
            request=StandingRequest.model_validate(data["request"]),
            by=data["by"],
            chat_id=data["chat_id"],
            created_at=event.at,
            handled_until=event.at,
        )
    if state is None:
        return None
    match event.kind:
        case EventKind.STANDING_FIRED:
            return _fired(state, event)
        case EventKind.STANDING_CHANGED:
            return _changed(state, event)
        case EventKind.STANDING_ENDED:
            return replace(
                state,
                status=StandingStatus(data["status"]),
                reason=data["sentence"],
                question=None,
                ended_at=event.at,
            )
        case _:
            return state


def _fired(state: Standing, event: Event) -> Standing:
    data = event.data
    line = str(data["line"])
    orders = tuple(Order(text) for text in data["orders"])
    courses = dict(state.courses)
    if data["excess"] is not None:
        courses[line] = courses.get(line, Course()).begin(event.at, data["excess"])
        if not orders:
            courses[line] = courses[line].end(event.at, has_failed=False)
    occurrence = data["occurrence"]
    return replace(
        state,
        fired=state.fired + 1,
        fired_at=event.at,
        fired_seq=event.seq,
        handled_until=state.handled_until if occurrence is None else max(state.handled_until, occurrence),
        orders={**state.orders, line: orders},
        courses=courses,
        corrected=frozenset(data["devices"]),
    )


def _changed(state: Standing, event: Event) -> Standing:  # noqa: C901, PLR0911, PLR0912 - one case a change
    data = event.data
    match Change(data["change"]):
        case Change.PAUSED:
            return replace(state, status=StandingStatus.PAUSED, reason=data["sentence"])
        case Change.GIVEN_UP:
            return replace(state, status=StandingStatus.GIVEN_UP, reason=data["sentence"])
        case Change.RESUMED:
            return _afresh(state, event.at)
        case Change.CHANGED:
            request = StandingRequest.model_validate(data["request"])
            return replace(_afresh(state, event.at), request=request, broken=frozenset(), unknown=frozenset())
        case Change.ANSWERED:
            request = state.request.model_copy(update={"action": data["action"]})
            return replace(_afresh(state, event.at), request=request)
        case Change.ASKED:
            return replace(state, question=data["sentence"])
        case Change.MET:
            return _met(state, data)
        case Change.SUBMITTED:
            return _submitted(state, event)
        case Change.DONE:
            return _done(state, event)
        case Change.MISSED:
            return replace(state, handled_until=max(state.handled_until, data["occurrence"]))
        case Change.BROKEN:
            device = {data["device_id"]}
            return replace(state, broken=state.broken | device, unknown=state.unknown - device)
        case Change.UNKNOWN:
            return replace(state, unknown=state.unknown | {data["device_id"]})
        case Change.OBJECTED:
            return state


def _afresh(state: Standing, at: float) -> Standing:
    """Begin anew: what was counted before does not count, and occurrences that have passed are not made up for."""
    return replace(
        state,
        status=StandingStatus.ACTIVE,
        reason=None,
        question=None,
        handled_until=max(state.handled_until, at),
        courses=_settled(state.courses, state.courses),
    )


def _settled(courses: Mapping[str, Course], lines: Collection[str]) -> dict[str, Course]:
    """Forget the courses of lines; of a round that is under way the end is awaited, and then forgotten."""
    return {
        line: replace(course, is_settled=course.is_settled or line in lines)
        for line, course in courses.items()
        if line not in lines or course.is_under_way
    }


def _met(state: Standing, data: dict[str, Any]) -> Standing:
    courses = _settled(state.courses, data["lines"])
    device = {data["device_id"]}
    return replace(
        state,
        courses=courses,
        question=state.question if any(not one.is_settled for one in courses.values()) else None,
        broken=state.broken - device,
        unknown=state.unknown - device,
    )


def _submitted(state: Standing, event: Event) -> Standing:
    data = event.data
    line, index, goal_id = str(data["line"]), data["index"], data["goal_id"]
    orders = list(state.orders.get(line, ()))
    orders[index] = replace(
        orders[index], goal_id=goal_id, is_over=goal_id is None, has_failed=goal_id is None
    )
    goal_ids = state.goal_ids if goal_id is None else (*state.goal_ids, goal_id)[-_KEPT_GOALS:]
    return _closed(
        replace(state, orders={**state.orders, line: tuple(orders)}, goal_ids=goal_ids), line, event.at
    )


def _done(state: Standing, event: Event) -> Standing:
    data = event.data
    line = state.line_of(data["goal_id"])
    if line is None:
        return state
    orders = tuple(
        replace(order, is_over=True, has_failed=data["has_failed"])
        if order.goal_id == data["goal_id"]
        else order
        for order in state.orders[line]
    )
    return _closed(replace(state, orders={**state.orders, line: orders}), line, event.at)


def _closed(state: Standing, line: str, at: float) -> Standing:
    """End the round of a line when all its goals have ended."""
    orders, course = state.orders[line], state.courses.get(line)
    if course is None or not course.is_under_way or not all(order.is_over for order in orders):
        return state
    if course.is_settled:
        return replace(state, courses={key: one for key, one in state.courses.items() if key != line})
    has_failed = all(order.has_failed for order in orders)
    return replace(state, courses={**state.courses, line: course.end(at, has_failed=has_failed)})
