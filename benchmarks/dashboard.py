"""Measures the dashboard under load: robots that all move, on a map that shows them five times a second, in a real browser.

`python -m benchmarks.dashboard [--robots 100]` serves the pages of a coordinator with that many devices, in a process of its
own, over a hall of that many robots, and looks at them in a browser: while nobody moves, and while all of them do. It prints
how many states of the map were drawn in a second, the longest task of the page's main thread, how long a key takes to be
seen in the chat's field, and how much of a processor server and browser take; each also as a ratio to the page at rest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from fastapi import FastAPI
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from benchmarks.browser import open_browser
from benchmarks.fleet import enrol, fleet
from benchmarks.fleet_devices import SITE
from coordinator.app import create_app
from coordinator.main import Settings, open_coordinator
from dashboard.install import install
from demos.warehouse.firmware import build_fleet
from demos.warehouse.floor import grid
from demos.warehouse.state import RefusedError
from demos.warehouse.view import WorldFloor
from demos.warehouse.world import WarehouseWorld
from inference.scripted_model import ScriptedModel
from parley.serving import serving
from transport.broker import ManagedBroker
from transport.clock import SystemClock

_KEYS = 20
_WAIT_SECONDS = 60.0
# Every robot looks for its first way at once; that is the world's work, not the page's.
_SETTLE_SECONDS = 3.0
_AISLES, _SHELVES_PER_AISLE, _STATIONS = 10, 12, 6
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# What the page has had to do since the last time it was asked.
_WATCH = """
window.watched = {tasks: [], keys: [], frames: 0};
new PerformanceObserver((list) => { for (const one of list.getEntries()) watched.tasks.push(one.duration); })
  .observe({type: "longtask"});
document.getElementById("message").addEventListener("keydown", (event) => {
  const began = event.timeStamp;
  // The second frame begins when the first, which shows the key, is on its way to the screen.
  requestAnimationFrame(() => requestAnimationFrame(() => watched.keys.push(performance.now() - began)));
});
"""
_TAKE = """
const frames = (window.parleyFrames || []).filter((at) => at > arguments[0]).length;
const found = {tasks: watched.tasks, keys: watched.keys, frames,
  moving: document.querySelectorAll("#map .mover.working").length};
watched.tasks = []; watched.keys = [];
return found;
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the page in one stretch of time.

    Attributes:
        robots_moving: that were on their way at the end.
        frames_per_second: states of the map that were drawn.
        longest_task_milliseconds: of the page's main thread; 0 where none took 50 ms, which is what counts as long.
        key_milliseconds: from a key to the picture after the one that shows it: the median.
        slowest_key_milliseconds: the same, the slowest one.
        server_cpu: processors that the server took.
        browser_cpu: processors that the browser took, with all its processes.
    """

    robots_moving: int
    frames_per_second: float
    longest_task_milliseconds: float
    key_milliseconds: float
    slowest_key_milliseconds: float
    server_cpu: float
    browser_cpu: float


async def serve(robots: int, devices: int) -> None:
    """Serve the pages, print their address, and let robots move or rest as standard input says, until that ends."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="parley-dashboard-")))
        broker = (await stack.enter_async_context(ManagedBroker())).url
        settings = Settings(broker_url=broker, state_dir=folder, site_name=SITE, open_enrolment=True)
        await enrol(settings, devices)
        coordinator = await stack.enter_async_context(open_coordinator(settings, ScriptedModel([])))
        await stack.enter_async_context(fleet(broker, devices, has_own_connections=False))
        plan = grid(_AISLES, _SHELVES_PER_AISLE, _STATIONS, robots)
        names = [f"robot-{number:05d}" for number in range(robots)]
        world = WarehouseWorld(
            len(plan.shelves), names, seed=0, clock=SystemClock(), time_scale=1.0, plan=plan
        )
        app = create_app(coordinator)
        address: list[str] = []
        pages = install(app, lambda: address[0], floor=WorldFloor(world, build_fleet(world)))
        moving = _add_moving(app, world)
        stack.push_async_callback(moving.stop)
        address.append(await stack.enter_async_context(serving(app, "127.0.0.1", 0)))
        stack.push_async_callback(pages.close)
        print(address[0], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


class _Moving:
    """Keeps every robot on its way from shelf to shelf."""

    def __init__(self, world: WarehouseWorld) -> None:
        self._world = world
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._go(name)) for name in self._world.robots]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for name in self._world.robots:
            self._world.halt(name)

    async def _go(self, name: str) -> None:
        source = random.Random(name)
        shelves = list(self._world.shelves)
        while True:
            # Who finds the way taken looks for another one.
            with suppress(RefusedError):
                await self._world.drive_to_shelf(name, source.choice(shelves))
            await asyncio.sleep(0)


def _add_moving(app: FastAPI, world: WarehouseWorld) -> _Moving:
    moving = _Moving(world)
    app.post("/bench/move", status_code=204)(moving.start)
    app.post("/bench/rest", status_code=204)(moving.stop)
    return moving


@contextmanager
def _server(robots: int, devices: int) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [
            sys.executable,
            "-m",
            "benchmarks.dashboard",
            "--serve",
            f"--robots={robots}",
            f"--devices={devices}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the server has no pipes")
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def measure(robots: int, devices: int, seconds: float) -> dict[str, Seen]:
    """Look at the page while nobody moves, while all robots do, and while nobody moves again."""
    with _server(robots, devices) as (url, server), open_browser() as browser:
        browser.get(f"{url}/ui/")
        WebDriverWait(browser, _WAIT_SECONDS).until(
            lambda _: len(browser.find_elements(By.CSS_SELECTOR, "#map .mover")) == robots
        )
        browser.execute_script(_WATCH)
        seen = {"at rest": _look(browser, server, seconds)}
        httpx.post(f"{url}/bench/move")
        WebDriverWait(browser, _WAIT_SECONDS).until(
            lambda _: browser.find_elements(By.CSS_SELECTOR, "#map .mover.working")
        )
        time.sleep(_SETTLE_SECONDS)
        seen["all moving"] = _look(browser, server, seconds)
        httpx.post(f"{url}/bench/rest", timeout=_WAIT_SECONDS)
        return seen


def _look(browser: Chrome, server: int, seconds: float) -> Seen:
    pids = [browser.service.process.pid]
    field = browser.find_element(By.ID, "message")
    began_at = browser.execute_script("return performance.now()")
    browser.execute_script(_TAKE, began_at)
    began, server_cpu, browser_cpu = time.monotonic(), _cpu_seconds([server]), _cpu_seconds(pids)
    for _ in range(_KEYS):
        field.send_keys("a")
        time.sleep(seconds / _KEYS)
    took = time.monotonic() - began
    server_cpu, browser_cpu = _cpu_seconds([server]) - server_cpu, _cpu_seconds(pids) - browser_cpu
    found = browser.execute_script(_TAKE, began_at)
    return Seen(
        robots_moving=found["moving"],
        frames_per_second=found["frames"] / took,
        longest_task_milliseconds=max(found["tasks"], default=0.0),
        key_milliseconds=median(found["keys"]),
        slowest_key_milliseconds=max(found["keys"]),
        server_cpu=server_cpu / took,
        browser_cpu=browser_cpu / took,
    )


def _cpu_seconds(roots: list[int]) -> float:
    """Return the processor time of processes and of everything below them; of the ended ones as far as they were waited for."""
    parent_of: dict[int, int] = {}
    used: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name, in brackets, may hold anything.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parent_of[int(entry.name)] = int(fields[1])
                used[int(entry.name)] = sum(int(field) for field in fields[11:15])
    total, waiting = 0, list(roots)
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0)
        waiting += [child for child, parent in parent_of.items() if parent == pid]
    return total / _TICKS_PER_SECOND


def table(seen: dict[str, Seen]) -> str:
    """Return the figures as text, with the ratio of moving to rest."""
    rest, moving = seen["at rest"], seen["all moving"]
    lines = [f"{'':32}{'at rest':>10}{'moving':>10}{'ratio':>8}"]
    for name in asdict(rest):
        before, after = getattr(rest, name), getattr(moving, name)
        ratio = f"{after / before:.1f}" if before else "-"
        lines.append(f"{name.replace('_', ' '):32}{before:>10.2f}{after:>10.2f}{ratio:>8}")
    return "\n".join(lines)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--robots", type=int, default=100)
    parser.add_argument("--devices", type=int, help="in the list; default: as many as robots")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to look, each time")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--serve", action="store_true", help="only serve: the measurement starts this itself")
    arguments = parser.parse_args()
    devices = arguments.devices or arguments.robots
    if arguments.serve:
        asyncio.run(serve(arguments.robots, devices))
        return
    seen = measure(arguments.robots, devices, arguments.seconds)
    print(f"{arguments.robots} robots on the map, {devices} devices in the list\n{table(seen)}")
    if arguments.json:
        print(json.dumps({name: asdict(one) for name, one in seen.items()}))


if __name__ == "__main__":
    main()
