"""Which device each part of a goal is for, and where clauses stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.encoder import HashEncoder
from inference.plan import KindProfile, PlanAnswer, PlanStep, Route, ask_for_plan
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


@pytest.mark.parametrize("quantified", ["every lamp", "each lamp", "all lamps", "all the lamps"])
def test_all_of_what_is_named_goes_to_each_device_of_that_name(quantified: str) -> None:
    assert routes(f"dim {quantified} and fetch the box") == [
        Route(f"dim {quantified}", "lamp"),
        Route("fetch the box", "robot"),
    ]


@pytest.mark.parametrize("quantified", ["everything", "every window", "all of it", "any chair", "both"])
def test_all_of_what_has_no_name_is_left_to_the_planning_model(quantified: str) -> None:
    assert routes("dim it and fetch it")
    assert routes(f"dim {quantified} and fetch it") == []


def test_how_often_or_how_far_is_no_quantity_of_things() -> None:
    assert routes("dim it every evening, fetch tea all day") == [
        Route("dim it every evening", "lamp"),
        Route("fetch tea all day", "robot"),
    ]


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


def test_what_belongs_together_and_what_follows_is_kept_in_the_plan() -> None:
    found = [
        Route("dim the lamps", "lamp", follows=False),
        Route("dim the lamps", "oven", follows=False, is_together=True),
        Route("raise the attic blinds", None, "attic blinds", follows=True),
    ]
    assert ask_for_plan(ScriptedModel([]), "dim", KINDS, {}, routes=found).steps == (
        PlanStep("one", "dim the lamps", kind="lamp", follows=False),
        PlanStep("one", "dim the lamps", kind="oven", follows=False, is_together=True),
        PlanStep("named", "raise the attic blinds", device="attic blinds", follows=True),
    )


def single(kind: str, *abilities: str, count: int = 1, about: str = "") -> KindProfile:
    return KindProfile(kind, count, abilities, (kind.replace(" ", "-"),), about or f"{kind}.")


LIGHT = ("Switch the light on or off.", "Set the brightness of the light.")
DRAPES = ("Open the drapes.", "Close the drapes.")
FLAT = (
    single("attic light", *LIGHT),
    single("cellar light", *LIGHT),
    single("porch light", *LIGHT),
    single("attic drapes", *DRAPES),
    single("cellar drapes", *DRAPES),
    single(
        "sweeping robot",
        "Start sweeping a room.",
        "Go back to the dock.",
        "Choose the power: quiet or strong.",
    ),
    single("stove", "Heat the stove to a temperature.", "Switch the stove light on or off."),
    single("cellar heater", "Heat to a temperature.", "Switch off."),
    single("pump a", "Pump a volume of water.", "Stop the pump."),
    single("pump b", "Pump a volume of water.", "Stop the pump."),
    single("loudspeaker", "Announce a message.", "Play music.", "Set the volume."),
    single("open hearth", "Light the fire."),
)


def sent(goal: str, kinds: Sequence[KindProfile] = FLAT) -> list[tuple[str, str]]:
    """Return whom each part goes to, and what that one is told; a question mark stands before what is not there."""
    found = Router(HashEncoder()).routes(prepare(goal), kinds, {})
    return [(route.kind if route.kind is not None else f"? {route.missing}", route.text) for route in found]


def to(goal: str, kinds: Sequence[KindProfile] = FLAT) -> list[str]:
    return [receiver for receiver, _ in sent(goal, kinds)]


ALL_LIGHTS = ["attic light", "cellar light", "porch light"]
BOTH_DRAPES = ["attic drapes", "cellar drapes"]


@pytest.mark.parametrize(
    ("goal", "receivers"),
    [
        ("switch on the cellar light", ["cellar light"]),
        ("switch on the light in the cellar", ["cellar light"]),
        ("switch the cellar's light on", ["cellar light"]),
        ("Switch on the Cellar Light!", ["cellar light"]),
        ("close the drapes in the attic", ["attic drapes"]),
        ("close the attic drapes and heat the stove to 200 degrees", ["attic drapes", "stove"]),
        ("stop pump B", ["pump b"]),
        ("pump 5 litres with pump A", ["pump a"]),
        ("switch on the stove light", ["stove"]),
        ("switch on the light of the stove", ["stove"]),
        ("is the porch light on?", ["porch light"]),
        ('announce "the cellar light is broken, take care" on the loudspeaker', ["loudspeaker"]),
        ("open the cellar drapes all the way", ["cellar drapes"]),
        ("switch on the porch light every evening", ["porch light"]),
    ],
)
def test_a_named_device_among_many_gets_what_is_said_of_it(goal: str, receivers: list[str]) -> None:
    assert to(goal) == receivers


@pytest.mark.parametrize(
    ("goal", "receivers"),
    [
        ("switch off the lights", ALL_LIGHTS),
        ("switch off all lights", ALL_LIGHTS),
        ("switch every light off", ALL_LIGHTS),
        ("close all the drapes", BOTH_DRAPES),
        ("close both drapes", BOTH_DRAPES),
        ("switch off the cellar lights", ["cellar light"]),
        ("stop both pumps", ["pump a", "pump b"]),
        ("stop pumps A and B", ["pump a", "pump b"]),
        ("switch off all lights except the porch light", ["attic light", "cellar light"]),
        ("switch off all lights, except the one in the attic", ["cellar light", "porch light"]),
        ("switch off every light except those in the attic and the cellar", ["porch light"]),
        ("switch off the lights other than the porch light, then close the attic drapes",
         ["attic light", "cellar light", "attic drapes"]),
    ],
)  # fmt: skip
def test_all_that_are_named_get_the_same(goal: str, receivers: list[str]) -> None:
    assert to(goal) == receivers


def test_what_is_left_out_is_not_told_to_the_others() -> None:
    assert sent("switch off all lights except the porch light") == [
        ("attic light", "switch off all lights"),
        ("cellar light", "switch off all lights"),
    ]


@pytest.mark.parametrize(
    ("goal", "missing"),
    [
        ("close the drapes on the porch", "drapes on the porch"),
        ("close the porch drapes", "porch drapes"),
        ("stop pump C", "pump c"),
        ("switch on the light in the pantry", "light in the pantry"),
        ("heat the stove and close the porch drapes", "porch drapes"),
    ],
)
def test_a_device_that_is_not_there_is_named_as_it_was_said(goal: str, missing: str) -> None:
    assert f"? {missing}" in to(goal)
    assert not {"attic drapes", "cellar drapes", "pump a", "pump b", *ALL_LIGHTS} & set(to(goal))


def test_what_is_to_be_done_with_a_device_that_is_not_there_is_not_done_with_another() -> None:
    assert sent("close the porch drapes and open them again") == [
        ("? porch drapes", "close the porch drapes and open them again")
    ]
    assert to("close the porch drapes and switch on the attic light") == ["? porch drapes", "attic light"]


def test_a_thing_without_a_place_of_its_own_is_the_only_one_there_is() -> None:
    kinds = (single("desk lamp", "Shine."), single("stove", "Heat."))
    assert to("dim the lamp in the pantry", kinds) == ["desk lamp"]


@pytest.mark.parametrize(
    "goal",
    [
        "open the door of the cellar light",
        "heat the cellar",
        "sweep the cellar",
        "sweep the porch and the attic",
        "play music in the attic",
        "light the fire",
        "start sweeping after the stove is off",
        "switch the light on in the morning",
        "switch the light on in the dark",
        "announce that the pump and the light are broken",
        "open the drapes",
        "open it",
    ],
)
def test_incidental_words_of_names_refuse_nothing(goal: str) -> None:
    assert to(goal)
    assert not any(receiver.startswith("?") for receiver in to(goal))


@pytest.mark.parametrize(
    ("goal", "routes"),
    [
        ("switch on the attic light and the cellar light",
         [("attic light", "switch on the attic light"), ("cellar light", "switch on the cellar light")]),
        ("switch off the lights in the attic and the cellar",
         [("attic light", "switch off the lights in the attic"), ("cellar light", "switch off the cellar light")]),
        ("switch off the lights in the attic, the cellar and the porch",
         [("attic light", "switch off the lights in the attic"), ("cellar light", "switch off the cellar light"),
          ("porch light", "switch off the porch light")]),
        ("switch on the attic and cellar lights",
         [("attic light", "switch on the attic light"), ("cellar light", "switch on the cellar light")]),
        ("turn the attic light and the cellar light off",
         [("attic light", "turn the attic light off"), ("cellar light", "turn the cellar light off")]),
        ("turn the attic light, the cellar light and the porch light Off",
         [("attic light", "turn the attic light Off"), ("cellar light", "turn the cellar light Off"),
          ("porch light", "turn the porch light Off")]),
        ("set the light in the attic and the cellar to 40 percent",
         [("attic light", "set the light in the attic to 40 percent"),
          ("cellar light", "set the cellar light to 40 percent")]),
        ("switch off the stove and the lights",
         [("stove", "switch off the stove"), ("attic light", "switch off the attic light"),
          ("cellar light", "switch off the cellar light"), ("porch light", "switch off the porch light")]),
        ("switch off the stove and the loudspeaker too",
         [("stove", "switch off the stove"), ("loudspeaker", "switch off the loudspeaker")]),
        ("start sweeping the cellar and then the attic",
         [("sweeping robot", "start sweeping the cellar and then the attic")]),
    ],
)  # fmt: skip
def test_what_is_said_once_is_said_to_each(goal: str, routes: list[tuple[str, str]]) -> None:
    assert sent(goal) == routes


@pytest.mark.parametrize(
    ("goal", "receivers"),
    [
        ("start the sweeping robot and put it on strong", ["sweeping robot"]),
        ("Start the sweeping robot. Then set its power to quiet", ["sweeping robot"]),
        ("heat the stove to 200 and switch it off", ["stove"]),
        ("The stove is too hot, heat it to 150 degrees", ["stove"]),
    ],
)
def test_it_is_the_device_that_was_spoken_of(goal: str, receivers: list[str]) -> None:
    assert to(goal) == receivers


@pytest.mark.parametrize(
    ("goal", "receivers"),
    [
        ("It is dark in the cellar. Switch on the light", ["cellar light"]),
        ("I'm in the attic, close the drapes", ["attic drapes"]),
        ("We are in the attic. Switch off all the lights", ALL_LIGHTS),
        ("The guests are on the porch, so switch on the light", ["porch light"]),
        ("Switch on the light, it is dark in the cellar", None),
        ("close the attic drapes and dim the light", ["attic drapes", "attic light"]),
        ("Good evening! Switch on the porch light", ["porch light"]),
    ],
)
def test_where_people_are_tells_which_device_they_mean(goal: str, receivers: list[str] | None) -> None:
    if receivers is None:
        # What is said afterwards comes too late, but is no order of its own.
        assert len(to(goal)) == 1
    else:
        assert to(goal) == receivers


def test_a_part_of_a_device_is_its_own_and_not_another_device() -> None:
    kinds = (
        single("kiln", "Heat the kiln.", "Open the door of the kiln."),
        single("yard door", "Open the door.", "Close the door."),
        single("shed door", "Open the door.", "Close the door."),
    )
    assert to("heat the kiln and then open its door", kinds) == ["kiln"]
    assert to("open the yard door and close it", kinds) == ["yard door"]
    assert to("heat the kiln and then open the yard door", kinds) == ["kiln", "yard door"]
    # What is not there has no door either.
    assert to("close the yard kiln door and open its door", kinds)[0] in {"yard door", "? yard kiln door"}


def test_what_a_thing_is_for_does_not_make_it_another() -> None:
    kinds = (single("ice maker", "Make ice."), single("bar light", *LIGHT), single("porch light", *LIGHT))
    assert to("make ice for the bar", kinds) == ["ice maker"]


@pytest.mark.parametrize(
    ("goal", "receivers"),
    [
        ("heat rooms 1 and 2 to a temperature of 20 degrees", ["room 1 heater", "room 2 heater"]),
        ("heat room 1 and room 2 to 20 degrees", ["room 1 heater", "room 2 heater"]),
        ("heat room two", ["room 2 heater"]),
        ("heat the second room to a temperature of 20 degrees", ["room 2 heater"]),
        ("heat room 3", ["? room 3"]),
        ("It is cold in room 2. Heat it to 20 degrees", ["room 2 heater"]),
        (
            "switch on the light in room 2 and heat to a temperature of 20 degrees",
            ["room 2 light", "room 2 heater"],
        ),
    ],
)
def test_numbers_tell_devices_apart(goal: str, receivers: list[str]) -> None:
    kinds = [single(f"room {number} {thing}", *abilities) for number in (1, 2) for thing, abilities in (
        ("light", LIGHT), ("heater", ("Heat to a temperature.",)))]  # fmt: skip
    assert to(goal, kinds) == receivers


@pytest.mark.parametrize(
    ("goal", "missing"),
    [
        ("switch on the balcony light", "balcony light"),
        ("switch on the light in the balcony room", "light in the balcony room"),
    ],
)
def test_one_of_several_by_a_name_that_nothing_has_is_not_there(goal: str, missing: str) -> None:
    assert to(goal) == [f"? {missing}"]


@pytest.mark.parametrize("which", ["nearest", "other", "first", "big"])
def test_a_word_that_says_which_one_is_no_name(which: str) -> None:
    (receiver,) = to(f"switch on the {which} light")
    assert receiver in ALL_LIGHTS


def test_a_statement_alone_is_what_is_asked_for() -> None:
    assert to("the cellar light is too bright") == ["cellar light"]


LANTERNS = KindProfile(
    "lantern",
    3,
    ("Shine.", "Go dark."),
    ("porch-lantern", "yard-lantern", "cellarLantern"),
    "Porch lantern. It hangs there.",
)
CARTS = KindProfile("cart", 2, ("Bring boxes.",), ("cart-1", "cart-2"))


@pytest.mark.parametrize(
    ("goal", "found"),
    [
        ("let the lantern in the yard shine", [("yard lantern", "yard-lantern")]),
        ("let the yard lantern shine", [("yard lantern", "yard-lantern")]),
        ("the lanterns in the yard and the porch should go dark",
         [("yard lantern", "yard-lantern"), ("porch lantern", "porch-lantern")]),
        ("let the cellar lantern shine and bring boxes", [("cellar lantern", "cellarLantern"), ("cart", None)]),
        # Any of them will do where none is named.
        ("let the lantern shine", [("lantern", None)]),
        ("let the lantern shine and let it go dark", [("lantern", None)]),
        ("let the lantern in the attic shine", [(None, None)]),
        # All of them, or one of them by its number, is for the planning model.
        ("let the lanterns shine", []),
        ("let all lanterns go dark", []),
    ],
)  # fmt: skip
def test_devices_of_one_kind_are_told_apart_by_names_of_their_own(
    goal: str, found: list[tuple[str | None, str | None]]
) -> None:
    kinds = (LANTERNS, CARTS, single("stove", "Heat the stove."))
    routed = Router(HashEncoder()).routes(prepare(goal), kinds, {})
    assert [(route.kind, route.device) for route in routed] == found


def test_a_device_that_is_told_apart_is_planned_by_its_name() -> None:
    kinds = (LANTERNS, CARTS)
    goal = "let the yard lantern shine and bring boxes"
    found = Router(HashEncoder()).routes(prepare(goal), kinds, {})
    assert ask_for_plan(ScriptedModel([]), goal, kinds, {}, routes=found).steps == (
        PlanStep("named", "let the yard lantern shine", device="yard-lantern", follows=False),
        PlanStep("one", "bring boxes", kind="cart", follows=False),
    )


def test_a_device_that_is_away_is_still_the_one_that_is_meant() -> None:
    kinds = (single("attic light", *LIGHT), single("cellar light", *LIGHT, count=0), single("stove", "Heat."))
    assert to("switch on the cellar light", kinds) == ["cellar light"]
    assert to("switch on the light in the cellar and heat the stove", kinds) == ["cellar light", "stove"]
    assert to("switch off all lights", kinds) == ["attic light", "cellar light"]
    # What names no device is for those that are there.
    kinds = (
        single("attic light", "Glow."),
        single("cellar light", "Glow warmly.", count=0),
        single("stove", "Heat."),
    )
    assert to("glow warmly", kinds) == ["attic light"]


@pytest.mark.parametrize(
    ("goal", "follows"),
    [
        ("close the attic drapes and heat the stove", [False, False]),
        ("close the attic drapes, heat the stove", [False, False]),
        ("close the attic drapes, then heat the stove", [False, True]),
        ("close the attic drapes and then heat the stove", [False, True]),
        ("close the attic drapes. Afterwards heat the stove", [False, True]),
        ("close the attic drapes and heat the stove after that", [False, True]),
        ("once the attic drapes are closed, heat the stove", [False, True]),
        ("close the attic drapes and heat the stove until 7 pm", [False, False]),
        ("first close the attic drapes, then heat the stove, stop pump A", [False, True, False]),
    ],
)
def test_a_part_follows_only_where_that_was_said(goal: str, follows: list[bool]) -> None:
    found = Router(HashEncoder()).routes(prepare(goal), FLAT, {})
    assert [route.follows for route in found] == follows


def test_the_devices_of_one_part_belong_together() -> None:
    found = Router(HashEncoder()).routes(prepare("heat the stove, then switch off all lights"), FLAT, {})
    assert [(route.follows, route.is_together) for route in found] == [
        (False, False),
        (True, False),
        (True, True),
        (True, True),
    ]
    found = Router(HashEncoder()).routes(prepare("switch on the attic light and both drapes"), FLAT, {})
    assert [(route.kind, route.is_together) for route in found] == [
        ("attic light", False),
        ("attic drapes", False),
        ("cellar drapes", True),
    ]


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


SAID = st.sampled_from(
    "the light lights drapes attic cellar porch , and then it switch close on off all except stove pump a B 2 in is".split()
)


@given(goal=st.lists(SAID, min_size=1, max_size=14).map(" ".join))
def test_every_goal_is_routed_to_devices_that_are_there_or_says_which_is_not(goal: str) -> None:
    found = Router(HashEncoder()).routes(prepare(goal), FLAT, {})
    assert not found or not found[0].is_together
    for route in found:
        assert route.text
        assert (route.kind is None) == bool(route.missing)
        assert route.kind is None or route.kind in {kind.kind for kind in FLAT}


BENCH = (
    KindProfile("saw", 1, ("It cuts.",), ("saw-1",), "A band saw."),
    KindProfile("lathe", 1, ("It turns.",), ("lathe-1",), "A lathe with a turret."),
    KindProfile("crane", 1, ("It lifts.",), ("crane-1",), "A crane above the hall."),
)


@pytest.mark.parametrize(
    ("goal", "sent"),
    [
        ("Visitors are coming: dim the lamp", [("dim the lamp", "lamp")]),
        (
            "Heading home! Bring some bread, dim the lamp",
            [("Bring some bread", "oven"), ("dim the lamp", "lamp")],
        ),
        ("Tea time! Bake some bread, dim the lamp", [("Bake some bread", "oven"), ("dim the lamp", "lamp")]),
        ("Power drill, everyone: bake some bread", [("bake some bread", "oven")]),
        ("The oven is cold, warm it", [("The oven is cold, warm it", "oven")]),
        ("in the hall: shine bright", [("in the hall: shine bright", "lamp")]),
    ],
)
def test_what_only_goes_on_around_is_told_to_nobody(goal: str, sent: list[tuple[str, str]]) -> None:
    assert [(route.text, route.kind) for route in routes(goal, (LAMP, OVEN))] == sent


@pytest.mark.parametrize(
    ("goal", "sent"),
    [
        ("Bake some bread but dim the lamp", [("Bake some bread", "oven"), ("dim the lamp", "lamp")]),
        ("Bake some bread but leave the lamp alone", [("Bake some bread", "oven")]),
        ("Bake some bread, leave the lamp as it is", [("Bake some bread", "oven")]),
        ("Bake some bread, full blast, for 2 hours", [("Bake some bread, full blast, for 2 hours", "oven")]),
        (
            "Bake some bread, in French, nice and slow",
            [("Bake some bread, in French, nice and slow", "oven")],
        ),
    ],
)
def test_goals_are_cut_where_another_device_is_meant(goal: str, sent: list[tuple[str, str]]) -> None:
    assert [(route.text, route.kind) for route in routes(goal, (LAMP, OVEN))] == sent


def test_a_list_of_devices_before_what_they_do_is_told_to_each() -> None:
    found = routes("saw, lathe and crane can all go on", BENCH)
    assert [(route.text, route.kind) for route in found] == [
        ("saw can go on", "saw"),
        ("lathe can go on", "lathe"),
        ("crane can all go on", "crane"),
    ]


def test_a_word_of_a_code_names_no_device() -> None:
    assert [route.kind for route in routes("Bring it to lamp-out", (LAMP, ROBOT))] == ["robot"]
    assert [route.kind for route in routes("Bring it to oven_b7", (OVEN, ROBOT))] == ["robot"]
    assert [route.kind for route in routes("Bring the hall-lamp up", (LAMP, ROBOT))] == ["lamp"]


def test_a_word_before_a_name_may_tell_of_another_device() -> None:
    kinds = (
        KindProfile("laundry machine", 1, ("It washes.",), ("m-1",), "Washes laundry."),
        KindProfile("baker", 1, ("It bakes bread.",), ("m-2",), "Bakes bread."),
    )
    assert [route.kind for route in routes("start the laundry machine", kinds)] == ["laundry machine"]
    assert [route.kind for route in routes("bread machine off", kinds)] == ["baker"]


def test_a_number_behind_a_part_of_a_name_tells_which_device() -> None:
    kinds = tuple(
        KindProfile(f"plate heater {word}", 1, ("It bakes.",), (f"h-{number}",))
        for number, word in enumerate(("one", "two"), 1)
    )
    assert [route.kind for route in routes("warm bread on plate 2 for 5 minutes", kinds)] == [
        "plate heater two"
    ]
    assert [route.kind for route in routes("warm bread on plate 1 for 5 minutes", kinds)] == [
        "plate heater one"
    ]


def test_every_thing_without_a_name_is_for_who_has_such_things_where_each_device_is_the_only_one() -> None:
    assert [route.kind for route in routes("dim every colour", (LAMP, OVEN))] == ["lamp"]


HOUSE = (
    *(
        KindProfile(
            f"{room} {thing}", 1, abilities, (f"{room}-{thing}".replace(" ", "-"),), f"{room} {thing}."
        )
        for room in ("den", "guest room", "nursery")
        for thing, abilities in (("lamp", LIGHT), ("curtain", DRAPES))
    ),
    single("den tv", "Turn the TV on.", "Turn the TV off."),
    single("den air conditioner", "Turn it on.", "Choose the mode.", "Set the temperature."),
    single("nursery fan", "Turn the fan on.", "Turn the fan off."),
    KindProfile("den media player", 1, ("Play music.",), ("p-1",), "Den media player. Speaker in the den."),
    single("vacuum robot", "Clean the whole home or the given rooms.", "Choose the suction."),
)


@pytest.mark.parametrize(
    ("goal", "routes"),
    [
        # Several in one room, with what is to be done said once.
        ("tv and lamp off in the den", [("den tv", "tv off in the den"), ("den lamp", "den lamp off in the den")]),
        ("I'm done in the den so tv, lamp and curtain off in there",
         [("den tv", "tv off"), ("den lamp", "den lamp off"), ("den curtain", "den curtain off")]),
        ("turn off the telly and the lamp in the den",
         [("den tv", "turn off the telly"), ("den lamp", "turn off the den lamp")]),
        ("nursery curtain closed lamp off",
         [("nursery curtain", "nursery curtain closed"), ("nursery lamp", "lamp off")]),
        # The same in several rooms.
        ("the den and the nursery are dark so lamps on", [("den lamp", "lamps on"), ("nursery lamp", "lamps on")]),
        ("dim the lamps in the den and the guest room to 30 percent",
         [("den lamp", "dim the lamps in the den to 30 percent"), ("guest room lamp", "dim the guest room lamp to 30 percent")]),
        ("den lamp on and the nursery one off", [("den lamp", "den lamp on"), ("nursery lamp", "the nursery lamp off")]),
        ("den lamp to 2700 kelvin and the nursery lamp to 4000",
         [("den lamp", "den lamp to 2700 kelvin"), ("nursery lamp", "the nursery lamp to 4000 kelvin")]),
        # More of the device that was named.
        ("turn on the den air conditioner, heat mode, 23 degrees and the fan on high",
         [("den air conditioner", "turn on the den air conditioner, heat mode, 23 degrees and the fan on high")]),
        ("set the vacuum robot to max suction and have it clean the den and the nursery twice",
         [("vacuum robot", "set the vacuum robot to max suction and have it clean the den and the nursery twice")]),
        ("play jazz over and over on the speaker in the den",
         [("den media player", "play jazz over and over on the speaker in the den")]),
    ],
)  # fmt: skip
def test_a_home_of_rooms_is_told_what_each_device_needs(goal: str, routes: list[tuple[str, str]]) -> None:
    assert sent(goal, HOUSE) == routes


@pytest.mark.parametrize(
    ("goal", "receivers"),
    [
        ("TV off in the nursery", ["? nursery tv"]),
        ("attic lamp off", ["? attic lamp"]),
        ("in the cellar, dim the lamp", ["? cellar lamp"]),
        ("close the curtains in the den and in the kitchen", ["den curtain", "? kitchen curtain"]),
        ("lamps in the den, the attic and the nursery off", ["den lamp", "? attic lamp", "nursery lamp"]),
        ("clean the den with the vacuum robot", ["vacuum robot"]),
    ],
)
def test_a_device_in_another_room_is_not_taken_for_one_that_is_lacking(
    goal: str, receivers: list[str]
) -> None:
    assert to(goal, HOUSE) == receivers


COTTAGE = (
    single("hall spotlights", "Switch the light on or off.", "Dim the light."),
    single("den light", "Switch the light on or off.", "Dim the light."),
    single("den heater", "Heat the room to a temperature.", "Tell how warm the room is."),
    single("attic heater", "Heat the room to a temperature.", "Tell how warm the room is."),
    single("cellar door", "Lock the door.", "Unlock the door."),
    single("garden door", "Lock the door.", "Unlock the door."),
    single("barn door", "Raise it.", "Lower it."),
)


@pytest.mark.parametrize(
    ("goal", "receivers"),
    [
        ("switch off the hall light", ["hall spotlights"]),
        ("switch all lights off", ["hall spotlights", "den light"]),
        ("lock both doors", ["cellar door", "garden door"]),
        ("heat the den to 21 degrees, attic 17", ["den heater", "attic heater"]),
        ("tell me how warm the room is in the den and in the attic", ["den heater", "attic heater"]),
        ("Hall and den lights both at half", ["hall spotlights", "den light"]),
        ("I heard a noise, all lights on", ["hall spotlights", "den light"]),
        ("switch all lights off, everywhere", ["hall spotlights", "den light"]),
    ],
)
def test_a_house_is_spoken_of_in_short(goal: str, receivers: list[str]) -> None:
    assert to(goal, COTTAGE) == receivers


def test_another_room_gets_its_own_amount() -> None:
    assert sent("heat the den to 21 degrees, attic 17", COTTAGE)[1] == (
        "attic heater",
        "heat the attic to 17 degrees",
    )


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("lamp blue at 20 percent", ["lamp blue", "at 20 percent"]),
        ("warm white with full brightness", ["warm white", "with full brightness"]),
        ("lamp on at 20 percent", ["lamp on at 20 percent"]),
        ("make it blue at 7", ["make it blue at 7"]),
    ],
)
def test_a_colour_and_its_brightness_are_two_wishes(text: str, clauses: list[str]) -> None:
    assert split_clauses(text) == clauses


def test_a_room_with_an_amount_is_how_warm_it_is_to_be() -> None:
    kinds = [
        KindProfile("den light", 1, ("It shines.",), ("den-light",), "Light. In the den."),
        KindProfile("den radiator", 1, ("Target temperature.",), ("den-radiator",), "Radiator. In the den."),
        KindProfile("attic light", 1, ("It shines.",), ("attic-light",), "Light. In the attic."),
        KindProfile("attic radiator", 1, ("Target temperature.",), ("attic-radiator",), "Radiator. Attic."),
    ]
    found = Router(TopicEncoder()).routes(prepare("den 21 and the attic 17"), kinds, {})
    assert [(one.kind, one.text) for one in found] == [
        ("den radiator", "den 21 degrees"),
        ("attic radiator", "attic 17 degrees"),
    ]


def test_what_has_happened_is_not_told_to_a_device_that_is_named() -> None:
    found = routes("I heard a noise, lamp bright")
    assert [(one.kind, one.text) for one in found] == [("lamp", "lamp bright")]


def test_a_device_is_known_by_the_name_that_its_description_tells() -> None:
    gate = KindProfile(
        "meadow gate", 1, ("It opens.",), ("gate",), "Gate. To the meadow, i.e. the back gate."
    )
    front = KindProfile("front gate", 1, ("It opens.",), ("front",), "Gate. To the street.")
    found = Router(TopicEncoder()).routes(prepare("shut the back gate and the front gate"), (gate, front), {})
    assert [one.kind for one in found] == ["meadow gate", "front gate"]
