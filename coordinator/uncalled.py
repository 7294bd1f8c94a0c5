"""Says what was not done because what it depended on did not hold: that is no failure, and is told all the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from coordinator.records import ExecutionRecord
from coordinator.wording import capital, listing, named, quoted

_QUOTED_SENTENCES = 3


def uncalled_sentences(records: Sequence[ExecutionRecord]) -> list[str]:
    """Say what was not called for, a sentence each reason.

    Shelves 1 and 3 had no vacant space, so this was not done: "Bring a tote to shelf 1" and "Bring a tote to shelf 3".

    Args:
        records: those with the outcome `condition_not_met`, of one step.
    """
    groups: dict[tuple[str | None, str], list[ExecutionRecord]] = {}
    for record in records:
        kind, rest = _parted(record)
        groups.setdefault((kind, rest), []).append(record)
    return [_sentence(kind, rest, members) for (kind, rest), members in groups.items()]


def _parted(record: ExecutionRecord) -> tuple[str | None, str]:
    """Part a reason that begins with the record's own entity from that, so that those of several are told together."""
    reason = record.reason or "what it depends on did not hold"
    if record.entity_kind is not None and record.entity_id is not None:
        own = f"{named(record.entity_kind, [record.entity_id])} "
        if reason.startswith(own):
            return record.entity_kind, reason.removeprefix(own)
    return None, reason


def _sentence(kind: str | None, rest: str, records: Sequence[ExecutionRecord]) -> str:
    ids = list(dict.fromkeys(record.entity_id for record in records if record.entity_id is not None))
    reason = f"{named(kind, ids)} {rest}" if kind is not None else rest
    said = list(dict.fromkeys(quoted(record.sentence) for record in records))
    more = [f"{len(said) - _QUOTED_SENTENCES} more"] if len(said) > _QUOTED_SENTENCES else []
    begins_with_name = kind is None and any(reason.startswith(record.device_id or "\n") for record in records)
    text = reason if begins_with_name else capital(reason, "reason")
    return f"{text}, so this was not done: {listing([*said[:_QUOTED_SENTENCES], *more])}."
