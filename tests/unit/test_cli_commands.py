"""The command line: help, examples, errors in one line."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

import parley.cli
from inference.ports import ModelError
from parley.cli import app
from protocol.errors import InputError, OperatorError

runner = CliRunner()


def commands(
    group: TyperGroup, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], TyperCommand | TyperGroup]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            if command.invoke_without_command:
                yield (*path, name), command
            yield from commands(command, (*path, name))
        elif isinstance(command, TyperCommand):
            yield (*path, name), command


def root() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


ALL = dict(commands(root()))


def test_every_promised_command_exists() -> None:
    assert set(ALL) == {
        ("demo", "warehouse"),
        ("demo", "ask"),
        ("agent",),
        ("site", "check"),
        ("site", "show"),
        ("site", "reload"),
        ("agent", "trace"),
        ("coordinator",),
        ("world",),
        ("enroll",),
        ("spec", "check"),
        ("spec", "import"),
        ("setup", "encoder"),
        ("broker",),
        ("eval",),
        ("goals",),
        ("goal",),
        ("devices",),
        ("log",),
        ("stop",),
        ("release",),
        ("approvals",),
        ("approve",),
        ("deny",),
        ("pause",),
        ("resume",),
        ("cancel",),
        ("standing", "list"),
        ("standing", "add"),
        ("standing", "change"),
        ("standing", "answer"),
        ("standing", "pause"),
        ("standing", "resume"),
        ("standing", "cancel"),
    }


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_shows_an_example_of_the_command_itself(path: tuple[str, ...]) -> None:
    result = runner.invoke(app, [*path, "--help"])
    assert result.exit_code == 0
    assert f"Example: parley {' '.join(path)}" in result.output


def test_every_option_is_explained() -> None:
    silent = [
        f"parley {' '.join(path)} {parameter.name}"
        for path, command in ALL.items()
        for parameter in command.params
        if parameter.name != "help" and not getattr(parameter, "help", None)
    ]
    assert silent == []


def test_help_loads_no_heavy_library() -> None:
    program = (
        "import sys, parley.cli, typer.main; typer.main.get_command(parley.cli.app);"
        "print([m for m in ('llama_cpp', 'chromadb', 'fastapi', 'numpy', 'pydantic', 'aiomqtt') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "error",
    [
        OperatorError("The broker is away.", remedy="Start it with `parley broker`."),
        ModelError("The model file is missing.", "Set PARLEY_MODEL."),
        InputError("robots", "many", "a number", remedy="Give a number."),
    ],
    ids=["operator", "model", "input"],
)
def test_errors_are_one_line_with_the_remedy(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(parley.cli, "configure_logging", fail)
    result = runner.invoke(app, ["world"])
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    assert error.message in lines[0]  # type: ignore[attr-defined]
    assert error.remedy in lines[0]  # type: ignore[attr-defined]


def test_a_defect_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(parley.cli, "configure_logging", fail)
    result = runner.invoke(app, ["world"])
    assert isinstance(result.exception, RuntimeError)


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "warehouse", "--robots", "0"],
        ["demo", "warehouse", "--robots", "four"],
        ["agent", "--spec", "/no/such/file.json"],
        ["world", "--log-level", "loud"],
        ["no-such-command"],
        ["demo", "warehouse", "--colour"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_and_names_what_is_wrong(arguments: list[str]) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert arguments[-1] in result.stderr or "0<" in result.stderr or arguments[-2] in result.stderr


def test_version() -> None:
    result = runner.invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.output == "parley 0.1.0\n"


def test_every_option_with_an_environment_variable_names_it_parley() -> None:
    variables = {
        str(parameter.envvar)
        for command in ALL.values()
        for parameter in command.params
        if getattr(parameter, "envvar", None)
    }
    assert variables
    assert {name for name in variables if not name.startswith("PARLEY_")} == set()


def test_spec_check_reports_every_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.td.json"
    bad.write_text("{}")
    good = min(Path("firmware_api_specs/warehouse").glob("*.td.json"))
    result = runner.invoke(app, ["spec", "check", str(good), str(bad)])
    assert result.exit_code == 1
    assert f"{good}: ok" in result.stdout
    assert str(bad) in result.stderr
