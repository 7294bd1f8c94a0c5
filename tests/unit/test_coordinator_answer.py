"""The answer's English, exactly."""

from __future__ import annotations

import pytest

from coordinator.answer import compose
from coordinator.records import ExecutionRecord, Outcome
from coordinator.wording import plural
from protocol.errors import ErrorCode
from protocol.messages import Finding


def shelf(number: int, *, vacant: bool | None = None, reason: str | None = None) -> ExecutionRecord:
    findings = () if vacant is None else (Finding(what="vacant space", present=vacant),)
    return ExecutionRecord(
        step=0,
        sentence="Check it.",
        outcome=Outcome.SILENT if reason else Outcome.COMPLETED,
        device_id=f"robot-{number}",
        entity_kind="shelf",
        entity_id=str(number),
        findings=findings,
        reason=reason,
    )


def device(
    name: str, *findings: Finding, said: str | None = None, reason: str | None = None
) -> ExecutionRecord:
    return ExecutionRecord(
        step=0,
        sentence="Report.",
        outcome=Outcome.FAILED if reason else Outcome.COMPLETED,
        device_id=name,
        findings=findings,
        said=said,
        reason=reason,
    )


@pytest.mark.parametrize(
    ("records", "text", "outcome"),
    [
        (
            [shelf(1, vacant=False), shelf(2, vacant=True), shelf(3, vacant=False), shelf(4, vacant=True)],
            "Shelves 2 and 4 have vacant space. Shelves 1 and 3 have none.",
            "completed",
        ),
        (
            [shelf(1, vacant=False), shelf(2, vacant=True)],
            "Shelf 2 has vacant space. Shelf 1 has none.",
            "completed",
        ),
        ([shelf(1, vacant=True)], "Shelf 1 has vacant space.", "completed"),
        (
            [shelf(1, vacant=False), shelf(2, vacant=False), shelf(3, vacant=False)],
            "Shelves 1, 2 and 3 have no vacant space.",
            "completed",
        ),
        ([shelf(2, vacant=False)], "Shelf 2 has no vacant space.", "completed"),
        (
            [shelf(1, vacant=True), shelf(5, reason="robot-5 did not answer in time")],
            "Shelf 1 has vacant space. Shelf 5 is unknown: robot-5 did not answer in time.",
            "partial",
        ),
        (
            [shelf(1, vacant=True), shelf(2)],
            "Shelf 1 has vacant space. Shelf 2 is unknown: robot-2 reported nothing about vacant space.",
            "partial",
        ),
        (
            [shelf(number, reason="the message broker could not be reached") for number in (1, 2)],
            "Not done for shelves 1 and 2: the message broker could not be reached.",
            "failed",
        ),
        ([], "Nothing was done.", "failed"),
    ],
)
def test_shelves(records: list[ExecutionRecord], text: str, outcome: str) -> None:
    answer = compose(records)
    assert answer.text == text
    assert answer.outcome == outcome


def test_a_contradiction_is_unknown() -> None:
    both = shelf(1).model_copy(
        update={"findings": tuple(Finding(what="vacant space", present=p) for p in (True, False))}
    )
    answer = compose([both, shelf(2, vacant=True)])
    assert answer.text == "Shelf 2 has vacant space. Shelf 1 is unknown: robot-1 gave contradictory answers."
    assert [claim.present for claim in answer.claims if claim.entity_id == "1"] == [None]


def test_findings_of_a_failed_subtask_do_not_count() -> None:
    failed = shelf(1, vacant=True).model_copy(
        update={"outcome": Outcome.FAILED, "reason": "robot-1 fell over"}
    )
    answer = compose([failed, shelf(2, vacant=False)])
    assert answer.text == "Shelf 2 has no vacant space. Shelf 1 is unknown: robot-1 fell over."


def test_values_of_devices() -> None:
    level = [Finding(what="battery level", value=value, unit="percent") for value in (80, 55.5)]
    records = [
        device("robot-1", level[0]),
        device("robot-2", level[1]),
        device("robot-3", reason="robot-3 broke"),
    ]
    answer = compose(records)
    assert answer.text == "Battery level: robot-1 80 %, robot-2 55.5 %. robot-3 broke."
    assert answer.outcome == "partial"
    assert [(claim.device_id, claim.value, claim.unit) for claim in answer.claims] == [
        ("robot-1", 80, "percent"),
        ("robot-2", 55.5, "percent"),
        ("robot-3", None, None),
    ]


def test_a_second_finding_follows_the_first() -> None:
    both = shelf(1, vacant=True)
    both = both.model_copy(update={"findings": (*both.findings, Finding(what="item count", value=3))})
    assert compose([both, shelf(2, vacant=False)]).text == (
        "Shelf 1 has vacant space. Shelf 2 has none. Item count: shelf 1 = 3."
    )


def test_yes_and_no_of_devices() -> None:
    records = [device(f"robot-{n}", Finding(what="a fault", present=n == 2)) for n in (1, 2, 3)]
    assert compose(records).text == "robot-2 has a fault. robot-1 and robot-3 have none."


def test_deeds_are_told_in_the_devices_words() -> None:
    records = [
        device("robot-1", said='I moved to "shelf" 1.'),
        device("robot-2", reason='robot-2 said "The way is blocked"'),
    ]
    answer = compose(records)
    assert answer.text == (
        'Done: robot-1 says "I moved to \'shelf\' 1". Not done: robot-2 said "The way is blocked".'
    )
    assert answer.outcome == "partial"


def test_what_nobody_knows_is_not_called_undone() -> None:
    unknown = device("robot-1", reason='robot-1 said "The power failed meanwhile"')
    unknown = unknown.model_copy(update={"error_code": ErrorCode.UNKNOWN_OUTCOME})
    assert compose([unknown, device("robot-2", reason="nobody allowed it in time")]).text == (
        'It is not known whether this was done: robot-1 said "The power failed meanwhile". '
        "Not done for robot-2: nobody allowed it in time."
    )
    of_shelf = shelf(3, reason='robot-3 said "The power failed meanwhile"')
    of_shelf = of_shelf.model_copy(update={"error_code": ErrorCode.UNKNOWN_OUTCOME})
    assert compose([of_shelf]).text == (
        'It is not known whether this was done for shelf 3: robot-3 said "The power failed meanwhile".'
    )


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("shelf", "shelves"),
        ("station", "stations"),
        ("battery", "batteries"),
        ("bay", "bays"),
        ("box", "boxes"),
        ("access point", "access points"),
        ("knife", "knives"),
    ],
)
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many
