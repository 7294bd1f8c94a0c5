"""Takes in the messages of chats: works out what each is, does or answers it, and remembers what was said.

The order matters: the answer to a device's question comes first, then that to a question of the coordinator, then what the
message is by itself. What is nothing else is a goal.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from coordinator import consent
from coordinator.approvals import Approval
from coordinator.coordinator import Coordinator
from coordinator.dialogue import amendments, references
from coordinator.dialogue.acts import Act, ActReader, MessageReader, Reading
from coordinator.dialogue.ambiguity import which_device
from coordinator.dialogue.fleet_answers import some
from coordinator.dialogue.floor import Floor
from coordinator.dialogue.handover import Handover
from coordinator.dialogue.inquiry import Inquiry
from coordinator.dialogue.memory import CHATS_KEPT, ChatMemory, ChatTurn, Memories, Mentioned
from coordinator.dialogue.names import Names
from coordinator.dialogue.notices import Notices, preface
from coordinator.dialogue.orders import ACT_OF, Done, Orders, doubt
from coordinator.dialogue.parts import Part, parts_of, rest
from coordinator.dialogue.questions import Choice, OpenQuestion, read_answer
from coordinator.dialogue.small_talk import small_talk
from coordinator.dialogue.turn import Message, Turn
from coordinator.ledger.events import EventKind
from coordinator.wording import quoted
from inference.ports import ModelError
from protocol.errors import ErrorCode

logger = logging.getLogger(__name__)

_RESTORED = 2000
_LEFT = "All right, nothing is done."
_UNHEARD = (
    "The message broker cannot be reached, so what leads the machines on their ways does not know yet what is out of use and"
    " who is to stand. It is told as soon as the broker is back."
)


class Dialogue:
    """The chats of one coordinator.

    Args:
        coordinator: open, or opened before the first message.
        reader: tells what a message is; without one every message is a goal or the answer to a question.
    """

    def __init__(self, coordinator: Coordinator, reader: MessageReader | None = None) -> None:
        self._coordinator = coordinator
        self._reader = reader
        self._names = Names(coordinator.site.entities)
        self._orders = Orders(coordinator, self._names)
        self._handover = Handover(coordinator, self._names)
        zone = ZoneInfo(coordinator.settings.time_zone)
        self._floor = Floor(coordinator, self._names, zone)
        self._inquiry = Inquiry(coordinator, self._names, zone)
        self._notices = Notices(coordinator)
        self._memories = Memories(coordinator.ledger.of_kind(EventKind.CHAT_TURN, limit=_RESTORED))
        self._locks: OrderedDict[str, asyncio.Lock] = OrderedDict()

    async def take(self, message: Message) -> Turn:
        """Take in one message. When this returns, what it led to is on disk.

        Raises:
            InputError: the text is no goal, or an answer to a question that is unknown here.
            OperatorError: a goal is not accepted now, or a device could not be told.
        """
        async with self._lock(message.chat_id):
            memory = self._memories.of(message.chat_id)
            if message.is_first:
                memory = self._memories.forget(message.chat_id)
            last = memory.last
            told = self._notices.since(message.chat_id, last.seq) if last is not None else []
            self._names.learn(self._coordinator.devices())
            turn = await self._begin(message, memory)
            await self._coordinator.durable()
            unheard = "" if await self._coordinator.traffic_told() else _UNHEARD
        intro = "\n".join(part for part in (preface(told), unheard, turn.preface) if part)
        return Turn(turn.chat_id, turn.text, turn.goal_id, turn.after, intro, turn.question)

    def news(self, chat_id: str) -> list[str]:
        """Return what standing goals have to tell a chat that it has not been told."""
        last = self._memories.of(chat_id).last
        return [] if last is None else self._notices.since(chat_id, last.seq)

    async def _begin(self, message: Message, memory: ChatMemory) -> Turn:  # noqa: C901, PLR0911, PLR0912 - one line of thought, in its order
        reading = await self._read(message.text)
        answered = self._consent(message, reading)
        if answered is not None:
            return answered
        asked = memory.question
        if asked is not None and (answer := read_answer(asked, message.text)) is not None:
            return await self._answered(message, memory, asked, answer.value)
        if (amended := self._amended(message, memory)) is not None:
            return amended
        if self._reader is not None and not reading.act.is_question:
            stranger = self._names.stranger(message.text)
            if stranger is not None:
                # Another one must not do what was meant for it.
                said = f"I do not know {stranger[0]}. I know {some(stranger[1])}."
                return self._say(message, memory, reading.act, said)
        parts = await self._parts(message.text)
        if len(parts) > 1 and (several := await self._several(message, memory, parts)) is not None:
            return several
        floor = self._floor.take(reading, message.text, memory, message.by)
        if floor is not None:
            return self._finish(message, memory, reading.act, floor)
        if reading.act.is_question:
            found = await self._answer(reading.act, message, memory)
            if found is not None:
                return found
        elif reading.act is Act.SMALL_TALK:
            return self._say(message, memory, reading.act, small_talk(message.text))
        elif reading.act is Act.REASSIGN:
            done = await self._handover.carry_out(message.text, memory, message.by)
            if done is not None:
                return self._finish(message, memory, reading.act, done)
        elif reading.act.is_order:
            done = await self._orders.carry_out(reading.act, message.text, memory, message.by)
            if done is not None:
                return self._finish(message, memory, reading.act, done)
        elif reading.likeliest in {Act.STOP, Act.PAUSE, Act.RESUME}:
            question = await self._doubt(reading.likeliest, message, memory)
            if question is not None:
                return self._ask(message, memory, reading.likeliest, question)
        return await self._goal(message, memory, message.text)

    async def _read(self, text: str) -> Reading:
        if self._reader is None or not text.strip():
            return Reading(Act.GOAL, Act.GOAL, 0.0)
        try:
            return await asyncio.to_thread(self._reader.read, text)
        except ModelError as error:
            logger.warning("A message is taken for a goal, because it cannot be read: %s", error)
            return Reading(Act.GOAL, Act.GOAL, 0.0)

    def _amended(self, message: Message, memory: ChatMemory) -> Turn | None:
        """Give the last goal anew as a message corrects or completes it; None where it does neither."""
        last = memory.last
        if self._reader is None or last is None or last.goal is None or last.goal_id is None:
            return None
        goal = self._coordinator.goal(last.goal_id)
        text = amendments.corrected(message.text, last.goal, self._names)
        if text is None and goal.error_code is ErrorCode.NEEDS_CLARIFICATION:
            entities = self._coordinator.site.entities
            text = amendments.clarified(message.text, last.goal, self._names, entities)
        if text is None:
            return None
        cancelled = ""
        if not goal.is_final:
            self._coordinator.operations.cancel_goal(goal.goal_id, message.by)
            cancelled = f"{quoted(goal.goal)} is cancelled.\n"
        turn = self._submit(message, memory, text)
        return replace(turn, preface=f"{cancelled}{turn.preface}")

    async def _parts(self, text: str) -> list[Part]:
        """Cut a message into what is asked and what is to be done, unless all of it is bound to times or conditions."""
        if self._reader is None:
            return []
        try:
            parts = await asyncio.to_thread(parts_of, text, self._reader.read)
        except ModelError:
            return []
        is_bound = (
            len(parts) > 1 and await asyncio.to_thread(self._coordinator.standing.read, text) is not None
        )
        return [] if is_bound else parts

    async def _several(self, message: Message, memory: ChatMemory, parts: list[Part]) -> Turn | None:
        """Answer what a message asks of the records, and give the rest as a goal; None where they answer nothing of it."""
        said: dict[Part, str] = {}
        for part in parts:
            asked = replace(message, text=part.of(message.text), is_first=message.is_first and not said)
            turn = await self._answer(part.act, asked, memory) if part.act.is_question else None
            if turn is not None:
                said[part] = turn.text or ""
        if not said:
            return None
        left = rest(message.text, parts, said)
        if not left:
            return Turn(message.chat_id, text="\n".join(said.values()))
        goal = await self._goal(replace(message, text=left, is_first=False), memory, left)
        return replace(goal, preface="\n".join(part for part in (*said.values(), goal.preface) if part))

    # Answers of people

    def _consent(self, message: Message, reading: Reading) -> Turn | None:
        """Take a message as the answer to the device's question that the chat ended with; None when it is none."""
        decision = consent.read_answer(message.text)
        approvals = self._coordinator.approvals
        # A "yes" must not become a goal because the question that it answers is not known any more.
        find = approvals.find if decision is None else approvals.get
        question: Approval | None = consent.asked(message.before, find)
        if question is None or question.goal_id is None:
            return None
        after = self._coordinator.last_event(question.goal_id)
        if not approvals.is_open(question.approval_id):
            if decision is None:
                return None
            return Turn(message.chat_id, goal_id=question.goal_id, after=after, preface=question.sentence)
        if decision is None:
            if reading.act.is_order or reading.act.is_question:
                return None
            return Turn(
                message.chat_id,
                goal_id=question.goal_id,
                after=after,
                preface=consent.HOW_TO_ANSWER,
                question=question,
            )
        self._coordinator.operations.decide(question.approval_id, decision, message.by)
        return Turn(message.chat_id, goal_id=question.goal_id, after=after)

    async def _answered(  # noqa: PLR0911 - an end for each sort of question
        self, message: Message, memory: ChatMemory, asked: OpenQuestion, value: str | None
    ) -> Turn:
        """Go on with what a question of the coordinator was about."""
        if value is None:
            return self._say(message, memory, Act.SMALL_TALK, _LEFT)
        is_no = asked.is_yes_no and len(asked.choices) > 1 and value == asked.choices[1].value
        if asked.purpose == "goal" or is_no:
            text = value if is_no else asked.template.replace("{}", value)
            return await self._goal(message, memory, text, is_first=False)
        if asked.purpose == "standing_answer":
            view = self._coordinator.standing.answer(value, asked.template, message.by)
            text = f"From now on this is done for {quoted(view.text)}: {quoted(asked.template)}."
            return self._say(message, memory, Act.GOAL, text, standing_id=view.standing_id)
        if asked.purpose == "reassign":
            if asked.is_yes_no:
                return self._finish(message, memory, Act.REASSIGN, Done(handover=value))
            done = await self._handover.take_over(value, memory, message.by)
            return self._finish(message, memory, Act.REASSIGN, done)
        if asked.purpose in {"close", "reopen", "go_on"}:
            done = self._floor.answered(asked.purpose, value, message.by)
            return self._finish(message, memory, Act.GOAL, done)
        act = ACT_OF[asked.purpose]
        return self._finish(
            message, memory, act, self._orders.apply(act, self._orders.target(value), message.by)
        )

    # Questions and orders

    async def _answer(self, act: Act, message: Message, memory: ChatMemory) -> Turn | None:
        try:
            if await self._inquiry.is_for_devices(act, message.text, memory):
                return None
            found = await self._inquiry.answer(act, message.text, memory)
        except ModelError as error:
            logger.warning("A question is left to the devices: %s", error)
            return None
        if found is None:
            return None
        return self._say(message, memory, act, found.text, about=found.goal_id, mentions=found.mentions)

    async def _doubt(self, act: Act, message: Message, memory: ChatMemory) -> OpenQuestion | None:
        """Ask whether something that is under way is meant, where that may be; None where nothing of it is."""
        found = await self._orders.find(act, message.text, memory)
        return doubt(act, found.targets[0], message.text) if len(found.targets) == 1 else None

    def _finish(self, message: Message, memory: ChatMemory, act: Act, done: Done) -> Turn:
        """Say what an order came to, and follow the goal that it leads to."""
        if done.question is not None:
            return self._ask(message, memory, act, done.question, about=done.about)
        if done.submit is not None:
            return self._submit(message, memory, done.submit, act=act)
        if done.handover is not None:
            goal_id = self._handover.give(done.handover, message.by, message.chat_id)
            goal = self._coordinator.goal(goal_id)
            self._note(memory, _turn(message, act, goal=goal.goal, goal_id=goal_id))
            text = " ".join(
                part for part in (done.text, f"Another one is asked: {quoted(goal.goal)}.") if part
            )
            return Turn(message.chat_id, goal_id=goal_id, preface=text)
        if done.goal_id is None:
            return self._say(
                message,
                memory,
                act,
                done.text,
                about=done.about,
                standing_id=done.standing_id,
                standstill_id=done.standstill_id,
                mentions=done.mentions,
            )
        self._note(memory, _turn(message, act, goal_id=done.goal_id))
        # What was recorded before was told to the one who gave the goal.
        return Turn(message.chat_id, goal_id=done.goal_id, after=self._coordinator.last_event(done.goal_id))

    # Goals

    async def _goal(  # noqa: PLR0911 - each question is an end
        self, message: Message, memory: ChatMemory, text: str, *, is_first: bool = True
    ) -> Turn:
        """Give a goal, once, or again and again; or ask what is meant."""
        request = await asyncio.to_thread(self._coordinator.standing.read, text)
        if request is not None:
            if request.question is not None:
                shown = (
                    f" For example: {'; '.join(map(quoted, request.suggestions[:3]))}."
                    if request.suggestions
                    else ""
                )
                return self._say(message, memory, Act.GOAL, f"{request.question}{shown}")
            view = self._coordinator.standing.accept(request, by=message.by, chat_id=message.chat_id)
            said = " ".join(part for part in (view.confirmation, view.question) if part)
            return self._say(message, memory, Act.GOAL, said, standing_id=view.standing_id)
        if self._reader is None:
            return self._submit(message, memory, text)
        if is_first and (question := self._for_standing(message.chat_id, text)) is not None:
            return self._ask(message, memory, Act.GOAL, question)
        resolved = references.resolve(text, memory, self._names, self._coordinator.site.entities)
        if isinstance(resolved, OpenQuestion):
            return self._ask(message, memory, Act.GOAL, resolved)
        question_or_text = which_device(resolved.text, self._coordinator.kinds(), memory)
        if isinstance(question_or_text, OpenQuestion):
            return self._ask(message, memory, Act.GOAL, question_or_text)
        return self._submit(message, memory, question_or_text)

    def _for_standing(self, chat_id: str, text: str) -> OpenQuestion | None:
        """Ask whether a message answers what a standing goal of this chat has asked; None where none asks."""
        asking = [
            view for view in self._coordinator.standing.list() if view.question and view.chat_id == chat_id
        ]
        if len(asking) != 1:
            return None
        return OpenQuestion(
            text=f"Is that what I shall do for {quoted(asking[0].text)}? Otherwise I take it for a new goal.",
            choices=(Choice(label="yes", value=asking[0].standing_id), Choice(label="no", value=text)),
            purpose="standing_answer",
            is_yes_no=True,
            template=text,
        )

    def _submit(self, message: Message, memory: ChatMemory, text: str, *, act: Act = Act.GOAL) -> Turn:
        goal = self._coordinator.submit(text, by=message.by, chat_id=message.chat_id)
        mentions = references.mentions_of(goal.goal, self._names)
        self._note(
            memory,
            _turn(message, act, goal=goal.goal, goal_id=goal.goal_id, mentions=mentions),
        )
        shown = "" if text == message.text else f"Understood: {quoted(goal.goal)}."
        return Turn(message.chat_id, goal_id=goal.goal_id, preface=shown)

    # Saying and remembering

    def _say(
        self,
        message: Message,
        memory: ChatMemory,
        act: Act,
        text: str,
        *,
        about: str | None = None,
        standing_id: str | None = None,
        standstill_id: str | None = None,
        mentions: tuple[Mentioned, ...] = (),
    ) -> Turn:
        turn = _turn(
            message,
            act,
            reply=text,
            goal_id=about,
            standing_id=standing_id,
            standstill_id=standstill_id,
            mentions=mentions,
        )
        self._note(memory, turn)
        return Turn(message.chat_id, text=text)

    def _ask(
        self,
        message: Message,
        memory: ChatMemory,
        act: Act,
        question: OpenQuestion,
        *,
        about: str | None = None,
        standing_id: str | None = None,
    ) -> Turn:
        text = question.ask()
        turn = _turn(message, act, reply=text, question=question, goal_id=about, standing_id=standing_id)
        self._note(memory, turn)
        return Turn(message.chat_id, text=text)

    def _note(self, memory: ChatMemory, turn: ChatTurn) -> None:
        event = self._coordinator.ledger.append(EventKind.CHAT_TURN, turn.stored())
        memory.add(ChatTurn.model_validate({**event.data, "seq": event.seq}))

    def _lock(self, chat_id: str) -> asyncio.Lock:
        """Return what keeps two messages of one chat apart; that of a chat that nobody uses is forgotten."""
        lock = self._locks.pop(chat_id, None) or asyncio.Lock()
        self._locks[chat_id] = lock
        if len(self._locks) > CHATS_KEPT:
            free = next((one for one, other in self._locks.items() if not other.locked()), None)
            if free is not None:
                del self._locks[free]
        return lock


def open_dialogue(coordinator: Coordinator, reader: MessageReader | None = None) -> Dialogue:
    """Open the chats of a coordinator, with the reader that ships for its encoder unless another is given.

    Without an encoder every message is a goal.
    """
    if reader is None and coordinator.encoder is not None:
        try:
            reader = ActReader.open(coordinator.encoder)
        except ModelError as error:
            logger.warning("Every message of a chat is taken for a goal: %s", error)
    return Dialogue(coordinator, reader)


def _turn(message: Message, act: Act, **more: Any) -> ChatTurn:
    """Begin what is remembered of a message."""
    return ChatTurn(
        chat_id=message.chat_id, said=message.text, by=message.by, act=act, is_new=message.is_first, **more
    )
