"""Answers, read back: every entity is named exactly once, where the records say it belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from coordinator.answer import compose
from coordinator.records import ExecutionRecord, Outcome
from protocol.messages import Finding

ENDS = {
    "vacant": (Outcome.COMPLETED, (Finding(what="vacant space", present=True),)),
    "full": (Outcome.COMPLETED, (Finding(what="vacant space", present=False),)),
    "mute": (Outcome.COMPLETED, ()),
    "silent": (Outcome.SILENT, ()),
    "lost": (Outcome.LOST, ()),
    "failed": (Outcome.FAILED, (Finding(what="vacant space", present=True),)),
    "refused": (Outcome.NOT_EXECUTABLE, ()),
    "no_device": (Outcome.NO_DEVICE, ()),
}


def record(number: int, end: str) -> ExecutionRecord:
    outcome, findings = ENDS[end]
    completed = outcome is Outcome.COMPLETED
    device = None if end == "no_device" else f"robot-{100 + number}"
    return ExecutionRecord(
        step=0,
        sentence="Check it.",
        outcome=outcome,
        device_id=device,
        entity_kind="shelf",
        entity_id=str(number),
        findings=findings,
        reason=None if completed else f"{device or 'nobody'} did not manage",
    )


@dataclass
class Reading:
    vacant: list[int]
    full: list[int]
    unknown: list[int]


def read(text: str) -> Reading:
    """Read an answer about shelves back."""
    reading = Reading([], [], [])
    for match in re.finditer(r"Shel(?:f|ves) ([\d, and]+) (has|have|is unknown|are unknown)", text):
        verdict = match[2]
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        rest = text[match.end() :].partition(".")[0].strip()
        if "unknown" in verdict:
            reading.unknown += numbers
        elif rest == "vacant space":
            reading.vacant += numbers
        else:
            assert rest in {"none", "no vacant space"}
            reading.full += numbers
    return reading


fleets = st.dictionaries(st.integers(1, 40), st.sampled_from(sorted(ENDS)), min_size=1, max_size=20)


@given(fleets)
def test_every_shelf_is_named_once_and_where_the_records_put_it(fleet: dict[int, str]) -> None:
    records = [record(number, end) for number, end in fleet.items()]
    answer = compose(records)
    known = {number for number, end in fleet.items() if end in {"vacant", "full"}}
    if known:
        reading = read(answer.text)
        assert sorted(reading.vacant + reading.full + reading.unknown) == sorted(fleet)
        assert reading.vacant == [number for number, end in fleet.items() if end == "vacant"]
        assert reading.full == [number for number, end in fleet.items() if end == "full"]
        expected = "completed" if len(known) == len(fleet) else "partial"
        assert answer.outcome == expected
    else:
        assert "vacant" not in answer.text
        shelves = re.findall(r"shel(?:f|ves) ([\d, and]+)[:)]", answer.text)
        named = [int(number) for group in shelves for number in re.findall(r"\d+", group)]
        assert sorted(named) == sorted(fleet)


@given(fleets)
def test_claims_say_what_the_records_say_and_no_more(fleet: dict[int, str]) -> None:
    claims = compose([record(number, end) for number, end in fleet.items()]).claims
    presence = {int(claim.entity_id or 0): claim.present for claim in claims}
    for number, end in fleet.items():
        assert presence.get(number) is {"vacant": True, "full": False}.get(end)


values = st.dictionaries(
    st.integers(1, 40).map(lambda n: f"robot-{n}"), st.none() | st.integers(0, 100), min_size=1, max_size=20
)


@given(values)
def test_every_device_is_named_once_with_its_own_value(levels: dict[str, int | None]) -> None:
    records = [
        ExecutionRecord(
            step=0,
            sentence="Report your battery level.",
            outcome=Outcome.SILENT if level is None else Outcome.COMPLETED,
            device_id=name,
            reason=f"{name} did not answer in time" if level is None else None,
            findings=() if level is None else (Finding(what="battery level", value=level, unit="%"),),
        )
        for name, level in levels.items()
    ]
    text = compose(records).text
    for name, level in levels.items():
        assert len(re.findall(rf"{name}\b", text)) == 1
        assert re.search(rf"{name} {'did not answer' if level is None else f'{level} %'}", text)


@given(st.permutations(sorted(ENDS)))
def test_the_listing_follows_the_order_of_the_records(ends: list[str]) -> None:
    answer = compose([record(number, end) for number, end in enumerate(ends, start=1)])
    reading = read(answer.text)
    assert reading.unknown == sorted(reading.unknown)
