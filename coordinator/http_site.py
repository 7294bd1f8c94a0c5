"""The part of the HTTP API that shows what exists at a site, and has its file read again."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from coordinator.coordinator import Coordinator
from coordinator.http_operations import ActRequest


class SiteChange(BaseModel):
    """What has changed since the site was read before: entities by kind that came and went, and the fields concerned."""

    added: dict[str, list[str]]
    removed: dict[str, list[str]]
    changed: list[str]


def install(app: FastAPI, coordinator: Coordinator) -> None:
    """Add this part to `app`."""

    @app.get("/v1/site/places", tags=["site"])
    async def places() -> dict[str, Any]:
        """Show zones, entities, ways and devices' homes, in the form of a site file."""
        return coordinator.site.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @app.post("/v1/site/reload", tags=["site"])
    async def reload(request: ActRequest) -> SiteChange:
        """Read the site file again; a wrong one changes nothing."""
        return SiteChange.model_validate(await coordinator.reload_site(request.by))
