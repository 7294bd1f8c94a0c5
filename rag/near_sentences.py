"""Finds sentences that mean nearly the same, by the encoder's vectors in Chroma.

It holds nothing that is not kept elsewhere: what is missing is embedded again, what is too much is dropped. A directory
belongs to one process.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.ports import Encoder
from inference.search_text import without_numbers
from rag.chroma import HNSW, open_chroma, storable

LEAST_COSINE = 0.55
"""Sentences that are farther from each other than this do not count as near.

Measured with the tuned encoder on the development part of evals/independent, where no device is told the same twice: of
the sentences whose nearest neighbour is at least this near, two in three share a function with it, of the others one in seven.
"""


class NearSentences:
    """Sentences by key, searchable by meaning. Not safe for several threads at once.

    Args:
        directory: where the vectors are kept between runs; None forgets them at `close`.
        encoder: makes the vectors; those of another encoder are dropped.

    Raises:
        ModelError: the directory cannot be used.
    """

    def __init__(self, directory: Path | None, encoder: Encoder) -> None:
        self._encoder = encoder
        self._client = open_chroma(directory, "The index of sentences", "the experience archive")
        self._is_kept = directory is not None
        name = "sentences" if self._is_kept else f"sentences-{secrets.token_hex(8)}"
        marks = {"encoder": encoder.identity}
        collection = self._collection_of(name, marks)
        if (collection.metadata or {}) != marks:
            self._client.delete_collection(name)
            collection = self._collection_of(name, marks)
        self._collection = collection

    def hold(self, sentences: Mapping[str, str]) -> None:
        """Hold exactly these sentences: embed those that are new, drop the others. Keys tell which is which."""
        held = set(self._collection.get(include=[])["ids"])
        self.remove(sorted(held - sentences.keys()))
        missing = [key for key in sentences if key not in held]
        if missing:
            self._collection.add(ids=missing, embeddings=self._embed([sentences[key] for key in missing]))

    def add(self, key: str, sentence: str) -> None:
        """Hold one sentence more."""
        self._collection.upsert(ids=[key], embeddings=self._embed([sentence]))

    def remove(self, keys: Sequence[str]) -> None:
        """Drop sentences; keys that are not held do no harm."""
        if keys:
            self._collection.delete(ids=list(keys))

    def find(self, sentence: str, most: int) -> list[str]:
        """Return the keys of at most `most` sentences that are near, nearest first."""
        count = min(most, self._collection.count())
        if count < 1:
            return []
        answer = self._collection.query(
            query_embeddings=self._embed([sentence]), n_results=count, include=["distances"]
        )
        rows = zip(answer["ids"][0], answer["distances"][0], strict=True)
        return [key for key, distance in rows if 1.0 - distance >= LEAST_COSINE]

    def close(self) -> None:
        """Let go of the directory."""
        if not self._is_kept:
            self._client.delete_collection(self._collection.name)
        self._client.close()

    def _collection_of(self, name: str, marks: Mapping[str, str]) -> Any:
        return self._client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": HNSW}, metadata=dict(marks)
        )

    def _embed(self, sentences: Sequence[str]) -> Any:
        # Without amounts, as functions are searched for: the encoder has just seen this text and remembers it.
        return self._encoder.embed([storable(without_numbers(sentence)) for sentence in sentences])
