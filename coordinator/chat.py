"""The coordinator as a chat model: what OpenAI's clients send and read.

The last user message is what the person says now; what it means is worked out in `coordinator.dialogue`. A conversation has an
id: the field `chat_id` or the header `X-Chat-Id`, else one that is derived from who writes and how it began.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from coordinator import consent
from coordinator.approvals import Approval
from coordinator.coordinator import Coordinator
from coordinator.dialogue.dialogue import Dialogue
from coordinator.dialogue.notices import preface
from coordinator.dialogue.turn import Message, Turn, derived_chat_id, given_chat_id
from coordinator.goals import GoalView
from coordinator.ledger.events import Event, EventKind
from coordinator.wording import quoted
from protocol.errors import ErrorCode, InputError
from protocol.messages import ReportStatus
from protocol.text import clean_sentence

MODEL = "parley"
_NAME_CHARACTERS = 120
_CHUNK = "chat.completion.chunk"
_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class TextPart(BaseModel):
    """One part of a message; only text is understood."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """One message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """The message as plain text."""
        if isinstance(self.content, list):
            return " ".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream is to hold besides text."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A chat completion. Sampling options are accepted and have no effect: a fleet is not sampled."""

    model_config = ConfigDict(extra="ignore")

    model: str = MODEL
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None
    user: str | None = None
    n: Literal[1] = 1
    chat_id: str | None = None

    def goal(self) -> str:
        """Return what the person says now.

        Raises:
            InputError: an unknown model, or no message of the user.
        """
        if self.model != MODEL:
            raise InputError("model", self.model, f"'{MODEL}'", code=ErrorCode.NOT_FOUND)
        for message in reversed(self.messages):
            if message.role == "user":
                return message.text
        raise InputError("messages", "no message of role 'user'", "at least one: the last one is the goal")

    def message(self, chat_id: str | None = None) -> Message:
        """Return the newest message with the conversation that it belongs to.

        Args:
            chat_id: what the header says; the field comes first.

        Raises:
            InputError: an unknown model, no message of the user, or a chat id that cannot be used.
        """
        text = self.goal()
        said = [message.text for message in self.messages if message.role == "user"]
        given = self.chat_id or chat_id
        identity = given_chat_id(given) if given else derived_chat_id(self.by, said[0])
        # Under an id of its own a client may send the newest message alone.
        return Message(identity, text, self.by, self.last_answer(), is_first=not given and len(said) == 1)

    def last_answer(self) -> str:
        """Return what the chat said last, before the last message of the user; empty when it said nothing."""
        said = ""
        answer = ""
        for message in self.messages:
            if message.role == "assistant":
                said = message.text
            elif message.role == "user":
                answer = said
        return answer

    @property
    def by(self) -> str:
        """Who writes, as far as the client tells."""
        return clean_sentence(self.user or "", _NAME_CHARACTERS) or "someone in the chat"


def model_list() -> dict[str, Any]:
    """Return the answer to `GET /v1/models`."""
    return {
        "object": "list",
        "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "parley"}],
    }


async def completion(coordinator: Coordinator, turn: Turn) -> dict[str, Any]:
    """Return what was said at once, a finished goal, or the question it waits for, as a chat completion."""
    if turn.goal_id is None:
        return _whole(_head(coordinator, turn), _joined(turn.preface, turn.text or ""), _NO_TOKENS)
    question = turn.question or await coordinator.wait_for_question(turn.goal_id)
    await coordinator.durable()
    goal = coordinator.goal(turn.goal_id)
    said = consent.ask(question) if question is not None else goal.answer or ""
    return _whole(_head(coordinator, turn), _joined(turn.preface, said), _usage(goal))


async def chunks(
    coordinator: Coordinator, dialogue: Dialogue, turn: Turn, *, include_usage: bool
) -> AsyncIterator[str]:
    """Stream a turn: a line for each step of the way, an empty line, then the answer or the question it waits for.

    What standing goals have to tell meanwhile stands between the lines.
    """
    head = _head(coordinator, turn)
    yield _chunk(head, {"role": "assistant", "content": ""})
    if turn.goal_id is None:
        said, usage = _joined(turn.preface, turn.text or ""), _NO_TOKENS
    else:
        spoken = bool(turn.preface)
        if spoken:
            yield _chunk(head, {"content": f"{turn.preface}\n"})
        question = turn.question or _question(coordinator, turn.goal_id)
        if question is None:
            async with aclosing(coordinator.events(turn.goal_id, after=turn.after)) as events:
                async for event in events:
                    news = preface(dialogue.news(turn.chat_id))
                    for line in (progress(event), news):
                        if line:
                            spoken = True
                            await coordinator.durable()
                            yield _chunk(head, {"content": f"{line}\n"})
                    question = _question(coordinator, turn.goal_id)
                    if question is not None:
                        break
        await coordinator.durable()
        goal = coordinator.goal(turn.goal_id)
        answer = consent.ask(question) if question is not None else goal.answer or ""
        said, usage = ("\n" if spoken else "") + answer, _usage(goal)
    yield _chunk(head, {"content": said})
    yield _chunk(head, {}, finish_reason="stop")
    if include_usage:
        yield f"data: {json.dumps({**head, 'object': _CHUNK, 'choices': [], 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


def _question(coordinator: Coordinator, goal_id: str) -> Approval | None:
    """Return the oldest question that a goal waits for."""
    return next(iter(coordinator.approvals.open(goal_id)), None)


def progress(event: Event) -> str | None:
    """Say one event as a line for people; None for those not worth one."""
    data = event.data
    match event.kind:
        case EventKind.SUBTASK_SENT:
            return f"Sent to {data['device_id']}: {data['sentence']}"
        case EventKind.SUBTASK_ENDED if data["said"]:
            return f"{data['device_id']}: {data['said']}"
        case EventKind.SUBTASK_ENDED:
            reason = str(data["reason"])
            return f"{reason[:1].upper()}{reason[1:]}." if data["device_id"] is None else f"{reason}."
        case EventKind.REPORT if data["status"] == ReportStatus.PAUSED:
            return f"{data['device_id']} is paused: {quoted(data['sentence'])}."
        case EventKind.APPROVAL_ENDED | EventKind.OPERATOR:
            return str(data["sentence"])
        case _:
            return None


def _joined(intro: str, said: str) -> str:
    return f"{intro}\n\n{said}" if intro else said


def _head(coordinator: Coordinator, turn: Turn) -> dict[str, Any]:
    if turn.goal_id is None:
        identity, created = uuid.uuid4().hex, coordinator.clock.now()
    else:
        identity, created = turn.goal_id, coordinator.goal(turn.goal_id).created_at
    return {"id": f"chatcmpl-{identity}", "created": int(created), "model": MODEL, "chat_id": turn.chat_id}


def _whole(head: dict[str, Any], said: str, usage: dict[str, int]) -> dict[str, Any]:
    message = {"role": "assistant", "content": said}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage}


def _chunk(head: dict[str, Any], delta: dict[str, str], *, finish_reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return f"data: {json.dumps({**head, 'object': _CHUNK, 'choices': [choice]})}\n\n"


def _usage(goal: GoalView) -> dict[str, Any]:
    """Tokens of the plan and of the devices, as OpenAI's clients read them; beside them, the account that tells them apart."""
    return {
        "prompt_tokens": goal.prompt_tokens,
        "completion_tokens": goal.completion_tokens,
        "total_tokens": goal.prompt_tokens + goal.completion_tokens,
        "parley_account": goal.account.model_dump(mode="json"),
    }
