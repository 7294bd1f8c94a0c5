"""Encoders: sentences become unit vectors, near when the meanings are near."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from inference.llama_states import LlamaStates
from inference.ports import Choice, ModelError
from inference.words import split_words

CHOICE_KEY = "parley.choice.{}"
"""Metadata of a GGUF in which a tuned encoder keeps the fields of its `Choice`."""

REMEDY = "Run `parley setup encoder`."

_WHAT = "The sentence encoder"
_CONTEXT_TOKENS = 512
# More than any context holds; keeps a pasted book from being tokenised.
_LONGEST_TEXT = 8000
# One subtask is sent for each of many shelves, and devices of one model have the same functions.
_REMEMBERED_TEXTS = 2000


class LlamaCppEncoder:
    """A GGUF file of an encoder, run in this process by llama.cpp. Texts beyond 512 tokens lose their end."""

    def __init__(self, path: Path | str, *, threads: int = 1) -> None:
        """Load the file, after comparing it with its manifest where it has one.

        Args:
            path: the GGUF file; `manifest_path(path)` may hold its size and hash.
            threads: CPU threads to compute with. One is best for sentences: two gain little on an idle machine,
                and on a busy one they wait for each other (measured: 130 ms instead of 15 ms for a sentence).

        Raises:
            ModelError: the file is missing, altered or unusable.
        """
        self._path = Path(path)
        self._identity = f"{self._path.stem}:{verified_hash(self._path)[:16]}"
        self._states = self._open(threads, llama_cpp.LLAMA_POOLING_TYPE_UNSPECIFIED)
        if self._states.pooling == llama_cpp.LLAMA_POOLING_TYPE_NONE:
            # The file does not say how token vectors become one; the mean is what most encoders mean.
            self._states.close()
            self._states = self._open(threads, llama_cpp.LLAMA_POOLING_TYPE_MEAN)
        self._dimensions = self._states.width
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._choice = _choice(self._states)

    def _open(self, threads: int, pooling: int) -> LlamaStates:
        return LlamaStates(
            self._path, _WHAT, REMEDY, threads=threads, tokens=_CONTEXT_TOKENS, pooling=pooling
        )

    @property
    def choice(self) -> Choice:
        """What the file says about its cosines; the defaults where it says nothing."""
        return self._choice

    @property
    def identity(self) -> str:
        """File name and the beginning of the file's SHA-256."""
        return self._identity

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed `texts`; see `Encoder.embed`.

        Raises:
            ModelError: llama.cpp failed.
        """
        try:
            # One text at a time: packed into one batch they take longer, and a text's vector would depend on
            # its neighbours (measured: up to 0.001 in a component).
            rows = [self._row(_encodable(text)) for text in texts]
        except RuntimeError as error:
            raise ModelError(f"The sentence encoder {self._path} failed ({error}).", REMEDY) from error
        return _unit_rows(np.asarray(rows, dtype=np.float32).reshape(len(texts), self._dimensions))

    def _row(self, text: str) -> NDArray[np.float32]:
        with self._lock:
            row = self._recent.pop(text, None)
            if row is None:
                tokens = self._states.tokenize(text.encode(), framed=True)
                row = self._states.vector(tokens[:_CONTEXT_TOKENS])
                if len(self._recent) >= _REMEMBERED_TEXTS:
                    self._recent.popitem(last=False)
            self._recent[text] = row
            return row

    def close(self) -> None:
        """Free the memory of the encoder. It cannot be used afterwards."""
        with self._lock:
            self._states.close()


class HashEncoder:
    """A fake encoder for tests: it knows words, not meanings.

    Every word gets a fixed random direction from its hash, a text the sum of its words' directions. So texts that
    share words are near, synonyms are not; it is deterministic and needs no file.
    """

    def __init__(self, dimensions: int = 256) -> None:
        """Choose the length of the vectors."""
        self._dimensions = dimensions

    @property
    def choice(self) -> Choice:
        """The defaults."""
        return Choice()

    @property
    def identity(self) -> str:
        """The same for all fakes of one length."""
        return f"hash:{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed `texts`; a text without words gets the direction of the empty word."""
        rows = [sum(self._direction(word) for word in split_words(text) or [""]) for text in texts]
        return _unit_rows(np.asarray(rows, dtype=np.float32).reshape(len(texts), self._dimensions))

    def _direction(self, word: str) -> NDArray[np.float32]:
        seed = int.from_bytes(
            hashlib.blake2b(word.encode("utf-8", errors="replace"), digest_size=8).digest(), "big"
        )
        return np.random.default_rng(seed).standard_normal(self._dimensions, dtype=np.float32)


def _choice(states: LlamaStates) -> Choice:
    said = {
        field.name: states.metadata(CHOICE_KEY.format(field.name)) for field in dataclasses.fields(Choice)
    }
    return Choice(**{name: float(value) for name, value in said.items() if value is not None})


def manifest_path(path: Path) -> Path:
    """Return where the size and hash of an encoder file are kept."""
    return path.with_name(path.name + ".json")


def verified_hash(path: Path, what: str = _WHAT) -> str:
    """Return the SHA-256 of a file that `parley setup encoder` wrote after comparing it with its manifest.

    Raises:
        ModelError: the file is missing, or differs from its manifest.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise ModelError(f"{what} {path} is missing.", REMEDY) from error
    manifest_file = manifest_path(path)
    if not manifest_file.exists():
        return _file_hash(path, stat.st_size, stat.st_mtime_ns)
    try:
        manifest = json.loads(manifest_file.read_text())
        expected_size, expected_hash = int(manifest["bytes"]), str(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The manifest {manifest_file} is damaged.", REMEDY) from error
    if stat.st_size != expected_size:
        raise ModelError(
            f"{what} {path} was altered: {stat.st_size} bytes instead of {expected_size}.",
            REMEDY,
        )
    found = _file_hash(path, stat.st_size, stat.st_mtime_ns)
    if found != expected_hash:
        raise ModelError(
            f"{what} {path} was altered: SHA-256 {found[:12]}… instead of {expected_hash[:12]}….",
            REMEDY,
        )
    return found


@functools.lru_cache(maxsize=16)
def _file_hash(path: Path, size: int, modified_ns: int) -> str:  # noqa: ARG001 both tell a changed file apart
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encodable(text: str) -> str:
    """Cut a text to the longest that is worth reading, and replace lone surrogates, which no UTF-8 can carry."""
    return text[:_LONGEST_TEXT].encode("utf-8", errors="replace").decode("utf-8")


def _unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = rows / np.maximum(lengths, np.float32(1e-12))
    return unit
