"""Conversations with two things in one message, and a machine that is set going in other words."""

from __future__ import annotations

from benchmarks.warehouse_floor import until
from benchmarks.warehouse_judging import Case, Seen, UnderWay, at
from demos.warehouse.truth import WorldTruth

_ROBOTS = ("robot-1", "robot-2", "robot-3", "robot-4")


def _free_and_brought(tote: str, place: str) -> Case:
    def judge(seen: Seen) -> str | None:
        missing = [name for name in _ROBOTS if name not in seen.answers[0]]
        return f"does not tell of {missing}" if missing else at(tote, place)(seen)

    return Case("bring and ask", (f"Bring {tote} to {place} and tell me which robots are free.",), judge)


def _opened_and_told(seen: Seen) -> str | None:
    door = seen.after.machines["dock-door"]["doorState"]
    if door != "wide":
        return f"the door is {door}"
    return None if "robot-3" in seen.said and "position" in seen.said else "does not say where robot-3 is"


def _is_carried(truth: WorldTruth) -> bool:
    return truth.totes["T7"] in _ROBOTS


def _told_while_under_way(seen: Seen) -> str | None:
    """The question is answered while the tote is under way: what is done, and that nobody knows how long it takes."""
    answer = seen.answers[0].lower()
    missing = [words for words in ("t7", "under way", "how long") if words not in answer]
    return f"does not say {missing}" if missing else at("T7", "station 2")(seen)


def _ran_and_stopped(seen: Seen) -> str | None:
    states = [moment.machines["belt-1"]["beltState"] for moment in seen.moments]
    return None if states == ["running", "halted"] else f"the belt was {' and then '.join(states)}"


QUESTIONS = (
    _free_and_brought("T7", "station 2"),
    Case(
        "open and ask",
        ("Please open the dock door and let me know where robot 3 is.",),
        _opened_and_told,
    ),
    Case(
        "doing and how long",
        (
            UnderWay("Bring T7 to station 2."),
            until(_is_carried),
            "What are you doing and how long will it take?",
        ),
        _told_while_under_way,
        time_scale=10.0,
    ),
    Case("belt on and off", ("Fire up the conveyor.", "Shut the belt down again."), _ran_and_stopped),
)
