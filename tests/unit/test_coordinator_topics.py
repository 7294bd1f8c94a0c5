"""Findings that are called differently by devices of different make: told as one only where that is sure."""

from __future__ import annotations

import pytest

from coordinator.answer import compose
from coordinator.records import ExecutionRecord, Outcome
from protocol.messages import Finding


def record(device: str, *findings: Finding, sentence: str = "Report your position.") -> ExecutionRecord:
    return ExecutionRecord(
        step=0,
        sentence=sentence,
        outcome=Outcome.COMPLETED,
        device_id=device,
        subtask_id=f"s-{device}",
        findings=findings,
    )


POSITION = Finding(what="position", value=3.0, unit="m")
FROM_WALL = Finding(what="Position from the west wall", value=4.0, unit="m")


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_longer_name_of_the_same_is_told_with_it_and_not_hidden(*, is_turned: bool) -> None:
    records = [record("robot-1", POSITION), record("robot-2", FROM_WALL)]
    answer = compose(records[::-1] if is_turned else records)
    assert answer.outcome == "completed"
    assert answer.text.startswith("Position: ")
    assert "robot-1 3 m" in answer.text
    assert "robot-2 4 m (Position from the west wall)" in answer.text
    assert {claim.what for claim in answer.claims} == {"position", "Position from the west wall"}


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(
            [record("robot-1", POSITION), record("robot-2", FROM_WALL.model_copy(update={"unit": "mm"}))],
            id="another unit",
        ),
        pytest.param(
            [
                record("robot-1", POSITION),
                record("robot-2", Finding(what="position from above", present=True)),
            ],
            id="another sort of answer",
        ),
        pytest.param(
            [
                record("robot-1", POSITION),
                record("robot-2", Finding(what="position error", value=4.0, unit="m")),
            ],
            id="another thing",
        ),
        pytest.param(
            [
                record("robot-1", POSITION, sentence="Report your position from the west wall."),
                record("robot-2", FROM_WALL, sentence="Report your position from the west wall."),
            ],
            id="the difference was asked for",
        ),
        pytest.param(
            [record("robot-1", POSITION, FROM_WALL), record("robot-2", FROM_WALL)], id="one device tells both"
        ),
    ],
)
def test_what_may_differ_is_kept_apart(records: list[ExecutionRecord]) -> None:
    assert " (Position from the west wall)" not in compose(records).text
    assert (
        len({claim.what for claim in compose(records).claims if claim.value is not None or claim.present})
        == 2
    )
