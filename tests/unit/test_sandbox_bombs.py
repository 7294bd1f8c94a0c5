"""Every bomb ends within the limits: in time, in the worker's memory, and in the agent's own."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox.session
from fsm.modes import ModeAutomaton
from fsm.verifier import verify
from sandbox.errors import LimitExceededError, ProgramError
from sandbox.session import Finished, Limits, PendingCall, SandboxSession, open_session, restore_session
from tests.sandbox_attacks.bombs import BOMBS, Bomb

FUNCTIONS = ("measure", "move")
LIMITS = Limits(seconds=0.1)
# A tenth of a second of its own and one of grace before the worker is killed; the rest is for a busy machine.
MOST_SECONDS = 15.0
MIB = 1024 * 1024
MOST_GROWTH_OF_THE_AGENT = 16 * MIB
# Its heap may hold 16 MiB; the interpreter itself takes 9, and more while it grows what it holds.
MOST_MEMORY_OF_A_WORKER = 64 * MIB

every_bomb = pytest.mark.parametrize("bomb", BOMBS, ids=[bomb.name for bomb in BOMBS])


@pytest.fixture(scope="module", autouse=True)
def other_workers() -> Iterator[set[int]]:
    """Give these tests workers of their own; return those of other tests."""
    with pytest.MonkeyPatch.context() as patch:
        pool = sandbox.session._Pool()
        patch.setattr(sandbox.session, "_pool", pool)
        yield set(workers())
        pool.close()


def memory(process: str, field: str) -> int:
    """Bytes that a process takes; 0 for one that has just ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def workers() -> dict[int, str]:
    """The states of this process's workers, by process id."""
    states: dict[int, str] = {}
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text(encoding="ascii").split():
            name, _, rest = Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")
            if name.endswith("(monty"):
                states[int(child)] = rest.split()[0]
    return states


def run(session: SandboxSession, *, paused: bool = False) -> Finished:
    reached = session.start()
    while isinstance(reached, PendingCall):
        if paused:
            session = restore_session(session.dump(), FUNCTIONS, LIMITS)
        answer = session.fail if reached.arguments.get("fail") else session.resume
        reached = answer("the arm is stuck")
    return reached


def test_there_are_enough_bombs_and_none_twice() -> None:
    assert len(BOMBS) >= 100
    assert len({bomb.name for bomb in BOMBS}) == len({bomb.source for bomb in BOMBS}) == len(BOMBS)


@every_bomb
def test_the_bomb_is_contained(bomb: Bomb, capfd: pytest.CaptureFixture[str]) -> None:
    threads = threading.active_count()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before, started = memory("self", "VmRSS"), time.monotonic()
    end: ProgramError | None = None
    worker = ""
    try:
        with open_session(bomb.source, FUNCTIONS, LIMITS) as session:
            assert session._worker is not None
            worker = str(session._worker.worker_pid)
            run(session)
    except ProgramError as error:
        end = error
    assert type(end) is (bomb.ends or type(None)), end
    assert time.monotonic() - started < MOST_SECONDS
    assert before
    assert memory("self", "VmHWM") - before < MOST_GROWTH_OF_THE_AGENT
    assert not worker or memory(worker, "VmHWM") < MOST_MEMORY_OF_A_WORKER
    assert len(str(end)) < 1000
    assert threading.active_count() == threads
    # What the interpreter's allocator says when it ends a worker is all that may be seen.
    output, complaints = capfd.readouterr()
    assert output == ""
    assert all("exceeds the memory limit" in line for line in complaints.splitlines())
    with open_session("measure(of=1)", FUNCTIONS, LIMITS) as session:
        assert session.start() == PendingCall(1, "measure", (), {"of": 1})


@every_bomb
def test_the_checks_before_the_run_get_through_the_bomb(bomb: Bomb) -> None:
    """The verifier reads programs in the agent's own process."""
    started = time.monotonic()
    verify(
        bomb.source,
        ModeAutomaton(frozenset({"ready"}), {}),
        ["ready"],
        danger={"measure": "none", "move": "none"},
        maximum_calls=LIMITS.calls,
    )
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.parametrize(
    "bomb",
    [bomb for bomb in BOMBS if bomb.kind in {"depth", "calls and output", "the agent's memory and time"}],
    ids=lambda bomb: bomb.name,
)
def test_the_bomb_is_contained_when_it_is_kept_at_every_call(bomb: Bomb) -> None:
    end: ProgramError | None = None
    try:
        run(open_session(f"move(step=0)\n{bomb.source}", FUNCTIONS, LIMITS), paused=True)
    except ProgramError as error:
        end = error
    assert type(end) is (bomb.ends or type(None)), end


def test_no_worker_is_left_behind_or_was_too_large(
    other_workers: set[int], capfd: pytest.CaptureFixture[str]
) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    killer = next(bomb for bomb in BOMBS if bomb.name == "a squared number")
    with (
        # Which of the two it is depends on what the interpreter sees first.
        pytest.raises(LimitExceededError, match=r"took its worker down|worker exceeded its memory limit"),
        open_session(killer.source, FUNCTIONS, LIMITS) as session,
    ):
        run(session)
    with open_session("measure(of=1)", FUNCTIONS, LIMITS) as session:
        session.start()
        states = [state for process, state in workers().items() if process not in other_workers]
        assert states in (["S"], ["R"])
    # Of those that were killed, the peak is known once they are gone.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    # A child begins as a copy of this process, which grows with the tests before this one.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert peak <= max(before, own, MOST_MEMORY_OF_A_WORKER)
