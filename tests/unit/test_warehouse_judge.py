"""The judge finds every lie, and no lie where there is none."""

from __future__ import annotations

import pytest

from coordinator.answer import compose
from coordinator.records import Claim, ExecutionRecord, Outcome
from demos.warehouse.judge import (
    AnswerReading,
    judge_claims,
    judge_text,
    read_answer,
    unexpected_changes,
    vacant_shelves,
)
from demos.warehouse.state import Mode
from demos.warehouse.truth import RobotTruth, ShelfTruth, WorldTruth
from demos.warehouse.world import NETWORKS
from protocol.messages import Finding


def truth(*vacant: bool) -> WorldTruth:
    robot = RobotTruth(
        x=1,
        y=1,
        at_shelf=None,
        battery=0.8,
        speed=1,
        camera_degrees=0,
        network="office",
        is_access_point=False,
        is_charging=False,
        images=0,
        mode=Mode.DOCKED,
        mode_refusals=0,
    )
    return WorldTruth(
        shelves={
            str(index): ShelfTruth(
                has_vacancy=is_vacant, free=("A1", "B2") if is_vacant else (), items=("blue tote",)
            )
            for index, is_vacant in enumerate(vacant, start=1)
        },
        robots={"robot-1": robot},
    )


def reading(vacant: str = "", full: str = "", unknown: str = "") -> AnswerReading:
    return AnswerReading(frozenset(vacant.split()), frozenset(full.split()), frozenset(unknown.split()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Shelves 2 and 4 have vacant space. Shelves 1 and 3 have none. Shelf 5 is unknown: it is silent.",
            reading("2 4", "1 3", "5"),
        ),
        ("Shelf 2 has vacant space. Shelf 1 has none.", reading("2", "1")),
        ("Shelves 1, 2 and 13 have no vacant space.", reading(full="1 2 13")),
        ("Shelf 1 has no vacant space.", reading(full="1")),
        ("Shelves 1 and 2 are unknown: robot-1 died.", reading(unknown="1 2")),
        ('Done: robot-1 says "Shelf 2 has vacant space."', reading()),
        ("Not done: robot-2 thinks Shelf 2 has vacant space.", reading()),
        ("I cannot do that.", reading()),
        ("", reading()),
    ],
)
def test_reading_an_answer(text: str, expected: AnswerReading) -> None:
    assert read_answer(text) == expected
    assert expected.is_complete is not bool(expected.unknown)


def test_a_right_answer_agrees() -> None:
    world = truth(False, True, False, True)
    assert vacant_shelves(world) == {"2", "4"}
    assert judge_text("Shelves 2 and 4 have vacant space. Shelves 1 and 3 have none.", world) == []
    assert (
        judge_text("Shelf 2 has vacant space. Shelves 1 and 3 have none. Shelf 4 is unknown: x.", world) == []
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Shelves 1 and 2 have vacant space.", "shelf 1 is said to have vacant space"),
        ("Shelves 1 and 2 have no vacant space.", "shelf 2 is said to have none"),
        ("Shelf 2 has vacant space.", "shelf 1 is left out"),
        ("Shelf 2 has vacant space. Shelves 1 and 3 have none.", "there is no shelf 3"),
        ("Shelf 2 has vacant space. Shelves 1 and 2 have none.", "shelf 2 is said to be two things"),
        ("", "shelf 2 is left out"),
    ],
)
def test_a_wrong_answer_is_found_out(text: str, problem: str) -> None:
    assert problem in judge_text(text, truth(False, True))


def test_the_coordinators_own_sentences_can_be_read() -> None:
    def record(shelf_id: str, *, present: bool | None) -> ExecutionRecord:
        return ExecutionRecord(
            step=0,
            sentence=f"check shelf {shelf_id}",
            outcome=Outcome.SILENT if present is None else Outcome.COMPLETED,
            device_id=f"robot-{shelf_id}",
            entity_kind="shelf",
            entity_id=shelf_id,
            reason=f"robot-{shelf_id} did not answer in time" if present is None else None,
            findings=() if present is None else (Finding(what="vacant space", present=present),),
        )

    answers = [
        (True, False, None),
        (False, False, False),
        (True, True, True),
        (True, False, True),
        (None, True),
    ]
    for flags in answers:
        records = [record(str(index), present=flag) for index, flag in enumerate(flags, start=1)]
        answer = compose(records)
        world = truth(*(bool(flag) for flag in flags))
        assert judge_text(answer.text, world) == []
        assert judge_claims(answer.claims, world) == []
        liar = truth(*(not flag for flag in flags))
        known = [flag for flag in flags if flag is not None]
        assert len(judge_text(answer.text, liar)) == len(known)
        assert len(judge_claims(answer.claims, liar)) == len(known)


def shelf_claim(**values: object) -> Claim:
    return Claim.model_validate({"entity_kind": "shelf", "device_id": "robot-1", **values})


@pytest.mark.parametrize(
    "claim",
    [
        shelf_claim(entity_id="2", what="vacant space", present=True),
        shelf_claim(entity_id="2", what="vacant space", present=True, value=2),
        shelf_claim(entity_id="2", what="vacant space", present=True, value=("A1", "B2")),
        shelf_claim(entity_id="1", what="vacant space", present=False, value=()),
        shelf_claim(entity_id="1", what="vacant space"),
        shelf_claim(entity_id="1", what="items on the shelf", value=("blue tote",)),
        Claim(device_id="robot-1", what="battery level", value=78, unit="percent"),
        Claim(device_id="robot-1", what="networks in range", value=tuple(NETWORKS)),
        Claim(device_id="robot-1", what="shelves on the map", value=2),
        Claim(device_id="robot-1", what="mood", value="good"),
    ],
)
def test_true_claims_agree(claim: Claim) -> None:
    assert judge_claims([claim], truth(False, True)) == []


@pytest.mark.parametrize(
    "claim",
    [
        shelf_claim(entity_id="1", what="vacant space", present=True),
        shelf_claim(entity_id="2", what="vacant space", present=False),
        shelf_claim(entity_id="2", what="vacant space", present=True, value=3),
        shelf_claim(entity_id="9", what="vacant space", present=True),
        shelf_claim(entity_id="1", what="items on the shelf", value=("red tote",)),
        shelf_claim(entity_id="9", what="items on the shelf", value=()),
        Claim(device_id="robot-1", what="battery level", value=70, unit="percent"),
        Claim(device_id="robot-7", what="battery level", value=80, unit="percent"),
        Claim(device_id="robot-1", what="networks in range", value=("office",)),
        Claim(device_id="robot-1", what="shelves on the map", value=3),
    ],
)
def test_false_claims_are_found_out(claim: Claim) -> None:
    assert len(judge_claims([claim], truth(False, True))) == 1


def test_unexpected_changes_are_named() -> None:
    before = truth(False, True)
    assert unexpected_changes(before, before) == []
    robot = before.robots["robot-1"]
    moved = before.model_copy(
        update={"robots": {"robot-1": robot.model_copy(update={"x": 9, "battery": 0.7, "mode": Mode.READY})}}
    )
    assert unexpected_changes(before, moved) == []
    retuned = before.model_copy(update={"robots": {"robot-1": robot.model_copy(update={"speed": 2.0})}})
    assert unexpected_changes(before, retuned) == ["robot-1: speed went from 1.0 to 2.0"]
    assert unexpected_changes(before, retuned, allowed=["speed"]) == []
    refused = before.model_copy(update={"robots": {"robot-1": robot.model_copy(update={"mode_refusals": 1})}})
    assert unexpected_changes(before, refused) == ["robot-1: mode_refusals went from 0 to 1"]
    assert unexpected_changes(before, truth(True, True)) == ["shelf 1 changed"]
