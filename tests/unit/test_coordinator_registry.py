"""The registry: what devices tell of themselves, and a fleet of ten thousand kept in order."""

from __future__ import annotations

import time

import pytest

from coordinator.allocator import natural
from coordinator.registry import Change, Device, Registry
from protocol.messages import Attributes, Finding, Presence, PresenceStatus, Profile

FLEET = 10_000


def profile(device_id: str, kind: str = "robot", *abilities: str) -> Profile:
    return Profile(
        device_id=device_id, title="Some robot", kind=kind, description="A robot.", abilities=abilities
    )


def presence(device_id: str, session: int = 1, status: PresenceStatus = PresenceStatus.ONLINE) -> Presence:
    return Presence(device_id=device_id, session=session, status=status, at=10.0)


def told(session: int, level: int, at: float = 20.0, device_id: str = "robot-1") -> Attributes:
    finding = Finding(what="Battery level", value=level, unit="percent")
    return Attributes(device_id=device_id, session=session, attributes=(finding,), at=at)


def level_of(registry: Registry) -> object:
    finding = registry.find("robot-1").attributes.get("battery level")
    return None if finding is None else finding.value


def test_attributes_replace_what_was_told_before() -> None:
    registry = Registry()
    assert registry.take_attributes(told(1, 80))
    assert registry.take_presence(presence("robot-1")) is Change.ONLINE
    assert level_of(registry) == 80
    assert registry.take_attributes(told(1, 70, at=30.0))
    assert (level_of(registry), registry.find("robot-1").attributes_at) == (70, 30.0)


def test_attributes_of_an_older_start_do_not_count() -> None:
    registry = Registry()
    registry.take_presence(presence("robot-1", session=3))
    assert not registry.take_attributes(told(2, 80))
    assert level_of(registry) is None
    assert registry.take_attributes(told(3, 60))
    assert not registry.take_attributes(told(2, 80))
    assert level_of(registry) == 60


def test_a_new_start_makes_what_was_told_unknown_until_it_is_told_again() -> None:
    registry = Registry()
    registry.take_presence(presence("robot-1"))
    registry.take_attributes(told(1, 80))
    registry.take_presence(presence("robot-1", session=2))
    assert level_of(registry) is None
    assert registry.find("robot-1").attributes_at is None
    registry.take_attributes(told(2, 79))
    registry.take_presence(presence("robot-1", 2, PresenceStatus.LOST))
    assert level_of(registry) == 79


def test_observers_hear_of_attributes_until_they_leave() -> None:
    registry, heard = Registry(), list[Device]()
    leave = registry.on_attributes(heard.append)
    registry.take_attributes(told(2, 80))
    registry.take_attributes(told(1, 70))
    leave()
    registry.take_attributes(told(2, 60))
    assert [device.device_id for device in heard] == ["robot-1"]


def test_a_fleet_stays_in_order_whatever_comes() -> None:
    registry = Registry({name: profile(name) for name in ("robot-10", "robot-2", "door-1")})
    assert [device.device_id for device in registry.devices()] == ["door-1", "robot-2", "robot-10"]
    assert registry.available() == []
    assert [(kind.kind, kind.count, kind.device_names) for kind in registry.kinds()] == [
        ("robot", 0, ("door-1", "robot-2", "robot-10"))
    ]
    registry.take_presence(presence("robot-10"))
    registry.take_presence(presence("robot-2"))
    registry.take_profile(profile("door-1", "door", "Open."))
    assert [device.device_id for device in registry.available()] == ["robot-2", "robot-10"]
    assert registry.available_count == 2
    assert [(kind.kind, kind.count, kind.device_names) for kind in registry.kinds()] == [
        ("door", 0, ("door-1",)),
        ("robot", 2, ("robot-2", "robot-10")),
    ]
    registry.take_presence(presence("robot-2", 1, PresenceStatus.LOST))
    assert [device.device_id for device in registry.available()] == ["robot-10"]
    assert [kind.device_names for kind in registry.kinds()] == [("door-1",), ("robot-10",)]


def test_devices_that_were_not_let_in_are_of_no_kind() -> None:
    registry = Registry()
    registry.take_presence(presence("stranger"))
    registry.take_profile(profile("stranger"))
    assert registry.kinds() == []
    assert registry.available_count == 0
    registry.enrol(profile("stranger"))
    assert [(kind.kind, kind.count) for kind in registry.kinds()] == [("robot", 1)]


@pytest.mark.parametrize("order", [1, -1])
def test_ten_thousand_devices_are_quick(order: int) -> None:
    """Not one of ten thousand messages may look at every device: that alone would take minutes."""
    names = [f"robot-{number}" for number in range(FLEET)][::order]
    registry = Registry({name: profile(name, "robot", "Move to a shelf.") for name in names[::2]})
    began = time.thread_time()
    for name in names:
        registry.enrol(profile(name, "robot", "Move to a shelf."))
        registry.take_presence(presence(name))
        registry.take_attributes(told(1, 50, device_id=name))
    (kind,) = registry.kinds()
    asked = [len(registry.available()) for _ in range(100)]
    counted = [registry.available_count for _ in range(FLEET)]
    took = time.thread_time() - began
    assert kind.count == FLEET
    assert asked == [FLEET] * 100
    assert counted == [FLEET] * FLEET
    expected = sorted(names, key=natural)
    assert [device.device_id for device in registry.devices()] == expected
    # 0.6 s of processor time where it was written; sorting all at each message would take over ten minutes.
    assert took < 30
