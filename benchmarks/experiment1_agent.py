"""One device's agent in a process of its own, for experiment 1: its own models, its own memory, its machine over HTTP.

`parley agent` would load the models anew for each of hundreds of runs. This process loads them once and then, for each line of
JSON on its standard input, runs the same agent (`parley.agent_process.open_agent`) with a new, empty state. It answers each line
with one of its own: `ready` when the models are there, `cost` when a run is over.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.experiment1_costs import sandbox_seconds, thinking_seconds
from demos.warehouse.firmware import thing_description
from device_agent.agent import DeviceAgent
from device_agent.drivers.http_driver import HttpDriver
from device_agent.pipeline import Pipeline
from firmware_api_specs.loader import load
from inference.ports import Prompt
from parley.agent_process import Minds, open_agent, open_minds
from sandbox.session import type_check

FORGET = Prompt("-", "-", "-")
"""What a model is asked between runs, so that none of them finds its own prompt still in the model's cache."""


@dataclass(frozen=True, slots=True)
class AgentOrder:
    """What to run until the next line: whose agent, at which machine and site.

    Attributes:
        brand: the robot's.
    """

    device_id: str
    brand: str
    device_url: str
    broker_url: str
    site: str

    def line(self) -> bytes:
        """Write it as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"


STOP = b"null\n"
"""The line that ends a run."""


def warm_up(minds: Minds) -> None:
    """Start what starts at first use, and have the model forget the run before."""
    minds.model.generate(FORGET, maximum_tokens=1)
    minds.index.encoder.embed(["-"])
    type_check("", "")


async def _run(order: AgentOrder, minds: Minds, lines: asyncio.StreamReader) -> dict[str, float]:
    """Run an agent until the next line comes; returns the processor time of its language work."""
    description = load(thing_description(order.brand))
    await asyncio.to_thread(warm_up, minds)
    # Chroma and the words of this device's functions are read at first use, which is not part of any goal.
    pipeline = Pipeline(order.device_id, description, minds.model, minds.index)
    await asyncio.to_thread(pipeline.prepare)
    await asyncio.to_thread(minds.index.retrieve, order.device_id, "-", 1)
    with tempfile.TemporaryDirectory(prefix="parley-experiment1-") as folder:
        async with (
            HttpDriver(description, order.device_url) as driver,
            open_agent(
                order.device_id,
                driver.description,
                driver,
                minds,
                folder=Path(folder),
                broker_url=order.broker_url,
                site=order.site,
            ) as (agent, _),
        ):
            return await _until_told(agent, lines)


async def _until_told(agent: DeviceAgent, lines: asyncio.StreamReader) -> dict[str, float]:
    running = asyncio.create_task(agent.run())
    sandbox = sandbox_seconds()
    told = asyncio.create_task(lines.readline())
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    thinking = thinking_seconds().get(agent.device_id, 0.0)
    cost = {"language_seconds": thinking + sandbox_seconds() - sandbox}
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return cost


async def main() -> None:
    """Take orders until the input ends."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    with tempfile.TemporaryDirectory(prefix="parley-experiment1-") as folder:
        async with open_minds(Path(folder)) as minds:
            _say({"ready": True})
            while line := await lines.readline():
                _say(await _run(AgentOrder(**json.loads(line)), minds, lines))


def _say(what: dict[str, float]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
