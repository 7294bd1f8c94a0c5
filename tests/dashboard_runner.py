"""Runs a simulated hall with its dashboard until standard input ends: `python -m tests.dashboard_runner`."""

from __future__ import annotations

import asyncio
import sys

from demos.warehouse.floor import bundled
from demos.warehouse.stage import StageOptions, open_stage

ROBOTS = 4


async def main() -> None:
    plan = bundled()
    options = StageOptions(
        robots=ROBOTS, shelves=len(plan.shelves), plan=plan, time_scale=10.0, with_pages=True
    )
    async with open_stage(options) as stage:
        sys.stdout.write(f"{stage.url}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
