"""Small pieces of HTML, with everything from outside escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from dashboard.floor import state_of
from dashboard.live import Live
from dashboard.views import DeviceInfo, GoalInfo

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


def device_list(live: Live, devices: Iterable[DeviceInfo], root: str) -> str:
    """Return devices as a list, each with what it is at."""
    rows = []
    for device in devices:
        state = state_of(live, device.device_id)
        work = live.work_of(device.device_id)
        below = device.waiting or (f"“{work}”" if work else (device.title or ""))
        rows.append(
            f'<li class="row">{dot(state)}<a href="{root}/device/{quote(device.device_id)}">{escaped(device.device_id)}'
            f'</a>{battery(device.battery_percent)}<span class="below">{escaped(state)}'
            f"{' · ' + escaped(below) if below else ''}</span></li>"
        )
    return _list(rows, "No device has joined yet.")


def goal_list(goals: Iterable[GoalInfo], root: str) -> str:
    """Return goals as a list, newest first."""
    rows = []
    for goal in goals:
        ended = sum(not subtask.is_under_way for subtask in goal.subtasks)
        progress = f"{ended} of {len(goal.subtasks)} done" if goal.subtasks and not goal.is_final else ""
        seconds = f"{goal.seconds:.1f} s" if goal.seconds is not None else progress
        below = goal.answer or "; ".join(goal.waiting) or "; ".join(goal.plan)
        rows.append(
            f'<li class="row">{dot(goal.status)}<a href="{root}/goal/{quote(goal.goal_id)}">{escaped(goal.goal)}</a>'
            f'<span class="small quiet">{escaped(seconds)}</span><span class="below"><b>{escaped(goal.status)}</b>'
            f"{' · ' + escaped(below) if below else ''}</span></li>"
        )
    return _list(rows, "Nothing has been asked for yet.")


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Return names and values as a description list."""
    rows = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in pairs)
    return f"<dl>{rows}</dl>"


def clock(at: float | None) -> str:
    """Write a moment (Unix seconds) as the time of day here."""
    if at is None:
        return _NO_NUMBER
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%H:%M:%S")


def _list(rows: list[str], nothing: str) -> str:
    if not rows:
        return f'<p class="quiet">{escaped(nothing)}</p>'
    return f'<ul class="list">{"".join(rows)}</ul>'
