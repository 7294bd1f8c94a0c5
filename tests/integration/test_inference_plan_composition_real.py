"""Plans composed with the encoder that `make setup` installs, for a warehouse and a greenhouse.

Behind each goal stand its steps as people would write them, or what the answer must speak of where there is no plan.
"""

from __future__ import annotations

import pytest

from inference.plan import KindProfile, PlanStep
from inference.plan_composition import PlanComposer
from inference.settings import InferenceSettings, open_encoder
from inference.text import prepare


def kind(name: str, count: int, abilities: str) -> KindProfile:
    each = tuple(f"It {ability}." for ability in abilities.split("; "))
    names = tuple(f"{name.replace(' ', '-')}-{number + 1}" for number in range(count))
    return KindProfile(name, count, each, names)


WAREHOUSE = (
    kind(
        "robot",
        4,
        "drives to a shelf or a station; carries a tote to a station or a shelf; checks whether a shelf has vacant space; "
        "reports its battery level; drives to the charger; stops",
    ),
    kind("arm", 1, "picks an item from a tote; packs a parcel at a station; stops"),
    kind("conveyor", 2, "starts and stops; runs at a chosen speed"),
    kind(
        "drone",
        1,
        "reads the barcodes on a shelf; takes a photo of a shelf; finds a tote and says where it is; lands",
    ),
    kind("door", 2, "opens and closes; says whether it is open"),
)
IN_WAREHOUSE = {
    "shelf": tuple(f"S{number}" for number in range(1, 13)),
    "station": ("1", "2", "3"),
    "tote": tuple(f"T{number}" for number in range(1, 9)),
    "dock": ("D1", "D2"),
}
GREENHOUSE = (
    kind(
        "watering rail",
        3,
        "waters the plants on a bench; gives a bench fertiliser; reports the pressure in its hose",
    ),
    kind(
        "leaf scout", 4, "looks for aphids on a bench; counts the ripe tomatoes in a row; reports its battery"
    ),
    kind("picker", 2, "picks ripe tomatoes in a row; brings full crates to the packing room"),
    kind("vent", 8, "opens and closes; opens to a percentage"),
    kind("co2 valve", 1, "lets carbon dioxide into a tunnel; measures the carbon dioxide in a tunnel"),
)
IN_GREENHOUSE = {
    "bench": tuple(str(number) for number in range(1, 17)),
    "row": ("R1", "R2", "R3"),
    "tunnel": ("north", "south"),
}

WAREHOUSE_GOALS = """
Please help check if there are vacant spaces on the shelves.
    -> each shelf / robot / Move to shelf {shelf} and check if there are vacant spaces on it.
Bring tote T7 to packing station 2 -> each tote T7 / robot / Bring tote {tote} to packing station 2.
Where is T7 and which robots are free?
    -> each tote T7 / drone / Where is tote {tote}.
    && every robot / Check whether the robot is free.
Bring T1 to T4 to stations 1 and 2 as fast as possible
    -> each tote T1 T3 / robot / Bring tote {tote} to station 1 as fast as possible.
    && + each tote T2 T4 / robot / Bring tote {tote} to station 2 as fast as possible.
Swap shelves S3 and S9 -> ! swap
Charge everything below 20 percent after its current job
    -> every robot / Report your battery level.
    && every robot / Charge the robot. ? 0 < 20 percent
Stop everything near station 2 -> ? everything near station 2
Stop everything at station 2 -> ? everything at station 2
Count the empty shelves -> each shelf / robot / Move to shelf {shelf} and check whether it is empty.
If there is space on shelf S3, bring T7 there
    -> each shelf S3 / robot / Check whether there is space on shelf {shelf}.
    && each tote T7 / robot / Bring tote {tote} to shelf S3. ? 0 yes
Check shelves S1 to S4 for space and bring T5 to the shelf that has space
    -> each shelf S1 S2 S3 S4 / robot / Move to shelf {shelf} and check it for space.
    && each tote T5 / robot / Bring tote {tote} to {answer 1}.
Open all doors unless they are open already
    -> every door / Check whether the door is open already.
    && every door / Open the door. ? 0 no
Send the robots whose battery is below 30 percent to the charger
    -> every robot / Report your battery.
    && every robot / Go to the charger. ? 0 < 30 percent
If door-1 is open, close it, otherwise start conveyor 1
    -> named door-1 / Check whether door-1 is open.
    && named door-1 / Close door-1. ? 0 yes
    && named conveyor-1 / Start conveyor-1. ? 0 no
Have robot 2 carry T3 to station 1 and then drive to the charger
    -> named robot-2 / Carry tote T3 to station 1 and then drive to the charger.
Find tote T4 and bring it to station 2
    -> each tote T4 / drone / Find tote {tote}.
    && each tote T4 / robot / Bring tote {tote} to station 2.
Take a photo of every shelf except S5 to S12 -> each shelf S1 S2 S3 S4 / drone / Take a photo of shelf {shelf}.
Which shelves have vacant space? -> each shelf / robot / Move to shelf {shelf} and check whether it has vacant space.
Start conveyor-1 and conveyor-2 at half speed, then open the doors
    -> named conveyor-1 / Start conveyor-1 at half speed.
    && + named conveyor-2 / Start conveyor-2 at half speed.
    && > every door / Open the door.
Let one of the robots check shelf S4 -> each shelf S4 / robot / Move to shelf {shelf} and check it.
Drive robot 1 to shelf S2 and wait there -> named robot-1 / Go to shelf S2 and wait there.
Bring T1 to shelf S1, T2 to shelf S2 and T3 to shelf S3
    -> each tote T1 / robot / Bring tote {tote} to shelf S1.
    && each tote T2 / robot / Bring tote {tote} to shelf S2.
    && each tote T3 / robot / Bring tote {tote} to shelf S3.
robots 1 and 2: go to the charger -> named robot-1 / Go to the charger. && + named robot-2 / Go to the charger.
Take a photo of every shelf that is empty
    -> each shelf / robot / Move to shelf {shelf} and check whether it is empty.
    && each shelf / drone / Take a photo of shelf {shelf}. ? 0 yes
Bring the tote to station 1 -> ? Which tote
Bring T9 to station 1 -> ! no tote T9
Check shelf S40 for vacant space -> ! no shelf S40
Don't open the doors -> ! not to be done
Clean the floor -> ! clean the floor
Weave a carpet for dock D1 -> ! weave
"""
GREENHOUSE_GOALS = """
Benches 2, 3 and 11 need water. -> each bench 2 3 11 / watering rail / Bench {bench} needs water.
Give every bench some fertiliser and then close all vents.
    -> each bench / watering rail / Give bench {bench} some fertiliser.
    && > every vent / Close the vent.
Are there aphids on bench 12? -> each bench 12 / leaf scout / Are there aphids on bench {bench}.
Count the tomatoes in row R2 and pick them there.
    -> each row R2 / leaf scout / Count the tomatoes in row {row}.
    && each row R2 / picker / Pick them at row {row}.
Close the vents, open vent-3 halfway and water benches 1 and 2
    -> every vent / Close the vent.
    && named vent-3 / Open vent-3 halfway.
    && each bench 1 2 / watering rail / Water bench {bench}.
How much carbon dioxide is in each tunnel? -> each tunnel / co2 valve / How much carbon dioxide is in tunnel {tunnel}.
What is the pressure in the hoses of the watering rails?
    -> every watering rail / What is the pressure in the hoses of the watering rail.
leaf-scout-2: count the ripe tomatoes in row R3. -> named leaf-scout-2 / Count the ripe tomatoes in row R3.
Repot the orchids on bench 9. -> ! repot
Water bench 31. -> ! no bench 31
"""


def written(step: PlanStep, number: int) -> str:
    """Write a step as above: "+" before what goes together with the step before, ">" before what waits for it."""
    ids = "".join(f" {one}" for one in step.entity_ids)
    head = {
        "each": f"each {step.entity}{ids} / {step.kind}",
        "named": f"named {step.device}",
    }.get(step.quantifier, f"{step.quantifier} {step.kind}")
    sign = "+ " if step.is_together else "> " if step.follows and number else ""
    text = f"{sign}{head} / {step.sentence}"
    if step.condition is None:
        return text
    condition = step.condition
    if condition.comparison is None:
        return f"{text} ? {condition.step} {'yes' if condition.is_present else 'no'}"
    return f"{text} ? {condition.step} {condition.comparison} {condition.value:g} {condition.unit}"


@pytest.fixture(scope="module")
def composer() -> PlanComposer:
    return PlanComposer(open_encoder(InferenceSettings.from_environment()))


@pytest.mark.model
@pytest.mark.parametrize(
    ("kinds", "entities", "goals"),
    [(WAREHOUSE, IN_WAREHOUSE, WAREHOUSE_GOALS), (GREENHOUSE, IN_GREENHOUSE, GREENHOUSE_GOALS)],
    ids=["warehouse", "greenhouse"],
)
def test_goals_become_the_steps_that_people_would_write(
    composer: PlanComposer,
    kinds: tuple[KindProfile, ...],
    entities: dict[str, tuple[str, ...]],
    goals: str,
) -> None:
    wrong = {}
    for line in goals.strip().replace("\n    ", " ").splitlines():
        goal, _, wanted = line.partition(" -> ")
        answer = composer.compose(prepare(goal), kinds, entities)
        assert answer is not None, goal
        if answer.outcome == "plan":
            found = " && ".join(written(step, number) for number, step in enumerate(answer.steps))
            is_right = found == wanted
        else:
            sign = {"ask": "? ", "refuse": "! "}[answer.outcome]
            found = sign + answer.reason
            is_right = wanted.startswith(sign) and wanted[2:] in answer.reason
        if not is_right:
            wrong[goal] = found
    assert wrong == {}


@pytest.mark.model
def test_a_plan_does_not_grow_with_the_fleet(composer: PlanComposer) -> None:
    small = composer.compose(prepare("check all shelves for vacant space"), WAREHOUSE, IN_WAREHOUSE)
    many = (kind("robot", 400, "drives to a shelf; checks whether a shelf has vacant space"), *WAREHOUSE[1:])
    large = composer.compose(prepare("check all shelves for vacant space"), many, IN_WAREHOUSE)
    assert small is not None
    assert small == large


WITH_ONE_BELT = (
    *WAREHOUSE[:2],
    kind(
        "conveyor",
        1,
        "runs its belt and stops it; changes the speed of its belt; counts the totes on its belt",
    ),
)


@pytest.mark.model
@pytest.mark.parametrize(
    "goal",
    [
        "Get the conveyor belt going.",
        "Start the conveyor belt.",
        "Fire up the conveyor.",
        "Could you switch the conveyor on?",
    ],
)
def test_a_machine_that_is_named_is_asked_itself_whether_it_can(composer: PlanComposer, goal: str) -> None:
    assert composer.compose(prepare(goal), WITH_ONE_BELT, IN_WAREHOUSE) is None
    routes = composer.routes(prepare(goal), WITH_ONE_BELT, IN_WAREHOUSE)
    assert [route.kind for route in routes] == ["conveyor"]


@pytest.mark.model
def test_what_is_far_from_all_that_a_named_machine_says_is_refused(composer: PlanComposer) -> None:
    answer = composer.compose(prepare("Paint the conveyor belt."), WITH_ONE_BELT, IN_WAREHOUSE)
    assert answer is not None
    assert answer.outcome == "refuse"
