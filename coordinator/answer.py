"""Composes the answer to a goal from execution records only. Pure: no clock, no model, no I/O.

What the records do not say is not in the answer: a device that did not answer makes its shelf unknown, not empty.
Presence findings are grouped in exactly these forms, so that a program can read them back::

    Shelves 2 and 4 have vacant space. Shelves 1 and 3 have none.
    Shelf 2 has vacant space. Shelf 1 has none.
    Shelves 1, 2 and 3 have no vacant space.                            (none has)
    Shelf 5 is unknown: robot-5 did not answer in time.
    Battery level: robot-1 80 %, robot-2 55 %.                          (values)
    Position: robot-1 3 m, robot-2 4 m (position from the west wall).   (values of one thing that is called differently)
    Done: robot-1 (shelf 1) says "I moved to shelf 1".                  (steps that find nothing out)
    Not done for shelf 2: robot-2 said "The way is blocked".
    It is not known whether this was done for shelf 3: robot-3 did not answer in time.
    Shelf 2 had no vacant space, so this was not done: "Bring a tote to shelf 2".   (its condition did not hold)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from coordinator.records import Claim, ExecutionRecord, Outcome
from coordinator.topics import same_names, topic_key
from coordinator.uncalled import uncalled_sentences
from coordinator.wording import amount, capital, listing, named, quoted
from protocol.messages import Finding

AnswerOutcome = Literal["completed", "partial", "failed"]
Subject: TypeAlias = tuple[str | None, str]
"""What a sentence is about: an entity's kind and id, or None and a device's name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is told, what it amounts to, and the same as claims that a program can check."""

    text: str
    outcome: AnswerOutcome
    claims: tuple[Claim, ...]


def compose(records: Sequence[ExecutionRecord]) -> Answer:
    """Compose the answer; records come in the order in which they are to be listed."""
    sentences: list[str] = []
    claims: list[Claim] = []
    good = 0
    for _, group in groupby(sorted(records, key=lambda record: record.step), key=lambda record: record.step):
        members = tuple(group)
        # What was not called for is in order, and nothing is known of it that could be claimed.
        uncalled = [record for record in members if record.outcome is Outcome.CONDITION_NOT_MET]
        step = _Step(tuple(record for record in members if record.outcome is not Outcome.CONDITION_NOT_MET))
        sentences += [*step.sentences(), *uncalled_sentences(uncalled)]
        claims += step.claims()
        good += len(uncalled) + sum(step.is_good(record) for record in step.records)
    if good == len(records) and records:
        outcome: AnswerOutcome = "completed"
    else:
        outcome = "partial" if good else "failed"
    return Answer(" ".join(sentences) or "Nothing was done.", outcome, tuple(claims))


def _says_something(finding: Finding) -> bool:
    return finding.present is not None or finding.value is not None


def _subject(record: ExecutionRecord) -> Subject | None:
    if record.entity_id is not None:
        return (record.entity_kind, record.entity_id)
    return None if record.device_id is None else (None, record.device_id)


class _Step:
    """The records of one step of the plan, and what they say together."""

    def __init__(self, records: tuple[ExecutionRecord, ...]) -> None:
        self.records = records
        self._names = same_names(records)
        self._keys: dict[str, str] = {}
        # By record, because thousands of them are gone through once for each thing that is said.
        self._findings = {id(record): _unique(record.findings) for record in records}
        self._told = {id(record): self._by_key(record) for record in records}
        self.topic = self._main_topic()

    def is_good(self, record: ExecutionRecord) -> bool:
        """Whether the record completed and, where the step was to find something out, did so."""
        if record.outcome is not Outcome.COMPLETED:
            return False
        return self.topic is None or self._known(record, self.topic)

    def sentences(self) -> list[str]:
        if self.topic is None:
            return self._done() + self._not_done()
        other = [topic for topic in self._topics() if self._key(topic) != self._key(self.topic)]
        return [
            *self._found(self.topic),
            *self._unknown(self.topic),
            *(sentence for topic in other for sentence in self._found(topic)),
        ]

    def claims(self) -> list[Claim]:
        claims: list[Claim] = []
        for record in self.records:
            if not self.is_good(record):
                claims.append(_claim(record, self.topic, None))
            claims += [
                _claim(record, finding.what, finding)
                for finding in self._findings[id(record)]
                if self._known(record, finding.what)
            ]
        return claims

    def _key(self, what: str) -> str:
        known = self._keys.get(what)
        if known is None:
            key = topic_key(what)
            known = self._keys[what] = self._names.get(key, key)
        return known

    def _by_key(self, record: ExecutionRecord) -> dict[str, list[Finding]]:
        """Return what a completed record answers, by what it is about."""
        told: dict[str, list[Finding]] = {}
        if record.outcome is Outcome.COMPLETED:
            for finding in self._findings[id(record)]:
                told.setdefault(self._key(finding.what), []).append(finding)
        return told

    def _topics(self) -> list[str]:
        """List what was found out, each once, in the order of appearance, by the plainest of its names."""
        topics: dict[str, str] = {}
        for record in self.records:
            if record.outcome is Outcome.COMPLETED:
                for finding in self._findings[id(record)]:
                    key = self._key(finding.what)
                    if key not in topics or topic_key(finding.what) == key != topic_key(topics[key]):
                        topics[key] = finding.what
        return list(topics.values())

    def _main_topic(self) -> str | None:
        """Return what the step was to find out: what most records answer, yes-or-no questions before values."""
        count: Counter[str] = Counter()
        is_question: dict[str, bool] = {}
        for told in self._told.values():
            for key, findings in told.items():
                is_asked = any(finding.present is not None for finding in findings)
                is_question[key] = is_question.get(key, False) or is_asked
            count.update(told.keys())
        topics = self._topics()
        if not topics:
            return None
        return max(topics, key=lambda topic: (is_question[self._key(topic)], count[self._key(topic)]))

    def _about(self, record: ExecutionRecord, topic: str) -> list[Finding]:
        return self._told[id(record)].get(self._key(topic), [])

    def _known(self, record: ExecutionRecord, topic: str) -> bool:
        """Whether a completed record answers yes, no or with a value, without contradicting itself."""
        about = self._about(record, topic)
        return bool(about) and not _contradictory(about)

    def _found(self, topic: str) -> list[str]:
        known = [record for record in self.records if self._known(record, topic)]
        with_answer = [(record, self._about(record, topic)) for record in known]
        having = [record for record, found in with_answer if found[0].present is True]
        lacking = [record for record, found in with_answer if found[0].present is False]
        values = [(record, found) for record, found in with_answer if found[0].present is None]
        return _presence_sentences(topic, having, lacking) + _value_sentences(topic, values)

    def _unknown(self, topic: str) -> list[str]:
        by_reason: dict[str, list[ExecutionRecord]] = {}
        for record in self.records:
            if not self._known(record, topic):
                by_reason.setdefault(self._why_unknown(record, topic), []).append(record)
        return [_unknown_sentence(reason, records) for reason, records in by_reason.items()]

    def _why_unknown(self, record: ExecutionRecord, topic: str) -> str:
        if record.outcome is not Outcome.COMPLETED:
            return _reason(record)
        if self._about(record, topic):
            return f"{record.device_id} gave contradictory answers"
        return f"{record.device_id} reported nothing about {topic}"

    def _done(self) -> list[str]:
        done = [record for record in self.records if record.outcome is Outcome.COMPLETED]
        return [f"Done: {'; '.join(_doing(record) for record in done)}."] if done else []

    def _not_done(self) -> list[str]:
        by_reason: dict[tuple[str, str], list[ExecutionRecord]] = {}
        for record in self.records:
            if record.outcome is not Outcome.COMPLETED:
                is_unknown = record.is_unknown
                what = "It is not known whether this was done" if is_unknown else "Not done"
                by_reason.setdefault((what, _reason(record)), []).append(record)
        sentences = []
        for (what, reason), records in by_reason.items():
            subjects = _subjects(records)
            if not subjects or _speaks_of(reason, subjects):
                sentences.append(f"{what}: {reason}.")
            else:
                sentences.append(f"{what} for {_names(subjects)}: {reason}.")
        return sentences


def _claim(record: ExecutionRecord, what: str | None, finding: Finding | None) -> Claim:
    return Claim(
        entity_kind=record.entity_kind,
        entity_id=record.entity_id,
        device_id=record.device_id,
        what=what,
        present=finding.present if finding else None,
        value=finding.value if finding else None,
        unit=finding.unit if finding else None,
    )


def _unique(findings: Iterable[Finding]) -> list[Finding]:
    """Drop findings that say nothing and repeat others."""
    telling = [finding for finding in findings if _says_something(finding)]
    return telling if len(telling) <= 1 else list(dict.fromkeys(telling))


def _contradictory(findings: Sequence[Finding]) -> bool:
    if len(findings) == 1:
        return False
    return len({finding.present for finding in findings}) > 1 or (
        findings[0].present is None and len({(finding.value, finding.unit) for finding in findings}) > 1
    )


def _subjects(records: Iterable[ExecutionRecord]) -> list[Subject]:
    return list(dict.fromkeys(subject for record in records if (subject := _subject(record)) is not None))


def _names(subjects: Sequence[Subject]) -> str:
    """Name subjects: those of one kind together, "shelves 1 and 2"."""
    by_kind: dict[str | None, list[str]] = {}
    for kind, name in subjects:
        by_kind.setdefault(kind, []).append(name)
    return listing([named(kind, names) for kind, names in by_kind.items()])


def _presence_sentences(
    topic: str, having: Sequence[ExecutionRecord], lacking: Sequence[ExecutionRecord]
) -> list[str]:
    sentences = []
    if having:
        sentences.append(f"{_start(having)} {_verb(having)} {topic}.")
    if lacking:
        sentences.append(f"{_start(lacking)} {_verb(lacking)} {'none' if having else f'no {topic}'}.")
    return sentences


def _value_sentences(topic: str, values: Sequence[tuple[ExecutionRecord, list[Finding]]]) -> list[str]:
    if not values:
        return []
    parts = []
    for record, findings in values:
        value = findings[0].value
        shown = "" if value is None else amount(value, findings[0].unit)
        if topic_key(findings[0].what) != topic_key(topic):
            shown = f"{shown} ({findings[0].what})"
        kind, name = _subject(record) or (None, "")
        parts.append(f"{name} {shown}" if kind is None else f"{kind} {name} = {shown}")
    separator = "; " if any(isinstance(findings[0].value, tuple) for _, findings in values) else ", "
    return [f"{topic[:1].upper()}{topic[1:]}: {separator.join(parts)}."]


def _start(records: Sequence[ExecutionRecord]) -> str:
    subjects = _subjects(records)
    return capital(_names(subjects), subjects[0][0] if subjects else None)


def _verb(records: Sequence[ExecutionRecord]) -> str:
    return "has" if len(_subjects(records)) == 1 else "have"


def _reason(record: ExecutionRecord) -> str:
    return record.reason or f"{record.device_id or 'no device'} gave no reason"


def _speaks_of(reason: str, subjects: Sequence[Subject]) -> bool:
    """Whether the reason is a full sentence about the one device it concerns, so that naming it again is clumsy."""
    return len(subjects) == 1 and subjects[0][0] is None and reason.startswith(f"{subjects[0][1]} ")


def _unknown_sentence(reason: str, records: Sequence[ExecutionRecord]) -> str:
    subjects = _subjects(records)
    if not subjects or _speaks_of(reason, subjects):
        return f"{reason}."
    verb = "is" if len(subjects) == 1 else "are"
    return f"{_start(records)} {verb} unknown: {reason}."


def _doing(record: ExecutionRecord) -> str:
    who = record.device_id or "a device"
    if record.entity_id is not None:
        who = f"{who} ({named(record.entity_kind, [record.entity_id])})"
    return f"{who} says {quoted(record.said)}" if record.said else who
