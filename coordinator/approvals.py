"""Questions of devices to people: may this dangerous thing be done? Each is answered once, by someone, and recorded."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.wording import quoted, time_of_day
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError
from protocol.messages import Report, ReportStatus
from transport.clock import within

Decision = Literal["approve", "deny"]
_RESTORED = 10_000
_KEPT = 1000


class ApprovalStatus(StrEnum):
    """Where a question stands. All but the first are ends."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Approval(BaseModel):
    """One question of a device. Times are Unix seconds; `by` and `ended_at` say who ended it, and when."""

    model_config = ConfigDict(frozen=True)

    approval_id: str
    device_id: str
    subtask_id: str | None
    goal_id: str | None
    goal: str | None
    question: str
    asked_at: float
    expires_at: float
    status: ApprovalStatus = ApprovalStatus.OPEN
    by: str | None = None
    ended_at: float | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentence(self) -> str:
        """Say how it stands, for people."""
        asked = f"{self.device_id} asked {quoted(self.question)}"
        match self.status:
            case ApprovalStatus.OPEN:
                until = time_of_day(self.expires_at)
                return f"{self.device_id} asks {quoted(self.question)} and waits for an answer until {until}."
            case ApprovalStatus.APPROVED:
                return f"{asked}, and {self.by} allowed it."
            case ApprovalStatus.DENIED:
                return f"{asked}, and {self.by} did not allow it."
            case ApprovalStatus.EXPIRED:
                return f"{asked}, and nobody answered in time."
            case _:
                return f"{asked}, and waits for no answer any more."


class Approvals:
    """Every question that is open or was ended lately. A device has at most one open.

    Args:
        ledger: where questions and their ends are written down; read back at the start.
        clock: time.
        goal_text: the words of a goal by its id, None when there is no such goal.
        deliver: sends a decision to the device that asked; called again when the device still asks when polled.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        *,
        goal_text: Callable[[str], str | None],
        deliver: Callable[[Approval], None],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._goal_text = goal_text
        self._deliver = deliver
        self._approvals: dict[str, Approval] = {}
        # What each device asked last: every report is looked at, so that this must not cost a look at all questions.
        self._asked: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._restore()

    def open(self, goal_id: str | None = None) -> list[Approval]:
        """Return the open questions, of one goal or of all, oldest first."""
        return [
            approval
            for approval in self._approvals.values()
            if self.is_open(approval.approval_id) and goal_id in {None, approval.goal_id}
        ]

    def is_open(self, approval_id: str, device_id: str | None = None) -> bool:
        """Whether a question, of this device if one is named, can still be answered."""
        approval = self._approvals.get(approval_id)
        return (
            approval is not None
            and device_id in {None, approval.device_id}
            and approval.status is ApprovalStatus.OPEN
            and approval.expires_at > self._clock.now()
        )

    def decided(self) -> list[Approval]:
        """Return the questions that were answered and that their devices may still be waiting for an answer to."""
        answered = {ApprovalStatus.APPROVED, ApprovalStatus.DENIED}
        now = self._clock.now()
        return [one for one in self._approvals.values() if one.status in answered and one.expires_at > now]

    def find(self, approval_id: str) -> Approval | None:
        """Return a question, open or ended lately; None when it is not known."""
        return self._approvals.get(approval_id)

    def get(self, approval_id: str) -> Approval:
        """Return a question, open or ended lately.

        Raises:
            InputError: there is no such question (code `not_found`).
        """
        approval = self.find(approval_id)
        if approval is None:
            raise InputError(
                "approval_id",
                approval_id,
                "the id of a question that a device has asked",
                code=ErrorCode.NOT_FOUND,
                remedy="GET /v1/approvals lists those that are open.",
            )
        return approval

    def decide(self, approval_id: str, decision: Decision, by: str) -> Approval:
        """Answer a question; when this returns, the answer is on disk and on its way.

        Raises:
            InputError: there is no such question (code `not_found`), nobody answered in time (`approval_expired`), or
                it was ended before (`conflict`).
        """
        approval = self.get(approval_id)
        if approval.status is ApprovalStatus.OPEN and not self.is_open(approval_id):
            self._end(approval, ApprovalStatus.EXPIRED)
            approval = self.get(approval_id)
        if approval.status is not ApprovalStatus.OPEN:
            has_expired = approval.status is ApprovalStatus.EXPIRED
            raise InputError(
                "approval_id",
                approval_id,
                "a question that is open",
                code=ErrorCode.APPROVAL_EXPIRED if has_expired else ErrorCode.CONFLICT,
                remedy=approval.sentence,
            )
        status = ApprovalStatus.APPROVED if decision == "approve" else ApprovalStatus.DENIED
        decided = self._end(approval, status, by)
        self._deliver(decided)
        return decided

    def take_report(self, report: Report, goal_id: str | None) -> None:
        """Take in what a device says of its subtask: it asks, asks still, or asks no more."""
        if report.status is ReportStatus.AWAITING_APPROVAL and report.approval is not None:
            self._take_question(report, goal_id)
            return
        for approval in self._open_of(report.device_id):
            if approval.subtask_id == report.subtask_id:
                has_expired = report.error_code is ErrorCode.APPROVAL_EXPIRED
                self._end(approval, ApprovalStatus.EXPIRED if has_expired else ApprovalStatus.WITHDRAWN)

    def withdraw(self, device_id: str | None = None, by: str | None = None) -> None:
        """End the open questions of a device, or of all devices.

        Args:
            device_id: whose; None for everyone's.
            by: who cancelled what it is about, so that it cannot be asked again; None when the device merely went away.
        """
        for approval in self.open() if device_id is None else self._open_of(device_id):
            if self.is_open(approval.approval_id):
                self._end(approval, ApprovalStatus.WITHDRAWN, by)

    def _open_of(self, device_id: str) -> list[Approval]:
        asked = self._asked.get(device_id)
        return [self._approvals[asked]] if asked is not None and self.is_open(asked) else []

    async def watch(self) -> None:
        """End questions that nobody answers in time, until cancelled."""
        while True:
            self._changed.clear()
            now = self._clock.now()
            asked = [one for one in self._approvals.values() if one.status is ApprovalStatus.OPEN]
            for approval in asked:
                if approval.expires_at <= now:
                    self._end(approval, ApprovalStatus.EXPIRED)
            left = min((one.expires_at - now for one in asked if one.expires_at > now), default=math.inf)
            try:
                await within(self._clock, left, self._changed.wait())
            except TimeoutError:
                continue

    def _take_question(self, report: Report, goal_id: str | None) -> None:
        question = report.approval
        if question is None:
            return
        known = self._approvals.get(question.approval_id)
        if known is not None and known.device_id != report.device_id:
            raise InputError(
                "approval_id",
                question.approval_id,
                f"an id of its own; {known.device_id} has this one",
                source=report.device_id,
            )
        if known is not None and known.status in {ApprovalStatus.APPROVED, ApprovalStatus.DENIED}:
            # The decision was lost on its way, if the device knows nothing of it when asked.
            if report.in_reply_to is not None and known.expires_at > self._clock.now():
                self._deliver(known)
            return
        is_settled = known is not None and (known.status is ApprovalStatus.OPEN or known.by is not None)
        if is_settled or question.expires_at <= self._clock.now():
            return
        self.withdraw(report.device_id)
        approval = Approval(
            approval_id=question.approval_id,
            device_id=report.device_id,
            subtask_id=report.subtask_id,
            goal_id=goal_id,
            goal=None if goal_id is None else self._goal_text(goal_id),
            question=question.question,
            asked_at=self._clock.now(),
            expires_at=question.expires_at,
        )
        data = approval.model_dump(mode="json", exclude={"status", "by", "ended_at"})
        self._ledger.append(EventKind.APPROVAL_REQUESTED, data, goal_id=goal_id)
        self._keep(approval)

    def _end(self, approval: Approval, status: ApprovalStatus, by: str | None = None) -> Approval:
        update = {"status": status, "by": by, "ended_at": self._clock.now()}
        ended = approval.model_copy(update=update)
        fields = {
            "approval_id",
            "device_id",
            "subtask_id",
            "question",
            "status",
            "by",
            "ended_at",
            "sentence",
        }
        self._ledger.append(
            EventKind.APPROVAL_ENDED, ended.model_dump(mode="json", include=fields), goal_id=ended.goal_id
        )
        self._keep(ended)
        return ended

    def _keep(self, approval: Approval) -> None:
        self._approvals[approval.approval_id] = approval
        if approval.status is ApprovalStatus.OPEN:
            self._asked[approval.device_id] = approval.approval_id
        elif self._asked.get(approval.device_id) == approval.approval_id:
            del self._asked[approval.device_id]
        if len(self._approvals) > _KEPT:
            ended = (one for one in self._approvals.values() if one.status is not ApprovalStatus.OPEN)
            oldest = next(ended, None)
            if oldest is not None:
                del self._approvals[oldest.approval_id]
        self._changed.set()

    def _restore(self) -> None:
        """Read back what was asked and answered before a restart: devices may still be waiting."""
        events: list[Event] = [
            *self._ledger.of_kind(EventKind.APPROVAL_REQUESTED, limit=_RESTORED),
            *self._ledger.of_kind(EventKind.APPROVAL_ENDED, limit=_RESTORED),
        ]
        for event in sorted(events, key=lambda event: event.seq):
            self._replay(event)

    def _replay(self, event: Event) -> None:
        data = {name: value for name, value in event.data.items() if name != "sentence"}
        if event.kind is EventKind.APPROVAL_REQUESTED:
            self._keep(Approval.model_validate(data))
        elif (approval := self._approvals.get(data["approval_id"])) is not None:
            update = {
                "status": ApprovalStatus(data["status"]),
                "by": data["by"],
                "ended_at": data["ended_at"],
            }
            self._keep(approval.model_copy(update=update))
