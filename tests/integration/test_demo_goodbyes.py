"""When the demo ends, its agents say goodbye: nobody has to find out that they are gone."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing

import pytest

from demos.warehouse.stage import StageOptions, open_stage, robot_ids
from inference.encoder import HashEncoder
from inference.scripted_model import ScriptedModel
from parley.agent_process import Minds
from protocol.messages import Presence, PresenceStatus, decode
from rag.api_index import ApiIndex
from transport.broker import ManagedBroker
from transport.mqtt_bus import MqttBus

pytestmark = pytest.mark.broker
PATIENCE_SECONDS = 60.0


async def test_every_agent_says_goodbye_before_its_connection_closes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    robots = 5
    with closing(ApiIndex(None, HashEncoder())) as index:
        async with ManagedBroker() as broker:
            options = StageOptions(robots=robots, shelves=3, broker_url=broker.url, time_scale=500.0)
            async with open_stage(options, Minds(ScriptedModel(lambda _: "refuse"), index)):
                pass
            async with (
                MqttBus(broker.url, "who-is-there") as bus,
                bus.subscribe("parley/1/+/device/+/presence") as deliveries,
                asyncio.timeout(PATIENCE_SECONDS),
            ):
                last: dict[str, PresenceStatus] = {}
                while len(last) < robots:
                    presence = decode(Presence, (await anext(deliveries)).payload)
                    last[presence.device_id] = presence.status
    assert last == dict.fromkeys(robot_ids(robots), PresenceStatus.OFFLINE)
    assert "goodbye" not in caplog.text
