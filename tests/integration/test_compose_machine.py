"""What `parley agent --td` opens: a driver for both protocols, for a description in a file."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from parley.agent_process import AgentSettings, _open_machine
from tests.forms_kit import thing
from transport.mqtt_bus import MqttBus

pytestmark = pytest.mark.broker


async def test_a_machine_behind_a_broker_of_its_own(broker: str, site: str, tmp_path: Path) -> None:
    topic = f"{site}/level"
    forms = [{"href": "http://127.0.0.1:9/level"}, {"href": broker, "mqv:topic": topic}]
    level = {"type": "integer", "description": "Level.", "forms": forms}
    file = tmp_path / "tank.td.json"
    file.write_text(json.dumps(thing(properties={"level": level}, title="Water Tank")))
    settings = AgentSettings(
        spec=None,
        td=str(file),
        device_id=None,
        device_url=None,
        token=None,
        broker_url=broker,
        site=site,
        state_dir=tmp_path,
    )
    async with MqttBus(broker, f"{site}-tank") as bus, AsyncExitStack() as stack:
        await bus.publish(topic, b"7", retain=True)
        device_id, description, driver = await _open_machine(settings, stack)
        assert device_id == "water-tank"
        assert [found.name for found in description.affordances()] == ["level"]
        assert await driver.call("level", {}) == 7
