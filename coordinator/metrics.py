"""What Prometheus can ask of a coordinator, counted from the ledger's events as they happen.

No label names a goal, a subtask or a device: their number has no end. Counters begin at zero with each start of the process,
as Prometheus expects; what must outlive a restart is in the ledger.
"""

from __future__ import annotations

from collections import Counter as CountOf
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from coordinator.goals import GoalStatus
from coordinator.ledger.events import Event, EventKind
from coordinator.records import Outcome
from coordinator.registry import Device

_GOAL_SECONDS: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_SUBTASK_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)
_PLANNING_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
_DEVICE_STATUSES: Final = ("available", "not_enrolled", "not_introduced", "offline", "lost", "unseen")


@dataclass(frozen=True, slots=True)
class Load:
    """How much a coordinator has on its hands at one moment.

    Attributes:
        goals: that have not ended.
        subtasks: whose end is not known.
        messages: that wait for the broker.
        events_not_durable: that are not on disk yet.
        ledger_seq: number of the newest event.
        approvals: questions that wait for a person.
        is_broker_connected: whether the broker can be reached.
        is_stopped: whether the emergency stop is engaged.
        epoch: of this start.
    """

    goals: int
    subtasks: int
    messages: int
    events_not_durable: int
    ledger_seq: int
    approvals: int
    is_broker_connected: bool
    is_stopped: bool
    epoch: int


class Metrics:
    """The counters of one coordinator, in a registry of its own. Register `take` as an observer of its events.

    Args:
        load: tells the load at this moment.
        devices: tells the devices.
    """

    def __init__(self, load: Callable[[], Load], devices: Callable[[], list[Device]]) -> None:
        self.registry = CollectorRegistry()
        goals = self._counter("parley_goals", "Goals that have ended.", "status")
        self._goals = {status.value: goals.labels(status.value) for status in GoalStatus if status.is_final}
        self._accepted = self._counter("parley_goals_accepted", "Goals that were accepted.")
        subtasks = self._counter("parley_subtasks", "Subtasks that have ended.", "outcome")
        self._subtasks = {outcome.value: subtasks.labels(outcome.value) for outcome in Outcome}
        self._goal_seconds = self._histogram("parley_goal_seconds", "How long goals took.", _GOAL_SECONDS)
        self._subtask_seconds = self._histogram(
            "parley_subtask_seconds",
            "How long subtasks took, from their order to their end.",
            _SUBTASK_SECONDS,
        )
        self._planning_seconds = self._histogram(
            "parley_planning_seconds", "From the acceptance of a goal to its plan.", _PLANNING_SECONDS
        )
        calls = self._counter("parley_model_calls", "Calls of language models.", "side")
        tokens = self._counter("parley_model_tokens", "Tokens of language models.", "side", "kind")
        seconds = self._counter("parley_model_seconds", "How long language models were waited for.", "side")
        self._models = {
            side: (
                calls.labels(side),
                tokens.labels(side, "prompt"),
                tokens.labels(side, "completion"),
                seconds.labels(side),
            )
            for side in ("planner", "devices")
        }
        self._began: dict[str, float] = {}
        self._unplanned: dict[str, float] = {}
        self.registry.register(_Present(load, devices))

    def take(self, event: Event) -> None:
        """Take in an event."""
        data, goal_id = event.data, event.goal_id or ""
        match event.kind:
            case EventKind.GOAL_ACCEPTED:
                self._accepted.inc()
                self._began[goal_id] = self._unplanned[goal_id] = event.at
            case EventKind.GOAL_PLANNED:
                if (accepted_at := self._unplanned.pop(goal_id, None)) is not None:
                    self._planning_seconds.observe(event.at - accepted_at)
                self._charge("planner", event)
            case EventKind.SUBTASK_ENDED:
                self._subtasks[data["outcome"]].inc()
                if data.get("subtask_id") is not None:
                    self._subtask_seconds.observe(data.get("seconds", 0.0))
                    self._charge("devices", event)
            case EventKind.GOAL_ENDED:
                self._goals[data["status"]].inc()
                self._unplanned.pop(goal_id, None)
                if (accepted_at := self._began.pop(goal_id, None)) is not None:
                    self._goal_seconds.observe(event.at - accepted_at)
            case _:
                pass

    def _charge(self, side: str, event: Event) -> None:
        calls, prompt, completion, seconds = self._models[side]
        calls.inc(event.data.get("model_calls", 0))
        prompt.inc(event.data.get("prompt_tokens", 0))
        completion.inc(event.data.get("completion_tokens", 0))
        seconds.inc(event.data.get("model_seconds", 0.0))

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, about, buckets=buckets, registry=self.registry)


class _Present(Collector):
    """What is true at the moment of asking."""

    def __init__(self, load: Callable[[], Load], devices: Callable[[], list[Device]]) -> None:
        self._load = load
        self._devices = devices

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Say nothing before it is asked: a registry collects once to learn the names otherwise."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Look now."""
        load = self._load()
        queues = GaugeMetricFamily(
            "parley_under_way", "What is under way or waits, by kind.", labels=["queue"]
        )
        for queue, length in (
            ("goals", load.goals),
            ("subtasks", load.subtasks),
            ("messages", load.messages),
            ("approvals", load.approvals),
        ):
            queues.add_metric([queue], length)
        yield queues
        yield _gauge("parley_ledger_seq", "Number of the newest event of the ledger.", load.ledger_seq)
        yield _gauge("parley_ledger_lag", "Events that are not on disk yet.", load.events_not_durable)
        yield _gauge("parley_broker_connected", "1 while the broker is there.", load.is_broker_connected)
        yield _gauge("parley_emergency_stop", "1 while the emergency stop is engaged.", load.is_stopped)
        yield _gauge("parley_epoch", "Number of this start of the site's coordinator.", load.epoch)
        counted = CountOf(_status(device) for device in self._devices())
        devices = GaugeMetricFamily("parley_devices", "Devices, by status.", labels=["status"])
        for status in _DEVICE_STATUSES:
            devices.add_metric([status], counted[status])
        yield devices


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _status(device: Device) -> str:
    if device.is_available:
        return "available"
    if device.status is None:
        return "unseen"
    if not device.is_online:
        return device.status.value
    return "not_introduced" if device.is_enrolled else "not_enrolled"
