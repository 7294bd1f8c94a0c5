"""Motion in the hall: ways over the lanes, who may be on a narrow one, which bays are taken, and who ran into whom.

Robots plan no ways of their own: they ask the hall's traffic service, which leads nobody into what is blocked or was taken out of
use. They look ahead by themselves: they wait before a narrow lane that another one is on, and at a station whose bays are
taken. A robot whose scanner is wrong does neither.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from demos.warehouse.floor import FloorPlan, Leg, Point
from demos.warehouse.state import Mode, Refusal, RefusedError, Robot
from demos.warehouse.truth import Collision, Entry

BATTERY_PER_METRE = 0.0005
"""Fraction of a full battery that one metre costs."""
MOTION_STEP_SECONDS = 1.0
"""Simulated seconds between two looks at whether a driving robot was stopped."""
PATIENCE_SECONDS = 90.0
"""Simulated seconds that a robot waits for others to make way."""
_ENTRIES_KEPT = 1000
TOUCH_METRES = 0.9
"""Robots on one narrow lane that are nearer to each other than this have collided."""


class Traffic:
    """Moves robots.

    Args:
        plan: the lanes; None for an open floor, on which robots drive first east or west, then north or south.
        robots: by id.
        spend: waits for simulated seconds.
        now: seconds of the world's clock.

    Attributes:
        closed_aisles: which are truly blocked; whoever looks sees it.
        out_of_use: parts of the hall that ways are not to lead through, as the traffic service was told.
        standing: robots that are to stand where they are, as the traffic service was told; their orders are kept.
        entries: who drove into which part, the newest last.
        collisions: what happened so far.
    """

    def __init__(
        self,
        plan: FloorPlan | None,
        robots: Mapping[str, Robot],
        spend: Callable[[float], Awaitable[None]],
        now: Callable[[], float],
    ) -> None:
        self.closed_aisles: set[str] = set()
        self.out_of_use: set[str] = set()
        self.standing: set[str] = set()
        self.entries: deque[Entry] = deque(maxlen=_ENTRIES_KEPT)
        self.collisions: list[Collision] = []
        self._plan = plan
        self._robots = robots
        self._spend = spend
        self._now = now

    async def drive(self, robot: Robot, goal: Point, *, order: int) -> None:
        """Drive a robot to a place, unless its `motion` differs from `order` some day.

        Raises:
            RefusedError: it was stopped, its battery ran down, or there is no way.
        """
        try:
            while legs := self._way(robot.place, goal):
                robot.way = tuple(leg.to for leg in legs)
                await self._enter(robot, legs[0], order)
                await self._along(robot, legs[0], order)
                if self._plan is not None and robot.place in self._plan.waypoints.values():
                    robot.lane = None
                    if robot.place in self._plan.crossings:
                        robot.part = None
        finally:
            if robot.motion == order:
                robot.way = ()

    async def wait_for_bay(self, robot: Robot, station_id: str, *, order: int) -> None:
        """Wait until a station has a free bay, and take it; a robot that drives off gives it back.

        Raises:
            RefusedError: it was stopped meanwhile, or nobody made way in time.
        """
        bays = self._plan.stations[station_id].bays if self._plan is not None else 1
        await self._wait(robot, lambda: self._taken(station_id, robot) < bays, order)
        robot.bay = station_id

    def _taken(self, station_id: str, but: Robot) -> int:
        return sum(one.bay == station_id for one in self._robots.values() if one is not but)

    def _way(self, start: Point, goal: Point) -> list[Leg]:
        if self._plan is None:
            corner = (goal[0], start[1])
            return [Leg(to) for before, to in ((start, corner), (corner, goal)) if before != to]
        way = self._plan.way(start, goal, closed=self.closed_aisles | self.out_of_use)
        if way is None:
            raise RefusedError(Refusal.BLOCKED)
        return way

    async def _enter(self, robot: Robot, leg: Leg, order: int) -> None:
        """Get onto the lane of a leg: a narrow one only when nobody else is on it."""
        part = self._plan.lane(leg.lane).part if self._plan is not None and leg.lane is not None else None
        if part is not None and part != robot.part:
            self.entries.append(Entry(robot=robot.robot_id, part=part, at=self._now()))
        robot.part = part
        is_narrow = self._plan is not None and leg.lane is not None and self._plan.lane(leg.lane).narrow
        if not is_narrow:
            robot.lane = None
        elif robot.lane != leg.lane:
            if not robot.is_blind:
                await self._wait(robot, lambda: not self._others_on(leg.lane, robot), order)
            robot.lane = leg.lane

    async def _stand(self, robot: Robot, order: int) -> None:
        """Wait as long as a robot is to stand where it is."""
        while robot.robot_id in self.standing:
            await self._spend(MOTION_STEP_SECONDS)
            _check(robot, order)

    def _others_on(self, lane: str | None, robot: Robot) -> list[Robot]:
        return [one for one in self._robots.values() if one is not robot and one.lane == lane]

    async def _wait(self, robot: Robot, is_free: Callable[[], bool], order: int) -> None:
        waited = 0.0
        while not is_free():
            if waited >= PATIENCE_SECONDS:
                raise RefusedError(Refusal.BLOCKED)
            await self._spend(MOTION_STEP_SECONDS)
            _check(robot, order)
            waited += MOTION_STEP_SECONDS

    async def _along(self, robot: Robot, leg: Leg, order: int) -> None:
        seconds = None if self._plan is None or leg.lane is None else self._plan.lane(leg.lane).seconds
        if seconds is not None:
            await self._spend(seconds)
            _check(robot, order)
            robot.x, robot.y = leg.to
            return
        while (remaining := _distance(robot.place, leg.to)) > 0:
            await self._stand(robot, order)
            if robot.battery <= 0:
                raise RefusedError(Refusal.BATTERY_EMPTY)
            distance = min(remaining, robot.speed * MOTION_STEP_SECONDS)
            await self._spend(distance / robot.speed)
            _check(robot, order)
            robot.battery = max(0.0, robot.battery - distance * BATTERY_PER_METRE)
            before = robot.place
            if distance == remaining:
                robot.x, robot.y = leg.to
            else:
                share = distance / remaining
                robot.x += (leg.to[0] - robot.x) * share
                robot.y += (leg.to[1] - robot.y) * share
            self._look_for_collisions(robot, before)

    def _look_for_collisions(self, robot: Robot, before: Point) -> None:
        """Stop a robot that has driven into another one on a narrow lane, and that one too."""
        if robot.lane is None:
            return
        for other in self._others_on(robot.lane, robot):
            nearness = math.dist(robot.place, other.place)
            if nearness <= TOUCH_METRES and nearness < math.dist(before, other.place):
                pair = sorted((robot.robot_id, other.robot_id))
                self.collisions.append(
                    Collision(robots=(pair[0], pair[1]), place=robot.place, at=self._now())
                )
                for one in (robot, other):
                    one.motion += 1
                    one.enter(Mode.STOPPED)
                raise RefusedError(Refusal.STOPPED)


def _check(robot: Robot, order: int) -> None:
    if robot.motion != order:
        raise RefusedError(Refusal.STOPPED)


def _distance(start: Point, goal: Point) -> float:
    """Exact along an axis, so that arriving is arriving."""
    if start[0] == goal[0] or start[1] == goal[1]:
        return abs(start[0] - goal[0]) + abs(start[1] - goal[1])
    return math.dist(start, goal)
