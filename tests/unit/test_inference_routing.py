"""Which device each part of a goal is for, and where clauses stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.plan import KindProfile, PlanAnswer, Route, ask_for_plan
from inference.ports import Choice
from inference.routing import Router
from inference.scripted_model import ScriptedModel
from inference.text import prepare
from inference.words import clause_places, split_clauses, split_words

LAMP = KindProfile("lamp", 1, ("It shines.", "It changes colour."), ("hall-lamp",), "A lamp in the hall.")
OVEN = KindProfile("oven", 1, ("It bakes.",), ("kitchen-oven",), "An oven in the kitchen.")
ROBOT = KindProfile("robot", 2, ("It drives.",), ("robot-1", "robot-2"), "A robot that carries boxes.")
KINDS = (LAMP, OVEN, ROBOT)
TOPICS = ({"shines", "bright", "colour", "dim"}, {"bakes", "bread", "warm"}, {"drives", "bring", "fetch"})


class TopicEncoder:
    """A fake encoder that knows three topics: texts of one are the same to it, texts of two have nothing in common."""

    choice = Choice()
    identity = "topics"
    dimensions = len(TOPICS) + 1

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; what is about none of the topics has a direction of its own."""
        self.texts += texts
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = set(split_words(text))
            row[next((at for at, topic in enumerate(TOPICS) if words & topic), len(TOPICS))] = 1
        return rows


def routes(
    goal: str, kinds: Sequence[KindProfile] = KINDS, entities: dict[str, list[str]] | None = None
) -> list[Route]:
    return Router(TopicEncoder()).routes(prepare(goal), kinds, entities or {})


def test_parts_of_a_goal_go_to_the_devices_they_are_about_in_order() -> None:
    assert routes("Dim it, bake some bread and fetch the Box.") == [
        Route("Dim it", "lamp"),
        Route("bake some bread", "oven"),
        Route("fetch the Box", "robot"),
    ]
    assert [route.kind for route in routes("fetch it, then dim it")] == ["robot", "lamp"]


def test_neighbours_for_the_same_kind_stay_one_part_as_it_was_said() -> None:
    assert routes("Dim it, change the colour and fetch the box") == [
        Route("Dim it, change the colour", "lamp"),
        Route("fetch the box", "robot"),
    ]
    goal = "dim it, fetch the box and choose a bright colour"
    assert [route.kind for route in routes(goal)] == ["lamp", "robot", "lamp"]


def test_a_remark_belongs_to_what_is_said_beside_it() -> None:
    goal = "We are celebrating. Dim it, guests are arriving. Warm the soup, they like that"
    assert routes(goal) == [
        Route("We are celebrating. Dim it, guests are arriving", "lamp"),
        Route("Warm the soup, they like that", "oven"),
    ]


def test_nothing_is_routed_where_no_part_is_near_to_anything() -> None:
    assert routes("We are celebrating and guests are arriving") == []
    assert routes("") == []


def test_the_name_decides_between_devices_of_the_same_abilities() -> None:
    kinds = (
        KindProfile("lamp of the attic", 1, LAMP.abilities, ("attic-lamp",), "It shines."),
        KindProfile("lamp of the cellar", 1, LAMP.abilities, ("cellar-lamp",), "It shines."),
    )
    assert [one.kind for one in routes("dim the cellar lamp", kinds)] == ["lamp of the cellar"]
    assert [one.kind for one in routes("dim the attic lamp", kinds)] == ["lamp of the attic"]


def test_a_device_is_found_by_its_name_alone() -> None:
    assert routes("wake the kitchen oven") == [Route("wake the kitchen oven", "oven")]


@pytest.mark.parametrize("quantified", ["every lamp", "each lamp", "all lamps", "both lamps", "everything"])
def test_what_is_quantified_is_left_to_the_planning_model(quantified: str) -> None:
    assert routes("dim the lamp and fetch it")
    assert routes(f"dim {quantified} and fetch it") == []


@pytest.mark.parametrize("named", ["shelf 2", "the shelf", "Shelfs", "the boxes"])
def test_what_speaks_of_the_sites_things_is_left_to_the_planning_model(named: str) -> None:
    entities = {"shelf": ["1", "2"], "box": ["a"]}
    assert routes(f"dim it and fetch {named}", entities=entities) == []
    assert routes("dim it and fetch the bookshelf", entities=entities)


@pytest.mark.parametrize("goal", ["Robots, bring tea", "dim it and tell the robots to fetch it"])
def test_several_devices_of_a_kind_are_left_to_the_planning_model(goal: str) -> None:
    assert routes(goal) == []


def test_one_device_of_a_kind_is_routed_in_the_singular_and_the_plural() -> None:
    assert [one.kind for one in routes("robot, bring tea and dim it")] == ["robot", "lamp"]
    # There is only one lamp, so "lamps" can only mean that one.
    assert [one.kind for one in routes("dim the lamps and bring tea")] == ["lamp", "robot"]


def test_one_kind_needs_no_routing() -> None:
    assert routes("dim it", (LAMP,)) == []
    assert routes("dim it", ()) == []


def test_a_kind_of_unknown_abilities_is_found_by_what_it_is_called() -> None:
    kinds = (KindProfile("fetch", 1, (), ()), LAMP)
    assert [one.kind for one in routes("bring me tea", kinds)] == ["fetch"]


def test_amounts_do_not_tell_devices_apart() -> None:
    encoder = TopicEncoder()
    Router(encoder).routes(prepare("dim it to 40 and bring 3 boxes"), KINDS, {})
    assert encoder.texts[:2] == ["dim it to ", "bring  boxes"]


def planned(goal: str, *answers: str, entities: dict[str, list[str]] | None = None) -> PlanAnswer:
    found = [Route("Dim the lamp", "lamp"), Route("fetch the Box", "robot")]
    return ask_for_plan(ScriptedModel(answers), goal, KINDS, entities or {}, routes=found)


def test_a_routed_goal_is_planned_without_the_model() -> None:
    plan = planned("Dim the lamp and fetch the Box")
    assert plan.outcome == "plan"
    assert plan.generation is None
    assert [(step.quantifier, step.sentence, step.kind, step.device) for step in plan.steps] == [
        ("one", "Dim the lamp", "lamp", None),
        ("one", "fetch the Box", "robot", None),
    ]


def test_the_name_of_the_only_device_of_its_kind_adds_nothing_to_its_route() -> None:
    assert planned("Dim the hall lamp and fetch the Box").generation is None


def test_one_device_of_several_by_its_name_is_for_the_model() -> None:
    plan = planned("Dim the lamp and robot 2 fetch the Box", "named robot 2 / fetch the box")
    assert plan.generation is not None
    assert [step.device for step in plan.steps] == ["robot-2"]


def test_what_the_site_lacks_is_refused_before_it_is_routed() -> None:
    plan = planned("Dim the lamp at door 9 and fetch the Box", entities={"door": ["1"]})
    assert (plan.outcome, plan.reason) == ("refuse", "There is no door 9 on this site. It has doors 1.")


def test_a_goal_without_routes_is_for_the_model() -> None:
    plan = ask_for_plan(ScriptedModel(["one lamp / dim it"]), "Dim it", KINDS, {}, routes=[])
    assert plan.generation is not None
    assert [step.kind for step in plan.steps] == ["lamp"]


WORDS = (
    "move to shelf 3 , please ; and then check it . Then! AND 3.5 1,5 thanks! lamp: e.g. é 中 ? now".split()
)


@given(sentence=st.lists(st.sampled_from(WORDS), max_size=16).map(" ".join) | st.text(max_size=60))
def test_clauses_are_in_order_disjoint_and_inside_the_sentence(sentence: str) -> None:
    places = clause_places(sentence)
    assert places
    ends = 0
    for start, end in places:
        assert ends <= start <= end <= len(sentence)
        ends = end
    assert [sentence[start:end] for start, end in places] == (split_clauses(sentence) or [sentence])


@pytest.mark.parametrize(
    ("sentence", "clauses"),
    [
        ("Move to shelf 3 and check it.", ["Move to shelf 3", "check it"]),
        ("please, dim the lamp; thanks!", ["dim the lamp"]),
        ("turn by 1,5 degrees, then go 2.5 m", ["turn by 1,5 degrees", "go 2.5 m"]),
        ("bring the sandwich", ["bring the sandwich"]),
        ("please , thanks", ["please , thanks"]),
        ("", [""]),
    ],
)
def test_clauses_end_at_punctuation_and_joining_words(sentence: str, clauses: list[str]) -> None:
    assert [sentence[start:end] for start, end in clause_places(sentence)] == clauses


@given(names=st.lists(st.sampled_from(["lamp", "oven", "robot"]), min_size=1, max_size=6))
def test_routes_repeat_the_goal_and_follow_it(names: list[str]) -> None:
    said = {"lamp": "dim it", "oven": "bake bread", "robot": "fetch tea"}
    goal = ", ".join(said[name] for name in names)
    found = routes(goal)
    changes = [name for at, name in enumerate(names) if not at or names[at - 1] != name]
    assert [route.kind for route in found] == changes
    assert ", ".join(route.text for route in found) == goal
