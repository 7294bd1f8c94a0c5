"""The warehouse keeps its promises for any seed, any size and any call."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.wording import named
from demos.warehouse.faults import RobotFaults
from demos.warehouse.firmware import VENDOR_NAMES, SimulatedFirmware, build_fleet, thing_description
from demos.warehouse.judge import judge_text, read_answer, vacant_shelves
from demos.warehouse.vendors import VENDORS, Operation
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import DriverError
from firmware_api_specs.thing_description import ThingDescription
from transport.clock import FakeClock

SEEDS = st.integers(0, 2**32)
SHELVES = st.integers(1, 30)


def warehouse(shelves: int, robots: int, seed: int) -> WarehouseWorld:
    robot_ids = [f"robot-{number}" for number in range(1, robots + 1)]
    return WarehouseWorld(shelves, robot_ids, seed=seed, clock=FakeClock(), time_scale=math.inf)


@given(SHELVES, st.integers(0, 30), SEEDS)
def test_the_seed_decides_everything(shelves: int, robots: int, seed: int) -> None:
    truth = warehouse(shelves, robots, seed).truth()
    assert truth == warehouse(shelves, robots, seed).truth()
    assert list(truth.shelves) == [str(number) for number in range(1, shelves + 1)]
    assert shelves == 1 or 0 < len(vacant_shelves(truth)) < shelves
    for shelf in truth.shelves.values():
        assert shelf.has_vacancy is bool(shelf.free)
        assert len(shelf.free) + len(shelf.items) == 6


@given(SHELVES, SEEDS)
def test_the_number_of_robots_does_not_change_the_shelves(shelves: int, seed: int) -> None:
    assert warehouse(shelves, 1, seed).truth().shelves == warehouse(shelves, 12, seed).truth().shelves


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), SEEDS, st.randoms(use_true_random=False))
def test_same_calls_same_world(robots: int, seed: int, source: Any) -> None:
    plan = [(source.randrange(robots), source.randint(1, 8)) for _ in range(6)]

    async def run() -> Any:
        world = warehouse(8, robots, seed)
        fleet = list(build_fleet(world).values())
        results = []
        for index, shelf in plan:
            for operation in (Operation.TO_SHELF, Operation.VACANCY):
                function = _function(fleet[index].vendor, operation)
                (native,) = VENDORS[fleet[index].vendor].functions[function].arguments
                results.append(await fleet[index].call(function, {native: shelf}))
        return results, world.truth()

    assert asyncio.run(run()) == asyncio.run(run())


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(VENDOR_NAMES), st.sampled_from(list(Operation)), SEEDS)
def test_any_call_ends_in_the_promised_shape_or_a_plain_error(
    data: Any, vendor: str, operation: Operation, seed: int
) -> None:
    function = _function(vendor, operation)
    action = thing_description(vendor)["actions"][function]
    properties = action.get("input", {}).get("properties", {})
    arguments = {native: data.draw(_values(schema)) for native, schema in properties.items()}
    shelf = data.draw(st.integers(1, 4))

    async def run() -> Any:
        world = warehouse(4, 1, seed)
        firmware = SimulatedFirmware(vendor, world, "robot-1")
        robot = world.robots["robot-1"]
        robot.x, robot.y = world.shelves[str(shelf)].x, world.shelves[str(shelf)].y
        try:
            return await firmware.call(function, arguments)
        except DriverError as error:
            return error

    result = asyncio.run(run())
    if isinstance(result, DriverError):
        assert function not in result.message
        assert not any(native in result.message for native in properties)
        return
    assert json.loads(json.dumps(result)) == result
    described = ThingDescription.model_validate(thing_description(vendor)).actions[function]
    if described.failure(result) is None:
        # Thing Descriptions list the members of a tuple in `items`, as JSON Schema did until 2019-09.
        jsonschema.Draft7Validator(action["output"]).validate(result)
    else:
        assert described.vendor_message(result)


@given(st.lists(st.sampled_from(["vacant", "full", "unknown"]), min_size=1, max_size=40))
def test_answers_in_the_agreed_form_are_read_back(states: list[str]) -> None:
    ids = {
        state: [str(index) for index, is_state in enumerate(states, start=1) if is_state == state]
        for state in ("vacant", "full", "unknown")
    }
    endings = {
        "vacant": "{have} vacant space.",
        "full": "{have} none.",
        "unknown": "{are} unknown: it broke.",
    }
    text = " ".join(
        f"{named('shelf', group).capitalize()} "
        + endings[state].format(
            have="has" if len(group) == 1 else "have", are="is" if len(group) == 1 else "are"
        )
        for state, group in ids.items()
        if group
    )
    reading = read_answer(text)
    assert {state: frozenset(group) for state, group in ids.items()} == {
        "vacant": reading.vacant,
        "full": reading.full,
        "unknown": reading.unknown,
    }


@given(SHELVES, SEEDS, st.data())
def test_one_wrong_shelf_is_always_found(shelves: int, seed: int, data: Any) -> None:
    truth = warehouse(shelves, 0, seed).truth()
    said = {shelf_id: shelf.has_vacancy for shelf_id, shelf in truth.shelves.items()}
    assert judge_text(_answer(said), truth) == []
    wrong = data.draw(st.sampled_from(sorted(said)))
    said[wrong] = not said[wrong]
    problems = judge_text(_answer(said), truth)
    assert len(problems) == 1
    assert f"shelf {wrong} " in problems[0]


@given(SEEDS, st.floats(0, 1))
def test_drawn_faults_are_repeatable(seed: int, probability: float) -> None:
    robots = ["robot-1", "robot-2", "robot-3"]
    assert RobotFaults.draw(seed, robots, probability) == RobotFaults.draw(seed, robots, probability)


def _answer(said: dict[str, bool]) -> str:
    return " ".join(
        f"Shelf {shelf_id} has {'vacant space' if has_room else 'no vacant space'}."
        for shelf_id, has_room in said.items()
    )


def _function(vendor: str, operation: Operation) -> str:
    return next(name for name, one in VENDORS[vendor].functions.items() if one.operation is operation)


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema["type"] == "string":
        return st.sampled_from(["office", "stapler42", "nowhere", ""])
    low, high = schema["minimum"], schema["maximum"]
    if schema["type"] == "integer":
        return st.integers(low - 1, high + 1) | st.integers(1, 4)
    return st.floats(low, high) | st.sampled_from([low - 1, high + 1])
