"""The composition root's own small parts."""

import socket
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from parley.cli import app as cli
from parley.compose import parse_entities
from parley.folders import state_folder
from parley.serving import serving
from protocol.errors import InputError, OperatorError


def test_entities_are_read_from_texts() -> None:
    assert parse_entities(["shelf=1,2", "station=a", "shelf= 3 "]) == {
        "shelf": ("1", "2", "3"),
        "station": ("a",),
    }


@pytest.mark.parametrize("text", ["shelf", "shelf=", "=1", "shelf=,"])
def test_a_wrong_entity_is_named(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse_entities([text])
    assert repr(text) in str(error.value)


def test_state_lies_below_the_chosen_directory_or_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert state_folder(tmp_path, "hall", "coordinator") == tmp_path / "hall" / "coordinator"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert state_folder(None, "hall", "agents") == tmp_path / "state" / "parley" / "hall" / "agents"


def test_a_site_cannot_lead_out_of_the_state_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        state_folder(tmp_path, "../elsewhere", "coordinator")


async def test_an_application_is_served_and_stops() -> None:
    application = FastAPI()

    @application.get("/")
    async def root() -> str:
        return "here"

    async with serving(application, "127.0.0.1", 0) as url, httpx.AsyncClient() as client:
        assert (await client.get(url)).json() == "here"
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_a_taken_port_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OperatorError, match=f"port {port}"):
            async with serving(FastAPI(), "127.0.0.1", port):
                pass


def test_enroll_prints_a_token_that_the_coordinators_file_knows(tmp_path: Path) -> None:
    first, second = (
        CliRunner().invoke(cli, ["enroll", "--state-dir", str(tmp_path), "--device-id", "robot-1"])
        for _ in range(2)
    )
    assert first.exit_code == 0, first.output
    token = first.output.strip()
    assert len(token) >= 24
    assert token != second.output.strip()
    files = [file for file in (tmp_path / "main" / "coordinator").iterdir() if file.is_file()]
    assert files
    assert all(token.encode() not in file.read_bytes() for file in files)


def test_enroll_refuses_a_name_that_no_device_can_have(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["enroll", "--state-dir", str(tmp_path), "--device-id", "a/b"])
    assert result.exit_code == 1
    assert "a/b" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--device-id", "../../robot"], ["device_id is '../../robot'", "allowed: letters", "--device-id"]),
        (["--device-id", "robot 1\n"], ["device_id", "allowed: letters"]),
        (
            ["--device-id", "robot-1", "--token", "t" * 129],
            ["token is '129 characters'", "1 to 128", "enroll"],
        ),
    ],
)
def test_an_agent_refuses_what_cannot_go_on_the_wire_before_it_makes_a_file(
    tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    spec = "firmware_api_specs/warehouse/kestrel.td.json"
    state = tmp_path / "state"
    result = CliRunner().invoke(cli, ["agent", "--spec", spec, "--state-dir", str(state), *arguments])
    assert result.exit_code == 1
    for part in parts:
        assert part in result.stderr
    assert not list(tmp_path.rglob("*")), "no folder inside or outside of the state directory"


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([], ["description is 'neither'", "one of --spec FILE and --td ADDRESS"]),
        (["--td", "x.json", "--spec", "README.md"], ["description is 'both'"]),
        (
            ["--td", "x.json", "--device-url", "http://robot"],
            ["device_url is 'http://robot'", "none beside --td"],
        ),
        (
            ["--td", "http://127.0.0.1:9/thing"],
            ["No Thing Description can be had from http://127.0.0.1:9/thing"],
        ),
        (["--td", "README.md"], ["README.md: line 1 column 1"]),
    ],
    ids=["neither", "both", "two addresses", "nobody there", "no description"],
)
def test_an_agent_says_what_is_wrong_with_its_description(
    tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    result = CliRunner().invoke(cli, ["agent", "--state-dir", str(tmp_path), *arguments])
    assert result.exit_code == 1
    for part in parts:
        assert part in result.stderr
    assert not list(tmp_path.rglob("*"))
