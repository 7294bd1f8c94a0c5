"""Grades the production planner on goals for sites that it has never seen.

    python -m evals.plans [--coordinator] [--json] [--part dev] [--alone] [--model GGUF] [--site museum …] [--times 3] [--show 10]

Every goal is planned twice: for the site's own fleet, and for one `--times` as large, to show that what the model writes
does not grow with the fleet. With `--coordinator` a real coordinator plans, expands and sends, to scripted devices. Figures
of the dev half, which may be looked at, and of the test half stand apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from coordinator.planner import Plan, Planner
from evals.plans.coordinated import sent_counts, through_coordinator
from evals.plans.grading import PlanGrade, grade_plan
from evals.plans.sites import Goal, GradedSite, load_sites
from evals.scores import Count, percentile
from inference.ports import LanguageModel
from inference.routing import Router
from inference.settings import InferenceSettings, open_model, open_router


@dataclass(frozen=True, slots=True)
class PlannedGoal:
    """One goal, its plan and its grade; `large` is the plan for the larger fleet, if one was asked for."""

    site: GradedSite
    goal: Goal
    plan: Plan
    large: Plan | None
    grade: PlanGrade
    seconds: float = 0.0


async def plan_goals(
    model: LanguageModel,
    work: Sequence[tuple[GradedSite, Goal]],
    times: int,
    router: Router | None = None,
) -> list[PlannedGoal]:
    """Plan and grade goals; `times` below 2 leaves the larger fleet out, and without a router the model plans alone."""
    planned = []
    for site, goal in track(work, description="planning", console=Console(stderr=True)):
        planner = Planner(model, site.site.entities, router)
        began = time.perf_counter()
        plan = await planner.plan(goal.text, site.fleet())
        seconds = time.perf_counter() - began
        large = await planner.plan(goal.text, site.fleet(times)) if times > 1 else None
        grade = grade_plan(goal, plan.steps, site, is_broken=plan.is_model_broken)
        planned.append(PlannedGoal(site, goal, plan, large, grade, seconds))
    return planned


def figures(planned: Sequence[PlannedGoal]) -> dict[str, Count]:
    """Count what is right: goals, steps, goals with the right devices, refusals."""
    wanted = [one for one in planned if one.goal.steps]
    unwanted = [one for one in planned if not one.goal.steps]
    refused = [one for one in planned if one.grade.is_refused]
    return {
        "exact": Count(sum(one.grade.exact for one in planned), len(planned)),
        "steps": Count(
            sum(one.grade.right_steps for one in wanted), sum(len(one.goal.steps) for one in wanted)
        ),
        "devices": Count(sum(one.grade.devices for one in wanted), len(wanted)),
        "refusal_precision": Count(sum(not one.goal.steps for one in refused), len(refused)),
        "refusal_recall": Count(sum(one.grade.is_refused for one in unwanted), len(unwanted)),
    }


def growth(planned: Sequence[PlannedGoal], times: int) -> dict[str, Any]:
    """Compare the plans for the two fleets, and how much the model wrote for them; what is composed costs nothing."""
    pairs = [
        (one.plan, one.large) for one in planned if one.large is not None and not one.plan.is_model_broken
    ]
    total = max(1, len(pairs))
    return {
        "times": times,
        "goals": len(pairs),
        "tokens": round(sum(plan.completion_tokens for plan, _ in pairs) / total, 2),
        "tokens_large_fleet": round(sum(large.completion_tokens for _, large in pairs) / total, 2),
        "same_plan": sum(plan.steps == large.steps for plan, large in pairs),
    }


def report(planned: Sequence[PlannedGoal], times: int, *, show: int, json_line: bool) -> None:
    """Print the wrong plans, the table, the lengths, and one JSON object if wanted."""
    # Those of the test half are nobody's to look at.
    shown = [one for one in planned if not one.grade.exact and one.goal.part == "dev"]
    for one in shown[:show]:
        print(f"{one.site.name}: {one.goal.text}")
        for step in one.goal.steps:
            print(
                f"    wanted {step.quantifier} {step.entity or ''} {step.entity_ids} {step.target}: {step.words}"
            )
        for found in one.plan.steps:
            where = f"{found.entity or ''} {found.entity_ids} {found.device or found.kind}"
            print(f"    got    {found.quantifier} {where}: {found.sentence}")
        if not one.plan.steps:
            print(f"    refused: {one.plan.reason[:160]}")
    tags = sorted({one.goal.tag for one in planned})
    rows = {"total": figures(planned)}
    for part in sorted({one.goal.part for one in planned}):
        half = [one for one in planned if one.goal.part == part]
        rows[part] = figures(half)
        rows |= {f"{part}: {tag}": figures([one for one in half if one.goal.tag == tag]) for tag in tags}
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in ("goals", "exact", "95 %", "steps", "95 %", "devices", "95 %", "refusals: right", "found"):
        table.add_column(heading, justify="right")
    for name, counts in rows.items():
        table.add_row(
            name,
            str(counts["exact"].total),
            *(cell for key in ("exact", "steps", "devices") for cell in _share(counts[key])),
            *(f"{counts[key].right}/{counts[key].total}" for key in ("refusal_precision", "refusal_recall")),
        )
    Console(width=140).print(table)
    lengths = growth(planned, times)
    seconds = {share: percentile([one.seconds for one in planned], share) for share in (0.5, 0.95)}
    print(f"Seconds for a plan: p50 {seconds[0.5]:.3f}, p95 {seconds[0.95]:.3f}")
    if times > 1:
        print(
            f"Tokens written for a goal: {lengths['tokens']} with the site's own fleet, {lengths['tokens_large_fleet']} with"
            f" {times} times as many devices; the same plan for {lengths['same_plan']} of {lengths['goals']} goals."
        )
    if json_line:
        written = {name: {key: _written(count) for key, count in row.items()} for name, row in rows.items()}
        total = written.pop("total")
        print(
            json.dumps(
                {"total": total, "parts": written, "growth": lengths, "seconds": list(seconds.values())},
                ensure_ascii=False,
            )
        )


def report_sent(rows: dict[str, Count]) -> None:
    """Print for how many goals a coordinator sent the right subtasks."""
    for name, count in rows.items():
        share, interval = _share(count)
        print(
            f"{name}: the right subtasks were sent for {count.right} of {count.total} goals, {share} ({interval})"
        )


def _share(count: Count) -> tuple[str, str]:
    if count.interval is None:
        return "-", "-"
    return f"{count.share:.1%}", f"{count.interval[0]:.1%} to {count.interval[1]:.1%}"


def _written(count: Count) -> dict[str, Any]:
    interval = count.interval and [round(end, 4) for end in count.interval]
    return {"right": count.right, "of": count.total, "interval": interval}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    sites = {site.name: site for site in load_sites()}
    parser = argparse.ArgumentParser(
        prog="python -m evals.plans",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--part", choices=("dev", "test"), help="only this half")
    parser.add_argument("--model", type=Path, help="a GGUF to use instead of the one that PARLEY_MODEL names")
    parser.add_argument(
        "--coordinator",
        action="store_true",
        help="give the goals to a real coordinator, and grade what its devices are sent",
    )
    parser.add_argument("--alone", action="store_true", help="let the language model plan alone")
    parser.add_argument("--site", nargs="+", choices=tuple(sites), default=tuple(sites), help="only these")
    parser.add_argument(
        "--times", type=int, default=3, help="how many times larger the second fleet is; 1: none"
    )
    parser.add_argument("--limit", type=int, help="only this many goals of each site")
    parser.add_argument("--show", type=int, default=0, help="print this many wrong plans of the dev half")
    options = parser.parse_args(arguments)
    settings = InferenceSettings.from_environment()
    if options.model:
        settings = replace(settings, model_path=options.model, base_url=None)
    work = [
        (sites[name], goal)
        for name in options.site
        for goal in [one for one in sites[name].goals if options.part in {None, one.part}][: options.limit]
    ]
    router = None if options.alone else open_router(settings)
    if options.coordinator:
        report_sent(sent_counts(asyncio.run(through_coordinator(open_model(settings), work, router))))
        return
    planned = asyncio.run(plan_goals(open_model(settings), work, options.times, router))
    report(planned, options.times, show=options.show, json_line=options.json)


if __name__ == "__main__":
    main()
