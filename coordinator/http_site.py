"""The part of the HTTP API that shows what exists at a site, and has its file read again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from coordinator.coordinator import Coordinator
from coordinator.http_operations import ActRequest


class SiteChange(BaseModel):
    """What has changed since the site was read before: entities by kind that came and went, and the fields concerned."""

    added: dict[str, list[str]]
    removed: dict[str, list[str]]
    changed: list[str]


class ClosureView(BaseModel):
    """A place that is out of use, who said so, and when (Unix seconds)."""

    place: str
    by: str
    at: float


class StandstillView(BaseModel):
    """What stands still until someone lets it go on, and the devices of it that still do."""

    standstill_id: str
    name: str
    place: str | None
    by: str
    at: float
    devices: tuple[str, ...]


class SiteConditions(BaseModel):
    """What of the site is out of use, and what stands still; `out_of_reach` is where nobody can be sent because of that."""

    closed: list[ClosureView]
    out_of_reach: list[str]
    standstills: list[StandstillView]

    @classmethod
    def of(cls, coordinator: Coordinator) -> SiteConditions:
        """Show them."""
        return cls(
            closed=[
                ClosureView(place=one.place, by=one.by, at=one.at) for one in coordinator.premises.closed
            ],
            out_of_reach=coordinator.premises.out_of_reach(),
            standstills=[
                StandstillView(
                    standstill_id=one.standstill_id,
                    name=one.name,
                    place=one.place,
                    by=one.by,
                    at=one.at,
                    devices=coordinator.standstills.devices(one.standstill_id),
                )
                for one in coordinator.standstills.list()
            ],
        )


class PlaceRequest(ActRequest):
    """A place of the site, by any of its names, and who says so."""

    place: Annotated[str, Field(min_length=1, max_length=80)]


def install(app: FastAPI, coordinator: Coordinator) -> None:
    """Add this part to `app`."""

    @app.get("/v1/site/places", tags=["site"])
    async def places() -> dict[str, Any]:
        """Show zones, entities, ways and devices' homes, in the form of a site file."""
        return coordinator.site.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @app.get("/v1/site/conditions", tags=["site"])
    async def conditions() -> SiteConditions:
        """Show what is out of use, and what stands still."""
        return SiteConditions.of(coordinator)

    @app.post("/v1/site/close", tags=["site"])
    async def close(request: PlaceRequest) -> SiteConditions:
        """Take a place out of use: no new work leads there or through it, and who is on the way there is called back."""
        coordinator.premises.close(request.place, request.by)
        await coordinator.durable()
        return SiteConditions.of(coordinator)

    @app.post("/v1/site/reopen", tags=["site"])
    async def reopen(request: PlaceRequest) -> SiteConditions:
        """Put a place back into use."""
        coordinator.premises.reopen(request.place, request.by)
        await coordinator.durable()
        return SiteConditions.of(coordinator)

    @app.post("/v1/site/standstills/{standstill_id}/resume", tags=["site"])
    async def go_on(standstill_id: str, request: ActRequest) -> SiteConditions:
        """Let exactly those go on that were stopped."""
        coordinator.standstills.end(standstill_id, request.by)
        await coordinator.durable()
        return SiteConditions.of(coordinator)

    @app.post("/v1/site/reload", tags=["site"])
    async def reload(request: ActRequest) -> SiteChange:
        """Read the site file again; a wrong one changes nothing."""
        return SiteChange.model_validate(await coordinator.reload_site(request.by))
