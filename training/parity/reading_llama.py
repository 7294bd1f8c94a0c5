"""What the reader says in llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inference.reader import LlamaCppReader
from inference.reader_input import function_tokens, reader_tokens, sentence_tokens
from inference.signatures import FunctionSignature
from inference.text import prepare
from inference.words import Place
from training.parity.reading import Asked, Read, pointed


class _Reader(LlamaCppReader):
    """The reader of the run-time, which also shows what it reads."""

    def tokens(self, lower: str, function: FunctionSignature, clause: Place | None) -> list[int]:
        said = sentence_tokens(lower, self._tokenize, clause)
        return reader_tokens(said, function_tokens(function, self._tokenize))


def found(gguf: Path, heads: Path, asked: Sequence[Asked]) -> list[Read]:
    """Read each sentence with its function, as the run-time does."""
    reader = _Reader(gguf, threads=1, heads=heads)
    try:
        reads = []
        for typed, function, clause in asked:
            sentence = prepare(typed)
            tokens = reader.tokens(sentence.lower, function, clause)
            reading = reader.read(sentence, [function], clause)[0]
            reads.append(Read(typed, function, clause, tokens, reading.evidence, pointed(reading)))
        return reads
    finally:
        reader.close()
