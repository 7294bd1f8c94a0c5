"""Shows one run: which states it went through, in which order, and how long it stayed in each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from protocol.messages import StateVisit

# A state's name may come from a device: nothing else may reach the diagram, where it could pass for its punctuation.
_UNSAFE = re.compile(r"[^\w .,()/-]+")


def mermaid(visits: Sequence[StateVisit]) -> str:
    """Return a run as a Mermaid state diagram.

    Each state is drawn once, with how often it was visited and the seconds spent there in all; each arrow carries the
    numbers of the moves along it, so that the order of visits can be read: move 1 leads into the second visit.

    Args:
        visits: in their order. Without any, the diagram has no states.
    """
    names = _names(visits)
    lines = ["stateDiagram-v2"]
    for name, identity in names.items():
        stays = [visit.seconds for visit in visits if visit.state == name]
        times = f"{len(stays)} visits, " if len(stays) > 1 else ""
        shown = " ".join(_UNSAFE.sub(" ", name).split()) or "?"
        label = f"{shown}<br/>{times}{seconds_text(sum(stays))}"
        lines.append(f'    state "{label}" as {identity}')
    if visits:
        lines.append(f"    [*] --> {names[visits[0].state]}")
    moves: dict[tuple[str, str], list[int]] = {}
    for number, visit in enumerate(visits[1:], 1):
        way = (names[visits[number - 1].state], names[visit.state])
        moves.setdefault(way, []).append(number)
    lines += [f"    {source} --> {target}: {_ranges(numbers)}" for (source, target), numbers in moves.items()]
    if visits:
        lines.append(f"    {names[visits[-1].state]} --> [*]")
    return "\n".join(lines)


def table(visits: Sequence[StateVisit]) -> str:
    """Return a run as a text table: the number of each visit, its state, its seconds, and their sum below."""
    rows = [(str(number), visit.state, seconds_text(visit.seconds)) for number, visit in enumerate(visits, 1)]
    rows.append(("", "in all", seconds_text(sum(visit.seconds for visit in visits))))
    number_width = max(len(number) for number, _, _ in rows)
    state_width = max(len(state) for _, state, _ in rows)
    time_width = max(len(time) for _, _, time in rows)
    return "\n".join(
        f"{number:>{number_width}}  {state:<{state_width}}  {time:>{time_width}}"
        for number, state, time in rows
    )


def seconds_text(seconds: float) -> str:
    """Write seconds for people: "12.40 s", and short times as milliseconds: "3.2 ms"."""
    return f"{seconds * 1000:.1f} ms" if 0 < seconds < 0.1 else f"{seconds:.2f} s"  # noqa: PLR2004 - looks best


def _names(visits: Iterable[StateVisit]) -> dict[str, str]:
    """Give each state a name that Mermaid takes, in the order of first visits."""
    states = dict.fromkeys(visit.state for visit in visits)
    return {state: f"s{number}" for number, state in enumerate(states, 1)}


def _ranges(numbers: Sequence[int]) -> str:
    """Write growing numbers: [1, 3, 4, 5] as "1, 3-5"."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
