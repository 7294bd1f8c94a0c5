"""Pools: choices of one sort, of which every device has a handful."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from inference.values import choice_words
from training.data.pools import PoolDraw, spoken_entry
from training.data.values import Manner, say
from training.data.vendor import PLAIN_VENDOR, realise
from training.lexicon import FunctionWords, read_lexicon

POOLS = """# pool: rooms
living_room | lounge | room with the sofa
attic | loft
porch | veranda
cellar | basement
hall | corridor
"""
LAMPS = """# family: lamps
kind: lamp
* light on
d turns the lights on
p room: enum @rooms | where
s lights on in the {room}
* dim
d dims the lights
p rooms: list @rooms
p place?: str @rooms
s dim the {rooms}
"""


def functions(folder: Path) -> list[FunctionWords]:
    (folder / "pools").mkdir()
    (folder / "pools" / "home.txt").write_text(POOLS)
    (folder / "lamps.txt").write_text(LAMPS)
    (family,) = read_lexicon(folder)
    return family.functions


def test_a_family_knows_its_pools(tmp_path: Path) -> None:
    on, dim = functions(tmp_path)
    assert on.parameters[0].choices == ("living_room", "attic", "porch", "cellar", "hall")
    assert on.parameters[0].pool[1] == ("attic", "loft")
    assert dim.parameters[1].choices == ()
    assert dim.parameters[1].pool == on.parameters[0].pool


def test_a_pool_that_nobody_wrote_is_named(tmp_path: Path) -> None:
    (tmp_path / "lamps.txt").write_text(LAMPS)
    with pytest.raises(ValueError, match=r"lamps\.txt:7: .*@rooms is no pool"):
        read_lexicon(tmp_path)


def test_functions_of_one_device_share_what_it_has(tmp_path: Path) -> None:
    on, dim = functions(tmp_path)
    drawn = set()
    for seed in range(40):
        rng = random.Random(seed)
        draw = PoolDraw(rng)
        shown = [realise(words, rng, PLAIN_VENDOR, "lamp", draw) for words in (on, dim)]
        rooms, others = (one.signature.parameters[0].choices for one in shown)
        assert rooms == others == shown[0].words.parameters[0].choices
        assert 2 <= len(rooms) <= 5
        drawn.add(rooms)
    assert len(drawn) > 20
    assert any("_" in str(choice) or "." in str(choice) for rooms in drawn for choice in rooms)


def test_choices_are_said_by_name_or_in_other_words_and_written_as_the_vendor_does(tmp_path: Path) -> None:
    on, dim = functions(tmp_path)
    words, texts = on.parameters[0], dim.parameters[1]
    known = {other: entry[0] for entry in words.pool for other in (entry[0].replace("_", " "), *entry[1:])}
    parameter, text = (realise(each, random.Random(1)).signature.parameters[-1] for each in (on, dim))
    rng, said = random.Random(2), set()
    for _ in range(200):
        value = say(words, parameter, rng, Manner())
        assert value is not None
        assert value.meaning == known[value.spoken]
        assert value.written == choice_words(known[value.spoken])
        said.add(value.spoken)
        free = say(texts, text, rng, Manner())
        assert free is not None
        assert free.written == free.spoken
        assert free.spoken in known
    assert said == set(known)


def test_an_entry_without_other_words_is_said_by_its_name() -> None:
    assert {spoken_entry((("wine_cellar",),), 0, random.Random(seed)) for seed in range(9)} == {"wine cellar"}
