"""Which reported value people mean, decided by the encoder that `make setup` installs. The thresholds were chosen on these."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from coordinator.registry import Device
from coordinator.standing.calendar_words import DoubtError
from coordinator.standing.subjects import Subjects
from inference.encoder import LlamaCppEncoder
from inference.settings import InferenceSettings
from protocol.messages import Finding, PresenceStatus, Profile


def device(device_id: str, title: str, kind: str, *findings: tuple[str, float | str, str | None]) -> Device:
    profile = Profile(device_id=device_id, title=title, kind=kind, description=f"{title}.", abilities=())
    attributes = {
        what.casefold(): Finding(what=what, value=value, unit=unit) for what, value, unit in findings
    }
    return Device(device_id, 1, PresenceStatus.ONLINE, 0.0, profile, True, attributes, 0.0, 1)


def robot(number: int) -> Device:
    return device(
        f"robot-{number}",
        "Warehouse robot",
        "robot",
        ("battery level", 50, "%"),
        ("position", "shelf 1", None),
        ("load", 3, "kg"),
        ("motor temperature", 40, "°C"),
        ("speed", 1, "m/s"),
        ("uptime", 4000, "s"),
    )


def client(number: int, title: str) -> Device:
    return device(
        f"client-{number}",
        title,
        "client",
        ("upload time", 20, "s"),
        ("packet error rate", 3, "%"),
        ("signal strength", -60, "dBm"),
    )


DEVICES = [
    robot(1),
    robot(2),
    client(1, "Software radio"),
    client(2, "Commercial card"),
    device(
        "freezer-7",
        "Cold store",
        "cold store",
        ("air temperature", -19, "°C"),
        ("door", "closed", None),
        ("humidity", 40, "%"),
    ),
    device("tank-1", "Inlet tank", "tank", ("fill level", 60, "%"), ("inflow", 3, "l/min")),
    device(
        "hall-sensor",
        "Climate sensor of the hall",
        "sensor",
        ("temperature", 21, "°C"),
        ("relative humidity", 45, "%"),
        ("CO2 concentration", 600, "ppm"),
    ),
    device("front-door", "Front door", "door", ("door", "open", None)),
]


@pytest.fixture(scope="module")
def subjects() -> Iterator[Subjects]:
    encoder = LlamaCppEncoder(InferenceSettings.from_environment().encoder_path)
    with closing(encoder):
        yield Subjects(encoder)


@pytest.mark.parametrize(
    ("phrase", "unit", "attribute", "whose"),
    [
        ("every upload", "second", "upload time", ""),
        ("uploads", "second", "upload time", ""),
        ("the upload time of client 2", "second", "upload time", "client-2"),
        ("every client's packet error rate", "percent", "packet error rate", "any client"),
        ("the reception of client-1", "decibelmilliwatt", "signal strength", "client-1"),
        ("a robot's battery", "percent", "battery level", "any robot"),
        ("its battery", "percent", "battery level", ""),
        ("all batteries", "percent", "battery level", ""),
        ("the charge of a robot", "percent", "battery level", "any robot"),
        ("the weight on robot-1", "kilogram", "load", "robot-1"),
        ("robot speed", "meter/second", "speed", "any robot"),
        ("each motor", "degC", "motor temperature", ""),
        ("the cold store", "degC", "air temperature", "freezer-7"),
        ("the freezer", "degC", "air temperature", "freezer-7"),
        ("the temperature in the cold store", "degC", "air temperature", "freezer-7"),
        ("the tank level", "percent", "fill level", "tank-1"),
        ("how full the tank is", "percent", "fill level", "tank-1"),
        ("the water level", "percent", "fill level", "tank-1"),
        ("the hall", "degC", "temperature", "hall-sensor"),
        ("how warm it is in the hall", "degC", "temperature", "hall-sensor"),
        ("the humidity in the hall", "percent", "relative humidity", "hall-sensor"),
        ("the carbon dioxide", "ppm", "co2 concentration", "hall-sensor"),
        ("the front door", "a word", "door", "front-door"),
        ("a door", "a word", "door", "any door"),
    ],
)
def test_the_value_that_is_meant_is_found(
    subjects: Subjects, phrase: str, unit: str, attribute: str, whose: str
) -> None:
    is_text = unit == "a word"
    found = subjects.find(phrase, DEVICES, unit=None if is_text else unit, is_text=is_text)
    assert found.attribute == attribute
    assert " ".join((*found.device_ids, *(("any", found.kind) if found.kind else ()))) == whose


@pytest.mark.parametrize(
    ("phrase", "unit"),
    [
        ("the upload", "second"),
        ("the battery", "percent"),
        ("the price of bread", None),
        ("the queue", "second"),
        ("transfers", "second"),
        ("the delay", "second"),
        ("the noise", "percent"),
        ("the air quality", "ppm"),
        ("the moisture in the hall", "percent"),
        ("the pressure", "bar"),
    ],
)
def test_what_is_not_sure_is_asked(subjects: Subjects, phrase: str, unit: str | None) -> None:
    with pytest.raises(DoubtError) as caught:
        subjects.find(phrase, DEVICES, unit=unit)
    assert caught.value.question.endswith("?")
