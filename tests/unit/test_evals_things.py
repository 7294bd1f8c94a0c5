"""Devices of items as Thing Descriptions, and the way back to their own names."""

from __future__ import annotations

from typing import Any

import pytest

from device_agent.profile import profile_of
from evals.items import Action, Call, Device
from evals.loading import load_items
from evals.machine import RecordingMachine
from evals.things import Thing, thing_of
from protocol.messages import Profile
from tests.evals_kit import ITEMS, KILN, LEVEL, schema


def device(*actions: Action, **changes: Any) -> Device:
    return Device.model_validate({"id": "d", "actions": actions} | changes)


def names(thing: Thing) -> list[str]:
    return [affordance.name for affordance in thing.description.affordances()]


async def calls_of(thing: Thing, *calls: tuple[str, dict[str, Any]]) -> list[Call]:
    made: list[Call] = []
    machine = RecordingMachine(thing, made)
    for name, arguments in calls:
        await machine.call(name, arguments)
    return made


def test_actions_keep_names_descriptions_and_schemas() -> None:
    thing = thing_of(KILN)
    assert thing.left_out == ()
    assert names(thing) == ["fire", "set_heat", "label", "cool_down", "heat"]
    assert thing.description.actions["set_heat"].description == "Set the heat of the kiln."
    argument = thing.description.actions["set_heat"].arguments[0]
    assert (argument.unit, argument.minimum, argument.maximum) == ("percent", 0, 100)
    assert thing.description.actions["fire"].arguments[0].choices == ("raku", "Glaze")


async def test_names_that_no_program_can_write_are_mapped_there_and_back() -> None:
    strange = schema(**{"top-speed": dict(LEVEL), "class": dict(LEVEL)})
    thing = thing_of(
        device(
            Action(name="set-speed", input=strange),
            Action(name="set.speed"),
            Action(name="set_speed"),
            Action(name="import"),
            Action(name="2nd gear"),
            Action(name="前进"),
            Action(name="!?"),
        )
    )
    assert thing.left_out == ()
    assert names(thing) == [
        "set_speed_2",
        "set_speed_3",
        "set_speed",
        "import_",
        "_2nd_gear",
        "前进",
        "unnamed",
    ]
    made = await calls_of(
        thing, ("set_speed_2", {"top_speed": 3, "class_": 4}), *[(name, {}) for name in names(thing)[1:]]
    )
    assert made[0].arguments == {"top-speed": 3, "class": 4}
    assert [one.action for one in made] == [
        "set-speed", "set.speed", "set_speed", "import", "2nd gear", "前进", "!?",
    ]  # fmt: skip


async def test_names_of_the_languages_own_functions_are_mapped_there_and_back() -> None:
    state = {"type": "oak", "open": True, "print": 1}
    thing = thing_of(
        device(Action(name="open", input=schema(range=dict(LEVEL))), Action(name="print"), state=state)
    )
    assert thing.left_out == ()
    assert names(thing) == ["open_", "print_", "type_", "open__", "print__"]
    assert thing.readings == {"type_": "type", "open__": "open", "print__": "print"}
    made = await calls_of(thing, ("open_", {"range": 30}), ("print_", {}))
    assert [(one.action, one.arguments) for one in made] == [("open", {"range": 30}), ("print", {})]
    machine = RecordingMachine(thing, [])
    assert [await machine.call(name, {}) for name in thing.readings] == ["oak", True, 1]


async def test_members_of_nested_objects_are_mapped_back_too() -> None:
    nested = schema(position={"type": "object", "properties": {"x-axis": {"type": "number"}}})
    thing = thing_of(device(Action(name="go", input=nested)))
    if "go" in thing.actions:
        made = await calls_of(thing, ("go", {"position": {"x_axis": 1.5}}))
        assert made[0].arguments == {"position": {"x-axis": 1.5}}
    else:
        assert "go" in thing.left_out[0]


@pytest.mark.parametrize(
    "argument",
    [
        {"type": "integer", "minimum": 5, "maximum": 1},
        {"type": "swiftness"},
        {"$ref": "#/$defs/speed"},
        {"type": "integer", "minimum": "low"},
        {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "array"}}}},
    ],
)
def test_an_action_that_cannot_be_described_is_left_out_and_named(argument: dict[str, Any]) -> None:
    thing = thing_of(device(Action(name="bad", input=schema(speed=argument)), Action(name="good")))
    assert names(thing) == ["good"]
    assert len(thing.left_out) == 1
    assert thing.left_out[0].startswith("d: the action bad: ")


@pytest.mark.parametrize(
    "argument",
    [
        {"type": ["integer", "null"], "default": None},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"type": "int", "default": ""},
        {"enum": [1, 2, None]},
        {"$ref": "#/$defs/Speed"},
        {"allOf": [{"$ref": "#/definitions/Speed"}], "default": 99},
    ],
)
def test_an_action_is_kept_however_its_schema_is_written(argument: dict[str, Any]) -> None:
    entered = schema(speed=argument)
    entered |= {"$defs": {"Speed": {"type": "integer"}}, "definitions": {"Speed": {"enum": [1, 2]}}}
    thing = thing_of(device(Action(name="drive", input=entered), state={"speed": 1}))
    assert thing.left_out == ()
    assert [one.type for one in thing.description.actions["drive"].arguments] == ["integer"]
    assert thing.description.properties["speed"].type == "integer"


async def test_the_members_of_a_referenced_object_are_mapped_back() -> None:
    entered = schema(place={"$ref": "#/$defs/Place"})
    entered["$defs"] = {"Place": {"type": "object", "properties": {"x-axis": {"type": "number"}}}}
    made = await calls_of(
        thing_of(device(Action(name="go", input=entered))), ("go", {"place": {"x_axis": 1.5}})
    )
    assert made[0].arguments == {"place": {"x-axis": 1.5}}


def test_an_optional_argument_that_cannot_be_described_is_left_out_alone() -> None:
    entered = schema(speed=dict(LEVEL), curve={"type": "spline", "optional": True})
    thing = thing_of(device(Action(name="drive", input=entered)))
    assert [one.name for one in thing.description.actions["drive"].arguments] == ["speed"]
    assert len(thing.left_out) == 1
    assert thing.left_out[0].startswith("d: the argument curve of drive: ")


def test_an_unknown_unit_costs_the_unit_only() -> None:
    thing = thing_of(device(Action(name="go", input=schema(speed=dict(LEVEL, unit="parsnips")))))
    assert names(thing) == ["go"]
    assert thing.description.actions["go"].arguments[0].unit is None
    assert thing.left_out == ("d: the unit 'parsnips' in go: not known",)


def test_a_device_of_which_nothing_can_be_described_has_no_actions() -> None:
    thing = thing_of(device(Action(name="bad", input=schema(speed={"type": "null"}))))
    assert names(thing) == []
    assert thing.left_out


async def test_state_can_be_read_as_it_is_and_follows_the_actions() -> None:
    thing = thing_of(KILN)
    made: list[Call] = []
    machine = RecordingMachine(thing, made)
    assert thing.readings == {"heat": "heat"}
    assert thing.description.properties["heat"].maximum == 100
    assert await machine.call("heat", {}) == 40
    await machine.call("set_heat", {"heat": 70})
    assert await machine.call("heat", {}) == 70
    assert [one.action for one in made] == ["set_heat"]
    machine.reset({"heat": 10})
    assert await machine.call("heat", {}) == 10


def test_state_is_typed_by_its_value_where_no_argument_has_its_name() -> None:
    state = {"door": "open", "count": 3, "level": 0.5, "armed": True, "tags": ["a"], "none": None}
    properties = thing_of(device(state=state)).description.properties
    assert {name: prop.type for name, prop in properties.items()} == {
        "door": "string", "count": "integer", "level": "number", "armed": "boolean", "tags": "array", "none": None,
    }  # fmt: skip


def test_a_state_that_is_called_like_an_action_gets_another_name() -> None:
    speed = Action(name="speed", input=schema(speed=dict(LEVEL)))
    thing = thing_of(device(speed, state={"speed": 3}))
    assert thing.readings == {"speed_": "speed"}


def test_the_profile_speaks_plainly_of_devices_with_technical_names() -> None:
    things = [thing_of(one) for one in load_items([ITEMS])[4].devices]
    things.append(
        thing_of(
            device(Action(name="set_rpm", description="Calls set_rpm. Then waits."), title="The set_rpm box")
        )
    )
    profiles: list[Profile] = [profile_of("d", thing.description) for thing in things]
    assert [profile.kind for profile in profiles] == ["irrigation pump", "roof vent", "the set rpm box"]
    assert profiles[0].abilities[1] == "Stop the irrigation pump."
    assert profiles[2].abilities == ("Calls set rpm.",)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Lamp (kitchen) #2", "lamp kitchen 2"),
        ("  -- ", "device"),
        ("", "d"),
        (
            "A very long title that goes on and on and on without an end",
            "a very long title that goes on and on",
        ),
    ],
)
def test_a_device_is_called_by_its_title(title: str, kind: str) -> None:
    assert thing_of(device(title=title)).description.kind == kind
