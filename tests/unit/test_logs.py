"""Logs for people and for machines: what a line is about, and the trace that it belongs to."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import typer
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from parley.logs import LogFormat, configure_logging, new_handler
from protocol.log_fields import log_fields, logging_about


class Log:
    """A logger of its own, and what it has written."""

    def __init__(self, level: str = "info", log_format: LogFormat = LogFormat.JSON) -> None:
        self.stream = io.StringIO()
        self.logger = logging.Logger("parley.test", logging.DEBUG)  # noqa: LOG001 - of no hierarchy
        self.logger.addHandler(new_handler(level, log_format, self.stream))

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def test_a_line_says_what_it_is_about() -> None:
    log = Log()
    with logging_about(goal_id="goal-1"):
        with logging_about(subtask_id="goal-1-2", device_id="robot-1"):
            log.logger.info("Told %s:\nmove", "robot-1")
        log.logger.warning("After.")
    log.logger.info("Outside.")
    inside, after, outside = log.lines()
    assert inside["time"].endswith("+00:00")
    del inside["time"]
    assert inside == {
        "level": "info",
        "logger": "parley.test",
        "message": "Told robot-1:\nmove",
        "goal_id": "goal-1",
        "subtask_id": "goal-1-2",
        "device_id": "robot-1",
    }
    assert (after["level"], after["goal_id"], "device_id" in after) == ("warning", "goal-1", False)
    assert "goal_id" not in outside


def test_a_line_inside_a_span_names_its_trace() -> None:
    log = Log()
    provider = TracerProvider()
    with provider.get_tracer("test").start_as_current_span("goal") as span:
        log.logger.info("Inside.")
    (line,) = log.lines()
    assert line["trace_id"] == trace.format_trace_id(span.get_span_context().trace_id)
    assert line["span_id"] == trace.format_span_id(span.get_span_context().span_id)


def test_an_exception_stays_in_its_line() -> None:
    log = Log()
    try:
        int("broken")
    except ValueError:
        log.logger.exception("It failed.")
    (line,) = log.lines()
    assert line["exception"].endswith("int() with base 10: 'broken'")


def test_text_stays_what_people_know() -> None:
    log = Log("warning", LogFormat.TEXT)
    with logging_about(goal_id="goal-1"):
        log.logger.info("Not shown.")
        log.logger.warning("Shown.")
    assert log.stream.getvalue().endswith(" WARNING parley.test: Shown.\n")
    assert log.stream.getvalue().count("\n") == 1


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="loud"):
        configure_logging("loud")


def test_fields_are_gone_after_an_error() -> None:
    with pytest.raises(ValueError, match="x"), logging_about(goal_id="goal-1"):
        raise ValueError("x")
    assert dict(log_fields()) == {}
