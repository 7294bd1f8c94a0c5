"""docs/observability.md shows what people really see: commands, metrics and the shape of a trace."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from device_agent.drivers.simulated import SimulatedFaults
from parley.agent_metrics import AgentMetrics, metrics_served
from tests.coordinator_fakes import SILENT, vacancy
from tests.integration.test_cli_watch import tell_attributes
from tests.integration.test_traces_over_mqtt import exporter, spans_of_a_goal, tree
from tests.operate_kit import scene

__all__ = ["exporter"]

pytestmark = pytest.mark.broker

PAGE = Path("docs/observability.md").read_text("utf-8")
BLOCK = re.compile(r"^```console\n\$ parley (\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
WHAT_DIFFERS = (
    (re.compile(r"goal-[0-9a-f]{12}"), "GOAL"),
    (re.compile(r"\d{2}:\d{2}:\d{2}"), "TIME"),
    (re.compile(r"\d+\.\d s\b"), "SECONDS"),
)


def same(text: str) -> list[str]:
    for pattern, word in WHAT_DIFFERS:
        text = pattern.sub(word, text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


async def test_the_commands_print_what_the_page_shows(
    tmp_path: Path, broker: str, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    shown = dict(BLOCK.findall(PAGE))
    assert set(shown) == {"goals", "goal", "log", "devices"}
    async with scene(tmp_path, broker, site) as here:
        here.robot.behaviour = lambda _: vacancy(True)
        goal_id = await here.begin()
        await here.end(goal_id)
        for command, arguments in (("goals", ()), ("goal", (goal_id,)), ("log", (goal_id,))):
            assert same(await here.parley(command, *arguments)) == same(shown[command]), command
        await tell_attributes(here)
        here.robot.behaviour = lambda _: SILENT
        await here.begin()
        assert same(await here.parley("devices")) == same(shown["devices"])


async def test_the_page_lists_every_metric_and_no_other(tmp_path: Path, broker: str, site: str) -> None:
    listed = set(re.findall(r"^\| `(parley_\w+)` \|", PAGE, re.MULTILINE))
    async with scene(tmp_path, broker, site) as here, httpx.AsyncClient() as client:
        text = (await client.get(f"{here.url}/metrics")).text
    told = set(re.findall(r"^# TYPE (\w+) (?!gauge$)", text, re.MULTILINE))
    told |= {
        name for name in re.findall(r"^# TYPE (\w+) gauge$", text, re.MULTILINE) if "_created" not in name
    }
    assert {name for name in listed if not name.startswith("parley_agent_")} == told
    with metrics_served(AgentMetrics(), "127.0.0.1", 0) as port:
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    counted = {name for name in re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE) if "_created" not in name}
    present = {"parley_agent_broker_connected", "parley_agent_enrolled", "parley_agent_odd_messages_total"}
    assert {name for name in listed if name.startswith("parley_agent_")} == counted | present


async def test_a_trace_has_the_shape_that_the_page_draws(
    tmp_path: Path, broker: str, site: str, exporter: InMemorySpanExporter
) -> None:
    (drawing,) = re.findall(r"^```text\n(goal\n.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    drawn: list[str] = []
    path: list[str] = []
    for line in drawing.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        path[depth:] = [line.split()[0]]
        drawn.append("/".join(path))
    spans = await spans_of_a_goal(tmp_path, broker, site, exporter, SimulatedFaults())
    made = [name for name, found in tree(spans).items() for _ in found]
    assert sorted(drawn) == sorted(made)
