"""Standing goals over a real ledger, with a host whose goals end as a test says."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from coordinator.goals import GoalStatus, GoalView, SubtaskView
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import Ledger, open_ledger
from coordinator.records import ExecutionRecord
from coordinator.registry import Device
from coordinator.standing.standing_goals import StandingGoals
from coordinator.standing.view import StandingView
from protocol.clock import Clock
from protocol.errors import InputError, OperatorError
from protocol.messages import Finding, PresenceStatus, Profile
from transport.clock import FakeClock


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Engaged:
    """The emergency stop."""

    is_engaged: bool = False


class FakeHost:
    """Takes goals and lets a test end them."""

    def __init__(self, ledger: Ledger, clock: Clock, numbers: itertools.count[int]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._numbers = numbers
        self.emergency_stop = Engaged()
        self.operations = self
        self.views: dict[str, GoalView] = {}
        self.cancelled: list[tuple[str, str]] = []
        self.is_busy = False
        self.dies_at_submit = False
        self.dies_after_submit = False
        self._devices: dict[str, Device] = {}
        self._observers: list[Callable[[Device], None]] = []

    def submit(
        self, goal: str, *, by: str | None = None, chat_id: str | None = None, standing_id: str | None = None
    ) -> GoalView:
        if self.dies_at_submit:
            raise Crash
        if self.is_busy:
            raise OperatorError("64 goals are under way, and no more are accepted.")
        goal_id = f"goal-{next(self._numbers)}"
        data = {"goal": goal, "by": by, "chat_id": chat_id, "standing_id": standing_id, "priority": 0}
        self._ledger.append(EventKind.GOAL_ACCEPTED, data, goal_id=goal_id)
        self.views[goal_id] = GoalView(
            goal_id=goal_id, goal=goal, status=GoalStatus.RUNNING, created_at=self._clock.now()
        )
        if self.dies_after_submit:
            raise Crash
        return self.views[goal_id]

    def goal(self, goal_id: str) -> GoalView:
        return self.views[goal_id]

    def devices(self) -> list[Device]:
        return list(self._devices.values())

    def on_attributes(self, observer: Callable[[Device], None], /) -> Callable[[], None]:
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def cancel_goal(self, goal_id: str, by: str) -> None:
        if self.views[goal_id].is_final:
            raise InputError("goal_id", goal_id, "a goal that is under way")
        self.cancelled.append((goal_id, by))

    # What tests do

    @property
    def texts(self) -> list[str]:
        """The goals, in order."""
        return [view.goal for view in self.views.values()]

    def running(self) -> list[str]:
        return [goal_id for goal_id, view in self.views.items() if not view.is_final]

    def end(
        self,
        status: GoalStatus = GoalStatus.COMPLETED,
        answer: str = "Done.",
        *,
        devices: tuple[str, ...] = (),
        records: tuple[ExecutionRecord, ...] = (),
    ) -> None:
        """End the goals under way."""
        for goal_id in self.running():
            subtasks = tuple(
                SubtaskView(
                    subtask_id=f"{goal_id}-{name}", device_id=name, sentence="Do.", status="completed"
                )
                for name in devices
            )
            self.views[goal_id] = self.views[goal_id].model_copy(
                update={"status": status, "answer": answer, "subtasks": subtasks, "records": records}
            )
            data = {"status": status.value, "answer": answer, "error_code": None, "claims": []}
            self._ledger.append(EventKind.GOAL_ENDED, data, goal_id=goal_id)

    def tell(self, device_id: str, *findings: Finding, kind: str = "robot", at: float | None = None) -> None:
        """Have a device tell what it measures."""
        profile = Profile(
            device_id=device_id, title=device_id, kind=kind, description=f"A {kind}.", abilities=()
        )
        device = self._devices.setdefault(device_id, Device(device_id, 1, PresenceStatus.ONLINE))
        device.profile, device.is_enrolled = profile, True
        device.attributes = {finding.what.casefold(): finding for finding in findings}
        device.attributes_at = self._clock.now() if at is None else at
        for observer in tuple(self._observers):
            observer(device)


@dataclass
class StandingScene:
    """Standing goals that can be stopped and started again."""

    ledger: Ledger
    clock: FakeClock
    host: FakeHost
    standing: StandingGoals

    async def accept(self, text: str, *, by: str = "Anna") -> StandingView:
        request = self.standing.read(text)
        assert request is not None
        assert request.question is None, request.question
        view = self.standing.accept(request, by=by)
        await self.clock.settle()
        return view

    def one(self) -> StandingView:
        (view,) = self.standing.list(is_all=True)
        return view

    def events(self, standing_id: str, kind: EventKind | None = None) -> list[Event]:
        return [event for event in self.ledger.of_goal(standing_id) if kind in {None, event.kind}]

    def notices(self) -> list[str]:
        """What people were told, in order."""
        kinds = (EventKind.STANDING_FIRED, EventKind.STANDING_CHANGED, EventKind.STANDING_ENDED)
        found = [
            event for kind in kinds for event in self.ledger.of_kind(kind, limit=1000) if event.data["notice"]
        ]
        return [event.data["sentence"] for event in sorted(found, key=lambda event: event.seq)]


class Start:
    """Opens scenes over one file, one after the other, as restarts do; goals and devices outlive them."""

    def __init__(self, directory: Path, clock: FakeClock) -> None:
        self._address = LedgerAddress.of_file(directory / DATABASE_NAME, "test")
        self._clock = clock
        self._numbers = itertools.count(1)
        self._views: dict[str, GoalView] = {}
        self._devices: dict[str, Device] = {}

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[StandingScene]:
        async with open_ledger(self._address, self._clock, is_inline=True) as ledger:
            host = FakeHost(ledger, self._clock, self._numbers)
            host.views, host._devices = self._views, self._devices
            standing = StandingGoals(host, ledger, self._clock, zone="Europe/Berlin")
            task = asyncio.create_task(standing.run())
            await self._clock.settle()
            try:
                yield StandingScene(ledger, self._clock, host, standing)
            finally:
                task.cancel()
                with suppress(Crash, asyncio.CancelledError):
                    await task
                await ledger.durable()
