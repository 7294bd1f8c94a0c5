"""Takes a device out of service and gives its work to another one, where that does no harm."""

from __future__ import annotations

import asyncio

from coordinator.coordinator import Coordinator
from coordinator.dialogue.memory import ChatMemory
from coordinator.dialogue.names import Names
from coordinator.dialogue.orders import Done
from coordinator.dialogue.past import Past, Work, is_open
from coordinator.dialogue.questions import Choice, OpenQuestion
from coordinator.ledger.events import EventKind
from coordinator.records import ExecutionRecord, Outcome
from coordinator.wording import amount, listing, quoted
from inference.plan import PlanStep
from transport.clock import within

_STOPS_SECONDS = 10.0
_TELLS_SECONDS = 1.5
_SEPARATOR = "\n"
# Ended without doing its work, as the device itself or the coordinator knows for certain.
_NOT_DONE = frozenset({Outcome.CANCELLED, Outcome.NOT_EXECUTABLE, Outcome.SUPERSEDED, Outcome.SKIPPED})


class Handover:
    """Gives a device's work to others.

    Args:
        coordinator: stops the one and tells the other.
        names: of the site.
    """

    def __init__(self, coordinator: Coordinator, names: Names) -> None:
        self._coordinator = coordinator
        self._names = names
        self._past = Past(coordinator)

    async def carry_out(self, text: str, memory: ChatMemory, by: str) -> Done | None:
        """Take the device that is meant out of service and hand its work over; None where no device is meant.

        Raises:
            OperatorError: the broker cannot be reached.
        """
        device_id, question = self._device(text, memory)
        if question is not None:
            return Done(question=question)
        return None if device_id is None else await self.take_over(device_id, memory, by)

    async def take_over(self, device_id: str, memory: ChatMemory, by: str) -> Done:
        """Take a device out of service, and give its work to another one if it is certain that it was not done."""
        operations = self._coordinator.operations
        at_work = self._past.at_work().get(device_id)
        is_first = operations.paused_by(device_id) is None
        if is_first:
            operations.pause_device(device_id, by)
        carried = await self._carried(device_id, is_fresh=not is_first) if at_work is not None else None
        if at_work is not None and carried is not None:
            return self._keep(device_id, at_work[1].sentence, carried, at_work[0].goal_id, by)
        out = f"{device_id} gets no more work until someone lets it go on."
        if at_work is None:
            work = self._last_failed(device_id, memory)
            if work is None:
                return Done(f"{out} It was at nothing.")
            return self._decide(out, device_id, work.record, work.goal.goal_id)
        goal, subtask = at_work
        if self._coordinator.device(device_id).is_online:
            operations.hand_over(device_id, by)
        record = await self._end_of(goal.goal_id, subtask.subtask_id or "")
        if record is None:
            return Done(question=self._ask(out, device_id, subtask.sentence), about=goal.goal_id)
        return self._decide(out, device_id, record, goal.goal_id)

    def _keep(self, device_id: str, sentence: str, carried: str, goal_id: str, by: str) -> Done:
        """Have a device that carries something stand with it: nobody else can do that work; what waits for it goes to others."""
        self._coordinator.operations.keep_work(device_id, by)
        return Done(
            f"{device_id} stands still and gets no more work. It carries {carried}, so nobody else can do"
            f" {quoted(sentence)}: that stays with it and goes on when you say that {device_id} works again."
            " What only waited for it goes to others.",
            about=goal_id,
        )

    async def _carried(self, device_id: str, *, is_fresh: bool) -> str | None:
        """Say how much a device tells that it carries; None where it carries nothing, as far as is known.

        Args:
            device_id: whom.
            is_fresh: whether it was paused long ago. Just paused, it looks at once, and is given a moment to tell.
        """
        load = self._load(device_id)
        if load is None and not is_fresh and "load" in self._coordinator.device(device_id).attributes:
            await self._news_of(device_id)
            load = self._load(device_id)
        return load

    def _load(self, device_id: str) -> str | None:
        """Say what a device told last that it carries; None for nothing."""
        load = self._coordinator.device(device_id).attributes.get("load")
        if load is None or isinstance(load.value, bool) or not isinstance(load.value, int | float):
            return None
        return amount(load.value, load.unit) if load.value > 0 else None

    async def _news_of(self, device_id: str) -> None:
        told = asyncio.Event()
        stop = self._coordinator.on_attributes(
            lambda device: told.set() if device.device_id == device_id else None
        )
        try:
            await within(self._coordinator.clock, _TELLS_SECONDS, told.wait())
        except TimeoutError:
            pass  # nothing has changed since it told last
        finally:
            stop()

    def give(self, value: str, by: str, chat_id: str) -> str:
        """Give work, as `_ask` has written it down, to another device; returns the goal's id."""
        kind, _, sentence = value.partition(_SEPARATOR)
        step = PlanStep("one", sentence, kind=kind)
        return self._coordinator.submit(sentence, by=by, chat_id=chat_id, steps=(step,)).goal_id

    def _decide(self, out: str, device_id: str, record: ExecutionRecord, goal_id: str) -> Done:
        if record.is_reassigned:
            return Done(
                f"{out} {quoted(record.sentence)} was called back and goes to another one.", about=goal_id
            )
        if record.outcome is Outcome.COMPLETED:
            text = f"{out} It had done {quoted(record.sentence)} before, so there is nothing to hand over."
            return Done(text, about=goal_id)
        if record.is_unknown or (record.outcome not in _NOT_DONE and not record.is_repeatable):
            return Done(question=self._ask(out, device_id, record.sentence), about=goal_id)
        return Done(out, handover=self._value(device_id, record.sentence), about=goal_id)

    def _ask(self, out: str, device_id: str, sentence: str) -> OpenQuestion:
        return OpenQuestion(
            text=f"{out} It is not certain how much of {quoted(sentence)} it has done. Shall another one do it all the same?",
            choices=(Choice(label="yes", value=self._value(device_id, sentence)),),
            purpose="reassign",
            is_yes_no=True,
        )

    def _value(self, device_id: str, sentence: str) -> str:
        return f"{self._names.kind_of(device_id)}{_SEPARATOR}{sentence}"

    def _device(self, text: str, memory: ChatMemory) -> tuple[str | None, OpenQuestion | None]:
        named = [one.name for one in self._names.mentions(text) if one.sort == "device"]
        if named:
            return named[0], None
        spoken = [one.name for one in memory.mentioned() if one.sort == "device"]
        goals = memory.goal_ids()
        at_work = [
            subtask.device_id
            for goal in self._past.under_way()
            if not goals or goal.goal_id in goals
            for subtask in goal.subtasks
            if subtask.device_id is not None and is_open(subtask)
        ]
        if len(at_work) == 1:
            return at_work[0], None
        if at_work:
            return None, OpenQuestion(
                text=f"Which device do you mean? At work are {listing(at_work[:6])}.",
                choices=tuple(Choice(label=one, value=one) for one in at_work[:6]),
                purpose="reassign",
            )
        return (spoken[0] if spoken else None), None

    def _last_failed(self, device_id: str, memory: ChatMemory) -> Work | None:
        """Return the work that this chat saw a device fail at last."""
        goals = memory.goal_ids()[:1]
        return next(
            (
                work
                for work in self._past.works(lambda record: record.device_id == device_id)
                if work.goal.goal_id in goals
                and work.record.outcome is not Outcome.COMPLETED
                and not work.record.is_reassigned
            ),
            None,
        )

    async def _end_of(self, goal_id: str, subtask_id: str) -> ExecutionRecord | None:
        try:
            return await within(self._coordinator.clock, _STOPS_SECONDS, self._wait(goal_id, subtask_id))
        except TimeoutError:
            return None

    async def _wait(self, goal_id: str, subtask_id: str) -> ExecutionRecord | None:
        async for event in self._coordinator.events(goal_id):
            if event.kind is EventKind.SUBTASK_ENDED and event.data.get("subtask_id") == subtask_id:
                return ExecutionRecord.model_validate(event.data)
        return None
