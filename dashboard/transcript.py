"""Tells a goal's events as a conversation: who said what to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.html import clock, escaped

_COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said. `at` is Unix seconds."""

    at: float
    speaker: str
    text: str


def transcript(lines: Iterable[Line]) -> str:
    """Return what was said as HTML."""
    rows = "".join(
        f'<li data-key="{number}"><time>{clock(line.at)}</time> <b>{escaped(line.speaker)}</b> '
        f"<span>{escaped(line.text)}</span></li>"
        for number, line in enumerate(lines)
    )
    return f'<ol class="transcript">{rows}</ol>' if rows else '<p class="quiet">Nothing yet.</p>'


def line_of(event: Mapping[str, Any]) -> Line | None:
    """Return what an event says, for people; None for those that say nothing."""
    speaker, text = _spoken(event)
    return Line(float(event["at"]), speaker, text) if text else None


def _spoken(event: Mapping[str, Any]) -> tuple[str, str]:
    device = str(event.get("device_id") or _COORDINATOR)
    spoken = (_COORDINATOR, "")
    match event["kind"]:
        case "goal_accepted":
            spoken = (event.get("by") or "someone", str(event["goal"]))
        case "goal_planned" if event["steps"]:
            steps = " ".join(f"{number}. {step}" for number, step in enumerate(event["steps"], 1))
            spoken = (_COORDINATOR, f"The plan: {steps}")
        case "subtask_sent":
            spoken = (f"{_COORDINATOR} to {device}", str(event["sentence"]))
        case "report":
            spoken = (device, str(event["sentence"]))
        case "subtask_ended":
            spoken = (device, str(event.get("said") or event.get("reason") or event.get("outcome")))
        case "approval_requested":
            spoken = (device, str(event["question"]))
        case "approval_ended" | "operator":
            spoken = (_COORDINATOR, str(event["sentence"]))
        case "goal_ended":
            spoken = (_COORDINATOR, str(event["answer"]))
    return spoken
