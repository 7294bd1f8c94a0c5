"""One subtask that an agent works on, as it can be told of and given orders to."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_agent.orders import Orders
from fsm.subtask import SubtaskState
from inference.metering import Usage
from protocol.messages import Approval, Control, ControlCommand, EmergencyStop, ReportStatus


@dataclass(slots=True)
class Running:
    """The subtask that is being worked on.

    Attributes:
        subtask_id: its id.
        sentence: what is to be done.
        told: what is said of it to whoever asks.
        orders: what people want meanwhile.
        state: where its run is.
        model_calls: how many calls of the model writing its program has cost.
        usage: what they have cost otherwise.
        stopped_by: the emergency stop that has ended it.
        is_repeatable: whether its program only looks; None while there is none. A program that takes the place of one that
            only looks must only look as well, because the site may have begun to rely on it.
    """

    subtask_id: str
    sentence: str
    told: str
    orders: Orders = field(default_factory=Orders)
    state: SubtaskState = SubtaskState.START
    model_calls: int = 0
    usage: Usage = field(default_factory=Usage)
    stopped_by: EmergencyStop | None = None
    is_repeatable: bool | None = None

    def charge(self, model_calls: int, usage: Usage) -> None:
        """Note what writing a program, or trying to, has cost."""
        self.model_calls += model_calls
        self.usage += usage

    def stop(self, message: EmergencyStop) -> None:
        """End it because of an emergency; a release that follows at once does not change that."""
        self.stopped_by = message
        self.orders.emergency.set()

    def rest(self, control: Control) -> None:
        """Let it pause, or go on."""
        if control.command is ControlCommand.RESUME:
            self.orders.resume()
        else:
            by = control.by or "a person"
            self.orders.pause(f"{by[0].upper()}{by[1:]} has paused it.")

    def enter(self, state: SubtaskState) -> bool:
        """Take note of the run's new state; returns whether people must hear of it at once."""
        was_waiting, self.state = self._waits_for_a_person, state
        return not state.is_final and (was_waiting or self._waits_for_a_person)

    @property
    def _waits_for_a_person(self) -> bool:
        return self.state in {SubtaskState.PAUSED, SubtaskState.AWAITING_APPROVAL}

    def told_to_people(self) -> tuple[ReportStatus, str, Approval | None]:
        """Say where it is: the status, a sentence, and the question that someone has to answer."""
        orders = self.orders
        if self.state is SubtaskState.PAUSED and orders.wants_rest:
            return ReportStatus.PAUSED, f"Paused. {orders.wants_rest}", None
        if self.state is SubtaskState.AWAITING_APPROVAL and orders.approval is not None:
            return ReportStatus.AWAITING_APPROVAL, orders.approval.question, orders.approval
        will_rest = " It will pause after this step." if orders.wants_rest else ""
        return ReportStatus.ONGOING, f"{self.told}{will_rest}", None
