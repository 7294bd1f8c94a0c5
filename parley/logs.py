"""How the processes write their logs: for people as text, for machines as one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import TextIO

import typer

from protocol.log_fields import log_fields

LEVELS = ("debug", "info", "warning", "error")
_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class LogFormat(StrEnum):
    """How lines of the log look."""

    TEXT = "text"
    JSON = "json"


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON.

    The keys are `time` (UTC, ISO 8601), `level`, `logger`, `message`; where known `goal_id`, `subtask_id`, `device_id`; inside
    a trace `trace_id` and `span_id`; and `exception`, a traceback.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **log_fields(),
            **_trace_fields(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: str, log_format: LogFormat = LogFormat.TEXT) -> None:
    """Send logs of `level` and above to standard error.

    Raises:
        BadParameter: there is no such level.
    """
    handler = new_handler(level, log_format, sys.stderr)
    logging.basicConfig(level=handler.level, handlers=[handler])
    # One line for each request, or several for each change of a state, would drown ours.
    for name in ("httpx", "transitions"):
        logging.getLogger(name).setLevel(logging.WARNING)


def new_handler(level: str, log_format: LogFormat, stream: TextIO) -> logging.Handler:
    """Return what writes logs of `level` and above to a stream.

    Raises:
        BadParameter: there is no such level.
    """
    if level.lower() not in LEVELS:
        raise typer.BadParameter(
            f"{level!r} is no log level; allowed: {', '.join(LEVELS)}.", param_hint="--log-level"
        )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if log_format is LogFormat.JSON else logging.Formatter(_TEXT))
    # The limit stands at the handler: some libraries set the level of their own loggers.
    handler.setLevel(level.upper())
    return handler


def _trace_fields() -> dict[str, str]:
    """Name the span that is being measured; nothing where no trace is made, and nothing is loaded to find that out."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return {}
    here = trace.get_current_span().get_span_context()
    if not here.is_valid:
        return {}
    return {"trace_id": f"{here.trace_id:032x}", "span_id": f"{here.span_id:016x}"}
