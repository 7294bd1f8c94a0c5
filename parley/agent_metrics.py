"""What Prometheus can ask of an agent: `parley agent --metrics-port`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from device_agent.agent import DeviceAgent
from device_agent.events import AgentEvent, AgentEventKind
from protocol.errors import OperatorError
from protocol.messages import ReportStatus
from transport.mqtt_bus import MqttBus

_SUBTASK_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)


class AgentMetrics:
    """The counters of one agent, in a registry of its own. Give `take` to the agent as its observer."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        subtasks = Counter(
            "parley_agent_subtasks", "Subtasks that have ended.", ["status"], registry=self.registry
        )
        self._subtasks = {
            status.value: subtasks.labels(status.value) for status in ReportStatus if status.is_final
        }
        self._programs = Counter("parley_agent_programs", "Programs that were run.", registry=self.registry)
        self._seconds = Histogram(
            "parley_agent_subtask_seconds",
            "How long subtasks took, from their arrival to their end.",
            buckets=_SUBTASK_SECONDS,
            registry=self.registry,
        )
        self._calls = Counter(
            "parley_agent_model_calls", "Calls of the language model.", registry=self.registry
        )
        tokens = Counter(
            "parley_agent_model_tokens", "Tokens of the language model.", ["kind"], registry=self.registry
        )
        self._prompt_tokens, self._completion_tokens = tokens.labels("prompt"), tokens.labels("completion")
        self._model_seconds = Counter(
            "parley_agent_model_seconds",
            "How long the language model was waited for.",
            registry=self.registry,
        )
        self._received: dict[str, float] = {}

    def take(self, event: AgentEvent) -> None:
        """Take in what the agent did."""
        if event.kind is AgentEventKind.SUBTASK_RECEIVED:
            self._received[event.subtask_id] = event.at
        elif event.kind is AgentEventKind.PROGRAM_WRITTEN:
            self._programs.inc()
        elif event.kind is AgentEventKind.FINISHED and event.report is not None:
            report = event.report
            self._subtasks[report.status.value].inc()
            self._calls.inc(report.model_calls)
            self._prompt_tokens.inc(report.prompt_tokens)
            self._completion_tokens.inc(report.completion_tokens)
            self._model_seconds.inc(report.model_seconds)
            # One that was received before a restart is not measured.
            if (received_at := self._received.pop(event.subtask_id, None)) is not None:
                self._seconds.observe(event.at - received_at)

    def watch(self, agent: DeviceAgent, bus: MqttBus) -> None:
        """Tell also what is true of the agent at the moment of asking."""
        self.registry.register(_Present(agent, bus))


class _Present(Collector):
    def __init__(self, agent: DeviceAgent, bus: MqttBus) -> None:
        self._agent = agent
        self._bus = bus

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        yield GaugeMetricFamily(
            "parley_agent_broker_connected", "1 while the broker is there.", value=self._bus.is_connected
        )
        yield GaugeMetricFamily(
            "parley_agent_enrolled",
            "1 once the coordinator has let the device in.",
            value=self._agent.enrolled.is_set(),
        )
        odd = CounterMetricFamily(
            "parley_agent_odd_messages", "Messages that were not obeyed, by reason.", labels=["reason"]
        )
        counters: Mapping[str, int] = dict(self._agent.counters)
        for reason in ("bad_message", "stale_epoch", "repeated_subtask", "expired_subtask", "double"):
            odd.add_metric([reason], counters.get(reason, 0))
        yield odd


@contextmanager
def metrics_served(metrics: AgentMetrics, host: str, port: int) -> Iterator[int]:
    """Serve `/metrics` from a thread while the context is open; yields the port.

    Args:
        metrics: what to serve.
        host: address to listen on.
        port: 0 takes a free one.

    Raises:
        OperatorError: the address cannot be used.
    """
    try:
        server, thread = start_http_server(port, host, metrics.registry)
    except OSError as error:
        raise OperatorError(
            f"Cannot serve metrics on {host} port {port}: {error.strerror or error}.",
            remedy="Choose another port with --metrics-port.",
        ) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
