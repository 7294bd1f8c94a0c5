"""What a device agent has done well before: programs by the sentence they were written for.

SQLite holds the truth, in one file of the agent's state directory; nothing of it leaves the agent. Chroma only finds near
sentences in it, for language models that take examples, and is built anew from it.

The archive saves work and decides nothing, so whatever is wrong with its files never stops any (`rag.archive_file`): all
that was in it can be written again by the model. Whoever takes a program from here checks it as if a model had just
written it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from inference.ports import Encoder
from rag.archive_file import ArchiveFile
from rag.chroma import storable
from rag.near_sentences import NearSentences
from rag.same_sentence import normalised, writes_the_same

logger = logging.getLogger(__name__)
T = TypeVar("T")

FILE_NAME = "experience.sqlite3"
NEAR_DIRECTORY = "experience"
CAPACITY = 10_000

# Kept in the file: raise it when programs or their notation change, so that those of before are not used any more.
_FORMAT = 1
# A start must not take minutes because the model was exchanged for one that takes examples.
_SEARCHED_AT_MOST = 1000
# Near sentences often call the same functions, and one of them says enough.
_COMPARED_PER_EXAMPLE = 8
_LONGEST_EXAMPLE = 200
# `last_used` counts uses and not seconds: the clocks of small devices start in the past.
_SCHEMA = """
CREATE TABLE experience (
    key TEXT PRIMARY KEY,
    description_hash TEXT NOT NULL,
    normalised TEXT NOT NULL,
    sentence TEXT NOT NULL,
    source TEXT NOT NULL,
    function_names TEXT NOT NULL,
    calls TEXT NOT NULL,
    confidence REAL NOT NULL,
    times_used INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    is_running INTEGER NOT NULL
);
CREATE INDEX by_last_use ON experience (last_used);
"""
_READ = """
SELECT sentence, source, function_names, calls, confidence, times_used FROM experience
WHERE key = ? AND description_hash = ?
"""
_REMEMBER = """
INSERT INTO experience VALUES
    (?, ?, ?, ?, ?, ?, ?, ?, 1, (SELECT coalesce(max(last_used), 0) + 1 FROM experience), 0)
ON CONFLICT (key) DO UPDATE SET
    times_used = CASE WHEN source = excluded.source THEN times_used + 1 ELSE 1 END,
    sentence = excluded.sentence, source = excluded.source, function_names = excluded.function_names,
    calls = excluded.calls, confidence = excluded.confidence, last_used = excluded.last_used, is_running = 0
"""
_FORGET_UNUSED = """
DELETE FROM experience WHERE key IN (SELECT key FROM experience ORDER BY last_used DESC LIMIT -1 OFFSET ?)
RETURNING key
"""
_SEARCHED = "SELECT key, sentence FROM experience WHERE length(sentence) <= ? ORDER BY last_used DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class PastRun:
    """A program that passed every check and ran to a successful end.

    Attributes:
        sentence: what it was written for.
        source: the program.
        function_names: what it may call.
        calls: its calls in the language model's notation: each function's name, and what stood between its brackets.
        confidence: how likely it was thought to be right, 0 to 1.
        times_used: how often it has ended well.
    """

    sentence: str
    source: str
    function_names: tuple[str, ...]
    calls: tuple[tuple[str, str], ...]
    confidence: float
    times_used: int = 1


class Experience:
    """The archive of one agent. May be used from any thread; no method raises for what is wrong with its files.

    Args:
        directory: the agent's state directory, made when missing; None forgets everything at `close`.
        encoder: finds near sentences.
        capacity: how many programs are kept; those that were not used for longest go first.
    """

    def __init__(self, directory: Path | None, encoder: Encoder, *, capacity: int = CAPACITY) -> None:
        self._directory = directory
        self._encoder = encoder
        self._capacity = capacity
        self._lock = threading.RLock()
        self._near: NearSentences | None = None
        self._is_searchable = True
        # What failed while the file could not be written must not be run again all the same.
        self._failed: set[str] = set()
        self._file = ArchiveFile(None if directory is None else directory / FILE_NAME, _SCHEMA, _FORMAT)

    def prepare(self, description_hash: str, *, with_examples: bool) -> None:
        """Begin a new life of the agent.

        Drops what was done under other descriptions of the device, and what `begin` was called for in an earlier life
        without an end. Makes near sentences searchable where wanted: embeds those that the search lacks, a thousand at most.
        """
        with self._lock:
            self._file.run(
                "DELETE FROM experience WHERE description_hash != ? OR is_running", (description_hash,)
            )
            if with_examples:
                self._search(lambda _: None)

    def recall(self, description_hash: str, sentence: str) -> PastRun | None:
        """Return what was done for this very sentence; `rag.same_sentence` says how far it may differ.

        Args:
            description_hash: of the device's present description.
            sentence: the words of now.
        """
        key = _key(description_hash, sentence)
        with self._lock:
            known = self._read(description_hash, key)
            try:
                is_same = known is not None and writes_the_same(known.source, known.sentence, sentence)
            except (SyntaxError, ValueError):
                self._drop(key)
                return None
            return known if is_same else None

    def begin(self, description_hash: str, sentence: str) -> None:
        """Note that what was recalled for a sentence is run now: `remember` or `forget` say how it ends.

        Where neither comes, because the agent is killed in between, nobody knows how it ended.
        """
        with self._lock:
            key = _key(description_hash, sentence)
            self._file.run("UPDATE experience SET is_running = 1 WHERE key = ?", (key,))

    def near(
        self, description_hash: str, sentence: str, function_names: Collection[str], most: int
    ) -> tuple[PastRun, ...]:
        """Return at most `most` programs of near sentences, nearest first; each calls other functions than the rest.

        Args:
            description_hash: of the device's present description.
            sentence: the words of now.
            function_names: what they may call.
            most: how many.
        """
        with self._lock:
            keys = self._search(lambda near: near.find(sentence, _COMPARED_PER_EXAMPLE * most)) or []
            chosen: dict[tuple[str, ...], PastRun] = {}
            for key in keys:
                known = self._read(description_hash, key)
                called = tuple(name for name, _ in known.calls) if known is not None else ()
                if known is not None and called and set(called) <= set(function_names):
                    chosen.setdefault(called, known)
            return tuple(chosen.values())[:most]

    def remember(self, description_hash: str, run: PastRun) -> None:
        """Keep a program that has just run to a successful end, or count that it did so once more.

        Only programs that passed every check belong here; `run.times_used` is not looked at.
        """
        key = _key(description_hash, run.sentence)
        texts = (description_hash, normalised(run.sentence), run.sentence, run.source)
        row = (
            key,
            *(storable(text) for text in texts),
            json.dumps(run.function_names),
            json.dumps(run.calls),
            run.confidence,
        )
        with self._lock:
            if self._file.run(_REMEMBER, row) is None:
                return
            self._failed.discard(key)
            unused = [old for (old,) in self._file.run(_FORGET_UNUSED, (self._capacity,)) or []]
            if self._near is not None:
                if len(run.sentence) <= _LONGEST_EXAMPLE:
                    self._search(lambda near: near.add(key, run.sentence))
                self._search(lambda near: near.remove(unused))

    def forget(self, description_hash: str, sentence: str) -> None:
        """Evict what was done for this sentence: it has failed, or a person stopped it."""
        with self._lock:
            self._drop(_key(description_hash, sentence))

    def __len__(self) -> int:
        """How many programs are remembered."""
        with self._lock:
            return sum(count for (count,) in self._file.run("SELECT count(*) FROM experience") or [])

    def close(self) -> None:
        """Close the file and let go of the search. Nothing is remembered or recalled afterwards."""
        with self._lock:
            self._file.close()
            near, self._near, self._is_searchable = self._near, None, False
            if near is not None:
                with suppress(Exception):  # it may be what failed
                    near.close()

    def _read(self, description_hash: str, key: str) -> PastRun | None:
        if key in self._failed:
            return None
        rows = self._file.run(_READ, (key, description_hash)) or []
        for sentence, source, function_names, calls, confidence, times_used in rows:
            try:
                return PastRun(
                    sentence,
                    source,
                    tuple(str(name) for name in json.loads(function_names)),
                    tuple((str(name), str(written)) for name, written in json.loads(calls)),
                    float(confidence),
                    int(times_used),
                )
            except (TypeError, ValueError):
                self._drop(key)
        return None

    def _drop(self, key: str) -> None:
        self._failed.add(key)
        if self._file.run("DELETE FROM experience WHERE key = ?", (key,)) is not None:
            self._failed.discard(key)
        if self._near is not None:
            self._search(lambda near: near.remove([key]))

    def _search(self, work: Callable[[NearSentences], T]) -> T | None:
        """Do something with the search, which is opened first; None where it cannot be used."""
        if not self._is_searchable:
            return None
        try:
            if self._near is None:
                directory = None if self._directory is None else self._directory / NEAR_DIRECTORY
                self._near = NearSentences(directory, self._encoder)
                self._near.hold(dict(self._file.run(_SEARCHED, (_LONGEST_EXAMPLE, _SEARCHED_AT_MOST)) or []))
            return work(self._near)
        # Chroma raises whatever its database does, and examples are a help that can be done without.
        except Exception as error:  # noqa: BLE001
            logger.warning("Near sentences are not searched for until the next start: %s", error)
            self._is_searchable = False
            return None


def _key(description_hash: str, sentence: str) -> str:
    text = f"{description_hash}\0{normalised(sentence)}"
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
