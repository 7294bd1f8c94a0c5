"""An agent whose runs are paused, asked about, stopped, and left behind by a crash: what it says and what it keeps."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from device_agent.joining import Membership
from device_agent.pipeline import Pipeline, Program
from device_agent.store import AgentStore
from fsm.subtask import SubtaskState
from protocol.errors import ErrorCode
from protocol.messages import Approval, ControlCommand, EmergencyStop, Presence, Report, ReportStatus, encode
from tests.agent_stage import LOOK, SET, TURN, SlowModel, Stage, ended
from tests.device_agent_kit import PATIENCE_SECONDS, AgentUnderTest, Watched, lamp, watching
from transport.clock import FakeClock
from transport.in_process_bus import InProcessBus

ANN = "Ann has paused it."
AWAITING, COMPLETED = ReportStatus.AWAITING_APPROVAL, ReportStatus.COMPLETED


@pytest.fixture
def stage(clock: FakeClock, site: str, tmp_path: Path) -> Stage:
    made = Stage(clock, site, tmp_path / "state")
    made.driver._mode = "an"
    return made


@pytest.fixture
async def wire(stage: Stage) -> AsyncIterator[Watched]:
    async with (
        InProcessBus(stage.broker, "watcher", clock=stage.clock) as bus,
        watching(bus, stage.site, stage.clock) as watched,
    ):
        yield watched


def made(stage: Stage) -> list[str]:
    """The actions that were called; what is watched and the mode are read as well."""
    return [name for name, _ in stage.driver.calls if name not in lamp().properties]


def decisions(running: AgentUnderTest) -> list[tuple[str, str, str, str, float]]:
    return running.agent._store.decisions()


async def paused_while_it_thinks(wire: Watched, model: SlowModel) -> Report:
    """Give an order, and pause it before its program is written."""
    await wire.order(LOOK)
    assert await asyncio.to_thread(model.thinking.wait, PATIENCE_SECONDS)
    await wire.control(ControlCommand.PAUSE, "s1", by="Ann")
    await wire.report("s1", ReportStatus.ONGOING, 2)
    model.go_on.set()
    return await wire.report("s1", ReportStatus.PAUSED)


async def asked(wire: Watched, subtask_id: str = "s1") -> Approval:
    await wire.order(TURN, subtask_id)
    approval = (await wire.report(subtask_id, AWAITING)).approval
    assert approval is not None
    return approval


# Pause and resume


async def test_a_pause_is_told_when_it_is_ordered_when_it_begins_and_when_it_ends(
    stage: Stage, wire: Watched
) -> None:
    async with stage.agent(SlowModel(), description=lamp()) as running:
        model = running.agent._pipeline._model
        assert isinstance(model, SlowModel)
        report = await paused_while_it_thinks(wire, model)
        assert report.sentence == f"Paused. {ANN}"
        ordered = wire.reports("s1")[1]
        assert ordered.sentence == "Working out how to do it. It will pause after this step."
        answer = await wire.poll_answer("p1", "s1")
        assert (answer.status, answer.sentence) == (ReportStatus.PAUSED, report.sentence)
        assert made(stage) == []
        await stage.clock.advance(60)
        await wire.control(ControlCommand.RESUME, "s1", by="Ben")
        await wire.report("s1", ReportStatus.ONGOING, 3)
        final = await ended(stage, wire, "s1")
        assert final.status is COMPLETED
        paused = [visit for visit in final.visits if visit.state == SubtaskState.PAUSED]
        assert [visit.seconds for visit in paused] == [pytest.approx(60, abs=1)]
        statuses = [each.status for each in wire.reports("s1")]
        after = statuses[statuses.index(ReportStatus.PAUSED) :]
        assert after[-2:] == [ReportStatus.ONGOING, COMPLETED], "that it goes on is told as well"


async def test_orders_for_another_subtask_change_nothing(stage: Stage, wire: Watched) -> None:
    model = SlowModel()
    async with stage.agent(model, description=lamp()):
        await paused_while_it_thinks(wire, model)
        await wire.control(ControlCommand.RESUME, "another", by="Ben")
        await wire.control(ControlCommand.CANCEL, "another")
        answer = await wire.poll_answer("p1")
        assert (answer.status, answer.subtask_id) == (ReportStatus.PAUSED, "s1")
        await wire.control(ControlCommand.CANCEL)
        assert (await wire.report("s1")).status is ReportStatus.CANCELLED


# Approval


async def test_a_yes_is_recorded_with_who_and_when_before_anything_moves(stage: Stage, wire: Watched) -> None:
    async with stage.agent(description=lamp()) as running:
        approval = await asked(wire)
        assert approval.question == 'May the lamp do this: "Turn head"? It is marked as dangerous.'
        assert made(stage) == []
        await stage.clock.advance(7)
        at = stage.clock.now()
        stage.driver._answers["drehe_kopf"] = lambda _: {"erfolg": bool(decisions(running))}
        await wire.control(ControlCommand.APPROVE, "s1", approval_id=approval.approval_id, by="Ann")
        assert (await wire.report("s1")).status is COMPLETED
        assert decisions(running) == [("s1", approval.question, "approve", "Ann", at)]
        statuses = [report.status for report in wire.reports("s1")]
        assert statuses[-2:] == [ReportStatus.ONGOING, COMPLETED], "that it is allowed is told as well"
        assert made(stage) == ["drehe_kopf"]


async def test_a_no_is_recorded_and_a_yes_after_it_counts_for_nothing(stage: Stage, wire: Watched) -> None:
    async with stage.agent(description=lamp()) as running:
        approval = await asked(wire)
        for command, by in ((ControlCommand.DENY, "Ann"), (ControlCommand.APPROVE, "Ben")):
            await wire.control(command, "s1", approval_id=approval.approval_id, by=by)
        report = await wire.report("s1")
        assert (report.status, report.error_code) == (
            ReportStatus.NOT_EXECUTABLE,
            ErrorCode.APPROVAL_DENIED,
        )
        await wire.poll_answer("p1")
        assert [decision[2:4] for decision in decisions(running)] == [("deny", "Ann")]
    assert made(stage) == []
    assert stage.driver.times_made_safe == 0


async def test_no_answer_is_a_no_and_recorded_as_nobodys(stage: Stage, wire: Watched) -> None:
    async with stage.agent(description=lamp(), approval_seconds=30.0) as running:
        approval = await asked(wire)
        report = await ended(stage, wire, "s1")
        assert (report.status, report.error_code) == (
            ReportStatus.NOT_EXECUTABLE,
            ErrorCode.APPROVAL_EXPIRED,
        )
        # Time goes on while the end is written down in a thread.
        assert report.at >= approval.expires_at
        assert [decision[2:4] for decision in decisions(running)] == [("expired", "nobody")]
        # Too late: recorded is what counted.
        await wire.control(ControlCommand.APPROVE, "s1", approval_id=approval.approval_id, by="Ann")
        await wire.poll_answer("p1")
        assert len(decisions(running)) == 1
    assert made(stage) == []


async def test_an_answer_to_another_question_is_neither_recorded_nor_heeded(
    stage: Stage, wire: Watched
) -> None:
    async with stage.agent(description=lamp()) as running:
        first = await asked(wire)
        await wire.control(ControlCommand.DENY, "s1", approval_id=first.approval_id, by="Ann")
        await wire.report("s1")
        second = await asked(wire, "s2")
        assert second.approval_id != first.approval_id
        for wrong in (first.approval_id, "unknown"):
            await wire.control(ControlCommand.APPROVE, "s2", approval_id=wrong, by="Ann")
        assert (await wire.poll_answer("p1", "s2")).status is AWAITING
        # The right question, and a subtask that is not asked about.
        await wire.control(ControlCommand.APPROVE, "s1", approval_id=second.approval_id, by="Ann")
        assert (await wire.poll_answer("p2", "s2")).approval == second
        assert len(decisions(running)) == 1
    assert made(stage) == []


# What a crash leaves


async def test_a_paused_run_is_told_as_paused_after_a_restart(stage: Stage, wire: Watched) -> None:
    model = SlowModel()
    async with stage.agent(model, description=lamp()):
        await paused_while_it_thinks(wire, model)
    async with stage.agent(description=lamp()):
        assert (await wire.report("s1", ReportStatus.PAUSED, 2)).sentence == f"Paused. {ANN}"
        assert (await wire.poll_answer("p1")).status is ReportStatus.PAUSED
        await wire.control(ControlCommand.RESUME, "s1")
        assert (await wire.report("s1")).status is COMPLETED
    assert made(stage) == ["pruefe_anwesenheit"]


async def test_a_question_is_asked_again_after_a_restart_and_is_the_same(stage: Stage, wire: Watched) -> None:
    async with stage.agent(description=lamp()):
        approval = await asked(wire)
    async with stage.agent(description=lamp()):
        assert (await wire.report("s1", AWAITING, 2)).approval == approval
        await wire.control(ControlCommand.APPROVE, "s1", approval_id=approval.approval_id, by="Ann")
        assert (await wire.report("s1")).status is COMPLETED
    assert made(stage) == ["drehe_kopf"]


@pytest.mark.parametrize(
    ("decision", "away_seconds", "code"),
    [
        ("approve", 10, None),
        ("deny", 10, ErrorCode.APPROVAL_DENIED),
        ("approve", 1000, ErrorCode.APPROVAL_EXPIRED),
    ],
)
async def test_an_answer_that_was_recorded_just_before_a_crash_counts_for_as_long_as_it_may(  # noqa: PLR0917
    decision: str, away_seconds: float, code: ErrorCode | None, stage: Stage, wire: Watched, clock: FakeClock
) -> None:
    async with stage.agent(description=lamp()):
        approval = await asked(wire)
    with AgentStore(stage.state) as store:
        store.record_decision(
            approval.approval_id, "s1", approval.question, decision, "Ann", stage.clock.now()
        )
    await clock.advance(away_seconds)
    async with stage.agent(description=lamp()):
        report = await ended(stage, wire, "s1")
    assert report.error_code is code
    assert made(stage) == ([] if code else ["drehe_kopf"])


class Echoes:
    """Holds back what tells an agent that it has heard all that the broker keeps; until then it takes no work up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._held: list[tuple[Membership, Presence]] = []
        self._hear = Membership.hear_echo
        monkeypatch.setattr(Membership, "hear_echo", lambda *heard: self._held.append(heard))

    def let_through(self) -> None:
        for membership, presence in self._held:
            self._hear(membership, presence)


async def test_a_paused_run_can_be_let_go_on_before_it_is_taken_up(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SlowModel()
    async with stage.agent(model, description=lamp()):
        await paused_while_it_thinks(wire, model)
    echoes = Echoes(monkeypatch)
    async with stage.agent(description=lamp()):
        answer = await wire.poll_answer("p1")
        assert (answer.status, answer.sentence) == (ReportStatus.PAUSED, f"Paused. {ANN}")
        await wire.control(ControlCommand.RESUME, "s1")
        await wire.poll_answer("p2")
        echoes.let_through()
        assert (await wire.report("s1")).status is COMPLETED


async def test_a_question_can_be_answered_before_its_run_is_taken_up(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage.agent(description=lamp()):
        approval = await asked(wire)
    echoes = Echoes(monkeypatch)
    async with stage.agent(description=lamp()) as running:
        assert (await wire.poll_answer("p1")).approval == approval
        await wire.control(ControlCommand.APPROVE, "s1", approval_id=approval.approval_id, by="Ann")
        await wire.poll_answer("p2")
        assert [decision[2:4] for decision in decisions(running)] == [("approve", "Ann")]
        assert made(stage) == []
        echoes.let_through()
        assert (await wire.report("s1")).status is COMPLETED
    assert made(stage) == ["drehe_kopf"]


async def test_a_question_that_has_expired_meanwhile_is_not_answered_any_more(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    async with stage.agent(description=lamp()):
        approval = await asked(wire)
    await clock.advance(1000)
    echoes = Echoes(monkeypatch)
    async with stage.agent(description=lamp()) as running:
        await wire.control(ControlCommand.APPROVE, "s1", approval_id=approval.approval_id, by="Ann")
        await wire.poll_answer("p1")
        echoes.let_through()
        assert (await wire.report("s1")).error_code is ErrorCode.APPROVAL_EXPIRED
        assert [decision[2:4] for decision in decisions(running)] == [("expired", "nobody")]
    assert made(stage) == []


async def test_people_may_ask_for_a_run_and_cancel_it_before_it_is_gone_on_with(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.driver.faults.hanging.add("setze_helligkeit")
    async with stage.agent():
        await wire.order(SET)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stage.driver.called.wait()
    echoes = Echoes(monkeypatch)
    async with stage.agent():
        answer = await wire.poll_answer("p1", "s1")
        assert (answer.status, answer.sentence) == (ReportStatus.ONGOING, "Going on after a restart.")
        assert (await wire.poll_answer("p2")).subtask_id == "s1"
        await wire.control(ControlCommand.CANCEL, "s1")
        await wire.poll_answer("p3", "s1")
        assert stage.driver.times_made_safe == 1
        echoes.let_through()
        report = await wire.report("s1")
        assert report.status is ReportStatus.CANCELLED
        assert report.sentence == "Cancelled.", "and not: before it was started"
    assert made(stage) == ["setze_helligkeit"], "it is not made again"
    assert stage.driver.times_made_safe == 2


async def test_what_was_kept_and_was_changed_is_refused_and_the_machine_rests(
    stage: Stage, wire: Watched
) -> None:
    stage.driver.faults.hanging.add("setze_helligkeit")
    async with stage.agent():
        await wire.order(SET)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stage.driver.called.wait()
    with AgentStore(stage.state) as store:
        (_, sealed), *_ = store.kept_runs()
        store.keep_run("s1", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    async with stage.agent():
        report = await wire.report("s1")
    assert (report.status, report.error_code) == (ReportStatus.FAILED, ErrorCode.SNAPSHOT_REFUSED)
    assert made(stage) == ["setze_helligkeit"]
    assert stage.driver.times_made_safe == 2


# Ends


async def test_what_has_begun_is_not_called_not_executable(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fixed(Pipeline):
        def write(self, sentence: str, *_: Any, **__: Any) -> Program:
            return Program(
                "setze_helligkeit(stufe=5)\n1 / 0\n", ("setze_helligkeit",), model_calls=0, confidence=1.0
            )

    monkeypatch.setattr("device_agent.agent.Pipeline", Fixed)
    async with stage.agent():
        await wire.order(SET)
        report = await wire.report("s1")
    assert (report.status, report.error_code) == (ReportStatus.FAILED, ErrorCode.MODEL_OUTPUT_INVALID)
    assert "Done before: Set brightness." in report.sentence
    assert stage.driver.times_made_safe == 1


async def test_an_agent_that_ends_lets_its_machine_come_to_rest_first(
    stage: Stage, wire: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest = asyncio.Event()
    began = asyncio.Event()

    async def slowly() -> None:
        began.set()
        for _ in range(200):
            await asyncio.sleep(0)
        at_rest.set()

    monkeypatch.setattr(stage.driver, "make_safe", slowly)
    async with stage.agent():
        stop = EmergencyStop(engaged=True, by="Ann", at=stage.clock.now())
        await wire.bus.publish(wire.topics.emergency_stop, encode(stop), retain=True)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await began.wait()
    assert at_rest.is_set()


async def test_every_final_report_says_where_the_run_has_been(stage: Stage, wire: Watched) -> None:
    async with stage.agent():
        await wire.order(LOOK)
        visits = [visit.state for visit in (await wire.report("s1")).visits]
        assert visits == [
            SubtaskState.START,
            SubtaskState.VERIFYING,
            SubtaskState.PREPROCESSING,
            SubtaskState.CALL_PENDING,
            SubtaskState.POSTPROCESSING,
            SubtaskState.END,
        ]
        await wire.order("make coffee", "s2")
        assert (await wire.report("s2")).visits == (), "there was no run"
