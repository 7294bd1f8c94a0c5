"""The rule baseline: slots and patterns as an engineer would write them in a day. No model, no encoder.

A sentence is cut into clauses; each is compared with every action of every device by its verb and its other words, rare
words counting more; the device is chosen by the words of its title. What is explained too little is refused.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.items import Action, Call, Device, Item
from evals.rule_clauses import Clause, read_clauses
from evals.rule_values import Filled, fill
from evals.rule_words import first_verb, stems, verb_score, verbs
from inference.words import split_words

# Chosen on the items that evals/independent sets apart for development, by trying.
_VERB_WEIGHT = 0.5
_NAME_WEIGHT = 1.0
_DESCRIPTION_WEIGHT = 1.0
_UNSAID_WEIGHT = 0.07
_FILLED_WEIGHT = 0.5
_MISSING_WEIGHT = 0.55
_UNUSED_NUMBER_WEIGHT = 1.2
_DEVICE_WEIGHT = 0.9
_VERB_SHARE = 0.4
_LEAST_SCORE = 0.8
_LEAST_SCORE_WELL_EXPLAINED = 0.6
_WELL_EXPLAINED = 0.8
_LEAST_EXPLAINED = 0.2
_FILLED_CANDIDATES = 12
_TIE = 0.05
_FIRST_WORDS = 4
_ALL = frozenset("all every both each everything everywhere".split())


@dataclass(frozen=True, slots=True)
class _Match:
    entry: _Entry
    filled: Filled
    score: float
    explained: float

    @property
    def call(self) -> Call:
        device, action = self.entry.device, self.entry.action
        return Call(device=device.id, action=action.name, arguments=self.filled.arguments)


def rules(item: Item) -> list[Call]:
    """Answer one item by rules; no calls where nothing fits well enough."""
    book = _Book(item.addressed)
    calls: list[Call] = []
    for clause in read_clauses(item.utterance):
        found = book.answer(clause, calls)
        # Two clauses that come to the same say it twice: "drive home and recharge".
        calls += [] if found and found == calls[-len(found) :] else found
    return calls


class _Entry:
    """One action of one device, in stems."""

    def __init__(self, device: Device, action: Action) -> None:
        self.device = device
        self.action = action
        self.title = frozenset(stems(f"{device.title} {device.id}"))
        self.name = frozenset(stems(action.name))
        arguments = [
            f"{name} {schema.get('description', '')} {' '.join(map(str, schema.get('enum', ())))}"
            for name, schema in action.arguments.items()
        ]
        self.description = frozenset(stems(f"{action.description} {' '.join(arguments)}")) - self.name
        named = verbs(split_words(action.name))
        described = verbs(split_words(action.description)[:_FIRST_WORDS])
        # "Give the lamp a name" describes no reading.
        self.verbs = named | described - ({"get"} if named else set())


class _Book:
    """What the devices of one item can do."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._entries = [_Entry(device, action) for device in devices for action in device.actions]
        self._frequency = Counter(word for entry in self._entries for word in entry.name | entry.description)
        self._device_words = {
            device.id: frozenset(stems(f"{device.title} {device.description} {device.id}"))
            for device in devices
        }
        self._device_frequency = Counter(word for words in self._device_words.values() for word in words)

    def answer(self, clause: Clause, before: Sequence[Call]) -> list[Call]:
        said_before = {name: value for call in before for name, value in call.arguments.items()}
        scored = sorted(
            ((self._score(clause, entry), entry) for entry in self._entries),
            key=lambda pair: -pair[0],
        )
        matches = [
            self._match(clause, entry, score, said_before) for score, entry in scored[:_FILLED_CANDIDATES]
        ]
        if not matches:
            return []
        best = max(matches, key=lambda match: match.score)
        least = _LEAST_SCORE if best.explained < _WELL_EXPLAINED else _LEAST_SCORE_WELL_EXPLAINED
        if best.score < least or best.explained < _LEAST_EXPLAINED or best.filled.missing:
            return []
        rivals = [
            match
            for match in matches
            if match.entry.device.id != best.entry.device.id
            and match.entry.action.name == best.entry.action.name
            and match.score > best.score - _TIE
        ]
        if rivals and not _ALL & set(clause.words):
            return []  # it is not said which of several devices is meant
        return [match.call for match in (best, *rivals) for _ in range(clause.times)]

    def _score(self, clause: Clause, entry: _Entry) -> float:
        said = clause.stems
        in_device = said & self._device_words[entry.device.id]
        is_its_verb = bool(clause.words) and bool(set(stems(clause.words[0])) & entry.name)
        score = _VERB_WEIGHT * max(verb_score(clause.verbs, entry.verbs), 1.0 if is_its_verb else -1.0)
        score += _NAME_WEIGHT * sum(map(self._rarity, said & entry.name))
        score += _DESCRIPTION_WEIGHT * sum(map(self._rarity, said & entry.description))
        score -= _UNSAID_WEIGHT * sum(map(self._rarity, entry.name - said - in_device))
        return score + _DEVICE_WEIGHT * sum(map(self._device_rarity, in_device))

    def _match(self, clause: Clause, entry: _Entry, score: float, said_before: Mapping[str, Any]) -> _Match:
        filled = fill(clause, entry.device, entry.action, said_before)
        score += _FILLED_WEIGHT * len(filled.arguments) - _MISSING_WEIGHT * filled.missing
        score -= _UNUSED_NUMBER_WEIGHT * (len(clause.quantities) - filled.numbers_used)
        known = entry.name | entry.description | entry.title | filled.explained
        weight = explained = 0.0
        for word in clause.telling_words:
            is_verb = bool(first_verb([word]))
            own = _VERB_SHARE if is_verb else 1.0
            weight += own
            explained += own * (is_verb or bool(set(stems(word)) & known))
        return _Match(entry, filled, score, explained / weight if weight else 0.0)

    def _rarity(self, word: str) -> float:
        count = len(self._entries)
        return math.log(1 + count / self._frequency[word]) / math.log(1 + count)

    def _device_rarity(self, word: str) -> float:
        return math.log(len(self._device_words) / self._device_frequency[word])
