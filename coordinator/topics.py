"""Tells when devices of different make call one thing by different names: "position" and "position from the west wall". Pure.

Names are taken for one only where no device gave both, where the longer one says the shorter one first and goes on with where,
of what or by what means, where both hold the same sort of value in the same unit, and where the question did not ask for
the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coordinator.records import ExecutionRecord, Outcome
from inference.words import split_words
from protocol.messages import Finding

_QUALIFIES = frozenset(
    "from of at in on above below to by since per with over under near behind for as".split()
)


def topic_key(what: str) -> str:
    """Return a name without differences of case and spaces."""
    return " ".join(what.casefold().split())


def same_names(records: Sequence[ExecutionRecord]) -> dict[str, str]:
    """Return, by `topic_key`, the key of the name under which a finding is told; those told under their own are left out.

    Args:
        records: of one step of a plan.
    """
    given: dict[str, list[tuple[int, Finding]]] = {}
    sentences = {record.sentence for record in records if record.outcome is Outcome.COMPLETED}
    asked = {word for sentence in sentences for word in split_words(sentence)}
    for number, record in enumerate(records):
        if record.outcome is Outcome.COMPLETED:
            for finding in record.findings:
                given.setdefault(topic_key(finding.what), []).append((number, finding))
    found: dict[str, str] = {}
    # The shortest first, so that a name is told under the plainest of all.
    for short in sorted(given, key=lambda key: (len(key), key)):
        for long, findings in given.items():
            if long not in found and short not in found and _is_more_of(short, long, asked):
                is_apart = not _numbers(given[short]) & _numbers(findings)
                if is_apart and _sorts(given[short]) == _sorts(findings):
                    found[long] = short
    return found


def _is_more_of(short: str, long: str, asked: set[str]) -> bool:
    head, tail = split_words(short), split_words(long)
    rest = tail[len(head) :]
    if not head or not rest or tail[: len(head)] != head or rest[0] not in _QUALIFIES:
        return False
    return not set(rest) - _QUALIFIES - {"the", "a", "an"} <= asked


def _numbers(findings: Iterable[tuple[int, Finding]]) -> set[int]:
    return {number for number, _ in findings}


def _sorts(findings: Iterable[tuple[int, Finding]]) -> set[tuple[str, str | None]]:
    return {
        (
            "yes or no" if one.present is not None else type(one.value).__name__.replace("int", "float"),
            one.unit,
        )
        for _, one in findings
    }
