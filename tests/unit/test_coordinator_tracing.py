"""Spans made of events: their order, their ends, and what happens without an SDK or after a restart."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer, StatusCode, Tracer

from coordinator.ledger.events import Event, EventKind
from coordinator.tracing import GoalTracer

PLAN = {"steps": ["every lamp / shine"], "model_calls": 1}


class Recorded:
    """A tracer and what it made."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer: Tracer = provider.get_tracer("test")
        self.goals = GoalTracer(self.tracer)
        self.at = 100.0
        self.seq = 0

    def take(self, kind: EventKind, goal_id: str | None = "goal-1", **data: Any) -> None:
        self.seq += 1
        self.at += 1
        self.goals.take(Event(self.seq, self.at, goal_id, kind, data))

    def assigned(self, subtask_id: str, step: int = 0) -> None:
        self.take(
            EventKind.SUBTASK_ASSIGNED,
            subtask_id=subtask_id,
            device_id="lamp-1",
            sentence="Shine.",
            step=step,
        )

    def spans(self) -> dict[str, tuple[float, float]]:
        return {
            span.name: ((span.start_time or 0) / 1e9, (span.end_time or 0) / 1e9)
            for span in self.exporter.get_finished_spans()
        }


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def test_spans_begin_and_end_when_the_events_say(recorded: Recorded) -> None:
    recorded.take(EventKind.GOAL_ACCEPTED, goal="Shine.")
    recorded.take(EventKind.GOAL_PLANNED, **PLAN)
    recorded.take(EventKind.STEP_EXPANDED, step=0, assignments=[])
    recorded.assigned("s1")
    assert set(recorded.goals.properties_of("s1")) == {"traceparent"}
    recorded.take(EventKind.SUBTASK_SENT, subtask_id="s1")
    recorded.take(EventKind.REPORT, subtask_id="s1", status="ongoing")
    recorded.take(EventKind.SUBTASK_ENDED, subtask_id="s1", outcome="completed")
    assert recorded.goals.properties_of("s1") == {}
    recorded.take(EventKind.GOAL_ENDED, status="completed")
    assert recorded.spans() == {
        "plan": (101.0, 102.0),
        "subtask": (104.0, 107.0),
        "step": (103.0, 107.0),
        "goal": (101.0, 108.0),
    }
    (subtask,) = [span for span in recorded.exporter.get_finished_spans() if span.name == "subtask"]
    assert [event.name for event in subtask.events] == ["sent", "ongoing"]


def test_a_goal_that_ends_early_leaves_no_span_open(recorded: Recorded) -> None:
    recorded.take(EventKind.GOAL_ACCEPTED, goal="Shine.")
    recorded.assigned("s1")
    recorded.take(EventKind.GOAL_ENDED, status="cancelled")
    assert set(recorded.spans()) == {"goal", "plan", "step", "subtask"}
    assert recorded.goals.properties_of("s1") == {}
    goal = next(span for span in recorded.exporter.get_finished_spans() if span.name == "goal")
    assert goal.status.status_code is StatusCode.ERROR


def test_a_coordinator_that_was_started_anew_goes_on_with_a_trace_of_its_own(recorded: Recorded) -> None:
    recorded.assigned("s1")
    assert recorded.goals.properties_of("s1")
    recorded.take(EventKind.SUBTASK_ENDED, subtask_id="s1", outcome="silent")
    recorded.take(EventKind.GOAL_ENDED, status="failed")
    assert set(recorded.spans()) == {"goal", "step", "subtask"}


@pytest.mark.parametrize("kind", [EventKind.SUBTASK_ENDED, EventKind.REPORT, EventKind.GOAL_ENDED])
def test_what_comes_after_the_end_begins_nothing(recorded: Recorded, kind: EventKind) -> None:
    recorded.take(kind, subtask_id="s1", outcome="completed", status="completed")
    assert recorded.goals._goals == {}
    assert recorded.spans() == {}


def test_events_of_the_site_make_no_span(recorded: Recorded) -> None:
    recorded.take(EventKind.DEVICE, None, device_id="lamp-1")
    recorded.take(EventKind.STANDING_FIRED, "standing-1")
    assert recorded.goals._goals == {}


async def test_what_is_measured_while_planning_is_part_of_the_plan(recorded: Recorded) -> None:
    recorded.take(EventKind.GOAL_ACCEPTED, goal="Shine.")
    with recorded.goals.planning("goal-1"), recorded.tracer.start_as_current_span("model"):
        pass
    with recorded.goals.planning("unknown"):
        pass
    recorded.take(EventKind.GOAL_PLANNED, **PLAN)
    model, plan = recorded.exporter.get_finished_spans()
    assert model.parent is not None
    assert model.parent.span_id == plan.context.span_id


def test_without_an_sdk_nothing_is_kept_and_nothing_is_sent_along() -> None:
    recorded = Recorded()
    recorded.goals = GoalTracer(NoOpTracer())
    recorded.take(EventKind.GOAL_ACCEPTED, goal="Shine.")
    recorded.assigned("s1")
    assert recorded.goals._goals == {}
    assert recorded.goals.properties_of("s1") == {}
