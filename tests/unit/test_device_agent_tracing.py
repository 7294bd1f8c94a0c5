"""The span of a subtask is over before anybody hears how the subtask ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from inference.scripted_model import ScriptedModel
from protocol.messages import ReportStatus
from tests.device_agent_kit import agent_running, watching
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

SITE = "lab"


class BusThatNeverHearsBack(InProcessBus):
    """Hands the report of an end on and then waits for ever for the broker's word that it came."""

    async def publish(self, topic: str, payload: bytes, **how: Any) -> None:
        await super().publish(topic, payload, **how)
        if ReportStatus.COMPLETED.value.encode() in payload:
            await asyncio.Event().wait()


async def test_an_agent_switched_off_once_its_report_is_out_has_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("device_agent.tracing._tracer", provider.get_tracer("test"))
    clock = FakeClock()
    broker = InProcessBroker(clock=clock)
    async with (
        InProcessBus(broker, "watcher", clock=clock) as bus,
        watching(bus, SITE, clock) as watched,
        agent_running(
            lambda client, will: BusThatNeverHearsBack(broker, client, will=will, clock=clock),
            SITE,
            tmp_path,
            ScriptedModel(["C()"]),
            clock,
        ) as running,
    ):
        await watched.order("Check the presence.")
        await watched.report("s1", ReportStatus.COMPLETED)
        await running.stop()
    statuses = {span.name: span.status.status_code for span in exporter.get_finished_spans()}
    assert {"subtask", "run", "call"} <= statuses.keys()
    assert StatusCode.ERROR not in statuses.values()
