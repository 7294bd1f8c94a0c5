"""The experience archive: what is remembered, for which sentences, and what happens to its files."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from inference.encoder import HashEncoder
from rag.experience import FILE_NAME, Experience, PastRun
from rag.same_sentence import normalised, writes_the_same

HASH, OTHER_HASH = "sha256:1", "sha256:2"
GO = PastRun("Move to shelf 3.", "move(shelf=3)\n", ("move", "honk"), (("move", " 3"),), 0.8)
JOIN = PastRun("join HomeNet", "join(net='HomeNet')\n", ("join",), (("join", " homenet"),), 0.9)


@pytest.fixture
def archive() -> Iterator[Experience]:
    with closing(Experience(None, HashEncoder())) as archive:
        yield archive


@pytest.mark.parametrize(
    "same",
    [
        "Move to shelf 3.",
        "move to shelf 3",
        "  MOVE\tto \n shelf  3 ",
        "Move to shelf 3!",
        "move to shelf 3 . . ?!…",
    ],
)
def test_case_white_space_and_final_punctuation_may_differ(archive: Experience, same: str) -> None:
    archive.remember(HASH, GO)
    assert archive.recall(HASH, same) == GO


@pytest.mark.parametrize(
    "other",
    [
        "Move to shelf 4.",
        "Move to shelf 3.5",
        "Move to shelf -3",
        "Move to shelf 33",
        "Move to shelf three",
        "Move to shelf ³",
        "Move to shelf 3%",
        "Move to shelf 3, please",
        "Move to the shelf 3",
        "Move to shelf3",
        "Move, to shelf 3",
        "Don't move to shelf 3",
        "Move to shelf 3)",
        "¿Move to shelf 3?",
        "",
    ],
)  # fmt: skip
def test_anything_else_is_another_sentence(archive: Experience, other: str) -> None:
    archive.remember(HASH, GO)
    assert archive.recall(HASH, other) is None


def test_letters_that_only_look_like_case_are_kept_apart() -> None:
    assert normalised("Nenne die Maße") != normalised("Nenne die Masse")
    assert normalised("5 µm") != normalised("5 um")


def test_a_text_in_the_program_must_have_the_same_capitals(archive: Experience) -> None:
    archive.remember(HASH, JOIN)
    assert archive.recall(HASH, "Join HomeNet.") == JOIN
    assert archive.recall(HASH, "join homenet") is None
    assert archive.recall(HASH, "JOIN HOMENET") is None


@pytest.mark.parametrize(
    ("source", "before", "now", "is_same"),
    [
        ("go(to='Bay 7')\n", "go to Bay seven", "Go to Bay Seven", True),
        ("go(to='Bay 7')\n", "go to Bay seven", "go to bay seven", False),
        ("go(to=['x', 'T7-b'])\n", "go to x and T7-b", "go to x and T7-B", False),
        ("go(to={'at': 'x', 'tote': 'T7'})\n", "take T7 to x", "take t7 to x", False),
        ("say(what='i̇x')\n", "say İX", "say i̇x", False),
        ("level = get_level()\nset_level(level=level + 1)\n", "Raise the level", "raise the LEVEL", True),
    ],
)
def test_words_that_stand_in_a_program_are_compared_with_their_capitals(
    source: str, before: str, now: str, is_same: bool
) -> None:
    assert writes_the_same(source, before, now) is is_same


def test_another_description_hides_what_was_done_and_the_next_start_drops_it(archive: Experience) -> None:
    archive.remember(HASH, GO)
    assert archive.recall(OTHER_HASH, GO.sentence) is None
    archive.prepare(HASH, with_examples=False)
    assert archive.recall(HASH, GO.sentence) == GO
    archive.prepare(OTHER_HASH, with_examples=False)
    assert len(archive) == 0
    archive.prepare(HASH, with_examples=False)
    assert archive.recall(HASH, GO.sentence) is None


def test_what_failed_is_forgotten_however_it_was_spelt(archive: Experience) -> None:
    archive.remember(HASH, GO)
    archive.remember(HASH, JOIN)
    archive.forget(HASH, "move to shelf 3")
    assert archive.recall(HASH, GO.sentence) is None
    assert archive.recall(HASH, JOIN.sentence) == JOIN
    archive.remember(HASH, GO)
    assert archive.recall(HASH, GO.sentence) == GO


@pytest.mark.parametrize(("told", "kept"), [("", False), ("remember", True), ("forget", False)])
def test_a_run_whose_end_nobody_told_is_forgotten_at_the_next_start(
    archive: Experience, told: str, *, kept: bool
) -> None:
    archive.remember(HASH, GO)
    archive.remember(HASH, JOIN)
    archive.begin(HASH, "move to shelf 3")
    assert archive.recall(HASH, GO.sentence) == GO
    if told == "remember":
        archive.remember(HASH, GO)
    elif told == "forget":
        archive.forget(HASH, GO.sentence)
    archive.prepare(HASH, with_examples=False)
    assert (archive.recall(HASH, GO.sentence) is not None) is kept
    assert archive.recall(HASH, JOIN.sentence) == JOIN


def test_uses_are_counted_until_the_program_changes(archive: Experience) -> None:
    for _ in range(3):
        archive.remember(HASH, GO)
    assert archive.recall(HASH, GO.sentence) == replace(GO, times_used=3)
    changed = replace(GO, source="honk()\nmove(shelf=3)\n")
    archive.remember(HASH, changed)
    assert archive.recall(HASH, GO.sentence) == changed


def test_what_was_not_used_for_longest_goes_first() -> None:
    with closing(Experience(None, HashEncoder(), capacity=2)) as archive:
        first, second, third = (replace(GO, sentence=f"go to {place}") for place in "abc")
        archive.remember(HASH, first)
        archive.remember(HASH, second)
        archive.remember(HASH, first)
        archive.remember(HASH, third)
        assert len(archive) == 2
        assert archive.recall(HASH, second.sentence) is None
        assert archive.recall(HASH, first.sentence) == replace(first, times_used=2)


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    for count in (1, 2):
        with closing(Experience(tmp_path / "new" / "folder", HashEncoder())) as archive:
            archive.remember(HASH, GO)
            assert archive.recall(HASH, GO.sentence) == replace(GO, times_used=count)


def test_text_that_utf_8_cannot_carry_is_no_other_text(archive: Experience) -> None:
    odd = replace(GO, sentence="say \ud800")
    archive.remember(HASH, odd)
    assert archive.recall(HASH, "say \ud801") is None
    assert archive.recall(HASH, "say \ud800") is not None


@pytest.mark.parametrize("damage", ["no database", "cut", "other version"])
def test_a_damaged_file_is_set_aside_and_begun_anew(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / FILE_NAME
    with closing(Experience(tmp_path, HashEncoder())) as archive:
        for number in range(50):
            archive.remember(HASH, replace(GO, sentence=f"{GO.sentence} {number}"))
    if damage == "no database":
        path.write_bytes(b"nonsense" * 1000)
    elif damage == "cut":
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    else:
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA user_version=77")
    with closing(Experience(tmp_path, HashEncoder())) as archive:
        assert len(archive) == 0
        archive.remember(HASH, GO)
        assert archive.recall(HASH, GO.sentence) == GO
    assert path.with_name(f"{FILE_NAME}.set-aside").exists()
    assert "a new one is begun" in caplog.text
    with closing(Experience(tmp_path, HashEncoder())) as archive:
        assert archive.recall(HASH, GO.sentence) == GO


def test_a_file_that_is_damaged_while_it_is_open_stops_nobody(tmp_path: Path) -> None:
    with closing(Experience(tmp_path, HashEncoder())) as archive:
        for number in range(200):
            archive.remember(HASH, replace(GO, sentence=f"{GO.sentence} {number}"))
    with closing(Experience(tmp_path, HashEncoder())) as archive:
        path = tmp_path / FILE_NAME
        path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))
        archive._file._connection.execute("PRAGMA shrink_memory")
        assert archive.recall(HASH, f"{GO.sentence} 7") is None
        archive.remember(HASH, GO)
        archive.remember(HASH, GO)
        assert archive.recall(HASH, GO.sentence) is not None
    assert (tmp_path / f"{FILE_NAME}.set-aside").exists()


def test_a_locked_file_costs_the_memory_and_not_the_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.archive_file._BUSY_SECONDS", 0)
    with (
        closing(Experience(tmp_path, HashEncoder())) as archive,
        closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other,
    ):
        archive.remember(HASH, GO)
        other.execute("BEGIN IMMEDIATE")
        archive.remember(HASH, JOIN)
        assert "could not be used this time" in caplog.text
        assert archive.recall(HASH, JOIN.sentence) is None
        assert archive.recall(HASH, GO.sentence) == GO
        archive.forget(HASH, GO.sentence)
        assert archive.recall(HASH, GO.sentence) is None, "a failure counts even while it cannot be written"
        other.execute("COMMIT")
        assert archive.recall(HASH, GO.sentence) is None
        archive.remember(HASH, GO)
        assert archive.recall(HASH, GO.sentence) is not None


def test_a_file_that_cannot_be_opened_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.archive_file._BUSY_SECONDS", 0)
    (tmp_path / "file").write_text("in the way")
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        for directory in (tmp_path, tmp_path / "file"):
            with closing(Experience(directory, HashEncoder())) as archive:
                archive.remember(HASH, GO)
                assert archive.recall(HASH, GO.sentence) == GO
    assert caplog.text.count("let no other program hold it") == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [("function_names", "{"), ("calls", "[3]"), ("confidence", "high"), ("source", "go(")],
)
def test_a_row_that_makes_no_sense_is_dropped(tmp_path: Path, column: str, value: str) -> None:
    with closing(Experience(tmp_path, HashEncoder())) as archive:
        archive.remember(HASH, GO)
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as file:
            file.execute(f"UPDATE experience SET {column}=?", (value,))
        assert archive.recall(HASH, GO.sentence.upper()) is None
        assert len(archive) == 0


def test_a_closed_archive_remembers_nothing_and_raises_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Experience(tmp_path, HashEncoder())
    archive.remember(HASH, GO)
    archive.close()
    archive.close()
    with caplog.at_level(logging.ERROR):
        assert archive.recall(HASH, GO.sentence) is None
        assert archive.near(HASH, GO.sentence, ["move"], 2) == ()
        archive.remember(HASH, JOIN)
        archive.forget(HASH, JOIN.sentence)
        assert len(archive) == 0


def test_exact_sentences_need_no_vector_store(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from inference.encoder import HashEncoder\n"
        "from rag.experience import Experience, PastRun\n"
        f"archive = Experience(Path({str(tmp_path)!r}), HashEncoder())\n"
        "archive.prepare('h', with_examples=False)\n"
        "archive.remember('h', PastRun('go', 'go()', ('go',), (('go', ''),), 1.0))\n"
        "assert archive.recall('h', 'go')\n"
        "sys.exit('chromadb' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
