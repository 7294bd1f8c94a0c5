"""Every command, target and environment variable that the documents and the containers use exists."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperCommand, TyperGroup

from coordinator.site import Site
from demos.warehouse.judge import judge_text
from demos.warehouse.site import site_of
from demos.warehouse.world import WarehouseWorld
from parley.cli import app
from transport.clock import SystemClock

DOCUMENTS = [Path("README.md"), *sorted(Path("docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
# Read by the rooms themselves, not by an option of the command line.
ROOM_VARIABLES = {
    variable
    for file in [
        *Path("inference").glob("*.py"),
        *Path("parley").glob("*.py"),
        *Path("coordinator").glob("*.py"),
        *Path("device_agent/drivers").glob("*.py"),
    ]
    for variable in re.findall(r"PARLEY_[A-Z_]+", file.read_text("utf-8"))
}


def shell_lines() -> list[tuple[str, str]]:
    found = []
    for document in DOCUMENTS:
        for block in BLOCK.finditer(document.read_text("utf-8")):
            lines = block["body"].splitlines()
            if block["language"] == "console":
                found += [(str(document), line[2:].strip()) for line in lines if line.startswith("$ ")]
            elif block["language"] in {"bash", "sh"}:
                found += [
                    (str(document), line.strip())
                    for line in lines
                    if line.strip() and not line.startswith("#")
                ]
    return found


def resolve(arguments: list[str]) -> tuple[TyperCommand | TyperGroup, list[str]]:
    """Find the command that `arguments` name, and what is left for it."""
    root: Any = typer.main.get_command(app)
    command = root
    while isinstance(command, TyperGroup):
        assert arguments, "a group is no command"
        if command is not root and command.invoke_without_command and arguments[0].startswith("-"):
            return command, arguments
        assert arguments[0] in command.commands, f"`parley {arguments[0]}` does not exist"
        command, arguments = command.commands[arguments[0]], arguments[1:]
    assert isinstance(command, TyperCommand)
    return command, arguments


def check_invocation(arguments: list[str]) -> None:
    command, rest = resolve(arguments)
    known = {option for parameter in command.params for option in getattr(parameter, "opts", ())}
    used = {argument.split("=")[0] for argument in rest if argument.startswith("-")}
    assert used <= known, f"parley {command.name} has no {used - known}"


def cli_variables(command: TyperCommand | TyperGroup) -> set[str]:
    return {str(parameter.envvar) for parameter in command.params if getattr(parameter, "envvar", None)}


def words(line: str) -> list[str]:
    return [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*", word)]


PARLEY_LINES = [(where, line) for where, line in shell_lines() if words(line)[0].endswith("parley")]
MAKE_LINES = [(where, line) for where, line in shell_lines() if words(line)[0] == "make"]


def test_the_documents_have_commands_to_check() -> None:
    assert len(PARLEY_LINES) >= 5
    assert any(where == "README.md" for where, _ in MAKE_LINES)


@pytest.mark.parametrize(("where", "line"), PARLEY_LINES)
def test_documented_parley_command_exists(where: str, line: str) -> None:
    check_invocation(words(line)[1:])


@pytest.mark.parametrize(("where", "line"), MAKE_LINES)
def test_documented_make_target_exists(where: str, line: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(words(line)[1:]) - {"</dev/null"} <= targets


def test_files_named_in_the_documents_exist() -> None:
    named = {
        (str(document), path)
        for document in DOCUMENTS
        for path in re.findall(
            r"(?:docs|firmware_api_specs|protocol|inference|evals|benchmarks|demos|scripts)/[\w./-]+\w",
            document.read_text("utf-8"),
        )
    }
    missing = sorted((document, path) for document, path in named if not Path(path).exists())
    assert missing == []


def test_relative_links_lead_somewhere() -> None:
    broken = [
        (str(document), target)
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text("utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert broken == []


def test_variables_named_in_the_documents_are_read_by_something() -> None:
    beginnings = tuple(name for name in ROOM_VARIABLES if name.endswith("_"))
    for document in DOCUMENTS:
        named = set(re.findall(r"PARLEY_[A-Z_]+", document.read_text("utf-8")))
        assert {name for name in named if not name.startswith(beginnings)} <= ROOM_VARIABLES


COMPOSE: dict[str, Any] = yaml.safe_load(Path("docker-compose.yml").read_text("utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}


def test_compose_has_the_whole_site() -> None:
    robots = {"robot-1", "robot-2", "robot-3", "robot-4"}
    assert {"mosquitto", "world", "coordinator", "first-goal"} | robots == set(COMPOSE["services"])
    specs = {
        service["command"][service["command"].index("--spec") + 1]
        for name, service in OURS.items()
        if "robot" in name
    }
    assert len(specs) == 4
    for spec in specs:
        assert Path(spec).is_file()


@pytest.mark.parametrize("name", OURS)
def test_compose_command_and_environment_exist_in_the_cli(name: str) -> None:
    service = OURS[name]
    arguments = [str(argument) for argument in service["command"]]
    check_invocation(arguments)
    command, _ = resolve(arguments)
    assert set(service.get("environment", {})) <= cli_variables(command) | ROOM_VARIABLES - _other_options(
        command
    )


def _other_options(command: TyperCommand | TyperGroup) -> set[str]:
    """Variables that options of other commands read: here they would do nothing."""
    every = {
        variable
        for file in Path("parley").glob("*.py")
        for variable in re.findall(r'envvar="(PARLEY_[A-Z_]+)"', file.read_text("utf-8"))
    }
    return every - cli_variables(command)


@pytest.mark.parametrize("name", sorted(COMPOSE["services"].keys() - {"first-goal"}))
def test_compose_service_restarts_and_is_checked(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]


def test_the_first_goal_is_asked_once_and_by_nobody_before_the_coordinator_is_there() -> None:
    service = COMPOSE["services"]["first-goal"]
    assert service["restart"] == "no"
    assert service["depends_on"] == {"coordinator": {"condition": "service_healthy"}}


def test_the_coordinators_site_file_says_where_the_shelves_of_the_world_are() -> None:
    world = COMPOSE["services"]["world"]
    arguments = world["command"]
    shelves = int(arguments[arguments.index("--shelves") + 1])
    command = COMPOSE["services"]["coordinator"]["command"]
    site = Site.load(Path(command[command.index("--site-file") + 1]))
    assert site == site_of(WarehouseWorld(shelves, ["robot-1"], seed=0, clock=SystemClock()))


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_compose_volumes_and_dependencies_are_declared(name: str) -> None:
    service = COMPOSE["services"][name]
    for volume in service.get("volumes", ()):
        source = volume.split(":")[0]
        assert Path(source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])
    for host in re.findall(r"(?:mqtt|http)://([a-z0-9-]+):", json.dumps(service.get("environment", {}))):
        assert host in COMPOSE["services"]


def test_the_image_runs_as_a_user_without_rights() -> None:
    text = Path("Dockerfile").read_text("utf-8")
    last_stage = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER (?!root|0)", last_stage, re.MULTILINE)
    environment = set(re.findall(r"\bPARLEY_[A-Z_]+", text))
    assert environment <= ROOM_VARIABLES
    entry = json.loads(re.findall(r"^ENTRYPOINT (.+)$", last_stage, re.MULTILINE)[0])
    assert entry == ["parley"]


def test_compose_client_accepts_the_file() -> None:
    """The YAML checks above always run; this one adds the client's own opinion where there is a client."""
    client = _compose_client()
    if client is None:
        return
    result = subprocess.run([*client, "config", "--quiet"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def _compose_client() -> list[str] | None:
    for client in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(client[0])
            and not subprocess.run([*client, "version"], capture_output=True, check=False).returncode
        ):
            return client
    return None


def test_the_readme_shows_the_demos_output_early_and_it_is_true() -> None:
    """The demo's world is the same on every machine, so the answer in the README can be judged by it."""
    lines = Path("README.md").read_text("utf-8").splitlines()
    shown = [number for number, line in enumerate(lines, start=1) if re.search(r"\d+ passed in", line)]
    answers = [line.removeprefix("Answer ") for line in lines if line.startswith("Answer ")]
    assert answers, "paste the output of `make demo </dev/null` into README.md"
    assert shown, "paste the last line of `make test` into README.md"
    assert shown[0] < 25
    truth = WarehouseWorld(
        5, [f"robot-{number}" for number in range(1, 5)], seed=0, clock=SystemClock()
    ).truth()
    assert judge_text(answers[0], truth) == []
