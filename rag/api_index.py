"""Finds the functions of a device that a sentence may be about.

One Chroma collection for each device holds one chunk for each function. Meaning (cosine of the encoder's vectors)
and shared words (BM25, as z-scores over the chunks of the device) are added and become probabilities, with one more
for "none of these"; the encoder says how much each counts (`Choice`).

A directory belongs to one process: Chroma does not tell other processes about changes.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.ports import Encoder
from inference.words import split_clauses, split_words
from rag.chroma import HNSW, find_collection, open_chroma, storable
from rag.shared_words import SharedWords

# Chunks of one device that are compared by meaning; beyond these only shared words count.
_COMPARED_CHUNKS = 1000


@dataclass(frozen=True, slots=True)
class Chunk:
    """The texts about one function of a device.

    Attributes:
        key: the caller's name for the function.
        text: what it does, to be compared by meaning.
        words: all that is said of it, in any language, to be compared by words; `text` when left out.
    """

    key: str
    text: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function that a sentence may be about.

    `probability` (0 to 1) leaves room for none of the device's functions being meant; `dense` is the cosine of sentence
    and chunk (-1 to 1); `lexical` is the BM25 score (0 or more).
    """

    key: str
    probability: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class _Device:
    collection: Any
    keys: tuple[str, ...]
    words: SharedWords


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a sentence: the candidates, and the same ranked for each clause, in the sentence's order.

    `sentence` ranks them for all of it at once; it is empty where there is only one clause.
    """

    candidates: tuple[Candidate, ...]
    clauses: tuple[tuple[Candidate, ...], ...]
    sentence: tuple[Candidate, ...] = ()


class ApiIndex:
    """The functions of any number of devices, searchable by sentence. Calls from several threads are serialised."""

    def __init__(self, directory: Path | None, encoder: Encoder) -> None:
        """Describe the index; Chroma is imported and opened at first use, because that takes seconds.

        Args:
            directory: where to keep it between runs; None forgets it at `close`.
            encoder: makes the vectors. Devices indexed with another encoder are built anew.
        """
        self._directory = directory
        self._encoder = encoder
        self._client: Any = None
        self._devices: dict[str, _Device] = {}
        # All in-memory clients of a process share one store, so their collections need names of their own.
        self._prefix = "device" if directory is not None else f"memory-{secrets.token_hex(8)}"
        self._lock = threading.RLock()

    @property
    def encoder(self) -> Encoder:
        """What makes the vectors."""
        return self._encoder

    def build(self, device_id: str, content_hash: str, chunks: Sequence[Chunk]) -> bool:
        """Index the functions of a device, unless that was done before with the same content and encoder.

        Args:
            device_id: any text.
            content_hash: changes whenever the chunks do.
            chunks: one for each function; keys differ.

        Returns:
            Whether anything had to be built.

        Raises:
            ValueError: two chunks have the same key.
            ModelError: the encoder failed, or the directory cannot be used.
        """
        keys = tuple(chunk.key for chunk in chunks)
        if len(set(keys)) != len(keys):
            raise ValueError(f"Chunks of device {device_id!r} share keys: {sorted(keys)}")
        texts = [storable(chunk.text) for chunk in chunks]
        marks = {"content_hash": content_hash, "encoder": self._encoder.identity, "complete": True}
        with self._lock:
            known = self._find(device_id)
            if known is not None and marks.items() <= (known.metadata or {}).items():
                return False
            vectors = self._encoder.embed(texts)
            client = self._open()
            if known is not None:
                client.delete_collection(known.name)
                self._devices.pop(device_id, None)
            collection = client.create_collection(
                self._collection_name(device_id),
                embedding_function=None,
                configuration={"hnsw": HNSW},
                metadata={"device_id": storable(device_id)},
            )
            if chunks:
                collection.add(
                    ids=[str(number) for number in range(len(chunks))],
                    embeddings=vectors,
                    documents=texts,
                    metadatas=[
                        {"key": chunk.key, "words": storable(chunk.words or chunk.text)} for chunk in chunks
                    ],
                )
            # Last, so that a build which was interrupted is not taken for a finished one.
            collection.modify(metadata={"device_id": storable(device_id), **marks})
            return True

    def retrieve(self, device_id: str, sentence: str, k: int) -> tuple[Candidate, ...]:
        """Return at most `k` functions of a device that `sentence` may be about, best first.

        Raises:
            LookupError: the device was never built.
            ModelError: the encoder failed, or the directory cannot be used.
        """
        with self._lock:
            return _best(self._score(device_id, [sentence])[0], k)

    def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Retrieval:
        """Find the functions of a sentence that may ask for several things.

        Every clause is searched for by itself, and so is the whole sentence; a function counts with its best
        probability. The best function of every clause is among the candidates, as far as `k` allows.

        Raises:
            LookupError: the device was never built.
            ModelError: the encoder failed, or the directory cannot be used.
        """
        clauses = split_clauses(sentence)
        if len(clauses) < 2:  # noqa: PLR2004 one clause is the sentence itself
            found = self.retrieve(device_id, sentence, k)
            return Retrieval(found, (found,))
        with self._lock:
            searched = self._score(device_id, [sentence, *clauses])
        best_by_key: dict[str, Candidate] = {}
        for candidates in searched:
            for candidate in candidates:
                known = best_by_key.get(candidate.key)
                if known is None or candidate.probability > known.probability:
                    best_by_key[candidate.key] = candidate
        winners = {best.key for candidates in searched[1:] for best in _best(candidates, 1)}
        ranked = _best(list(best_by_key.values()), len(best_by_key))
        chosen = _best(sorted(ranked, key=lambda candidate: candidate.key not in winners)[: max(k, 0)], k)
        keys = {candidate.key for candidate in chosen}
        sentence_ranking, *clause_rankings = (
            _best([candidate for candidate in candidates if candidate.key in keys], k)
            for candidates in searched
        )
        return Retrieval(chosen, tuple(clause_rankings), sentence_ranking)

    def close(self) -> None:
        """Let go of the store. The index cannot be used afterwards."""
        with self._lock:
            if self._client is None:
                return
            if self._directory is None:
                for collection in self._client.list_collections():
                    if collection.name.startswith(self._prefix):
                        self._client.delete_collection(collection.name)
            self._devices.clear()
            self._client.close()
            self._client = None

    def _open(self) -> Any:
        if self._client is None:
            self._client = open_chroma(self._directory, "The API index", "the descriptions")
        return self._client

    def _collection_name(self, device_id: str) -> str:
        # Chroma allows few characters and short names; a device's id may be any text.
        digest = hashlib.sha256(device_id.encode("utf-8", errors="surrogatepass")).hexdigest()
        return f"{self._prefix}-{digest[:32]}"

    def _find(self, device_id: str) -> Any:
        """Return a device's collection, None when there is none."""
        return find_collection(self._open(), self._collection_name(device_id))

    def _device(self, device_id: str) -> _Device:
        if device_id not in self._devices:
            collection = self._find(device_id)
            if collection is None or not (collection.metadata or {}).get("complete"):
                raise LookupError(f"Device {device_id!r} has not been indexed.")
            stored = collection.get(include=["metadatas"])
            rows = sorted(zip(stored["ids"], stored["metadatas"], strict=True), key=lambda row: int(row[0]))
            words = SharedWords([split_words(str(metadata["words"])) for _, metadata in rows])
            keys = tuple(str(metadata["key"]) for _, metadata in rows)
            self._devices[device_id] = _Device(collection, keys, words)
        return self._devices[device_id]

    def _score(self, device_id: str, sentences: list[str]) -> list[list[Candidate]]:
        """Score all functions of a device for each sentence, in the order of the chunks."""
        device = self._device(device_id)
        count = len(device.keys)
        if not count:
            return [[] for _ in sentences]
        answer = device.collection.query(
            query_embeddings=self._encoder.embed([storable(sentence) for sentence in sentences]),
            n_results=min(count, _COMPARED_CHUNKS),
            include=["distances"],
        )
        scored = []
        for sentence, ids, distances in zip(sentences, answer["ids"], answer["distances"], strict=True):
            cosines = 1.0 - np.asarray(distances, dtype=np.float64)
            dense = np.full(count, cosines.min())
            dense[[int(identifier) for identifier in ids]] = cosines
            lexical = device.words.scores(split_words(sentence)).astype(np.float64)
            probabilities = self._probabilities(dense, lexical)
            rows = zip(device.keys, probabilities.tolist(), dense.tolist(), lexical.tolist(), strict=True)
            scored.append([Candidate(*row) for row in rows])
        return scored

    def _probabilities(self, dense: NDArray[np.float64], lexical: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each chunk; what is missing to 1 is that of none."""
        choice = self._encoder.choice
        logits = choice.scale * (dense - choice.none_cosine) + choice.lexical_weight * _z_scores(lexical)
        highest = max(float(logits.max()), 0.0)
        shares = np.exp(logits - highest)
        probabilities: NDArray[np.float64] = shares / (shares.sum() + np.exp(-highest))
        return probabilities


def _best(candidates: list[Candidate], k: int) -> tuple[Candidate, ...]:
    # The sort is stable: equal scores keep the order of the description.
    return tuple(sorted(candidates, key=lambda candidate: -candidate.probability)[: max(k, 0)])


def _z_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(values.std())
    if spread < 1e-9:  # noqa: PLR2004 all alike, up to rounding
        return np.zeros_like(values)
    standardised: NDArray[np.float64] = (values - values.mean()) / spread
    return standardised
