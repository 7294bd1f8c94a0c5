"""The baselines: honest, but without understanding."""

from __future__ import annotations

from typing import Any

import pytest

from evals.baselines import always_refuse, shared_words
from evals.grading import grade
from evals.items import Action, Call, Device
from evals.loading import load_items
from evals.rules import rules
from tests.evals_kit import ITEMS, KILN, LEVEL, item, schema

LAMP = Device(
    id="lamp-1",
    title="Desk lamp",
    description="Lamp of the study.",
    actions=(
        Action(name="turnOn", description="Switch the lamp on."),
        Action(name="turnOff", description="Switch the lamp off."),
        Action(name="setBrightness", description="Set the brightness.", input=schema(level=dict(LEVEL))),
        Action(
            name="setColor",
            description="Set the colour.",
            input=schema(
                color={"type": "string", "enum": ["red", "warm_white"]},
                fade={"type": "number", "unit": "s", "minimum": 0, "maximum": 60, "optional": True},
            ),
        ),
        Action(
            name="wakeUp",
            description="Brighten slowly at a time of day.",
            input=schema(at={"type": "string", "format": "time"}),
        ),
        Action(name="rename", description="Give the lamp a name.", input=schema(name={"type": "string"})),
        Action(
            name="blinkColors",
            description="Blink in several colours.",
            input=schema(colors={"type": "array", "items": {"enum": ["red", "blue", "green"]}}),
        ),
        Action(
            name="moveArm",
            description="Move the arm.",
            input=schema(
                position={
                    "type": "object",
                    "properties": {"angle": {"type": "integer", "unit": "degree"}},
                    "required": ["angle"],
                }
            ),
        ),
        Action(
            name="nightMode",
            description="Enable or disable the night mode.",
            input=schema(enabled={"type": "boolean"}),
        ),
    ),
    state={"level": 50},
)
BED_LAMP = LAMP.model_copy(
    update={"id": "lamp-2", "title": "Bed lamp", "description": "Lamp of the bedroom."}
)


def called(utterance: str, *devices: Device, **changes: Any) -> list[tuple[str, str, dict[str, Any]]]:
    made: list[Call] = rules(item(utterance, devices=devices or (LAMP,), **changes))
    return [(one.device, one.action, one.arguments) for one in made]


@pytest.mark.parametrize(
    ("utterance", "action", "arguments"),
    [
        ("Turn the lamp on", "turnOn", {}),
        ("switch off the light please", "turnOff", {}),
        ("Set the brightness to thirty percent.", "setBrightness", {"level": 30}),
        ("Could you dim it to 20%?", "setBrightness", {"level": 20}),
        ("ten percent brighter", "setBrightness", {"level": 60}),
        ("It is too bright in here", "setBrightness", {"level": 40}),
        ("Full brightness!", "setBrightness", {"level": 100}),
        ("Half brightness", "setBrightness", {"level": 50}),
        ("Make it warm white", "setColor", {"color": "warm_white"}),
        ("Set the colour to red with a fade of half a minute", "setColor", {"color": "red", "fade": 30}),
        ("Wake up at 6:45", "wakeUp", {"at": "06:45"}),
        ("Wake up at 7 pm", "wakeUp", {"at": "19:00"}),
        ('Rename it to "Little Sun"', "rename", {"name": "Little Sun"}),
        ("Blink green and red", "blinkColors", {"colors": ["green", "red"]}),
        ("Move the arm to 45 degrees", "moveArm", {"position": {"angle": 45}}),
        ("Disable night mode", "nightMode", {"enabled": False}),
    ],
)
def test_plain_requests_are_answered(utterance: str, action: str, arguments: dict[str, Any]) -> None:
    assert called(utterance) == [("lamp-1", action, arguments)]


@pytest.mark.parametrize(
    "utterance",
    [
        "What is the capital of Peru?",
        "Order two pizzas",
        "Don't turn on the lamp",
        "Set the brightness to 300 percent",
        "Set the brightness",
    ],
)
def test_what_does_not_fit_is_refused(utterance: str) -> None:
    assert called(utterance) == []


def test_clauses_become_calls_and_repetition_repeats() -> None:
    assert called("Turn the lamp on and set the brightness to 20 percent") == [
        ("lamp-1", "turnOn", {}),
        ("lamp-1", "setBrightness", {"level": 20}),
    ]
    assert len(called("Turn the lamp off twice")) == 2


def test_the_device_is_chosen_by_its_title() -> None:
    assert called("Turn on the bed lamp", LAMP, BED_LAMP) == [("lamp-2", "turnOn", {})]
    assert called("Turn on all lamps", LAMP, BED_LAMP) == [("lamp-1", "turnOn", {}), ("lamp-2", "turnOn", {})]
    assert called("Turn on the lamp", LAMP, BED_LAMP) == []
    assert called("Turn on the lamp", LAMP, BED_LAMP, context_device="lamp-1") == [("lamp-1", "turnOn", {})]


def test_rules_beat_shared_words_on_the_greenhouse() -> None:
    items = load_items([ITEMS])

    def right(baseline: Any) -> int:
        return sum(grade(one, baseline(one)).exact for one in items)

    assert right(always_refuse) < right(shared_words) < right(rules)


def test_shared_words_chooses_by_words_and_fills_what_fits_first() -> None:
    assert shared_words(item("Heat to 60 please, not 70", devices=[KILN])) == [
        Call(device="kiln", action="set_heat", arguments={"heat": 60})
    ]
    assert shared_words(item("fire the Glaze", devices=[KILN])) == [
        Call(device="kiln", action="fire", arguments={"program": "Glaze"})
    ]
    assert shared_words(item("Sing a song", devices=[KILN])) == []


def test_baselines_take_any_schema() -> None:
    odd = Device(
        id="odd",
        actions=(
            Action(
                name="turn", input={"properties": {"a": {"type": ["integer"]}, "b": {"$ref": "#"}, "c": {}}}
            ),
            Action(name="turn2", input={"properties": "none", "required": "all"}),
        ),
    )
    asked = item("Turn 3", devices=[odd])
    assert always_refuse(asked) == []
    assert [one.action for one in shared_words(asked)] == ["turn"]
    # That its number fits nowhere is reason enough not to act.
    assert rules(asked) == []
