"""Goals and devices as the HTTP API gives them, in words and columns for a terminal."""

from __future__ import annotations

from typing import Any

_NOTHING = "-"
_GOAL_CHARACTERS = 60
_MINUTE, _HOUR = 60, 3600


def goal_row(goal: dict[str, Any]) -> tuple[str, ...]:
    """Return the columns id, status, by, took, cost, goal."""
    waits = " (waits)" if goal["waiting"] else ""
    return (
        goal["goal_id"],
        f"{goal['status']}{waits}",
        goal["by"] or _NOTHING,
        _duration(goal["seconds"]),
        cost_text(goal) or _NOTHING,
        _short(goal["goal"], _GOAL_CHARACTERS),
    )


def cost_text(goal: dict[str, Any]) -> str:
    """Say what a goal cost: in money where tokens have a price, else in tokens; empty where no model was called."""
    money = goal["account"]["money"]
    if money is not None:
        return f"{money['total']:.4g} {money['currency']}"
    if not goal["model_calls"]:
        return ""
    tokens = goal["prompt_tokens"] + goal["completion_tokens"]
    return f"{tokens} tokens" if tokens else f"{goal['model_calls']} model calls"


def goal_page(goal: dict[str, Any]) -> str:
    """Return one goal as a page."""
    parts = [f"{goal['goal_id']}: {goal['status']}", f"Goal: {goal['goal']}"]
    if goal["by"]:
        parts.append(f"Given by {goal['by']}.")
    if goal["answer"]:
        parts.append(f"Answer: {goal['answer']}")
    if goal["plan"]:
        parts.append(
            "\n".join(["Plan:", *(f"  {number}  {step}" for number, step in enumerate(goal["plan"], 1))])
        )
    if goal["waiting"]:
        parts.append("\n".join(["Waits:", *(f"  {sentence}" for sentence in goal["waiting"])]))
    if goal["subtasks"]:
        parts.append("\n".join(["Subtasks:", *map(_subtask_line, goal["subtasks"])]))
    parts.append(_account(goal))
    return "\n\n".join(parts)


def device_row(device: dict[str, Any]) -> tuple[str, ...]:
    """Return the columns device, kind, state, battery, position, at."""
    told = {finding["what"].casefold(): finding for finding in device["attributes"]}
    return (
        device["device_id"],
        device["kind"] or _NOTHING,
        _state(device),
        _finding(told.get("battery level")),
        _finding(told.get("position")),
        device["doing"] or _NOTHING,
    )


def _subtask_line(subtask: dict[str, Any]) -> str:
    said = f": {subtask['said']}" if subtask["said"] else ""
    return f"  {subtask['device_id'] or 'nobody'}  {subtask['status']}  {subtask['sentence']}{said}"


def _account(goal: dict[str, Any]) -> str:
    account = goal["account"]
    seconds = account["seconds"]
    spent = ", ".join(f"{on} {_duration(seconds[on])}" for on in ("planning", "devices", "people", "waiting"))
    lines = [
        f"Time: {_duration(goal['seconds'])} in all; {spent}.",
        f"Planning model: {_expense(account['planner'])}.",
        f"Devices' models: {_expense(account['devices'])}.",
    ]
    if money := account["money"]:
        lines.append(
            f"Cost: {money['total']:.4g} {money['currency']} "
            f"(planning {money['planner']:.4g}, devices {money['devices']:.4g})."
        )
    return "\n".join(lines)


def _expense(expense: dict[str, Any]) -> str:
    if not expense["model_calls"]:
        return "not called"
    calls = f"{expense['model_calls']} call{'s' if expense['model_calls'] > 1 else ''}"
    untold = expense["untold_calls"]
    unsaid = f", of which {untold} did not tell {'their' if untold > 1 else 'its'} tokens" if untold else ""
    return (
        f"{calls}, {expense['prompt_tokens']} tokens read, {expense['completion_tokens']} written, "
        f"{_duration(expense['model_seconds'])}{unsaid}"
    )


def _state(device: dict[str, Any]) -> str:
    if device["paused_by"]:
        return f"paused by {device['paused_by']}"
    if device["waiting"]:
        return "waits for a person"
    if device["is_available"]:
        return "at work" if device["doing"] else "idle"
    if device["status"] == "online":
        return "not enrolled" if not device["is_enrolled"] else "not introduced"
    return device["status"] or "not seen"


def _finding(finding: dict[str, Any] | None) -> str:
    if finding is None or finding["value"] is None:
        return _NOTHING
    value = finding["value"]
    parts = value if isinstance(value, list) else [value]
    text = ", ".join(f"{part:.4g}" if isinstance(part, float) else str(part) for part in parts)
    unit = {"percent": " %", "meter": " m", "kilogram": " kg"}.get(finding["unit"] or "", "")
    return f"{text}{unit}" if unit or not finding["unit"] else f"{text} {finding['unit']}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return _NOTHING
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min {int(seconds % _MINUTE)} s"
    return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE)} min"


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
