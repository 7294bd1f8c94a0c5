"""Replays conversations from `tests/golden/*.yaml`: persons, devices and what the coordinator says, over the in-process bus.

`python -m tests.golden_kit` compares them all, `python -m tests.golden_kit --write [NAME ...]` writes down what is said now.
A conversation has devices that do what the file says, plans that a scripted model gives, and turns, one after another:

    - person: Check shelf 3.            # with chat:, by:, and stream: true where wanted
      coordinator: |                    # what must come back, to the letter
        Done: robot-1 says "I looked".
    - person: Check shelf 4.
      under_way: true                   # its answer comes later, at "- answer: Check shelf 4."
    - wait: 120                         # seconds of virtual time
    - device: robot-1                   # leaves:, reports: (the end of its subtask) or tells: (what it measures)
    - restart: true                     # the coordinator is started anew on the same ledger
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from coordinator.app import create_app
from coordinator.ledger.events import EventKind
from inference.ports import Encoder, LanguageModel, Prompt
from inference.routing import Router
from inference.scripted_model import ScriptedModel
from inference.settings import InferenceSettings, open_encoder, open_model
from inference.text import prepare
from protocol.errors import ErrorCode
from protocol.messages import Attributes, Finding, Profile, ReportStatus, encode
from protocol.topics import Channel
from tests.coordinator_fakes import FakeDevice, Reaction, Stage, stage
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker

FOLDER = Path(__file__).parent / "golden"
_REAL_SECONDS = 10.0


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Does(_Part):
    """What a device does with a sentence that has these words; the first that fits counts."""

    when: str = ""
    says: str = "I did it."
    status: ReportStatus = ReportStatus.COMPLETED
    findings: tuple[Finding, ...] = ()
    error_code: ErrorCode | None = None
    asks: str | None = None

    def reaction(self) -> Reaction:
        return Reaction(
            status=self.status,
            sentence=self.says,
            findings=self.findings,
            error_code=self.error_code,
            asks=self.asks,
        )


class GoldenDevice(_Part):
    """A device of the conversation."""

    kind: str = "robot"
    title: str | None = None
    abilities: tuple[str, ...] = ("It can move to a shelf and look at it.",)
    tells: tuple[Finding, ...] = ()
    does: tuple[Does, ...] = (Does(),)


class GoldenTurn(_Part):
    """One thing that happens."""

    person: str | None = None
    chat: str | None = "a"
    by: str = "Ada"
    stream: bool = False
    under_way: bool = False
    coordinator: str | None = None
    answer: str | None = None
    wait: float | None = Field(default=None, gt=0)
    restart: bool = False
    device: str | None = None
    leaves: bool = False
    reports: Does | None = None
    tells: tuple[Finding, ...] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [
            self.person is not None,
            self.answer is not None,
            self.wait is not None,
            self.restart,
            self.device is not None,
        ]
        if sum(given) != 1:
            raise ValueError("a turn is one of person, answer, wait, restart and device")
        return self


class Conversation(_Part):
    """A file of `tests/golden`. `needs` is "encoder" or "model" where the real one is wanted, None where not."""

    about: str
    needs: str | None = Field(default="encoder", pattern="^(encoder|model)$")
    entities: dict[str, list[str]] = {"shelf": ["1", "2", "3", "4"], "station": ["1", "2"]}
    site: dict[str, Any] | None = Field(default=None, description="A whole site, in place of the entities.")
    devices: dict[str, GoldenDevice] = {}
    fleet: int = Field(
        default=0, description="So many robots beside those, called robot-1, robot-2 and so on."
    )
    plans: dict[str, str] = {}
    turns: tuple[GoldenTurn, ...] = Field(min_length=1)


def load(path: Path) -> Conversation:
    """Read a conversation.

    Raises:
        ValueError: it cannot be read, or has a part that is not known.
    """
    try:
        return Conversation.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error


@dataclass
class Minds:
    """The real model and encoder, opened once when first wanted."""

    _encoder: Encoder | None = None
    _model: LanguageModel | None = None

    @property
    def encoder(self) -> Encoder:
        if self._encoder is None:
            self._encoder = open_encoder(InferenceSettings.from_environment())
        return self._encoder

    @property
    def model(self) -> LanguageModel:
        if self._model is None:
            self._model = open_model(InferenceSettings.from_environment())
        return self._model


@dataclass
class Replay:
    """One conversation under way. `said` collects what the coordinator said, by the number of the turn."""

    conversation: Conversation
    minds: Minds
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    said: dict[int, str] = field(default_factory=dict)

    async def run(self) -> dict[int, str]:
        broker = InProcessBroker(clock=self.clock)
        turns = list(enumerate(self.conversation.turns))
        while turns:
            async with self._opened(broker) as (scene, client):
                turns = await self._play(scene, client, turns)
        return self.said

    @asynccontextmanager
    async def _opened(self, broker: InProcessBroker) -> AsyncIterator[tuple[Stage, httpx.AsyncClient]]:
        given = self.conversation
        is_real = given.needs == "model"
        encoder = self.minds.encoder if given.needs is not None else None
        async with AsyncExitStack() as stack:
            scene = await stack.enter_async_context(
                stage(
                    self.folder,
                    self.minds.model if is_real else ScriptedModel(self._plan),
                    clock=self.clock,
                    broker=broker,
                    entities=given.site or given.entities,
                    router=Router(encoder) if is_real and encoder is not None else None,
                    encoder=encoder,
                )
            )
            devices = {
                f"robot-{number}": GoldenDevice() for number in range(1, given.fleet + 1)
            } | given.devices
            for device_id, device in devices.items():
                await self._join(scene, device_id, device)
            app = create_app(scene.coordinator)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            client = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://parley", timeout=None)
            )
            yield scene, client

    def _plan(self, prompt: Prompt) -> str | Exception:
        goal = prompt.user.rsplit("Goal: ", 1)[1].strip()
        assert "\n" not in goal, f"The plan of the file cannot be used: {goal}"
        for text, plan in self.conversation.plans.items():
            if prepare(text).lower.rstrip(".!?") == goal.rstrip(".!?"):
                return plan
        return AssertionError(f"There is no plan for {goal!r}.")

    async def _join(self, scene: Stage, device_id: str, device: GoldenDevice) -> None:
        def behaviour(sentence: str) -> Reaction:
            return next(
                (one for one in device.does if one.when.casefold() in sentence.casefold()), Does()
            ).reaction()

        fake = FakeDevice(
            device_id,
            scene.make_bus,
            scene.topics.site,
            self.clock,
            behaviour,
            kind=device.kind,
            abilities=device.abilities,
        )
        fake.profile = Profile(
            device_id=device_id,
            title=device.title or device_id,
            kind=device.kind,
            description=f"A {device.kind}.",
            abilities=device.abilities,
        )
        await scene.stack.enter_async_context(fake)
        scene.devices[device_id] = fake
        await self.clock.settle()
        if device.tells:
            await self._tell(scene, fake, device.tells)

    async def _tell(self, scene: Stage, device: FakeDevice, findings: tuple[Finding, ...]) -> None:
        message = Attributes(
            device_id=device.device_id, session=device.session, attributes=findings, at=self.clock.now()
        )
        topic = scene.topics.device(device.device_id, Channel.ATTRIBUTES)
        await device.bus.publish(topic, encode(message), retain=True)
        await self.clock.settle()

    async def _play(
        self, scene: Stage, client: httpx.AsyncClient, turns: list[tuple[int, GoldenTurn]]
    ) -> list[tuple[int, GoldenTurn]]:
        """Play turns until the coordinator is to be started anew; returns those that are left."""
        open_answers: dict[str, asyncio.Task[str]] = {}
        before: dict[str, list[dict[str, str]]] = {}
        while turns:
            number, turn = turns.pop(0)
            if turn.restart:
                return turns
            if turn.wait is not None:
                await self.clock.advance(turn.wait)
                await self._reach(lambda: _is_planned(scene))
            elif turn.device is not None:
                await self._act(scene, turn)
            elif turn.answer is not None:
                self.said[number] = await _in_time(open_answers.pop(turn.answer))
            else:
                assert turn.person is not None
                history = before.setdefault(turn.chat or "", [])
                history.append({"role": "user", "content": turn.person})
                task = asyncio.create_task(self._post(client, turn, list(history)))
                if turn.under_way:
                    await self._settled(scene, task)
                    open_answers[turn.person] = task
                else:
                    self.said[number] = await _in_time(task)
                    history.append({"role": "assistant", "content": self.said[number]})
                    await self.clock.settle()
        assert not open_answers, f"nobody waits for the answers to {list(open_answers)}"
        return turns

    async def _settled(self, scene: Stage, task: asyncio.Task[str]) -> None:
        """Wait until a message was taken in and its goal was planned and sent; planning runs in a real thread."""
        turns = len(scene.coordinator.ledger.of_kind(EventKind.CHAT_TURN, limit=1000))

        def is_settled() -> bool:
            is_heard = len(scene.coordinator.ledger.of_kind(EventKind.CHAT_TURN, limit=1000)) > turns
            return task.done() or (is_heard and _is_planned(scene))

        await self._reach(is_settled)

    async def _reach(self, reached: Callable[[], bool]) -> None:
        await self.clock.settle()
        async with asyncio.timeout(_REAL_SECONDS):
            while not reached():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.001)
        await self.clock.settle()

    async def _act(self, scene: Stage, turn: GoldenTurn) -> None:
        device = scene.devices[turn.device or ""]
        if turn.leaves:
            await device.kill()
        if turn.tells is not None:
            await self._tell(scene, device, turn.tells)
        if turn.reports is not None:
            await device.report(device.open, turn.reports.reaction())
        await self.clock.settle()

    async def _post(self, client: httpx.AsyncClient, turn: GoldenTurn, messages: list[dict[str, str]]) -> str:
        body: dict[str, Any] = {"messages": messages, "user": turn.by, "stream": turn.stream}
        if turn.chat is not None:
            body["chat_id"] = turn.chat
        response = await client.post("/v1/chat/completions", json=body)
        if turn.stream:
            return "".join(_deltas(response.text))
        data = response.json()
        if "error" in data:
            return f"(error {data['error']['code']}) {data['error']['message']}"
        return str(data["choices"][0]["message"]["content"])


def _is_planned(scene: Stage) -> bool:
    """Whether no goal waits for its plan; planning runs in a real thread."""
    goals = [scene.coordinator.goal(one) for one in scene.coordinator.goals_under_way()]
    return all(goal.plan or goal.is_final for goal in goals)


def _deltas(stream: str) -> list[str]:
    lines = [line.removeprefix("data: ") for line in stream.split("\n") if line.startswith("data: {")]
    return [
        choice["delta"].get("content", "") for line in lines for choice in json.loads(line).get("choices", ())
    ]


async def _in_time(task: asyncio.Task[str]) -> str:
    """Wait for an answer; one that does not come without time moving is told as such, so that the rest is seen too."""
    done, _ = await asyncio.wait({task}, timeout=_REAL_SECONDS)
    if not done:
        task.cancel()
        return "(no answer came)"
    return task.result()


async def replay(path: Path, minds: Minds) -> tuple[Conversation, dict[int, str]]:
    """Play a conversation; returns what was said, by the number of the turn."""
    conversation = load(path)
    with tempfile.TemporaryDirectory() as folder:
        return conversation, await Replay(conversation, minds, Path(folder)).run()


def differences(conversation: Conversation, said: dict[int, str]) -> list[str]:
    """Say where what was said is not what the file expects."""
    found = []
    for number, text in said.items():
        turn = conversation.turns[number]
        expected = (turn.coordinator or "").strip()
        if text.strip() != expected:
            found.append(
                f"turn {number + 1} ({turn.person or turn.answer}):\n  expected {expected!r}\n  but said {text.strip()!r}"
            )
    return found


def write(path: Path, said: dict[int, str]) -> None:
    """Write down what was said, and keep everything else as it is."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for number, text in said.items():
        data["turns"][number]["coordinator"] = text.strip()
    path.write_text(
        yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8"
    )


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


async def main() -> int:
    """Compare or write down the conversations; returns how many differ."""
    parser = argparse.ArgumentParser(description="Replay the golden conversations.")
    parser.add_argument("--write", action="store_true", help="write down what is said now")
    parser.add_argument("names", nargs="*", help="files without .yaml; all when none is named")
    options = parser.parse_args()
    paths = [FOLDER / f"{name}.yaml" for name in options.names] or sorted(FOLDER.glob("*.yaml"))
    minds = Minds()
    wrong = 0
    for path in paths:
        conversation, said = await replay(path, minds)
        if options.write:
            write(path, said)
        elif found := differences(conversation, said):
            wrong += 1
            print(path.stem, *found, sep="\n")  # noqa: T201 - a command's output
    return wrong


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()) > 0)
