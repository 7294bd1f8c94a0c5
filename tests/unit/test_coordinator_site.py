"""The site file and the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordinator.registry import Change, Registry
from coordinator.site import Site
from inference.plan import told_kinds
from protocol.errors import InputError
from protocol.messages import Presence, PresenceStatus, Profile


def test_a_site_file_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "site.json"
    path.write_text('{"shelf": ["2", "1", "A-3"], "station": ["north"]}', encoding="utf-8")
    assert Site.load(path).entities == {"shelf": ("2", "1", "A-3"), "station": ("north",)}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[]", "site"),
        ("{", "site file"),
        ('{"Shelf": ["1"]}', "site"),
        ('{"shelf": "1"}', "shelf"),
        ('{"shelf": [1]}', "shelf.0"),
        ('{"shelf": ["1", ""]}', "shelf.1"),
        ('{"shelf": ["1", "a b"]}', "shelf.1"),
        ('{"shelf": ["1\\n"]}', "shelf.0"),
        ('{"shelf\\n": ["1"]}', "site"),
        ('{"shelf": ["1", "1"]}', "shelf"),
    ],
)
def test_a_wrong_site_file_names_the_entry(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "site.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Site.load(path)
    assert caught.value.field == field
    assert "site.json" in str(caught.value)


def test_a_missing_site_file_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Write one like"):
        Site.load(tmp_path / "none.json")


def presence(session: int, status: PresenceStatus, name: str = "robot-1") -> Presence:
    return Presence(device_id=name, session=session, status=status, at=1.0)


def profile(name: str, kind: str = "robot", *abilities: str) -> Profile:
    return Profile(device_id=name, title=name, kind=kind, description="A machine.", abilities=abilities)


def test_an_older_session_changes_nothing() -> None:
    registry = Registry()
    assert registry.take_presence(presence(5, PresenceStatus.ONLINE)) is Change.ONLINE
    assert registry.take_presence(presence(4, PresenceStatus.LOST)) is Change.NOTHING
    assert registry.take_presence(presence(5, PresenceStatus.ONLINE)) is Change.NOTHING
    assert registry.take_presence(presence(6, PresenceStatus.ONLINE)) is Change.RESTARTED
    assert registry.take_presence(presence(5, PresenceStatus.LOST)) is Change.NOTHING
    assert registry.take_presence(presence(6, PresenceStatus.LOST)) is Change.GONE
    assert registry.take_presence(presence(6, PresenceStatus.ONLINE)) is Change.ONLINE


def test_kinds_sum_up_only_devices_that_can_work_and_name_each_ability_once() -> None:
    registry = Registry()
    for number in (10, 2):
        name = f"robot-{number}"
        registry.take_presence(presence(1, PresenceStatus.ONLINE, name))
        registry.enrol(
            profile(name, "Robot" if number == 2 else "robot", "It can drive.", f"It has {number} arms.")
        )
    registry.take_presence(presence(1, PresenceStatus.ONLINE, "robot-3"))
    registry.take_profile(profile("robot-3"))
    registry.enrol(profile("robot-4"))
    kinds = registry.kinds()
    assert [(kind.kind, kind.count, kind.device_names) for kind in kinds] == [
        ("robot", 2, ("robot-2", "robot-10"))
    ]
    assert kinds[0].abilities == ("It can drive.", "It has 2 arms.", "It has 10 arms.")
    problems = {device.device_id: device.problem for device in registry.devices()}
    assert problems["robot-3"] == "robot-3 is not enrolled"
    assert problems["robot-4"] == "robot-4 is not online"


def test_a_talkative_device_leaves_the_model_room_for_the_goal() -> None:
    registry = Registry()
    long = tuple(f"It bakes bread number {number} {'and more ' * 60}." for number in range(64))
    foreign = tuple(f"烤面包 {number} {'面包' * 200}" for number in range(64))
    for number, abilities in enumerate((long, foreign, ("It drives.",))):
        name = f"machine-{number}"
        registry.take_presence(presence(1, PresenceStatus.ONLINE, name))
        registry.enrol(profile(name, f"machine {number}", *abilities))
    kinds = told_kinds(registry.kinds())
    assert sum(len(ability.encode()) for kind in kinds for ability in kind.abilities) <= 1600
    assert all(kind.abilities for kind in kinds), "nobody else's words are pushed out"
    assert kinds[2].abilities == ("It drives.",)


def test_of_too_many_kinds_the_model_is_told_the_largest() -> None:
    registry = Registry()
    for number in range(60):
        for copy in range(2 if number >= 50 else 1):
            name = f"machine-{number}-{copy}"
            registry.take_presence(presence(1, PresenceStatus.ONLINE, name))
            registry.enrol(profile(name, f"machine {number}", "It works."))
    assert len(registry.kinds()) == 60
    kinds = told_kinds(registry.kinds())
    assert len(kinds) == 40
    assert {f"machine {number}" for number in range(50, 60)} <= {kind.kind for kind in kinds}
