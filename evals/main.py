"""Runs an evaluation from files to printed report: what `parley eval` does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from evals.baselines import always_refuse, shared_words
from evals.items import Item
from evals.loading import load_items
from evals.outcome import Outcome
from evals.report import Baseline, Report, print_report, print_wrong, summarise
from evals.rules import rules
from evals.runner import Runner
from inference.settings import InferenceSettings, open_finder, open_model, open_reader, open_router
from rag.api_index import ApiIndex

BASELINES: Mapping[str, Baseline] = {
    "always_refuse": always_refuse,
    "shared_words": shared_words,
    "rules": rules,
}
_TABLE_COLUMNS = 160


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """What `parley eval` is told.

    Attributes:
        model: a GGUF to use instead of the one that the environment names.
        part: only items of this part, "dev" or "test".
        limit: only the first items, this many.
        show: how many wrong items to print.
    """

    paths: Sequence[Path]
    json_line: bool = False
    model: Path | None = None
    part: str | None = None
    limit: int | None = None
    show: int = 0
    with_baselines: bool = True


def run_evaluation(options: EvalOptions) -> Report:
    """Read the items, answer and grade them, and print the report on standard output.

    Raises:
        InputError: a file is wrong.
        ModelError: the model or the encoder cannot be used.
    """
    items = load_items(options.paths, part=options.part, limit=options.limit)
    settings = InferenceSettings.from_environment()
    if options.model is not None:
        settings = replace(settings, model_path=options.model, base_url=None)
    finder = open_finder(settings)
    with closing(ApiIndex(None, finder)) as index:
        runner = Runner(open_model(settings), index, open_reader(settings, finder), open_router(settings))
        outcomes = asyncio.run(_run_with_progress(runner, items))
    baselines = BASELINES if options.with_baselines else {}
    report = summarise(items, outcomes, baselines, left_out=len(runner.left_out))
    console = Console()
    if not console.is_terminal:
        # A file has no width that the table would have to keep to.
        console = Console(width=_TABLE_COLUMNS)
    print_wrong(items, outcomes, console, limit=options.show)
    print_report(report, console)
    if options.json_line:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    return report


async def _run_with_progress(runner: Runner, items: Sequence[Item]) -> list[Outcome]:
    columns = (TextColumn("evaluating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("items", total=len(items))
        return await runner.run(items, lambda: progress.advance(task))
