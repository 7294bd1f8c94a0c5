"""What people see of a standing goal."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from coordinator.standing.life import Standing, StandingStatus
from coordinator.standing.reading import say_subject
from coordinator.standing.schedule import local


class StandingView(BaseModel):
    """A standing goal. Times are Unix seconds; `next_time` is `next_at` as people there read it.

    Attributes:
        when: when it is due, or what is watched, in words.
        action: what is to be done; None where the planner decides or the person is only told.
        confirmation: what was understood, as it was said when it was accepted or changed.
        question: what the person is asked; the answer goes to `POST /v1/standing/{id}/answer`.
        reason: why it is paused, given up, or ended.
        values: the watched values, by device: of a hundred devices at most, the broken ones first.
        broken: devices whose value is not as it must be.
        goal_ids: its newest goals, oldest first.
    """

    model_config = ConfigDict(frozen=True)

    standing_id: str
    text: str
    status: StandingStatus
    when: str
    action: str | None
    confirmation: str
    question: str | None
    reason: str | None
    time_zone: str
    next_at: float | None
    next_time: str | None
    until: float | None
    values: dict[str, float | str]
    unit: str | None
    broken: tuple[str, ...]
    fired: int
    fired_at: float | None
    goal_ids: tuple[str, ...]
    by: str | None
    chat_id: str | None
    created_at: float
    ended_at: float | None

    @classmethod
    def of(cls, state: Standing, *, next_at: float | None, values: dict[str, float | str]) -> StandingView:
        """Show one."""
        request = state.request
        watch = request.watch
        return cls(
            standing_id=state.standing_id,
            text=request.text,
            status=state.status,
            when=_when(state),
            action=request.action,
            confirmation=request.confirmation,
            question=state.question,
            reason=state.reason,
            time_zone=request.zone,
            next_at=next_at,
            next_time=None
            if next_at is None
            else f"{local(next_at, ZoneInfo(request.zone)):%Y-%m-%d %H:%M:%S}",
            until=request.until,
            values=values,
            unit=None if watch is None else watch.limits.unit,
            broken=tuple(sorted(state.broken)),
            fired=state.fired,
            fired_at=state.fired_at,
            goal_ids=state.goal_ids,
            by=state.by,
            chat_id=state.chat_id,
            created_at=state.created_at,
            ended_at=state.ended_at,
        )


def _when(state: Standing) -> str:
    request = state.request
    if request.schedule is not None:
        return f"{request.schedule.timing.words} ({request.zone})"
    watch = request.watch
    if watch is None:
        return request.text
    if watch.is_kept:
        return f"{say_subject(watch)} {watch.limits.words}"
    return f"when {say_subject(watch)} is {watch.limits.broken_words}"
