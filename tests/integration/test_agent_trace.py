"""`parley agent trace` reads an agent's state while that agent is at work, from another process."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from device_agent.executor import Execution, Executor
from device_agent.kept_runs import KeptRuns
from device_agent.orders import Orders
from device_agent.pipeline import Program
from device_agent.store import FILE_NAME, KEY_NAME, AgentStore
from device_agent.trace import read_trace
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from parley.cli import app
from protocol.errors import InputError, OperatorError
from protocol.messages import Report, ReportStatus
from sandbox.seal import SnapshotSealer, load_or_create_key
from tests.device_agent_kit import PATIENCE_SECONDS, lamp
from tests.mermaid import parse
from transport.clock import FakeClock

SUBTASK = "goal-1f0c9a7be342-1"
SOURCE = "setze_helligkeit(stufe=5)\npruefe_anwesenheit()\n"
ON_THE_PAGE = re.findall(
    rf"^\$ parley agent trace {SUBTASK} --device-id lamp-1\n(.*?)^```",
    Path("docs/operations.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)[0]
FUNCTIONS = ("setze_helligkeit", "pruefe_anwesenheit")


def plain_lamp() -> ThingDescription:
    """The example lamp without modes and watches, so that nothing but programs calls its machine."""
    document = lamp().document
    for term in ("parley:initialMode", "parley:modeProperty", "parley:watches"):
        document.pop(term, None)
    for action in document["actions"].values():
        action.pop("parley:modesFrom", None)
        action.pop("parley:modeTo", None)
    return load(document)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class GatedDriver:
    """Answers a call only when it is let."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[str] = asyncio.Queue()
        self.answers: asyncio.Queue[Any] = asyncio.Queue()

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        del arguments
        await self.calls.put(name)
        return await self.answers.get()

    async def make_safe(self) -> None:
        """There is nothing that moves."""


class Bench:
    """One run of a lamp's agent with its real store and sandbox."""

    def __init__(self, folder: Path, clock: FakeClock, stack: ExitStack) -> None:
        self.folder = folder
        self.clock = clock
        self.driver = GatedDriver()
        self.store = stack.enter_context(AgentStore(folder))
        runs = KeptRuns(self.store, SnapshotSealer(load_or_create_key(folder / KEY_NAME)))
        self.executor = Executor(plain_lamp(), self.driver, clock, keeper=runs)
        self.store.accept(SUBTASK)

    def start(self) -> asyncio.Task[Execution]:
        program = Program(SOURCE, FUNCTIONS, 1, 1.0)
        run = self.executor.execute(program, Orders(), subtask_id=SUBTASK, sentence="Shine and look.")
        return asyncio.create_task(run)

    async def called(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.driver.calls.get()

    def finish(self, execution: Execution) -> None:
        """Keep the end as an agent does."""
        report = Report(
            report_id="r1",
            device_id="lamp-1",
            session=1,
            subtask_id=SUBTASK,
            status=ReportStatus.COMPLETED,
            sentence=execution.sentence,
            visits=execution.visits,
            at=self.clock.now(),
        )
        self.store.finish(report)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "main" / "agents" / "lamp-1"


async def elsewhere(tmp_path: Path, *options: str) -> str:
    """Run the command in a process of its own."""
    arguments = ["agent", "trace", SUBTASK, "--device-id", "lamp-1", "--state-dir", str(tmp_path), *options]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "parley", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    assert child.returncode == 0
    return output.decode()


async def test_a_run_is_shown_while_it_is_at_work_and_after_its_end(
    tmp_path: Path, folder: Path, clock: FakeClock
) -> None:
    with ExitStack() as stack:
        bench = Bench(folder, clock, stack)
        assert read_trace(folder, SUBTASK).text() == f"{SUBTASK}: taken on, not begun."
        run = bench.start()
        assert await bench.called() == "setze_helligkeit"
        await clock.advance(2.5)
        bench.driver.answers.put_nowait([True, "ok"])
        assert await bench.called() == "pruefe_anwesenheit"
        assert await elsewhere(tmp_path) == ON_THE_PAGE
        await clock.advance(1.25)
        bench.driver.answers.put_nowait("BELEGT")
        async with asyncio.timeout(PATIENCE_SECONDS):
            execution = await run
        assert execution.state is SubtaskState.END
        bench.finish(execution)
        shown = CliRunner().invoke(
            app, ["agent", "trace", SUBTASK, "--device-id", "lamp-1", "--state-dir", str(tmp_path)]
        )
        assert shown.output == (
            f"{SUBTASK}: completed. {execution.sentence}\n"
            "\n"
            "1  start                         0.00 s\n"
            "2  verifying                     0.00 s\n"
            "3  preprocessing_in_progress     0.00 s\n"
            "4  function_call_result_pending  2.50 s\n"
            "5  function_call_result_pending  1.25 s\n"
            "6  postprocessing_in_progress    0.00 s\n"
            "7  end                           0.00 s\n"
            "   in all                        3.75 s\n"
        )
        drawing = parse((await elsewhere(tmp_path, "--mermaid")).rstrip("\n"))
        assert drawing.labels["s4"] == "function_call_result_pending<br/>2 visits, 3.75 s"
        assert drawing.path == ["s1", "s2", "s3", "s4", "s4", "s5", "s6"]


async def test_reading_does_not_disturb_the_agent(folder: Path, clock: FakeClock) -> None:
    with ExitStack() as stack:
        bench = Bench(folder, clock, stack)
        run = bench.start()
        await bench.called()
        before = files(folder)
        for _ in range(50):
            read_trace(folder, SUBTASK)
        assert files(folder) == before
        assert bench.store.see_epoch(7), "the agent still writes"
        run.cancel()
        await asyncio.wait({run})


async def test_what_cannot_be_shown_is_named(tmp_path: Path, folder: Path, clock: FakeClock) -> None:
    with pytest.raises(OperatorError, match="No agent keeps its state in"):
        read_trace(tmp_path / "nowhere", SUBTASK)
    with ExitStack() as stack:
        bench = Bench(folder, clock, stack)
        with pytest.raises(InputError, match="a subtask that this agent has had"):
            read_trace(folder, "unknown")
        run = bench.start()
        await bench.called()
        key = folder / KEY_NAME
        secret = key.read_bytes()
        key.write_bytes(bytes(len(secret)))
        with pytest.raises(OperatorError) as caught:
            read_trace(folder, SUBTASK)
        assert "setze" not in caught.value.message
        key.unlink()
        with pytest.raises(OperatorError, match="is missing"):
            read_trace(folder, SUBTASK)
        assert not key.exists(), "reading makes no key"
        run.cancel()
        await asyncio.wait({run})
    (folder / FILE_NAME).write_bytes(b"this is no database, and it is long enough to be looked at" * 40)
    with pytest.raises(OperatorError, match="cannot be read"):
        read_trace(folder, SUBTASK)
