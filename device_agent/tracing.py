"""Spans of an agent's work, for OpenTelemetry: subtask → retrieve, generate, verify, run → call.

Without an SDK (see `parley.telemetry`) they cost next to nothing and go nowhere. Spans leave the device, so they hold what may
leave it: ids, sentences, the titles of steps. No name of the API, and no error text, which may hold one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_tracer = trace.get_tracer("parley.device_agent")
_propagator = TraceContextTextMapPropagator()


def trace_of(properties: Mapping[str, str]) -> Context:
    """Return the trace that a message belongs to, by its user properties; a new one where they name none."""
    return _propagator.extract(properties, context=Context())


@contextmanager
def span(name: str, *, of: Context | None = None, **attributes: str | float) -> Iterator[Span]:
    """Measure a piece of work.

    Args:
        name: one of a handful, for it is what spans are grouped by.
        of: the trace that came with a message; where None, it is part of the work around it.
        attributes: what it is about, without the prefix `parley.`.
    """
    with _tracer.start_as_current_span(
        name,
        context=of,
        kind=SpanKind.INTERNAL if of is None else SpanKind.CONSUMER,
        attributes={f"parley.{key}": value for key, value in attributes.items()},
        record_exception=False,
        set_status_on_exception=False,
    ) as measured:
        try:
            yield measured
        except BaseException:
            measured.set_status(StatusCode.ERROR)
            raise


def note(measured: Span, *, is_success: bool, **attributes: str | float) -> None:
    """Write down how a piece of work ended."""
    for key, value in attributes.items():
        measured.set_attribute(f"parley.{key}", value)
    if not is_success:
        measured.set_status(StatusCode.ERROR)
