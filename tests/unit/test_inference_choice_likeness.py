"""Choices that are meant by other words, told by reader and encoder together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.choice_likeness import LikenessReader
from inference.ports import Choice
from inference.reading import FunctionReading
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, prepare
from inference.words import Place
from tests.reader_kit import ASKED, NOT_ASKED, reading

ROOM = Parameter("room", ParameterKind.STRING, choices=("kitchen", "bedroom", "hall"))
DIM = FunctionSignature("dim_lights", "Dims them.", (ROOM,))


class Associations:
    """An encoder for which texts with a word of the same line point the same way."""

    choice, identity, dimensions = Choice(), "associations", 4

    def __init__(self, *lines: str) -> None:
        self.embedded: list[str] = []
        self._lines = [set(line.split()) for line in lines]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for number, line in enumerate(self._lines):
                row[number] += bool(line & set(text.split()))
        normed: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return normed


class Fixed:
    """A reader that always thinks the same."""

    def __init__(self, evidence: float, said: str | None) -> None:
        self._evidence, self._said = evidence, said

    def read(
        self, sentence: Sentence, functions: Sequence[FunctionSignature], clause: Place | None = None
    ) -> list[FunctionReading]:
        said = {} if self._said is None else {"room": self._said}
        return [reading(sentence, function, self._evidence, said) for function in functions]


def read(
    text: str, encoder: Associations, evidence: float = ASKED, said: str | None = None, **more: Place
) -> FunctionReading:
    (found,) = LikenessReader(Fixed(evidence, said), encoder).read(prepare(text), [DIM], **more)
    return found


def test_among_choices_that_the_reader_cannot_tell_apart_the_likest_is_likelier() -> None:
    before = reading(prepare("it is too bright over the cooker"), DIM, ASKED, {}).slots[0]
    slot = read("it is too bright over the cooker", Associations("cooker kitchen", "bed bedroom")).slots[0]
    assert max(slot.choices, key=lambda choice: slot.choices[choice]) == "kitchen"
    # Whether a room was said at all is left to the reader.
    assert slot.left_out == before.left_out
    assert np.logaddexp.reduce(list(slot.choices.values())) == pytest.approx(
        np.logaddexp.reduce(list(before.choices.values()))
    )


def test_what_the_reader_is_sure_of_stands() -> None:
    slot = read("it is too bright over the cooker", Associations("cooker kitchen"), said="hall").slots[0]
    assert max(slot.choices, key=lambda choice: slot.choices[choice]) == "hall"


@pytest.mark.parametrize(("text", "evidence"), [("dim the hall", ASKED), ("over the cooker", NOT_ASKED)])
def test_the_encoder_is_not_asked_about_named_choices_and_unlikely_functions(
    text: str, evidence: float
) -> None:
    encoder = Associations("cooker kitchen")
    read(text, encoder, evidence)
    assert encoder.embedded == []


def test_a_clause_counts_alone_and_nothing_is_embedded_twice() -> None:
    encoder = Associations("cooker kitchen", "pillow bedroom")
    text = "it is bright at the pillow, and dim the one over the cooker"
    place = (text.index("and dim"), len(text))
    reader = LikenessReader(Fixed(ASKED, None), encoder)
    for _ in range(2):
        (found,) = reader.read(prepare(text), [DIM], place)
        choices = found.slots[0].choices
        assert max(choices, key=lambda choice: choices[choice]) == "kitchen"
    assert len(encoder.embedded) == len(set(encoder.embedded)) == 4
