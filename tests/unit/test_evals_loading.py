"""Reading items, and saying what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.loading import load_items
from protocol.errors import InputError
from tests.evals_kit import ITEMS

DEVICE: dict[str, Any] = {
    "id": "kiln",
    "actions": [{"name": "fire", "input": {"type": "object", "properties": {"heat": {"type": "integer"}}}}],
}
ITEM: dict[str, Any] = {
    "id": "1",
    "utterance": "Fire!",
    "devices": [DEVICE],
    "expected": [{"device": "kiln", "action": "fire", "arguments": {"heat": 900}}],
}


def write(path: Path, *items: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(one)}\n" for one in items), encoding="utf-8")
    return path


def test_a_folder_is_searched_and_devices_are_joined_by_id() -> None:
    items = load_items([ITEMS])
    assert [one.id for one in items] == [f"g/{number}" for number in range(1, 8)]
    assert [device.title for device in items[4].devices] == ["Irrigation pump", "Roof vent"]
    assert {one.suite for one in items} == {"greenhouse"}
    assert items[0].devices[0] is items[1].devices[0]


def test_the_device_that_is_spoken_to_is_the_only_one_addressed() -> None:
    spoken_to = load_items([ITEMS])[6]
    assert [device.id for device in spoken_to.addressed] == ["vent.roof-1"]


def test_a_file_has_everything_in_each_line(tmp_path: Path) -> None:
    file = write(tmp_path / "kilns.jsonl", ITEM, ITEM | {"id": "2", "source": "a book", "part": "dev"})
    first, second = load_items([file])
    assert (first.source, first.suite, second.source, second.part) == ("kilns", "kilns", "a book", "dev")
    assert first.expected[0].arguments == {"heat": 900}
    assert first.devices[0] is second.devices[0]


def test_parts_and_limits_choose_items(tmp_path: Path) -> None:
    lines = [ITEM | {"id": str(number), "part": "dev" if number % 2 else "test"} for number in range(6)]
    file = write(tmp_path / "kilns.jsonl", *lines)
    assert [one.id for one in load_items([file], part="dev", limit=2)] == ["1", "3"]
    with pytest.raises(InputError, match="part is 'new'"):
        load_items([file], part="new")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"utterance": None}, "utterance is None"),
        ({"utterance": ""}, "utterance is ''"),
        ({"expected": "none"}, "expected is 'none'"),
        ({"devices": []}, "devices is "),
        ({"devices": [DEVICE, DEVICE]}, "devices is 'kiln'; allowed: each name once"),
        (
            {"devices": [{"id": "kiln", "actions": [{}]}]},
            "devices.0.actions.0.name is 'missing'; allowed: a value",
        ),
        ({"device_ids": ["kiln"]}, "device_ids is 'given'; allowed: either devices or device_ids"),
        ({"context_device": "oven"}, "context_device is 'oven'; allowed: one of kiln"),
        ({"utterence": "Fire!"}, "utterence is 'Fire!'; allowed: no field of this name"),
        ({"suite": "mine"}, "suite is 'mine'; allowed: no field of this name"),
        ({"part": "train"}, "part is 'train'"),
        (
            {"expected": [{"device": "oven", "action": "fire"}]},
            "expected.0.device is 'oven'; allowed: one of kiln",
        ),
        (
            {"expected": [{"device": "kiln", "action": "burn"}]},
            "expected.0.action is 'burn'; allowed: one of fire",
        ),
        (
            {"expected": [{"device": "kiln", "action": "fire", "arguments": {"hot": 1}}]},
            "expected.0.arguments is 'hot'; allowed: one of heat",
        ),
        (
            {"expected": [{"device": "kiln", "action": "fire", "accept": {"hot": [1]}}]},
            "expected.0.accept is 'hot'; allowed: one of heat",
        ),
    ],
)
def test_a_wrong_item_is_named_with_file_line_field_and_what_is_allowed(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    file = write(tmp_path / "kilns.jsonl", ITEM, ITEM | {"id": "2"} | change)
    with pytest.raises(InputError) as caught:
        load_items([file])
    assert str(caught.value).startswith(f"{file}, line 2: {message}")


def test_an_id_that_comes_twice_names_the_first_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2: id is '1'; allowed: each id once; line 1 has it too"):
        load_items([write(tmp_path / "kilns.jsonl", ITEM, ITEM)])


@pytest.mark.parametrize("text", ["", "\n\n", "{", "[1]\n", '{"id": NaN}\n', "\ufeff"])
def test_what_is_no_list_of_items_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kilns.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"kilns\.jsonl"):
        load_items([file])


def test_unreadable_bytes_are_named(tmp_path: Path) -> None:
    file = tmp_path / "kilns.jsonl"
    file.write_bytes(b'{"id": "\xff"}')
    with pytest.raises(InputError, match="file is 'byte 8'; allowed: UTF-8"):
        load_items([file])


def test_a_folder_without_items_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder is "):
        load_items([tmp_path])


@pytest.mark.parametrize(
    ("devices", "ids", "message"),
    [
        ([DEVICE], ["oven"], "device_ids is 'oven'; allowed: one of kiln of devices.json"),
        ([DEVICE], "kiln", "device_ids is 'kiln'; allowed: a list of ids"),
        ([DEVICE, DEVICE], ["kiln"], "1.id is 'kiln'; allowed: each id once"),
        ({"kiln": DEVICE}, ["kiln"], "a JSON list of devices"),
        (None, ["kiln"], "allowed: a file that can be read"),
    ],
)
def test_wrong_joins_are_named(tmp_path: Path, devices: Any, ids: Any, message: str) -> None:
    if devices is not None:
        (tmp_path / "devices.json").write_text(json.dumps(devices), encoding="utf-8")
    without = {key: value for key, value in ITEM.items() if key != "devices"}
    with pytest.raises(InputError) as caught:
        load_items([write(tmp_path / "items.jsonl", without | {"device_ids": ids})])
    assert message in str(caught.value)
