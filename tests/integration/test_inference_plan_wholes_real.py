"""What one device deals with in one go is not shared out, and who was told one thing is told the next one too."""

from __future__ import annotations

import pytest

from inference.plan import KindProfile
from inference.plan_composition import PlanComposer
from inference.settings import InferenceSettings, open_encoder
from inference.text import prepare

pytestmark = pytest.mark.model

KINDS = (
    KindProfile(
        "robot",
        4,
        (
            "It goes to a shelf by its number.",
            "It checks a shelf for vacant space.",
            "It brings a tote to a packing station.",
        ),
        ("robot-1", "robot-2", "robot-3", "robot-4"),
    ),
    KindProfile(
        "drone",
        1,
        (
            "It flies to a shelf and reads what lies on it.",
            "It counts the shelves that are empty.",
            "It counts the labels on a shelf.",
        ),
        ("drone-1",),
    ),
    KindProfile(
        "arm",
        1,
        ("It counts the totes at its station.", "It lifts totes onto the conveyor belt."),
        ("arm-1",),
        about="An arm between packing station 1 and the conveyor belt.",
    ),
)
ENTITIES = {
    "shelf": [str(number) for number in range(1, 14)],
    "station": ["1", "2", "3"],
    "tote": [f"T{number}" for number in range(1, 10)],
}


@pytest.fixture(scope="module")
def composer() -> PlanComposer:
    return PlanComposer(open_encoder(InferenceSettings.from_environment()))


def steps(composer: PlanComposer, goal: str) -> list[tuple[str, str]]:
    answer = composer.compose(prepare(goal), KINDS, ENTITIES)
    assert answer is not None, goal
    return [(f"{step.quantifier} {step.kind or step.device}", step.sentence) for step in answer.steps]


@pytest.mark.parametrize(
    ("goal", "who", "sentence"),
    [
        ("Count the empty shelves.", "one drone", "Count the empty shelves."),
        ("Tell me how many shelves are empty.", "one drone", "Tell me how many shelves are empty."),
        ("Count all shelves that are empty.", "one drone", "Count all shelves that are empty."),
        ("Let the drone count the empty shelves.", "one drone", "Count the empty shelves."),
        ("drone-1, count the empty shelves", "named drone-1", "Count the empty shelves."),
        ("How many totes are at station 1?", "one arm", "How many totes are at station 1."),
    ],
)
def test_who_counts_all_of_them_is_asked_once(
    composer: PlanComposer, goal: str, who: str, sentence: str
) -> None:
    assert steps(composer, goal) == [(who, sentence)]


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        ("Count the shelves with vacant space.", "vacant is not empty"),
        ("Count the empty shelves 3 and 4.", "two of them are named"),
        ("How many totes are at station 2?", "it stands at another station"),
        ("Count the labels on all shelves.", "it does that for one shelf"),
    ],
)
def test_what_nobody_says_of_all_of_them_is_looked_at_one_by_one(
    composer: PlanComposer, goal: str, why: str
) -> None:
    assert all(who.startswith("each") for who, _ in steps(composer, goal)), why


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        (
            "Let the drone have a look at shelf 10 and read me the labels.",
            [("each drone", "Have a look at shelf {shelf} and read me the labels.")],
        ),
        (
            "Have the drone fly to shelf 4 and tell us what lies there.",
            [("each drone", "Fly to shelf {shelf} and tell us what lies there.")],
        ),
    ],
)
def test_who_is_told_one_thing_is_told_the_next_one_too(
    composer: PlanComposer, goal: str, expected: list[tuple[str, str]]
) -> None:
    assert steps(composer, goal) == expected
