"""One seed, one run: neither workers nor interruptions change what a model learns."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from training.learner import Run
from training.lexicon import read_lexicon
from training.mixture import split_families
from training.stream import Batch, Recipe, batches
from training.tokenizer import load_tokenizer
from training.train import parse_arguments


@pytest.fixture(scope="module")
def recipe(tiny_run: Path) -> Recipe:
    families, _ = split_families(read_lexicon())
    return Recipe(families, "1", load_tokenizer(tiny_run / "tokenizer.json").to_str(), rows=2, length=320)


def take(recipe: Recipe, count: int, workers: int = 0, first: int = 0) -> list[Batch]:
    return list(islice(batches(recipe, workers, first), count))


def are_equal(some: list[Batch], others: list[Batch]) -> bool:
    return len(some) == len(others) and all(
        torch.equal(getattr(one, field.name), getattr(other, field.name))
        for one, other in zip(some, others, strict=True)
        for field in fields(Batch)
    )


def test_the_same_seed_gives_the_same_batches(recipe: Recipe) -> None:
    assert are_equal(take(recipe, 3), take(recipe, 3))
    assert not are_equal(take(recipe, 3), take(replace(recipe, seed="2"), 3))


def test_a_batch_depends_on_its_number_alone(recipe: Recipe) -> None:
    assert are_equal(take(recipe, 4)[2:], take(recipe, 2, first=2))


def test_workers_change_nothing(recipe: Recipe) -> None:
    assert are_equal(take(recipe, 5, first=1), take(recipe, 5, workers=2, first=1))


def test_the_death_of_a_worker_is_noticed(recipe: Recipe) -> None:
    with pytest.raises(EOFError):
        take(replace(recipe, tokenizer="no tokenizer"), 1, workers=1)


def new_run(folder: Path, tiny_run: Path) -> Run:
    arguments = parse_arguments(["--out", str(folder), "--tiny", "--steps", "6"])
    torch.manual_seed(arguments.seed)
    return Run(arguments, load_tokenizer(tiny_run / "tokenizer.json"), None)


def test_an_interrupted_run_ends_with_the_same_weights(
    recipe: Recipe, tiny_run: Path, tmp_path: Path
) -> None:
    whole = new_run(tmp_path, tiny_run)
    for batch in take(recipe, 6):
        whole.learn(batch)
    part = new_run(tmp_path, tiny_run)
    for batch in take(recipe, 3):
        part.learn(batch)
    part.save()
    rest = new_run(tmp_path, tiny_run)
    rest.load()
    assert rest.step == 3
    for batch in take(recipe, 3, first=rest.step):
        rest.learn(batch)
    assert rest.is_finished
    ends = rest.model.state_dict()
    for name, weights in whole.model.state_dict().items():
        assert torch.equal(ends[name], weights), name


def test_a_checkpoint_of_another_shape_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    new_run(tmp_path, tiny_run).save()
    other = parse_arguments(["--out", str(tmp_path), "--width", "32", "--heads", "2", "--layers", "1"])
    run = Run(other, load_tokenizer(tiny_run / "tokenizer.json"), None)
    with pytest.raises(SystemExit, match=r"width.*Ask for the same shape"):
        run.load()
