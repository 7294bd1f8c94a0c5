"""The coordinator as a chat model: what OpenAI's clients send and read.

The last user message is the goal; or the answer to a device's question, if the message before it put one.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from coordinator import consent
from coordinator.approvals import Approval
from coordinator.coordinator import Coordinator
from coordinator.goals import GoalView
from coordinator.ledger.events import Event, EventKind
from coordinator.wording import quoted
from protocol.errors import ErrorCode, InputError
from protocol.messages import ReportStatus
from protocol.text import clean_sentence

MODEL = "parley"
_NAME_CHARACTERS = 120


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

    def goal(self) -> str:
        """Return the goal.

        Raises:
            InputError: an unknown model, or no message of the user.
        """
        if self.model != MODEL:
            raise InputError("model", self.model, f"'{MODEL}'", code=ErrorCode.NOT_FOUND)
        for message in reversed(self.messages):
            if message.role == "user":
                return message.text
        raise InputError("messages", "no message of role 'user'", "at least one: the last one is the goal")

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


@dataclass(frozen=True, slots=True)
class Turn:
    """What a chat message leads to: a goal to follow, from an event on, and what is said before anything else.

    `question` is set when it has to be put again, because the message was no answer to it.
    """

    goal_id: str
    after: int = 0
    preface: str = ""
    question: Approval | None = None


def begin(coordinator: Coordinator, request: ChatRequest) -> Turn:
    """Take in the last user message: the answer to the question that the chat put last, or else a goal.

    Raises:
        InputError: an unknown model, no message, a text that is no goal, or a question that is unknown here.
        OperatorError: the goal is not accepted now, or the device could not be told.
    """
    text = request.goal()
    decision = consent.read_answer(text)
    # A "yes" must not become a goal because the question that it answers is not known any more.
    find = coordinator.approvals.find if decision is None else coordinator.approvals.get
    question = consent.asked(request.last_answer(), find)
    if question is None or question.goal_id is None:
        return Turn(coordinator.submit(text).goal_id)
    after = coordinator.last_event(question.goal_id)
    if not coordinator.approvals.is_open(question.approval_id):
        if decision is None:
            return Turn(coordinator.submit(text).goal_id)
        return Turn(question.goal_id, after, question.sentence)
    if decision is None:
        return Turn(question.goal_id, after, consent.HOW_TO_ANSWER, question)
    coordinator.operations.decide(question.approval_id, decision, request.by)
    return Turn(question.goal_id, after)


async def completion(coordinator: Coordinator, turn: Turn) -> dict[str, Any]:
    """Return a finished goal, or the question it waits for, as a chat completion."""
    question = turn.question or await coordinator.wait_for_question(turn.goal_id)
    goal = coordinator.goal(turn.goal_id)
    said = consent.ask(question) if question is not None else goal.answer or ""
    return {
        **_head(goal, "chat.completion"),
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": f"{turn.preface}\n\n{said}" if turn.preface else said,
                },
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": _usage(goal),
    }


async def chunks(coordinator: Coordinator, turn: Turn, *, include_usage: bool) -> AsyncIterator[str]:
    """Stream a goal: a line for each step of the way, an empty line, then the answer or the question it waits for."""
    goal = coordinator.goal(turn.goal_id)
    yield _chunk(goal, {"role": "assistant", "content": ""})
    spoken = bool(turn.preface)
    if spoken:
        yield _chunk(goal, {"content": f"{turn.preface}\n"})
    question = turn.question or _question(coordinator, turn.goal_id)
    if question is None:
        async with aclosing(coordinator.events(turn.goal_id, after=turn.after)) as events:
            async for event in events:
                line = progress(event)
                if line is not None:
                    spoken = True
                    yield _chunk(goal, {"content": f"{line}\n"})
                question = _question(coordinator, turn.goal_id)
                if question is not None:
                    break
    goal = coordinator.goal(turn.goal_id)
    said = consent.ask(question) if question is not None else goal.answer or ""
    yield _chunk(goal, {"content": ("\n" if spoken else "") + said})
    yield _chunk(goal, {}, finish_reason="stop")
    if include_usage:
        body = {**_head(goal, "chat.completion.chunk"), "choices": [], "usage": _usage(goal)}
        yield f"data: {json.dumps(body)}\n\n"
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


def _head(goal: GoalView, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{goal.goal_id}",
        "object": kind,
        "created": int(goal.created_at),
        "model": MODEL,
    }


def _chunk(goal: GoalView, delta: dict[str, str], *, finish_reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return f"data: {json.dumps({**_head(goal, 'chat.completion.chunk'), 'choices': [choice]})}\n\n"


def _usage(goal: GoalView) -> dict[str, Any]:
    """Tokens of the plan and of the devices, as OpenAI's clients read them; beside them, the account that tells them apart."""
    return {
        "prompt_tokens": goal.prompt_tokens,
        "completion_tokens": goal.completion_tokens,
        "total_tokens": goal.prompt_tokens + goal.completion_tokens,
        "parley_account": goal.account.model_dump(mode="json"),
    }
