"""What people order while a program runs: to pause, to go on, to stop, yes and no; also when power is lost meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import sandbox.session
from device_agent.executor import APPROVAL_SECONDS, Executor
from device_agent.orders import Orders
from device_agent.run_record import KeptCall, Phase, RunRecord
from fsm.flaws import Flaw
from fsm.subtask import SubtaskRun, SubtaskState
from protocol.errors import ErrorCode
from protocol.messages import Approval
from sandbox.session import SandboxSession
from tests.device_agent_kit import PATIENCE_SECONDS
from tests.executor_kit import (
    BRIGHT,
    DARK,
    LOOK,
    LOOKING,
    MODE,
    OFF,
    SET,
    TURN,
    TURNING,
    Bench,
    unasked_lamp,
)
from transport.clock import FakeClock

FAILED, CANCELLED, END = SubtaskState.FAILED, SubtaskState.CANCELLED, SubtaskState.END
PAUSED, ASKING = SubtaskState.PAUSED, SubtaskState.AWAITING_APPROVAL
ANN = "Ann has paused it."


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[SandboxSession]:
    """Every session that was opened."""
    opened: list[SandboxSession] = []
    begin = SandboxSession.__init__

    def noting(session: SandboxSession, *arguments: Any) -> None:
        begin(session, *arguments)
        opened.append(session)

    monkeypatch.setattr(SandboxSession, "__init__", noting)
    return opened


def working(sessions: list[SandboxSession]) -> int:
    """How many of them hold a worker."""
    return sum(session._worker is not None for session in sessions)


# Pause and resume


async def test_a_run_rests_after_the_call_that_is_being_made_and_holds_no_worker(
    sessions: list[SandboxSession], clock: FakeClock
) -> None:
    bench = Bench(clock)
    bench.driver._answers[LOOK] = lambda _: bench.orders.pause(ANN) or "BELEGT"
    running = bench.start(f"seen = {LOOK}()\n{BRIGHT}if seen == 'BELEGT':\n    {DARK}")
    await bench.until_in(PAUSED)
    assert bench.driver.made == [LOOK]
    assert sessions
    assert working(sessions) == 0
    await clock.advance(3600)
    assert not running.done()
    bench.orders.resume()
    execution = await bench.end(running)
    assert execution.state is END
    assert bench.driver.made == [LOOK, SET, OFF], "it knows what it had seen"
    assert working(sessions) == 0
    paused = [visit for visit in execution.visits if visit.state == PAUSED]
    assert [visit.seconds for visit in paused] == [pytest.approx(3600, abs=10)]


async def test_a_run_that_is_paused_before_it_starts_rests_before_its_first_call(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.orders.pause(ANN)
    running = bench.start(BRIGHT)
    await bench.until_in(PAUSED)
    assert bench.driver.made == []
    bench.orders.resume()
    assert (await bench.end(running)).state is END


async def test_what_is_taken_back_in_time_pauses_nothing_and_the_first_reason_stays(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.orders.pause(ANN)
    bench.orders.pause("Ben has paused it.")
    assert bench.orders.wants_rest == ANN
    bench.orders.resume()
    assert (await bench.run(BRIGHT)).state is END
    assert PAUSED not in bench.states


@pytest.mark.parametrize(
    ("order", "state", "sentence"),
    [
        ("cancel", CANCELLED, "Cancelled. Done before: Check presence. Person in the room: yes."),
        ("emergency", FAILED, "Emergency stop. Done before: Check presence. Person in the room: yes."),
    ],
)
async def test_a_paused_run_can_be_stopped(
    order: str, state: SubtaskState, sentence: str, clock: FakeClock
) -> None:
    bench = Bench(clock)
    bench.driver._answers[LOOK] = lambda _: bench.orders.pause(ANN) or "BELEGT"
    running = bench.start(LOOKING + BRIGHT)
    await bench.until_in(PAUSED)
    getattr(bench.orders, order).set()
    execution = await bench.end(running)
    assert (execution.state, execution.sentence) == (state, sentence)
    assert bench.driver.made == [LOOK]
    assert bench.driver.times_made_safe >= 1


async def test_many_paused_runs_hold_no_worker_and_little_memory(
    sessions: list[SandboxSession], clock: FakeClock
) -> None:
    benches = [Bench(clock) for _ in range(30)]
    runs = []
    for bench in benches:
        bench.orders.pause(ANN)
        runs.append(bench.start(LOOKING + BRIGHT))
    for bench in benches:
        await bench.until_in(PAUSED)
    assert len(sessions) == len(benches)
    assert working(sessions) == 0
    assert max(len(bench.records.last.snapshot) for bench in benches) < 64 * 1024
    for bench in benches:
        bench.orders.resume()
    for bench, running in zip(benches, runs, strict=True):
        assert (await bench.end(running)).state is END
        assert bench.driver.made == [LOOK, SET]


async def test_a_program_that_cannot_be_kept_at_a_pause_has_failed_and_was_not_cancelled(
    clock: FakeClock,
) -> None:
    bench = Bench(clock)
    bench.orders.pause(ANN)
    # It holds more than may be kept, and less than it may use.
    execution = await bench.run(f"held = ['%d' % n for n in range(60000)]\n{SET}(stufe=len(held) % 9)\n")
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.MODEL_OUTPUT_INVALID)
    assert execution.sentence == "The program could not be kept at a step."
    assert PAUSED not in bench.states


# Orders over a restart


async def test_an_order_to_pause_outlives_a_crash_in_the_middle_of_a_call(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.faults.hanging.add(SET)
    running = bench.start(BRIGHT + LOOKING)
    await bench.until_made(SET)
    bench.orders.pause(ANN)
    bench.driver.faults.hanging.clear()
    again = bench.after_a_crash(running)
    await bench.until_in(PAUSED)
    assert bench.orders.wants_rest == ANN
    assert bench.driver.made == [SET], "made again, and then it rests"
    bench.orders.resume()
    assert (await bench.end(again)).state is END


async def test_a_paused_run_is_paused_after_a_crash_and_says_so_at_once(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.orders.pause(ANN)
    running = bench.start(BRIGHT)
    await bench.until_in(PAUSED)
    again = bench.after_a_crash(running)
    await clock.settle()
    assert (bench.states, bench.orders.wants_rest) == ([PAUSED], ANN)
    bench.orders.resume()
    assert (await bench.end(again)).state is END
    assert bench.driver.made == [SET]


async def test_a_run_that_was_let_go_on_just_before_a_crash_goes_on(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.orders.pause(ANN)
    running = bench.start(BRIGHT)
    await bench.until_in(PAUSED)
    bench.orders.resume()
    again = bench.after_a_crash(running)
    assert (await bench.end(again)).state is END


async def test_a_question_outlives_a_crash_and_its_answer_fits(clock: FakeClock) -> None:
    bench = Bench(clock)
    running = bench.start(TURNING)
    await bench.until_in(ASKING)
    question = bench.orders.approval
    again = bench.after_a_crash(running)
    await clock.settle()
    assert (bench.states, bench.orders.approval) == ([ASKING], question)
    bench.decide(approve=True)
    assert (await bench.end(again)).state is END
    assert bench.driver.made == [SET, TURN]


async def test_what_was_cancelled_before_it_began_is_not_kept(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.orders.cancel.set()
    assert (await bench.run(BRIGHT)).state is CANCELLED
    assert bench.records.written == []


async def test_a_call_that_the_description_does_not_know_any_more_has_an_unknown_outcome(
    clock: FakeClock,
) -> None:
    bench = Bench(clock)
    record = RunRecord(
        subtask_id="s1",
        sentence="Do it.",
        source=BRIGHT,
        function_names=(SET,),
        model_calls=1,
        phase=Phase.ISSUED,
        run=SubtaskRun(SubtaskState.CALL_PENDING, None, 1, 1, 0),
        call=KeptCall(call_id=1, name="gibt_es_nicht_mehr", arguments={}),
    )
    going = asyncio.create_task(bench.executor.take_up(record, bench.program(BRIGHT), bench.orders))
    execution = await bench.end(going)
    assert (execution.state, execution.error_code) == (
        SubtaskState.UNKNOWN_OUTCOME,
        ErrorCode.UNKNOWN_OUTCOME,
    )
    assert bench.driver.times_made_safe == 1


async def test_after_a_crash_no_other_program_is_tried_in_place_of_one_that_has_moved_the_machine(
    clock: FakeClock,
) -> None:
    bench = Bench(clock)
    bench.driver.faults.hanging.add(LOOK)
    running = bench.start(f"{BRIGHT}{LOOKING}1 / 0\n")
    await bench.until_made(SET, LOOK)
    bench.driver.faults.hanging.clear()
    execution = await bench.end(bench.after_a_crash(running))
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.MODEL_OUTPUT_INVALID)
    assert not execution.is_repairable


# Cancelling


async def test_a_run_is_cancelled_while_it_waits_for_another_try(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.faults.failing.add(SET)
    running = bench.start(BRIGHT)
    await bench.until_in(SubtaskState.RETRYING)
    bench.orders.cancel.set()
    execution = await bench.end(running)
    assert execution.state is CANCELLED
    assert execution.sentence == "Cancelled. Set brightness failed. The machine does not do this."
    assert bench.driver.made == [SET]
    assert bench.driver.times_made_safe == 1


async def test_a_run_is_cancelled_while_it_waits_for_an_answer_and_the_machine_is_left_alone(
    clock: FakeClock,
) -> None:
    bench = Bench(clock)
    running = bench.start(TURNING)
    await bench.until_in(ASKING)
    bench.orders.cancel.set()
    execution = await bench.end(running)
    assert (execution.state, execution.sentence) == (CANCELLED, "Cancelled.")
    assert bench.driver.made == []
    assert bench.driver.times_made_safe == 0
    assert bench.orders.approval is None, "nobody is asked any more"


async def test_a_result_that_comes_with_the_cancellation_is_told(clock: FakeClock) -> None:
    bench = Bench(clock, **{LOOK: "BELEGT"})
    bench.driver._answers[LOOK] = lambda _: bench.orders.cancel.set() or "BELEGT"
    execution = await bench.run(LOOKING + BRIGHT)
    assert execution.state is CANCELLED
    assert execution.sentence == "Cancelled. Done before: Check presence. Person in the room: yes."
    assert bench.driver.made == [LOOK]


# Approval


async def test_what_is_dangerous_waits_for_a_yes_and_is_checked_again_then(clock: FakeClock) -> None:
    bench = Bench(clock)
    running = bench.start(TURNING)
    await bench.until_in(ASKING)
    approval = bench.orders.approval
    assert approval is not None
    assert approval.question == 'May the lamp do this: "Turn head"? It is marked as dangerous.'
    assert approval.expires_at - clock.now() == pytest.approx(APPROVAL_SECONDS, abs=5)
    assert bench.driver.made == []
    bench.decide(approve=True)
    execution = await bench.end(running)
    assert execution.state is END
    assert bench.driver.made == [SET, TURN]
    assert bench.states[:4] == [
        SubtaskState.VERIFYING,
        ASKING,
        SubtaskState.VERIFYING,
        SubtaskState.PREPROCESSING,
    ]
    assert [name for name, _ in bench.driver.calls].count(MODE) == 2


async def test_a_no_means_that_nothing_moves(clock: FakeClock) -> None:
    bench = Bench(clock)
    running = bench.start(TURNING)
    await bench.until_in(ASKING)
    bench.decide(approve=False)
    execution = await bench.end(running)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.APPROVAL_DENIED)
    assert execution.sentence == "Not done: a person said no."
    assert (bench.driver.made, bench.driver.times_made_safe, execution.has_begun) == ([], 0, False)


async def test_a_question_that_nobody_answers_expires(clock: FakeClock) -> None:
    bench = Bench(clock)
    running = bench.start(TURNING)
    await bench.until_in(ASKING)
    asked = clock.now()
    execution = await bench.end(running)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.APPROVAL_EXPIRED)
    assert clock.now() - asked == pytest.approx(APPROVAL_SECONDS, abs=5)
    assert (bench.driver.made, bench.driver.times_made_safe) == ([], 0)


async def test_an_answer_to_another_question_and_a_second_answer_change_nothing(clock: FakeClock) -> None:
    bench = Bench(clock)
    assert not bench.orders.decide("early", approve=True)
    running = bench.start(TURNING)
    await bench.until_in(ASKING)
    assert bench.orders.approval is not None
    assert not bench.orders.decide("another", approve=True)
    await clock.advance(1)
    assert bench.states[-1] is ASKING
    bench.decide(approve=False)
    assert not bench.orders.decide(bench.orders.approval.approval_id, approve=True)
    assert (await bench.end(running)).error_code is ErrorCode.APPROVAL_DENIED


async def test_an_approval_is_for_one_run(clock: FakeClock) -> None:
    bench = Bench(clock)
    questions: list[Approval | None] = []
    for _ in range(2):
        bench.orders, bench.states = Orders(), []
        running = bench.start(TURNING)
        await bench.until_in(ASKING)
        questions.append(bench.orders.approval)
        bench.decide(approve=True)
        assert (await bench.end(running)).state is END
    assert None not in questions
    assert questions[0] != questions[1]


async def test_what_was_allowed_does_not_run_in_another_mode(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver._mode = "an"
    running = bench.start(f"{TURN}(rasten=2)\n")
    await bench.until_in(ASKING)
    bench.driver._mode = "aus"
    bench.decide(approve=True)
    execution = await bench.end(running)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.MODE_FORBIDDEN)
    assert bench.driver.made == []


async def test_no_dangerous_call_is_made_without_a_yes_whatever_was_asked(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Executor, "_dangerous_steps", lambda *_: [])
    bench = Bench(clock)
    execution = await bench.run(TURNING)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.DANGER_FORBIDDEN)
    assert execution.sentence == (
        "Turn head is dangerous, and nobody has agreed to it. Done before: Set brightness."
    )
    assert bench.driver.made == [SET]


# Verifying


async def test_a_program_that_the_present_mode_forbids_is_refused_in_plain_words(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    execution = await bench.run(f"{TURN}(rasten=2)\n")
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.MODE_FORBIDDEN)
    assert execution.sentence == (
        'Not executable, because the lamp is in the mode off, but "Turn head" needs the mode on.'
    )
    assert (bench.driver.made, bench.driver.times_made_safe, execution.has_begun) == ([], 0, False)
    bench.driver._mode = "an"
    bench.orders = Orders()
    assert (await bench.run(f"{TURN}(rasten=2)\n")).state is END


class Stuck:
    """Stands for something that blocks its thread until it is let go."""

    def __init__(self, then: Callable[..., Any]) -> None:
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self._then = then

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.entered.set()
        assert self.go_on.wait(PATIENCE_SECONDS)
        return self._then(*arguments, **options)


@pytest.mark.parametrize("order", ["cancel", "emergency"])
async def test_an_order_to_stop_does_not_wait_for_the_verifier(
    order: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: Any, **__: Any) -> tuple[Flaw, ...]:
        return ()

    verifier = Stuck(nothing)
    monkeypatch.setattr("device_agent.executor.verify", verifier)
    bench = Bench(clock)
    running = bench.start(BRIGHT)
    try:
        assert await asyncio.to_thread(verifier.entered.wait, PATIENCE_SECONDS)
        getattr(bench.orders, order).set()
        assert (await bench.end(running)).state in {FAILED, CANCELLED}
    finally:
        verifier.go_on.set()
    assert bench.driver.made == []


@pytest.mark.parametrize("order", ["cancel", "emergency", "shutdown"])
async def test_an_order_to_stop_does_not_wait_for_a_worker_and_gives_it_back(
    order: str, clock: FakeClock, sessions: list[SandboxSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = Stuck(sandbox.session.open_session)
    monkeypatch.setattr("device_agent.executor.open_session", opening)
    bench = Bench(clock)
    running = bench.start(BRIGHT)
    try:
        assert await asyncio.to_thread(opening.entered.wait, PATIENCE_SECONDS)
        if order == "shutdown":
            running.cancel()
            await asyncio.wait({running}, timeout=PATIENCE_SECONDS)
            assert running.cancelled()
        else:
            getattr(bench.orders, order).set()
            assert (await bench.end(running)).state in {FAILED, CANCELLED}
    finally:
        opening.go_on.set()
    await bench.until(lambda: bool(sessions) and working(sessions) == 0)
    assert bench.driver.made == []
