"""The life of standing goals: kept, told about, paused, changed, given up, and taken up after a restart."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coordinator.goals import GoalStatus
from coordinator.ledger.events import EventKind
from coordinator.records import ExecutionRecord, Outcome
from coordinator.standing.life import Standing, StandingStatus
from coordinator.standing.standing_goals import MAXIMUM_LIVE, local_zone
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import Finding
from tests.standing_kit import Start
from transport.clock import FakeClock

SATURDAY = datetime(2026, 11, 21, 14, 0, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
DAY = 86_400.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(SATURDAY)


@pytest.fixture
def start(tmp_path: Path, clock: FakeClock) -> Start:
    return Start(tmp_path, clock)


def battery(level: float) -> Finding:
    return Finding(what="Battery level", value=level, unit="%")


def upload(seconds: float) -> Finding:
    return Finding(what="Upload time", value=seconds, unit="s")


class TestBoundToTime:
    async def test_it_is_done_each_time_and_the_answer_is_told(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            view = await here.accept("every day at 15:00 check the shelves")
            assert view.next_time == "2026-11-21 15:00:00"
            await clock.advance(3599)
            assert here.host.texts == []
            await clock.advance(1)
            assert here.host.texts == ["Check the shelves"]
            here.host.end(answer="All shelves are full.")
            await clock.settle()
            assert here.notices() == ['"check the shelves": All shelves are full.']
            await clock.advance(3 * DAY)
            assert len(here.host.texts) == 2, "one that has not ended is not begun again"
            here.host.end()
            await clock.advance(DAY)
            assert len(here.host.texts) == 3
            assert here.one().fired == 3
            assert any("it is still under way from the last time" in text for text in here.notices())

    async def test_once_ends_it(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            await here.accept("in ten minutes turn on the lamp")
            await clock.advance(DAY)
            assert here.host.texts == ["Turn on the lamp"]
            assert here.one().status is StandingStatus.ENDED
            here.host.end(answer="The lamp is on.")
            await clock.settle()
            assert here.notices() == ['"turn on the lamp": The lamp is on.']

    async def test_it_ends_at_its_end(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            await here.accept("until 15:00 check the door every 20 minutes")
            for _ in range(12):
                await clock.advance(600)
                here.host.end()
            assert len(here.host.texts) == 3
            assert here.one().status is StandingStatus.ENDED

    async def test_what_was_missed_while_it_was_away_is_caught_up_with_or_told(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            await here.accept("every day at 15:00 check the shelves")
        await clock.advance(3600 + 600)
        async with start() as here:
            assert here.host.texts == ["Check the shelves"]
            fired = here.events(here.one().standing_id, EventKind.STANDING_FIRED)
            assert "600 s late" in fired[0].data["sentence"]
            here.host.end()
            await clock.settle()
        await clock.advance(2 * DAY + 3600)
        async with start() as here:
            assert len(here.host.texts) == 1
            assert here.notices()[-1] == (
                'I did not do "check the shelves" Sunday 22 November at 15:00 and today at 15:00 (Europe/Berlin):'
                " I was not running then."
            )
            assert here.one().next_time == "2026-11-24 15:00:00"

    async def test_an_order_that_was_recorded_before_a_crash_becomes_one_goal(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            await here.accept("in ten minutes turn on the lamp")
            here.host.dies_at_submit = True
            await clock.advance(600)
            assert here.host.texts == []
        async with start() as here:
            assert here.host.texts == ["Turn on the lamp"]
        async with start() as here:
            assert here.host.texts == ["Turn on the lamp"]

    async def test_a_goal_that_was_accepted_just_before_a_crash_is_not_given_again(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            await here.accept("in ten minutes turn on the lamp")
            here.host.dies_after_submit = True
            await clock.advance(600)
        async with start() as here:
            assert here.host.texts == ["Turn on the lamp"]
            assert here.one().goal_ids == ("goal-1",)
            here.host.end(answer="The lamp is on.")
            await clock.settle()
            assert here.notices() == ['"turn on the lamp": The lamp is on.']

    async def test_an_order_that_is_late_after_a_crash_is_told_and_not_given(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            await here.accept("in ten minutes turn on the lamp")
            here.host.dies_at_submit = True
            await clock.advance(600)
        await clock.advance(DAY)
        async with start() as here:
            assert here.host.texts == []
            assert here.notices() == [
                '"Turn on the lamp" was not begun: I was not running, and now it is late.'
            ]

    async def test_a_goal_that_ends_while_it_is_away_is_taken_in_at_the_start(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            await here.accept("every day at 15:00 check the shelves")
            await clock.advance(3600)
        async with start() as here:
            assert len(here.host.running()) == 1
        here.host.end(answer="Done while nobody looked.")
        async with start() as here:
            assert here.notices() == ['"check the shelves": Done while nobody looked.']

    async def test_nothing_is_done_while_paused_or_stopped(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            standing_id = (await here.accept("every day at 15:00 check the shelves")).standing_id
            here.standing.pause(standing_id, "Anna")
            await clock.advance(DAY)
            assert here.host.texts == []
            assert here.standing.resume(standing_id, "Anna").next_time == "2026-11-22 15:00:00"
            here.host.emergency_stop.is_engaged = True
            await clock.advance(DAY)
            assert here.host.texts == []
            assert "the emergency stop is engaged" in here.notices()[-1]

    async def test_a_goal_that_is_not_accepted_is_told(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.is_busy = True
            await here.accept("every day at 15:00 check the shelves")
            await clock.advance(3600)
            assert here.notices() == [
                '"Check the shelves" was not begun: 64 goals are under way, and no more are accepted.'
            ]
            here.host.is_busy = False
            await clock.advance(DAY)
            assert len(here.host.texts) == 1


class TestBoundToACondition:
    async def test_each_device_is_sent_once_until_it_is_well_again(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            for name in ("robot-1", "robot-2"):
                here.host.tell(name, battery(50))
            await here.accept("when a robot's battery falls below 20 percent, send it to a charger")
            here.host.tell("robot-1", battery(19))
            await clock.advance(4)
            assert here.host.texts == []
            await clock.advance(1)
            assert here.host.texts == ["Send robot-1 to a charger."]
            here.host.end()
            here.host.tell("robot-2", battery(15))
            await clock.advance(600)
            assert here.host.texts == ["Send robot-1 to a charger.", "Send robot-2 to a charger."]
            # Inside by less than the margin is not well yet.
            here.host.tell("robot-1", battery(21))
            here.host.tell("robot-1", battery(19))
            await clock.advance(60)
            assert len(here.host.texts) == 2
            here.host.tell("robot-1", battery(60))
            here.host.tell("robot-1", battery(10))
            await clock.advance(60)
            assert here.host.texts[2:] == ["Send robot-1 to a charger."]

    async def test_it_is_well_again_before_its_goal_ends(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("robot-1", battery(10))
            await here.accept("when a robot's battery falls below 20 percent, send it to a charger")
            await clock.advance(5)
            here.host.tell("robot-1", battery(90))
            await clock.advance(60)
            here.host.end()
            here.host.tell("robot-1", battery(10))
            await clock.advance(60)
            assert len(here.host.texts) == 2

    async def test_what_failed_is_tried_again_and_then_given_up(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("robot-1", battery(10))
            standing_id = (
                await here.accept("when a robot's battery falls below 20 percent, send it to a charger")
            ).standing_id
            for _ in range(10):
                await clock.advance(60)
                here.host.end(GoalStatus.FAILED, "robot-1 did not answer.")
            await clock.settle()
            assert len(here.host.texts) == 3
            view = here.standing.get(standing_id)
            assert view.status is StandingStatus.GIVEN_UP
            assert view.reason == (
                "I have given up on this: the battery level of robot-1 is 10 %, and 3 attempts in a row have failed."
            )
            here.standing.resume(standing_id, "Anna")
            await clock.advance(60)
            assert len(here.host.texts) == 4

    async def test_people_are_told_and_nothing_is_done(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("tank", Finding(what="Tank level", value=50, unit="%"), kind="tank")
            await here.accept("tell me as soon as the tank level exceeds 80 percent")
            here.host.tell("tank", Finding(what="Tank level", value=85, unit="%"), kind="tank")
            await clock.advance(60)
            assert here.notices() == ["The tank level of tank is 85 %, which is above 80 %."]
            assert here.one().status is StandingStatus.ENDED
            assert here.host.texts == []

    async def test_a_word_is_watched(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("gate", Finding(what="Gate", value="closed"), kind="gate")
            await here.accept("whenever the gate is open, close it")
            here.host.tell("gate", Finding(what="Gate", value="Open"), kind="gate")
            await clock.advance(60)
            assert here.host.texts == ["Close gate."]

    async def test_an_old_value_is_unknown_and_told_once(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(10))
            await here.accept("keep every upload under 16 s")
            await clock.advance(3000)
            assert here.notices() == [
                "client-1 has not told its upload time for 15 minutes, so I do not know it."
            ]
            assert here.one().values == {}
            here.host.tell("client-1", upload(11))
            assert here.one().values == {"client-1": 11}

    async def test_what_the_broker_kept_may_be_old(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(30), at=clock.now() - 5000)
            await here.accept("keep every upload under 16 s")
            await clock.advance(100)
            assert here.host.texts == []
            # A device whose clock is wrong is believed once it tells something new.
            here.host.tell("client-1", upload(30), at=clock.now() - 5000)
            await clock.advance(5)
            assert len(here.host.texts) == 1

    async def test_corrections_without_improvement_are_given_up(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(25))
            await here.accept("keep every upload under 16 s, otherwise lower its window")
            for seconds in (25, 24.9, 25.1, 25, 25, 25, 25):
                await clock.advance(60)
                here.host.end()
                here.host.tell("client-1", upload(seconds))
                await clock.advance(60)
            assert here.host.texts == ["Lower client-1's window."] * 3
            assert here.one().status is StandingStatus.GIVEN_UP
            assert here.notices()[-1].endswith("the last 3 corrections have not brought it nearer.")

    async def test_it_goes_on_after_a_restart_where_it_stood(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(25))
            await here.accept("keep every upload under 16 s, otherwise lower its window")
            await clock.advance(10)
            assert len(here.host.texts) == 1
        async with start() as here:
            assert here.one().broken == ("client-1",)
            await clock.advance(300)
            assert len(here.host.texts) == 1, "the round is under way"
            here.host.end()
            here.host.tell("client-1", upload(20))
            await clock.advance(100)
            assert len(here.host.texts) == 2
            assert [text for text in here.notices() if "should be" in text] == [
                "The upload time of client-1 is 25 s, and should be under 16 s."
            ]

    async def test_the_emergency_stop_holds_corrections_off(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(25))
            here.host.emergency_stop.is_engaged = True
            await here.accept("keep every upload under 16 s, otherwise lower its window")
            await clock.advance(100)
            assert here.host.texts == []
            here.host.emergency_stop.is_engaged = False
            here.ledger.append(EventKind.EMERGENCY_STOP, {"engaged": False})
            await clock.settle()
            assert len(here.host.texts) == 1

    async def test_it_ends_when_its_time_is_over(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(10))
            await here.accept("until 15:00, keep every upload under 16 s, otherwise lower its window")
            await clock.advance(3700)
            assert here.one().status is StandingStatus.ENDED
            here.host.tell("client-1", upload(25))
            await clock.advance(100)
            assert here.host.texts == []


class TestConflicts:
    async def test_what_contradicts_is_not_accepted(self, start: Start) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(10))
            standing_id = (await here.accept("keep every upload under 16 s")).standing_id
            request = here.standing.read("keep every upload above 20 s")
            assert request is not None
            with pytest.raises(InputError, match="a range that goes together with") as caught:
                here.standing.accept(request, by="Ben")
            assert caught.value.code is ErrorCode.CONFLICT
            assert standing_id in str(caught.value)
            here.standing.cancel(standing_id, "Anna")
            here.standing.accept(request, by="Ben")

    async def test_a_device_of_another_goal_objects_and_the_correction_is_cancelled(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            here.host.tell("router-1", upload(25))
            here.host.tell("router-2", upload(10))
            first = (
                await here.accept("keep the upload time of router-1 under 16 s, otherwise widen its share")
            ).standing_id
            second = (
                await here.accept("keep the upload time of router-2 under 16 s, otherwise widen its share")
            ).standing_id
            await clock.advance(5)
            assert here.host.texts == ["Widen router-1's share."]
            here.host.tell("router-2", upload(21))
            await clock.advance(5)
            assert (
                "router-2 now misses its own target: upload time 21 s, should be under 16 s."
                in here.notices()
            )
            assert here.standing.get(first).status is StandingStatus.GIVEN_UP
            assert here.host.cancelled == [("goal-1", "the objection of router-2")]
            assert here.standing.get(second).status is StandingStatus.ACTIVE
            assert here.host.texts[1:] == ["Widen router-2's share."]

    async def test_a_device_that_was_not_well_before_does_not_object(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            here.host.tell("router-1", upload(25))
            here.host.tell("router-2", upload(25))
            await here.accept("keep every upload under 16 s, otherwise widen its share")
            await clock.advance(60)
            assert here.one().status is StandingStatus.ACTIVE
            assert here.host.texts == ["Widen router-1's share.", "Widen router-2's share."]

    async def test_a_device_that_is_corrected_does_not_object_when_it_gets_worse_again(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            here.host.tell("router-1", upload(25))
            here.host.tell("router-2", upload(25))
            await here.accept("keep every upload under 16 s, otherwise widen its share")
            await clock.advance(10)
            here.host.tell("router-1", upload(10))
            here.host.tell("router-1", upload(25))
            await clock.advance(10)
            assert here.one().broken == ("router-1", "router-2")
            assert here.one().status is StandingStatus.ACTIVE

    async def test_a_reason_of_a_device_is_recorded(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(25))
            await here.accept("keep every upload under 16 s, otherwise move it to another band")
            await clock.advance(5)
            record = ExecutionRecord(
                step=0,
                sentence="Move to another band.",
                outcome=Outcome.NOT_EXECUTABLE,
                device_id="client-1",
                said="I cannot change the band without a reboot.",
            )
            here.host.end(GoalStatus.FAILED, "Not done.", records=(record,))
            await clock.settle()
            assert here.notices()[-1] == (
                'client-1 did not do "Move to another band": I cannot change the band without a reboot.'
            )

    async def test_two_that_undo_each_other_are_told_and_the_younger_is_paused(
        self, start: Start, clock: FakeClock
    ) -> None:
        async with start() as here:
            temperature = Finding(what="Temperature", value=30, unit="°C")
            humidity = Finding(what="Humidity", value=40, unit="%")
            here.host.tell("hall", temperature, humidity, kind="sensor")
            await here.accept("keep the temperature under 25 °C, otherwise open the window")
            await clock.advance(1)
            await here.accept("keep the humidity above 50 %, otherwise close the window")
            for _ in range(6):
                await clock.advance(150)
                for goal_id in here.host.running():
                    others = [other for other in here.host.running() if other != goal_id]
                    saved = {other: here.host.views.pop(other) for other in others}
                    here.host.end(devices=("window",))
                    here.host.views.update(saved)
                    await clock.settle()
            paused = [view for view in here.standing.list() if view.status is StandingStatus.PAUSED]
            assert [view.text for view in paused] == [
                "keep the humidity above 50 %, otherwise close the window"
            ]
            assert paused[0].reason is not None
            assert "undo each other" in paused[0].reason


class TestOperating:
    async def test_a_defect_in_one_does_not_stop_the_others(
        self,
        start: Start,
        clock: FakeClock,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async with start() as here:
            broken = (await here.accept("every day at 15:00 check the shelves")).standing_id
            await here.accept("every day at 15:00 check the door")
            attend = here.standing._keeper._attend

            def fail(state: Standing) -> None:
                if state.standing_id == broken:
                    raise ZeroDivisionError
                attend(state)

            monkeypatch.setattr(here.standing._keeper, "_attend", fail)
            await clock.advance(3600)
            assert here.host.texts == ["Check the door"]
            assert broken in caplog.text

    async def test_it_is_changed_by_a_whole_sentence_or_a_part(self, start: Start) -> None:
        async with start() as here:
            here.host.tell("client-1", upload(10))
            timed = (await here.accept("every weekday at nine check the shelves")).standing_id
            assert here.standing.change(timed, "every weekday at ten", "Anna").confirmation == (
                'I will do that every weekday at 10:00 (Europe/Berlin), next on Monday 23 November: "check the shelves".'
            )
            kept = (await here.accept("keep every upload under 16 s")).standing_id
            assert here.standing.change(kept, "under 12 s", "Anna").when.endswith("under 12 s")
            with pytest.raises(InputError, match="when or under which condition"):
                here.standing.change(timed, "check the tables", "Anna")
            with pytest.raises(InputError, match="At what time") as caught:
                here.standing.change(timed, "every day check the tables", "Anna")
            assert caught.value.code is ErrorCode.NEEDS_CLARIFICATION

    async def test_acts_that_make_no_sense_are_refused(self, start: Start) -> None:
        async with start() as here:
            standing_id = (await here.accept("every weekday at nine check the shelves")).standing_id
            with pytest.raises(InputError, match="paused or given up"):
                here.standing.resume(standing_id, "Anna")
            with pytest.raises(InputError, match="one that corrects something"):
                here.standing.answer(standing_id, "go", "Anna")
            here.standing.cancel(standing_id, "Anna")
            with pytest.raises(InputError, match="This one is cancelled") as caught:
                here.standing.pause(standing_id, "Anna")
            assert caught.value.code is ErrorCode.CONFLICT
            with pytest.raises(InputError, match="GET /v1/standing lists them") as caught:
                here.standing.get("standing-0")
            assert caught.value.code is ErrorCode.NOT_FOUND
            assert here.standing.list() == []
            assert [view.reason for view in here.standing.list(is_all=True)] == [
                "Anna cancelled this standing goal."
            ]

    async def test_what_has_a_question_is_not_accepted(self, start: Start) -> None:
        async with start() as here:
            request = here.standing.read("every day check the shelves")
            assert request is not None
            with pytest.raises(InputError, match="At what time"):
                here.standing.accept(request, by=None)

    async def test_there_are_only_so_many(self, start: Start) -> None:
        async with start() as here:
            request = here.standing.read("every weekday at nine check the shelves")
            assert request is not None
            for _ in range(MAXIMUM_LIVE):
                here.standing.accept(request, by=None)
            with pytest.raises(OperatorError, match="no more are accepted"):
                here.standing.accept(request, by=None)

    async def test_zones_are_checked(self, start: Start) -> None:
        async with start() as here:
            for zone in ("Mars/Olympus", "../../etc/passwd"):
                with pytest.raises(InputError, match="time_zone is"):
                    here.standing.read("every day at nine check the shelves", zone=zone)
        assert local_zone()

    async def test_notices_are_followed_and_resumed(self, start: Start, clock: FakeClock) -> None:
        async with start() as here:
            here.host.tell("tank", Finding(what="Tank level", value=50, unit="%"), kind="tank")
            await here.accept("tell me when the tank level exceeds 80 percent")
            found = here.standing.notices()
            upcoming = asyncio.ensure_future(anext(found))
            await clock.settle()
            here.host.tell("tank", Finding(what="Tank level", value=85, unit="%"), kind="tank")
            await clock.advance(5)
            first = await upcoming
            assert first.data["sentence"] == "The tank level of tank is 85 %, which is above 80 %."
            await found.aclose()
            again = here.standing.notices(after=first.seq - 1)
            assert await anext(again) == first
            await again.aclose()
            later = here.standing.notices(after=first.seq)
            waiting = asyncio.ensure_future(anext(later))
            await clock.settle()
            assert not waiting.done()
            waiting.cancel()
            await asyncio.wait({waiting})
