from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.encoder import HashEncoder
from inference.ports import ModelError
from rag.api_index import ApiIndex, Chunk

ROBOT = [
    Chunk("moveToShelf", "moveToShelf: drive to a shelf"),
    Chunk("checkVacancy", "checkVacancy: look for free space on the shelf in front of the camera"),
    Chunk("get_battery_level", "get_battery_level: tell how much charge is left"),
    Chunk("liftFork", "liftFork: raise the fork by a height"),
    Chunk("honk", "honk: sound the horn"),
]


class CountingEncoder(HashEncoder):
    """Counts what it embeds, to see whether work is saved."""

    def __init__(self, identity: str = "counting") -> None:
        super().__init__()
        self.embedded: list[str] = []
        self._name = identity

    @property
    def identity(self) -> str:
        return self._name

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        return super().embed(texts)


class ConstantEncoder(HashEncoder):
    """Finds all texts equally near: only shared words can decide."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return super().embed(["same"] * len(texts))


@pytest.fixture
def index() -> Iterator[ApiIndex]:
    index = ApiIndex(None, HashEncoder())
    yield index
    index.close()


def keys(candidates: Sequence[object]) -> list[str]:
    return [candidate.key for candidate in candidates]  # type: ignore[attr-defined]


def test_the_right_function_comes_first_with_both_scores(index: ApiIndex) -> None:
    index.build("robot-1", "v1", ROBOT)
    candidates = index.retrieve("robot-1", "how much battery charge is left", 3)
    assert keys(candidates)[0] == "get_battery_level"
    assert len(candidates) == 3
    assert [candidate.probability for candidate in candidates] == sorted(
        (c.probability for c in candidates), reverse=True
    )
    assert candidates[0].lexical > 0
    assert 0 < candidates[0].dense <= 1


def test_shared_words_decide_where_meanings_are_equal() -> None:
    index = ApiIndex(None, ConstantEncoder())
    index.build("robot-1", "v1", ROBOT)
    assert keys(index.retrieve("robot-1", "sound the horn", 5))[0] == "honk"
    index.close()


def test_meaning_decides_where_no_word_is_shared(index: ApiIndex) -> None:
    vectors = {"raise it": [1.0, 0.0], "up: lift": [0.9, 0.1], "down: lower": [0.0, 1.0]}

    class Meaning(HashEncoder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            rows = np.array([vectors[text] for text in texts], dtype=np.float32)
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    index = ApiIndex(None, Meaning())
    index.build("lift", "v1", [Chunk("down", "down: lower"), Chunk("up", "up: lift")])
    first = index.retrieve("lift", "raise it", 2)[0]
    assert first.key == "up"
    assert first.lexical == 0
    assert first.dense == pytest.approx(0.9939, abs=1e-3)
    index.close()


def test_an_unchanged_device_is_not_embedded_again(tmp_path: Path) -> None:
    first = CountingEncoder()
    index = ApiIndex(tmp_path / "index", first)
    assert index.build("robot-1", "v1", ROBOT) is True
    assert index.build("robot-1", "v1", ROBOT) is False
    assert len(first.embedded) == len(ROBOT)
    index.close()

    second = CountingEncoder()
    reopened = ApiIndex(tmp_path / "index", second)
    assert reopened.build("robot-1", "v1", ROBOT) is False
    assert second.embedded == []
    assert keys(reopened.retrieve("robot-1", "sound the horn", 1)) == ["honk"]
    reopened.close()


def test_a_changed_description_replaces_the_old_functions(tmp_path: Path) -> None:
    index = ApiIndex(tmp_path, HashEncoder())
    index.build("robot-1", "v1", ROBOT)
    assert keys(index.retrieve("robot-1", "sound the horn", 1)) == ["honk"]
    assert index.build("robot-1", "v2", [Chunk("beep", "beep: make a sound")]) is True
    assert keys(index.retrieve("robot-1", "sound the horn", 5)) == ["beep"]
    index.close()


def test_another_encoder_means_building_anew(tmp_path: Path) -> None:
    index = ApiIndex(tmp_path, CountingEncoder("one"))
    index.build("robot-1", "v1", ROBOT)
    index.close()
    other = ApiIndex(tmp_path, HashEncoder(dimensions=64))
    assert other.build("robot-1", "v1", ROBOT) is True
    assert keys(other.retrieve("robot-1", "sound the horn", 1)) == ["honk"]
    other.close()


def test_an_interrupted_build_is_repeated(tmp_path: Path) -> None:
    index = ApiIndex(tmp_path, HashEncoder())
    index.build("robot-1", "v1", ROBOT)
    index._find("robot-1").modify(metadata={"device_id": "robot-1"})
    index.close()
    reopened = ApiIndex(tmp_path, HashEncoder())
    with pytest.raises(LookupError, match="robot-1"):
        reopened.retrieve("robot-1", "sound the horn", 1)
    assert reopened.build("robot-1", "v1", ROBOT) is True
    reopened.close()


def test_devices_and_indexes_do_not_see_each_other(index: ApiIndex) -> None:
    other = ApiIndex(None, HashEncoder())
    index.build("robot-1", "v1", ROBOT[:2])
    index.build("robot-2", "v1", ROBOT[2:])
    assert set(keys(index.retrieve("robot-1", "sound the horn", 9))) == {"moveToShelf", "checkVacancy"}
    with pytest.raises(LookupError, match="has not been indexed"):
        other.retrieve("robot-1", "sound the horn", 1)
    other.close()
    assert len(index.retrieve("robot-2", "sound the horn", 9)) == 3


def test_a_device_without_functions_has_no_candidates(index: ApiIndex) -> None:
    index.build("statue", "v1", [])
    assert index.retrieve("statue", "move to shelf 3", 5) == ()
    assert index.retrieve_clauses("statue", "move, then stop", 5).candidates == ()
    assert index.build("statue", "v1", []) is False


def test_chunks_and_sentences_without_words_do_no_harm(index: ApiIndex) -> None:
    index.build("robot-1", "v1", [Chunk("a", "???"), Chunk("b", "")])
    for sentence in ("", "!!!", "move", "\ud800"):
        assert set(keys(index.retrieve("robot-1", sentence, 5))) == {"a", "b"}


def test_one_function_gets_a_finite_score(index: ApiIndex) -> None:
    index.build("horn", "v1", ROBOT[4:])
    assert index.retrieve("horn", "sound the horn", 5)[0].probability <= 1.0


def test_keys_that_repeat_are_refused(index: ApiIndex) -> None:
    with pytest.raises(ValueError, match="share keys"):
        index.build("robot-1", "v1", [ROBOT[0], ROBOT[0]])


def test_every_clause_has_its_best_function_among_the_candidates(index: ApiIndex) -> None:
    index.build("robot-1", "v1", ROBOT)
    sentence = "drive to shelf 3, look for free space and then sound the horn"
    found = index.retrieve_clauses("robot-1", sentence, 3)
    candidates = found.candidates
    assert [clause[0].key for clause in found.clauses] == ["moveToShelf", "checkVacancy", "honk"]
    assert set(keys(candidates)) == {"moveToShelf", "checkVacancy", "honk"}
    assert [c.probability for c in candidates] == sorted((c.probability for c in candidates), reverse=True)
    assert len(keys(index.retrieve_clauses("robot-1", sentence, 5).candidates)) == 5
    assert index.retrieve_clauses("robot-1", sentence, 0).candidates == ()


def test_one_clause_is_searched_for_as_it_is(index: ApiIndex) -> None:
    index.build("robot-1", "v1", ROBOT)
    sentence = "please sound the horn."
    assert index.retrieve_clauses("robot-1", sentence, 4).candidates == index.retrieve("robot-1", sentence, 4)


def test_large_devices_are_searched_as_a_whole(index: ApiIndex) -> None:
    words = [f"w{number}" for number in range(400)]
    index.build("plant", "v1", [Chunk(word, f"set valve {word}") for word in words])
    for wanted in ("w0", "w199", "w399"):
        assert keys(index.retrieve("plant", f"please set {wanted}", 1)) == [wanted]
    assert len(index.retrieve("plant", "set valve", 400)) == 400


def test_an_unusable_directory_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ModelError, match="cannot be opened") as caught:
        ApiIndex(blocked, HashEncoder()).build("robot-1", "v1", ROBOT)
    assert "delete" in caught.value.remedy
