"""What was said in each browser tab: it outlives its page, so that whoever looks at a goal and comes back finds it again."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, field

from dashboard.api import Api, ApiError
from dashboard.html import escaped

WHO = "someone at the dashboard"
CHAT_ID = re.compile(r"chat-[0-9a-f]{12,32}")
_KEPT_CONVERSATIONS = 200
_KEPT_EXCHANGES = 100
_SENT_MESSAGES = 20


@dataclass(slots=True)
class Exchange:
    """What a person said, and what was heard of the answer so far."""

    said: str
    heard: str = ""
    is_over: bool = False

    @property
    def steps(self) -> str:
        """The lines that were told on the way."""
        return self._parts[0]

    @property
    def answer(self) -> str:
        """The answer itself, as far as it has come."""
        return self._parts[1]

    @property
    def _parts(self) -> tuple[str, str]:
        """Lines that end are steps on the way; the answer comes last, after an empty line where there are any."""
        steps, gap, answer = self.heard.rpartition("\n\n")
        if not gap and not self.is_over:
            steps, _, answer = self.heard.rpartition("\n")
        return steps, answer


@dataclass(slots=True)
class Conversation:
    """One conversation with the site.

    Attributes:
        chat_id: its name at the coordinator.
        exchanges: what was said, oldest first.
        version: grows with every piece that is heard.
    """

    api: Api
    chat_id: str
    exchanges: list[Exchange] = field(default_factory=list)
    version: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def say(self, text: str) -> asyncio.Task[None]:
        """Say something; the task ends with the answer. More can be said before that."""
        exchange = Exchange(text)
        messages = [
            message
            for one in self.exchanges[-_SENT_MESSAGES:]
            for message in (
                {"role": "user", "content": one.said},
                {"role": "assistant", "content": one.answer},
            )
        ]
        self.exchanges = [*self.exchanges[-_KEPT_EXCHANGES:], exchange]
        self.version += 1
        task = asyncio.create_task(self._hear(exchange, [*messages, {"role": "user", "content": text}]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _hear(self, exchange: Exchange, messages: list[dict[str, str]]) -> None:
        try:
            async for piece in self.api.chat(messages, chat_id=self.chat_id, by=WHO):
                exchange.heard += piece
                self.version += 1
        except ApiError as error:
            exchange.heard = f"{exchange.heard}\n\n{error}".strip()
        finally:
            exchange.is_over = True
            self.version += 1


class Conversations:
    """Every tab's conversation; the oldest are forgotten first."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: OrderedDict[str, Conversation] = OrderedDict()

    def of(self, chat_id: str) -> Conversation:
        """Return the conversation of that name, a new one where there is none.

        Raises:
            ValueError: no tab names its conversation so.
        """
        if CHAT_ID.fullmatch(chat_id) is None:
            raise ValueError(chat_id)
        conversation = self._known.setdefault(chat_id, Conversation(self._api, chat_id))
        self._known.move_to_end(chat_id)
        while len(self._known) > _KEPT_CONVERSATIONS:
            self._known.popitem(last=False)
        return conversation


def messages(conversation: Conversation) -> str:
    """Return a conversation as HTML."""
    return "".join(_exchange(number, exchange) for number, exchange in enumerate(conversation.exchanges))


def _exchange(number: int, exchange: Exchange) -> str:
    waiting = "" if exchange.answer or exchange.is_over else '<span class="quiet">…</span>'
    return (
        f'<div class="message mine" data-key="q{number}"><span class="visually-hidden">You: </span>'
        f'{escaped(exchange.said)}</div><div class="message theirs" data-key="a{number}">'
        f'<span class="visually-hidden">Site: </span>{_steps(exchange)}{waiting}'
        f'<span class="answer" data-key="answer">{escaped(exchange.answer)}</span></div>'
    )


def _steps(exchange: Exchange) -> str:
    """Return the steps on the way: in sight while they happen, folded behind their number afterwards."""
    if not exchange.steps:
        return ""
    if not exchange.is_over:
        return f'<span class="steps" data-key="under way">{escaped(exchange.steps)}</span>'
    count = len(exchange.steps.splitlines())
    return (
        f'<details data-key="steps"><summary>{count} step{"" if count == 1 else "s"} on the way</summary>'
        f'<span class="steps">{escaped(exchange.steps)}</span></details>'
    )
