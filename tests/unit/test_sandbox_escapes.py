"""Every known way out of a Python program works in CPython here, and leads nowhere in the sandbox."""

from __future__ import annotations

import builtins
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import sandbox.session
from sandbox.errors import ProgramError
from sandbox.seal import KEY_BYTES, SnapshotSealer
from sandbox.session import Limits, PendingCall, open_session, restore_session
from tests.sandbox_attacks.escapes import ESCAPES, Door, Escape
from tests.sandbox_attacks.values import is_plain, texts

HARNESS = Path(__file__).parent.parent / "sandbox_attacks" / "plain_python.py"
FUNCTIONS = ("measure", "move")
HARMLESS = "found = [measure(of=i) for i in range(3)]\nmove(to={'x': 1.5, 'seen': found})\n"
LIMITS = Limits(seconds=0.5)
TOKEN = f"canary-{secrets.token_hex(8)}"
PATIENCE_SECONDS = 60.0

every_escape = pytest.mark.parametrize("escape", ESCAPES, ids=[escape.name for escape in ESCAPES])


@pytest.fixture(scope="module", autouse=True)
def _workers_that_could_know_the_secret() -> Iterator[None]:
    """Workers started while the secret is in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLEY_CANARY", TOKEN)
        pool = sandbox.session._Pool()
        patch.setattr(sandbox.session, "_pool", pool)
        yield
        pool.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the secret in its name and in a file."""
    folder = tmp_path / TOKEN
    folder.mkdir()
    (folder / "token.txt").write_text(TOKEN, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="module")
def damage_in_cpython(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What each escape, and a harmless program behind each door, does to an agent that uses `exec`."""
    base = tmp_path_factory.mktemp("cpython")
    programs = {escape.name: (escape.source, escape.door) for escape in ESCAPES}
    programs |= {door: (HARMLESS, door) for door in get_args(Door)}
    requests = []
    for number, (source, door) in enumerate(programs.values()):
        folder = base / str(number) / TOKEN
        folder.mkdir(parents=True)
        (folder / "token.txt").write_text(TOKEN, encoding="utf-8")
        report, output = folder.parent / "report", folder.parent / "output"
        requests.append(
            {
                "source": source,
                "door": door,
                "folder": str(folder),
                "report": str(report),
                "output": str(output),
            }
        )
    subprocess.run(
        [sys.executable, "-I", "-B", str(HARNESS), TOKEN],
        input="".join(json.dumps(request) + "\n" for request in requests),
        text=True,
        capture_output=True,
        env={"PARLEY_CANARY": TOKEN, "PATH": os.environ["PATH"]},
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    return dict(zip(programs, map(seen_damage, requests), strict=True))


def seen_damage(request: dict[str, str]) -> set[str]:
    report = Path(request["report"])
    if not report.exists():
        return {"end"}
    damage = set(json.loads(report.read_text(encoding="utf-8")))
    return damage | {"output"} if "FORGED" in Path(request["output"]).read_text(encoding="utf-8") else damage


def run(source: str, *, paused: bool = False) -> tuple[list[PendingCall], list[Any], ProgramError | None]:
    """Run a program as an agent would; return its calls, what they were when they came, and how it ended."""
    calls: list[PendingCall] = []
    texts_at_the_call: list[Any] = []
    sealer = SnapshotSealer(bytes(KEY_BYTES))
    session = open_session(source, FUNCTIONS, LIMITS)
    try:
        reached = session.start()
        while isinstance(reached, PendingCall):
            if paused:
                session = restore_session(
                    sealer.open(sealer.seal(session.dump(), "s1/1"), "s1/1"), FUNCTIONS, LIMITS
                )
                reached = session.pending
            calls.append(reached)
            texts_at_the_call.append(repr(reached))
            answer = session.fail if reached.arguments.get("fail") else session.resume
            reached = answer("the arm is stuck")
    except ProgramError as error:
        return calls, texts_at_the_call, error
    finally:
        session.close()
    return calls, texts_at_the_call, None


def host_state() -> list[Any]:
    return [
        {name: id(value) for name, value in vars(builtins).items() if name != "_"},
        dict(os.environ),
        Path.cwd(),
        list(sys.path),
        id(json.dumps),
        sys.gettrace(),
        sys.getrecursionlimit(),
        threading.active_count(),
        {path.name: path.read_bytes() for path in Path.cwd().iterdir()},
    ]


def assert_contained(escape: Escape, source: str, capfd: pytest.CaptureFixture[str], *, paused: bool) -> None:
    before = host_state()
    calls, at_the_call, error = run(source, paused=paused)
    assert type(error) is (escape.ends or type(None)), error
    assert {call.name for call in calls} <= set(FUNCTIONS)
    for call in calls:
        assert is_plain(call.positional)
        assert is_plain(dict(call.arguments))
        assert TOKEN not in texts((call.positional, dict(call.arguments)))
    assert [repr(call) for call in calls] == at_the_call
    assert TOKEN not in str(error)
    assert host_state() == before
    assert capfd.readouterr() == ("", "")
    victim, _, end = run("measure(of=len([1, 2]))")
    assert end is None
    assert victim == [PendingCall(1, "measure", (), {"of": 2})]


def test_there_are_enough_escapes_and_none_twice() -> None:
    assert len(ESCAPES) >= 100
    assert (
        len({escape.name for escape in ESCAPES}) == len({escape.source for escape in ESCAPES}) == len(ESCAPES)
    )


@every_escape
def test_the_escape_works_in_cpython(escape: Escape, damage_in_cpython: dict[str, set[str]]) -> None:
    assert escape.damage in damage_in_cpython[escape.name]


@pytest.mark.parametrize("door", get_args(Door))
def test_a_harmless_program_does_no_damage_in_cpython(
    door: str, damage_in_cpython: dict[str, set[str]]
) -> None:
    """The judge of the proofs can say no."""
    assert damage_in_cpython[door] == set()


@every_escape
def test_the_escape_leads_nowhere_in_the_sandbox(
    escape: Escape, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert_contained(escape, escape.source, capfd, paused=False)


@every_escape
def test_the_escape_leads_nowhere_after_a_restore(
    escape: Escape, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert_contained(escape, f"move(step=0)\n{escape.source}", capfd, paused=True)


def test_the_worker_does_not_know_the_agents_environment(folder: Path) -> None:
    """A worker that was taken over would find no secret in its environment and no file of the agent's open."""
    with open_session("measure(of=1)", FUNCTIONS, LIMITS) as session:
        session.start()
        assert session._worker is not None
        process = Path(f"/proc/{session._worker.worker_pid}")
        assert (process / "environ").read_bytes() == b""
        assert TOKEN.encode() not in (process / "cmdline").read_bytes()
