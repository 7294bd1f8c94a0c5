"""Kills coordinators at every event of a goal, for tests/e2e/test_coordinator_kill.py.

`python -m tests.coordinator_kill_runner FOLDER BROKER_URL LEDGER LANES STRIDE`, where LEDGER is `sqlite` or the URL of a
PostgreSQL, and of every STRIDE points one is taken. Every coordinator really is a process (forked from this one, so that it
need not import everything again), and is really killed; so are the robots a process, of real agents, whose world is a file
that each movement is written to. Each line of the output is the life of one goal.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from coordinator.coordinator import Coordinator
from coordinator.ledger.events import Event, EventKind
from coordinator.main import Settings, open_coordinator
from coordinator.site import Site
from device_agent.agent import DeviceAgent, client_id, lost_will
from device_agent.store import AgentStore
from firmware_api_specs.loader import load
from inference.ports import Prompt
from inference.program_prompt import ASK
from inference.scripted_model import ScriptedModel
from rag.api_index import Candidate, Retrieval
from tests.coordinator_fakes import scripted
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus

SHELVES = ("1", "2", "3", "4")
ROBOTS = tuple(f"robot-{number}" for number in range(1, 5))
PLAN = (
    "each shelf / robot / look at shelf {shelf} and check it for vacant space\n"
    "each shelf / robot / carry one tote to shelf {shelf}"
)
GOAL = "Check the shelves for vacant space, then carry one tote to each."
SURVIVED = 7
_PATIENCE_SECONDS = 60.0
_CARRY_SECONDS = 0.02
_SOON_SECONDS = 0.02


def _action(title: str, safe: bool, **terms: Any) -> dict[str, Any]:
    number = {
        "type": "object",
        "properties": {"shelf": {"type": "integer", "minimum": 1, "maximum": 9}},
        "required": ["shelf"],
    }
    return {
        "title": title,
        "description": f"{title}.",
        "safe": safe,
        "idempotent": safe,
        "input": number,
        "forms": [{"href": "x"}],
        **terms,
    }


CARRIER = load(
    {
        "@context": [
            "https://www.w3.org/2022/wot/td/v1.1",
            {"parley": "urn:parley:td:1#", "@language": "en"},
        ],
        "title": "Carrier",
        "description": "Carries totes.",
        "security": "nosec_sc",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "parley:kind": "robot",
        "parley:abilities": ["It looks at shelves.", "It carries totes to shelves."],
        "actions": {
            "look": _action(
                "Look at a shelf",
                True,
                output={
                    "type": "boolean",
                    "parley:finding": "vacant space",
                    "parley:findingType": "presence",
                },
            ),
            "carry": _action("Carry one tote to a shelf", False),
        },
    }
)


@dataclass(frozen=True)
class Lane:
    """One site of its own: a broker's topics, a ledger, four robots and their world."""

    folder: Path
    broker: str
    ledger: str
    site: str

    @property
    def world(self) -> Path:
        """What the robots have done, a line each."""
        return self.folder / "world.txt"

    @property
    def owned(self) -> Path:
        """Is there once a coordinator owns the site."""
        return self.folder / "owned"

    def settings(self, *, is_standby: bool = False) -> Settings:
        """How a coordinator of it is opened."""
        return Settings(
            broker_url=self.broker,
            state_dir=self.folder / "coordinator",
            ledger=None if self.ledger == "sqlite" else SecretStr(self.ledger),
            standby=is_standby,
            site=Site.from_mapping({"shelf": list(SHELVES)}),
            site_name=self.site,
            open_enrolment=True,
            subtask_timeout_seconds=30.0,
        )


# The robots


class AllFunctions:
    """Finds every function for every sentence, in the order of the description."""

    def __init__(self) -> None:
        self._chunks: dict[str, tuple[Any, ...]] = {}

    def build(self, device_id: str, content_hash: str, chunks: Sequence[Any]) -> bool:
        """Take the functions in."""
        self._chunks[device_id] = tuple(chunks)
        return True

    def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Retrieval:
        """Return all of them."""
        found = tuple(Candidate(chunk.key, 0.9, 0.0, 0.0) for chunk in self._chunks[device_id][:k])
        return Retrieval(found, (found,))


def write_program(prompt: Prompt) -> str:
    """Translate the two sentences of the plan."""
    asked = prompt.compact.partition(ASK)[2].partition("<|")[0].casefold()
    shelf = asked.partition("shelf ")[2].split()[0].rstrip(".")
    return f"B( {shelf})" if "carry" in asked else f"A( {shelf})"


class Machine:
    """A driver that writes down what it does before and after it moves."""

    def __init__(self, name: str, world: Path) -> None:
        self._name = name
        self._world = world

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Do it."""
        self._write(f"{name} {arguments['shelf']} {self._name}")
        await asyncio.sleep(_CARRY_SECONDS)
        return int(arguments["shelf"]) % 2 == 0 if name == "look" else None

    async def make_safe(self) -> None:
        """Rest."""

    def _write(self, line: str) -> None:
        with self._world.open("a") as file:
            file.write(line + "\n")


async def be_robots(lane: Lane) -> None:
    """Run four agents until killed."""
    clock = SystemClock()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        for name in ROBOTS:
            store = stack.enter_context(AgentStore(lane.folder / name))
            will = lost_will(lane.site, name, store.session, clock)
            bus = MqttBus(
                lane.broker, client_id(lane.site, name), will=will, session_expiry_seconds=600, clock=clock
            )
            await stack.enter_async_context(bus)
            agent = DeviceAgent(
                name,
                CARRIER,
                bus,
                Machine(name, lane.world),
                ScriptedModel(write_program),
                AllFunctions(),
                store,
                clock=clock,
                site=lane.site,
            )
            tasks.create_task(agent.run())


# The coordinators


class Killer:
    """Counts the events of goals, and kills its process at one of them.

    Args:
        coordinator: whose events.
        at: number of the event, from 1; 0 for none.
        how: `before` any effect of the event but after its commit, or `after` a moment in which it has its effects.
    """

    def __init__(self, coordinator: Coordinator, at: int, how: str) -> None:
        self.kinds: list[str] = []
        self._ledger = coordinator._ledger
        self._at = at
        self._how = how
        self._committed = 0
        self._dying: asyncio.Future[None] | None = None
        self._changed = threading.Condition()
        writer: Any = self._ledger._writer
        self._note, writer._committed = writer._committed, self._note_committed
        coordinator.on_event(self._take)

    def _note_committed(self, last: int) -> None:
        with self._changed:
            self._committed = last
            self._changed.notify()
        self._note(last)

    def _take(self, event: Event) -> None:
        if event.goal_id is None:
            return
        self.kinds.append(event.kind.value)
        if len(self.kinds) != self._at:
            return
        if self._how == "after":
            self._dying = asyncio.ensure_future(self._die_soon())
            return
        last = self._ledger._last
        with self._changed:
            self._changed.wait_for(lambda: self._committed >= last)
        _die()

    async def _die_soon(self) -> None:
        await self._ledger.durable()
        await asyncio.sleep(_SOON_SECONDS)
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def give_goal(lane: Lane, at: int, how: str) -> int:
    """Give the goal and see it through, or die at its event number `at`."""
    async with open_coordinator(lane.settings(), scripted(PLAN)) as coordinator:
        killer = Killer(coordinator, at, how)
        lane.owned.touch()
        if not await coordinator.wait_for_devices(len(ROBOTS), timeout_seconds=_PATIENCE_SECONDS):
            raise TimeoutError("the robots did not come")
        goal = coordinator.submit(GOAL)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await coordinator.wait(goal.goal_id)
        (lane.folder / "kinds.json").write_text(json.dumps(killer.kinds))
    return SURVIVED


async def finish_goals(lane: Lane, at: int = 0, how: str = "before", *, is_standby: bool = False) -> int:
    """See through what another coordinator has left, and write down how it ended; or die at an event on the way."""
    async with open_coordinator(lane.settings(is_standby=is_standby), scripted(PLAN)) as coordinator:
        opened_at = time.time()
        Killer(coordinator, at, how)
        goal_id = coordinator.goals(limit=1)[0].goal_id
        async with asyncio.timeout(_PATIENCE_SECONDS):
            goal = await coordinator.wait(goal_id)
        events = coordinator._ledger.of_goal(goal_id)
        told = {
            "opened_at": opened_at,
            "ended_at": goal.ended_at,
            "status": goal.status,
            "answer": goal.answer,
            "subtasks": [subtask.model_dump(mode="json") for subtask in goal.subtasks],
            "records": [record.model_dump(mode="json") for record in goal.records],
            "kinds": [event.kind.value for event in events],
            "assigned": [e.data["subtask_id"] for e in events if e.kind is EventKind.SUBTASK_ASSIGNED],
        }
        (lane.folder / "told.json").write_text(json.dumps(told))
    return 0


# Processes


def fork(work: Callable[[], Coroutine[Any, Any, int | None]], log: Path) -> int:
    """Do work in a process of its own; returns its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        with log.open("a") as file:
            os.dup2(file.fileno(), 2)
        status = asyncio.run(work()) or 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def ended(child: int) -> str:
    """Wait for a process; returns `killed`, `survived` or `done`."""
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    code = os.waitstatus_to_exitcode(status)
    if code not in {0, SURVIVED}:
        raise RuntimeError(f"a process ended with {code}")
    return "survived" if code == SURVIVED else "done"


def live(lane: Lane, how: str, *kills: int) -> dict[str, Any]:
    """Let coordinators live one after another, each killed at an event that it sees of the goal, and the last one not."""
    before = len(lane.world.read_text().splitlines()) if lane.world.exists() else 0
    log = lane.folder / "log.txt"
    ends = [ended(fork(lambda: give_goal(lane, kills[0], how), log))]
    ends += [ended(fork(partial(finish_goals, lane, at, how), log)) for at in kills[1:]]
    ended(fork(lambda: finish_goals(lane), log))
    told = json.loads((lane.folder / "told.json").read_text())
    done = lane.world.read_text().splitlines()[before:]
    return {"how": how, "kills": kills, "ends": ends, "world": done, **told}


def take_over(lane: Lane, at: int) -> dict[str, Any]:
    """Kill the owner at an event while another coordinator stands by, which finishes the goal."""
    log = lane.folder / "log.txt"
    before = len(lane.world.read_text().splitlines()) if lane.world.exists() else 0
    lane.owned.unlink(missing_ok=True)
    owner = fork(lambda: give_goal(lane, at, "before"), log)
    while not lane.owned.exists():
        if os.waitpid(owner, os.WNOHANG) != (0, 0):
            raise RuntimeError("the owner ended before it owned the ledger")
        time.sleep(_SOON_SECONDS)
    standby = fork(lambda: finish_goals(lane, is_standby=True), log)
    end = ended(owner)
    killed_at = time.time()
    ended(standby)
    told = json.loads((lane.folder / "told.json").read_text())
    done = lane.world.read_text().splitlines()[before:]
    return {"how": "standby", "kills": [at], "ends": [end], "killed_at": killed_at, "world": done, **told}


def enumerate_points(lane: Lane, share: Sequence[int]) -> None:
    """Live every point of a lane's share until the goal has no such event; every seventh is killed twice."""
    robots = fork(lambda: be_robots(lane), lane.folder / "robots.txt")
    try:
        with (lane.folder / "lives.jsonl").open("w") as lives:
            for point in share:
                life = live(lane, "before", point)
                lives.write(json.dumps(life) + "\n")
                if life["ends"] == ["survived"]:
                    break
                lives.write(json.dumps(live(lane, "after", point)) + "\n")
                if point % 7 == 1:
                    lives.write(json.dumps(live(lane, "before", point, 3 + point % 5)) + "\n")
                lives.flush()
            lives.write(json.dumps(take_over(lane, share[0] + 12)) + "\n")
    finally:
        os.kill(robots, signal.SIGKILL)
        os.waitpid(robots, 0)


def main(folder: Path, broker: str, ledger: str, lanes: int, stride: int) -> None:
    """Share the points among lanes, and print the lives."""
    children: dict[int, Lane] = {}
    for number in range(lanes):
        lane = Lane(folder / f"lane-{number}", broker, ledger, f"kill-{os.getpid()}-{number}")
        lane.folder.mkdir(parents=True)
        share = range(1 + number * stride, 1000, lanes * stride)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                enumerate_points(lane, share)
                status = 0
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                os._exit(status)
        children[child] = lane
    statuses = {lane: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, lane in children.items()}
    for lane, status in statuses.items():
        sys.stdout.write((lane.folder / "lives.jsonl").read_text())
        if status != 0:
            sys.stderr.write((lane.folder / "log.txt").read_text()[-4000:])
            raise SystemExit(f"{lane.site} failed with {status}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
