"""Traces reach a collector where OpenTelemetry's variables say, and nothing is loaded or sent where they do not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from parley.telemetry import is_wanted
from protocol.errors import InputError

# A process of its own: OpenTelemetry's provider can be set once.
PROCESS = """
import os, sys
from opentelemetry import trace
from parley.telemetry import telemetry
with telemetry("parley-test", os.environ) as is_on:
    with trace.get_tracer("parley.test").start_as_current_span("goal") as span:
        span.set_attribute("parley.goal_id", "goal-1")
print(is_on, "opentelemetry.sdk" in sys.modules)
"""


def run(**variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROCESS],
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert not done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("variables", "name"),
    [({}, "parley-test"), ({"OTEL_SERVICE_NAME": "hall-3"}, "hall-3")],
)
def test_spans_reach_a_collector(variables: dict[str, str], name: str) -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        assert run(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **variables) == "True True"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    ((path, body),) = received
    assert path == "/v1/traces"
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    attributes = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert attributes["service.name"] == name
    (span,) = resource.scope_spans[0].spans
    assert span.name == "goal"


def test_without_variables_the_sdk_is_not_even_loaded() -> None:
    assert run() == "False False"


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_what_switches_it_on_and_off(variables: dict[str, str], wanted: bool) -> None:
    assert is_wanted(variables) is wanted


def test_another_protocol_is_refused_with_what_to_do() -> None:
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with pytest.raises(InputError, match="http/protobuf") as caught:
        is_wanted(variables)
    assert caught.value.remedy is not None
    assert "4318" in caught.value.remedy
