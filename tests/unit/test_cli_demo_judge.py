"""How the demo decides whether the world agrees with an answer."""

import pytest

from coordinator.goals import GoalStatus, GoalView
from coordinator.records import Claim
from demos.warehouse.run import DEFAULT_GOAL, Verdict, judge
from demos.warehouse.truth import WorldTruth
from demos.warehouse.world import WarehouseWorld
from transport.clock import FakeClock


def truth() -> WorldTruth:
    return WarehouseWorld(4, ["robot-1"], seed=5, clock=FakeClock()).truth()


def answered(
    truth: WorldTruth, shelves: set[str], *, lie_about: str | None = None, goal: str = DEFAULT_GOAL
) -> GoalView:
    has = {shelf: truth.shelves[shelf].has_vacancy != (shelf == lie_about) for shelf in sorted(shelves)}
    sentences = [
        f"Shelf {shelf} {'has vacant space' if room else 'has no vacant space'}."
        for shelf, room in has.items()
    ]
    claims = tuple(
        Claim(entity_kind="shelf", entity_id=shelf, what="vacant space", present=room)
        for shelf, room in has.items()
    )
    return GoalView(
        goal_id="g",
        goal=goal,
        status=GoalStatus.COMPLETED,
        answer=" ".join(sentences),
        claims=claims,
        created_at=0,
    )


def test_a_true_answer_agrees() -> None:
    assert judge(answered(truth(), {"1", "2", "3", "4"}), truth(), truth()) == []


@pytest.mark.parametrize("shelf", ["1", "2", "3", "4"])
def test_a_lie_about_any_shelf_is_found(shelf: str) -> None:
    problems = judge(answered(truth(), {"1", "2", "3", "4"}, lie_about=shelf), truth(), truth())
    assert problems
    assert all(f"shelf {shelf} " in problem for problem in problems)


def test_a_lie_in_the_text_alone_is_found() -> None:
    honest = answered(truth(), {"1", "2", "3", "4"})
    lying = answered(truth(), {"1", "2", "3", "4"}, lie_about="2")
    assert judge(honest.model_copy(update={"answer": lying.answer}), truth(), truth())
    assert judge(lying.model_copy(update={"answer": honest.answer}), truth(), truth())


def test_a_shelf_left_out_is_found_unless_the_goal_named_others() -> None:
    assert judge(answered(truth(), {"1", "2"}), truth(), truth()) == [
        "shelf 3 is left out",
        "shelf 4 is left out",
    ]
    about_two = answered(truth(), {"1", "2"}, goal="Check shelves 1 and 2 for vacant space.")
    assert judge(about_two, truth(), truth()) == []


def test_an_unexpected_change_is_found() -> None:
    after = truth()
    robot = after.robots["robot-1"].model_copy(update={"network": None})
    changed = after.model_copy(update={"robots": {"robot-1": robot}})
    assert judge(answered(truth(), {"1", "2", "3", "4"}), truth(), changed)


def test_nothing_said_is_neither_right_nor_wrong() -> None:
    refused = GoalView(goal_id="g", goal="x", status=GoalStatus.REFUSED, answer="No.", created_at=0)
    assert judge(refused, truth(), truth()) is None


@pytest.mark.parametrize(
    ("outcome", "agrees", "is_right"),
    [
        ("completed", True, True),
        ("completed", None, True),
        ("completed", False, False),
        ("partial", True, False),
        ("refused", None, False),
    ],
)
def test_only_a_completed_goal_without_contradiction_is_right(
    outcome: str, agrees: bool | None, is_right: bool
) -> None:
    assert Verdict(outcome, "", agrees, 1, 1, 1.0).is_right is is_right
