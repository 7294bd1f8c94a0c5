"""The reader, run by llama.cpp: a small encoder that reads a sentence together with each function it may be about."""

from __future__ import annotations

import struct
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from inference.encoder import REMEDY, verified_hash
from inference.llama_states import LlamaStates
from inference.ports import ModelError
from inference.reader_input import (
    CLS_TOKEN,
    SEPARATOR_TOKEN,
    FunctionTokens,
    function_start,
    function_tokens,
    reader_tokens,
    sentence_tokens,
)
from inference.reading import FunctionReading, slot_reading
from inference.safetensors_file import read_safetensors
from inference.settings import READER_WEIGHTS
from inference.signatures import FunctionSignature
from inference.text import Sentence
from inference.words import Place

_CONTEXT_TOKENS = 512
_REMEMBERED_FUNCTIONS = 2000
_REMEMBERED_PIECES = 20_000
_POINTERS = ("first", "last", "way")
_HEADS = {"relevance.weight", "relevance.bias"} | {
    f"{side}.{pointer}.{part}"
    for side in ("slot", "place")
    for pointer in _POINTERS
    for part in ("weight", "bias")
}
_RESTORE = "Restore the file from the repository."


class LlamaCppReader:
    """A GGUF file of the tuned encoder, and its pointers. Calls from several threads are serialised."""

    def __init__(self, path: Path | str, *, threads: int = 1, heads: Path = READER_WEIGHTS) -> None:
        """Load both files.

        Args:
            path: the GGUF file.
            threads: CPU threads; one, for the reasons of `LlamaCppEncoder`.
            heads: the pointers' weights.

        Raises:
            ModelError: one of them is missing or unusable.
        """
        self._path = Path(path)
        verified_hash(self._path, "The reader")
        self._heads = _read_heads(heads)
        self._encoder = LlamaStates(
            self._path,
            "The reader",
            REMEDY,
            threads=threads,
            tokens=_CONTEXT_TOKENS,
            pooling=llama_cpp.LLAMA_POOLING_TYPE_NONE,
        )
        self._lock = threading.Lock()
        self._functions: OrderedDict[FunctionSignature, FunctionTokens] = OrderedDict()
        self._pieces: dict[str, list[int]] = {}

    def read(
        self,
        sentence: Sentence,
        functions: Sequence[FunctionSignature],
        clause: Place | None = None,
    ) -> list[FunctionReading]:
        """Read a sentence with each function; see `Reader.read`.

        Raises:
            ModelError: llama.cpp failed.
        """
        with self._lock:
            said = sentence_tokens(sentence.lower, self._tokenize, clause)
            readings = []
            for function in functions:
                tokens = self._function(function)
                states = self._states(reader_tokens(said, tokens))
                start = function_start(said)
                evidence = states[0] @ self._heads["relevance.weight"][0] + self._heads["relevance.bias"][0]
                scores = self._scores(states, [start + max(0, slot.token) for slot in tokens.slots])
                slots = tuple(
                    slot_reading(parameter, slot, said, sentence.lower, scores[number])
                    for number, (parameter, slot) in enumerate(
                        zip(function.parameters, tokens.slots, strict=True)
                    )
                )
                readings.append(FunctionReading(float(evidence), slots))
            return readings

    def close(self) -> None:
        """Free the memory of the reader. It cannot be used afterwards."""
        with self._lock:
            self._encoder.close()

    def _scores(
        self, states: NDArray[np.float32], slots: Sequence[int]
    ) -> list[dict[str, NDArray[np.float64]]]:
        """Return for each slot the scores of its pointers over all tokens."""
        result: list[dict[str, NDArray[np.float64]]] = [{} for _ in slots]
        if not slots:
            return result
        for kind in _POINTERS:
            asking = self._linear(f"slot.{kind}", states[list(slots)])
            places = self._linear(f"place.{kind}", states)
            scores = (asking @ places.T / np.sqrt(places.shape[1])).astype(np.float64)
            for number, row in enumerate(scores):
                result[number][kind] = row
        return result

    def _linear(self, name: str, states: NDArray[np.float32]) -> NDArray[np.float32]:
        product: NDArray[np.float32] = states @ self._heads[f"{name}.weight"].T + self._heads[f"{name}.bias"]
        return product

    def _states(self, ids: Sequence[int]) -> NDArray[np.float32]:
        try:
            return self._encoder.states(ids)
        except RuntimeError as error:
            raise ModelError(f"llama.cpp failed on the reader {self._path} ({error}).", REMEDY) from error

    def _function(self, function: FunctionSignature) -> FunctionTokens:
        tokens = self._functions.pop(function, None)
        if tokens is None:
            tokens = function_tokens(function, self._tokenize)
            if len(self._functions) >= _REMEMBERED_FUNCTIONS:
                self._functions.popitem(last=False)
        self._functions[function] = tokens
        return tokens

    def _tokenize(self, text: str) -> list[int]:
        pieces = self._pieces.get(text)
        if pieces is None:
            if len(self._pieces) >= _REMEMBERED_PIECES:
                self._pieces.clear()
            content = text.encode("utf-8", errors="replace")
            pieces = [
                token for token in self._encoder.tokenize(content, framed=False) if token not in _FRAMING
            ]
            self._pieces[text] = pieces
        return pieces


def _read_heads(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        heads, _ = read_safetensors(path.read_bytes(), _HEADS)
    except OSError as error:
        raise ModelError(f"The reader's weights {path} cannot be read ({error.strerror}).", REMEDY) from error
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ModelError(f"The reader's weights {path} are damaged ({error}).", _RESTORE) from error
    missing = sorted(_HEADS - heads.keys())
    if missing:
        raise ModelError(f"The reader's weights {path} lack {missing[0]}.", _RESTORE)
    return heads


# llama.cpp puts these around every text that it turns into tokens for a BERT, asked or not.
_FRAMING = frozenset({CLS_TOKEN, SEPARATOR_TOKEN})
