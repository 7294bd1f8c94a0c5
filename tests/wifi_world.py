"""The paper's second experiment as a simulation: two clients upload files over one access point.

Honest, and small. Both always have a frame to send. In each slot client i begins with the probability 2 / (W_i + 1), W_i being
its contention window; a slot in which one begins carries its frame, one in which both begin carries none and lasts as long as the
longer of the two, an idle slot is short. What each client gets of the medium follows from that, and from it how long an upload of
4 MB takes. A microwave oven adds packet errors on 2.4 GHz and none on 5 GHz.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from protocol.messages import Attributes, Finding, encode
from protocol.topics import Channel
from tests.coordinator_fakes import FakeDevice, Stage

FRAME_BITS = 12_000
UPLOAD_BITS = 32_000_000
SLOT_SECONDS = 20e-6
OVERHEAD_SECONDS = 0.2e-3


@dataclass
class Client:
    """One client: its contention window is 2 ** `log_window`, its radio sends `rate` bits in a second."""

    log_window: int
    rate: float
    is_on_5_ghz: bool = False


@dataclass
class WifiWorld:
    """Two clients on one medium."""

    clients: dict[str, Client]
    is_oven_on: bool = False
    changes: list[str] = field(default_factory=list)

    def upload_seconds(self, name: str) -> float:
        """Return how long an upload of `name` takes while the other one uploads too."""
        own = self.clients[name]
        other = next(client for key, client in self.clients.items() if key != name)
        begins, other_begins = (2 / (2**client.log_window + 1) for client in (own, other))
        lasts, other_lasts = (FRAME_BITS / client.rate + OVERHEAD_SECONDS for client in (own, other))
        alone, other_alone = begins * (1 - other_begins), other_begins * (1 - begins)
        slot = (
            (1 - begins) * (1 - other_begins) * SLOT_SECONDS
            + alone * lasts
            + other_alone * other_lasts
            + begins * other_begins * max(lasts, other_lasts)
        )
        return UPLOAD_BITS / (alone * FRAME_BITS / slot)

    def packet_error_rate(self, name: str) -> float:
        """Return the share of packets of `name` that are lost, in percent."""
        is_jammed = self.is_oven_on and not self.clients[name].is_on_5_ghz
        return 45.0 if is_jammed else 6.7


class UploadingDevice:
    """A client's agent: uploads again and again, tells how that went, and does what is ordered."""

    def __init__(self, stage: Stage, world: WifiWorld, name: str, device: FakeDevice) -> None:
        self._stage = stage
        self._world = world
        self._name = name
        self._device = device
        self._task = asyncio.create_task(self._upload())

    async def _upload(self) -> None:
        while True:
            await self._stage.clock.sleep(min(60.0, self._world.upload_seconds(self._name)))
            await tell(
                self._stage,
                self._device,
                Finding(what="Upload time", value=round(self._world.upload_seconds(self._name), 2), unit="s"),
                Finding(what="Packet error rate", value=self._world.packet_error_rate(self._name), unit="%"),
            )

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})


async def tell(stage: Stage, device: FakeDevice, *findings: Finding) -> None:
    """Tell the site what a device measures of itself."""
    message = Attributes(
        device_id=device.device_id, session=device.session, attributes=findings, at=stage.clock.now()
    )
    topic = stage.topics.device(device.device_id, Channel.ATTRIBUTES)
    await device.bus.publish(topic, encode(message), retain=True)
    await stage.clock.settle()
