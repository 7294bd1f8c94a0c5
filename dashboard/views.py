"""What the dashboard reads from the coordinator's HTTP API. Fields that it does not show are left out."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict

from protocol.messages import Finding

Point: TypeAlias = tuple[float, float]
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
    doing: str | None = None

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


class ClosureInfo(_View):
    """A place that is out of use, who said so, and when (Unix seconds)."""

    place: str
    by: str
    at: float


class StandstillInfo(_View):
    """What stands still, who ordered it and when (Unix seconds), and the devices that do."""

    standstill_id: str
    name: str
    by: str
    at: float
    devices: tuple[str, ...] = ()


class ConditionsInfo(_View):
    """What of the site is out of use, where nobody can be sent because of that, and what stands still."""

    closed: tuple[ClosureInfo, ...] = ()
    out_of_reach: tuple[str, ...] = ()
    standstills: tuple[StandstillInfo, ...] = ()

    def shut(self) -> tuple[str, ...]:
        """Return the places that are not to be gone to, by name."""
        return tuple(dict.fromkeys((*(one.place for one in self.closed), *self.out_of_reach)))


class StandingInfo(_View):
    """A standing goal."""

    standing_id: str
    text: str
    status: str
    when: str = ""
    question: str | None = None
    reason: str | None = None
    next_time: str | None = None
    broken: tuple[str, ...] = ()
    fired: int = 0


class Notice(_View):
    """What a standing goal had to tell people. `at` is Unix seconds."""

    seq: int
    at: float
    sentence: str


class Place(_View):
    """Something of the site that stands still; `at` is metres east and north, None where nobody has said."""

    id: str
    at: Point | None = None


class Way(_View):
    """A way between two places, by their names; `through` is the zone with which it is closed."""

    between: tuple[str, str]
    through: str | None = None


class Area(_View):
    """A part of the site: its west, south, east and north ends in metres, where they are known."""

    area: tuple[float, float, float, float] | None = None


class PlacesInfo(_View):
    """What exists at the site besides devices, as far as it can be drawn."""

    zones: dict[str, Area] = {}
    entities: dict[str, tuple[Place, ...]] = {}
    links: tuple[Way, ...] = ()

    def points(self) -> dict[str, Point]:
        """Return the point of every place that has one, by its name such as "shelf 3"."""
        return {
            f"{kind} {place.id}": place.at
            for kind, places in self.entities.items()
            for place in places
            if place.at is not None
        }


class DeviceListing(_View):
    """What `/v1/devices` returns."""

    devices: tuple[DeviceInfo, ...] = ()


class GoalListing(_View):
    """What `/v1/goals` returns."""

    goals: tuple[GoalInfo, ...] = ()


class ApprovalListing(_View):
    """What `/v1/approvals` returns."""

    approvals: tuple[ApprovalInfo, ...] = ()


class StandingListing(_View):
    """What `/v1/standing` returns."""

    standing: tuple[StandingInfo, ...] = ()


class HealthInfo(_View):
    """How the coordinator is."""

    broker_connected: bool = False
    problems: tuple[str, ...] = ()
