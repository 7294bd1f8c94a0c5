"""One trace from a goal to the calls on two machines, over a real mosquitto; and what spans never hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from coordinator.goals import GoalStatus
from coordinator.main import Settings, open_coordinator
from device_agent.agent import DeviceAgent, client_id, lost_will
from device_agent.drivers.simulated import SimulatedDriver, SimulatedFaults
from device_agent.store import AgentStore
from firmware_api_specs.names import leaked_names, names
from inference.scripted_model import ScriptedModel
from tests.device_agent_kit import WordIndex, silent_lamp
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus

pytestmark = pytest.mark.broker
CLOCK = SystemClock()
GOAL = "Please check the presence at all lamps."


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Collects every span of the process; the process's own provider stays as it is."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    for module in ("device_agent.tracing", "inference.metering"):
        monkeypatch.setattr(f"{module}._tracer", provider.get_tracer(module))
    yield exporter
    provider.shutdown()


@asynccontextmanager
async def lamp_agent(
    url: str, site: str, folder: Path, name: str, faults: SimulatedFaults | None = None
) -> AsyncIterator[None]:
    description = silent_lamp()
    async with AsyncExitStack() as stack:
        store = stack.enter_context(AgentStore(folder / name))
        will = lost_will(site, name, store.session, CLOCK)
        bus = await stack.enter_async_context(MqttBus(url, client_id(site, name), will=will, clock=CLOCK))
        agent = DeviceAgent(
            name,
            description,
            bus,
            SimulatedDriver(description, CLOCK, {"pruefe_anwesenheit": "BELEGT"}, faults),
            ScriptedModel(["C()"]),
            WordIndex(),
            store,
            clock=CLOCK,
            site=site,
        )
        running = asyncio.create_task(agent.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait({running})


async def spans_of_a_goal(
    tmp_path: Path, broker: str, site: str, exporter: InMemorySpanExporter, faults: SimulatedFaults
) -> list[ReadableSpan]:
    settings = Settings(broker_url=broker, state_dir=tmp_path, site_name=site, open_enrolment=True)
    async with (
        open_coordinator(settings, ScriptedModel(["every lamp / check presence"])) as coordinator,
        lamp_agent(broker, site, tmp_path, "lamp-1"),
        lamp_agent(broker, site, tmp_path, "lamp-2", faults),
    ):
        assert await coordinator.wait_for_devices(2, timeout_seconds=10)
        async with asyncio.timeout(20):
            goal = await coordinator.wait(coordinator.submit(GOAL).goal_id)
        assert goal.status is (GoalStatus.PARTIAL if faults.failing else GoalStatus.COMPLETED)
    return list(exporter.get_finished_spans())


def tree(spans: list[ReadableSpan]) -> dict[str, list[str]]:
    """Return the path from the root to each span by name, once for each span."""
    by_id = {span.context.span_id: span for span in spans}

    def path(span: ReadableSpan) -> str:
        if span.parent is None:
            return span.name
        return f"{path(by_id[span.parent.span_id])}/{span.name}"

    paths: dict[str, list[str]] = {}
    for span in spans:
        device = str((span.attributes or {}).get("parley.device_id", ""))
        paths.setdefault(path(span), []).append(device)
    return paths


async def test_a_goal_over_two_devices_is_one_trace(
    tmp_path: Path, broker: str, site: str, exporter: InMemorySpanExporter
) -> None:
    spans = await spans_of_a_goal(tmp_path, broker, site, exporter, SimulatedFaults())
    assert len({span.context.trace_id for span in spans}) == 1
    paths = tree(spans)
    agent = "goal/step/subtask/subtask"
    assert {name: len(found) for name, found in paths.items()} == {
        "goal": 1,
        "goal/plan": 1,
        "goal/plan/model": 1,
        "goal/step": 1,
        "goal/step/subtask": 2,
        agent: 2,
        f"{agent}/retrieve": 2,
        f"{agent}/generate": 2,
        f"{agent}/generate/model": 2,
        f"{agent}/verify": 2,
        f"{agent}/run": 2,
        f"{agent}/run/call": 2,
    }
    assert sorted(paths[agent]) == sorted(paths["goal/step/subtask"]) == ["lamp-1", "lamp-2"]
    for span in spans:
        assert span.status.is_ok or span.status.status_code is trace.StatusCode.UNSET, span.name
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.start_time <= span.end_time
    (goal,) = [span for span in spans if span.name == "goal"]
    assert goal.attributes is not None
    assert goal.attributes["parley.goal"] == GOAL
    assert goal.attributes["parley.status"] == "completed"
    (call, _) = [span for span in spans if span.name == "call"]
    assert call.attributes is not None
    assert call.attributes["parley.step"] == "Check presence"


async def test_what_fails_is_marked_up_to_the_goal_and_no_span_names_the_api(
    tmp_path: Path, broker: str, site: str, exporter: InMemorySpanExporter
) -> None:
    faults = SimulatedFaults(failing={"pruefe_anwesenheit"})
    spans = await spans_of_a_goal(tmp_path, broker, site, exporter, faults)
    failed = [span.name for span in spans if span.status.status_code is trace.StatusCode.ERROR]
    assert sorted(set(failed)) == ["call", "goal", "run", "subtask"]
    assert failed.count("subtask") == 2
    text = "\n".join(span.to_json() for span in spans)
    assert "lamp-2" in text
    assert not leaked_names(text, names(silent_lamp()))
