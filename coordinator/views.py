"""What the HTTP API shows of devices and of the site."""

from __future__ import annotations

from pydantic import BaseModel

from coordinator.approvals import Approval
from coordinator.coordinator import Coordinator
from coordinator.registry import Device
from protocol.messages import Finding


class DeviceView(BaseModel):
    """A device as the coordinator knows it. `status` is None for one that was not seen since the start.

    `paused_by` is who paused it as a whole; `waiting` says for what it waits for a person, None when for nothing. `doing`
    is the sentence that it is at, for the goal `goal_id`. `attributes` is what it measures of itself, as it told at
    `attributes_at` (Unix seconds).
    """

    device_id: str
    status: str | None
    is_enrolled: bool
    is_available: bool
    since: float | None
    title: str | None
    kind: str | None
    description: str | None
    abilities: tuple[str, ...]
    paused_by: str | None
    waiting: str | None
    attributes: tuple[Finding, ...] = ()
    attributes_at: float | None = None
    doing: str | None = None
    goal_id: str | None = None

    @classmethod
    def of(cls, device: Device, coordinator: Coordinator) -> DeviceView:
        """Show a device."""
        profile = device.profile
        at = next(iter(coordinator.doing(device.device_id)), None)
        return cls(
            device_id=device.device_id,
            status=device.status.value if device.status else None,
            is_enrolled=device.is_enrolled,
            is_available=device.is_available,
            since=device.since,
            title=profile.title if profile else None,
            kind=profile.kind if profile else None,
            description=profile.description if profile else None,
            abilities=profile.abilities if profile else (),
            paused_by=coordinator.operations.paused_by(device.device_id),
            waiting=coordinator.operations.waiting(device.device_id),
            attributes=tuple(device.attributes.values()),
            attributes_at=device.attributes_at,
            doing=at.sentence if at else None,
            goal_id=at.goal_id if at else None,
        )


class DeviceList(BaseModel):
    """Devices, in the natural order of their names."""

    devices: list[DeviceView]


class ApprovalList(BaseModel):
    """Questions of devices that are open, oldest first."""

    approvals: list[Approval]


class StopView(BaseModel):
    """The emergency stop. `by` and `at` (Unix seconds) tell of its last turn, None where there was none."""

    engaged: bool
    by: str | None
    at: float | None
    sentence: str

    @classmethod
    def of(cls, coordinator: Coordinator) -> StopView:
        """Show how it stands."""
        switch = coordinator.emergency_stop
        return cls(
            engaged=switch.is_engaged,
            by=switch.state.by if switch.state else None,
            at=switch.state.at if switch.state else None,
            sentence=switch.sentence,
        )


class SiteView(BaseModel):
    """The site at a glance.

    `waiting` says, a sentence each, which device waits for a person, and for what; `conditions`, what is out of use and what
    stands still.
    """

    site: str
    epoch: int
    emergency_stop: StopView
    devices_available: int
    goals_under_way: list[str]
    waiting: list[str]
    conditions: list[str]

    @classmethod
    def of(cls, coordinator: Coordinator) -> SiteView:
        """Show the site."""
        waits = [coordinator.operations.waiting(device.device_id) for device in coordinator.devices()]
        return cls(
            site=coordinator.topics.site,
            epoch=coordinator.epoch,
            emergency_stop=StopView.of(coordinator),
            devices_available=coordinator.health().devices_online,
            goals_under_way=coordinator.goals_under_way(),
            waiting=[sentence for sentence in waits if sentence is not None],
            conditions=[
                *(
                    f"{one.place[:1].upper()}{one.place[1:]} is out of use, as {one.by} said."
                    for one in coordinator.premises.closed
                ),
                *(
                    f"{one.name[:1].upper()}{one.name[1:]} stands still, as {one.by} said."
                    for one in coordinator.standstills.list()
                ),
            ],
        )
