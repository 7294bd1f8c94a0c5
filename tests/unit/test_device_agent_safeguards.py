"""What keeps a machine safe while a program runs: retries, compensations, watches, and results that can be used."""

import asyncio
from typing import Any

import pytest

from device_agent.executor import RETRY_SECONDS
from device_agent.machine_call import WATCH_SECONDS, CallEnd, MachineCaller
from device_agent.orders import Orders
from device_agent.run_record import Phase, RunRecord
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import MAXIMUM_RETRIES, SubtaskRun, SubtaskState, Trigger
from protocol.errors import ErrorCode
from tests.device_agent_kit import lamp
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
    WARMTH,
    Bench,
    Machine,
    Records,
    changed_lamp,
    unasked_lamp,
)
from transport.clock import FakeClock

FAILED, CANCELLED, END = SubtaskState.FAILED, SubtaskState.CANCELLED, SubtaskState.END
PAUSED, ASKING = SubtaskState.PAUSED, SubtaskState.AWAITING_APPROVAL
HOT, WARM = 90.0, 20.0
BECAUSE = "The lamp has become too hot."


def resting_lamp() -> ThingDescription:
    """The example lamp, which pauses where it would stop because of the heat."""
    watch = {"property": WARMTH, "above": 80, "then": "pause", "because": BECAUSE}
    return changed_lamp({SET: {"parley:timeoutSeconds": 60}}, **{"parley:watches": [watch]})


# Retries


async def test_a_call_that_may_be_repeated_is_made_again_after_a_while(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.failures[SET] = 1
    execution = await bench.run(BRIGHT)
    assert (execution.state, execution.error_code) == (END, None)
    assert execution.sentence == "Done: Set brightness."
    (first, began), (second, again) = bench.driver.moves
    assert (first, second) == (SET, SET)
    assert again - began >= RETRY_SECONDS[0]
    assert bench.retries_seconds == [RETRY_SECONDS[0]]
    assert bench.states.count(SubtaskState.RETRYING) == 1
    assert execution.calls_made == 1, "the program made one"
    assert bench.driver.times_made_safe == 0


async def test_a_call_is_not_made_again_for_ever(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.faults.failing.add(SET)
    execution = await bench.run(BRIGHT + LOOKING)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.CALL_FAILED)
    assert bench.driver.made == [SET] * (1 + MAXIMUM_RETRIES)
    assert bench.retries_seconds == list(RETRY_SECONDS)
    assert bench.driver.times_made_safe == 1


async def test_tries_are_counted_for_each_call(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.failures.update({SET: MAXIMUM_RETRIES, OFF: MAXIMUM_RETRIES})
    execution = await bench.run(BRIGHT + DARK)
    assert execution.state is END
    assert bench.driver.made == [SET] * (1 + MAXIMUM_RETRIES) + [OFF] * (1 + MAXIMUM_RETRIES)


def test_there_is_a_wait_for_each_retry_of_the_table() -> None:
    assert len(RETRY_SECONDS) == MAXIMUM_RETRIES
    assert list(RETRY_SECONDS) == sorted(RETRY_SECONDS)


@pytest.mark.parametrize(
    ("safe", "idempotent", "on_failure", "tries"),
    [
        (True, True, "retry", 1 + MAXIMUM_RETRIES),
        (False, True, "retry", 1 + MAXIMUM_RETRIES),
        (True, False, "retry", 1 + MAXIMUM_RETRIES),
        (False, False, "retry", 1),
        (True, True, "stop", 1),
        (True, True, None, 1),
    ],
)
async def test_only_what_can_be_repeated_and_is_to_be_is_made_again(
    safe: bool, idempotent: bool, on_failure: str | None, tries: int, clock: FakeClock
) -> None:
    terms = {"safe": safe, "idempotent": idempotent, "parley:onFailure": on_failure}
    executable = changed_lamp({LOOK: terms | ({} if on_failure else {"parley:onFailure": "stop"})})
    bench = Bench(clock, executable)
    bench.driver.faults.failing.add(LOOK)
    execution = await bench.run(LOOKING)
    assert execution.state is FAILED
    assert bench.driver.made == [LOOK] * tries


async def test_a_call_that_the_program_wrote_wrongly_is_not_made_again(clock: FakeClock) -> None:
    bench = Bench(clock)
    execution = await bench.run(f"{SET}(stufe=11)\n")
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.OUT_OF_RANGE)
    assert bench.driver.made == []
    assert SubtaskState.RETRYING not in bench.states


async def test_a_failure_that_was_made_good_is_not_told_of_a_later_end(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.failures[SET] = 1
    bench.driver.faults.hanging.add(LOOK)
    running = bench.start(BRIGHT + LOOKING)
    await bench.until_made(SET, SET, LOOK)
    bench.orders.cancel.set()
    execution = await bench.end(running)
    assert execution.sentence == "Cancelled. Done before: Set brightness."


async def test_what_is_watched_is_looked_at_before_another_try(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.failures[SET] = 1
    running = bench.start(BRIGHT)
    await bench.until_in(SubtaskState.RETRYING)
    bench.driver.warmth = HOT
    execution = await bench.end(running)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.WATCH_TRIPPED)
    assert bench.driver.made == [SET]


# Going on without a result


async def test_a_program_goes_on_with_nothing_where_the_description_says_so(clock: FakeClock) -> None:
    bench = Bench(clock, changed_lamp({LOOK: {"parley:onFailure": "continue"}}))
    bench.driver.faults.failing.add(LOOK)
    execution = await bench.run(f"seen = {LOOK}()\nif seen is None:\n    {BRIGHT}")
    assert (execution.state, execution.error_code) == (END, None)
    assert bench.driver.made == [LOOK, SET]
    assert execution.sentence == (
        "Done: Set brightness. Left out: Check presence failed. The machine does not do this."
    )
    assert execution.findings == ()
    assert bench.driver.times_made_safe == 0


# Compensation


async def test_what_failed_is_compensated_and_the_run_has_failed(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.driver.faults.failing.add(TURN)
    execution = await bench.run(TURNING + LOOKING)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.CALL_FAILED)
    assert bench.driver.made == [SET, TURN, OFF]
    assert execution.sentence == (
        "Turn head failed. The machine does not do this. Then done: Switch off. Done before: Set brightness."
    )
    assert SubtaskState.COMPENSATING in bench.states
    assert bench.driver.times_made_safe == 1


async def test_a_time_out_is_compensated_too(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.driver.faults.hanging.add(TURN)
    execution = await bench.run(TURNING)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.CALL_TIMED_OUT)
    assert bench.driver.made == [SET, TURN, OFF]
    assert "Turn head did not finish within 10 seconds. Then done: Switch off." in execution.sentence


async def test_a_compensation_that_fails_is_told_and_the_machine_rests(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.driver.faults.failing |= {TURN, OFF}
    execution = await bench.run(TURNING)
    assert execution.state is FAILED
    assert bench.driver.made == [SET, TURN, OFF], "it is tried once"
    assert "Turn head failed. The machine does not do this. Switch off failed." in execution.sentence
    assert bench.driver.times_made_safe == 1


async def test_a_compensation_comes_to_its_end_although_the_run_is_cancelled(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.driver.faults.failing.add(TURN)
    bench.driver._answers[OFF] = lambda _: bench.orders.cancel.set() or True
    execution = await bench.run(TURNING)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.CALL_FAILED)
    assert "Then done: Switch off." in execution.sentence
    assert bench.driver.times_made_safe == 1


async def test_a_compensation_is_cut_off_by_an_emergency(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.driver.faults.failing.add(TURN)
    bench.driver.faults.hanging.add(OFF)
    running = bench.start(TURNING)
    await bench.until_made(SET, TURN, OFF)
    bench.orders.emergency.set()
    execution = await bench.end(running, is_at_once=True)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.EMERGENCY_STOPPED)
    assert execution.sentence.startswith("Emergency stop. Turn head failed. The machine does not do this.")
    assert bench.driver.times_made_safe >= 1


@pytest.mark.parametrize(
    ("order", "trigger"), [("cancel", Trigger.CANCEL), ("emergency", Trigger.EMERGENCY_STOP)]
)
async def test_no_call_is_begun_once_an_order_to_stop_is_given(
    order: str, trigger: Trigger, clock: FakeClock
) -> None:
    machine, orders = Machine(lamp(), clock), Orders()
    getattr(orders, order).set()
    end = await MachineCaller(lamp(), machine, clock).call(lamp().affordance(OFF), {}, orders, "Switch off")
    await clock.settle()
    assert end == CallEnd(trigger)
    assert machine.calls == []


@pytest.mark.parametrize(
    ("idempotent", "state", "code", "made"),
    [
        (True, FAILED, ErrorCode.CALL_FAILED, [OFF]),
        (False, SubtaskState.UNKNOWN_OUTCOME, ErrorCode.UNKNOWN_OUTCOME, []),
    ],
)
async def test_a_compensation_that_a_crash_cut_off_is_made_again_only_where_that_does_no_harm(
    idempotent: bool, state: SubtaskState, code: ErrorCode, made: list[str], clock: FakeClock
) -> None:
    off = {"idempotent": idempotent, "parley:onFailure": "stop"}
    bench = Bench(clock, changed_lamp({TURN: {"parley:danger": "none"}, OFF: off}))
    bench.driver.faults.failing.add(TURN)
    bench.driver.faults.hanging.add(OFF)
    running = bench.start(TURNING)
    await bench.until_made(SET, TURN, OFF)
    bench.driver.faults.hanging.clear()
    execution = await bench.end(bench.after_a_crash(running))
    assert (execution.state, execution.error_code) == (state, code)
    assert bench.driver.made == made, "and what failed before is not begun anew"
    assert execution.sentence.startswith("Turn head failed.")
    assert ("Switch off. Whether it was done is not known." in execution.sentence) == (not idempotent)


# Watches


async def test_a_watch_stops_a_run_before_it_moves_anything(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.warmth = HOT
    execution = await bench.run(BRIGHT)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.WATCH_TRIPPED)
    assert execution.sentence == BECAUSE
    assert bench.driver.made == []


async def test_a_watch_stops_a_run_between_two_calls(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver._answers[SET] = lambda _: setattr(bench.driver, "warmth", HOT) or [True, ""]
    execution = await bench.run(BRIGHT + LOOKING)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.WATCH_TRIPPED)
    assert execution.sentence == f"{BECAUSE} Done before: Set brightness."
    assert bench.driver.made == [SET]
    assert bench.driver.times_made_safe == 1


async def test_a_watch_stops_a_run_in_the_middle_of_a_call(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.driver.faults.hanging.add(TURN)
    running = bench.start(TURNING)
    await bench.until_made(SET, TURN)
    bench.driver.warmth = HOT
    await clock.settle()
    assert not bench.driver.times_made_safe, "it is looked at from time to time, not always"
    await clock.advance(2 * WATCH_SECONDS)
    execution = await bench.end(running, is_at_once=True)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.WATCH_TRIPPED)
    assert bench.driver.made == [SET, TURN], "a watch that stops is no failure to make up for"
    assert bench.driver.times_made_safe == 1


async def test_a_watch_pauses_a_run_until_it_is_well_and_someone_lets_it_go_on(clock: FakeClock) -> None:
    bench = Bench(clock, resting_lamp())
    bench.driver.warmth = HOT
    running = bench.start(BRIGHT)
    await bench.until_in(PAUSED)
    assert (bench.orders.wants_rest, bench.driver.made) == (BECAUSE, [])
    bench.orders.resume()
    await bench.until(lambda: bench.states.count(PAUSED) == 2)
    assert bench.driver.made == [], "still too hot"
    bench.driver.warmth = WARM
    bench.orders.resume()
    execution = await bench.end(running)
    assert execution.state is END
    assert bench.driver.made == [SET]


async def test_a_watch_that_pauses_lets_the_call_come_to_its_end(clock: FakeClock) -> None:
    bench = Bench(clock, resting_lamp())
    may_end = asyncio.Event()

    async def slow() -> list[Any]:
        await may_end.wait()
        return [True, ""]

    call = bench.driver.call

    async def calling(name: str, arguments: Any) -> Any:
        answer = await call(name, arguments)
        return await slow() if name == SET else answer

    bench.driver.call = calling  # type: ignore[method-assign]
    running = bench.start(f"{SET}(stufe=5)\n{LOOKING}")
    await bench.until_made(SET)
    bench.driver.warmth = HOT
    await clock.advance(2 * WATCH_SECONDS)
    await bench.at_once(lambda: bool(bench.orders.wants_rest))
    assert bench.states[-1] is SubtaskState.CALL_PENDING
    may_end.set()
    await bench.until_in(PAUSED)
    assert bench.driver.made == [SET]
    bench.driver.warmth = WARM
    bench.orders.resume()
    assert (await bench.end(running)).state is END


@pytest.mark.parametrize("fault", ["failing", "hanging"])
async def test_what_cannot_be_read_stops_nothing(fault: str, clock: FakeClock) -> None:
    bench = Bench(clock)
    getattr(bench.driver.faults, fault).add(WARMTH)
    execution = await bench.run(BRIGHT)
    assert execution.state is END
    assert bench.driver.made == [SET]


# Drivers with bad manners


class GivesUp(Machine):
    """A lamp whose driver cancels itself, as vendors' code that works with tasks may do."""

    def __init__(self, clock: FakeClock, *functions: str) -> None:
        super().__init__(unasked_lamp(), clock)
        self.functions = functions

    async def call(self, name: str, arguments: Any) -> Any:
        if name in self.functions:
            self.moves.append((name, self._clock.now()))
            raise asyncio.CancelledError
        return await super().call(name, arguments)

    async def make_safe(self) -> None:
        await super().make_safe()
        raise asyncio.CancelledError


async def test_a_driver_that_cancels_itself_costs_a_call_and_not_the_agent(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.use(GivesUp(clock, TURN))
    execution = await bench.run(TURNING)
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.CALL_FAILED)
    assert "Turn head failed. The driver of the machine has a defect. Then done: Switch off." in (
        execution.sentence
    )
    assert bench.driver.times_made_safe == 1


async def test_a_driver_that_cancels_itself_when_asked_tells_nothing(clock: FakeClock) -> None:
    bench = Bench(clock, unasked_lamp())
    bench.use(GivesUp(clock, WARMTH, MODE))
    assert (await bench.run(BRIGHT)).state is END


# Traces and results


async def test_every_state_is_visited_with_its_time(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.failures[SET] = 1
    bench.driver.faults.delay_seconds = 2.0
    execution = await bench.run(BRIGHT + LOOKING)
    assert [visit.state for visit in execution.visits] == [
        SubtaskState.START,
        SubtaskState.VERIFYING,
        SubtaskState.PREPROCESSING,
        SubtaskState.CALL_PENDING,
        SubtaskState.RETRYING,
        SubtaskState.CALL_PENDING,
        SubtaskState.CALL_PENDING,
        SubtaskState.POSTPROCESSING,
        SubtaskState.END,
    ]
    seconds = dict(zip(range(9), (visit.seconds for visit in execution.visits), strict=True))
    assert seconds[1] >= 2.0, "asking for the mode takes as long as any call"
    # The first failure came at once; what is watched is read again before the second try.
    assert seconds[4] >= RETRY_SECONDS[0]
    assert seconds[6] >= 2.0
    assert seconds[8] == 0.0


@pytest.mark.parametrize(
    "result",
    [object(), float("nan"), float("inf"), {1, 2}, b"bytes", [True, object()], 10**5000],
    ids=lambda value: type(value).__name__,
)
async def test_a_result_that_is_no_json_is_a_failed_call(result: Any, clock: FakeClock) -> None:
    bench = Bench(clock, changed_lamp({LOOK: {"output": None}}), **{LOOK: result})
    execution = await bench.run(f"x = {LOOK}()\nif x == 1:\n    {BRIGHT}")
    assert (execution.state, execution.error_code) == (FAILED, ErrorCode.CALL_FAILED)
    assert execution.sentence == "Check presence gave an answer that cannot be read."
    assert bench.driver.times_made_safe == 1


async def test_a_result_is_given_to_the_program_as_it_is_kept(clock: FakeClock) -> None:
    bench = Bench(clock, changed_lamp({LOOK: {"output": None}}), **{LOOK: (1, {"two": (3,)})})
    execution = await bench.run(f"x = {LOOK}()\nif x == [1, {{'two': [3]}}]:\n    {BRIGHT}")
    assert execution.state is END
    assert bench.driver.made == [LOOK, SET]
    kept = [RunRecord.from_bytes(content) for content in bench.records.written]
    assert next(record.result for record in kept if record.result is not None) == [1, {"two": [3]}]


def test_records_stand_for_what_a_store_keeps() -> None:
    record = RunRecord(
        subtask_id="s1",
        sentence="Do it.",
        source=BRIGHT,
        function_names=(SET,),
        model_calls=1,
        phase=Phase.BEGUN,
        run=SubtaskRun(),
        snapshot=b"\x00\n\xff",
    )
    records = Records()
    records.keep(record)
    assert records.last == record
