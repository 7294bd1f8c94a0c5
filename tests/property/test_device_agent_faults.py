"""Whatever the network does to orders, each is run at most once and ends in one final report."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from device_agent.drivers.simulated import SimulatedDriver
from inference.scripted_model import ScriptedModel
from protocol.messages import Report
from tests.device_agent_kit import DEVICE, agent_running, lamp, watching
from transport.clock import FakeClock
from transport.faults import Faults
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

ORDERS = 4


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 10**6),
    st.builds(
        Faults,
        loss=st.floats(0, 0.5),
        duplication=st.floats(0, 1),
        reordering=st.floats(0, 1),
        delay_seconds=st.floats(0, 2),
    ),
)
def test_each_order_runs_at_most_once_and_ends_once(seed: int, faults: Faults) -> None:
    asyncio.run(_conversation(seed, faults))


async def _conversation(seed: int, faults: Faults) -> None:
    clock = FakeClock()
    broker = InProcessBroker(clock=clock, seed=seed)
    driver = SimulatedDriver(lamp(), clock)
    model = ScriptedModel(lambda _: "C()")

    def ends(reports: list[Report]) -> dict[str | None, set[str]]:
        found: dict[str | None, set[str]] = {}
        for report in reports:
            if report.status.is_final:
                found.setdefault(report.subtask_id, set()).add(report.report_id)
        return found

    with tempfile.TemporaryDirectory() as folder:
        async with (
            InProcessBus(broker, "watcher", clock=clock) as bus,
            watching(bus, "main", clock) as wire,
            agent_running(
                lambda name, will: InProcessBus(broker, name, will=will, clock=clock),
                "main",
                Path(folder),
                model,
                clock,
                driver=driver,
            ) as running,
        ):
            broker.faults = faults
            for number in range(ORDERS):
                await wire.order("check presence", f"s{number}")
            for _ in range(200):
                await clock.advance(1)
                await asyncio.sleep(0.001)  # the model and the sandbox work in threads, on the real clock
                if len(ends(wire.reports())) == ORDERS:
                    break
            await clock.advance(60)
            finals = ends(wire.reports())
            assert set(finals) == {f"s{number}" for number in range(ORDERS)}
            assert all(len(report_ids) == 1 for report_ids in finals.values())
            assert all(report.device_id == DEVICE for report in wire.reports())
            assert len(driver.calls) <= ORDERS
            assert not running.task.done()
