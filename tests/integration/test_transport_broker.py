"""The managed broker starts, keeps its port over a restart, and says clearly why it cannot start."""

import asyncio
import signal
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from protocol.errors import OperatorError
from transport.broker import ManagedBroker

pytestmark = pytest.mark.broker


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_starts_restarts_and_ends() -> None:
    async with ManagedBroker() as broker:
        port = broker.port
        assert broker.url == f"mqtt://127.0.0.1:{port}"
        assert reachable(port)
        await broker.stop()
        assert not reachable(port)
        await broker.start()
        assert broker.port == port
        assert reachable(port)
        await broker.kill()
        assert not reachable(port)
        await broker.start()
        assert reachable(port)
    assert not reachable(port)


async def test_a_missing_program_names_the_remedy() -> None:
    with pytest.raises(OperatorError, match="apt-get install mosquitto"):
        async with ManagedBroker(binary="no-such-broker"):
            pytest.fail("started without a program")


async def test_a_port_in_use_is_an_operator_error_not_a_hang() -> None:
    async with ManagedBroker() as first:
        with pytest.raises(OperatorError, match=str(first.port)):
            async with ManagedBroker(port=first.port):
                pytest.fail("two brokers on one port")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_the_script_runs_the_broker_until_it_is_ended_however_it_is_ended(
    ending: signal.Signals,
) -> None:
    script = Path(__file__).parents[2] / "scripts" / "mosquitto"
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    url = next(word for word in line.split() if word.startswith("mqtt://"))
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    process.send_signal(ending)
    # The broker closes its connections as it ends.
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    assert await asyncio.wait_for(process.wait(), 20) == (-9 if ending is signal.SIGKILL else 0)
