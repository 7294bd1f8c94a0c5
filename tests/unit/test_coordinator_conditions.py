"""Conditions and quotes: what holds, what does not, what nobody knows, and how it is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.answer import compose
from coordinator.conditions import About, decide, fill_quotes, is_about, quote
from coordinator.records import ExecutionRecord, Outcome
from inference.plan import Condition
from protocol.messages import Finding

SPACE = Condition(0, "vacant space", is_present=True)
NO_SPACE = Condition(0, "vacant space", is_present=False)
LOW = Condition(0, "battery level", comparison="<", value=20, unit="percent")


def about(name: str) -> About:
    return About("shelf", name)


def shelf(name: str, present: bool | None = None, **more: Any) -> ExecutionRecord:
    findings = () if present is None else (Finding(what="vacant spaces", present=present),)
    fields = {
        "outcome": Outcome.COMPLETED,
        "findings": findings,
        "device_id": "robot-1",
        "entity_kind": "shelf",
    }
    return ExecutionRecord(step=0, sentence="Check.", entity_id=name, **{**fields, **more})


def robot(name: str, level: float | None, unit: str = "%") -> ExecutionRecord:
    findings = () if level is None else (Finding(what="battery level", value=level, unit=unit),)
    return ExecutionRecord(
        step=0, sentence="Report.", outcome=Outcome.COMPLETED, device_id=name, findings=findings
    )


LOST = {"outcome": Outcome.LOST, "reason": "robot-1 was lost"}


@pytest.mark.parametrize(
    ("condition", "who", "records", "holds", "reason"),
    [
        (SPACE, about("2"), [shelf("1", False), shelf("2", True)], True, ""),
        (SPACE, about("1"), [shelf("1", False), shelf("2", True)], False, "shelf 1 had no vacant space"),
        (NO_SPACE, about("1"), [shelf("1", False)], True, ""),
        (NO_SPACE, about("1"), [shelf("1", True)], False, "shelf 1 had vacant space"),
        (SPACE, about("1"), [shelf("1", **LOST)], None, "it is not known whether shelf 1 has vacant space"),
        (SPACE, about("1"), [shelf("1")], None, "it is not known whether shelf 1 has vacant space"),
        (SPACE, about("3"), [shelf("1", True)], None, "nobody looked at shelf 3"),
        # As a whole: any yes will do; a denial needs all.
        (SPACE, About(), [shelf("1", False), shelf("2", True), shelf("3", **LOST)], True, ""),
        (
            SPACE,
            About(),
            [shelf("1", False), shelf("2", False)],
            False,
            "shelves 1 and 2 had no vacant space",
        ),
        (SPACE, About(), [shelf("1", False), shelf("2", **LOST)], None, "whether shelf 2 has vacant space"),
        (NO_SPACE, About(), [shelf("1", False), shelf("2", False)], True, ""),
        (NO_SPACE, About(), [shelf("1", False), shelf("2", True)], False, "shelf 2 had vacant space"),
        (
            NO_SPACE,
            About(),
            [shelf("1", False), shelf("2", **LOST)],
            None,
            "whether shelf 2 has no vacant space",
        ),
        (SPACE, About(), [], None, "whether there is vacant space"),
        # Amounts, of the same device and in other units.
        (LOW, About(device_id="robot-1"), [robot("robot-1", 15), robot("robot-2", 80)], True, ""),
        (
            LOW,
            About(device_id="robot-2"),
            [robot("robot-1", 15), robot("robot-2", 80)],
            False,
            "the battery level was 80 % for robot-2, not below 20 %",
        ),
        (
            LOW,
            About(device_id="robot-1"),
            [robot("robot-1", None)],
            None,
            "the battery level of robot-1 is not known",
        ),
        (LOW, About(device_id="robot-1"), [robot("robot-1", 15, "kg")], None, "is not known"),
        (
            Condition(0, "distance", comparison=">=", value=2, unit="meter"),
            About(),
            [shelf("1", findings=(Finding(what="distance", value=250, unit="cm"),))],
            True,
            "",
        ),
        # A list of places found says yes; what another device was asked before it was given to this one says nothing.
        (
            SPACE,
            about("1"),
            [shelf("1", findings=(Finding(what="vacant space", value=("3", "5")),))],
            True,
            "",
        ),
        (SPACE, about("1"), [shelf("1", False, is_reassigned=True), shelf("1", True)], True, ""),
        (
            SPACE,
            about("1"),
            [shelf("1", findings=tuple(Finding(what="vacant space", present=one) for one in (True, False)))],
            None,
            "not known",
        ),
        (
            SPACE,
            about("1"),
            [shelf("1", outcome=Outcome.CONDITION_NOT_MET, reason="shelf 1 was locked")],
            False,
            "shelf 1 was locked",
        ),
    ],
)
def test_a_condition_holds_does_not_or_is_not_known(
    *, condition: Condition, who: About, records: list[ExecutionRecord], holds: bool | None, reason: str
) -> None:
    group = [about("1"), about("2"), about("3")] if who.entity_id else [who]
    verdict = decide(condition, who, group, records)
    assert verdict.holds is holds
    assert reason in verdict.reason
    assert bool(verdict.reason) is (holds is not True)


def test_steps_over_other_entities_take_the_earlier_step_as_a_whole() -> None:
    group = [About("station", "1"), About("station", "2")]
    assert decide(SPACE, group[1], group, [shelf("1", False), shelf("2", True)]).holds is True
    assert decide(SPACE, about("9"), [about("8"), about("9")], [shelf("2", True)]).holds is True


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6), st.booleans())
def test_as_a_whole_a_condition_and_its_denial_never_both_hold(
    answers: list[bool | None], present: bool
) -> None:
    records = [shelf(str(index), answer) for index, answer in enumerate(answers)]
    wanted = decide(SPACE, About(), [About()], records).holds
    denied = decide(NO_SPACE, About(), [About()], records).holds
    assert not (wanted is True and denied is True)
    assert (wanted is None) == (denied is None)
    if None not in answers:
        assert wanted is (not denied)


@pytest.mark.parametrize(
    ("asked", "told", "same"),
    [
        ("vacant space", "Vacant spaces", True),
        ("space", "vacant space", True),
        ("the battery", "battery level", True),
        ("", "anything", True),
        ("battery level", "water level", False),
    ],
)
def test_findings_are_told_apart_by_their_words(asked: str, told: str, same: bool) -> None:
    assert is_about(asked, told) is same


def test_quotes_are_what_was_found_for_the_same_or_joined() -> None:
    shelves = [shelf("1", False), shelf("2", True), shelf("4", True)]
    assert quote(0, about("2"), shelves) == "vacant spaces"
    assert quote(0, about("1"), shelves) == "no vacant spaces"
    assert quote(0, About(), shelves) == "shelf 1 has no vacant spaces, shelves 2 and 4 have vacant spaces"
    assert quote(0, About(), [robot("robot-1", 55)]) == "55 %"
    assert quote(0, About(), [robot("robot-1", None).model_copy(update={"said": "I am {answer 1}."})]) == (
        "I am answer 1"
    ), "what a device says fills in nothing"
    assert quote(0, About(), [shelf("1", **LOST)]) is None
    assert fill_quotes("Tell robot-2: {answer 1}.", About(), [robot("robot-1", 55)]) == "Tell robot-2: 55 %."
    assert fill_quotes("Tell robot-2: {answer 2}.", About(), [robot("robot-1", 55)]) is None


def test_what_was_not_called_for_is_told_and_is_no_failure() -> None:
    checked = [shelf("1", False), shelf("2", True), shelf("3", False)]
    uncalled = {"outcome": Outcome.CONDITION_NOT_MET, "step": 1, "device_id": None}
    brought = [
        shelf("2", said="I brought it.").model_copy(update={"step": 1, "findings": ()})
        if name == "2"
        else ExecutionRecord.model_validate(
            {
                **shelf(name).model_dump(),
                **uncalled,
                "sentence": f"Bring a tote to shelf {name}.",
                "reason": f"shelf {name} had no vacant space",
            }
        )
        for name in ("1", "2", "3")
    ]
    answer = compose([*checked, *brought])
    assert answer.outcome == "completed"
    assert answer.text.endswith(
        'Done: robot-1 (shelf 2) says "I brought it". Shelves 1 and 3 had no vacant space, so this was not done: '
        '"Bring a tote to shelf 1" and "Bring a tote to shelf 3".'
    )
    assert all(claim.entity_id == "2" or claim.present is False for claim in answer.claims)
