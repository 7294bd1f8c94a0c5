"""The chat: what a person says, and what the site answers, piece by piece."""

from __future__ import annotations

import contextlib
from functools import partial

from nicegui import ui

from dashboard.context import Context
from dashboard.conversations import Conversation, messages
from dashboard.frame import button
from dashboard.markup import Markup

_PERIOD_SECONDS = 0.2
_MOST_CHARACTERS = 2000
# Each tab has its own conversation, also after it was reloaded or has shown another page.
_NAME = """
const known = sessionStorage.getItem("parley-chat");
const bytes = Array.from(crypto.getRandomValues(new Uint8Array(12)));
const name = known || "chat-" + bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
sessionStorage.setItem("parley-chat", name);
emitEvent("parley_chat", name);
"""
_ENTER = """(event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  const text = event.target.value.trim();
  event.target.value = "";
  if (text) emit(text);
}"""
_PRESS = """() => {
  const box = document.getElementById("message");
  const text = box.value.trim();
  box.value = "";
  box.focus();
  if (text) emit(text);
}"""


class Chat:
    """The chat on one page."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._conversation: Conversation | None = None
        self._unsaid: list[str] = []
        """What was written before the tab had told its conversation's name."""
        self._shown = -1

    def build(self) -> None:
        """Add the panel."""
        with ui.element("section").classes("card").props('id="chat" aria-labelledby="chat-title"'):
            ui.html('<h2 id="chat-title">Say what should be done</h2>', sanitize=False)
            self._list = Markup(follow=True).classes("messages")
            self._list.props('role="log" aria-live="polite" tabindex="0" aria-label="Conversation"')
            self._hint = ui.element("div").classes("buttons examples")
            with self._hint:
                for example in self._context.examples:
                    button(example, partial(self._say, example))
            with ui.element("div").classes("ask"):
                box = ui.element("textarea").classes("box")
                box.props(
                    'id="message" rows="2" aria-label="Your message" placeholder="Write a goal or a question"'
                )
                box.on("keydown", self._heard, js_handler=_ENTER)
                send = button("Send", None, kind="primary")
                send.on("click", self._heard, js_handler=_PRESS)
        ui.on("parley_chat", self._join)
        ui.run_javascript(_NAME)
        ui.timer(_PERIOD_SECONDS, self._show)

    def _join(self, event: object) -> None:
        with contextlib.suppress(ValueError):
            self._conversation = self._context.conversations.of(str(getattr(event, "args", "")))
            unsaid, self._unsaid = self._unsaid, []
            for text in unsaid:
                self._say(text)
            self._show()

    def _heard(self, event: object) -> None:
        text = str(getattr(event, "args", "")).strip()[:_MOST_CHARACTERS]
        if text:
            self._say(text)

    def _say(self, text: str) -> None:
        if self._conversation is None:
            self._unsaid.append(text)
            return
        self._conversation.say(text)
        self._show()

    def _show(self) -> None:
        conversation = self._conversation
        if conversation is not None and conversation.version != self._shown:
            self._shown = conversation.version
            self._list.content = messages(conversation)
            self._hint.set_visibility(not conversation.exchanges)


def chat_panel(context: Context) -> None:
    """Add the chat to the page."""
    Chat(context).build()
