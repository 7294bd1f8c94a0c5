"""The parts of the training pipeline that need no PyTorch: seeds, schedule, log, comparison, command line."""

from __future__ import annotations

import json
import random
import subprocess
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.examples import Block
from training.lexicon import Family, read_lexicon
from training.log import Log
from training.mixture import blocks, split_families
from training.parity.expected import TIE, Expected, Greedy, compare
from training.parity.texts import strings
from training.schedule import DECAY_SHARE, WARM_UP_STEPS, Schedule


@pytest.fixture(scope="module")
def families() -> list[Family]:
    training, _ = split_families(read_lexicon())
    return training


def shown(blocks: list[Block]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(block.prefix, block.items) for block in blocks]


def test_one_seed_gives_one_stream(families: list[Family]) -> None:
    first, again, other = (shown(list(islice(blocks(families, seed), 20))) for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_a_stream_that_is_seeded_again_begins_anew(families: list[Family]) -> None:
    rng = random.Random("anything")
    stream = blocks(families, rng)
    list(islice(stream, 7))
    rng.seed("1")
    assert shown(list(islice(stream, 20))) == shown(list(islice(blocks(families, "1"), 20)))


@given(step=st.integers(0, 10_000), spent=st.floats(0, 600))
def test_the_rate_rises_stays_and_falls_to_zero(step: int, spent: float) -> None:
    rate = Schedule(minutes=5).rate(step, spent)
    assert 0.0 <= rate <= 1.0
    if step >= WARM_UP_STEPS and spent <= 300 * (1 - DECAY_SHARE):
        assert rate == 1.0
    if spent >= 300:
        assert rate == 0.0


def test_steps_replace_minutes() -> None:
    schedule = Schedule(minutes=1, steps=100)
    assert [schedule.progress(step, 1e6) for step in (0, 50, 100)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(("seconds_left", "expected"), [(3600, False), (1, True), (-5, True)])
def test_a_call_ends_before_its_limit(seconds_left: float, expected: bool) -> None:
    assert Schedule(minutes=1, stop_at=time.time() + seconds_left).is_time_to_write() is expected
    assert not Schedule(minutes=1).is_time_to_write()


@dataclass
class At:
    step: int
    spent_seconds: float = 1.0
    tokens: int = 100


def test_steps_that_are_taken_again_are_logged_once(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = Log(path, 0)
    for step in (20, 40, 60):
        log.add(3.0)
        log.add(1.0)
        log.write(At(step), {"held_exact": 0.5})
    log = Log(path, 45)
    log.add(1.5)
    log.write(At(60), {})
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(entry["step"], entry["loss"]) for entry in entries] == [(20, 2.0), (40, 2.0), (60, 1.5)]


SAID = Greedy("prompt", "A( 3);B", ends=[1, 2, 4, 5, 6, 7], gaps=[5.0, 4.0, TIE / 2, 3.0, 2.0, 1.0, 0.5])


@pytest.mark.parametrize(
    ("other", "gap"),
    [("B( 3);B", 5.0), ("A( 4);B", TIE / 2), ("A( 3);B( 1)", 0.5), ("A( 3)", 2.0), ("", 5.0)],
)
def test_the_first_difference_tells_how_sure_pytorch_was(other: str, gap: float) -> None:
    assert SAID.gap_at_difference(other) == gap


def test_a_text_cut_off_at_the_limit_has_no_end_token() -> None:
    assert Greedy("prompt", "AB", ends=[1, 2], gaps=[5.0, 4.0]).gap_at_difference("ABC") == 4.0


def test_texts_are_identical_tied_or_different() -> None:
    texts = compare([SAID] * 3, [SAID.text, "A( 4)", "C"])
    assert texts.describe() == "1 of 3 texts identical, 1 differ at a tie, 1 differ"
    assert texts.differing == [(SAID, "C")]


def test_what_is_expected_survives_the_file(tmp_path: Path) -> None:
    expected = Expected({"größe 🤖": [1, 2]}, [SAID])
    expected.save(tmp_path / "parity.json")
    assert Expected.load(tmp_path / "parity.json") == expected


def test_strings_are_many_and_of_every_kind() -> None:
    texts = strings(1000)
    assert len(set(texts)) == 1000
    assert texts == strings(1000)
    for sign in ("the", "ß", "œ", "货", "🤖", "7", "_", "½", "\n", "Speed", "don't"):
        assert sum(sign in text for text in texts) >= 10, sign


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["training/run.sh", *arguments], capture_output=True, text=True, check=False)


def test_help_names_every_file_and_variable() -> None:
    result = run("--help")
    assert result.returncode == 0
    script = Path("training/run.sh").read_text("utf-8")
    for name in ("TRAINING_PYTHON", "PYTHON", "PART", "STOP_AFTER", "WORKERS", "THREADS", "TRAIN_OPTIONS"):
        assert name in result.stdout
        assert f"${{{name}:-" in script


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Usage"),
        (("--tiny",), "Usage"),
        (("build/x", "huge"), "the configuration is cpu, gpu or tiny, not 'huge'"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
