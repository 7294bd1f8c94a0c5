"""Which texts are durations, and which are times of day or neither."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_api_specs.arguments import read_arguments
from firmware_api_specs.data_schema import DataSchema

ISO_PATTERN = r"^P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$"
ANY_DAY_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


def read(name: str, schema: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return how a duration and how a time of day is written."""
    document = {"type": "object", "properties": {name: {"type": "string", **schema}}}
    arguments = read_arguments(DataSchema.model_validate(document))
    assert arguments is not None
    (argument,) = arguments.values
    return argument.duration, argument.clock


@pytest.mark.parametrize(
    ("name", "schema", "layout"),
    [
        ("time", {"format": "duration"}, "ISO 8601"),
        ("time", {"description": "ISO 8601 duration"}, "ISO 8601"),
        ("period", {"description": "Retention, in ISO 8601 format."}, "ISO 8601"),
        ("wait", {"description": "What to wait, such as PT10M."}, "ISO 8601"),
        ("wait", {"pattern": ISO_PATTERN}, "ISO 8601"),
        ("wait", {"pattern": r"^PT\d+S$"}, "ISO 8601"),
        ("wait", {"default": "PT30S"}, "ISO 8601"),
        ("wait", {"examples": ["PT1H30M", "P2D"]}, "ISO 8601"),
        ("delay", {"example": "P2D"}, "ISO 8601"),
        ("duration", {"description": "Duration as HH:MM:SS"}, "HH:MM:SS"),
        ("time", {"description": "How long to cook (h:mm:ss)."}, "H:MM:SS"),
        ("cookTime", {"description": "MM:SS, or HH:MM:SS for long ones"}, "HH:MM:SS"),
        ("timer", {"description": "mm:ss"}, "MM:SS"),
        ("start_delay", {"description": "HH:MM"}, "HH:MM"),
        ("wake_up_duration", {"description": "How long the light rises, HH:MM"}, "HH:MM"),
        ("length", {"description": "Up to 24 hours, HH:MM"}, "HH:MM"),
        ("delay", {"description": "Such as 00:10:00 for ten minutes."}, "HH:MM:SS"),
        ("delay", {"default": "0:10:00"}, "H:MM:SS"),
        ("interval", {"pattern": r"^\d{2}:\d{2}:\d{2}$"}, "HH:MM:SS"),
        ("interval", {"pattern": r"^\d:[0-5]\d:[0-5]\d$"}, "H:MM:SS"),
        ("interval", {"pattern": ANY_DAY_TIME}, "HH:MM"),
        ("interval", {"pattern": "^[0-5][0-9]:[0-5][0-9]$"}, "MM:SS"),
        ("delays", {"type": "array", "items": {"type": "string", "format": "duration"}}, "ISO 8601"),
    ],
)
def test_durations_are_known_by_format_pattern_examples_or_words(
    name: str, schema: dict[str, Any], layout: str
) -> None:
    assert read(name, schema) == (layout, None)


@pytest.mark.parametrize(
    ("name", "schema", "clock"),
    [
        ("time", {"description": "Time in 24 hour format HH:MM"}, "HH:MM"),
        ("timer", {"description": "Time in 24 hour format HH:MM"}, "HH:MM"),
        ("timer", {"description": "When the timer goes off, HH:MM"}, "HH:MM"),
        ("start", {"description": "Start of the period, HH:MM"}, "HH:MM"),
        ("period_start", {"description": "HH:MM"}, "HH:MM"),
        ("until", {"description": "End of the delay, HH:MM:SS"}, "HH:MM:SS"),
        ("alarm", {"description": "HH:MM"}, "HH:MM"),
        ("duration", {"format": "time"}, "HH:MM"),
        ("duration", {"pattern": r"^\d{2}:\d{2}$"}, "HH:MM"),
        ("at", {"pattern": ANY_DAY_TIME}, "HH:MM"),
        ("period", {"description": "From HH:MM to HH:MM"}, "HH:MM"),
        ("interval", {"description": "HH:MM-HH:MM"}, "HH:MM"),
    ],
)
def test_what_may_be_a_time_of_day_stays_one(name: str, schema: dict[str, Any], clock: str) -> None:
    assert read(name, schema) == (None, clock)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("duration", {}),
        ("duration", {"enum": ["PT10M", "PT20M"], "format": "duration"}),
        ("duration", {"type": "integer", "description": "ISO 8601 duration"}),
        ("duration", {"default": "10 minutes", "examples": [5], "pattern": "^[0-9:]+$"}),
        ("timestamp", {"description": "Moment in ISO 8601"}),
        ("day", {"description": "Last day of the period, ISO 8601 date"}),
        ("code", {"pattern": "^[A-Z0-9]{2,8}$", "default": "P2D"}),
        ("code", {"pattern": "^P[A-Z0-9]+$"}),
    ],
)
def test_other_texts_are_neither(name: str, schema: dict[str, Any]) -> None:
    assert read(name, schema) == (None, None)
