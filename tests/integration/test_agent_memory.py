"""One agent with the bundled models, as people start it, fits into the memory that it may take."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.agent_memory import Measured, children_of, measure, memory_of, table_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads what Linux says about processes")

TARGET_MEGABYTES = 250


@pytest.mark.model
async def test_an_agent_at_work_takes_no_more_than_its_share() -> None:
    measured = await measure(3)
    assert measured.completed == 3
    assert measured.bare.resident < measured.joined.resident <= measured.worked.resident
    assert measured.worked.resident <= TARGET_MEGABYTES
    assert measured.workers
    assert measured.ratio == round(measured.worked.resident / measured.bare.resident, 2)


def test_what_a_process_allocates_and_starts_is_counted() -> None:
    code = "import sys; data = bytearray(50_000_000); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        memory = memory_of(process.pid)
        assert 50 <= memory.own <= memory.resident <= memory.most
        assert memory.models == 0
        assert abs(memory.resident - memory.models - memory.libraries - memory.own) < 0.5
        assert process.pid in children_of(os.getpid())
        process.stdin.close()


def test_the_table_has_a_row_for_every_process() -> None:
    memory = memory_of(os.getpid())
    measured = Measured(memory, memory, memory, (memory, memory), 3, 3, 0.2)
    assert table_of(measured).row_count == 5
    assert measured.ratio == 1
