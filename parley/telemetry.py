"""OpenTelemetry's SDK, for processes that are told where to send traces; every other process does without it.

The rooms speak OpenTelemetry's API alone, which does nothing by itself. What people set are the SDK's own variables:
`OTEL_EXPORTER_OTLP_ENDPOINT` switches it on, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and the
exporter's others are read by the SDK itself, `OTEL_SDK_DISABLED=true` or `OTEL_TRACES_EXPORTER=none` switch it off.
"""

# ruff: noqa: PLC0415 - the SDK is loaded only where it is used.

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from protocol.errors import InputError

logger = logging.getLogger(__name__)

_SPOKEN = ("", "http/protobuf")


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether traces are to be sent anywhere.

    Raises:
        InputError: over a protocol that this exporter does not speak.
    """
    endpoints = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    is_on = any(environment.get(name, "").strip() for name in endpoints)
    is_off = (
        environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
        or environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() == "none"
    )
    if is_off or not is_on:
        return False
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if environment.get(name, "").strip() not in _SPOKEN:
            raise InputError(
                name,
                environment[name],
                "http/protobuf, the only protocol spoken here",
                remedy="Unset it, and send to the collector's HTTP port, usually 4318.",
            )
    return True


@contextmanager
def telemetry(service: str, environment: Mapping[str, str]) -> Iterator[bool]:
    """Send traces while the context is open, where the environment says to; yields whether it does.

    Args:
        service: what the process is called unless `OTEL_SERVICE_NAME` names it.
        environment: the process's variables.

    Raises:
        InputError: a variable's value cannot be used.
    """
    if not is_wanted(environment):
        yield False
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # What people have set wins over our name for the process.
    told = OTELResourceDetector().detect()
    resource = Resource.create({SERVICE_NAME: service}).merge(told)
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    logger.info("Traces are sent as %s.", resource.attributes[SERVICE_NAME])
    try:
        yield True
    finally:
        provider.shutdown()
