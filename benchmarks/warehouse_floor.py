"""Conversations about the floor while robots are at work on it, with judges that look at who drove where and who moved what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from benchmarks.warehouse_judging import Case, Happening, Judge, Seen, UnderWay
from demos.warehouse.judge import judge_text
from demos.warehouse.stage import Stage
from demos.warehouse.truth import WorldTruth

_LOOK_SECONDS = 0.005
_LONGEST_SECONDS = 60.0
_SLOW_METRES_PER_SECOND = 0.4
_SHELVES_OF_B = frozenset({"5", "6", "7", "8"})
_BESIDE_STATION_2 = (15.0, 22.0)
_A_METRE = 1.0
"""Motion goes in steps of a second of the world, and time runs fast."""


def until(reached: Callable[[WorldTruth], bool]) -> Happening:
    """Wait until the world is as wanted, but not for ever: the judge sees where it never is."""

    async def happen(stage: Stage) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_SECONDS):
                while not reached(stage.world.truth()):  # noqa: ASYNC110 - the world has no event for it
                    await asyncio.sleep(_LOOK_SECONDS)

    return happen


def _slowly(stage: Stage) -> None:
    for robot in stage.world.robots.values():
        robot.speed = _SLOW_METRES_PER_SECOND


def _two_are_away(stage: Stage) -> None:
    """Leave two robots to do all the work."""
    _slowly(stage)
    for robot_id in ("robot-3", "robot-4"):
        stage.coordinator.operations.pause_device(robot_id, "Ben")


def _one_is_away(stage: Stage) -> None:
    """Leave the first robot out, so that the third is one of two."""
    _slowly(stage)
    stage.coordinator.operations.pause_device("robot-1", "Ben")


def _one_beside_station_2(stage: Stage) -> None:
    _slowly(stage)
    robot = stage.world.robots["robot-2"]
    robot.x, robot.y = _BESIDE_STATION_2


def _entered(part: str, before: WorldTruth, after: WorldTruth) -> list[str]:
    known = set(before.entries)
    return [one.robot for one in after.entries if one.part == part and one not in known]


def _nobody_enters(part: str, closed: int, reopened: int) -> Judge:
    """Between two answers nobody drove into a part of the hall."""

    def judge(seen: Seen) -> str | None:
        if seen.moments[closed].out_of_use != (part,):
            return f"the traffic service keeps robots out of {seen.moments[closed].out_of_use}"
        robots = _entered(part, seen.moments[closed], seen.moments[reopened])
        return f"{robots} drove into {part}" if robots else None

    return judge


def _all(*judges: Judge) -> Judge:
    def judge(seen: Seen) -> str | None:
        return "; ".join(problem for one in judges if (problem := one(seen)) is not None) or None

    return judge


def _answers(place: int, *words: str) -> Judge:
    """Of the answer to one message."""

    def judge(seen: Seen) -> str | None:
        missing = [word for word in words if word.casefold() not in seen.answers[place].casefold()]
        return f"answer {place + 1} does not say {missing}" if missing else None

    return judge


def _stands_at(robot_id: str, moment: int, x: float, y: float) -> Judge:
    def judge(seen: Seen) -> str | None:
        robot = seen.moments[moment].robots[robot_id]
        away = abs(robot.x - x) + abs(robot.y - y)
        return None if away < _A_METRE else f"{robot_id} is at {robot.x:.1f}, {robot.y:.1f}"

    return judge


def _told_but_for_aisle_b(seen: Seen) -> str | None:
    """Shelves of aisle B that were not looked at are told to be unknown because of it; all others rightly."""
    said = seen.answers[-1]
    wrong = [
        problem
        for problem in judge_text(said, seen.after)
        if not any(problem == f"shelf {one} is left out" for one in _SHELVES_OF_B)
    ]
    if wrong:
        return "; ".join(wrong)
    return None if "aisle B" in said and "out of use" in said else "does not say why some are unknown"


def _brought_once(totes: Sequence[str], place: str) -> Judge:
    """Totes are at a place, and each was taken up only once."""

    def judge(seen: Seen) -> str | None:
        astray = {one: seen.after.totes[one] for one in totes if seen.after.totes[one] != place}
        often = {one: count for one, count in seen.after.picks.items() if count > 1 or one not in totes}
        return f"not brought: {astray}" if astray else f"taken up: {often}" if often else None

    return judge


def _idle_after(robot_id: str, moment: int) -> Judge:
    """From one answer on a robot took nothing up, and did not move until the end."""

    def judge(seen: Seen) -> str | None:
        then, now = seen.moments[moment].robots[robot_id], seen.after.robots[robot_id]
        if now.load is not None:
            return f"{robot_id} carries {now.load}"
        moved = abs(then.x - now.x) + abs(then.y - now.y)
        return f"{robot_id} drove on" if moved > _A_METRE else None

    return judge


def _stood_still(robot_id: str, first: int, last: int) -> Judge:
    """Between two answers a robot did not move."""

    def judge(seen: Seen) -> str | None:
        then, now = seen.moments[first].robots[robot_id], seen.moments[last].robots[robot_id]
        moved = abs(then.x - now.x) + abs(then.y - now.y)
        return f"{robot_id} moved {moved:.2f} m" if moved > _A_METRE else None

    return judge


def _comes_before(tote: str, others: Sequence[str]) -> Judge:
    """When a tote was taken up, none of those that had waited then had been."""

    def judge(seen: Seen) -> str | None:
        waited = [one for one in others if seen.moments[1].picks.get(one, 0) == 0]
        order = list(seen.after.picks)
        earlier = [one for one in waited[2:] if order.index(one) < order.index(tote)]
        return f"{earlier} came before {tote}" if earlier else None

    return judge


def _moves(robot_id: str) -> Callable[[WorldTruth], bool]:
    return lambda world: bool(world.robots[robot_id].way)


def _carries(robot_id: str) -> Callable[[WorldTruth], bool]:
    return lambda world: world.robots[robot_id].load is not None


def _all_are_at(totes: Sequence[str], place: str) -> Callable[[WorldTruth], bool]:
    return lambda world: all(world.totes[one] == place for one in totes)


_TWO = ("T3", "T6")
_SIX = ("T1", "T2", "T3", "T4", "T6", "T9")

FLOOR = (
    Case(
        "aisle blocked",
        (
            UnderWay("Robot 4 should go to station 2."),
            until(_moves("robot-4")),
            "Aisle B is blocked.",
            "Check shelf 6 for vacant space.",
            until(lambda world: world.robots["robot-4"].y > 23.9),
            "Aisle B is free again.",
            "Check shelf 6 for vacant space.",
        ),
        _all(
            _nobody_enters("B", 1, 4),
            _answers(0, "aisle B", "out of use", "shelves 5, 6, 7 and 8"),
            _answers(1, "shelf 6 is in aisle B", "out of use"),
            _answers(3, "shelf 6"),
            _stands_at("robot-4", 4, 15.0, 24.0),
        ),
        _slowly,
        time_scale=10.0,
    ),
    Case(
        "aisle blocked under way",
        (
            UnderWay("Please check if there are vacant spaces on the shelves."),
            until(lambda world: any(robot.way for robot in world.robots.values())),
            "There is a pallet lying across aisle B, nobody gets through.",
            until(lambda world: not any(robot.way for robot in world.robots.values())),
        ),
        _all(_nobody_enters("B", 1, 2), _told_but_for_aisle_b),
        _slowly,
        time_scale=20.0,
    ),
    Case(
        "robot broken",
        (
            UnderWay("Bring T3 and T6 to packing station 3."),
            until(_moves("robot-3")),
            "Robot 3 is broken, give its work to another one.",
            until(_all_are_at(_TWO, "station 3")),
            "Which robots are free?",
        ),
        _all(
            _brought_once(_TWO, "station 3"),
            _idle_after("robot-3", 1),
            _answers(1, "robot-3 is paused"),
            _answers(2, "Done"),
        ),
        _one_is_away,
        time_scale=10.0,
    ),
    Case(
        "loaded robot broken",
        (
            UnderWay("Bring T3 and T6 to packing station 3."),
            until(_carries("robot-3")),
            until(_moves("robot-3")),
            "Robot 3 has broken down, somebody else has to do its work.",
            "Where is robot 3?",
            "Robot 3 works again.",
        ),
        _all(_stood_still("robot-3", 2, 3), _brought_once(_TWO, "station 3"), _answers(3, "Done")),
        _one_is_away,
        time_scale=10.0,
    ),
    Case(
        "urgent tote",
        (
            UnderWay("Bring T1, T2, T3, T4, T6 and T9 to packing station 1."),
            until(lambda world: sum(bool(robot.way) for robot in world.robots.values()) > 1),
            "T9 is urgent.",
        ),
        _all(_brought_once(_SIX, "station 1"), _comes_before("T9", _SIX), _answers(0, "T9")),
        _two_are_away,
        time_scale=10.0,
    ),
    Case(
        "stop near a station",
        (
            UnderWay("Robot 2 should go to shelf 4."),
            UnderWay("Bring T6 to packing station 3."),
            until(_moves("robot-2")),
            "Stop everything near station 2.",
            until(_all_are_at(("T6",), "station 3")),
            "Which robots are free?",
            "Carry on.",
        ),
        _all(
            _stood_still("robot-2", 1, 3),
            _answers(0, "robot-2"),
            _answers(1, "robot-2"),
            _stands_at("robot-2", -1, 6.0, 16.0),
        ),
        _one_beside_station_2,
        time_scale=10.0,
    ),
    Case(
        "stop everything",
        (
            UnderWay("Bring T1 and T3 to packing station 1."),
            until(lambda world: sum(bool(robot.way) for robot in world.robots.values()) > 1),
            "Stop everything!",
            "What are you doing?",
            "Continue.",
        ),
        _all(
            *(_stood_still(f"robot-{number}", 1, 2) for number in range(1, 5)),
            _brought_once(("T1", "T3"), "station 1"),
        ),
        _slowly,
        time_scale=10.0,
    ),
)
