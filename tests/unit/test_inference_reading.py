"""What a reader's scores come to: shares over the places that a parameter's value may stand at."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.reader_input import UNSEEN, Slot, function_tokens, reader_tokens, sentence_tokens
from inference.reading import FunctionReading, SlotReading, slot_reading
from inference.safetensors_file import read_safetensors
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from tests.reader_kit import Pieces, reading
from tests.tiny_bert import safetensors

COLOUR = Parameter("colour", ParameterKind.STRING, choices=("red", "blue"))
WET = Parameter("wet", ParameterKind.BOOLEAN)
LEVEL = Parameter("level", ParameterKind.NUMBER, unit="percent", current="get_level")
SHELF = Parameter("shelf", ParameterKind.INTEGER)
NAME = Parameter("name", ParameterKind.STRING)
PAINT = FunctionSignature("paint", "", (COLOUR, WET, LEVEL, SHELF, NAME))


def slots(text: str, seed: int, spread: float = 4.0) -> list[SlotReading]:
    """Read with scores by chance."""
    tokenize, random = Pieces(), np.random.default_rng(seed)
    sentence, tokens = sentence_tokens(text, tokenize), function_tokens(PAINT, tokenize)
    length = len(reader_tokens(sentence, tokens))
    return [
        slot_reading(
            parameter,
            slot,
            sentence,
            text,
            {kind: random.normal(0, spread, length) for kind in ("first", "last", "way")},
        )
        for parameter, slot in zip(PAINT.parameters, tokens.slots, strict=True)
    ]


@given(text=st.text(st.sampled_from("ab3 ,.%"), max_size=40), seed=st.integers(0, 10**6))
def test_shares_sum_to_one(text: str, seed: int) -> None:
    for slot in slots(prepare(text).lower, seed):
        if slot.choices:
            assert math.exp(slot.left_out) + sum(map(math.exp, slot.choices.values())) == pytest.approx(1)
            continue
        assert np.exp(slot.firsts).sum() == pytest.approx(1)
        assert slot.left_out == slot.firsts[0]
        if slot.sentence.tokens:
            assert np.exp(slot.lasts).sum() == pytest.approx(1)
        assert slot.lasts[0] == -math.inf
        assert bool(slot.ways) is (slot.parameter is LEVEL)
        if slot.ways:
            assert set(slot.ways) == {"", "up", "down"}
            assert sum(map(math.exp, slot.ways.values())) == pytest.approx(1)


@given(seed=st.integers(0, 10**6), spread=st.floats(0.1, 50))
def test_what_is_said_is_never_more_than_certain(seed: int, spread: float) -> None:
    for slot in slots("paint shelf 3 red by 10 percent", seed, spread):
        for words in ("red", "yes", "3", "10 percent", "up", "down 10 percent", "shelf 3", "absent"):
            said = slot.said(words)
            assert math.isfinite(said)
            assert said <= 1e-9


def test_a_choice_is_pointed_at_whether_it_is_said_or_not() -> None:
    sentence = prepare("make it the colour of blood")
    colour, wet, *_ = reading(sentence, PAINT, said={"colour": "red", "wet": "no"}).slots
    assert colour.said("red") == pytest.approx(0, abs=0.01)
    assert colour.said("blue") < -10
    assert colour.said("green") < -10
    assert wet.said("no") > -0.01 > -10 > wet.said("yes")
    assert max(colour.left_out, wet.left_out) < -10


def test_words_of_the_sentence_are_said_where_they_stand() -> None:
    sentence = prepare("paint shelf 3 and not shelf 4")
    slot = reading(sentence, PAINT, said={"shelf": "3"}).slots[3]
    assert slot.said("3") == pytest.approx(0, abs=0.01)
    assert slot.said("4") < -10
    assert slot.said("99") < -10
    assert slot.left_out < -10


def test_words_that_stand_twice_are_said_at_either_place() -> None:
    sentence = prepare("red paint , i repeat , red paint")
    slot = reading(sentence, PAINT, said={"name": "red"}).slots[4]
    # Firsts and lasts are pointed at one by one, so half of it goes to spans from one place to the other.
    assert slot.said("red") == pytest.approx(math.log(0.5), abs=0.01)


def test_a_direction_is_said_beside_its_amount() -> None:
    sentence = prepare("brighten it by 10 percent")
    slot = reading(sentence, PAINT, said={"level": "up 10 percent"}).slots[2]
    assert slot.said("up 10 percent") == pytest.approx(0, abs=0.01)
    assert max(slot.said("down 10 percent"), slot.said("10 percent"), slot.said("up")) < -10
    plain = reading(prepare("a bit darker"), PAINT, said={"level": "down"}).slots[2]
    assert plain.said("down") == pytest.approx(0, abs=0.01)
    assert plain.said("up") < -10
    absolute = reading(sentence, PAINT, said={"level": "10 percent"}).slots[2]
    assert absolute.said("10 percent") == pytest.approx(0, abs=0.01)
    assert absolute.said("up 10 percent") < -10


def test_a_text_may_begin_with_up() -> None:
    sentence = prepare("call it up north")
    slot = reading(sentence, PAINT, said={"name": "up north"}).slots[4]
    assert slot.said("up north") == pytest.approx(0, abs=0.01)


def test_what_was_not_said_was_left_out() -> None:
    for slot in reading(prepare("paint it"), PAINT).slots:
        assert slot.left_out == pytest.approx(0, abs=0.01)


def test_a_direction_without_an_amount_is_not_silence() -> None:
    level = reading(prepare("a bit brighter"), PAINT, said={"level": "up"}).slots[2]
    assert level.left_out == pytest.approx(0, abs=0.01)
    assert level.silence < -10
    unsaid = reading(prepare("paint it"), PAINT).slots
    assert [slot.silence for slot in unsaid] == pytest.approx([0] * 5, abs=0.01)
    said = reading(prepare("paint shelf 3"), PAINT, said={"shelf": "3"}).slots[3]
    assert said.silence == said.left_out < -10


@pytest.mark.parametrize("parameter", PAINT.parameters, ids=lambda parameter: str(parameter.name))
def test_a_parameter_that_was_not_seen_was_not_said(parameter: Parameter) -> None:
    lower = "paint shelf 3 red up 10 percent"
    scores = {kind: np.zeros(100) for kind in ("first", "last", "way")}
    slot = slot_reading(parameter, Slot(UNSEEN, {}), sentence_tokens(lower, Pieces()), lower, scores)
    assert (slot.left_out, slot.silence) == (0, 0)
    for words in ("red", "yes", "3", "10 percent", "up", "up 10 percent", "down"):
        assert slot.said(words) < -10


def test_a_sentence_without_words_can_be_read() -> None:
    for slot in slots("", 1):
        assert slot.said("3") < -10


def test_evidence_is_a_logit() -> None:
    assert FunctionReading(0.0, ()).probability == 0.5
    assert FunctionReading(math.log(3), ()).probability == pytest.approx(0.75)


def test_weights_are_read_with_their_shapes_in_both_precisions() -> None:
    half = np.arange(6, dtype="<f2").reshape(2, 3) / 4
    whole = np.asarray([1.5, -2.25], dtype="<f4")
    header = {
        "__metadata__": {"scale": "3"},
        "half": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]},
        "whole": {"dtype": "F32", "shape": [2], "data_offsets": [12, 20]},
        "places": {"dtype": "I64", "shape": [1], "data_offsets": [20, 28]},
    }
    text = json.dumps(header).encode()
    content = len(text).to_bytes(8, "little") + text + half.tobytes() + whole.tobytes() + bytes(8)
    tensors, metadata = read_safetensors(content)
    assert set(tensors) == {"half", "whole"}
    assert tensors["half"].tolist() == [[0, 0.25, 0.5], [0.75, 1.0, 1.25]]
    assert tensors["whole"].tolist() == [1.5, -2.25]
    assert {values.dtype for values in tensors.values()} == {np.dtype(np.float32)}
    assert metadata == {"scale": "3"}


def test_a_file_of_weights_without_metadata_has_none() -> None:
    assert read_safetensors(safetensors({"a": np.ones(2)}, {}))[1] == {}
