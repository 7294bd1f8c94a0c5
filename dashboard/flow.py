"""Draws a goal as a graph: the goal, its steps in order, who does what in each, and the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from dashboard.html import dot, escaped, link
from dashboard.views import GoalInfo, SubtaskInfo

SHOWN_SUBTASKS = 60


def flow(goal: GoalInfo, step_of: Mapping[str, int], root: str) -> str:
    """Return a goal as a graph, in HTML.

    Where a step has more subtasks than can be read, those that are done are counted.

    Args:
        goal: what to draw.
        step_of: the index of the plan's step, from 0, of each subtask that was assigned.
        root: path of the pages.
    """
    steps: dict[int, list[SubtaskInfo]] = {}
    last = max(len(goal.plan) - 1, 0)
    for subtask in goal.subtasks:
        steps.setdefault(step_of.get(subtask.subtask_id or "", last), []).append(subtask)
    parts = [
        f'<li data-key="step{index}"><div class="node">{index + 1}. {escaped(text)}</div>'
        f"{_subtasks(steps.get(index, []), root)}</li>"
        for index, text in enumerate(goal.plan)
    ]
    if not goal.plan and goal.subtasks:
        parts.append(f'<li data-key="step0">{_subtasks(list(goal.subtasks), root)}</li>')
    if not parts and not goal.is_final:
        parts.append('<li data-key="plan"><div class="node quiet">It is being planned.</div></li>')
    answer = (
        f'<li data-key="answer"><div class="node {_class(goal.status)}"><b>Answer:</b> {escaped(goal.answer)}</div></li>'
        if goal.answer
        else ""
    )
    return (
        f'<ol class="flow"><li data-key="goal"><div class="node {_class(goal.status)}"><b>Goal:</b> {escaped(goal.goal)}</div>'
        f"</li>{''.join(parts)}{answer}</ol>"
    )


def _subtasks(subtasks: list[SubtaskInfo], root: str) -> str:
    shown = subtasks
    counted = ""
    if len(subtasks) > SHOWN_SUBTASKS:
        shown = [one for one in subtasks if one.status != "completed"][:SHOWN_SUBTASKS]
        by_status = Counter(one.status for one in subtasks)
        told = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in by_status.items())
        counted = f'<li class="sub" data-key="counted">{len(subtasks)} subtasks: {escaped(told)}</li>'
    cards = "".join(_card(one, root) for one in shown)
    return f'<ul class="subs">{counted}{cards}</ul>' if cards or counted else ""


def _card(subtask: SubtaskInfo, root: str) -> str:
    who = link(f"{root}/device", subtask.device_id, subtask.device_id) if subtask.device_id else "nobody"
    said = f'<span class="said">{escaped(subtask.said)}</span>' if subtask.said else ""
    key = subtask.subtask_id or f"{subtask.device_id} {subtask.sentence}"
    return (
        f'<li class="sub {_class(subtask.status)}" data-key="{escaped(key)}"><span>{dot(subtask.status)} <b>{who}</b> '
        f'<span class="small">{escaped(subtask.status.replace("_", " "))}</span></span>'
        f"<span>{escaped(subtask.sentence)}</span>{said}</li>"
    )


def _class(status: str) -> str:
    if status == "completed":
        return "good"
    if status in {"accepted", "running", "assigned", "sent", "queued", "ongoing"}:
        return "busy"
    return "warn" if status in {"paused", "awaiting_approval", "skipped", "partial"} else "bad"
