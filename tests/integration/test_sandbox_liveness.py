"""An agent answers while its program does its worst."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path

import pytest

from device_agent.drivers.simulated import SimulatedDriver
from device_agent.executor import Executor
from device_agent.pipeline import Pipeline, Program, Watcher
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from protocol.messages import Report, ReportStatus
from sandbox.session import Finished, PendingCall, SandboxSession
from tests.device_agent_kit import Watched, agent_running, lamp, watching
from tests.sandbox_attacks.bombs import BOMBS
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

# Real seconds; on an idle machine the longest answer takes some milliseconds.
MOST_SECONDS_TO_AN_ANSWER = 1.0
HARMLESS = "pruefe_anwesenheit"
# One for each way of being stopped: by the interpreter, by the allocator, by the kill, by the agent itself.
CHOSEN = (
    "a text that doubles",
    "a text of a shared list",
    "an empty loop",
    "a squared number",
    "a swallowed time limit",
    "recursion that swallows its limit",
    "functions in functions",
    "parentheses",
    "lines without end",
    "a long error",
    "a shared list seven deep",
    "a list of one long text",
    "a deep list",
    "a long name",
)


class Bombs(Pipeline):
    """Gives the bomb of that name for the sentence of a subtask."""

    def write(
        self,
        sentence: str,
        modes: Collection[str] | None = None,
        *,
        feedback: str | None = None,
        watcher: Watcher | None = None,
    ) -> Program:
        source = next((bomb.source for bomb in BOMBS if bomb.name == sentence), f"{HARMLESS}()\n")
        return Program(source, ("measure", "move", HARMLESS), model_calls=0, confidence=1.0)


async def polled_to_the_end(site: Watched, subtask_id: str) -> tuple[Report, list[ReportStatus], float]:
    """Ask without pause until the subtask has ended; return its end, all answers and the longest wait in seconds."""
    answers: list[ReportStatus] = []
    longest = 0.0
    while True:
        started = time.monotonic()
        answer = await site.poll_answer(f"{subtask_id}-{len(answers)}", subtask_id)
        longest = max(longest, time.monotonic() - started)
        answers.append(answer.status)
        for report in site.reports(subtask_id):
            if report.status.is_final:
                return report, answers, longest
        site.deliveries.clear()  # so that looking through them takes no longer with every answer


@pytest.mark.parametrize("sees", [False, True], ids=["the verifier sees nothing", "it sees what it can"])
async def test_an_agent_answers_polls_while_bombs_are_checked_and_run(
    sees: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sees:
        monkeypatch.setattr("device_agent.executor.verify", lambda *_, **__: ())
        monkeypatch.setattr(Executor, "_dangerous_steps", lambda *_: [])
    started: list[SandboxSession] = []
    start = SandboxSession.start

    def noting(session: SandboxSession) -> PendingCall | Finished:
        started.append(session)
        return start(session)

    monkeypatch.setattr(SandboxSession, "start", noting)
    monkeypatch.setattr("device_agent.agent.Pipeline", Bombs)
    clock = FakeClock()
    broker = InProcessBroker(clock=clock)
    driver = SimulatedDriver(lamp(), clock)
    async with (
        InProcessBus(broker, "watcher", clock=clock) as bus,
        watching(bus, "main", clock) as site,
        agent_running(
            lambda name, will: InProcessBus(broker, name, will=will, clock=clock),
            "main",
            tmp_path,
            ScriptedModel(lambda _: ""),
            clock,
            driver=driver,
        ) as running,
    ):
        answers_while_it_ran = 0
        for number, name in enumerate(CHOSEN, 1):
            before = len(started)
            await site.order(name, f"s{number}")
            end, answers, longest = await polled_to_the_end(site, f"s{number}")
            was_started = len(started) > before
            assert was_started or sees, name
            # It is the program's own fault, and nothing has moved because of it.
            assert end.status is ReportStatus.NOT_EXECUTABLE, (name, end)
            assert end.error_code is not ErrorCode.INTERNAL, (name, end)
            assert longest < MOST_SECONDS_TO_AN_ANSWER, name
            answers_while_it_ran += answers.count(ReportStatus.ONGOING)
        assert answers_while_it_ran > 10 * len(CHOSEN)
        assert not driver.calls
        await site.order("a harmless program", "s0")
        end, _, _ = await polled_to_the_end(site, "s0")
        assert end.status is ReportStatus.COMPLETED
        assert [name for name, _ in driver.calls] == [HARMLESS]
        assert not running.task.done()
