"""The chat: what a person says, and what the site answers, piece by piece."""

from __future__ import annotations

import uuid
from functools import partial

from nicegui import ui

from dashboard.api import ApiError
from dashboard.context import Context
from dashboard.frame import WHO, button
from dashboard.html import escaped

_REMEMBERED_MESSAGES = 40
EXAMPLES = ("Please check if there are vacant spaces on the shelves.", "Which robots are free?")


class Chat:
    """One person's conversation with the site, for as long as the page is open."""

    def __init__(self, context: Context) -> None:
        self._api = context.api
        self._chat_id = f"chat-{uuid.uuid4().hex[:12]}"
        self._messages: list[dict[str, str]] = []

    def build(self) -> None:
        """Add the panel."""
        with ui.element("section").classes("card").props('id="chat" aria-labelledby="chat-title"'):
            ui.html('<h2 id="chat-title">Say what should be done</h2>', sanitize=False)
            self._list = ui.element("div").classes("messages")
            self._list.props('role="log" aria-live="polite" tabindex="0" aria-label="Conversation"')
            with self._list:
                self._hint = ui.element("div").classes("buttons")
                with self._hint:
                    for example in EXAMPLES:
                        button(example, partial(self.say, example))
            with ui.element("div").classes("ask"):
                self._input = (
                    ui.input(placeholder="Write a goal or a question")
                    .props('outlined dense aria-label="Your message"')
                    .style("flex:1")
                    .on("keydown.enter", self._send)
                )
                button("Send", self._send, kind="primary")

    async def _send(self) -> None:
        text = str(self._input.value or "").strip()
        self._input.value = ""
        if text:
            await self.say(text)

    async def say(self, text: str) -> None:
        """Say something, and show the answer while it comes."""
        self._hint.set_visibility(False)
        self._messages.append({"role": "user", "content": text})
        with self._list:
            ui.html(escaped(text), sanitize=False).classes("message mine")
            answer = ui.html('<span class="quiet">…</span>', sanitize=False).classes("message theirs")
        self._scroll()
        heard = ""
        try:
            async for piece in self._api.chat(
                self._messages[-_REMEMBERED_MESSAGES:], chat_id=self._chat_id, by=WHO
            ):
                heard += piece
                answer.content = _shown(heard)
                self._scroll()
        except ApiError as error:
            heard = str(error)
            answer.content = escaped(heard)
        self._messages.append({"role": "assistant", "content": _said(heard)})

    def _scroll(self) -> None:
        ui.run_javascript(f"const e = getHtmlElement({self._list.id}); if (e) e.scrollTop = e.scrollHeight;")


def _said(heard: str) -> str:
    """Return the answer without the steps before it."""
    return heard.rpartition("\n\n")[2]


def _shown(heard: str) -> str:
    steps, gap, answer = heard.rpartition("\n\n")
    if not gap:
        # Lines that end are steps on the way; the answer comes last and without an end.
        steps, _, answer = heard.rpartition("\n")
    way = f'<span class="steps">{escaped(steps)}</span>' if steps else ""
    return way + escaped(answer)


def chat_panel(context: Context) -> None:
    """Add the chat to the page."""
    Chat(context).build()
