"""The APIs of all devices in one place: every function under a name that says whose it is, and one search over all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from device_agent.signatures import chunks, index_key, signatures
from firmware_api_specs.thing_description import ThingDescription
from inference.notation import MAXIMUM_CANDIDATES
from inference.program_prompt import Hint
from inference.search_text import without_numbers
from inference.signatures import FunctionSignature
from inference.words import split_clauses
from protocol.errors import InputError
from rag.api_index import ApiIndex, Candidate, Chunk

_EVERYBODY = "every device"
_MARK = "__"


class Scope(StrEnum):
    """Among which functions those for a device's sentence are searched."""

    DEVICE = "device"
    """The functions of the device that the sentence is for: the best that can be done for a central coder."""
    SITE = "site"
    """All functions of all devices, each said to be which device's; the model has to choose the device too."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a sentence: functions, in the order of their devices, and for each clause how probable each is."""

    functions: tuple[FunctionSignature, ...]
    rankings: tuple[tuple[Hint, ...], ...]


class CentralApis:
    """Every function of every device. Nothing is hidden from it, as in LLMind 1.0.

    Args:
        descriptions: the devices' APIs, by device.
        index: searches them; may hold other devices too.
    """

    def __init__(self, descriptions: Mapping[str, ThingDescription], index: ApiIndex) -> None:
        self.descriptions = dict(descriptions)
        self._index = index
        self._prefixes = {device_id: _prefix(device_id) for device_id in descriptions}
        if len(set(self._prefixes.values())) < len(self._prefixes):
            raise InputError(
                "descriptions", ", ".join(descriptions), "names of devices that stay apart as identifiers"
            )
        self._device_of = {prefix: device_id for device_id, prefix in self._prefixes.items()}
        self._own = {device_id: signatures(description) for device_id, description in descriptions.items()}
        self._all = tuple(
            replace(
                function,
                name=f"{self._prefixes[device_id]}{function.name}",
                description=f"{device_id}: {function.description}",
                english_name=function.readable_name,
                # A present value is read by the name that the device's own program writes.
                parameters=tuple(replace(each, current=None) for each in function.parameters),
            )
            for device_id, functions in self._own.items()
            for function in functions
        )

    def prepare(self) -> None:
        """Index everything, unless that was done before.

        Raises:
            ModelError: the encoder or the index cannot be used.
        """
        everything: list[Chunk] = []
        for device_id, description in self.descriptions.items():
            own = chunks(description)
            self._index.build(_key(device_id), index_key(description), own)
            everything += [
                Chunk(
                    f"{self._prefixes[device_id]}{chunk.key}",
                    f"{device_id}. {chunk.text}",
                    f"{device_id}\n{chunk.words or chunk.text}",
                )
                for chunk in own
            ]
        hashes = [f"{device_id}={index_key(each)}" for device_id, each in self.descriptions.items()]
        self._index.build(_EVERYBODY, " ".join(hashes), everything)

    def find(self, device_id: str, sentence: str, scope: Scope) -> Found:
        """Find at most eight functions, so many as the model takes, for a sentence that is for one device.

        Raises:
            ModelError: the encoder or the index cannot be used.
        """
        plain = without_numbers(sentence)
        if scope is Scope.DEVICE:
            found = self._index.retrieve_clauses(_key(device_id), plain, MAXIMUM_CANDIDATES)
            return _found(self._own[device_id], found.candidates, found.clauses)
        # Every clause says the device's name, which a clause of a longer sentence would have lost.
        clauses = [f"{device_id}: {clause}" for clause in split_clauses(plain) or [plain]]
        searched = [self._index.retrieve(_EVERYBODY, clause, len(self._all)) for clause in clauses]
        return _found(self._all, _best(searched), searched)

    def split(self, name: str, scope: Scope, device_id: str) -> tuple[str, str]:
        """Return whose function a name stands for, and its name there."""
        if scope is Scope.DEVICE:
            return device_id, name
        prefix, mark, own = name.partition(_MARK)
        return self._device_of[f"{prefix}{mark}"], own

    def functions_of(self, device_id: str) -> tuple[FunctionSignature, ...]:
        """Return a device's functions as they are."""
        return self._own[device_id]


def _key(device_id: str) -> str:
    return f"central {device_id}"


def _prefix(device_id: str) -> str:
    return re.sub(r"[\W_]+", "_", device_id).strip("_") + _MARK


def _best(searched: Sequence[Sequence[Candidate]]) -> list[Candidate]:
    """Choose the best of every clause first, then what is most probable anywhere; as the devices' own search does."""
    best: dict[str, Candidate] = {}
    for candidates in searched:
        for candidate in candidates:
            if candidate.key not in best or candidate.probability > best[candidate.key].probability:
                best[candidate.key] = candidate
    winners = {candidates[0].key for candidates in searched if candidates}
    ranked = sorted(best.values(), key=lambda each: (each.key not in winners, -each.probability))
    return ranked[:MAXIMUM_CANDIDATES]


def _found(
    functions: Sequence[FunctionSignature],
    candidates: Sequence[Candidate],
    clauses: Sequence[Sequence[Candidate]],
) -> Found:
    keys = {candidate.key for candidate in candidates}
    chosen = tuple(function for function in functions if function.name in keys)
    places = {function.name: place for place, function in enumerate(chosen)}
    rankings = (
        tuple(Hint(places[each.key], each.probability) for each in clause if each.key in places)
        for clause in clauses
    )
    return Found(chosen, tuple(rankings))
