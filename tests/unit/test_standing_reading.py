"""What is understood of sentences that ask for something again and again, and what is asked back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from coordinator.registry import Device
from coordinator.standing.orders import say_present
from coordinator.standing.reading import read
from coordinator.standing.request import StandingRequest, Watch
from coordinator.standing.subjects import Subject, Subjects
from protocol.messages import Finding, PresenceStatus, Profile

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 21, 14, 0, tzinfo=ZoneInfo(ZONE)).timestamp()  # a Saturday


def device(device_id: str, kind: str, *findings: Finding, title: str = "") -> Device:
    profile = Profile(
        device_id=device_id, title=title or device_id, kind=kind, description=f"A {kind}.", abilities=()
    )
    attributes = {finding.what.casefold(): finding for finding in findings}
    return Device(device_id, 1, PresenceStatus.ONLINE, 0.0, profile, True, attributes, NOW, 1)


DEVICES = [
    device("robot-1", "robot", Finding(what="Battery level", value=55, unit="%")),
    device("robot-2", "robot", Finding(what="Battery level", value=18, unit="%")),
    device("client-1", "client", Finding(what="Upload time", value=12.3, unit="s")),
    device("client-2", "client", Finding(what="Upload time", value=21, unit="s")),
    device("freezer-7", "freezer", Finding(what="Air temperature", value=-19, unit="°C"), title="Cold store"),
    device("front-door", "door", Finding(what="Door", value="closed"), title="Front door"),
    device("tank", "tank", Finding(what="Tank level", value=60, unit="%"), Finding(what="Inflow", value=2.0)),
]


def understood(text: str, now: float = NOW) -> StandingRequest | None:
    subjects = Subjects(None)

    def find(phrase: str, unit: str | None, is_text: bool, around: str) -> Subject:
        return subjects.find(phrase, DEVICES, unit=unit, is_text=is_text, around=around)

    return read(text, now, ZONE, find, lambda watch: say_present(watch, DEVICES))


def sure(text: str) -> StandingRequest:
    request = understood(text)
    assert request is not None
    assert request.question is None, request.question
    return request


def watched(text: str) -> Watch:
    watch = sure(text).watch
    assert watch is not None
    return watch


@pytest.mark.parametrize(
    ("text", "confirmation"),
    [
        (
            "Every weekday at nine check the shelves",
            'I will do that every weekday at 09:00 (Europe/Berlin), next on Monday 23 November: "check the shelves".',
        ),
        (
            "in ten minutes turn on the two lamps",
            'I will do that in 10 minutes, today at 14:10 (Europe/Berlin): "turn on the two lamps".',
        ),
        (
            "Tomorrow at 7:30, open the door.",
            'I will do that tomorrow at 07:30 (Europe/Berlin): "open the door".',
        ),
        (
            "every two hours report your battery level",
            'I will do that every 2 hours (Europe/Berlin), next today at 16:00: "report your battery level".',
        ),
        (
            "Once an hour, tell me how many boxes are there",
            'I will do that every hour (Europe/Berlin), next today at 15:00: "tell me how many boxes are there".',
        ),
        (
            "Count the boxes hourly.",
            'I will do that every hour (Europe/Berlin), next today at 15:00: "Count the boxes".',
        ),
        (
            "once every 2 hours check the door",
            'I will do that every 2 hours (Europe/Berlin), next today at 16:00: "check the door".',
        ),
        (
            "once a day at nine check the door",
            'I will do that every day at 09:00 (Europe/Berlin), next tomorrow: "check the door".',
        ),
        (
            "on the first of each month at eight count the boxes",
            (
                "I will do that on the 1st day of each month at 08:00 (Europe/Berlin), next on Tuesday 1 December:"
                ' "count the boxes".'
            ),
        ),
        (
            "on the last Friday of each month at 16:00 count the boxes",
            (
                "I will do that on the last Friday of each month at 16:00 (Europe/Berlin), next on Friday 27 November:"
                ' "count the boxes".'
            ),
        ),
        (
            "until 18:00 check the door every ten minutes",
            (
                "I will do that every 10 minutes (Europe/Berlin), next today at 14:10, until today at 18:00:"
                ' "check the door".'
            ),
        ),
        (
            "every night at 2, until Friday, sweep the hall",
            (
                "I will do that every day at 02:00 (Europe/Berlin), next tomorrow, until Friday 27 November at 23:59:"
                ' "sweep the hall".'
            ),
        ),
        (
            "check the shelves every day at 9 and 17",
            'I will do that every day at 09:00 and 17:00 (Europe/Berlin), next today at 17:00: "check the shelves".',
        ),
        (
            "every other monday at 9 clean the floor",
            'I will do that every second Monday at 09:00 (Europe/Berlin), next on Monday 23 November: "clean the floor".',
        ),
        (
            "every hour from 8 to 18 on weekdays check the door",
            (
                "I will do that every hour from 08:00 to 18:00 on every weekday (Europe/Berlin), next on Monday 23 November at"
                ' 08:00: "check the door".'
            ),
        ),
        (
            "lock the doors on friday at 8 pm",
            'I will do that on Friday 27 November at 20:00 (Europe/Berlin): "lock the doors".',
        ),
        (
            "at 22:00 start the dishwasher",
            'I will do that today at 22:00 (Europe/Berlin): "start the dishwasher".',
        ),
        (
            "at 7 start the dishwasher",
            'I will do that tomorrow at 07:00 (Europe/Berlin): "start the dishwasher".',
        ),
        (
            "every day at 9:00 asia/hong_kong check the door",
            'I will do that every day at 09:00 (Asia/Hong_Kong), next tomorrow: "check the door".',
        ),
        (
            "for the next two hours check the door every 5 minutes",
            (
                "I will do that every 5 minutes (Europe/Berlin), next today at 14:05, until today at 16:00:"
                ' "check the door".'
            ),
        ),
        (
            "on the twenty-fourth of December at eight ring the bell",
            'I will do that on Thursday 24 December at 08:00 (Europe/Berlin): "ring the bell".',
        ),
        (
            "water the lawn for ten minutes every morning at quarter to seven",
            'I will do that every day at 06:45 (Europe/Berlin), next tomorrow: "water the lawn for ten minutes".',
        ),
        (
            "every evening at half past seven draw the curtains",
            'I will do that every day at 19:30 (Europe/Berlin), next today: "draw the curtains".',
        ),
    ],
)
def test_times_are_read_and_said_back(text: str, confirmation: str) -> None:
    assert sure(text).confirmation == confirmation


@pytest.mark.parametrize(
    ("text", "confirmation"),
    [
        (
            "keep every upload under 16 s",
            (
                "I will keep the upload time of every device that reports it under 16 s. Now it is 12.3 s (client-1) and 21 s"
                " (client-2). When it is not, I will plan what to do about it, and ask you where I find nothing."
            ),
        ),
        (
            "keep the cold store below \u221218 °C",
            (
                "I will keep the air temperature of freezer-7 under -18 °C. Now it is -19 °C. When it is not, I will plan what to"
                " do about it, and ask you where I find nothing."
            ),
        ),
        (
            "when a robot's battery falls below twenty percent, send it to a charger",
            (
                "I will do that every time the battery level of every robot is below 20 %:"
                ' "send it to a charger". Now it is 55 % (robot-1) and 18 % (robot-2).'
            ),
        ),
        (
            "send a robot to the dock when its battery drops below 15 %",
            (
                "I will do that every time the battery level of every robot is below 15 %:"
                ' "send a robot to the dock". Now it is 55 % (robot-1) and 18 % (robot-2).'
            ),
        ),
        (
            "tell me when the tank level exceeds 80 percent",
            "I will tell you every time the tank level of tank is above 80 %. Now it is 60 %.",
        ),
        (
            "tell me as soon as the front door is open",
            "I will tell you the first time the door of front-door is open. Now it is closed.",
        ),
        (
            "make sure the upload time of client-1 does not exceed 16 s, otherwise lower its window",
            (
                "I will keep the upload time of client-1 at most 16 s. Now it is 12.3 s. When it is not, I will do"
                ' this: "lower its'
                ' window".'
            ),
        ),
        (
            "keep the tank level between 20 and 80 percent until friday",
            (
                "I will keep the tank level of tank between 20 and 80 %. Now it is 60 %. When it is not, I will plan what to do"
                " about it, and ask you where I find nothing. This holds until Friday 27 November at 23:59 (Europe/Berlin)."
            ),
        ),
    ],
)
def test_conditions_are_read_and_said_back(text: str, confirmation: str) -> None:
    assert sure(text).confirmation == confirmation


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("every day check the shelves", "At what time shall I do it every day?"),
        ("every week at 9 check the shelves", "On which day of the week shall I do it?"),
        ("every weekday at nine", "What shall I do every weekday at 09:00?"),
        (
            "every day at 9 except on sundays check the shelves",
            'I did not understand "except on sundays" of when to do it. When shall I do it?',
        ),
        (
            "start the dishwasher at 22:00",
            "Shall I wait until 22:00 and give the order then, or is 22:00 a part of the order for the device now?",
        ),
        ("at three start the dishwasher", 'Is "3" 03:00 at night or 15:00 in the afternoon?'),
        ("today at 9:00 check the door", "Today at 09:00 has passed. When do you mean?"),
        (
            "on the 31st of each month at 8 count",
            "Not every month has a day 31. Do you mean the last day of each month?",
        ),
        ("on 30 February at 9 count", 'There is no day "on 30 february". Which day do you mean?'),
        ("lock the doors on friday", "At what time on Friday 27 November shall I do it?"),
        (
            "until 18:00 keep the light on",
            "What shall I do again and again until then, or what shall I do at its end?",
        ),
        (
            "keep the upload under 16 s",
            '2 devices report upload time (client-1, client-2). Which one do you mean with "the upload", or all?',
        ),
        (
            "keep the humidity under 40 %",
            (
                'I am not sure what "the humidity" is among what devices report: battery level and tank level.'
                " Which one do you mean?"
            ),
        ),
        (
            "keep the pressure under 3 bar",
            (
                'No device reports what "the pressure" could be in a unit that fits bar. They report air'
                " temperature, battery level,"
                " door, inflow, tank level and upload time. Which one do you mean?"
            ),
        ),
        (
            "keep every upload under 16 s, lower the window",
            'What do you mean by "lower the window"? Say "otherwise …" before what I am to do.',
        ),
        ("when the tank level falls below 20 %", "What shall I do when the tank level falls below 20 %?"),
    ],
)
def test_what_is_not_sure_is_asked(text: str, question: str) -> None:
    request = understood(text)
    assert request is not None
    assert request.question == question
    assert request.schedule is None
    assert request.watch is None
    assert request.confirmation == ""


@pytest.mark.parametrize("text", ["start the dishwasher at 22:00", "keep the upload under 16 s"])
def test_suggestions_are_sentences_or_words_that_are_clear(text: str) -> None:
    request = understood(text)
    assert request is not None
    assert request.suggestions
    for suggestion in request.suggestions:
        whole = (
            suggestion
            if " " in suggestion and "upload" not in suggestion
            else f"keep {suggestion} under 16 s"
        )
        assert sure(whole).confirmation


@pytest.mark.parametrize(
    "text",
    [
        "Please check if there are vacant spaces on the shelves.",
        "check every shelf",
        "check every second shelf",
        "bring tote T7 to station 2",
        "set the timer to 10 minutes",
        "water the lawn for ten minutes",
        "keep going",
        "keep the room at 21 degrees",
        "if the battery is below 20 percent, send it to a charger",
        "tell me if the battery is below 20 percent",
        "check the tank and when the level is above 5 l, open the valve",
        "move to shelf 3 in 10 seconds and come back",
        "move to shelf 3 and keep the fork below 1 m",
        "keep the fork below 1 m and move to shelf 3",
        "count until 3",
        "take a reading every 5 seconds",
        "stop the music after four hours",
        "go out by yourself in two hours",
        "book the room for next Friday at ten",
        "say on all speakers that we leave in ten minutes",
        "set a daily cleaning time",
        "turn the lamp on once",
        "bring tote T7 to station 2 once a robot is free",
        "keep it at 14",
        "will it rain tomorrow?",
        "there was a fire drill last tuesday",
        "drive with a speed under 2 m/s",
        "which robots have more than 20 % battery?",
        "",
    ],
)
def test_ordinary_goals_are_left_alone(text: str) -> None:
    assert understood(text) is None


def test_options_are_read() -> None:
    watch = watched(
        "when the tank level rises above 80 % by at least 5 % for more than 5 minutes, open the drain"
        " at most every 10 minutes"
    )
    assert (watch.limits.high, watch.limits.slack, watch.limits.margin) == (80, 5, 0)
    assert (watch.debounce_seconds, watch.cadence_seconds) == (300, 600)


def test_the_order_is_in_the_persons_own_words() -> None:
    assert sure("Every day at nine bring Tote T7 and twenty-one boxes to Station two").action == (
        "bring Tote T7 and twenty-one boxes to Station two"
    )


@pytest.mark.parametrize(
    ("text", "low", "high", "is_low_allowed", "is_high_allowed"),
    [
        ("keep the tank level at 30 % or more", 30, None, True, False),
        ("keep the tank level no more than 30 %", None, 30, False, True),
        ("keep the tank level over 30 %", 30, None, False, False),
        ("never let the tank level rise above 30 %", None, 30, False, True),
        ("the tank level must never drop below 30 %", 30, None, True, False),
        ("tell me when the tank level reaches 30 %", None, 30, False, False),
        ("tell me when the tank level is less than 30 %", 30, None, True, False),
    ],
)
def test_comparisons_say_what_the_value_must_be(
    text: str, low: float | None, high: float | None, *, is_low_allowed: bool, is_high_allowed: bool
) -> None:
    limits = watched(text).limits
    assert (limits.low, limits.high) == (low, high)
    assert (limits.is_low_allowed, limits.is_high_allowed) == (is_low_allowed, is_high_allowed)


def test_units_are_converted_and_shares_are_of_a_hundred_percent() -> None:
    assert watched("keep every upload under half a minute").limits.high == 30
    assert watched("keep the tank level above a quarter").limits.low == 25
    assert watched("keep the cold store below 0 fahrenheit").limits.high == pytest.approx(-17.777777778)


def test_a_sentence_of_another_year_is_read_at_its_own_now() -> None:
    now = datetime(2028, 2, 29, 12, 0, tzinfo=ZoneInfo(ZONE)).timestamp()
    request = understood("every year on 29 February at 9 ring the bell", now)
    assert request is not None
    assert request.confirmation.startswith(
        "I will do that every year on 29 February at 09:00 (Europe/Berlin), next on Sunday 29 February 2032"
    )
