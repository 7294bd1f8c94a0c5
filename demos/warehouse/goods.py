"""Totes: where each of them is. A robot carries one at a time, a shelf holds one a position, a station has room for some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from demos.warehouse.floor import FloorPlan
from demos.warehouse.state import TOTE_KILOGRAMS, Refusal, RefusedError, Robot, Shelf


class Goods:
    """The totes of a hall.

    Args:
        plan: says which totes there are and on which shelf each stands at first; it takes a position there.
        shelves: of the hall; a tote on a shelf stands among what lies in its positions.

    Attributes:
        picks: how often each tote was taken up by a robot.
    """

    def __init__(self, plan: FloorPlan, shelves: Mapping[str, Shelf]) -> None:
        self._stations = plan.stations
        self._shelves = shelves
        self._places: dict[str, str] = {}
        self.picks: Counter[str] = Counter()
        for tote_id, shelf_id in plan.totes.items():
            self._put_on_shelf(tote_id, shelves[shelf_id], is_forced=True)

    @property
    def places(self) -> dict[str, str]:
        """Where each tote is: "shelf 3", "station 2", "belt", "dock door", or the robot that carries it."""
        return dict(self._places)

    def at(self, place: str) -> tuple[str, ...]:
        """Return the totes that are at a place."""
        return tuple(tote_id for tote_id, where in self._places.items() if where == place)

    def find(self, tote_id: str) -> str:
        """Return a tote's name as the hall writes it ("t7" → "T7").

        Raises:
            RefusedError: there is no such tote.
        """
        for known in self._places:
            if known.casefold() == tote_id.strip().casefold():
                return known
        raise RefusedError(Refusal.NO_SUCH_TOTE)

    def pick(self, robot: Robot, tote_id: str, here: str | None) -> None:
        """Have a robot take a tote from where it stands.

        Args:
            robot: who takes it.
            tote_id: which.
            here: the place that the robot stands at, such as "shelf 3"; None for nowhere in particular.

        Raises:
            RefusedError: no such tote, it is elsewhere, or the robot has one.
        """
        tote = self.find(tote_id)
        if robot.load is not None:
            raise RefusedError(Refusal.LOADED)
        if here is None or self._places[tote] != here:
            raise RefusedError(Refusal.TOTE_ELSEWHERE)
        self._take_away(tote)
        self._places[tote] = robot.robot_id
        self.picks[tote] += 1
        robot.load, robot.load_kilograms = tote, TOTE_KILOGRAMS

    def put(self, robot: Robot, here: str | None) -> None:
        """Have a robot put down what it carries at the place it stands at.

        Raises:
            RefusedError: it carries nothing, or there is no room for it here.
        """
        if robot.load is None:
            raise RefusedError(Refusal.NOT_LOADED)
        self.move(robot.load, here)
        robot.load, robot.load_kilograms = None, 0.0

    def move(self, tote_id: str, there: str | None) -> None:
        """Bring a tote to a place, by whatever hand.

        Raises:
            RefusedError: there is no room, or no such place.
        """
        kind, _, name = (there or "").partition(" ")
        if kind == "shelf" and name in self._shelves:
            self._take_away(tote_id)
            self._put_on_shelf(tote_id, self._shelves[name])
        elif kind == "station" and name in self._stations:
            if len(self.at(f"station {name}")) >= self._stations[name].room:
                raise RefusedError(Refusal.NO_ROOM)
            self._take_away(tote_id)
            self._places[tote_id] = f"station {name}"
        elif there in {"belt", "dock door"}:
            self._take_away(tote_id)
            self._places[tote_id] = there
        else:
            raise RefusedError(Refusal.NO_ROOM)

    def _take_away(self, tote_id: str) -> None:
        shelf = self._shelves.get(self._places.get(tote_id, "").removeprefix("shelf "))
        for label, what in shelf.slots.items() if shelf is not None else ():
            if what == _name(tote_id) and shelf is not None:
                shelf.slots[label] = None

    def _put_on_shelf(self, tote_id: str, shelf: Shelf, *, is_forced: bool = False) -> None:
        room = shelf.free or (tuple(self._ordinary(shelf))[:1] if is_forced else ())
        if not room:
            raise RefusedError(Refusal.NO_ROOM)
        shelf.slots[room[0]] = _name(tote_id)
        self._places[tote_id] = f"shelf {shelf.shelf_id}"

    def _ordinary(self, shelf: Shelf) -> list[str]:
        """Return the positions that hold no tote."""
        return [label for label, what in shelf.slots.items() if not (what or "").startswith("tote ")]


def _name(tote_id: str) -> str:
    return f"tote {tote_id}"
