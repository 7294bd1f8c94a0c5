"""Sentences written by hand: how their files are read, and what finder and reader learn from them."""

from __future__ import annotations

import json
import random
import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from evals.items import Item
from inference.signatures import ParameterKind
from inference.text import prepare
from training.encoder_examples import NONE
from training.spoken_items import spoken_items
from training.utterance_examples import KnownThing, split_things, spoken_devices, spoken_readings
from training.utterances import (
    SpokenCall,
    SpokenThing,
    read_file,
    read_things,
    said_value,
    unsaid_values,
)

KILN = """
# Kiln | fires clay
* startFiring | Begins a programme.
p programme: BISQUE/GLAZE_HIGH/dry | which
p hold_minutes?: int minute 0..120
s programme=BISQUE | the pots are ready for their first round | bake the raw ones
s programme=GLAZE_HIGH hold_minutes=30 | glaze these and keep it up for half an hour | stoneware please, thirty minutes at the top
s | get it going
* set_peak | Highest temperature.
p peak: num degC 600..1300 ~
s peak=up | it should get hotter than that
s peak="down 20" | 20 degrees less at the top
* label | Writes a name on the display.
p text: text
p slots: list 1/2/3
p on?: bool
s text="Anna's bowls" slots=1,3 on=yes | shelves one and three hold Anna's bowls, show it
x paint the pots | is the clay dry yet
m set_peak peak=1000 ; startFiring programme=dry | a thousand at most and dry them
"""


@pytest.fixture
def kiln(tmp_path: Path) -> SpokenThing:
    """Returns the thing of the file above."""
    path = tmp_path / "kiln.txt"
    path.write_text(KILN)
    (thing,) = read_file(path)
    return thing


def calls(thing: SpokenThing, text: str) -> tuple[SpokenCall, ...]:
    """Returns what a sentence of a thing asks for."""
    (found,) = [one for one in thing.utterances if one.text == text]
    return found.calls


def test_a_file_tells_functions_and_what_people_mean_by_their_sentences(kiln: SpokenThing) -> None:
    start, peak, label = kiln.functions
    assert (start.name, start.description) == ("startFiring", "Begins a programme.")
    assert [(one.name, one.required) for one in start.parameters] == [
        ("programme", True),
        ("hold_minutes", False),
    ]
    assert (peak.parameters[0].unit, peak.parameters[0].maximum) == ("degC", 1300)
    assert peak.parameters[0].has_direction
    assert [one.kind for one in label.parameters] == [
        ParameterKind.STRING,
        ParameterKind.STRING,
        ParameterKind.BOOLEAN,
    ]
    assert calls(kiln, "get it going") == (SpokenCall(0, {}),)
    assert calls(kiln, "paint the pots") == ()
    assert [call.function for call in calls(kiln, "a thousand at most and dry them")] == [1, 0]
    assert len(kiln.utterances) == 11


@pytest.mark.parametrize(
    ("number", "text", "said"),
    [
        ("30", "keep it up for half an hour", "half an hour"),
        ("30", "thirty minutes at 1200", "30 minutes"),
        ("30", "25 of 1000", None),
        ("up", "hotter", "up"),
        ("down 20", "20 degrees less", "down 20 degrees"),
    ],
)
def test_a_number_is_what_the_sentence_says_for_it(
    kiln: SpokenThing, number: str, text: str, said: str | None
) -> None:
    parameter = kiln.functions[1].parameters[0]
    found = said_value(number, parameter, prepare(text))
    assert found == said


def test_a_number_in_another_unit_is_found_beside_others(kiln: SpokenThing) -> None:
    minutes = kiln.functions[0].parameters[1]
    assert said_value("30", minutes, prepare("1200 degrees and keep that for half an hour")) == "half an hour"
    assert said_value("90", minutes, prepare("shelf 2 for an hour and a half")) == "an hour and a half"
    assert said_value("45", minutes, prepare("1200 degrees and keep that for half an hour")) is None


def test_a_text_is_found_in_the_sentence_and_missed_where_it_is_not(kiln: SpokenThing) -> None:
    text, slots, _ = kiln.functions[2].parameters
    assert said_value("Anna's bowls", text, prepare("call them anna's bowls")) == "anna's bowls"
    assert said_value("Two Jugs", text, prepare("here are the two jugs")) == "2 jugs"
    assert said_value("Anna's bowls", text, prepare("call them Anna's")) is None
    assert said_value("1 & 3", slots, prepare("whatever")) == "1 & 3"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("s programme=RAKU | smoke it", "the choices are BISQUE, GLAZE_HIGH, dry"),
        ("s colour=red | red", "no value of startFiring"),
        ("s hold_minutes=500 | for 500 minutes", "between 0 and 120"),
        ("s hold_minutes=up | longer", "~"),
        ("s hold_minutes=soon | soon", "a number"),
        ("s programme=dry", "sentences stand behind"),
        ("p size: huge", "a type is"),
        ("p size", "p key: TYPE"),
        ("y what | is this", "begins with one of"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_allowed(tmp_path: Path, line: str, named: str) -> None:
    path = tmp_path / "kiln.txt"
    path.write_text(KILN.replace("s | get it going", line))
    with pytest.raises(ValueError, match=r"kiln\.txt:8") as raised:
        read_file(path)
    assert named in str(raised.value)


def test_a_call_of_a_function_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "kiln.txt"
    path.write_text(KILN.replace("m set_peak", "m setPeak"))
    with pytest.raises(ValueError, match="'setPeak' is no function of 'Kiln'"):
        read_file(path)


def test_the_search_learns_each_sentence_with_its_function_or_none(kiln: SpokenThing) -> None:
    stream = spoken_devices([kiln], random.Random(3), clauses=20)
    for device in islice(stream, 20):
        said = dict(zip((text.lower() for text in device.clauses), device.targets, strict=True))
        assert said["paint the pots"] == NONE
        if len(device.functions) == 3:
            assert device.functions[said["bake the raw ones"]].startswith("start firing")
            assert device.functions[said["dry them"]].startswith("start firing")


def test_the_reader_learns_where_values_stand(kiln: SpokenThing) -> None:
    known = KnownThing(kiln, np.zeros((len(kiln.utterances), 3), np.float32))

    def tokenize(text: str) -> list[int]:
        return [1000 + sum(map(ord, word)) for word in text.split()]

    stream = spoken_readings([known], random.Random(1), tokenize, negatives=4)
    readings = list(islice(stream, len(kiln.utterances)))
    assert all(len(one.pairs) == 3 for one in readings)
    asked = sorted(sum(pair.is_asked for pair in one.pairs) for one in readings)
    assert asked[:2] == [0, 0]
    assert set(asked) <= {0, 1, 2}
    missing = [
        target
        for one in readings
        for pair in one.pairs
        if pair.is_asked
        for target in pair.targets
        if target.at_choices and target.firsts == (0,)
    ]
    assert missing, "what was not said is nowhere in the sentence"


def test_without_sentences_nothing_can_be_learnt() -> None:
    with pytest.raises(ValueError, match="training/utterances is empty"):
        next(spoken_devices([], random.Random(1), clauses=3))
    with pytest.raises(ValueError, match="training/utterances is empty"):
        next(spoken_readings([], random.Random(1), lambda _: [], negatives=3))


def plain(sentence: str) -> str:
    """Returns a sentence without capitals and punctuation."""
    return re.sub(r"[^a-z0-9 ]", "", sentence.lower()).strip()


def test_no_sentence_that_is_evaluated_is_trained_on() -> None:
    evaluated = {
        plain(json.loads(line)["utterance"])
        for path in (Path(__file__).parents[2] / "evals").rglob("items*.jsonl")
        for line in path.read_text().splitlines()
    }
    trained = {plain(one.text) for thing in read_things() for one in thing.utterances}
    assert len(evaluated) > 1_000
    assert not evaluated & trained


def test_the_files_that_ship_can_be_read_and_say_what_they_mean() -> None:
    things = read_things()
    names = [thing.name for thing in things]
    sentences = sum(len(thing.utterances) for thing in things)
    unsaid = sum(1 for thing in things for _ in unsaid_values(thing))
    seen, held = split_things(things)
    assert len(seen) + len(held) == len(things)
    assert held
    assert sentences > 10_000
    assert unsaid < sentences / 100
    assert len(set(names)) > 0.9 * len(names)


def test_sentences_to_a_thing_become_items(kiln: SpokenThing) -> None:
    raw = sorted(spoken_items([kiln], "seed"), key=lambda item: int(item["id"].partition("/")[2]))
    made = {item.utterance: item for item in map(Item.model_validate, raw)}
    told = {text: [(call.action, call.arguments) for call in item.expected] for text, item in made.items()}
    degrees = raw[0]["devices"][0]["state"]["peak"]
    assert told == {
        "the pots are ready for their first round": [("startFiring", {"programme": "BISQUE"})],
        "bake the raw ones": [("startFiring", {"programme": "BISQUE"})],
        "glaze these and keep it up for half an hour": [
            ("startFiring", {"programme": "GLAZE_HIGH", "hold_minutes": 30})
        ],
        "stoneware please, thirty minutes at the top": [
            ("startFiring", {"programme": "GLAZE_HIGH", "hold_minutes": 30})
        ],
        "get it going": [],
        "20 degrees less at the top": [("set_peak", {"peak": max(600, round(degrees - 20, 9))})],
        "shelves one and three hold Anna's bowls, show it": [
            ("label", {"text": "Anna's bowls", "slots": ["1", "3"], "on": True})
        ],
        "paint the pots": [],
        "is the clay dry yet": [],
        "a thousand at most and dry them": [
            ("set_peak", {"peak": 1000}),
            ("startFiring", {"programme": "dry"}),
        ],
    }
    assert made["get it going"].tags == ("refusal", "missing-value")
    assert made["20 degrees less at the top"].tags == ("single", "relative")
    assert made["a thousand at most and dry them"].tags == ("several", "enumeration", "number")
    assert list(spoken_items([kiln], "seed")) == list(spoken_items([kiln], "seed"))
