"""What an agent tells Prometheus, over HTTP."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from device_agent.events import AgentEvent, AgentEventKind
from parley.agent_metrics import AgentMetrics, metrics_served
from protocol.errors import OperatorError
from protocol.messages import Report, ReportStatus


def event(kind: AgentEventKind, at: float, report: Report | None = None) -> AgentEvent:
    return AgentEvent(kind, "lamp-1", "s1", "text", at, report=report)


def report(status: ReportStatus) -> Report:
    return Report(
        report_id="r1",
        device_id="lamp-1",
        session=1,
        subtask_id="s1",
        status=status,
        sentence="Done.",
        model_calls=2,
        prompt_tokens=90,
        completion_tokens=8,
        model_seconds=0.5,
        at=1.0,
    )


def test_subtasks_are_counted_and_served_without_ids() -> None:
    metrics = AgentMetrics()
    metrics.take(event(AgentEventKind.SUBTASK_RECEIVED, 10.0))
    metrics.take(event(AgentEventKind.PROGRAM_WRITTEN, 11.0))
    metrics.take(event(AgentEventKind.FINISHED, 14.0, report(ReportStatus.COMPLETED)))
    metrics.take(event(AgentEventKind.FINISHED, 15.0, report(ReportStatus.FAILED)))
    agent = SimpleNamespace(
        enrolled=SimpleNamespace(is_set=lambda: True), counters={"stale_epoch": 3, "bad_message": 1}
    )
    metrics.watch(cast("Any", agent), cast("Any", SimpleNamespace(is_connected=True)))
    with metrics_served(metrics, "127.0.0.1", 0) as port:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    lines = set(text.splitlines())
    assert {
        'parley_agent_subtasks_total{status="completed"} 1.0',
        'parley_agent_subtasks_total{status="failed"} 1.0',
        'parley_agent_subtasks_total{status="cancelled"} 0.0',
        "parley_agent_programs_total 1.0",
        "parley_agent_subtask_seconds_sum 4.0",
        "parley_agent_subtask_seconds_count 1.0",
        "parley_agent_model_calls_total 4.0",
        'parley_agent_model_tokens_total{kind="prompt"} 180.0',
        "parley_agent_model_seconds_total 1.0",
        "parley_agent_broker_connected 1.0",
        "parley_agent_enrolled 1.0",
        'parley_agent_odd_messages_total{reason="stale_epoch"} 3.0',
        'parley_agent_odd_messages_total{reason="double"} 0.0',
    } <= lines
    assert "lamp-1" not in text
    assert "s1" not in text


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(OperatorError, match=f"port {port}"),
            metrics_served(AgentMetrics(), "127.0.0.1", port),
        ):
            pass
