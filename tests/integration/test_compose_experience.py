"""An agent from the composition root keeps its experience in its own folder, over a real mosquitto."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from device_agent.drivers.simulated import SimulatedDriver
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from inference.encoder import HashEncoder
from inference.scripted_model import ScriptedModel
from parley.agent_process import Minds, open_agent
from protocol.messages import Report, ReportStatus
from rag.api_index import ApiIndex
from rag.experience import FILE_NAME, NEAR_DIRECTORY
from tests.device_agent_kit import DEVICE, SPECS, watching
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus

pytestmark = pytest.mark.broker


async def test_what_an_agent_has_learnt_lies_in_its_folder_and_outlives_it(
    broker: str, site: str, tmp_path: Path
) -> None:
    clock = SystemClock()
    description = load(SPECS / "warehouse" / "kestrel.td.json")
    model = ScriptedModel(lambda prompt: f"{_letter_of('takes a photo', prompt.user)}()", takes_examples=True)
    driver = SimulatedDriver(description, clock)

    async def told(sentence: str, subtask_id: str) -> Report:
        with closing(ApiIndex(None, HashEncoder())) as index:
            async with (
                MqttBus(broker, f"watcher-{site}-{subtask_id}", clock=clock) as bus,
                watching(bus, site, clock) as wire,
                open_agent(
                    DEVICE,
                    description,
                    driver,
                    Minds(model, index),
                    folder=tmp_path / "agent",
                    broker_url=broker,
                    site=site,
                ) as (agent, _),
            ):
                running = asyncio.create_task(agent.run())
                try:
                    async with asyncio.timeout(10):
                        await agent.enrolled.wait()
                    await wire.order(sentence, subtask_id)
                    report = await wire.report(subtask_id)
                finally:
                    running.cancel()
                    await asyncio.wait({running})
                assert not leaked_names(wire.text(), names(description))
                return report

    first = await told("Take a photo with the on-board camera.", "s1")
    again = await told("take a photo with the on-board camera", "s2")
    assert (first.status, first.model_calls) == (ReportStatus.COMPLETED, 1)
    assert (again.status, again.model_calls) == (ReportStatus.COMPLETED, 0)
    read = {each.name for each in description.affordances() if each.kind == "property"}
    assert [name for name, _ in driver.calls if name not in read] == ["capture_image", "capture_image"]
    assert "Example" not in model.prompts[0].user
    near = await told("take another photo with the on-board camera", "s3")
    assert near.model_calls == 1
    letter = _letter_of("takes a photo", model.prompts[1].user)
    assert (
        f"Example sentence: take a photo with the on-board camera\nIts answer: {letter}()"
        in model.prompts[1].user
    )
    found = {path.name for path in (tmp_path / "agent").iterdir()}
    assert {FILE_NAME, NEAR_DIRECTORY} <= found


def _letter_of(words: str, listed: str) -> str:
    return next(line[0] for line in listed.splitlines() if words in line)
