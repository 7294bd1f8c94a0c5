"""Near sentences in the experience archive: the real Chroma, with the fake encoder and with the real one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from inference.encoder import HashEncoder
from inference.ports import Encoder
from inference.settings import InferenceSettings, open_finder, open_model
from rag.experience import NEAR_DIRECTORY, Experience, PastRun

HASH = "sha256:1"


def run(sentence: str, *functions: str) -> PastRun:
    source = "".join(f"{name}()\n" for name in functions)
    return PastRun(sentence, source, functions, tuple((name, "") for name in functions), 0.9)


MOVE = run("drive to shelf 3", "move")
LIFT = run("raise the fork by 20 cm", "lift")
BOTH = run("drive to shelf 3 and raise the fork", "move", "lift")
NAMES = ("move", "lift", "honk")


def sentences(found: tuple[PastRun, ...]) -> list[str]:
    return [one.sentence for one in found]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Experience]:
    with closing(Experience(tmp_path, HashEncoder())) as archive:
        for past in (MOVE, LIFT, BOTH):
            archive.remember(HASH, past)
        yield archive


def test_near_sentences_come_nearest_first_and_each_shows_another_program(archive: Experience) -> None:
    archive.remember(HASH, replace(MOVE, sentence="drive to shelf 9"))
    found = archive.near(HASH, "drive to shelf 7", NAMES, 2)
    assert [tuple(name for name, _ in past.calls) for past in found] == [("move",), ("move", "lift")]
    assert archive.near(HASH, "drive to shelf 7", NAMES, 1) == found[:1]
    assert archive.near(HASH, "sing a song", NAMES, 2) == ()


def test_examples_call_nothing_else_than_what_was_found(archive: Experience) -> None:
    assert sentences(archive.near(HASH, "drive to shelf 7 and raise the fork", ["move"], 2)) == [
        MOVE.sentence
    ]
    assert archive.near(HASH, "drive to shelf 7", ["honk"], 2) == ()


def test_what_is_forgotten_is_no_example_any_more(archive: Experience) -> None:
    assert sentences(archive.near(HASH, "raise the fork by 30 cm", NAMES, 1)) == [LIFT.sentence]
    archive.forget(HASH, LIFT.sentence)
    assert LIFT not in archive.near(HASH, "raise the fork by 30 cm", NAMES, 2)
    archive.remember(HASH, LIFT)
    assert sentences(archive.near(HASH, "raise the fork by 30 cm", NAMES, 1)) == [LIFT.sentence]


def test_other_descriptions_give_no_examples(archive: Experience) -> None:
    assert archive.near("sha256:2", MOVE.sentence, NAMES, 2) == ()
    archive.prepare("sha256:2", with_examples=True)
    archive.remember("sha256:2", LIFT)
    assert archive.near("sha256:2", MOVE.sentence, NAMES, 2) == ()
    assert archive.near("sha256:2", LIFT.sentence, NAMES, 2) == (LIFT,)


def test_long_sentences_are_recalled_but_are_no_examples(archive: Experience) -> None:
    long = replace(MOVE, sentence=" ".join(["drive to shelf 3"] * 20))
    archive.prepare(HASH, with_examples=True)
    archive.remember(HASH, long)
    assert archive.recall(HASH, long.sentence) == long
    assert sentences(archive.near(HASH, long.sentence, NAMES, 1)) == [MOVE.sentence]


def test_the_search_follows_the_file_over_restarts(tmp_path: Path) -> None:
    def opened(dimensions: int = 256) -> Experience:
        return Experience(tmp_path, HashEncoder(dimensions), capacity=2)

    with closing(opened()) as archive:
        archive.remember(HASH, MOVE)
        archive.prepare(HASH, with_examples=True)
        archive.remember(HASH, LIFT)
    with closing(opened()) as archive:  # nothing searches in this run
        archive.forget(HASH, LIFT.sentence)
        archive.remember(HASH, BOTH)
        archive.remember(HASH, run("honk", "honk"))
    for dimensions in (256, 64):  # another encoder's vectors are of no use
        with closing(opened(dimensions)) as archive:
            archive.prepare(HASH, with_examples=True)
            assert archive._near is not None
            assert archive._near._collection.count() == 2
            assert sentences(archive.near(HASH, "honk", NAMES, 1)) == ["honk"]
            assert sentences(archive.near(HASH, f"now {BOTH.sentence}", NAMES, 1)) == [BOTH.sentence]


def test_what_is_beyond_the_capacity_is_no_example() -> None:
    with closing(Experience(None, HashEncoder(), capacity=1)) as archive:
        archive.prepare(HASH, with_examples=True)
        archive.remember(HASH, MOVE)
        archive.remember(HASH, LIFT)
        assert archive._near is not None
        assert archive._near._collection.count() == 1
        assert archive.near(HASH, MOVE.sentence, NAMES, 2) == ()


def test_archives_in_memory_do_not_see_each_other() -> None:
    with closing(Experience(None, HashEncoder())) as one, closing(Experience(None, HashEncoder())) as other:
        for archive in (one, other):
            archive.prepare(HASH, with_examples=True)
        one.remember(HASH, MOVE)
        assert other.near(HASH, MOVE.sentence, NAMES, 1) == ()
        other.close()
        assert one.near(HASH, MOVE.sentence, NAMES, 1) == (MOVE,)


def test_a_search_that_cannot_be_opened_costs_the_examples_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / NEAR_DIRECTORY).write_text("in the way")
    with closing(Experience(tmp_path, HashEncoder())) as archive, caplog.at_level(logging.WARNING):
        archive.prepare(HASH, with_examples=True)
        archive.remember(HASH, MOVE)
        assert archive.near(HASH, MOVE.sentence, NAMES, 2) == ()
        assert archive.recall(HASH, MOVE.sentence) == MOVE
    assert caplog.text.count("not searched for until the next start") == 1
    assert "built anew from the experience archive" in caplog.text


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_finder(InferenceSettings.from_environment())


@pytest.mark.model
def test_the_real_encoder_finds_what_means_nearly_the_same(tmp_path: Path, encoder: Encoder) -> None:
    with closing(Experience(tmp_path, encoder)) as archive:
        for past in (MOVE, LIFT, run("how full is the battery?", "battery")):
            archive.remember(HASH, past)
        names = (*NAMES, "battery")
        archive.prepare(HASH, with_examples=True)
        assert sentences(archive.near(HASH, "please go over to shelf 12", names, 2)) == [MOVE.sentence]
        assert sentences(archive.near(HASH, "tell me the battery level", names, 2)) == [
            "how full is the battery?"
        ]
        assert archive.near(HASH, "play some jazz", names, 2) == ()
        assert archive.recall(HASH, "Drive to shelf 3!") == MOVE
        for number in (2, 4, 13, 30):
            assert archive.recall(HASH, f"drive to shelf {number}") is None, "near is not the same"


@pytest.mark.model
def test_the_bundled_model_takes_no_examples() -> None:
    assert not open_model(InferenceSettings.from_environment({"PARLEY_THREADS": "1"})).takes_examples
