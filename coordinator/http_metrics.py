"""`GET /metrics`, for Prometheus."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from coordinator.coordinator import Coordinator
from coordinator.metrics import Metrics


def install(app: FastAPI, coordinator: Coordinator) -> None:
    """Count what the coordinator does from now on, and show it."""
    metrics = Metrics(coordinator.load, coordinator.devices)
    coordinator.on_event(metrics.take)

    @app.get("/metrics", tags=["health"])
    async def show() -> Response:
        """Show counters and gauges in Prometheus' text format."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
