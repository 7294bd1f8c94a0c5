"""The drone, the arm, the belt and the door do what their descriptions promise."""

from __future__ import annotations

import math
from importlib.resources import files
from typing import Any

import pytest

from demos.warehouse.floor import bundled
from demos.warehouse.machines import MACHINES, build_machines, machine_description
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import DriverError
from firmware_api_specs.check import check_file
from firmware_api_specs.loader import load
from transport.clock import FakeClock

PLAN = bundled()


class Hall:
    """A hall in which nothing takes time, but the belt's own running."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.world = WarehouseWorld(
            len(PLAN.shelves), ["robot-1"], seed=2, clock=_Waitless(clock), time_scale=1.0, plan=PLAN
        )
        self.machines = build_machines(self.world)

    async def call(self, machine: str, name: str, **arguments: Any) -> Any:
        return await self.machines[machine].call(name, arguments)


class _Waitless:
    def __init__(self, clock: FakeClock) -> None:
        self.now = clock.now
        self.monotonic = clock.monotonic

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        assert not math.isnan(seconds)


@pytest.fixture
def hall(clock: FakeClock) -> Hall:
    return Hall(clock)


@pytest.mark.parametrize("machine", sorted(MACHINES))
def test_each_description_is_valid_and_each_of_its_names_exists(hall: Hall, machine: str) -> None:
    name = MACHINES[machine]
    assert check_file(str(files("firmware_api_specs") / "machines" / f"{name}.td.json")) == []
    inner = hall.machines[machine]._machine
    description = load(machine_description(name))
    assert set(description.actions) == set(inner.functions)
    assert set(machine_description(name)["properties"]) == set(inner.properties)
    assert inner.properties[str(description.mode_property)] == description.initial_mode


async def test_the_drone_finds_a_tote_and_reads_a_shelf(hall: Hall) -> None:
    found = await hall.call("drone-1", "searchForTote", toteLabel="t7")
    assert found["seenAt"] == hall.world.truth().totes["T7"] == "shelf 3"
    await hall.call("drone-1", "flyToShelf", shelfNo=3)
    read = await hall.call("drone-1", "readShelfLabels")
    assert tuple(read["labelsRead"]) == hall.world.truth().shelves["3"].items
    missing = await hall.call("drone-1", "searchForTote", toteLabel="T99")
    assert missing == {"done": False, "note": "That cannot be done: no such tote."}


async def test_a_drone_on_its_pad_reads_nothing_and_one_forced_down_does_not_fly(hall: Hall) -> None:
    assert not (await hall.call("drone-1", "readShelfLabels"))["done"]
    await hall.call("drone-1", "forceDown")
    assert not (await hall.call("drone-1", "flyToShelf", shelfNo=1))["done"]
    await hall.call("drone-1", "clearGrounding")
    assert (await hall.call("drone-1", "flyToShelf", shelfNo=1))["done"]
    await hall.machines["drone-1"].make_safe()
    assert (await hall.call("drone-1", "flightState")) == "grounded"


async def test_empty_shelves_are_counted(hall: Hall) -> None:
    for slots in (hall.world.shelves["1"].slots, hall.world.shelves["13"].slots):
        slots.update(dict.fromkeys(slots))
    bare = sum(not shelf.items for shelf in hall.world.truth().shelves.values())
    assert bare >= 2
    assert (await hall.call("drone-1", "countBareShelves"))["bareTotal"] == bare


async def test_arm_and_belt_bring_a_tote_to_the_dock_door(hall: Hall) -> None:
    goods = hall.world.goods
    assert goods is not None
    with pytest.raises(DriverError, match="not at the packing station"):
        await hall.call("arm-1", "toteOntoBelt", toteLabel="T7")
    goods.move("T7", "station 1")
    assert (await hall.call("arm-1", "countStationTotes"))["toteTotal"] == 1
    await hall.call("arm-1", "toteOntoBelt", toteLabel="T7")
    assert hall.world.truth().totes["T7"] == "belt"
    await hall.clock.advance(100)
    assert hall.world.truth().machines["belt-1"] == {"beltState": "halted", "beltTotes": 1}
    await hall.call("belt-1", "setBeltPace", pace=1.0)
    await hall.call("belt-1", "startBelt")
    await hall.clock.advance(19)
    assert hall.world.truth().totes["T7"] == "belt"
    await hall.clock.advance(2)
    assert hall.world.truth().machines["belt-1"]["beltTotes"] == 0
    assert hall.world.truth().totes["T7"] == "dock door"


async def test_the_door_opens_and_says_so(hall: Hall) -> None:
    assert (await hall.call("dock-door", "askDoor"))["isWide"] is False
    await hall.call("dock-door", "raiseDoor")
    assert (await hall.call("dock-door", "askDoor"))["isWide"] is True
    assert hall.world.truth().machines["dock-door"] == {"doorState": "wide"}
    await hall.call("dock-door", "arrestDoor")
    assert (await hall.call("dock-door", "doorState")) == "jammed"


async def test_what_a_machine_does_not_know_is_refused(hall: Hall) -> None:
    with pytest.raises(DriverError, match="no such function"):
        await hall.call("belt-1", "fly")
    hall.machines["belt-1"].faults.dead = True
    with pytest.raises(DriverError, match="cannot be reached"):
        await hall.call("belt-1", "startBelt")
