"""Ten conversations in words that nobody planned for, written down with their judges before any of them was tried."""

from __future__ import annotations

import re

from benchmarks.warehouse_judging import Case, Seen, at, nothing_moved, refused
from demos.warehouse.state import Mode


def _found_and_brought(seen: Seen) -> str | None:
    if "shelf 6" not in seen.answers[0].lower():
        return "does not say that T2 is on shelf 6"
    return at("T2", "station 3")(seen)


def _opened_and_shut(seen: Seen) -> str | None:
    states = [moment.machines["dock-door"]["doorState"] for moment in seen.moments]
    return None if states == ["wide", "shut"] else f"the door was {' and then '.join(states)}"


def _asked_first(seen: Seen) -> str | None:
    if seen.moments[0].totes != seen.before.totes:
        return "a tote was moved before it was said which"
    if "?" not in seen.answers[0]:
        return "did not ask which tote"
    return at("T8", "station 2")(seen)


def _all_charge(seen: Seen) -> str | None:
    away = [
        name
        for name, robot in seen.after.robots.items()
        if not robot.is_charging and robot.mode is not Mode.DOCKED
    ]
    return f"{away} do not charge" if away else nothing_moved(seen)


def _emptiest(seen: Seen) -> str | None:
    """It is named with what it has, or alone."""
    name, robot = min(seen.before.robots.items(), key=lambda one: one[1].battery)
    named = set(re.findall(r"robot-\d+", seen.said))
    is_told = re.search(rf"{name}\D{{0,20}}{round(robot.battery * 100)} ?%", seen.said) is not None
    return None if named == {name} or is_told else f"does not say that it is {name}"


def _labels_of_shelf_10(seen: Seen) -> str | None:
    missing = [item for item in seen.after.shelves["10"].items if item.lower() not in seen.said]
    if missing:
        return f"leaves out {missing}"
    return None if seen.after.machines["drone-1"]["flightState"] == "airborne" else "the drone did not fly"


WORDS = (
    Case(
        "find and bring",
        ("Where did tote T2 end up?", "Fetch it over to packing station 3."),
        _found_and_brought,
    ),
    Case(
        "correction",
        ("Take T6 to packing station 1.", "Sorry, I meant station 3."),
        at("T6", "station 3"),
    ),
    Case(
        "open and shut", ("Open up the dock door, a truck is here.", "Now shut it again."), _opened_and_shut
    ),
    Case(
        "arm and belt",
        ("Somebody bring T9 over to packing station 1.", "Now have the arm lay it on the belt."),
        at("T9", "belt"),
    ),
    Case("which tote", ("Bring the tote to station 2.", "T8."), _asked_first),
    Case("roof", ("Carry T3 up to the roof.",), refused),
    Case("no such tote", ("Please fetch T12 and take it to station 1.",), refused),
    Case("all home", ("Everyone back to your chargers, please.",), _all_charge),
    Case("emptiest", ("Which robot has the emptiest battery?",), _emptiest),
    Case("drone", ("Let the drone have a look at shelf 10 and read me the labels.",), _labels_of_shelf_10),
)
"""Totes, machines, the drone, the arm, the door, batteries, pronouns, corrections, refusals, and questions back."""
