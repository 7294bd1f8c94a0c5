"""An element that shows HTML and, when that changes, changes on the page only what differs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import events, ui


class Markup(ui.element, component="static/markup.js"):
    """HTML that is written again and again while people look at it, with the focus in it.

    Args:
        content: the HTML; everything from outside must be escaped in it.
        tag: of the element around it.
        follow: whether the newest, at the end, stays in sight.
    """

    def __init__(self, content: str = "", *, tag: str = "div", follow: bool = False) -> None:
        super().__init__()
        self._props["html"] = content
        self._props["tag"] = tag
        self._props["follow"] = follow

    @property
    def content(self) -> str:
        """The HTML."""
        return str(self._props["html"])

    @content.setter
    def content(self, content: str) -> None:
        if content != self._props["html"]:
            self._props["html"] = content
            self.update()

    def on_act(self, do: Callable[[str, str], Coroutine[Any, Any, None]]) -> None:
        """Call `do` with a button's `data-act` and `data-of` when it is pressed."""

        async def heard(event: events.GenericEventArguments) -> None:
            await do(str(event.args.get("act", "")), str(event.args.get("of", "")))

        self.on("act", heard)
