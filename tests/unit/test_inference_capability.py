"""What devices can do: the nearest ability, and a judge that knows the right thing from the right deed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.capability import Capabilities, features, is_going, judge_weights, telling_words
from inference.encoder import HashEncoder
from inference.plan import KindProfile
from inference.ports import ModelError

KINDS = (
    KindProfile("washer", 2, ("It washes a carriage.", "It drives to a track."), ("washer-1", "washer-2")),
    KindProfile("signal", 1, (), ("signal-1",)),
)
ENCODER = HashEncoder()
# The judge looks only at how near the first word of a request is to some word of the ability.
FIRST_WORD = np.zeros(2 * ENCODER.dimensions + 9, dtype=np.float32)
FIRST_WORD[2 * ENCODER.dimensions + 1] = 1.0


def capabilities(bias: float = -1.0) -> Capabilities:
    weights = {"weight": FIRST_WORD, "bias": np.asarray([bias], dtype=np.float32)}
    return Capabilities(ENCODER, KINDS, weights)


def test_the_kind_with_the_nearest_ability_comes_first() -> None:
    first, second = capabilities().ranked("washes 3 carriage")
    assert (first.kind, first.text) == ("washer", "It washes a carriage.")
    assert first.cosine > second.cosine
    assert first.speaks_of("carriage")
    assert not first.speaks_of("track")


def test_a_device_without_abilities_is_known_by_what_it_is() -> None:
    assert capabilities().ranked("signal")[0].kind == "signal"


def test_the_judge_decides_and_believes_more_of_who_is_named() -> None:
    able = capabilities().ranked("washes the carriage")[0]
    assert capabilities().is_able("washes the carriage", able, is_named=False)
    assert not capabilities().is_able("paint the carriage", able, is_named=False)
    assert capabilities().is_able("paint the carriage", able, is_named=True)
    assert not capabilities(bias=-9.0).is_able("paint the carriage", able, is_named=True) or able.cosine > 0.7


def test_what_nobody_is_near_to_is_not_judged() -> None:
    class Counting(HashEncoder):
        asked = 0

        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            self.asked += len(texts)
            return super().embed(texts)

    encoder = Counting()
    here = Capabilities(encoder, KINDS, {"weight": FIRST_WORD, "bias": np.zeros(1, dtype=np.float32)})
    far = here.ranked("bake bread")[0]
    asked = encoder.asked
    assert not here.is_able("bake bread", far, is_named=False)
    assert encoder.asked == asked


@pytest.mark.parametrize(
    ("ability", "goes"),
    [
        ("It drives to a shelf.", True),
        ("It sails to a berth or a shelf.", True),
        ("Travel to a shelf, then check it.", True),
        ("It travels to a numbered shelf.", True),
        ("It goes over to a shelf.", True),
        ("It makes its way to a shelf.", True),
        ("It heads for a shelf and waits there.", True),
        ("It steers for a shelf.", True),
        ("It waits for a shelf.", False),
        ("It looks for a shelf.", False),
        ("It holds on to a shelf.", False),
        ("It moves a box to a shelf.", False),
        ("It brings a box over to a shelf.", False),
        ("It checks a shelf.", False),
        ("It drives to the garage.", False),
    ],
)
def test_who_goes_to_an_entity(ability: str, goes: bool) -> None:
    assert is_going(ability, "shelf") is goes


def test_words_that_say_nothing_count_only_where_there_are_no_others() -> None:
    assert telling_words("Could you wash the carriage?") == ["wash", "carriage"]
    assert telling_words("is it?") == ["is", "it"]
    assert telling_words("3") == ["a"]


def test_the_weights_that_ship_fit_the_features() -> None:
    encoder = HashEncoder(384)
    asked, able = encoder.embed(["wash it", "It washes."])
    given = features(asked, able, "wash it", "It washes.", encoder)
    weights = judge_weights()
    assert given.shape == weights["weight"].shape
    assert weights["bias"].size == 1


def test_weights_that_are_missing_or_damaged_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        judge_weights(tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(ModelError, match="damaged"):
        judge_weights(tmp_path / "bad.safetensors")
