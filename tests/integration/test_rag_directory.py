"""The directory of devices in a real Chroma: what it finds, what it embeds, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.directory import profiles, queries
from inference.encoder import HashEncoder
from inference.ports import ModelError
from rag.directory import Directory, DirectoryHit, DirectoryProfile


class CountingEncoder(HashEncoder):
    """Counts what it embeds."""

    def __init__(self, dimensions: int = 256) -> None:
        super().__init__(dimensions)
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().embed(texts)


LAMP = DirectoryProfile("lamp-1", "lamp", ("It can dim the light.",), "A lamp in the hall.")
PUMP = DirectoryProfile("pump-1", "pump", ("It can fill the tank.", "It can empty the tank."))
DOOR = DirectoryProfile("door-1", "door", ("It can open and close.",))


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def directory(encoder: CountingEncoder) -> Iterator[Directory]:
    opened = Directory(None, encoder)
    yield opened
    opened.close()


def names(hits: Sequence[DirectoryHit]) -> list[str]:
    return [hit.device_id for hit in hits]


def test_the_device_that_can_do_it_comes_first(directory: Directory) -> None:
    directory.put_many([LAMP, PUMP, DOOR])
    first = directory.relevant("empty the tank", 2)[0]
    assert (first.device_id, first.kind) == ("pump-1", "pump")
    assert 0.5 < first.score <= 1.0
    assert directory.relevant("empty the tank", 0) == []


def test_every_clause_finds_its_device(directory: Directory) -> None:
    directory.put_many([LAMP, PUMP, DOOR])
    assert set(names(directory.relevant("dim the light and empty the tank", 2))) == {"lamp-1", "pump-1"}


def test_devices_that_say_the_same_share_a_vector(directory: Directory, encoder: CountingEncoder) -> None:
    directory.put_many([DirectoryProfile(f"pump-{number}", "pump", PUMP.abilities) for number in range(500)])
    assert len(encoder.texts) == 2
    assert len(directory.vectors()) == 2
    assert len(directory.relevant("fill the tank", 20)) == 20


def test_only_what_is_new_is_embedded(directory: Directory, encoder: CountingEncoder) -> None:
    directory.put_many([LAMP, PUMP])
    encoder.texts.clear()
    directory.put_many([LAMP, PUMP])
    assert encoder.texts == []
    directory.put(DirectoryProfile("pump-1", "pump", ("It can fill the tank.", "It can sing.")))
    assert encoder.texts == ["pump. It can sing."]
    assert len(directory.vectors()) == 4, "what nobody says any more is gone"
    assert names(directory.relevant("sing", 1)) == ["pump-1"]


def test_who_is_removed_is_not_found(directory: Directory) -> None:
    directory.put_many([LAMP, PUMP])
    directory.remove("pump-1")
    directory.remove("nobody")
    assert names(directory.relevant("empty the tank", 5)) == ["lamp-1"]
    directory.hold([DOOR])
    assert names(directory.relevant("empty the tank", 5)) == ["door-1"]
    directory.hold([])
    assert directory.relevant("empty the tank", 5) == []


def test_vectors_outlive_a_restart_and_those_of_nobody_are_dropped(tmp_path: Path) -> None:
    first = Directory(tmp_path, HashEncoder())
    first.hold([LAMP, PUMP])
    first.close()
    encoder = CountingEncoder()
    again = Directory(tmp_path, encoder)
    again.hold([PUMP])
    assert encoder.texts == []
    assert len(again.vectors()) == 2
    assert names(again.relevant("dim the light", 5)) == ["pump-1"]
    again.close()


def test_vectors_of_another_encoder_are_dropped(tmp_path: Path) -> None:
    first = Directory(tmp_path, HashEncoder(64))
    first.hold([PUMP])
    first.close()
    encoder = CountingEncoder(128)
    again = Directory(tmp_path, encoder)
    again.hold([PUMP])
    assert len(encoder.texts) == 2
    again.close()


def test_progress_is_told_in_batches(encoder: CountingEncoder) -> None:
    told: list[tuple[int, int]] = []
    directory = Directory(None, encoder, lambda done, of: told.append((done, of)))
    directory.put_many(profiles(600))
    directory.close()
    assert told == [(256, 600), (512, 600), (600, 600)]


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    with pytest.raises(ModelError, match="The directory of devices in"):
        Directory(file, HashEncoder()).put(LAMP)


def test_recall_at_two_thousand_devices(directory: Directory, encoder: CountingEncoder) -> None:
    directory.put_many(profiles(2000))
    asked = encoder.embed(queries(50))
    exact = directory.nearest(asked, 10, is_exact=True)
    found = directory.nearest(asked, 10)
    pairs = zip(found, exact, strict=True)
    # Hash vectors tie often; a text as near as the last one of the exact answer is as good.
    good = [sum(score >= wanted[9][1] - 1e-5 for _, score in have[:10]) / 10 for have, wanted in pairs]
    assert float(np.mean(good)) >= 0.99


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["fill", "empty", "dim", ""])), max_size=12)
)
def test_any_history_leaves_what_the_last_words_say(steps: list[tuple[str, str]]) -> None:
    directory = Directory(None, HashEncoder(64))
    expected: dict[str, DirectoryProfile] = {}
    for device_id, deed in steps:
        if deed:
            expected[device_id] = DirectoryProfile(device_id, "machine", (f"It can {deed}.",))
            directory.put(expected[device_id])
        else:
            expected.pop(device_id, None)
            directory.remove(device_id)
    assert set(names(directory.relevant("fill", 10))) == set(expected)
    assert len(directory) == len(expected)
    if expected:
        assert len(directory.vectors()) == len({one.abilities for one in expected.values()})
    directory.close()
