"""A goal's events as a conversation that people can read: who said what to whom, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

_Lines = Iterator[tuple[str, str]]


def transcript(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines: time of day (UTC), who speaks, and what is said. What only repeats what is known is left out."""
    for event in events:
        say = _SAID.get(event["kind"])
        if say is None:
            continue
        at = datetime.fromtimestamp(event["at"], UTC).strftime("%H:%M:%S")
        for who, what in say(event["data"]):
            yield f"{at}  {who}: {what}"


def _accepted(data: dict[str, Any]) -> _Lines:
    yield data.get("by") or "someone", data["goal"]


def _planned(data: dict[str, Any]) -> _Lines:
    for number, step in enumerate(data["steps"], 1):
        yield "plan", f"{number}. {step}"
    if refusal := data.get("refusal"):
        yield "plan", refusal["reason"]


def _assigned(data: dict[str, Any]) -> _Lines:
    yield f"coordinator → {data['device_id']}", data["sentence"]


def _report(data: dict[str, Any]) -> _Lines:
    yield data["device_id"], f"({_words(data['status'])}) {data['sentence']}"


def _late(data: dict[str, Any]) -> _Lines:
    yield f"{data['device_id']}, too late", f"({_words(data['status'])}) {data['sentence']}"


def _ended(data: dict[str, Any]) -> _Lines:
    said = data["said"] or f"{data['reason']}."
    yield data["device_id"] or "coordinator", f"({_words(data['outcome'])}) {said}"


def _sentence(data: dict[str, Any]) -> _Lines:
    yield "operation", data["sentence"]


def _goal_ended(data: dict[str, Any]) -> _Lines:
    yield "answer", f"({_words(data['status'])}) {data['answer']}"


def _words(status: str) -> str:
    return status.replace("_", " ")


_SAID: dict[str, Callable[[dict[str, Any]], _Lines]] = {
    "goal_accepted": _accepted,
    "goal_planned": _planned,
    "subtask_assigned": _assigned,
    "report": _report,
    "late_report": _late,
    "subtask_ended": _ended,
    "approval_requested": _sentence,
    "approval_ended": _sentence,
    "operator": _sentence,
    "goal_ended": _goal_ended,
}
