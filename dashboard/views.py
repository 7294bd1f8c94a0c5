"""What the dashboard reads from the coordinator's HTTP API. Fields that it does not show are left out."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from protocol.messages import Finding

FINAL: Final = frozenset({"completed", "partial", "failed", "refused", "cancelled"})


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class DeviceInfo(_View):
    """One device. `attributes_at` and `since` are Unix seconds."""

    device_id: str
    status: str | None = None
    is_available: bool = False
    title: str | None = None
    kind: str | None = None
    description: str | None = None
    abilities: tuple[str, ...] = ()
    paused_by: str | None = None
    waiting: str | None = None
    attributes: tuple[Finding, ...] = ()
    attributes_at: float | None = None

    def attribute(self, what: str) -> Finding | None:
        """Return what the device last told of itself under this name; None when it told nothing."""
        return next((one for one in self.attributes if one.what.casefold() == what), None)

    @property
    def battery_percent(self) -> float | None:
        """The battery level; None where the device tells none."""
        battery = self.attribute("battery level")
        if battery is None or isinstance(battery.value, bool) or not isinstance(battery.value, int | float):
            return None
        return float(battery.value)


class SubtaskInfo(_View):
    """One sentence that a device was given, and how that stands."""

    subtask_id: str | None
    device_id: str | None
    sentence: str
    status: str
    said: str | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether its end is not known yet."""
        return self.status in {"assigned", "sent", "queued", "ongoing", "paused", "awaiting_approval"}


class GoalInfo(_View):
    """One goal. `seconds` is how long it took."""

    goal_id: str
    goal: str
    status: str
    by: str | None = None
    standing_id: str | None = None
    answer: str | None = None
    plan: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    subtasks: tuple[SubtaskInfo, ...] = ()
    records: tuple[dict[str, Any], ...] = ()
    model_calls: int = 0
    created_at: float = 0.0
    seconds: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL


class ApprovalInfo(_View):
    """A question of a device to a person."""

    approval_id: str
    device_id: str
    question: str
    goal: str | None = None
    expires_at: float


class StopInfo(_View):
    """The emergency stop."""

    engaged: bool = False
    sentence: str = ""


class SiteInfo(_View):
    """The site at a glance."""

    site: str = ""
    epoch: int = 0
    emergency_stop: StopInfo = StopInfo()
    devices_available: int = 0
    goals_under_way: tuple[str, ...] = ()


class Visit(_View):
    """One stay in a state of a run."""

    state: str
    seconds: float = 0.0
