"""The coordinator as a chat model: what OpenAI's clients send and read. The last user message is the goal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from coordinator.coordinator import Coordinator
from coordinator.goals import GoalView
from coordinator.journal import Event, EventKind
from protocol.errors import ErrorCode, InputError

MODEL = "parley"


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


def model_list() -> dict[str, Any]:
    """Return the answer to `GET /v1/models`."""
    return {
        "object": "list",
        "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "parley"}],
    }


def completion(goal: GoalView) -> dict[str, Any]:
    """Return a finished goal as a chat completion."""
    return {
        **_head(goal, "chat.completion"),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": goal.answer or ""},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": _usage(goal),
    }


async def chunks(coordinator: Coordinator, goal_id: str, *, include_usage: bool) -> AsyncIterator[str]:
    """Stream a goal: a line for each step of the way, an empty line, then the answer."""
    goal = coordinator.goal(goal_id)
    yield _chunk(goal, {"role": "assistant", "content": ""})
    spoken = False
    async for event in coordinator.events(goal_id):
        line = progress(event)
        if line is not None:
            spoken = True
            yield _chunk(goal, {"content": f"{line}\n"})
    goal = coordinator.goal(goal_id)
    yield _chunk(goal, {"content": ("\n" if spoken else "") + (goal.answer or "")})
    yield _chunk(goal, {}, finish_reason="stop")
    if include_usage:
        body = {**_head(goal, "chat.completion.chunk"), "choices": [], "usage": _usage(goal)}
        yield f"data: {json.dumps(body)}\n\n"
    yield "data: [DONE]\n\n"


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


def _usage(goal: GoalView) -> dict[str, int]:
    """Tokens of the planning model; the devices' own models do not report theirs."""
    return {
        "prompt_tokens": goal.prompt_tokens,
        "completion_tokens": goal.completion_tokens,
        "total_tokens": goal.prompt_tokens + goal.completion_tokens,
    }
