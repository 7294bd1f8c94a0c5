"""Puts one agent's process together: its machine, its models, its connection. Real or simulated is decided here.

Nothing here loads the coordinator, and what only some agents serve is loaded where it is asked for: an agent may have to do with
little memory (`benchmarks/agent_memory.py`).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from device_agent.agent import PERSISTENT_SESSION_SECONDS, DeviceAgent, client_id, lost_will
from device_agent.attributes import ATTRIBUTES_SECONDS
from device_agent.drivers.binding import Binding
from device_agent.drivers.forms_driver import FormsDriver
from device_agent.drivers.http_binding import HttpBinding
from device_agent.drivers.http_driver import HttpDriver
from device_agent.drivers.mqtt_binding import MqttBinding
from device_agent.drivers.port import Driver
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.drivers.td_source import device_id_of, get_description
from device_agent.events import AgentEvent, Observer
from device_agent.executor import APPROVAL_SECONDS
from device_agent.store import AgentStore
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from inference.ports import LanguageModel, Reader
from inference.settings import InferenceSettings, open_finder, open_model, open_reader
from parley.folders import state_folder
from parley.telemetry import telemetry
from protocol.clock import Clock
from protocol.errors import InputError
from protocol.log_fields import logging_about
from protocol.messages import IDENTIFIER_PATTERN, MAXIMUM_TOKEN_CHARACTERS
from protocol.text import clean_sentence
from rag.api_index import ApiIndex
from rag.experience import Experience
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus

logger = logging.getLogger(__name__)

MACHINE_CONNECT_SECONDS = 5.0
"""How long a machine's own MQTT broker may take to answer."""


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """What `parley agent` is told.

    Attributes:
        spec: file of the device's Thing Description; exactly one of `spec` and `td` is given.
        td: address or file of a Thing Description whose own forms reach the machine.
        device_id: its name at the site; None makes one of the file's name, or of the title of what `td` leads to.
        device_url: with `spec`, the machine's HTTP address; None simulates a machine that does nothing.
        token: the one-time token from `parley enroll`.
        state_dir: where agents keep their state over restarts; None for the user's state directory.
        approval_seconds: how long a person may take to agree to something dangerous.
        attributes_seconds: how often the device's readings are told when they have changed; 0: never.
        metrics_host: address to serve metrics on.
        metrics_port: port of the metrics; 0: none are served.
        inspect_port: port on the loopback address where people may look inside; None: nowhere.
    """

    spec: Path | None
    td: str | None
    device_id: str | None
    device_url: str | None
    token: str | None
    broker_url: str
    site: str
    state_dir: Path | None
    approval_seconds: float = APPROVAL_SECONDS
    attributes_seconds: float = ATTRIBUTES_SECONDS
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    inspect_port: int | None = None

    @property
    def known_id(self) -> str | None:
        """The device's name as far as it is known without looking at its description."""
        if self.device_id is not None or self.spec is None:
            return self.device_id
        return self.spec.name.removesuffix(".json").removesuffix(".td")


@dataclass(frozen=True, slots=True)
class Minds:
    """What the agents of one process share: the model, the index over the encoder, and the reader."""

    model: LanguageModel
    index: ApiIndex
    reader: Reader | None = None


@asynccontextmanager
async def open_minds(folder: Path) -> AsyncIterator[Minds]:
    """Load the model, the encoder and the reader that the environment names; the index lies in `folder`.

    Raises:
        ModelError: one of them is missing or unusable.
    """
    settings = InferenceSettings.from_environment()
    model = await asyncio.to_thread(open_model, settings)
    encoder = await asyncio.to_thread(open_finder, settings)
    reader = await asyncio.to_thread(open_reader, settings, encoder)
    with closing(ApiIndex(folder, encoder)) as index:
        yield Minds(model, index, reader)


@asynccontextmanager
async def open_agent(
    device_id: str,
    description: ThingDescription,
    driver: Driver,
    minds: Minds,
    *,
    folder: Path,
    broker_url: str,
    site: str,
    token: str | None = None,
    approval_seconds: float = APPROVAL_SECONDS,
    attributes_seconds: float = ATTRIBUTES_SECONDS,
    on_event: Observer | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[tuple[DeviceAgent, MqttBus]]:
    """Open an agent and its connection; the caller runs it with `DeviceAgent.run`. `clock` is the system's when None.

    Raises:
        OperatorError: the broker does not answer, or the state in `folder` cannot be used.
    """
    clock = clock or SystemClock()
    with (
        AgentStore(folder, now=clock.now()) as store,
        closing(Experience(folder, minds.index.encoder)) as archive,
    ):
        bus = MqttBus(
            broker_url,
            client_id(site, device_id),
            will=lost_will(site, device_id, store.session, clock),
            session_expiry_seconds=PERSISTENT_SESSION_SECONDS,
            clock=clock,
        )
        async with bus:
            agent = DeviceAgent(
                device_id,
                description,
                bus,
                driver,
                model=minds.model,
                index=minds.index,
                reader=minds.reader,
                archive=archive,
                store=store,
                clock=clock,
                site=site,
                token=token,
                approval_seconds=approval_seconds,
                attributes_seconds=attributes_seconds,
                on_event=on_event,
            )
            yield agent, bus


def check_agent_settings(settings: AgentSettings) -> None:
    """Check what was given, before any file is made.

    Raises:
        InputError: the device's name or the token cannot be right, or options do not go together.
    """
    if (settings.spec is None) == (settings.td is None):
        told = "both" if settings.spec else "neither"
        raise InputError("description", told, "one of --spec FILE and --td ADDRESS")
    if settings.td is not None and settings.device_url is not None:
        raise InputError(
            "device_url", settings.device_url, "none beside --td, whose forms say where the machine is"
        )
    if settings.known_id is not None and not re.fullmatch(IDENTIFIER_PATTERN, settings.known_id):
        raise InputError(
            "device_id",
            settings.known_id,
            "letters, digits, '.', '_' and '-', at most 64, a letter or digit first",
            remedy="Choose another with --device-id.",
        )
    if settings.token is not None and not 0 < len(settings.token) <= MAXIMUM_TOKEN_CHARACTERS:
        raise InputError(
            "token",
            f"{len(settings.token)} characters",
            f"1 to {MAXIMUM_TOKEN_CHARACTERS}",
            remedy="Use the token as `parley enroll` printed it.",
        )


async def run_agent(settings: AgentSettings) -> None:
    """Run one agent until cancelled.

    Raises:
        InputError: the description or an address is wrong.
        OperatorError: the broker or the state cannot be used, or the coordinator refuses the device.
        ModelError: model or encoder cannot be used.
    """
    check_agent_settings(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry("parley-agent", os.environ))
        observers: list[Observer] = [_log_event]
        device_id, description, driver = await _open_machine(settings, stack)
        stack.enter_context(logging_about(device_id=device_id))
        folder = state_folder(settings.state_dir, settings.site, "agents") / device_id
        minds = await stack.enter_async_context(open_minds(folder / "index"))
        agent, bus = await stack.enter_async_context(
            open_agent(
                device_id,
                description,
                driver,
                minds,
                folder=folder,
                broker_url=settings.broker_url,
                site=settings.site,
                token=settings.token,
                approval_seconds=settings.approval_seconds,
                attributes_seconds=settings.attributes_seconds,
                on_event=lambda event: _tell(observers, event),
            )
        )
        if settings.metrics_port:
            observers.append(_serve_metrics(settings, agent, bus, stack))
        if settings.inspect_port is not None:
            observers.append(await _let_look_inside(device_id, settings.inspect_port, stack))
        await agent.run()


def _serve_metrics(
    settings: AgentSettings, agent: DeviceAgent, bus: MqttBus, stack: AsyncExitStack
) -> Observer:
    """Serve what Prometheus asks for until `stack` closes; returns what the agent has to tell of itself."""
    from parley.agent_metrics import AgentMetrics, metrics_served  # noqa: PLC0415

    metrics = AgentMetrics()
    metrics.watch(agent, bus)
    port = stack.enter_context(metrics_served(metrics, settings.metrics_host, settings.metrics_port))
    logger.info("%s serves metrics at http://%s:%d/metrics", agent.device_id, settings.metrics_host, port)
    return metrics.take


async def _let_look_inside(device_id: str, port: int, stack: AsyncExitStack) -> Observer:
    """Let people on this machine look inside until `stack` closes; returns what the agent has to tell of itself."""
    from parley.looking_inside import AgentInspector, inspection_served  # noqa: PLC0415

    inspector = AgentInspector()
    url = await stack.enter_async_context(inspection_served(inspector, device_id, port))
    logger.info("People on this machine can look inside %s at %s/inspection", device_id, url)
    return inspector.note


def _tell(observers: Sequence[Observer], event: AgentEvent) -> None:
    for observer in observers:
        observer(event)


async def _open_machine(
    settings: AgentSettings, stack: AsyncExitStack
) -> tuple[str, ThingDescription, Driver]:
    """Return the device's name, its description, and what drives it until `stack` closes."""
    clock = SystemClock()
    if settings.spec is None:
        description = await get_description(str(settings.td))
        device_id = settings.known_id or device_id_of(description)
        machine = f"parley-machine-{device_id}-{uuid.uuid4().hex[:8]}"
        bindings: list[Binding] = [
            HttpBinding(clock),
            MqttBinding(
                lambda url: MqttBus(
                    url,
                    machine,
                    clock=clock,
                    connect_timeout_seconds=MACHINE_CONNECT_SECONDS,
                    publish_timeout_seconds=MACHINE_CONNECT_SECONDS,
                ),
                clock,
            ),
        ]
        forms = await stack.enter_async_context(FormsDriver(description, bindings, clock))
        return device_id, forms.description, forms
    description = load(settings.spec)
    device_id = settings.known_id or device_id_of(description)
    if settings.device_url is not None:
        http = await stack.enter_async_context(HttpDriver(description, settings.device_url, clock=clock))
        return device_id, http.description, http
    logger.warning("%s has no machine: its calls are simulated and nothing moves.", device_id)
    return device_id, description, SimulatedDriver(description, clock)


def _log_event(event: AgentEvent) -> None:
    logger.info("%s %s: %s", event.device_id, event.kind.value.replace("_", " "), clean_sentence(event.text))
