"""Draws a goal as a graph of its steps and subtasks, for Mermaid."""

from __future__ import annotations

import re
from collections import Counter

from dashboard.views import GoalInfo, SubtaskInfo

_SHOWN_SUBTASKS = 24
_CHARACTERS = 60
# Whatever people or devices wrote must not pass for Mermaid's own punctuation.
_UNSAFE = re.compile(r"[^\w .,:;!?()/'°%+-]+")
_CLASSES = (
    "classDef good fill:#d9f2e3,stroke:#14713d,color:#0b3d21",
    "classDef busy fill:#dbe8ff,stroke:#1a56c4,color:#0d2c66",
    "classDef bad fill:#fde0dd,stroke:#b3261e,color:#5c120d",
    "classDef plain fill:#eef1f5,stroke:#55606e,color:#1c2430",
)


def goal_graph(goal: GoalInfo) -> str:
    """Return a goal, its steps in order, and who does what in each, as a Mermaid flowchart.

    Where a step has more subtasks than can be read, they are counted by how they stand.
    """
    lines = ["flowchart LR", f'    goal["{_label(goal.goal)}"]:::{_class(goal.status)}']
    step_of = {record.get("subtask_id"): record.get("step", 0) for record in goal.records}
    last = len(goal.plan) - 1
    by_step: dict[int, list[SubtaskInfo]] = {}
    for subtask in goal.subtasks:
        by_step.setdefault(step_of.get(subtask.subtask_id, max(last, 0)), []).append(subtask)
    before = "goal"
    for index, step in enumerate(goal.plan):
        lines.append(f'    step{index}["{index + 1}. {_label(step)}"]:::plain')
        lines.append(f"    {before} --> step{index}")
        before = f"step{index}"
        lines += _subtasks(index, by_step.get(index, []))
    if goal.answer:
        lines.append(f'    answer["{_label(goal.answer)}"]:::{_class(goal.status)}')
        lines.append(f"    {before} --> answer")
    return "\n".join([*lines, *(f"    {one}" for one in _CLASSES)])


def _subtasks(index: int, subtasks: list[SubtaskInfo]) -> list[str]:
    if len(subtasks) > _SHOWN_SUBTASKS:
        counted = Counter(subtask.status for subtask in subtasks)
        return [
            line
            for number, (status, count) in enumerate(counted.items())
            for line in (
                f'    sub{index}x{number}["{count} {_label(status)}"]:::{_class(status)}',
                f"    step{index} -.-> sub{index}x{number}",
            )
        ]
    lines = []
    for number, subtask in enumerate(subtasks):
        who, status = _label(subtask.device_id or "nobody"), _label(subtask.status)
        text = f"{who}: {_label(subtask.sentence)}<br/>{status}"
        lines.append(f'    sub{index}x{number}["{text}"]:::{_class(subtask.status)}')
        lines.append(f"    step{index} -.-> sub{index}x{number}")
    return lines


def _label(text: str) -> str:
    plain = " ".join(_UNSAFE.sub(" ", text).split())
    return plain if len(plain) <= _CHARACTERS else plain[: _CHARACTERS - 1] + "…"


def _class(status: str) -> str:
    if status == "completed":
        return "good"
    if status in {"accepted", "running", "assigned", "sent", "queued", "ongoing"}:
        return "busy"
    return "plain" if status in {"paused", "awaiting_approval", "skipped", "partial"} else "bad"
