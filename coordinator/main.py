"""Starts a coordinator: state file, bus, model, HTTP API. Used by `parley coordinator` and by the demo."""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from coordinator.accounting import Prices
from coordinator.app import DEFAULT_BODY_LIMIT_BYTES
from coordinator.coordinator import Coordinator, CoordinatorSettings, coordinator_will
from coordinator.exchange import WaitingTimes
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from coordinator.ledger.ledger import LostObserver, open_ledger
from coordinator.site import Site
from coordinator.standing.standing_goals import local_zone
from inference.ports import Encoder, LanguageModel, ModelError
from inference.routing import Router
from inference.settings import InferenceSettings, open_encoder, open_model, open_router
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from protocol.topics import Topics
from rag.directory import Directory
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus

logger = logging.getLogger(__name__)

_SESSION_EXPIRY_SECONDS = 300


class Settings(BaseModel):
    """Everything `parley coordinator` can be told.

    Attributes:
        broker_url: `mqtt://host:port`.
        host: address the HTTP API listens on.
        port: its port.
        state_dir: where the ledger's file lives, unless `ledger` names another database.
        ledger: address of the ledger's database, such as `postgresql://user:password@host/database`.
        standby: where the site has an owner, wait for its end and take over, instead of giving up.
        site_file: the site file, read again when asked; `site` is used without one.
        site: the site's entities.
        site_name: the site's level in MQTT topics.
        open_enrolment: devices may join without a token.
        subtask_timeout_seconds: how long to wait for a device.
        time_zone: name of the zone of times of day where people name none; the site file's, else this machine's, when None.
        body_limit_bytes: largest HTTP request.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    broker_url: str = "mqtt://127.0.0.1:1883"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    state_dir: Path = Path(".parley/coordinator")
    ledger: SecretStr | None = None
    standby: bool = False
    site_file: Path | None = None
    site: Site = Site()
    site_name: str = "main"
    open_enrolment: bool = False
    subtask_timeout_seconds: float = Field(default=120.0, gt=0)
    time_zone: str | None = None
    body_limit_bytes: int = Field(default=DEFAULT_BODY_LIMIT_BYTES, gt=0)

    @property
    def database(self) -> LedgerAddress:
        """Where the site's ledger is, also for `issue_token`.

        Raises:
            InputError: `ledger` is no address.
        """
        if self.ledger is None:
            return LedgerAddress.of_file(self.state_dir / DATABASE_NAME, self.site_name)
        return LedgerAddress.parse(self.ledger.get_secret_value(), self.site_name)


@asynccontextmanager
async def open_coordinator(
    settings: Settings,
    model: LanguageModel | None = None,
    *,
    clock: Clock | None = None,
    on_lost: LostObserver | None = None,
) -> AsyncIterator[Coordinator]:
    """Open a coordinator without its HTTP API. It does not wait for the broker.

    Args:
        settings: what to open.
        model: plans goals; what `PARLEY_MODEL` and its like name, or what ships with Parley, when None.
        clock: time; the system's when None.
        on_lost: called once when the ledger cannot be written any more: nothing can be done or promised then, and the
            process has to end.

    Raises:
        InputError: a setting or the site file is wrong.
        OperatorError: the site has an owner, the ledger is unusable, or the model cannot be loaded.
    """
    clock = clock or SystemClock()
    site_file = settings.site_file
    site = settings.site if site_file is None else Site.load(site_file)
    topics = Topics(settings.site_name)
    planning_model, router, encoder = (
        (model, None, None) if model is not None else await asyncio.to_thread(_load_models)
    )
    async with open_ledger(settings.database, clock, is_standby=settings.standby, on_lost=on_lost) as ledger:
        directory = None if encoder is None else Directory(settings.state_dir / "directory", encoder)
        bus = MqttBus(
            settings.broker_url,
            f"parley-coordinator-{settings.site_name}",
            will=coordinator_will(topics, ledger.epoch, clock.now()),
            session_expiry_seconds=_SESSION_EXPIRY_SECONDS,
            connect_timeout_seconds=math.inf,
            clock=clock,
        )
        with ExitStack() as at_the_end:
            if directory is not None:
                at_the_end.callback(directory.close)
            async with Coordinator(
                bus=bus,
                ledger=ledger,
                topics=topics,
                site=site,
                read_site=None if site_file is None else partial(Site.load, site_file),
                model=planning_model,
                router=router,
                encoder=encoder,
                directory=directory,
                clock=clock,
                settings=CoordinatorSettings(
                    is_open=settings.open_enrolment,
                    times=WaitingTimes(subtask_timeout_seconds=settings.subtask_timeout_seconds),
                    time_zone=settings.time_zone or site.time_zone or local_zone(),
                    prices=Prices.from_environment(os.environ),
                ),
            ) as coordinator:
                yield coordinator


def _load_models() -> tuple[LanguageModel, Router | None, Encoder]:
    try:
        settings = InferenceSettings.from_environment()
        encoder = open_encoder(settings)
        return open_model(settings), open_router(settings, encoder), encoder
    except ModelError as error:
        raise OperatorError(error.message, code=ErrorCode.MODEL_UNAVAILABLE, remedy=error.remedy) from error
