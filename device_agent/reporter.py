"""What an agent says of its subtasks: reports on the wire, and events for observers on the same machine."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from device_agent.events import AgentEvent, AgentEventKind, Observer, notify
from device_agent.executor import Execution
from device_agent.pipeline import PipelineError
from device_agent.running import Running
from device_agent.store import AgentStore
from fsm.subtask import SubtaskState
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from protocol.messages import EmergencyStop, Message, Report, ReportStatus, encode
from protocol.topics import Channel, Topics
from transport.ports import MessageBus

logger = logging.getLogger(__name__)

_STATUS = {
    SubtaskState.END: ReportStatus.COMPLETED,
    SubtaskState.FAILED: ReportStatus.FAILED,
    SubtaskState.CANCELLED: ReportStatus.CANCELLED,
    SubtaskState.UNKNOWN_OUTCOME: ReportStatus.FAILED,
}
# There is nothing that could be run, or nobody allows it; anything else that did not begin is a failure of ours.
_NOT_EXECUTABLE = {
    ErrorCode.NOT_EXECUTABLE,
    ErrorCode.NEEDS_CLARIFICATION,
    ErrorCode.OUT_OF_RANGE,
    ErrorCode.DANGER_FORBIDDEN,
    ErrorCode.MODE_FORBIDDEN,
    ErrorCode.APPROVAL_DENIED,
    ErrorCode.APPROVAL_EXPIRED,
    ErrorCode.MODEL_OUTPUT_INVALID,
}


class Reporter:
    """Speaks for one device.

    Args:
        device_id: the device's name at its site.
        bus: open.
        store: keeps final reports, and counts the starts of this agent.
        topics: of the site.
        clock: for times in messages.
        observer: told what happens.
    """

    def __init__(  # noqa: PLR0917 - its ports
        self,
        device_id: str,
        bus: MessageBus,
        store: AgentStore,
        topics: Topics,
        clock: Clock,
        observer: Observer | None,
    ) -> None:
        self._device_id = device_id
        self._bus = bus
        self._store = store
        self._topics = topics
        self._clock = clock
        self._observer = observer

    # Sending

    async def publish(self, channel: Channel, message: Message, *, retain: bool = False) -> None:
        """Publish a message on one of the device's own channels.

        Raises:
            OperatorError: the broker cannot be reached.
        """
        await self._bus.publish(self._topics.device(self._device_id, channel), encode(message), retain=retain)

    async def send(self, report: Report) -> None:
        """Send a report. Final ones are kept and repeated when polled, so a broker that is away costs nothing but time."""
        try:
            await self.publish(Channel.REPORT, report)
        except OperatorError as error:
            logger.warning("%s could not report: %s", self._device_id, error)

    def keep(self, report: Report) -> None:
        """Keep a final report before it is sent: whatever happens then, it can be sent again."""
        self._store.finish(report)
        if report.subtask_id is not None:
            self.tell(AgentEventKind.FINISHED, report.subtask_id, report.sentence, report)

    def tell(self, kind: AgentEventKind, subtask_id: str, text: str, report: Report | None = None) -> None:
        """Tell the observer."""
        status = None if report is None else report.status.value
        event = AgentEvent(kind, self._device_id, subtask_id, text, self._clock.now(), status, report)
        notify(self._observer, event)

    # Where a subtask is

    def idle(self) -> Report:
        """Nothing is known of the subtask in question, or of any."""
        return self._report(None, ReportStatus.IDLE, "Nothing to do.")

    def queued(self, subtask_id: str) -> Report:
        """It is not its turn yet."""
        return self._report(subtask_id, ReportStatus.QUEUED, "Waiting for its turn.")

    def under_way(self, running: Running) -> Report:
        """Say where a run is, and what is asked of people."""
        status, told, approval = running.told_to_people()
        return self._report(running.subtask_id, status, told, approval=approval, **_about(running))

    # How a subtask ends

    def ended(self, running: Running, execution: Execution) -> Report:
        """Its program has been run, or was not allowed to."""
        status = _STATUS[execution.state]
        nothing_moved = execution.is_repairable or not execution.has_begun
        if execution.error_code in _NOT_EXECUTABLE and nothing_moved:
            status = ReportStatus.NOT_EXECUTABLE
        return self._report(
            running.subtask_id,
            status,
            execution.sentence,
            execution.error_code,
            findings=execution.findings,
            visits=execution.visits,
            **_about(running),
        )

    def without_program(self, running: Running, error: PipelineError) -> Report:
        """No program could be written."""
        is_refused = error.code in _NOT_EXECUTABLE
        status = ReportStatus.NOT_EXECUTABLE if is_refused else ReportStatus.FAILED
        return self._report(running.subtask_id, status, error.message, error.code, **_about(running))

    def stopped(self, subtask_id: str, emergency: EmergencyStop) -> Report:
        """The site is stopped."""
        text = f"Refused: the emergency stop is engaged by {emergency.by}. Release it first."
        return self._report(subtask_id, ReportStatus.NOT_EXECUTABLE, text, ErrorCode.EMERGENCY_STOPPED)

    def cancelled(self, subtask_id: str) -> Report:
        """It was cancelled before it began, or before it came: from now on it is known, so that it never begins."""
        text = "Cancelled before it was started."
        return self._report(subtask_id, ReportStatus.CANCELLED, text, ErrorCode.CANCELLED, has_begun=False)

    def superseded(self, subtask_id: str) -> Report:
        """A newer one has taken its place in the queue."""
        text = "Replaced by a newer order before it was started."
        return self._report(subtask_id, ReportStatus.SUPERSEDED, text, ErrorCode.SUPERSEDED)

    def expired(self, subtask_id: str) -> Report:
        """It came too late."""
        text = "Not started: this order arrived after its time was over."
        return self._report(subtask_id, ReportStatus.NOT_EXECUTABLE, text, ErrorCode.NOT_EXECUTABLE)

    def never_begun(self, subtask_id: str) -> Report:
        """It was taken on before a restart, and nothing of it was done."""
        text = "Not started: the agent was restarted before this had its turn."
        return self._report(subtask_id, ReportStatus.NOT_EXECUTABLE, text, ErrorCode.NOT_EXECUTABLE)

    def distrusted(self, subtask_id: str) -> Report:
        """What was kept of it was changed or is damaged."""
        text = "The agent was restarted, and what it had kept of this cannot be trusted; what was done is not known."
        return self._report(subtask_id, ReportStatus.FAILED, text, ErrorCode.SNAPSHOT_REFUSED)

    def defect(self, subtask_id: str) -> Report:
        """The fault is ours."""
        text = "The agent has a defect and could not carry this out."
        return self._report(subtask_id, ReportStatus.FAILED, text, ErrorCode.INTERNAL)

    def _report(
        self,
        subtask_id: str | None,
        status: ReportStatus,
        sentence: str,
        code: ErrorCode | None = None,
        **details: Any,
    ) -> Report:
        return Report(
            report_id=uuid.uuid4().hex,
            device_id=self._device_id,
            session=self._store.session,
            subtask_id=subtask_id,
            status=status,
            sentence=sentence,
            error_code=code,
            at=self._clock.now(),
            **details,
        )


def _about(running: Running) -> dict[str, Any]:
    """Return what a run has cost so far, and whether it may be repeated, as fields of a report."""
    return {
        "is_repeatable": running.is_repeatable,
        "model_calls": running.model_calls,
        "prompt_tokens": running.usage.prompt_tokens,
        "completion_tokens": running.usage.completion_tokens,
        "model_seconds": round(running.usage.seconds, 3),
    }
