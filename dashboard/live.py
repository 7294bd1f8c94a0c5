"""What every open page shows, asked for once a second for all of them together, and not at all while nobody looks."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from dashboard.api import Api, ApiError
from dashboard.views import (
    ApprovalInfo,
    ApprovalListing,
    ConditionsInfo,
    DeviceInfo,
    DeviceListing,
    GoalInfo,
    GoalListing,
    HealthInfo,
    Notice,
    PlacesInfo,
    SiteInfo,
    StandingInfo,
    StandingListing,
)

PERIOD_SECONDS = 1.0
_REST = 4.0
"""After looking, this many times as long is rested: the larger the site, the less often it is looked at."""
_GOALS = 30
_NOTICES = 50
_RETRY_SECONDS = 5.0

_View = TypeVar("_View", bound=BaseModel)


class _Part(Generic[_View]):
    """One thing that the coordinator shows; read again only where it has changed."""

    def __init__(self, path: str, empty: _View) -> None:
        self.path = path
        self.value = empty
        self._body = b""

    def take(self, body: bytes) -> bool:
        """Take in what the coordinator says; returns whether that is new."""
        if body == self._body:
            return False
        self.value = type(self.value).model_validate_json(body)
        self._body = body
        return True


class Live:
    """The present state of the site, as far as it was last heard of.

    Args:
        api: where it comes from.

    Attributes:
        notices: what standing goals had to tell since somebody looks, oldest first.
        problem: why nothing newer is known; None while all is well.
        version: grows whenever anything has changed.
    """

    def __init__(self, api: Api) -> None:
        self.notices: deque[Notice] = deque(maxlen=_NOTICES)
        self.problem: str | None = None
        self.version = 0
        self._api = api
        self._site = _Part("/v1/site", SiteInfo())
        self._health = _Part("/healthz", HealthInfo())
        self._devices = _Part("/v1/devices", DeviceListing())
        self._goals = _Part(f"/v1/goals?limit={_GOALS}", GoalListing())
        self._approvals = _Part("/v1/approvals", ApprovalListing())
        self._standing = _Part("/v1/standing", StandingListing())
        self._places = _Part("/v1/site/places", PlacesInfo())
        self._conditions = _Part("/v1/site/conditions", ConditionsInfo())
        self._by_id: dict[str, DeviceInfo] = {}
        self._watchers = 0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def site(self) -> SiteInfo:
        """The site at a glance."""
        return self._site.value

    @property
    def health(self) -> HealthInfo:
        """How the coordinator is."""
        return self._health.value

    @property
    def devices(self) -> tuple[DeviceInfo, ...]:
        """Every device, in the natural order of their names."""
        return self._devices.value.devices

    @property
    def goals(self) -> tuple[GoalInfo, ...]:
        """The newest goals, newest first."""
        return self._goals.value.goals

    @property
    def approvals(self) -> tuple[ApprovalInfo, ...]:
        """The open questions of devices, oldest first."""
        return self._approvals.value.approvals

    @property
    def standing(self) -> tuple[StandingInfo, ...]:
        """The standing goals that have not ended, oldest first."""
        return self._standing.value.standing

    @property
    def places(self) -> PlacesInfo:
        """What exists at the site besides devices."""
        return self._places.value

    @property
    def conditions(self) -> ConditionsInfo:
        """What of the site is out of use, and what stands still."""
        return self._conditions.value

    def device(self, device_id: str) -> DeviceInfo | None:
        """Return one device; None when there is none of this name."""
        return self._by_id.get(device_id)

    def watch(self) -> None:
        """Begin to look; each call wants one `unwatch`."""
        self._watchers += 1
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._follow(), name="dashboard"),
                asyncio.create_task(self._follow_notices(), name="dashboard notices"),
            ]

    def unwatch(self) -> None:
        """Look no more."""
        self._watchers -= 1
        if self._watchers <= 0:
            self.stop()

    def stop(self) -> None:
        """Look no more, whoever watches."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def refresh(self) -> None:
        """Ask for everything once."""
        parts: tuple[_Part[Any], ...] = (
            self._site,
            self._health,
            self._devices,
            self._goals,
            self._approvals,
            self._standing,
            self._places,
            self._conditions,
        )
        before = self.problem
        try:
            bodies = await asyncio.gather(*(self._api.read(part.path) for part in parts))
            changed = [part.take(body) for part, body in zip(parts, bodies, strict=True)]
        except ApiError as error:
            self.problem, changed = str(error), []
        except ValidationError:
            self.problem, changed = "The coordinator answers otherwise than these pages understand.", []
        else:
            self.problem = None
            if changed[parts.index(self._devices)]:
                self._by_id = {device.device_id: device for device in self.devices}
        if any(changed) or self.problem != before:
            self.version += 1

    async def _follow(self) -> None:
        while True:
            began = time.monotonic()
            await self.refresh()
            took = time.monotonic() - began
            await asyncio.sleep(max(PERIOD_SECONDS - took, _REST * took))

    async def _follow_notices(self) -> None:
        while True:
            try:
                async for event in self._api.stream("/v1/notices"):
                    self.notices.append(Notice.model_validate(event))
                    self.version += 1
            except (ApiError, ValidationError):
                # What is wrong is told by the other questions; this one is asked again.
                pass
            await asyncio.sleep(_RETRY_SECONDS)
