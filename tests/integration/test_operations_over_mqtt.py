"""What people do to a site over HTTP and at the command line, obeyed by real agents over a real mosquitto, in real time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

import parley.agent_process
from benchmarks.emergency_stop import CLOCK, LOOK, SET, TURN, Machine
from coordinator.app import create_app
from coordinator.coordinator import Coordinator
from coordinator.goals import GoalStatus
from coordinator.main import Settings, open_coordinator
from device_agent.executor import APPROVAL_SECONDS
from device_agent.store import AgentStore
from firmware_api_specs.names import leaked_names, names
from inference.encoder import HashEncoder
from inference.ports import Prompt
from inference.scripted_model import ScriptedModel
from parley.agent_process import Minds, open_agent
from parley.cli import app
from parley.folders import state_folder
from parley.serving import serving
from protocol.topics import Topics
from rag.api_index import ApiIndex
from tests.device_agent_kit import lamp
from tests.mermaid import parse
from transport.mqtt_bus import MqttBus

PATIENCE_SECONDS = 20.0
LAMP = lamp()
TURN_IT = "Set the brightness to 5 and turn the head by 2."
LOOK_TWICE = "Is somebody there?"
ASKED = """lamp-1 asked "May the lamp do this: 'Turn head'? It is marked as dangerous\""""
PLANS = {
    TURN_IT: "one lamp / set the brightness to 5 and turn the head by 2",
    LOOK_TWICE: "every lamp / check presence",
}


def plan(prompt: Prompt) -> str:
    return PLANS[TURN_IT if "head by" in prompt.compact else LOOK_TWICE]


def program(prompt: Prompt) -> str:
    """Answer as the language model would, in whichever order the functions were found."""
    letters = {told: letter for letter, told in re.findall(r"^([A-H]): ([\w ]+)", prompt.user, re.MULTILINE)}
    if "Sentence: check presence" in prompt.user:
        return ";".join(2 * [f"{letters['check presence']}()"])
    return f"{letters['set brightness']}( 5| _);{letters['turn head']}( 2)"


@dataclass
class Site:
    """A site of real agents, and those who operate it."""

    folder: Path
    broker: str
    name: str
    index: ApiIndex
    stack: AsyncExitStack
    people: httpx.AsyncClient | None = None
    url: str = ""

    @asynccontextmanager
    async def coordinated(self) -> AsyncIterator[Coordinator]:
        """Have a coordinator with its HTTP API."""
        settings = Settings(
            broker_url=self.broker,
            state_dir=self.folder / "coordinator",
            site_name=self.name,
            open_enrolment=True,
        )
        async with (
            open_coordinator(settings, ScriptedModel(plan)) as coordinator,
            serving(create_app(coordinator), "127.0.0.1", 0) as self.url,
            httpx.AsyncClient(base_url=self.url, timeout=PATIENCE_SECONDS) as self.people,
        ):
            yield coordinator

    def agents_folder(self, device_id: str) -> Path:
        return state_folder(self.folder, self.name, "agents") / device_id

    async def join(self, device_id: str, *, approval_seconds: float = APPROVAL_SECONDS) -> Machine:
        """Have an agent with a machine of its own, as the composition root makes it."""
        machine = Machine(LAMP)
        machine.hanging = set()
        agent, _ = await self.stack.enter_async_context(
            open_agent(
                device_id,
                LAMP,
                machine,
                Minds(ScriptedModel(program), self.index),
                folder=self.agents_folder(device_id),
                broker_url=self.broker,
                site=self.name,
                approval_seconds=approval_seconds,
            )
        )
        running = asyncio.create_task(agent.run())

        async def leave() -> None:
            running.cancel()
            await asyncio.wait({running})

        self.stack.push_async_callback(leave)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await agent.enrolled.wait()
        return machine

    async def ask(self, method: str, path: str, *, code: int = 200, **more: Any) -> Any:
        """Make one request and return what it answers."""
        assert self.people is not None
        response = await self.people.request(method, path, **more)
        assert response.status_code == code, response.text
        return response.json() if "json" in response.headers["content-type"] else response.text

    async def give(self, goal: str) -> str:
        goal_id: str = (await self.ask("POST", "/v1/goals", code=202, json={"goal": goal}))["goal_id"]
        return goal_id

    async def end(self, goal_id: str) -> Any:
        return await self.become(f"/v1/goals/{goal_id}", lambda goal: GoalStatus(goal["status"]).is_final)

    async def become(self, path: str, reached: Callable[[Any], bool]) -> Any:
        """Ask again and again until the answer is as wanted."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await self.ask("GET", path)
                if reached(answer):
                    return answer
                await asyncio.sleep(0.01)

    async def late(self, path: str) -> Any:
        """Ask again and again until there is an answer."""
        assert self.people is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await self.people.get(path)
                if answer.is_success:
                    return answer.json()
                await asyncio.sleep(0.01)

    async def question(self) -> Any:
        """Wait for the one question that is open."""
        found = await self.become("/v1/approvals", lambda answer: bool(answer["approvals"]))
        assert len(found["approvals"]) == 1
        return found["approvals"][0]

    async def parley(self, *arguments: str) -> str:
        """Run a command as its own user would."""
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        assert result.exit_code == 0, result.output
        return result.output

    async def trace(self, device_id: str, subtask_id: str) -> str:
        """Ask the agent's own state what a run is at."""
        options = ("--device-id", device_id, "--site", self.name, "--state-dir", str(self.folder))
        return await self.parley("agent", "trace", subtask_id, *options)


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not reached():  # noqa: ASYNC110 - what is waited for happens in threads and other processes
            await asyncio.sleep(0.01)


@pytest.fixture
async def place(tmp_path: Path, broker: str, site: str) -> AsyncIterator[Site]:
    """A site without anyone; nothing that is said there names a function of a device."""
    heard = ""

    async def listen(bus: MqttBus) -> None:
        nonlocal heard
        async with bus.subscribe(f"{Topics(site).root}/#") as deliveries:
            async for delivery in deliveries:
                heard += f"{delivery.payload.decode()}\n"

    async with MqttBus(broker, f"{site}-listener", clock=CLOCK) as bus:
        listening = asyncio.create_task(listen(bus))
        with closing(ApiIndex(None, HashEncoder())) as index:
            async with AsyncExitStack() as stack:
                yield Site(tmp_path, broker, site, index, stack)
        listening.cancel()
        await asyncio.wait({listening})
    assert not leaked_names(heard, names(LAMP))


pytestmark = pytest.mark.broker


async def test_what_a_person_allows_is_done_recorded_and_traced(place: Site) -> None:
    async with place.coordinated():
        machine = await place.join("lamp-1")
        goal_id = await place.give(TURN_IT)
        question = await place.question()
        assert (question["device_id"], question["goal"]) == ("lamp-1", TURN_IT)
        assert question["question"] == 'May the lamp do this: "Turn head"? It is marked as dangerous.'
        assert 290 < question["expires_at"] - question["asked_at"] <= 300
        assert machine.moves == []
        assert "under way, in awaiting_approval" in await place.trace("lamp-1", f"{goal_id}-1")
        address = f"/v1/approvals/{question['approval_id']}"
        answered = await place.ask("POST", address, json={"decision": "approve", "by": "Anna"})
        assert answered["sentence"] == f"{ASKED}, and Anna allowed it."
        goal = await place.end(goal_id)
        assert goal["status"] == "completed", goal
        assert machine.moves == [SET, TURN]
        kept = await place.ask("GET", address)
        assert (kept["status"], kept["by"]) == ("approved", "Anna")
        # Answered once: nobody can take it back.
        await place.ask("POST", address, code=409, json={"decision": "deny", "by": "Ben"})

        found = await place.ask("GET", f"/v1/subtasks/{goal_id}-1/trace")
        seconds = {visit["state"]: visit["seconds"] for visit in found["visits"]}
        assert 0 < seconds["awaiting_approval"] < PATIENCE_SECONDS
        drawing = parse((await place.ask("GET", f"/v1/subtasks/{goal_id}-1/trace?format=mermaid")).rstrip())
        labels = [drawing.labels[state].split("<br/>") for state in drawing.path]
        assert [label[0] for label in labels] == [
            "start",
            "verifying",
            "awaiting_approval",
            "verifying",
            "preprocessing_in_progress",
            "function_call_result_pending",
            "function_call_result_pending",
            "postprocessing_in_progress",
            "end",
        ]
        assert labels[1][1].startswith("2 visits, ")
        shown = await place.trace("lamp-1", f"{goal_id}-1")
        assert shown.startswith(f"{goal_id}-1: completed. Done: Set brightness, then turn head.")
        assert re.search(r"^3  awaiting_approval  +\d", shown, re.MULTILINE)
    await place.stack.aclose()
    with AgentStore(place.agents_folder("lamp-1")) as store:
        ((subtask_id, asked, decision, by, _),) = store.decisions()
    assert (subtask_id, asked, decision, by) == (f"{goal_id}-1", question["question"], "approve", "Anna")


async def test_what_a_person_denies_is_not_done(place: Site) -> None:
    async with place.coordinated():
        machine = await place.join("lamp-1")
        goal_id = await place.give(TURN_IT)
        question = await place.question()
        url = ("--coordinator-url", place.url)
        assert question["approval_id"] in await place.parley("approvals", *url)
        said = await place.parley("deny", question["approval_id"], "--by", "Ben", *url)
        assert said == f"{ASKED}, and Ben did not allow it.\n"
        goal = await place.end(goal_id)
        assert (goal["status"], goal["error_code"]) == ("failed", "approval_denied")
        assert goal["answer"] == "Not done for lamp-1: Ben did not allow it."
        assert machine.moves == []
        assert await place.parley("approvals", *url) == "No device asks anything.\n"


async def test_what_nobody_answers_in_time_is_not_done(place: Site) -> None:
    async with place.coordinated():
        machine = await place.join("lamp-1", approval_seconds=0.5)
        goal_id = await place.give(TURN_IT)
        question = await place.question()
        goal = await place.end(goal_id)
        assert goal["answer"] == "Not done for lamp-1: nobody allowed it in time."
        assert machine.moves == []
        address = f"/v1/approvals/{question['approval_id']}"
        await place.ask("POST", address, code=410, json={"decision": "approve", "by": "Anna"})
        assert (await place.ask("GET", address))["status"] == "expired"
        # The device is free for other things.
        assert (await place.end(await place.give(LOOK_TWICE)))["status"] == "completed"
        assert machine.moves == [LOOK, LOOK]


async def test_a_running_subtask_is_paused_and_let_go_on(place: Site) -> None:
    async with place.coordinated():
        machine = await place.join("lamp-1")
        machine.hanging = {LOOK}
        machine.may_return.clear()
        goal_id = await place.give(LOOK_TWICE)
        await until(lambda: machine.moves == [LOOK])
        subtask = f"/v1/subtasks/{goal_id}-1"
        await place.ask("POST", f"{subtask}/pause", code=202, json={"by": "Anna"})
        await place.ask("POST", f"{subtask}/pause", code=409, json={"by": "Ben"})
        says = "It will pause after this step."
        path = f"/v1/goals/{goal_id}"
        await place.become(path, lambda goal: says in (goal["subtasks"][0]["said"] or ""))
        assert machine.moves == [LOOK]
        machine.may_return.set()
        goal = await place.become(path, lambda goal: goal["subtasks"][0]["status"] == "paused")
        assert goal["waiting"] == ['lamp-1 is paused: "Paused. Anna has paused it".']
        assert "under way, in paused" in await place.trace("lamp-1", f"{goal_id}-1")
        assert machine.moves == [LOOK]
        assert not machine.rests
        await place.ask("POST", f"{subtask}/resume", code=202, json={"by": "Ben"})
        assert (await place.end(goal_id))["status"] == "completed"
        assert machine.moves == [LOOK, LOOK]
        visits = (await place.ask("GET", f"{subtask}/trace"))["visits"]
        assert [visit["state"] for visit in visits if visit["state"] == "paused"] == ["paused"]


async def test_the_emergency_stop_over_http_stops_every_machine_until_it_is_released(place: Site) -> None:
    async with place.coordinated():
        machines = [await place.join(f"lamp-{number}") for number in (1, 2)]
        for machine in machines:
            machine.hanging = {LOOK}
            machine.may_return.clear()
        goal_id = await place.give(LOOK_TWICE)
        await until(lambda: all(machine.moves == [LOOK] for machine in machines))
        stopped = await place.ask("POST", "/v1/estop", json={"by": "Anna"})
        assert (stopped["engaged"], stopped["by"]) == (True, "Anna")
        goal = await place.end(goal_id)
        assert (goal["status"], goal["error_code"]) == ("failed", "emergency_stopped")
        assert goal["answer"] == (
            "Anna engaged the emergency stop before this goal had ended. Not done: lamp-1 was stopped by the emergency"
            " stop. Not done: lamp-2 was stopped by the emergency stop."
        )
        assert all(machine.rests for machine in machines)
        refused = await place.ask("GET", f"/v1/goals/{await place.give(LOOK_TWICE)}")
        assert (refused["status"], refused["error_code"]) == ("refused", "emergency_stopped")
        for machine in machines:
            machine.may_return.set()
        released = await place.ask("DELETE", "/v1/estop", params={"by": "Ben"})
        assert (released["engaged"], released["by"]) == (False, "Ben")
        assert [machine.moves for machine in machines] == [[LOOK], [LOOK]], "nothing goes on by itself"
        assert (await place.end(await place.give(LOOK_TWICE)))["status"] == "completed"
        assert [machine.moves for machine in machines] == [3 * [LOOK], 3 * [LOOK]]


async def test_parley_stop_reaches_agents_while_the_coordinator_is_down(place: Site) -> None:
    here = ("--broker-url", place.broker, "--site", place.name)
    async with place.coordinated():
        machine = await place.join("lamp-1")
        machine.hanging = {LOOK}
        machine.may_return.clear()
        goal_id = await place.give(LOOK_TWICE)
        await until(lambda: machine.moves == [LOOK])
    assert not machine.rests
    said = await place.parley("stop", "--by", "Anna", *here)
    assert said.startswith(f"The emergency stop of site {place.name} is engaged")
    await until(lambda: bool(machine.rests))
    machine.may_return.set()

    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            shown = await place.trace("lamp-1", f"{goal_id}-1")
            if shown.startswith(f"{goal_id}-1: failed. Emergency stop."):
                break
            await asyncio.sleep(0.05)
    async with place.coordinated() as coordinator:
        await until(lambda: coordinator.emergency_stop.is_engaged)
        assert await coordinator.wait_for_devices(1, timeout_seconds=PATIENCE_SECONDS)
        # Nobody waited for the end, but nobody lost it.
        trace = await place.late(f"/v1/subtasks/{goal_id}-1/trace")
        assert trace["status"] == "failed"
        assert trace["visits"][-1]["state"] == "failed"
        assert (await place.parley("release", "--by", "Ben", *here)).startswith("The emergency stop of site")
        await until(lambda: not coordinator.emergency_stop.is_engaged)
        assert (await place.end(await place.give(LOOK_TWICE)))["status"] == "completed"
        assert machine.moves == 3 * [LOOK]


@pytest.mark.parametrize(
    ("option", "seconds"), [([], APPROVAL_SECONDS), (["--approval-seconds", "45"], 45.0)]
)
def test_how_long_an_approval_may_take_is_an_option(
    monkeypatch: pytest.MonkeyPatch, option: list[str], seconds: float
) -> None:
    told: list[float] = []

    async def run_agent(settings: parley.agent_process.AgentSettings) -> None:
        told.append(settings.approval_seconds)

    monkeypatch.setattr(parley.agent_process, "run_agent", run_agent)
    arguments = ["agent", "--spec", "firmware_api_specs/examples/ceiling_lamp.td.json", *option]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert told == [seconds]
