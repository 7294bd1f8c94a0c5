"""The table of experiment 1, like the paper's Fig. 16, and the ratios that matter, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.experiment1_rows import Summary, System
from evals.scores import Count


@dataclass(frozen=True, slots=True)
class PaperPoint:
    """What the paper's Fig. 16 shows for a number of robots: success in percent, time in seconds."""

    success_central: float
    success_distributed: float
    seconds_central: float
    seconds_distributed: float


PAPER = {
    1: PaperPoint(97.5, 97.5, 30, 7),
    5: PaperPoint(77, 95.5, 200, 14),
    10: PaperPoint(60.3, 94.3, 433, 22),
}
"""Read off the figure, so with an error of one or two units; other models on other machines."""


def table(summaries: Sequence[Summary], factor: float) -> str:
    """Write the figures of every system and size."""
    head = (
        "| N | system | right | 95 % interval | load | wall s | model s | calls | tokens read + written |"
        f" modelled s, x 1 | x {factor:g} | x {factor:g} with world | paper: success, s |"
    )
    rows = [
        f"| {one.robots} | {one.system} | {one.right.right} of {one.right.total} | {_interval(one.right)}"
        f" | {one.load:.0f} | {one.wall:.2f} | {one.model_seconds:.2f} | {one.model_calls:g}"
        f" | {one.prompt_tokens:,.0f} + {one.completion_tokens:,.0f}"
        f" | {one.one_core:.2f} | {one.slow:.1f} | {one.slow_in_world:.1f} | {_paper(one)} |"
        for one in summaries
    ]
    return "\n".join([head, "|---" * 13 + "|", *rows])


def ratios(summaries: Sequence[Summary], factor: float) -> str:
    """Write how each system's time grows from its smallest size, and what the baseline takes of this project's time."""
    by_key = {(one.system, one.robots): one for one in summaries}
    measures: dict[str, Callable[[Summary], float]] = {
        "wall": lambda one: one.wall,
        "modelled": lambda one: one.slow,
        f"modelled x {factor:g} with world": lambda one: one.slow_in_world,
    }
    lines = []
    for system in System:
        sizes = [one.robots for one in summaries if one.system is system]
        for size in sizes[1:]:
            first, last = by_key[system, sizes[0]], by_key[system, size]
            grown = ", ".join(f"{name} {_ratio(of(last), of(first))}" for name, of in measures.items())
            lines.append(f"- {system}, N = {size} to N = {sizes[0]}: {grown}")
    for one in summaries:
        for system in (System.PARLEY, System.PARLEY_PROCESSES) if one.system.is_central else ():
            ours = by_key.get((system, one.robots))
            if ours is not None:
                times = ", ".join(f"{name} {_ratio(of(one), of(ours))}" for name, of in measures.items())
                at_once = _ratio(one.slow_all_at_once, ours.slow_in_world)
                lines.append(
                    f"- N = {one.robots}, {one.system} to {ours.system}: {times},"
                    f" and {at_once} if all its devices moved at once"
                )
    return "\n".join(lines)


def _interval(count: Count) -> str:
    low, high = count.interval or (0.0, 1.0)
    return f"{low:.0%} to {high:.0%}".replace("%", " %")


def _paper(one: Summary) -> str:
    point = PAPER.get(one.robots)
    if point is None or one.system is System.CENTRAL_SITE:
        return ""
    if one.system.is_central:
        return f"{point.success_central:g} %, {point.seconds_central:g} s"
    return f"{point.success_distributed:g} %, {point.seconds_distributed:g} s"


def _ratio(above: float, below: float) -> str:
    return f"{above / below:.2f}" if below else "-"
