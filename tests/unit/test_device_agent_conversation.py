"""One agent on an in-process broker, from joining to the last report."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from device_agent.events import AgentEvent, AgentEventKind, notify
from device_agent.executor import RETRY_SECONDS
from device_agent.joining import ENROLMENT_RETRY_SECONDS, RECONNECT_LOOK_SECONDS, EnrolmentRefusedError
from device_agent.store import AgentStore
from firmware_api_specs.names import leaked_names, names
from fsm.subtask import MAXIMUM_RETRIES, SubtaskState
from inference.ports import ModelError
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from protocol.messages import (
    ControlCommand,
    Finding,
    Presence,
    PresenceStatus,
    Profile,
    ReportStatus,
    decode,
    encode,
)
from protocol.topics import Channel
from tests.agent_stage import LOOK, PROGRAMS, SET, TURN, SlowModel, Stage, ended
from tests.device_agent_kit import (
    DEVICE,
    PATIENCE_SECONDS,
    Watched,
    lamp,
    lamp_that_turns,
    watching,
)
from transport.clock import FakeClock
from transport.in_process_bus import InProcessBus


@pytest.fixture
def stage(clock: FakeClock, site: str, tmp_path: Path) -> Stage:
    return Stage(clock, site, tmp_path / "state")


@pytest.fixture
async def wire(stage: Stage) -> AsyncIterator[Watched]:
    async with (
        InProcessBus(stage.broker, "watcher", clock=stage.clock) as bus,
        watching(bus, stage.site, stage.clock) as watched,
    ):
        yield watched


def presences(wire: Watched) -> list[tuple[int, PresenceStatus]]:
    found = [decode(Presence, payload) for payload in wire.payloads(Channel.PRESENCE)]
    return [(presence.session, presence.status) for presence in found]


async def test_an_agent_joins_shows_itself_and_says_goodbye(stage: Stage, wire: Watched) -> None:
    async with stage.agent(token="secret"):
        await wire.until(lambda: bool(wire.payloads(Channel.PROFILE)))
        assert presences(wire) == [(1, PresenceStatus.ONLINE)]
        profile = decode(Profile, wire.payloads(Channel.PROFILE)[0])
        assert (profile.kind, profile.title) == ("lamp", "Ceiling lamp")
        assert wire.enrolments[0].token == "secret"
    await wire.until(lambda: presences(wire)[-1] == (1, PresenceStatus.OFFLINE))
    async with stage.agent():
        await wire.until(lambda: presences(wire)[-1] == (2, PresenceStatus.ONLINE))


async def test_a_refused_agent_ends_with_the_reason(stage: Stage, wire: Watched) -> None:
    wire.accepts = False
    with pytest.raises(EnrolmentRefusedError, match="No token was given"):
        async with stage.agent():
            pass
    assert wire.payloads(Channel.PROFILE) == []


async def test_it_asks_again_until_a_coordinator_is_there(stage: Stage, wire: Watched) -> None:
    wire.answers_enrolment = False
    async with stage.agent(wait_until_enrolled=False) as running:
        await wire.until(lambda: len(wire.enrolments) == 1)
        await stage.clock.settle()
        await stage.clock.advance(ENROLMENT_RETRY_SECONDS)
        await wire.until(lambda: len(wire.enrolments) == 2)
        wire.answers_enrolment = True
        await wire.announce_coordinator(7)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running.agent.enrolled.wait()
        assert len(wire.enrolments) == 3
        await wire.announce_coordinator(8)
        await wire.until(lambda: len(wire.enrolments) == 4)


async def test_a_sentence_becomes_work_and_a_report(stage: Stage, wire: Watched) -> None:
    async with stage.agent() as running:
        await wire.order(LOOK)
        report = await wire.report("s1")
        assert report.status is ReportStatus.COMPLETED
        assert report.findings == (Finding(what="person in the room", present=True),)
        assert report.sentence == "Done: Check presence. Person in the room: yes."
        assert report.model_calls == 1
        assert [found.status for found in wire.reports("s1")] == [
            ReportStatus.ONGOING,
            ReportStatus.ONGOING,
            ReportStatus.COMPLETED,
        ]
        kinds = [event.kind for event in running.events]
        assert kinds[:4] == [
            AgentEventKind.SUBTASK_RECEIVED,
            AgentEventKind.FUNCTIONS_FOUND,
            AgentEventKind.PROGRAM_CHECKED,
            AgentEventKind.PROGRAM_WRITTEN,
        ]
        assert kinds[-1] is AgentEventKind.FINISHED
        assert "pruefe_anwesenheit()" in running.events[1].text.splitlines()
        assert running.events[2].text.startswith("It may run")
        assert running.events[3].text == "pruefe_anwesenheit()\n"
        states = [event.text for event in running.events if event.kind is AgentEventKind.STATE_CHANGED]
        assert states[-1] == SubtaskState.END


async def test_nothing_of_the_api_is_ever_on_the_wire(stage: Stage, wire: Watched) -> None:
    stage.driver.faults.failing.add("setze_helligkeit")
    async with stage.agent(description=lamp()):
        for number, sentence in enumerate(PROGRAMS):
            await wire.order(sentence, f"s{number}")
            await ended(stage, wire, f"s{number}")
        stage.driver.faults.failing.clear()
        await wire.order(SET, "lit")
        await wire.report("lit")
        await wire.order(TURN, "asked")
        await wire.report("asked", ReportStatus.AWAITING_APPROVAL)
        await wire.control(ControlCommand.PAUSE, "asked")
        await wire.poll_answer("p1")
    text = wire.text()
    assert not leaked_names(text, names(lamp()))
    for name in [*lamp().actions, *lamp().properties, "stufe", "verlauf", "rasten", "winkel_neu"]:
        assert name not in text
    assert "Check presence" in text


async def test_a_repeated_order_gets_its_report_again_and_no_second_run(stage: Stage, wire: Watched) -> None:
    async with stage.agent() as running:
        await wire.order(LOOK)
        first = await wire.report("s1")
        await wire.order(LOOK)
        assert await wire.report("s1", number=2) == first
        assert running.agent.counters["repeated_subtask"] == 1
    async with stage.agent():
        await wire.order(LOOK)
        assert await wire.report("s1", number=3) == first
    assert len(stage.driver.calls) == 1


async def test_a_newer_order_replaces_one_that_waits(stage: Stage, wire: Watched) -> None:
    stage.driver.faults.hanging.add("setze_helligkeit")
    async with stage.agent():
        await wire.order(SET, "running")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stage.driver.called.wait()
        await wire.order(SET, "waiting")
        await wire.report("waiting", ReportStatus.QUEUED)
        await wire.order(LOOK, "newest")
        replaced = await wire.report("waiting")
        assert (replaced.status, replaced.error_code) == (ReportStatus.SUPERSEDED, ErrorCode.SUPERSEDED)
        assert (await wire.poll_answer("p1")).subtask_id == "running"
        assert (await wire.poll_answer("p2", "newest")).status is ReportStatus.QUEUED
        assert (await wire.poll_answer("p3", "waiting")).status is ReportStatus.SUPERSEDED
        await wire.control(ControlCommand.CANCEL, "running")
        assert (await wire.report("running")).status is ReportStatus.CANCELLED
        assert (await wire.report("newest")).status is ReportStatus.COMPLETED
    assert [name for name, _ in stage.driver.calls] == ["setze_helligkeit", "pruefe_anwesenheit"]


async def test_cancelling_a_hanging_call(stage: Stage, wire: Watched) -> None:
    stage.driver.faults.hanging.add("setze_helligkeit")
    async with stage.agent():
        await wire.order(SET)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stage.driver.called.wait()
        await wire.control(ControlCommand.CANCEL, "s1")
        report = await wire.report("s1")
    assert (report.status, report.error_code) == (ReportStatus.CANCELLED, ErrorCode.CANCELLED)
    assert report.has_begun is None, "it has called its machine"
    assert stage.driver.times_made_safe == 1


async def test_cancelling_what_waits_what_ended_and_what_has_not_come_yet(
    stage: Stage, wire: Watched
) -> None:
    stage.driver.faults.hanging.add("setze_helligkeit")
    async with stage.agent():
        await wire.order(LOOK, "ended")
        await wire.report("ended")
        await wire.order(SET, "running")
        await wire.report("running", ReportStatus.ONGOING)
        await wire.order(LOOK, "waiting")
        await wire.report("waiting", ReportStatus.QUEUED)
        await wire.control(ControlCommand.CANCEL, "waiting")
        waiting = await wire.report("waiting")
        assert (waiting.status, waiting.has_begun) == (ReportStatus.CANCELLED, False)
        await wire.control(ControlCommand.CANCEL, "ended")
        assert (await wire.report("ended", number=2)).status is ReportStatus.COMPLETED
        await wire.control(ControlCommand.CANCEL, "late")
        assert (await wire.report("late")).status is ReportStatus.CANCELLED
        await wire.order(LOOK, "late")
        late = await wire.report("late", number=2)
        assert (late.status, late.has_begun) == (ReportStatus.CANCELLED, False)
        await wire.control(ControlCommand.CANCEL)
        assert (await wire.report("running")).status is ReportStatus.CANCELLED
    assert [name for name, _ in stage.driver.calls].count("pruefe_anwesenheit") == 1


async def test_polls_are_answered_while_the_model_thinks_and_cancelling_does_not_wait_for_it(
    stage: Stage, wire: Watched
) -> None:
    model = SlowModel()
    try:
        async with stage.agent(model):
            await wire.order(LOOK)
            assert await asyncio.to_thread(model.thinking.wait, PATIENCE_SECONDS)
            answer = await wire.poll_answer("p1")
            assert (answer.status, answer.subtask_id) == (ReportStatus.ONGOING, "s1")
            await wire.control(ControlCommand.CANCEL, "s1")
            assert (await wire.report("s1")).status is ReportStatus.CANCELLED
            assert not model.go_on.is_set()
    finally:
        model.go_on.set()
    assert stage.driver.calls == []


async def test_a_machine_that_is_silent_is_reported_when_its_time_is_over(
    stage: Stage, wire: Watched
) -> None:
    stage.driver.faults.hanging.add("setze_helligkeit")
    async with stage.agent():
        await wire.order(SET)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stage.driver.called.wait()
        began = stage.clock.now()
        report = await ended(stage, wire, "s1")
        assert (report.status, report.error_code) == (ReportStatus.FAILED, ErrorCode.CALL_TIMED_OUT)
        # Setting a brightness can be repeated: it is tried as often as allowed, each time as long as it may take.
        tries = 1 + MAXIMUM_RETRIES
        assert report.at - began == pytest.approx(tries * 5 + sum(RETRY_SECONDS), abs=4)
        assert [name for name, _ in stage.driver.calls] == ["setze_helligkeit"] * tries
        await wire.order(LOOK, "s2")
        assert (await wire.report("s2")).status is ReportStatus.COMPLETED
    assert stage.driver.times_made_safe == 1


async def test_a_broken_model_is_reported(stage: Stage, wire: Watched) -> None:
    async with stage.agent(ScriptedModel([ModelError("Gone.", "Put it back.")])):
        await wire.order(LOOK)
        report = await wire.report("s1")
    assert (report.status, report.error_code) == (ReportStatus.FAILED, ErrorCode.MODEL_UNAVAILABLE)
    assert report.model_calls == 0


@pytest.mark.parametrize(
    ("sentence", "code", "model_calls"),
    [
        ("make coffee", ErrorCode.NOT_EXECUTABLE, 1),
        # The lamp is off, and its head turns only while it is on: written twice, refused.
        (TURN, ErrorCode.MODE_FORBIDDEN, 2),
    ],
)
async def test_what_cannot_be_done_is_not_executable(
    sentence: str, code: ErrorCode, model_calls: int, stage: Stage, wire: Watched
) -> None:
    async with stage.agent():
        await wire.order(sentence)
        report = await wire.report("s1")
    assert (report.status, report.error_code) == (ReportStatus.NOT_EXECUTABLE, code)
    assert report.model_calls == model_calls
    assert stage.driver.calls == []


async def test_a_defect_costs_one_subtask_and_not_the_agent(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[str | Exception] = [RuntimeError("a bug"), "C()"]
    async with stage.agent(ScriptedModel(answers)):
        await wire.order(LOOK, "s1")
        report = await wire.report("s1")
        assert (report.status, report.error_code) == (ReportStatus.FAILED, ErrorCode.INTERNAL)
        await wire.order(LOOK, "s2")
        assert (await wire.report("s2")).status is ReportStatus.COMPLETED


@pytest.mark.parametrize(
    ("sentence", "function", "status", "code"),
    [
        (SET, "setze_helligkeit", ReportStatus.COMPLETED, None),
        (TURN, "drehe_kopf", ReportStatus.FAILED, ErrorCode.UNKNOWN_OUTCOME),
    ],
    ids=["made again", "unknown"],
)
async def test_what_was_cut_short_is_made_again_only_where_that_does_no_harm(  # noqa: PLR0917
    sentence: str, function: str, status: ReportStatus, code: ErrorCode | None, stage: Stage, wire: Watched
) -> None:
    stage.driver.faults.hanging.add(function)
    description = lamp_that_turns()
    async with stage.agent(description=description):
        await wire.order(sentence, "running")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stage.driver.called.wait()
        await wire.order(LOOK, "waiting")
        await wire.report("waiting", ReportStatus.QUEUED)
    assert stage.driver.times_made_safe == 1
    stage.driver.faults.hanging.clear()
    async with stage.agent(description=description):
        running, waiting = await wire.report("running"), await wire.report("waiting")
        assert (running.status, running.error_code, running.session) == (status, code, 2)
        if code is not None:
            assert "Turn head. Whether it was done is not known." in running.sentence
            assert stage.driver.times_made_safe == 2
        # What was never begun has no unknown outcome.
        assert (waiting.status, waiting.error_code) == (ReportStatus.NOT_EXECUTABLE, ErrorCode.NOT_EXECUTABLE)
        assert "Not started" in waiting.sentence
        await wire.order(sentence, "running")
        assert await wire.report("running", number=2) == running
    made = [name for name, _ in stage.driver.calls]
    assert made == [function] * (2 if code is None else 1)


async def test_orders_of_a_replaced_coordinator_are_refused(stage: Stage, wire: Watched) -> None:
    async with stage.agent() as running:
        wire.epoch = 5
        await wire.order(LOOK, "new")
        await wire.report("new")
        await wire.order(LOOK, "old", epoch=4)
        await wire.control(ControlCommand.CANCEL, "new", epoch=4)
        await wire.poll_answer("p1")
        assert running.agent.counters["stale_epoch"] == 2
        # Said to all who listen, an end would be taken for that of the order that follows.
        assert wire.reports("old") == []
        # The same order from the coordinator in office is not a repeated one.
        await wire.order(LOOK, "old")
        assert (await wire.report("old", ReportStatus.COMPLETED)).status is ReportStatus.COMPLETED
    assert len(stage.driver.calls) == 2


async def test_an_order_that_comes_too_late_is_not_run(stage: Stage, wire: Watched) -> None:
    stage.driver.faults.hanging.add("setze_helligkeit")
    async with stage.agent() as running:
        await wire.order(LOOK, "late", issued_at=stage.clock.now() - 100, timeout_seconds=99)
        report = await wire.report("late")
        assert report.status is ReportStatus.NOT_EXECUTABLE
        assert "time was over" in report.sentence
        await wire.order(SET, "first")
        await wire.report("first", ReportStatus.ONGOING, 2)
        await wire.order(LOOK, "stale", timeout_seconds=3)
        await wire.report("stale", ReportStatus.QUEUED)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stage.driver.called.wait()
        assert (await ended(stage, wire, "stale")).status is ReportStatus.NOT_EXECUTABLE
        assert running.agent.counters["expired_subtask"] == 2
    assert {name for name, _ in stage.driver.calls} == {"setze_helligkeit"}


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff\xfe", b"{}", b"[1]", b'{"v": 2}', b'{"v": 1}', b"x" * 100_000, b"[" * 50_000],
)
@pytest.mark.parametrize("channel", [Channel.SUBTASK, Channel.CONTROL, Channel.PRESENCE])
async def test_odd_messages_are_ignored(
    payload: bytes, channel: Channel, stage: Stage, wire: Watched
) -> None:
    async with stage.agent() as running:
        await wire.send(channel, payload)
        await wire.bus.publish(wire.topics.coordinator_presence, payload)
        await wire.bus.publish(wire.topics.enrol(DEVICE, Channel.ENROL_REPLY), payload)
        assert (await wire.poll_answer("p1")).status is ReportStatus.IDLE
        assert running.agent.counters["bad_message"] == (3 if payload else 0)


async def test_a_counter_that_no_database_holds_does_not_stop_the_device(stage: Stage, wire: Watched) -> None:
    async with stage.agent() as running:
        huge = b'{"v": 1, "epoch": 99999999999999999999999, "status": "online", "at": 1}'
        await wire.bus.publish(wire.topics.coordinator_presence, huge, retain=True)
        assert (await wire.poll_answer("p1")).status is ReportStatus.IDLE
        assert running.agent.counters["bad_message"] == 1


async def test_a_message_that_nobody_foresaw_does_not_stop_the_device(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage.agent() as running:
        with monkeypatch.context() as patch:
            patch.setattr(AgentStore, "accept", lambda *_: 1 / 0)
            await wire.order(LOOK, "unforeseen")
            await wire.until(lambda: running.agent.counters["bad_message"] == 1)
        assert (await wire.poll_answer("p1")).status is ReportStatus.IDLE


async def test_it_introduces_itself_again_to_a_broker_that_has_forgotten_everything(
    stage: Stage, wire: Watched
) -> None:
    async with stage.agent():
        await wire.until(lambda: bool(wire.payloads(Channel.PROFILE)))
        before = len(wire.payloads(Channel.PROFILE))
        stage.broker.stop(forget=True)
        await stage.clock.advance(100)
        stage.broker.start()
        await stage.clock.advance(RECONNECT_LOOK_SECONDS)
        await wire.until(lambda: len(wire.payloads(Channel.PROFILE)) == before + 1)
        assert presences(wire)[-1] == (1, PresenceStatus.ONLINE)
        await stage.clock.advance(60 * RECONNECT_LOOK_SECONDS)
        assert len(wire.payloads(Channel.PROFILE)) == before + 1, "once for each reconnect"


async def test_a_second_agent_of_the_same_name_is_told_of(
    stage: Stage, wire: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    place = wire.topics.device(DEVICE, Channel.PRESENCE)
    now = stage.clock.now()
    earlier = Presence(device_id=DEVICE, session=76, status=PresenceStatus.ONLINE, at=now - 1)
    other = Presence(device_id=DEVICE, session=77, status=PresenceStatus.ONLINE, at=now + 1)
    async with stage.agent() as running:
        await wire.bus.publish(place, encode(earlier), retain=True)
        assert (await wire.poll_answer("p1")).status is ReportStatus.IDLE
        assert running.agent.counters["double"] == 0, "an earlier start of its own, delivered late"
        for _ in range(3):
            await wire.bus.publish(place, encode(other), retain=True)
        await wire.until(lambda: running.agent.counters["double"] == 3)
        told = [record.getMessage() for record in caplog.records if "--device-id" in record.getMessage()]
        assert len(told) == 1, "said once, not at every reconnect"
        assert DEVICE in told[0]


async def test_an_order_for_someone_else_is_ignored(stage: Stage, wire: Watched) -> None:
    async with stage.agent() as running:
        await wire.order(LOOK, device_id="lamp-2")
        assert (await wire.poll_answer("p1")).status is ReportStatus.IDLE
        assert running.agent.counters["bad_message"] == 1


async def test_polls_repeat_the_last_end(stage: Stage, wire: Watched) -> None:
    async with stage.agent():
        assert (await wire.poll_answer("p1")).status is ReportStatus.IDLE
        await wire.order(LOOK)
        final = await wire.report("s1")
        answer = await wire.poll_answer("p2")
        assert answer.model_copy(update={"in_reply_to": None}) == final
        assert (await wire.poll_answer("p3", "unknown")).status is ReportStatus.IDLE


async def test_an_agent_that_was_declared_lost_says_that_it_is_back(stage: Stage, wire: Watched) -> None:
    async with stage.agent() as running:
        session = running.agent.session
        for number in (session - 1, session):
            lost = Presence(device_id=DEVICE, session=number, status=PresenceStatus.LOST, at=0)
            await wire.bus.publish(wire.topics.device(DEVICE, Channel.PRESENCE), encode(lost), retain=True)
        await wire.until(lambda: presences(wire)[-1] == (session, PresenceStatus.ONLINE))
        assert presences(wire).count((session, PresenceStatus.ONLINE)) == 2


def test_an_observer_that_fails_disturbs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def observer(_: AgentEvent) -> None:
        raise ValueError("the screen is broken")

    notify(observer, AgentEvent(AgentEventKind.FINISHED, DEVICE, "s1", "Done.", 0.0))
    assert "the screen is broken" in caplog.text
