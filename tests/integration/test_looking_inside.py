"""People look inside an agent on its own machine: what is remembered, who is served, and what the dashboard makes of it."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from dashboard.inspection import RemoteInspector
from device_agent.events import AgentEvent, AgentEventKind
from parley.looking_inside import AgentInspector, inspection_served
from parley.pages import own_address, parse_inspections
from protocol.errors import InputError

K = AgentEventKind


def told(inspector: AgentInspector, *events: tuple[AgentEventKind, str], subtask_id: str = "s1") -> None:
    for kind, text in events:
        inspector.note(AgentEvent(kind, "lamp", subtask_id, text, 0.0))


RUN = (
    (K.SUBTASK_RECEIVED, "Light it."),
    (K.FUNCTIONS_FOUND, "set(level)\nread()"),
    (K.PROGRAM_CHECKED, "Refused: it is too bright."),
    (K.PROGRAM_CHECKED, "It may run."),
    (K.PROGRAM_WRITTEN, "set(level=5)\n"),
    (K.STATE_CHANGED, "verifying"),
    (K.STATE_CHANGED, "end"),
)


async def test_what_an_agent_tells_is_remembered_until_its_next_sentence() -> None:
    inspector = AgentInspector()
    assert await inspector.inspect("lamp") is None
    told(inspector, *RUN)
    seen = await inspector.inspect("lamp")
    assert seen is not None
    assert seen.functions == ("set(level)", "read()")
    assert seen.verdicts == ("Refused: it is too bright.", "It may run.")
    assert (seen.program, seen.states, seen.report) == ("set(level=5)\n", ("start", "verifying", "end"), "")
    told(inspector, (K.FINISHED, "Done."))
    told(inspector, (K.SUBTASK_RECEIVED, "Put it out."), subtask_id="s2")
    seen = await inspector.inspect("lamp")
    assert seen is not None
    assert (seen.sentence, seen.program, seen.report) == ("Put it out.", "", "")


async def test_a_sentence_that_waits_for_its_turn_hides_nothing() -> None:
    inspector = AgentInspector()
    told(inspector, *RUN[:5])
    told(inspector, (K.SUBTASK_RECEIVED, "Put it out."), subtask_id="s2")
    told(inspector, (K.SUBTASK_RECEIVED, "Blink."), subtask_id="s3")
    told(inspector, (K.FINISHED, "Replaced by a newer order."), subtask_id="s2")
    seen = await inspector.inspect("lamp")
    assert seen is not None
    assert (seen.subtask_id, seen.report) == ("s1", "")
    told(inspector, (K.FINISHED, "Done."))
    told(inspector, (K.FUNCTIONS_FOUND, "blink()"), subtask_id="s3")
    seen = await inspector.inspect("lamp")
    assert seen is not None
    assert (seen.sentence, seen.functions) == ("Blink.", ("blink()",))


async def test_the_dashboard_reads_what_an_agent_serves_on_its_own_machine() -> None:
    inspector = AgentInspector()
    async with inspection_served(inspector, "lamp", 0) as url:
        assert url.startswith("http://127.0.0.1:")
        remote = RemoteInspector({"lamp": url, "gone": "http://127.0.0.1:1"})
        assert await remote.inspect("lamp") is None
        told(inspector, *RUN)
        assert await remote.inspect("lamp") == await inspector.inspect("lamp")
        assert await remote.inspect("gone") is None
        assert await remote.inspect("another") is None
        await remote.close()


async def test_a_page_that_lets_its_own_name_lead_there_reads_nothing() -> None:
    inspector = AgentInspector()
    told(inspector, *RUN)
    async with inspection_served(inspector, "lamp", 0) as url, httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/inspection", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "level" not in answer.text


def test_where_agents_are_looked_into_is_checked() -> None:
    assert parse_inspections(["lamp=http://127.0.0.1:9101"]) == {"lamp": "http://127.0.0.1:9101"}
    for text in ("lamp", "lamp=127.0.0.1:9101", "=http://127.0.0.1:1", "lamp=file:///etc/passwd"):
        with pytest.raises(InputError, match="inspect"):
            parse_inspections([text])


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("hall.example", "hall.example"),
    ],
)
def test_a_server_knows_how_it_reaches_itself(host: str, address: str) -> None:
    assert own_address(host) == address


def test_an_agent_that_serves_nothing_loads_neither_a_server_nor_the_coordinator() -> None:
    heavy = (
        "coordinator",
        "dashboard",
        "fastapi",
        "uvicorn",
        "sqlalchemy",
        "scipy.sparse",
        "nicegui",
        "prometheus_client",
    )
    code = f"import sys, parley.cli, parley.agent_process; sys.exit(' '.join({set(heavy)} & set(sys.modules)) or 0)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=False, timeout=120, capture_output=True, text=True
    )
    assert (loaded.returncode, loaded.stderr) == (0, "")


def test_without_pages_nothing_of_them_is_loaded() -> None:
    code = "import sys, parley.compose; sys.exit('nicegui' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0
