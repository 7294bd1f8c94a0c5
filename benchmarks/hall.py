"""A simulated hall with its dashboard in a process of its own, for pictures and for tests in a browser."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demos.warehouse.floor import bundled
from demos.warehouse.stage import StageOptions, open_stage
from protocol.errors import OperatorError

_STOP_SECONDS = 20.0


@contextmanager
def running_hall(*, robots: int = 4, time_scale: float = 10.0) -> Iterator[str]:
    """Run a hall; gives the address of its coordinator.

    Args:
        robots: how many.
        time_scale: simulated seconds in one real second.

    Raises:
        OperatorError: it did not start; its own output says why.
    """
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "benchmarks.hall", f"--robots={robots}", f"--time-scale={time_scale}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the hall has no pipes")
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise OperatorError("The hall did not start.", remedy="Its own output above says why.")
        yield url
    finally:
        process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


async def _run(robots: int, time_scale: float) -> None:
    plan = bundled()
    options = StageOptions(
        robots=robots, shelves=len(plan.shelves), plan=plan, time_scale=time_scale, with_pages=True
    )
    async with open_stage(options) as stage:
        print(stage.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Run until standard input ends; `running_hall` does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--robots", type=int, required=True)
    parser.add_argument("--time-scale", type=float, required=True)
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.robots, arguments.time_scale))


if __name__ == "__main__":
    main()
