"""Rich values on their way from a sentence to a machine: changes, lists, objects and times of day."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from device_agent.drivers.http_driver import HttpDriver
from device_agent.drivers.port import Driver
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.executor import Execution, Executor
from device_agent.orders import Orders
from device_agent.pipeline import Pipeline, PipelineError, Program
from firmware_api_specs.loader import load
from fsm.subtask import SubtaskState
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from tests.device_agent_kit import DEVICE, PATIENCE_SECONDS, WordIndex
from transport.clock import FakeClock

FORMS = [{"href": "parley:driver/x"}]
LEVEL = {"type": "integer", "unit": "percent", "minimum": 0, "maximum": 100}
COLOR = {
    "type": "object",
    "properties": {name: {"type": "integer", "minimum": 0, "maximum": 255} for name in ("red", "blue")},
    "required": ["red"],
}
ZONES = {"type": "array", "items": {"type": "string", "enum": ["NORTH", "SOUTH"]}, "minItems": 1}
SCENE = {"zones": ZONES, "color": COLOR, "at": {"type": "string", "format": "time"}}
LAMP = load(
    {
        "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"parley": "urn:parley:td:1#"}],
        "title": "Lamp",
        "security": "none",
        "securityDefinitions": {"none": {"scheme": "nosec"}},
        "parley:abilities": ["It shines."],
        "actions": {
            "set_brightness": {
                "title": "Set brightness",
                "input": {"type": "object", "properties": {"level": LEVEL}, "required": ["level"]},
                "forms": FORMS,
            },
            "set_scene": {
                "title": "Set scene",
                "input": {"type": "object", "properties": SCENE, "required": ["zones"]},
                "forms": FORMS,
            },
        },
        "properties": {"brightness": {**LEVEL, "title": "Brightness", "forms": FORMS}},
    }
)


def written(sentence: str, *answers: str) -> Program:
    pipeline = Pipeline(DEVICE, LAMP, ScriptedModel(answers), WordIndex())
    pipeline.prepare()
    return pipeline.write(sentence)


async def executed(program: Program, driver: Driver, clock: FakeClock) -> Execution:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await Executor(LAMP, driver, clock).execute(program, Orders())


@pytest.mark.parametrize(
    ("sentence", "answer", "before", "after"),
    [
        ("make it 15 percent brighter", "A( up 15 percent)", 40, 55),
        ("make it brighter", "A( up)", 95, 100),
        ("a bit darker", "A( down)", 4, 0),
        ("half of the brightness", "A( half)", 80, 50),
    ],
)
async def test_a_change_starts_from_where_the_machine_is(
    sentence: str, answer: str, before: int, after: int, clock: FakeClock
) -> None:
    driver = SimulatedDriver(LAMP, clock, {"brightness": before})
    execution = await executed(written(sentence, answer), driver, clock)
    assert execution.state is SubtaskState.END
    assert driver.calls[-1] == ("set_brightness", {"level": after})


async def test_two_changes_each_start_from_what_the_one_before_left(clock: FakeClock) -> None:
    levels = iter((40, 50))
    driver = SimulatedDriver(LAMP, clock, {"brightness": lambda _: next(levels)})
    await executed(written("brighter, twice", "A( up);A( up)"), driver, clock)
    assert [arguments for name, arguments in driver.calls if name == "set_brightness"] == [
        {"level": 50},
        {"level": 60},
    ]


async def test_a_present_value_that_is_no_number_stops_the_program_before_anything_moves(
    clock: FakeClock,
) -> None:
    driver = SimulatedDriver(LAMP, clock, {"brightness": "bright"})
    execution = await executed(written("brighter", "A( up)"), driver, clock)
    assert execution.state is SubtaskState.FAILED
    assert [name for name, _ in driver.calls] == ["brightness"]


async def test_values_reach_a_machine_over_http_as_they_are(clock: FakeClock) -> None:
    requests: list[tuple[str, str, Any]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        requests.append((request.method, request.url.path, body))
        return httpx.Response(200, json=30 if request.method == "GET" else None)

    async with HttpDriver(LAMP, "http://lamp", transport=httpx.MockTransport(reply)) as driver:
        program = written(
            "brighter; at half past seven make north and south red 200",
            "A( up);B( north & south| 200| _| half past 7)",
        )
        assert (await executed(program, driver, clock)).state is SubtaskState.END
    assert requests == [
        ("GET", "/properties/brightness", None),
        ("POST", "/actions/set_brightness", {"level": 40}),
        ("POST", "/actions/set_scene", {"zones": ["NORTH", "SOUTH"], "color": {"red": 200}, "at": "07:30"}),
    ]


def test_a_program_may_read_what_it_needs_even_if_that_was_not_retrieved() -> None:
    class OnlyTheFirst(WordIndex):
        def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Any:
            return super().retrieve_clauses(device_id, sentence, 1)

    pipeline = Pipeline(DEVICE, LAMP, ScriptedModel(["A( up)", "A( 5)"]), OnlyTheFirst())
    pipeline.prepare()
    assert pipeline.write("set brightness up").function_names == ("set_brightness", "brightness")
    assert pipeline.write("set brightness 5").function_names == ("set_brightness",)


def test_a_member_without_what_its_object_needs_is_not_accepted() -> None:
    with pytest.raises(PipelineError) as caught:
        written("set scene north blue 3", *["B( north| _| 3| _)"] * 2)
    assert caught.value.code is ErrorCode.MODEL_OUTPUT_INVALID
