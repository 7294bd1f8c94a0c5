"""The site file and the registry."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from coordinator.registry import Change, Registry
from coordinator.site import Geography, Site
from coordinator.site.schema import SCHEMA_FILE, schema_text
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


SITE = """
name: Hall 2
time_zone: Europe/Vienna
zones:
  north aisle: {area: [0, 6, 20, 12]}
  dock:
entities:
  shelf:
    - 007
    - {id: no, zone: north aisle, at: [4, 9.5], aliases: [tall shelf]}
    - on
    - {id: 1:30, zone: north aisle}
  station: [1, 2]
links:
  - {between: [shelf 007, station 1], metres: 12}
  - {between: [station 1, dock], metres: 3}
  - {between: [dock, tall shelf], metres: 20}
devices:
  robot-1: tall shelf
  robot-2: [1, 2]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_bare_words_of_yaml_stay_the_text_that_was_written(tmp_path: Path) -> None:
    site = Site.load(written(tmp_path, SITE.replace("1:30", "1-30")))
    assert site.entities == {"shelf": ("007", "no", "on", "1-30"), "station": ("1", "2")}
    assert site.kinds["shelf"][1].at == (4.0, 9.5)
    assert site.aliases == {"tall shelf": ("shelf", "no")}
    assert site.zones["dock"].area is None


def test_the_whole_form_as_json_is_the_same_site(tmp_path: Path) -> None:
    path = tmp_path / "site.json"
    path.write_text(
        '{"entities": {"shelf": [1, {"id": "2", "at": [0, 1]}]}, "zones": {"dock": null}}', "utf-8"
    )
    assert Site.load(path).entities == {"shelf": ("1", "2")}


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "allowed"),
    [
        ("[4, 9.5]", "[4, north]", 10, "entities.shelf.1.at.1", "number"),
        ("[4, 9.5]", "[4]", 10, "entities.shelf.1.at.1", "required"),
        ("[4, 9.5]", "[4, 1e9]", 10, "entities.shelf.1.at.1", "100000"),
        ("zone: north aisle, at", "zone: south aisle, at", 10, "entities.shelf.1.zone", "north aisle, dock"),
        ("id: no,", "id: 007,", 10, "entities.shelf.1.id", "each shelf once"),
        ("1:30", "1:30", 12, "entities.shelf.3.id", "pattern"),
        (
            "aliases: [tall shelf]",
            "aliases: [shelf on]",
            11,
            "entities.shelf.2",
            "a name that shelf no does not have",
        ),
        ("aliases: [tall shelf]", "colour: red", 10, "entities.shelf.1", "id, zone, at, aliases, notes"),
        ("Europe/Vienna", "Europe/Wien", 3, "time_zone", "IANA"),
        ("[0, 6, 20, 12]", "[0, 12, 20, 6]", 5, "zones.north aisle", "west before east"),
        ("station 1, dock", "station 9, dock", 16, "links.1.between.0", "shelf 007, station 1"),
        ("metres: 3", "metres: 0", 16, "links.1.metres", "greater than 0"),
        ("robot-1: tall shelf", "robot-1: small shelf", 19, "devices.robot-1", "a point"),
        ("robot-1: tall shelf", "robot 1: tall shelf", 19, "devices.robot 1", "pattern"),
        ("robot-2:", "robot-1:", 20, "devices.robot-1", "each name once"),
        ("name: Hall 2", "nmae: Hall 2", 2, "site", "name, time_zone"),
        ("station: [1, 2]", "station: &s [1, 2]\n  rack: *s", 13, "entities.rack", "written out"),
        ("station: [1, 2]", "station: [1, 2", 14, "site file", "YAML"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(
    tmp_path: Path, *, old: str, new: str, line: int, field: str, allowed: str
) -> None:
    sound = SITE if old == "1:30" else SITE.replace("1:30", "1-30")
    assert old in sound
    with pytest.raises(InputError) as caught:
        Site.load(written(tmp_path, sound.replace(old, new)))
    assert caught.value.field == field
    assert allowed in caught.value.allowed
    assert f"site.yaml, line {line}: " in str(caught.value)


def test_a_file_that_is_too_large_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one field"):
        Site.load(written(tmp_path, "# nothing\n"))
    with pytest.raises(InputError, match="at most"):
        Site.load(written(tmp_path, "#" * (8 * 1024 * 1024 + 1)))
    many = ", ".join(str(number) for number in range(10_001))
    with pytest.raises(InputError, match="at most 10000"):
        Site.load(written(tmp_path, f"entities:\n  shelf: [{many}]\n"))
    with pytest.raises(InputError, match="deep nesting"):
        Site.load(written(tmp_path, "notes: " + "[" * 40 + "]" * 40))


def test_ways_follow_the_links_and_straight_lines_do_for_the_rest(tmp_path: Path) -> None:
    geography = Geography(Site.load(written(tmp_path, SITE.replace("1:30", "1-30"))))
    robot, elsewhere = geography.home("robot-1"), geography.home("robot-2")
    assert robot == geography.find("Tall shelf.") == geography.entity("shelf", "no")
    assert geography.find("shelf-007") == geography.entity("shelf", "007")
    stops = [geography.find(name) for name in ("station 1", "shelf 007", "shelf 1-30", "shelf on")]
    table = geography.travel([robot, elsewhere, None], stops).table()
    assert table[0, 0] == 23
    assert table[0, 1] == 35
    assert table[0, 2] == pytest.approx(6.0 + 0.5 - 0.5, abs=0.1), (
        "the middle of its zone is nearest to the shelf"
    )
    known = [23, 35, table[0, 2], *table[1, :3]]
    assert table[2, 0] == pytest.approx(sum(known) / len(known)), "an unknown way is one of average length"
    assert table[0, 3] == table[2, 0]


def test_the_first_place_that_a_sentence_names_is_found(tmp_path: Path) -> None:
    geography = Geography(Site.load(written(tmp_path, SITE.replace("1:30", "1-30"))))
    assert geography.mentioned("Bring tote 7 from the tall shelf to station 2.") == geography.find("shelf no")
    assert geography.mentioned("Go to station 2, then to the dock.") == geography.find("station 2")
    assert geography.mentioned("Report your battery level.") is None


def test_the_schema_in_the_repository_is_that_of_the_models() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == schema_text(), "run python -m coordinator.site.schema"


@pytest.mark.parametrize("file", ["examples/site.yaml"])
def test_the_example_fits_the_schema_and_loads(file: str) -> None:
    site = Site.load(Path(file))
    assert site.entities["shelf"]
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    validator.validate(yaml.safe_load(Path(file).read_text("utf-8")))
