"""An agent says of a program whether it only looks: that alone may be run again elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_agent.pipeline import Program
from device_agent.repeatable import only_looks
from inference.scripted_model import ScriptedModel
from protocol.messages import ReportStatus
from tests.device_agent_kit import agent_running, silent_lamp, watching
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.ports import Will

LAMP = silent_lamp()
LOOKS = tuple(each.name for each in LAMP.affordances() if each.action.safe)
MOVES = tuple(each.name for each in LAMP.affordances() if not each.action.safe)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"{LOOKS[0]}()\n", True),
        (f"{MOVES[0]}(1)\n", False),
        (f"seen = {LOOKS[0]}()\nif seen:\n    {MOVES[0]}(1)\n", False),
        ("done = 1\n", True),
    ],
)
def test_only_calls_that_are_declared_safe_look(source: str, expected: bool) -> None:
    program = Program(source, (*LOOKS, *MOVES), 1, 1.0)
    assert only_looks(program, LAMP) is expected


async def test_reports_say_it_from_the_moment_when_there_is_a_program(
    tmp_path: Path, site: str, clock: FakeClock
) -> None:
    broker = InProcessBroker(clock=clock)

    def make_bus(client_id: str, will: Will) -> InProcessBus:
        return InProcessBus(broker, client_id, will=will, session_expiry_seconds=600, clock=clock)

    async with (
        InProcessBus(broker, "watcher", clock=clock) as bus,
        watching(bus, site, clock) as watched,
        agent_running(make_bus, site, tmp_path, ScriptedModel(["A( 5| _)"]), clock),
    ):
        await watched.order("set the brightness to 5")
        await watched.report("s1", ReportStatus.COMPLETED)
        said = [report.is_repeatable for report in watched.reports("s1")]
    assert said[0] is None
    assert said[1:] == [False] * (len(said) - 1)
    assert len(said) >= 3
