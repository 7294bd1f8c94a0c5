"""Spans of goals, for OpenTelemetry, made of the ledger's events: goal → plan, goal → step → subtask.

What goals do is written down anyway, so nothing that pursues them needs to know of spans. A subtask's span goes along with its
order in the user properties of the message, and the agent's spans hang below it. Without an SDK (see `parley.telemetry`) the
first goal finds that out, and from then on an event costs one comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from coordinator.ledger.events import Event, EventKind
from coordinator.records import Outcome
from transport.ports import NO_PROPERTIES

_NANOSECONDS = 1_000_000_000
_propagator = TraceContextTextMapPropagator()
# After any of these a goal will end; what comes of an ended one must not begin a span that nobody ends.
_BEGINNINGS = frozenset(
    {
        EventKind.GOAL_ACCEPTED,
        EventKind.GOAL_PLANNED,
        EventKind.STEP_EXPANDED,
        EventKind.SUBTASK_ASSIGNED,
    }
)


@dataclass(slots=True)
class _Goal:
    """The spans of a goal that have not ended, and when each step was heard of last."""

    span: Span
    plan: Span | None = None
    steps: dict[int, Span] = field(default_factory=dict)
    step_at: dict[int, float] = field(default_factory=dict)
    subtasks: dict[str, tuple[int, Span]] = field(default_factory=dict)


class GoalTracer:
    """Turns events into spans; register `take` as an observer of the ledger.

    Args:
        tracer: makes the spans; the process's own when None.
    """

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer or trace.get_tracer("parley.coordinator")
        self._is_off = False
        self._goals: dict[str, _Goal] = {}
        self._subtasks: dict[str, Span] = {}

    def take(self, event: Event) -> None:
        """Take in an event."""
        if self._is_off or event.goal_id is None or event.kind not in _HANDLERS:
            return
        goal = self._goals.get(event.goal_id) or self._begin(event.goal_id, event)
        if goal is not None:
            _HANDLERS[event.kind](self, goal, event)

    def properties_of(self, subtask_id: str) -> Mapping[str, str]:
        """Return the user properties that tell a device which trace a subtask belongs to; none where there is no trace."""
        span = self._subtasks.get(subtask_id)
        if span is None:
            return NO_PROPERTIES
        carrier: dict[str, str] = {}
        _propagator.inject(carrier, context=trace.set_span_in_context(span, Context()))
        return carrier

    @contextmanager
    def planning(self, goal_id: str) -> Iterator[None]:
        """Have what is measured within, such as the calls of the model, be part of a goal's plan."""
        goal = self._goals.get(goal_id)
        if goal is None or goal.plan is None:
            yield
            return
        with trace.use_span(goal.plan, record_exception=False, set_status_on_exception=False):
            yield

    def _begin(self, goal_id: str, event: Event) -> _Goal | None:
        """Begin a goal's span: at its acceptance, or, in a coordinator that was started anew, with what is heard of it first."""
        if event.kind not in _BEGINNINGS:
            return None
        about = {"parley.goal_id": goal_id}
        if event.kind is not EventKind.GOAL_ACCEPTED:
            about["parley.taken_up_at"] = event.kind.value
        span = self._tracer.start_span("goal", Context(), attributes=about, start_time=_time(event))
        if not span.get_span_context().is_valid:
            self._is_off = True
            return None
        goal = self._goals[goal_id] = _Goal(span)
        return goal

    def _child(
        self, parent: Span, name: str, event: Event, kind: SpanKind = SpanKind.INTERNAL, **about: Any
    ) -> Span:
        return self._tracer.start_span(
            name,
            trace.set_span_in_context(parent, Context()),
            kind=kind,
            attributes={f"parley.{key}": value for key, value in about.items() if value is not None},
            start_time=_time(event),
        )

    def _accept(self, goal: _Goal, event: Event) -> None:
        goal.span.set_attribute("parley.goal", event.data["goal"])
        goal.plan = self._child(goal.span, "plan", event)

    def _plan(self, goal: _Goal, event: Event) -> None:
        if goal.plan is not None:
            goal.plan.set_attribute("parley.steps", tuple(event.data["steps"]))
            goal.plan.set_attribute("parley.model_calls", event.data["model_calls"])
            goal.plan.end(_time(event))
            goal.plan = None

    def _expand(self, goal: _Goal, event: Event) -> None:
        self._step(goal, event)

    def _step(self, goal: _Goal, event: Event) -> Span:
        """Return the span of the step that an event is about, begun with the first of them."""
        step = event.data.get("step", 0)
        goal.step_at[step] = event.at
        if step not in goal.steps:
            goal.steps[step] = self._child(goal.span, "step", event, step=step)
        return goal.steps[step]

    def _assign(self, goal: _Goal, event: Event) -> None:
        data = event.data
        span = self._child(
            self._step(goal, event),
            "subtask",
            event,
            SpanKind.PRODUCER,
            subtask_id=data["subtask_id"],
            device_id=data["device_id"],
            sentence=data["sentence"],
        )
        goal.subtasks[data["subtask_id"]] = (data.get("step", 0), span)
        self._subtasks[data["subtask_id"]] = span

    def _tell(self, goal: _Goal, event: Event) -> None:
        """Write an event down in the span of its subtask."""
        _, span = goal.subtasks.get(event.data.get("subtask_id") or "", (0, None))
        if span is not None:
            span.add_event(event.data.get("status", "sent"), timestamp=_time(event))

    def _end_subtask(self, goal: _Goal, event: Event) -> None:
        data = event.data
        step, span = goal.subtasks.pop(data.get("subtask_id") or "", (0, None))
        self._subtasks.pop(data.get("subtask_id") or "", None)
        if span is None:
            return
        goal.step_at[step] = event.at
        span.set_attribute("parley.outcome", data["outcome"])
        if data["outcome"] != Outcome.COMPLETED:
            span.set_status(StatusCode.ERROR)
        span.end(_time(event))

    def _end(self, goal: _Goal, event: Event) -> None:
        for subtask_id, (_, span) in goal.subtasks.items():
            self._subtasks.pop(subtask_id, None)
            span.end(_time(event))
        for step, span in goal.steps.items():
            span.end(int(goal.step_at[step] * _NANOSECONDS))
        if goal.plan is not None:
            goal.plan.end(_time(event))
        status = event.data["status"]
        goal.span.set_attribute("parley.status", status)
        if status != "completed":
            goal.span.set_status(StatusCode.ERROR)
        goal.span.end(_time(event))
        del self._goals[event.goal_id or ""]


def _time(event: Event) -> int:
    return int(event.at * _NANOSECONDS)


_HANDLERS: dict[EventKind, Callable[[GoalTracer, _Goal, Event], None]] = {
    EventKind.GOAL_ACCEPTED: GoalTracer._accept,  # noqa: SLF001 - the table of this class
    EventKind.GOAL_PLANNED: GoalTracer._plan,  # noqa: SLF001
    EventKind.STEP_EXPANDED: GoalTracer._expand,  # noqa: SLF001
    EventKind.SUBTASK_ASSIGNED: GoalTracer._assign,  # noqa: SLF001
    EventKind.SUBTASK_SENT: GoalTracer._tell,  # noqa: SLF001
    EventKind.REPORT: GoalTracer._tell,  # noqa: SLF001
    EventKind.SUBTASK_ENDED: GoalTracer._end_subtask,  # noqa: SLF001
    EventKind.GOAL_ENDED: GoalTracer._end,  # noqa: SLF001
}
