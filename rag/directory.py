"""The devices of a site by what they can do, searchable by meaning, so that a planner sees only those that a goal may be for.

Each ability is one vector, and devices that say the same share it. What devices say is kept elsewhere (their profiles); here
lie only the vectors, so a folder that was lost is filled again. A folder belongs to one process.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.ports import Encoder
from inference.search_text import without_numbers
from inference.words import split_clauses
from rag.chroma import HNSW, open_chroma, storable

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

# So many texts are embedded, stored and told of at once; Chroma takes about five thousand.
_BATCH = 256
# Several abilities of one device may be near to a goal, and each device counts once.
_TEXTS_PER_HIT = 4
_MOST_TEXTS = 1000
_MOST_CLAUSES = 12


@dataclass(frozen=True, slots=True)
class DirectoryProfile:
    """What a device says of itself, in plain language.

    Attributes:
        device_id: the device; or a kind, where devices of one kind are summed up.
        kind: a common noun: "robot".
        abilities: one sentence each.
        about: a sentence about it.
    """

    device_id: str
    kind: str
    abilities: tuple[str, ...]
    about: str = ""

    def texts(self) -> tuple[str, ...]:
        """Return what it is found by, in the form in which routing compares abilities with goals."""
        said = [one for one in (*self.abilities, self.about) if one.strip()]
        return tuple(dict.fromkeys(storable(f"{self.kind}. {one}") for one in said or [""]))


@dataclass(frozen=True, slots=True)
class DirectoryHit:
    """A device that a goal may be for; `score` is the cosine (-1 to 1) of its nearest ability and a clause of the goal."""

    device_id: str
    kind: str
    score: float


class Directory:
    """Devices, searchable by what they can do. Calls from several threads are serialised.

    Args:
        folder: where the vectors are kept between runs; None forgets them at `close`. Opened at first use, because Chroma
            takes seconds to import.
        encoder: makes the vectors; those of another encoder are dropped.
        on_progress: told how many of how many texts are embedded, a batch at a time.
    """

    def __init__(self, folder: Path | None, encoder: Encoder, on_progress: Progress | None = None) -> None:
        self._folder = folder
        self._encoder = encoder
        self._on_progress = on_progress
        self._client: Any = None
        self._collection: Any = None
        self._profiles: dict[str, DirectoryProfile] = {}
        # Whom each vector belongs to. A vector of before that nobody owns yet is dropped by `hold`.
        self._owners: dict[str, dict[str, None]] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """Count the devices."""
        return len(self._profiles)

    def put(self, profile: DirectoryProfile) -> None:
        """Take in one device, in place of what it said before.

        Raises:
            ModelError: the encoder failed, or the folder cannot be used.
        """
        self.put_many([profile])

    def put_many(self, profiles: Iterable[DirectoryProfile]) -> None:
        """Take in many devices; only what no device has said before is embedded.

        Raises:
            ModelError: the encoder failed, or the folder cannot be used.
        """
        with self._lock:
            changed = {one.device_id: one for one in profiles if self._profiles.get(one.device_id) != one}
            if not changed:
                return
            texts = {_key(text): text for one in changed.values() for text in one.texts()}
            self._embed({key: text for key, text in texts.items() if key not in self._owners})
            before = [owned for device_id in changed for owned in self._disown(device_id)]
            for device_id, profile in changed.items():
                self._profiles[device_id] = profile
                for text in profile.texts():
                    self._owners.setdefault(_key(text), {})[device_id] = None
            self._drop([key for key in before if key not in self._owners])

    def remove(self, device_id: str) -> None:
        """Forget a device; one that is not known does no harm."""
        with self._lock:
            self._drop([key for key in self._disown(device_id) if key not in self._owners])

    def hold(self, profiles: Sequence[DirectoryProfile]) -> None:
        """Hold exactly these devices.

        Raises:
            ModelError: the encoder failed, or the folder cannot be used.
        """
        with self._lock:
            is_first = self._collection is None
            self.put_many(profiles)
            for device_id in self._profiles.keys() - {one.device_id for one in profiles}:
                self.remove(device_id)
            if is_first and self._collection is not None:
                kept = self._collection.get(include=[])["ids"]
                self._drop([key for key in kept if key not in self._owners])

    def relevant(self, goal: str, limit: int, *, is_exact: bool = False) -> list[DirectoryHit]:
        """Return at most `limit` devices that a goal may be for, the nearest of each of its clauses first.

        Args:
            goal: a person's words; every clause is searched for by itself.
            limit: how many devices at most.
            is_exact: compare with every vector instead of searching the index: what its recall is measured by.

        Raises:
            ModelError: the encoder failed, or the folder cannot be used.
        """
        clauses = split_clauses(goal)[:_MOST_CLAUSES] or [goal]
        texts = list(dict.fromkeys([*clauses, goal])) if len(clauses) > 1 else clauses
        with self._lock:
            if limit < 1 or not self._profiles:
                return []
            asked = self._encoder.embed([without_numbers(storable(text)) for text in texts])
            ranked = [self._devices(row, limit) for row in self.nearest(asked, limit, is_exact=is_exact)]
        found: dict[str, DirectoryHit] = {}
        for rank in range(limit):
            for hits in ranked:
                for hit in hits[rank : rank + 1]:
                    known = found.get(hit.device_id)
                    if known is None or hit.score > known.score:
                        found[hit.device_id] = hit
        return list(found.values())[:limit]

    def nearest(
        self, vectors: NDArray[np.float32], limit: int, *, is_exact: bool = False
    ) -> list[list[tuple[str, float]]]:
        """Return, for each unit vector (rows), the keys of the texts nearest to it with their cosines, nearest first."""
        with self._lock:
            count = min(self._open().count(), max(limit, 1) * _TEXTS_PER_HIT, _MOST_TEXTS)
            if is_exact:
                return _exact(self.vectors(), vectors, count)
            answer = self._open().query(query_embeddings=vectors, n_results=count, include=["distances"])
        return [
            [(key, 1.0 - float(distance)) for key, distance in zip(keys, distances, strict=True)]
            for keys, distances in zip(answer["ids"], answer["distances"], strict=True)
        ]

    def vectors(self) -> Mapping[str, NDArray[np.float32]]:
        """Return every vector by its key: unit length, as the encoder made them."""
        with self._lock:
            stored = self._open().get(include=["embeddings"])
        return dict(zip(stored["ids"], np.asarray(stored["embeddings"], dtype=np.float32), strict=True))

    def close(self) -> None:
        """Let go of the folder. The directory cannot be used afterwards."""
        with self._lock:
            if self._client is None:
                return
            if self._folder is None:
                self._client.delete_collection(self._collection.name)
            self._client.close()
            self._client = self._collection = None

    def _devices(self, row: Sequence[tuple[str, float]], limit: int) -> list[DirectoryHit]:
        best: dict[str, DirectoryHit] = {}
        for key, score in row:
            for device_id in self._owners.get(key, ()):
                if len(best) < limit and device_id not in best:
                    best[device_id] = DirectoryHit(device_id, self._profiles[device_id].kind, score)
        return list(best.values())

    def _embed(self, texts: Mapping[str, str]) -> None:
        collection = self._open()
        held = set(collection.get(ids=list(texts), include=[])["ids"]) if texts else set()
        missing = [(key, text) for key, text in texts.items() if key not in held]
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            collection.add(
                ids=[key for key, _ in batch], embeddings=self._encoder.embed([text for _, text in batch])
            )
            done = start + len(batch)
            if len(missing) > _BATCH:
                logger.info("The directory has read %d of %d abilities of devices.", done, len(missing))
            if self._on_progress is not None:
                self._on_progress(done, len(missing))

    def _disown(self, device_id: str) -> list[str]:
        profile = self._profiles.pop(device_id, None)
        keys = [] if profile is None else [_key(text) for text in profile.texts()]
        for key in keys:
            owners = self._owners[key]
            del owners[device_id]
            if not owners:
                del self._owners[key]
        return keys

    def _drop(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), _BATCH):
            self._open().delete(ids=list(keys[start : start + _BATCH]))

    def _open(self) -> Any:
        if self._collection is None:
            self._client = open_chroma(self._folder, "The directory of devices", "the devices' profiles")
            # All in-memory clients of a process share one store.
            name = "devices" if self._folder is not None else f"devices-{secrets.token_hex(8)}"
            marks = {"encoder": self._encoder.identity}
            collection = self._collection_of(name, marks)
            if (collection.metadata or {}) != marks:
                self._client.delete_collection(name)
                collection = self._collection_of(name, marks)
            self._collection = collection
        return self._collection

    def _collection_of(self, name: str, marks: Mapping[str, str]) -> Any:
        return self._client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": HNSW}, metadata=dict(marks)
        )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _exact(
    known: Mapping[str, NDArray[np.float32]], vectors: NDArray[np.float32], count: int
) -> list[list[tuple[str, float]]]:
    keys, table = list(known), np.stack(list(known.values()))
    cosines = vectors @ table.T
    rows = []
    for row in cosines:
        order = np.argsort(-row, kind="stable")[:count]
        rows.append([(keys[index], float(row[index])) for index in order])
    return rows
