from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.grading import grade
from evals.items import Action, Device, Item
from evals.loading import load_items
from evals.robustness import CHANGES, change_items, main
from tests.evals_kit import ITEMS, KILN, call, item, schema, wanted

OVEN = Device(
    id="oven",
    actions=(
        Action(name="setHeat", description="Has the same words as the kiln's."),
        Action(name="bake_bread", description="Bake bread."),
        Action(name="preheat", input=schema(heat={"type": "integer"})),
        Action(name="play_melody", description="Sing a song."),
        Action(name="open_door", description="Open the door."),
    ),
)


def changed(one: Item, change: str, *others: Item) -> Item:
    return change_items([one, *others], change)[0]


def test_typos_spare_numbers_ids_and_texts_to_copy() -> None:
    one = item(
        "Please display the text Hello Wurzelbach on two lines of panel lab-9.",
        [wanted("label", text="Hello Wurzelbach", lines=2)],
    )
    said = changed(one, "typos").utterance
    assert said != one.utterance
    for kept in ("Hello Wurzelbach", "two", "lab-9"):
        assert kept in said
    words = zip(said.split(), one.utterance.split(), strict=True)
    assert 1 <= sum(left != right for left, right in words) <= 2


def test_lower_leaves_values_and_what_must_be_copied() -> None:
    one = item('Write "Back at 5, Ann" now, at 2.5 bar!', [wanted("label", text="Back at 5, Ann")])
    assert changed(one, "lower").utterance == "write back at 5, ann now at 2.5 bar"


def test_renamed_functions_keep_what_is_said_of_them_and_are_expected_by_their_codes() -> None:
    one = changed(item(expected=[wanted("set_heat", heat=60)]), "renamed")
    names = [action.name for action in one.devices[0].actions]
    assert not {action.name for action in KILN.actions} & set(names)
    assert len(set(names)) == len(names)
    assert one.expected[0].action == names[1]
    assert [action.description for action in one.devices[0].actions] == [
        action.description for action in KILN.actions
    ]


def test_shuffled_devices_hold_the_same_in_another_order() -> None:
    one = changed(item(), "shuffled")
    names = [action.name for action in one.devices[0].actions]
    assert names != [action.name for action in KILN.actions]
    assert sorted(names) == sorted(action.name for action in KILN.actions)
    assert one.devices[0].key != KILN.key


def test_distractors_neither_clash_nor_make_the_impossible_possible() -> None:
    asked = item(expected=[wanted("set_heat", heat=60)])
    refused = item("Sing a song for me.", id="2")
    other = item("Bake bread.", devices=[OVEN], id="3")
    one = changed(asked, "distractors", refused, other)
    assert {action.name for action in one.devices[0].actions} - {action.name for action in KILN.actions} == {
        "bake_bread",
        "open_door",
    }


@pytest.mark.parametrize("change", CHANGES)
def test_changed_items_can_be_read_and_are_the_same_every_time(change: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        out, unchanged = tmp_path / f"{name}.jsonl", tmp_path / f"{name}-before.jsonl"
        main([str(ITEMS), "--change", change, "--out", str(out), "--unchanged", str(unchanged)])
    assert (tmp_path / "one.jsonl").read_text() == (tmp_path / "two.jsonl").read_text()
    items, before = load_items([tmp_path / "one.jsonl"]), load_items([tmp_path / "one-before.jsonl"])
    assert [len(one.expected) for one in items] == [len(one.expected) for one in before]
    assert all(change in one.tags for one in items)
    assert all(
        one.utterance != old.utterance or one.devices != old.devices
        for one, old in zip(items, before, strict=True)
    ) or (change == "shuffled" and json.dumps(items[0].model_dump()) != json.dumps(before[0].model_dump()))


def test_a_renamed_call_is_graded_under_its_new_name() -> None:
    one = changed(item(expected=[wanted("set_heat", heat=60)]), "renamed")
    assert grade(one, [call(one.expected[0].action, heat=60)]).exact
    assert not grade(one, [call("set_heat", heat=60)]).exact
