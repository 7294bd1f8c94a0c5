"""One run of experiment 1 as a line of a file, and what many of them come to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median

from benchmarks.experiment1_costs import Work, centralised_seconds, distributed_seconds
from evals.scores import Count
from protocol.errors import InputError


class System(StrEnum):
    """What was measured."""

    PARLEY = "this project, agents in one process"
    PARLEY_PROCESSES = "this project, a process for each agent"
    CENTRAL = "centralised"
    CENTRAL_SITE = "centralised, one search over all APIs"

    @property
    def is_central(self) -> bool:
        """Whether one process does everything."""
        return self in {System.CENTRAL, System.CENTRAL_SITE}


@dataclass(frozen=True, slots=True)
class Row:
    """How one run ended and what it has cost.

    Attributes:
        time_scale: seconds of the world in one second of the clock on the wall.
        load: the machine's load average when the run began: how many processes wanted its cores.
        outcome: of the goal.
        problems: where the answer differs from the world; None where it says nothing that can be compared.
        seconds: from the goal to the answer, on the wall.
        model_seconds: how long the model was waited for, all devices together.
        planning_seconds: processor time until there was a plan.
        language_seconds: processor time of each device's language work.
        world_seconds: how long each device was busy in the world, in the world's time.
    """

    system: System
    robots: int
    seed: int
    goal: str
    time_scale: float
    load: float
    outcome: str
    answer: str
    problems: tuple[str, ...] | None
    seconds: float
    model_calls: int
    prompt_tokens: int
    completion_tokens: int
    model_seconds: float
    planning_seconds: float
    language_seconds: Mapping[str, float] = field(default_factory=dict)
    world_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether the goal was completed and the world agrees with the answer."""
        return self.outcome == "completed" and self.problems is not None and not self.problems

    @property
    def key(self) -> tuple[object, ...]:
        """What tells a run from all others."""
        return (self.system, self.robots, self.seed, self.goal, self.time_scale)

    @property
    def work(self) -> Work:
        """What the time model takes."""
        return Work(self.planning_seconds, self.language_seconds, self.world_seconds)

    def modelled_seconds(self, factor: float, *, with_world: bool, is_serial: bool = True) -> float:
        """Return how long this run would take with processors `factor` times as slow; agents have one each."""
        if self.system.is_central:
            return centralised_seconds(self.work, factor, with_world=with_world, is_serial=is_serial)
        return distributed_seconds(self.work, factor, with_world=with_world)

    def line(self) -> str:
        """Write it as a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def parse(cls, line: str) -> Row:
        """Read a line.

        Raises:
            ValueError, TypeError: it is none.
        """
        data = json.loads(line)
        problems = data.pop("problems")
        return cls(
            **{
                **data,
                "system": System(data["system"]),
                "problems": None if problems is None else tuple(problems),
            }
        )


class RowFile:
    """Rows in a file, one a line, so that a long experiment can be broken off and taken up again.

    Args:
        path: the file; None keeps the rows in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.rows: list[Row] = []
        if path is not None and path.exists():
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                try:
                    self.rows.append(Row.parse(line))
                except (ValueError, TypeError, KeyError) as error:
                    raise InputError(
                        "rows",
                        f"line {number} of {path.name}",
                        "lines that this command has written",
                        remedy="Take the line out, or name another file.",
                    ) from error
        self._known = {row.key for row in self.rows}

    def has(self, key: tuple[object, ...]) -> bool:
        """Whether a run is there."""
        return key in self._known

    def add(self, row: Row) -> None:
        """Write a run down."""
        self.rows.append(row)
        self._known.add(row.key)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{row.line()}\n")


@dataclass(frozen=True, slots=True)
class Summary:
    """What the runs of one system with one number of robots come to; times and counts are medians.

    Attributes:
        load: the machine's load average.
        wall: seconds on the clock on the wall.
        one_core: modelled, with processors like the test machine's, without time in the world.
        slow: the same with processors that are slower by the factor.
        slow_in_world: the same with time in the world.
        slow_all_at_once: of a centralised system whose devices would all move at once.
    """

    system: System
    robots: int
    right: Count
    load: float
    wall: float
    model_calls: float
    prompt_tokens: float
    completion_tokens: float
    model_seconds: float
    one_core: float
    slow: float
    slow_in_world: float
    slow_all_at_once: float

    @classmethod
    def of(cls, rows: Sequence[Row], factor: float) -> Summary:
        """Add up the runs of one system and size, at least one."""

        def middle(measure: Callable[[Row], float]) -> float:
            return float(median(measure(row) for row in rows))

        return cls(
            rows[0].system,
            rows[0].robots,
            Count(sum(row.is_right for row in rows), len(rows)),
            load=middle(lambda row: row.load),
            wall=middle(lambda row: row.seconds),
            model_calls=middle(lambda row: row.model_calls),
            prompt_tokens=middle(lambda row: row.prompt_tokens),
            completion_tokens=middle(lambda row: row.completion_tokens),
            model_seconds=middle(lambda row: row.model_seconds),
            one_core=middle(lambda row: row.modelled_seconds(1.0, with_world=False)),
            slow=middle(lambda row: row.modelled_seconds(factor, with_world=False)),
            slow_in_world=middle(lambda row: row.modelled_seconds(factor, with_world=True)),
            slow_all_at_once=middle(
                lambda row: row.modelled_seconds(factor, with_world=True, is_serial=False)
            ),
        )


def summarise(rows: Iterable[Row], factor: float) -> list[Summary]:
    """Sum up every system and size that there are runs of, sizes in order."""
    groups: dict[tuple[int, System], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.robots, row.system), []).append(row)
    order = list(System)
    return [
        Summary.of(groups[key], factor)
        for key in sorted(groups, key=lambda key: (key[0], order.index(key[1])))
    ]
