"""What every open page shows, asked for once a second for all of them together, and not at all while nobody looks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from pydantic import TypeAdapter

from dashboard.api import Api, ApiError
from dashboard.views import ApprovalInfo, DeviceInfo, GoalInfo, SiteInfo

PERIOD_SECONDS = 1.0
_GOALS = 30
_DEVICES = TypeAdapter(tuple[DeviceInfo, ...])
_GOAL_LIST = TypeAdapter(tuple[GoalInfo, ...])
_APPROVALS = TypeAdapter(tuple[ApprovalInfo, ...])


class Live:
    """The present state of the site, as far as it was last heard of.

    Args:
        api: where it comes from.

    Attributes:
        problem: why nothing newer is known; None while all is well.
        version: grows whenever anything has changed.
    """

    def __init__(self, api: Api) -> None:
        self.site = SiteInfo()
        self.health: dict[str, Any] = {}
        self.devices: tuple[DeviceInfo, ...] = ()
        self.goals: tuple[GoalInfo, ...] = ()
        self.approvals: tuple[ApprovalInfo, ...] = ()
        self.standing: tuple[dict[str, Any], ...] = ()
        self.problem: str | None = None
        self.version = 0
        self._api = api
        self._watchers = 0
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Keep the state fresh while the context is open."""
        self.watch()
        try:
            yield
        finally:
            self.unwatch()

    def watch(self) -> None:
        """Begin to look; each call wants one `unwatch`."""
        self._watchers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name="dashboard")

    def unwatch(self) -> None:
        """Look no more."""
        self._watchers -= 1
        if self._watchers <= 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    def device(self, device_id: str) -> DeviceInfo | None:
        """Return one device; None when there is none of this name."""
        return next((device for device in self.devices if device.device_id == device_id), None)

    def work_of(self, device_id: str) -> str | None:
        """Return the sentence that a device is at; None when it is at nothing."""
        for goal in self.goals:
            for subtask in goal.subtasks if not goal.is_final else ():
                if subtask.device_id == device_id and subtask.is_under_way:
                    return subtask.sentence
        return None

    async def refresh(self) -> None:
        """Ask for everything once."""
        before = (
            self.site,
            self.health,
            self.devices,
            self.goals,
            self.approvals,
            self.standing,
            self.problem,
        )
        try:
            site, health, devices, goals, approvals, standing = await asyncio.gather(
                self._api.get("/v1/site"),
                self._api.get("/healthz"),
                self._api.get("/v1/devices"),
                self._api.get("/v1/goals", limit=_GOALS),
                self._api.get("/v1/approvals"),
                self._api.get("/v1/standing"),
            )
        except ApiError as error:
            self.problem = str(error)
        else:
            self.problem = None
            self.site = SiteInfo.model_validate(site)
            self.health = health
            self.devices = _DEVICES.validate_python(devices["devices"])
            self.goals = _GOAL_LIST.validate_python(goals["goals"])
            self.approvals = _APPROVALS.validate_python(approvals["approvals"])
            self.standing = tuple(standing.get("standing", ()))
        after = (
            self.site,
            self.health,
            self.devices,
            self.goals,
            self.approvals,
            self.standing,
            self.problem,
        )
        if after != before:
            self.version += 1

    async def _follow(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(PERIOD_SECONDS)
