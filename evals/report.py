"""What an evaluation found, for people and for programs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.grading import Grade, grade
from evals.items import Call, Item
from evals.outcome import Outcome
from evals.scores import Count, Scores, percentile

logger = logging.getLogger(__name__)

Baseline = Callable[[Item], Sequence[Call]]


@dataclass(frozen=True, slots=True)
class Report:
    """Scores of a run and of the baselines on the same items.

    Attributes:
        total: over all items.
        suites: over the items of each file.
        tags: over the items of each tag, in the order in which the tags came.
        baselines: the totals of each baseline.
        baseline_suites: the same for each file.
        baseline_tags: the same for each tag.
        broken: how many items were not answered at all, through a defect or a time-out.
        left_out: how many actions, states and units of the devices a description cannot express.
    """

    total: Scores
    suites: Mapping[str, Scores]
    tags: Mapping[str, Scores]
    baselines: Mapping[str, Scores]
    baseline_suites: Mapping[str, Mapping[str, Scores]]
    baseline_tags: Mapping[str, Mapping[str, Scores]]
    seconds_p50: float
    seconds_p95: float
    broken: int
    left_out: int

    def as_json(self) -> dict[str, Any]:
        """Return everything as one JSON object."""
        return {
            "total": self.total.as_json(),
            "suites": {name: scores.as_json() for name, scores in self.suites.items()},
            "tags": {tag: scores.as_json() for tag, scores in self.tags.items()},
            "baselines": {
                name: {
                    **scores.as_json(),
                    "suites": _exact_only(self.baseline_suites[name]),
                    "tags": _exact_only(self.baseline_tags[name]),
                }
                for name, scores in self.baselines.items()
            },
            "seconds": {"p50": round(self.seconds_p50, 4), "p95": round(self.seconds_p95, 4)},
            "broken": self.broken,
            "left_out": self.left_out,
        }


def summarise(
    items: Sequence[Item],
    outcomes: Sequence[Outcome],
    baselines: Mapping[str, Baseline],
    *,
    left_out: int = 0,
) -> Report:
    """Grade the outcomes of items, and the baselines on the same items."""
    grades = [
        grade(item, None if outcome.is_broken else outcome.calls)
        for item, outcome in zip(items, outcomes, strict=True)
    ]
    graded_baselines = {
        name: [grade(item, _answered(baseline, item)) for item in items]
        for name, baseline in baselines.items()
    }
    seconds = [outcome.seconds for outcome in outcomes if not outcome.is_broken]
    return Report(
        total=Scores.of(grades),
        suites=_by_suite(items, grades),
        tags=_by_tag(items, grades),
        baselines={name: Scores.of(graded) for name, graded in graded_baselines.items()},
        baseline_suites={name: _by_suite(items, graded) for name, graded in graded_baselines.items()},
        baseline_tags={name: _by_tag(items, graded) for name, graded in graded_baselines.items()},
        seconds_p50=percentile(seconds, 0.5),
        seconds_p95=percentile(seconds, 0.95),
        broken=sum(outcome.is_broken for outcome in outcomes),
        left_out=left_out,
    )


def print_report(report: Report, console: Console) -> None:
    """Print the table: one line a tag, the baselines' exact items beside."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in ("items", "exact", "95 %", "device", "action", "arguments", "refusals: right", "found"):
        table.add_column(heading, justify="right")
    for name in report.baselines:
        table.add_column(name.replace("_", " "), justify="right", style="dim")
    suites = dict(report.suites) if len(report.suites) > 1 else {}
    rows: list[tuple[str, Scores, list[Scores]]] = [
        ("total", report.total, list(report.baselines.values())),
        *(
            (name, own, [other[name] for other in report.baseline_suites.values()])
            for name, own in suites.items()
        ),
        *(
            (tag, own, [other[tag] for other in report.baseline_tags.values()])
            for tag, own in report.tags.items()
        ),
    ]
    for name, scores, baselines in rows:
        low, high = scores.exact.interval or (0.0, 0.0)
        table.add_row(
            name,
            str(scores.exact.total),
            _percent(scores.exact),
            f"{low:.1%} to {high:.1%}",
            *(_percent(count) for count in (scores.device, scores.action, scores.arguments)),
            *(_of(count) for count in (scores.refusal_precision, scores.refusal_recall)),
            *(_percent(baseline.exact) for baseline in baselines),
            style="bold" if scores is report.total else "",
        )
        if scores is report.total or name == next(reversed(suites), ""):
            table.add_section()
    console.print(table)
    console.print(f"Seconds for an item: p50 {report.seconds_p50:.3f}, p95 {report.seconds_p95:.3f}.")
    if report.broken:
        console.print(
            f"{report.broken} items were not answered at all (defect or time-out) and count as wrong."
        )
    if report.left_out:
        console.print(f"{report.left_out} parts of devices could not be described and were left out.")


def print_wrong(items: Sequence[Item], outcomes: Sequence[Outcome], console: Console, *, limit: int) -> None:
    """Print the first wrong items: what was asked, expected, called and said."""
    for item, outcome in zip(items, outcomes, strict=True):
        if limit <= 0:
            return
        if grade(item, None if outcome.is_broken else outcome.calls).exact:
            continue
        limit -= 1
        called = "; ".join(map(_call, outcome.calls)) or "nothing"
        expected = "; ".join(_call(call) for call in item.expected) or "nothing"
        what = "broke down" if outcome.is_broken else "said"
        lines = f"{item.id}: {item.utterance}\n  expected {expected}\n  called   {called}\n  {what}: {outcome.said}"
        console.print(lines, markup=False, highlight=False, soft_wrap=True)


def _answered(baseline: Baseline, item: Item) -> Sequence[Call] | None:
    try:
        return baseline(item)
    except Exception:  # like the model's, a baseline's failure costs one item and not the run
        logger.exception("A baseline failed on %s.", item.id)
        return None


def _exact_only(scores: Mapping[str, Scores]) -> dict[str, dict[str, int]]:
    return {name: {"items": own.exact.total, "exact": own.exact.right} for name, own in scores.items()}


def _by_suite(items: Sequence[Item], grades: Sequence[Grade]) -> dict[str, Scores]:
    suites = dict.fromkeys(item.suite for item in items)
    return {
        suite: Scores.of([graded for item, graded in zip(items, grades, strict=True) if item.suite == suite])
        for suite in suites
    }


def _by_tag(items: Sequence[Item], grades: Sequence[Grade]) -> dict[str, Scores]:
    by_tag: dict[str, list[Grade]] = {}
    for item, graded in zip(items, grades, strict=True):
        for tag in dict.fromkeys(item.tags):
            by_tag.setdefault(tag, []).append(graded)
    return {tag: Scores.of(graded) for tag, graded in by_tag.items()}


def _percent(count: Count) -> str:
    return "-" if count.share is None else f"{count.share:.1%}"


def _of(count: Count) -> str:
    return f"{count.right}/{count.total}"


def _call(call: Any) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    return f"{call.device} {call.action}({arguments})"
