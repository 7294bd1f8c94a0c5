"""Reading the lexicon, and which of its wording training may use."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from training.data import small_talk, wording
from training.data.kinship import is_same
from training.data.naming import STYLES, vendor_name
from training.data.splits import Split, carriers, phrases
from training.lexicon import FunctionWords, read_lexicon
from training.mixture import split_families

FAN = """# family: fan | blower
kind: fan
* set speed | adjust rpm
d sets the speed
p speed: int percent 0..100 | rate
p mode?: list eco/boost/night
s run at {speed} | turn (it/the fan) to {speed}
q {speed} would be nice
m change the speed
+ speed: faster | {speed} faster
- speed: slower
* get speed | read speed
d tells the speed
s tell me the speed
o speed: num percent 0..100
"""


def read(text: str, folder: Path) -> list[FunctionWords]:
    (folder / "home.txt").write_text(text)
    (family,) = read_lexicon(folder)
    return family.functions


def test_a_family_is_read_with_its_changes_lists_and_outputs(tmp_path: Path) -> None:
    setter, getter = read(FAN, tmp_path)
    assert [(one.key, one.kind, one.required) for one in setter.parameters] == [
        ("speed", "int", True),
        ("mode", "list", False),
    ]
    assert setter.raises == (("speed", "faster"), ("speed", "{speed} faster"))
    assert setter.lowers == (("speed", "slower"),)
    assert getter.output is not None
    assert getter.output.unit == "percent"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("+ pace: faster", "'pace' is no parameter"),
        ("s run at {pace}", "names 'pace'"),
        ("p pace: float 1..2", "unknown type 'float'"),
        ("x what is this", "no known marker"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        read(FAN.replace("m change the speed", line) + "* stop\n", tmp_path)
    assert "home.txt:" in str(caught.value)


def test_setting_and_reading_are_not_the_same(tmp_path: Path) -> None:
    setter, getter = read(FAN, tmp_path)
    assert not is_same(setter, getter)
    (tmp_path / "b").mkdir()
    other, _ = read(FAN.replace("adjust rpm", "adjust pace"), tmp_path / "b")
    assert is_same(setter, other)


def test_held_out_wording_and_families_are_not_those_of_training() -> None:
    for texts in (
        wording.BEFORE,
        wording.JOINERS,
        wording.FIRST_THEN,
        wording.NOT,
        small_talk.CHAT,
        tuple(STYLES),
    ):
        assert not set(carriers(texts, Split.TRAIN)) & set(carriers(texts, Split.UNSEEN))
    known, held = split_families(read_lexicon())
    assert held
    assert not {family.names[0] for family in known} & {family.names[0] for family in held}
    every = [text for family in known for function in family.functions for text in function.says]
    hidden = [text for text in every if phrases((text,), Split.PHRASES)]
    assert not any(phrases((text,), Split.TRAIN) for text in hidden)
    assert 0.05 < len(hidden) / len(every) < 0.11


def test_every_naming_style_names(tmp_path: Path) -> None:
    setter, _ = read(FAN, tmp_path)
    for style in STYLES:
        name, _ = vendor_name(setter, "fan", style, random.Random(1))
        assert name
        assert "{" not in name
