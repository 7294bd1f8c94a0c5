"""Small pieces of HTML, with everything from outside escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

_LOW_BATTERY_PERCENT = 20.0
_NO_NUMBER = "?"


def escaped(text: object) -> str:
    """Return a text that is nothing but text."""
    return html.escape(str(text))


def dot(kind: str) -> str:
    """Return a coloured dot; what it means must also stand in words."""
    return f'<span class="dot {escaped(kind)}" aria-hidden="true"></span>'


def chip(kind: str, text: str) -> str:
    """Return a small labelled mark."""
    return f'<span class="chip">{dot(kind)}{escaped(text)}</span>'


def link(path: str, name: str, text: str) -> str:
    """Return a link to a page below `path`, such as `/ui/device`."""
    return f'<a href="{escaped(path)}/{quote(name, safe="")}">{escaped(text)}</a>'


def act_button(act: str, of: str, label: str, *, about: str = "", kind: str = "") -> str:
    """Return a button that tells the server `act` of `of`; `about` says for screen readers what it is about."""
    named = f' aria-label="{escaped(f"{label}: {about}")}"' if about else ""
    return (
        f'<button type="button" class="plain {escaped(kind)}" data-act="{escaped(act)}" data-of="{escaped(of)}"{named}>'
        f"{escaped(label)}</button>"
    )


def battery(percent: float | None) -> str:
    """Return a drawn battery with its level in words; nothing where there is none."""
    if percent is None:
        return ""
    low = " low" if percent < _LOW_BATTERY_PERCENT else ""
    width = max(0.0, min(100.0, percent))
    return (
        f'<span class="small">{percent:.0f} % <span class="battery{low}" aria-hidden="true">'
        f'<span style="width:{width:.0f}%"></span></span></span>'
    )


def row(key: str, kind: str, title: str, *, side: str = "", below: str = "") -> str:
    """Return one entry of a list; the other parts are HTML."""
    under = f'<span class="below">{below}</span>' if below else ""
    return f'<li class="row" data-key="{escaped(key)}">{dot(kind)}{title}<span class="side">{side}</span>{under}</li>'


def listed(rows: list[str], nothing: str) -> str:
    """Return entries as a list; in words that there are none, where there are none."""
    if not rows:
        return f'<p class="quiet">{escaped(nothing)}</p>'
    return f'<ul class="list">{"".join(rows)}</ul>'


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Return names and values as a description list."""
    rows = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in pairs)
    return f"<dl>{rows}</dl>"


def clock(at: float | None) -> str:
    """Write a moment (Unix seconds) as the time of day here."""
    if at is None:
        return _NO_NUMBER
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%H:%M:%S")
