"""Decides whether what a step depends on holds, and quotes what earlier steps found. Pure.

A condition is about the same entity or device where both steps are about some of the same ones; else about the earlier step as a
whole. Then it holds if *any* of its answers fits, except that a denial ("no shelf has vacant space") holds only if *all* do.
What no record says is neither: the step is not done, and the answer says that this is unknown.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from coordinator.records import ExecutionRecord, Outcome
from coordinator.wording import amount, listing, named
from inference.plan import Condition
from inference.units import convert, pint_name
from protocol.messages import Finding
from protocol.text import clean_sentence

QUOTE: Final = re.compile(r"\{answer ([1-9][0-9]?)\}")
_QUOTE_CHARACTERS = 200
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
_IN_WORDS: Final = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": "equal to"}


@dataclass(frozen=True, slots=True)
class About:
    """What an assignment is about: its entity where it has one, else the device that it is bound to."""

    entity_kind: str | None = None
    entity_id: str | None = None
    device_id: str | None = None

    def is_of(self, record: ExecutionRecord) -> bool:
        """Whether a record is about the same."""
        if self.entity_id is not None:
            return (record.entity_kind, record.entity_id) == (self.entity_kind, self.entity_id)
        return self.device_id is not None and record.entity_id is None and record.device_id == self.device_id


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds (None: that is not known), and if not, why, as a clause: "shelf 2 had no vacant space"."""

    holds: bool | None
    reason: str = ""


def decide(
    condition: Condition, about: About, group: Sequence[About], records: Sequence[ExecutionRecord]
) -> Verdict:
    """Decide a condition for one assignment.

    Args:
        condition: of its step.
        about: what the assignment is about.
        group: what all assignments of its step are about.
        records: how the subtasks of the earlier step ended.
    """
    answers = _answers(records)
    is_shared = any(one.is_of(record) for one in group for record in answers)
    if not is_shared:
        return _decide_whole(condition, answers)
    own = [record for record in answers if about.is_of(record)]
    if not own:
        return Verdict(
            holds=None,
            reason=f"nobody looked at {_subject(about)}, so it is not known whether {_wanted(condition)}",
        )
    return _decide_whole(condition, own)


def quote(step: int, about: About, records: Sequence[ExecutionRecord]) -> str | None:
    """Return in plain words what an earlier step found; None where that is not known.

    What it found about the same entity or device, else its only answer, else all of them joined.

    Args:
        step: of the plan, from 0.
        about: what the sentence is about.
        records: of all steps so far.
    """
    answers = [record for record in _answers(records) if record.step == step]
    good = [record for record in answers if record.outcome is Outcome.COMPLETED]
    own = [record for record in good if about.is_of(record)]
    is_single = bool(own) or len(good) == 1
    text = _alone((own or good)[0]) if is_single else _joined(good)
    return None if text is None else clean_sentence(re.sub(r"[{}]", "", text), _QUOTE_CHARACTERS)


def fill_quotes(sentence: str, about: About, records: Sequence[ExecutionRecord]) -> str | None:
    """Put what earlier steps found into a sentence's `{answer 1}`; None where something of it is not known."""
    found = {number: quote(int(number) - 1, about, records) for number in QUOTE.findall(sentence)}
    if None in found.values():
        return None
    return QUOTE.sub(lambda match: found[match[1]] or "", sentence)


def _answers(records: Sequence[ExecutionRecord]) -> list[ExecutionRecord]:
    return [record for record in records if not record.is_reassigned]


def _decide_whole(condition: Condition, records: Sequence[ExecutionRecord]) -> Verdict:
    """Decide from all records: any that fits will do, of a denial all have to fit."""
    called_for = [record for record in records if record.outcome is not Outcome.CONDITION_NOT_MET]
    if records and not called_for:
        # What hangs on a step that was not called for is not called for either, and for the same reason.
        return Verdict(holds=False, reason=records[0].reason or "")
    records = called_for
    verdicts = [(record, _fits(condition, record)) for record in records]
    unknown = [record for record, fits in verdicts if fits is None]
    wrong = [record for record, fits in verdicts if fits is False]
    if condition.is_present is False:
        if wrong:
            return Verdict(holds=False, reason=_was(condition, wrong))
        return _unknown(condition, unknown) if unknown or not verdicts else Verdict(holds=True)
    if any(fits for _, fits in verdicts):
        return Verdict(holds=True)
    return (
        _unknown(condition, unknown)
        if unknown or not verdicts
        else Verdict(holds=False, reason=_was(condition, wrong))
    )


def _unknown(condition: Condition, records: Sequence[ExecutionRecord]) -> Verdict:
    whose = f" of {_subjects(records)}" if records and condition.comparison else ""
    if condition.comparison:
        return Verdict(holds=None, reason=f"the {condition.what or 'value'}{whose} is not known")
    who = f"{_subjects(records)} {_have(records)}" if records else "there is"
    no = "no " if condition.is_present is False else ""
    return Verdict(holds=None, reason=f"it is not known whether {who} {no}{condition.what or 'that'}")


def _fits(condition: Condition, record: ExecutionRecord) -> bool | None:
    """Whether one record fits; None where it does not say."""
    if record.outcome is not Outcome.COMPLETED:
        return None
    about = [finding for finding in record.findings if is_about(condition.what, finding.what)]
    verdicts = {_fits_finding(condition, finding) for finding in about} - {None}
    # Two answers that contradict each other are none.
    return verdicts.pop() if len(verdicts) == 1 else None


def _fits_finding(condition: Condition, finding: Finding) -> bool | None:
    if condition.comparison is not None and condition.value is not None:
        value = finding.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if condition.unit and finding.unit:
            converted = convert(float(value), pint_name(finding.unit), pint_name(condition.unit))
            if converted is None:
                return None
            value = converted
        return _COMPARE[condition.comparison](round(float(value), 9), condition.value)
    present = finding.present if finding.present is not None else _as_truth(finding.value)
    if present is None:
        return None
    return present is (condition.is_present is not False)


def _as_truth(value: object) -> bool | None:
    """A list of what was found says yes unless it is empty; so does a count unless it is 0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple | int | float):
        return bool(value)
    return None


def is_about(what: str, found: str) -> bool:
    """Whether a finding answers what was asked: the words are the same, up to plurals, or one has some more."""
    asked, told = _words(what), _words(found)
    return not asked or asked <= told or (bool(told) and told <= asked)


def _words(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(word.removesuffix("s") for word in words) - {"the", "a", "an", "any", "of", "it"}


# In words


def _wanted(condition: Condition) -> str:
    if condition.comparison:
        return f"its {condition.what or 'value'} is {_limit(condition)}"
    return f"it has {'no ' if condition.is_present is False else ''}{condition.what or 'that'}"


def _limit(condition: Condition) -> str:
    return f"{_IN_WORDS[condition.comparison or '=']} {amount(condition.value or 0.0, condition.unit)}"


def _was(condition: Condition, records: Sequence[ExecutionRecord]) -> str:
    """Say what was found instead of what was wanted: "shelf 2 had no vacant space"."""
    if condition.comparison:
        found = [
            f"{amount(finding.value, finding.unit)}{_of(record)}"
            for record in records
            for finding in record.findings
            if finding.value is not None and is_about(condition.what, finding.what)
        ]
        return f"the {condition.what or 'value'} was {listing(found)}, not {_limit(condition)}"
    no = "" if condition.is_present is False else "no "
    what = condition.what or next((one.what for record in records for one in record.findings), "such thing")
    return f"{_subjects(records)} had {no}{what}"


def _of(record: ExecutionRecord) -> str:
    return (
        f" at {named(record.entity_kind, [record.entity_id])}"
        if record.entity_id
        else f" for {record.device_id}"
    )


def _have(records: Sequence[ExecutionRecord]) -> str:
    return "has" if len(records) == 1 else "have"


def _subject(about: About) -> str:
    return named(about.entity_kind, [about.entity_id]) if about.entity_id else about.device_id or "it"


def _subjects(records: Sequence[ExecutionRecord]) -> str:
    """Name what records are about: "shelves 1 and 3"."""
    subjects = dict.fromkeys(
        (record.entity_kind, record.entity_id) if record.entity_id else (None, record.device_id or "nobody")
        for record in records
    )
    groups = groupby(subjects, key=lambda subject: subject[0])
    return listing([named(kind, [name for _, name in members]) for kind, members in groups])


def _alone(record: ExecutionRecord) -> str | None:
    """Say what one record found, without saying of what: "55 %", "no vacant space"."""
    parts = []
    for finding in dict.fromkeys(record.findings):
        if finding.value is not None:
            parts.append(amount(finding.value, finding.unit))
        elif finding.present is not None:
            parts.append(finding.what if finding.present else f"no {finding.what}")
    return listing(parts) or (record.said or "").strip().rstrip(".") or None


def _joined(records: Sequence[ExecutionRecord]) -> str | None:
    """Say what several records found: "shelves 2 and 4 have vacant space, shelf 1 has no vacant space"."""
    by_found: dict[str, list[ExecutionRecord]] = {}
    for record in records:
        text = _alone(record)
        if text is not None:
            by_found.setdefault(text, []).append(record)
    parts = [f"{_subjects(group)} {_have(group)} {text}" for text, group in by_found.items()]
    return ", ".join(parts) or None
