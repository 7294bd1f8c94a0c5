"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parley.logs import LogFormat

BROKER_HELP = "MQTT broker, for example mqtt://127.0.0.1:1883."

BrokerUrl = Annotated[
    str, typer.Option("--broker-url", envvar="PARLEY_BROKER_URL", help=BROKER_HELP, show_default=True)
]
Site = Annotated[
    str, typer.Option("--site", envvar="PARLEY_SITE", help="Name of the site: one coordinator owns one site.")
]
StateDirectory = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        envvar="PARLEY_STATE_DIR",
        file_okay=False,
        help="Where state is kept. Default: the user's state directory.",
    ),
]
Ledger = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        envvar="PARLEY_LEDGER",
        show_default=False,
        help="Database of the ledger, such as postgresql://user:password@host/database. Default: a file below --state-dir.",
    ),
]
LogLevel = Annotated[
    str, typer.Option("--log-level", envvar="PARLEY_LOG_LEVEL", help="debug, info, warning or error.")
]
LogFormatOption = Annotated[
    LogFormat,
    typer.Option(
        "--log-format",
        envvar="PARLEY_LOG_FORMAT",
        help="How lines of the log look: for people, or JSON objects.",
    ),
]
CoordinatorUrl = Annotated[
    str,
    typer.Option(
        "--coordinator-url",
        envvar="PARLEY_COORDINATOR_URL",
        help="HTTP address of the coordinator.",
        show_default=True,
    ),
]
Who = Annotated[
    str | None,
    typer.Option("--by", envvar="PARLEY_OPERATOR", help="Who does it, for the records. Default: this user."),
]
