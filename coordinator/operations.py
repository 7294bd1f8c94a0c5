"""What people do to a running site: answer devices' questions, pause, resume, cancel, and stop everything.

Each act is written down with who did it before anyone is told of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from coordinator.approvals import Approval, Approvals, ApprovalStatus, Decision
from coordinator.course import Course, cancelled, emergency_stopped
from coordinator.dispatch import Dispatcher
from coordinator.emergency import EmergencySwitch, refusal
from coordinator.exchange import CANCEL_EXPIRY_SECONDS, Exchange
from coordinator.goal_book import GoalBook
from coordinator.goal_state import (
    CANCELLED,
    HANDED_OVER,
    PAUSED,
    PRIORITISED,
    RESUMED,
    URGENT_PRIORITY,
    Act,
    GoalState,
)
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.messenger import Messenger
from coordinator.registry import Registry
from coordinator.wording import quoted
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import ControlCommand
from transport.clock import within

# What a device is told while it is away is void after this: nobody reckons any more with a machine that moves, or
# stops, because of it.
_COMMAND_EXPIRY_SECONDS = 30.0
_STOP_CONFIRMED_SECONDS = 5.0
_RESTORED = 10_000


class Operations:
    """The acts of people.

    Args:
        courses: the goals under way, by id.
        dispatcher: knows who is at work on what.
        approvals: the questions of devices.
        switch: the emergency stop.
        registry: the devices.
        messenger: speaks to devices.
        ledger: where acts are written down; devices that were paused before a restart stay so.
        book: where goals stand.
        clock: time.
        on_hold: called when a device was paused as a whole, or let go on.
    """

    def __init__(
        self,
        *,
        courses: Mapping[str, Course],
        dispatcher: Dispatcher,
        approvals: Approvals,
        switch: EmergencySwitch,
        registry: Registry,
        messenger: Messenger,
        ledger: Ledger,
        book: GoalBook,
        clock: Clock,
        on_hold: Callable[[], None],
    ) -> None:
        self._book = book
        self._courses = courses
        self._dispatcher = dispatcher
        self._approvals = approvals
        self._switch = switch
        self._registry = registry
        self._messenger = messenger
        self._ledger = ledger
        self._clock = clock
        self._on_hold = on_hold
        for event in ledger.of_kind(EventKind.OPERATOR, limit=_RESTORED):
            if event.data["what"] == "device" and event.data["did"] == PAUSED:
                dispatcher.hold(
                    event.data["id"],
                    event.data["by"],
                    standstill=event.data.get("standstill"),
                    because=event.data.get("because", ""),
                )
            elif event.data["what"] == "device" and event.data["did"] == RESUMED:
                dispatcher.release(event.data["id"])

    def paused_by(self, device_id: str) -> str | None:
        """Return who paused a device as a whole; None while nobody has."""
        return self._dispatcher.held_by(device_id)

    def waiting(self, device_id: str) -> str | None:
        """Say for what a device waits for a person; None when it waits for nothing."""
        for approval in self._approvals.open():
            if approval.device_id == device_id:
                return approval.sentence
        pause = self._dispatcher.pause_of(device_id)
        return None if pause is None else f"{pause} and waits for being let go on."

    # Questions

    def decide(self, approval_id: str, decision: Decision, by: str) -> Approval:
        """Answer a device's question; see `Approvals.decide`.

        Raises:
            InputError: the question is unknown, expired, or was ended before.
            OperatorError: the broker cannot be reached, so that the device could not be told.
        """
        approval = self._approvals.get(approval_id)
        if self._approvals.is_open(approval_id):
            self._check_broker(approval.device_id)
        return self._approvals.decide(approval_id, decision, by)

    def deliver(self, approval: Approval) -> None:
        """Send a decision to the device that asked; until the question expires, also to one that is away just now."""
        by = approval.by or ""
        exchange = self._dispatcher.exchange(approval.subtask_id or "")
        if exchange is not None:
            exchange.decided_by = by
            exchange.note_change()
        is_approved = approval.status is ApprovalStatus.APPROVED
        command = ControlCommand.APPROVE if is_approved else ControlCommand.DENY
        self._messenger.order(
            approval.device_id,
            command,
            by=by,
            expiry_seconds=approval.expires_at - self._clock.now(),
            subtask_id=approval.subtask_id,
            approval_id=approval.approval_id,
        )

    # Goals

    def pause_goal(self, goal_id: str, by: str) -> None:
        """Begin nothing more of a goal, and pause what is under way.

        Raises:
            InputError: there is no such goal, it has ended, or it is paused already.
            OperatorError: the broker cannot be reached.
        """
        course = self._course(goal_id)
        if course.paused_by is not None:
            raise _conflict("goal_id", goal_id, "a goal that is not paused", f"{course.paused_by} paused it.")
        self._check_broker("its devices")
        course.paused_by = by
        self._note(f"{by} paused this goal.", ("goal", goal_id), PAUSED, by, goal_id)
        for exchange in self._dispatcher.exchanges(goal_id=goal_id):
            self._tell_of(exchange, ControlCommand.PAUSE, by)

    def resume_goal(self, goal_id: str, by: str) -> None:
        """Let a paused goal go on.

        Raises:
            InputError: there is no such goal, it has ended, or it is not paused.
            OperatorError: the broker cannot be reached, or the emergency stop is engaged.
        """
        course = self._course(goal_id)
        self._check_released()
        if course.paused_by is None:
            raise _conflict("goal_id", goal_id, "a goal that is paused", "This one is not.")
        self._check_broker("its devices")
        course.paused_by = None
        self._note(f"{by} let this goal go on.", ("goal", goal_id), RESUMED, by, goal_id)
        self._dispatcher.wake()
        self._let_go_on(self._dispatcher.exchanges(goal_id=goal_id), by)

    def cancel_goal(self, goal_id: str, by: str) -> None:
        """End a goal: nothing more of it is begun, and devices at work on it are told to stop.

        Raises:
            InputError: there is no such goal, or it has ended.
        """
        course = self._course(goal_id)
        if course.halt is not None:
            raise _conflict("goal_id", goal_id, "a goal that is not about to end", course.halt.sentence)
        self._note(f"{by} cancelled this goal.", ("goal", goal_id), CANCELLED, by, goal_id)
        for exchange in self._dispatcher.exchanges(goal_id=goal_id):
            self._approvals.withdraw(exchange.device_id, by)
        course.stop(cancelled(by))
        self._dispatcher.wake()

    def prioritise_goal(self, goal_id: str, by: str) -> None:
        """Have a goal come before others that wait for the same devices; a device that is in use is not interrupted.

        Raises:
            InputError: there is no such goal, or it has ended.
        """
        course = self._course(goal_id)
        self._note(f"{by} called this goal urgent.", ("goal", goal_id), PRIORITISED, by, goal_id)
        course.priority += URGENT_PRIORITY
        self._dispatcher.wake()

    def prioritise_part(self, goal_id: str, name: str, by: str) -> None:
        """Have what concerns one thing come before the rest of its goal and before other goals.

        Args:
            goal_id: of the goal.
            name: the thing, such as "T9".
            by: who says so.

        Raises:
            InputError: there is no such goal, or it has ended.
        """
        self._course(goal_id)
        sentence = f"{by} called {name} urgent."
        self._note(sentence, ("part", name), PRIORITISED, by, goal_id)

    # Devices

    def pause_device(
        self, device_id: str, by: str, *, standstill: str | None = None, because: str = ""
    ) -> None:
        """Pause what a device is at, and give it nothing more.

        Args:
            device_id: whom.
            by: who orders it.
            standstill: of what it is a part, so that what waits for it waits on; None where others are to do that.
            because: what stands still then.

        Raises:
            InputError: there is no such device, or it is paused already.
            OperatorError: the broker cannot be reached.
        """
        self._registry.find(device_id)
        held_by = self._dispatcher.held_by(device_id)
        if held_by is not None:
            raise _conflict("device_id", device_id, "a device that is not paused", f"{held_by} paused it.")
        self._check_broker(device_id)
        more = {"standstill": standstill, "because": because} if standstill is not None else {}
        # Held first: who hears of it looks at once for who may get work.
        self._dispatcher.hold(device_id, by, standstill=standstill, because=because)
        self._on_hold()
        self._note(f"{by} paused {device_id}.", ("device", device_id), PAUSED, by, more=more)
        self._tell(device_id, ControlCommand.PAUSE, by)

    def keep_work(self, device_id: str, by: str) -> None:
        """Have a device that is paused keep what it is at, however long that takes: nobody else can do it.

        Raises:
            InputError: there is no such device.
        """
        self._registry.find(device_id)
        name = f"{device_id}-out-of-order"
        self._dispatcher.hold(device_id, by, standstill=name, because=device_id)
        sentence = f"{by} has {device_id} keep what it is at."
        more = {"standstill": name, "because": device_id}
        self._note(sentence, ("device", device_id), PAUSED, by, more=more)

    def resume_device(self, device_id: str, by: str) -> None:
        """Let a device go on, and have work again.

        Raises:
            InputError: there is no such device, or neither it nor its subtask is paused.
            OperatorError: the broker cannot be reached, or the emergency stop is engaged.
        """
        self._registry.find(device_id)
        self._check_released()
        if self._dispatcher.pause_of(device_id) is None:
            raise _conflict("device_id", device_id, "a device that is paused", "This one is not.")
        self._check_broker(device_id)
        self._dispatcher.release(device_id)
        self._on_hold()
        self._note(f"{by} let {device_id} go on.", ("device", device_id), RESUMED, by)
        at_work = self._dispatcher.exchanges(device_id=device_id)
        if at_work:
            self._let_go_on(at_work, by)
        else:
            # It may be at something that nobody waits for any more.
            self._tell(device_id, ControlCommand.RESUME, by)

    def cancel_device(self, device_id: str, by: str) -> None:
        """Cancel whatever a device is at.

        Raises:
            InputError: there is no such device, or it is not online.
            OperatorError: the broker cannot be reached.
        """
        device = self._registry.find(device_id)
        if not device.is_online:
            raise _conflict("device_id", device_id, "a device that is online", f"{device_id} is not.")
        self._check_broker(device_id)
        self._note(f"{by} told {device_id} to stop what it is at.", ("device", device_id), CANCELLED, by)
        for exchange in self._dispatcher.exchanges(device_id=device_id):
            self._note_subtask(exchange, f"{by} cancelled", CANCELLED, by)
            exchange.cancelled_by = by
        self._approvals.withdraw(device_id, by)
        self._tell(device_id, ControlCommand.CANCEL, by)

    def hand_over(self, device_id: str, by: str) -> None:
        """Call back what a device is at, so that another one does it where its goal allows that.

        Raises:
            InputError: there is no such device, or it is not online.
            OperatorError: the broker cannot be reached.
        """
        for exchange in self._dispatcher.exchanges(device_id=device_id):
            exchange.is_handed_over = True
        self.cancel_device(device_id, by)
        for exchange in self._dispatcher.exchanges(device_id=device_id):
            self._note_subtask(exchange, f"{by} wants another device to do", HANDED_OVER, by)

    # Subtasks

    def pause_subtask(self, subtask_id: str, by: str) -> None:
        """Pause one subtask.

        Raises:
            InputError: there is no such subtask, it has ended, or it is paused already.
            OperatorError: the broker cannot be reached.
        """
        exchange = self._exchange(subtask_id)
        if exchange.is_paused or exchange.paused_by is not None:
            raise _conflict("subtask_id", subtask_id, "a subtask that is not paused", "This one is.")
        self._check_broker(exchange.device_id)
        self._note_subtask(exchange, f"{by} paused", PAUSED, by)
        exchange.paused_by = by
        self._tell_of(exchange, ControlCommand.PAUSE, by)

    def resume_subtask(self, subtask_id: str, by: str) -> None:
        """Let one subtask go on.

        Raises:
            InputError: there is no such subtask, it has ended or is not paused, or its goal or device is paused.
            OperatorError: the broker cannot be reached, or the emergency stop is engaged.
        """
        exchange = self._exchange(subtask_id)
        self._check_released()
        if not exchange.is_paused and exchange.paused_by is None:
            raise _conflict("subtask_id", subtask_id, "a subtask that is paused", "This one is not.")
        holder = self._outer_holder(exchange)
        if holder is not None:
            raise _conflict("subtask_id", subtask_id, "one whose goal and device are not paused", holder)
        self._check_broker(exchange.device_id)
        self._note_subtask(exchange, f"{by} let go on", RESUMED, by)
        exchange.paused_by = None
        self._let_go_on([exchange], by)

    def cancel_subtask(self, subtask_id: str, by: str) -> None:
        """Cancel one subtask; its goal goes on without it.

        Raises:
            InputError: there is no such subtask, or it has ended.
            OperatorError: the broker cannot be reached.
        """
        exchange = self._exchange(subtask_id)
        self._check_broker(exchange.device_id)
        self._note_subtask(exchange, f"{by} cancelled", CANCELLED, by)
        exchange.cancelled_by = by
        self._approvals.withdraw(exchange.device_id, by)
        self._tell_of(exchange, ControlCommand.CANCEL, by, seconds=CANCEL_EXPIRY_SECONDS)

    # Everything

    async def stop_everything(self, by: str) -> None:
        """Engage the emergency stop: open goals end, and no new one is taken until it is released.

        Raises:
            OperatorError: the broker has not taken the message; it is published again and again until it does.
        """
        await self._switch_and_wait(engaged=True, by=by)

    async def release_stop(self, by: str) -> None:
        """Release the emergency stop. What was stopped does not go on by itself.

        Raises:
            OperatorError: the broker has not taken the message; it is published again and again until it does.
        """
        await self._switch_and_wait(engaged=False, by=by)

    def end_all(self, by: str) -> None:
        """End what is under way because the emergency stop was engaged, here or elsewhere."""
        for course in self._courses.values():
            course.stop(emergency_stopped(by))
        self._approvals.withdraw(by=by)
        self._dispatcher.wake()

    # After a restart

    def order_again(self, goals: Iterable[GoalState]) -> None:
        """Give the orders again that may not have reached their devices: what people did last counts.

        A machine is let go on only if that was ordered just now; otherwise it waits for someone to say so again.
        """
        for goal in goals:
            for subtask in goal.open_subtasks():
                exchange = self._dispatcher.exchange(subtask.subtask_id)
                if exchange is None:
                    continue
                if subtask.cancelled_by is not None:
                    self._tell_of(
                        exchange, ControlCommand.CANCEL, subtask.cancelled_by, seconds=CANCEL_EXPIRY_SECONDS
                    )
                by = exchange.paused_by or goal.paused_by or self._dispatcher.held_by(exchange.device_id)
                acts = [act for act in (goal.pause, subtask.pause) if act is not None]
                if by is not None:
                    self._tell_of(exchange, ControlCommand.PAUSE, by)
                elif acts and self._is_recent(newest := max(acts, key=lambda act: act.at)):
                    self._tell_of(exchange, ControlCommand.RESUME, newest.by)
        for approval in self._approvals.decided():
            if self._dispatcher.exchange(approval.subtask_id or "") is not None:
                self.deliver(approval)

    def _is_recent(self, act: Act) -> bool:
        return self._clock.now() - act.at <= _COMMAND_EXPIRY_SECONDS

    async def _switch_and_wait(self, *, engaged: bool, by: str) -> None:
        publication = self._switch.switch(engaged=engaged, by=by)
        try:
            await within(self._clock, _STOP_CONFIRMED_SECONDS, _ended(publication))
        except TimeoutError as error:
            what = "engaged" if engaged else "released"
            remedy = " Use the machines' own stops now." if engaged else ""
            raise OperatorError(
                f"The emergency stop is {what} here, but the message broker cannot be reached, so the devices do not"
                " know it yet.",
                remedy=f"They are told as soon as it is back.{remedy}",
            ) from error

    # Helpers

    def check_broker(self) -> None:
        """See that devices can be told.

        Raises:
            OperatorError: the broker cannot be reached.
        """
        self._check_broker("the site")

    def check_may_go_on(self) -> None:
        """See that devices can be told to go on.

        Raises:
            OperatorError: the broker cannot be reached, or the emergency stop is engaged.
        """
        self._check_released()
        self._check_broker("the site")

    def _course(self, goal_id: str) -> Course:
        course = self._courses.get(goal_id)
        if course is not None:
            return course
        goal = self._book.find(goal_id)
        if goal is None:
            raise _unknown("goal_id", goal_id, "the id of a goal given here", "GET /v1/goals lists them.")
        raise _conflict("goal_id", goal_id, "a goal that is under way", f"It has ended: {goal.status}.")

    def _exchange(self, subtask_id: str) -> Exchange:
        exchange = self._dispatcher.exchange(subtask_id)
        if exchange is not None:
            return exchange
        goal = self._book.find(subtask_id.rpartition("-")[0])
        subtask = None if goal is None else goal.subtasks.get(subtask_id)
        if subtask is not None:
            raise _conflict(
                "subtask_id", subtask_id, "a subtask that is under way", f"It has ended: {subtask.status}."
            )
        raise unknown_subtask(subtask_id)

    def _outer_holder(self, exchange: Exchange) -> str | None:
        """Say who has paused the device or the goal of a subtask; None when nobody has."""
        device_by = self._dispatcher.held_by(exchange.device_id)
        if device_by is not None:
            return f"{device_by} paused {exchange.device_id} as a whole."
        goal_by = exchange.course.paused_by
        return None if goal_by is None else f"{goal_by} paused the whole goal."

    def _let_go_on(self, exchanges: Iterable[Exchange], by: str) -> None:
        for exchange in exchanges:
            if self._outer_holder(exchange) is None and exchange.paused_by is None:
                exchange.note_change()
                self._tell_of(exchange, ControlCommand.RESUME, by)

    def _check_broker(self, whom: str) -> None:
        if not self._messenger.is_connected:
            raise OperatorError(
                f"The message broker cannot be reached, so {whom} cannot be told.",
                remedy="Try again when it is back; GET /healthz says when.",
            )

    def _check_released(self) -> None:
        if self._switch.is_engaged:
            raise refusal(self._switch)

    def _note_subtask(self, exchange: Exchange, who_did: str, did: str, by: str) -> None:
        sentence = f"{who_did} {exchange.device_id}'s subtask {quoted(exchange.subtask.sentence)}."
        self._note(sentence, ("subtask", exchange.subtask_id), did, by, exchange.course.goal_id)

    def _note(
        self,
        sentence: str,
        about: tuple[str, str],
        did: str,
        by: str,
        goal_id: str | None = None,
        *,
        more: Mapping[str, str | None] | None = None,
    ) -> None:
        what, identity = about
        data = {"what": what, "id": identity, "did": did, "by": by, "sentence": sentence, **(more or {})}
        self._ledger.append(EventKind.OPERATOR, data, goal_id=goal_id)

    def _tell_of(
        self,
        exchange: Exchange,
        command: ControlCommand,
        by: str,
        *,
        seconds: float = _COMMAND_EXPIRY_SECONDS,
    ) -> None:
        self._messenger.order(
            exchange.device_id,
            command,
            by=by,
            expiry_seconds=seconds,
            subtask_id=exchange.subtask_id,
        )

    def _tell(self, device_id: str, command: ControlCommand, by: str) -> None:
        self._messenger.order(device_id, command, by=by, expiry_seconds=_COMMAND_EXPIRY_SECONDS)


def unknown_subtask(subtask_id: str) -> InputError:
    """Return the error for a subtask that there is not."""
    return _unknown(
        "subtask_id", subtask_id, "the id of a subtask of a goal", "GET /v1/goals/{goal_id} lists a goal's."
    )


def _unknown(field: str, value: str, allowed: str, remedy: str) -> InputError:
    return InputError(field, value, allowed, code=ErrorCode.NOT_FOUND, remedy=remedy)


def _conflict(field: str, value: str, allowed: str, remedy: str) -> InputError:
    return InputError(field, value, allowed, code=ErrorCode.CONFLICT, remedy=remedy)


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})
