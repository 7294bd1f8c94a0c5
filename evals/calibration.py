"""What confidence is worth: the risk-coverage curve and the expected calibration error of what was acted on.

    python -m evals.calibration ITEMS… --results results.jsonl [--svg curve.svg] [--part test] [--limit 100]
    python -m evals.calibration --results results.jsonl [--svg curve.svg]

With items, they are answered first (only those for one device) and one line for each is written to `--results`: whether
something was called, whether that was right, the model's smallest certainty, the search's smallest probability of a
called function, and the agent's own confidence in the program. Without items, `--results` is read. Four scores are
compared: the model's, the search's, their product, and the agent's. Coverage is the share of acted sentences that stay when
those below a threshold are asked back instead; risk is
the share of wrong ones among them. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from evals.confidence import Sure, answer_items, read_results, write_results
from evals.curve_picture import draw_curves
from evals.items import Item
from evals.loading import load_items
from evals.scores import Count
from inference.settings import InferenceSettings, open_finder, open_model, open_reader
from rag.api_index import ApiIndex

_BINS = 10
_SHOWN_COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)

Scored = tuple[float, bool]
"""A score from 0 to 1, and whether the answer was right."""


def _product(one: Sure) -> float | None:
    if one.confidence is None or one.retrieval is None:
        return None
    return one.confidence * one.retrieval


SCORES: Mapping[str, Callable[[Sure], float | None]] = {
    "model": lambda one: one.confidence,
    "retrieval": lambda one: one.retrieval,
    "product": _product,
    "program": lambda one: one.program,
}


@dataclass(frozen=True, slots=True)
class Point:
    """What stays above one threshold: `kept.right` right answers out of `kept.total`, and the share of all."""

    threshold: float
    coverage: float
    kept: Count

    @property
    def risk(self) -> float:
        """The share of wrong answers among those that stay."""
        return 1.0 - (self.kept.share or 0.0)


def scored(results: Sequence[Sure], score: Callable[[Sure], float | None]) -> list[Scored]:
    """Return score and rightness of everything that was acted on and has this score."""
    pairs = [(score(one), one.is_right) for one in results if one.is_acted]
    return [(value, is_right) for value, is_right in pairs if value is not None]


def risk_coverage(answers: Sequence[Scored]) -> list[Point]:
    """Return one point for each threshold that makes a difference, the strictest first; equal scores stay together."""
    points = []
    right = kept = 0
    ordered = sorted(answers, key=lambda answer: -answer[0])
    for threshold, group in groupby(ordered, key=lambda answer: answer[0]):
        together = [is_right for _, is_right in group]
        right, kept = right + sum(together), kept + len(together)
        points.append(Point(threshold, kept / len(answers), Count(right, kept)))
    return points


def area_under_risk(points: Sequence[Point]) -> float:
    """Return the mean risk over all coverages; a score that knows nothing has the risk of acting always."""
    area = before = 0.0
    for point in points:
        area += point.risk * (point.coverage - before)
        before = point.coverage
    return area


def calibration_error(answers: Sequence[Scored], bins: int = _BINS) -> float:
    """Return the expected calibration error: how far scores are from shares of right answers, in bins of equal width."""
    error = 0.0
    for number in range(bins):
        inside = [
            (score, is_right) for score, is_right in answers if min(int(score * bins), bins - 1) == number
        ]
        error += abs(sum(score for score, _ in inside) - sum(is_right for _, is_right in inside))
    return error / len(answers) if answers else 0.0


def summary(results: Sequence[Sure]) -> dict[str, Any]:
    """Return the figures of every score, as they stand in the last line."""
    acted = [one for one in results if one.is_acted]
    written: dict[str, Any] = {
        "items": len(results),
        "acted": len(acted),
        "acted_right": sum(one.is_right for one in acted),
        "scores": {},
    }
    for name, score in SCORES.items():
        answers = scored(results, score)
        points = risk_coverage(answers)
        written["scores"][name] = {
            "answers": len(answers),
            "calibration_error": round(calibration_error(answers), 4),
            "area_under_risk": round(area_under_risk(points), 4),
            "at_coverage": [
                _written(min(points, key=lambda point: (abs(point.coverage - wanted), -point.coverage)))
                for wanted in _SHOWN_COVERAGES
                if points
            ],
        }
    return written


def _written(point: Point) -> dict[str, Any]:
    interval = point.kept.interval and [round(1 - end, 4) for end in reversed(point.kept.interval)]
    return {
        "coverage": round(point.coverage, 4),
        "threshold": round(point.threshold, 6),
        "kept": point.kept.total,
        "risk": round(point.risk, 4),
        "risk_interval": interval,
    }


def _print(figures: Mapping[str, Any]) -> None:
    print(
        f"{figures['items']} sentences, {figures['acted']} acted on, {figures['acted_right']} of these rightly."
    )
    for name, score in figures["scores"].items():
        error, area = score["calibration_error"], score["area_under_risk"]
        print(f"{name}: expected calibration error {error:.3f}, area under risk {area:.3f}")
        for point in score["at_coverage"]:
            low, high = point["risk_interval"]
            print(
                f"    coverage {point['coverage']:6.1%} (score >= {point['threshold']:.4f}):"
                f" risk {point['risk']:6.1%} ({low:.1%} to {high:.1%})"
            )
    print(json.dumps({"calibration": figures}))


async def _answer(items: Sequence[Item]) -> list[Sure]:
    settings = InferenceSettings.from_environment()
    finder = open_finder(settings)
    with (
        closing(ApiIndex(None, finder)) as index,
        Progress(console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("answering", total=len(items))
        return await answer_items(
            items, open_model(settings), index, open_reader(settings, finder), lambda: progress.advance(task)
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("items", nargs="*", type=Path, help="files or folders of items")
    parser.add_argument("--results", type=Path, required=True, help="written with items, read without")
    parser.add_argument("--svg", type=Path, help="where to draw the risk-coverage curve")
    parser.add_argument("--part", choices=("dev", "test"), help="only items of this part")
    parser.add_argument("--limit", type=int, help="only the first items, this many")
    options = parser.parse_args(arguments)
    if options.items:
        items = load_items(options.items, part=options.part, limit=options.limit)
        write_results(asyncio.run(_answer(items)), options.results)
    results = read_results(options.results)
    if options.svg:
        curves = {name: risk_coverage(scored(results, score)) for name, score in SCORES.items()}
        lines = {name: [(point.coverage, point.risk) for point in points] for name, points in curves.items()}
        options.svg.write_text(draw_curves(lines), encoding="utf-8")
    _print(summary(results))


if __name__ == "__main__":
    main()
