"""Paused programs as bytes: they go on where they stood, gain nothing by it, and forged ones are refused."""

import os
from pathlib import Path

import pydantic_monty as monty
import pytest

from protocol.errors import ErrorCode, InputError, OperatorError
from sandbox.errors import ForbiddenError, LimitExceededError, ProgramError, SnapshotRefusedError
from sandbox.seal import KEY_BYTES, SnapshotSealer, load_or_create_key
from sandbox.session import (
    Limits,
    PendingCall,
    SandboxSession,
    open_session,
    restore_session,
)

KEY = bytes(range(KEY_BYTES))
QUICK = Limits(seconds=0.3)


def paused(source: str, limits: Limits = QUICK) -> bytes:
    """The dump of a program at its first call."""
    session = open_session(source, ["a", "b"], limits)
    session.start()
    return session.dump()


def run_paused(
    session: SandboxSession, limits: Limits, calls: list[PendingCall] | None = None
) -> list[PendingCall]:
    """Dump and restore at every call, answer each with its number; return the calls, also in the list given."""
    calls = [] if calls is None else calls
    reached = session.start()
    while isinstance(reached, PendingCall):
        calls.append(reached)
        session = restore_session(session.dump(), ["a", "b"], limits)
        assert session.pending == reached
        reached = session.resume(reached.call_id)
    return calls


def test_a_restored_program_stands_at_the_same_call_and_knows_what_it_knew() -> None:
    source = "seen = [a(x=1)]\nfor i in range(3):\n    seen.append(a(x=seen))\n"
    session = open_session(source, ["a", "b"], QUICK)
    calls = run_paused(session, QUICK)
    assert [call.arguments["x"] for call in calls] == [1, [1], [1, 2], [1, 2, 3]]
    assert [call.call_id for call in calls] == [1, 2, 3, 4]


def test_pending_is_the_call_and_nothing_else() -> None:
    session = open_session("a(x=1)\nb()\n", ["a", "b"])
    with pytest.raises(RuntimeError, match="no call is pending"):
        _ = session.pending
    with pytest.raises(RuntimeError, match="no call is pending"):
        session.dump()
    first = session.start()
    assert session.pending == first
    second = session.resume(value=True)
    assert session.pending == second
    session.resume(value=True)
    with pytest.raises(RuntimeError, match="no call is pending"):
        _ = session.pending


def test_a_dump_gives_the_worker_back_and_closes_the_session() -> None:
    session = open_session("a(x=1)\nb()\n", ["a", "b"])
    session.start()
    session.dump()
    for use in (session.dump, lambda: session.resume(value=True), lambda: session.pending, session.start):
        with pytest.raises(RuntimeError):
            use()


def test_a_restored_session_cannot_be_started_again() -> None:
    with restore_session(paused("a(x=1)"), ["a", "b"], QUICK) as session, pytest.raises(RuntimeError):
        session.start()


def test_a_failure_can_be_raised_after_a_restore() -> None:
    dump = paused("try:\n    a(x=1)\nexcept RuntimeError as error:\n    a(x=str(error))\n")
    with restore_session(dump, ["a", "b"], QUICK) as session:
        caught = session.fail("the arm is stuck")
    assert isinstance(caught, PendingCall)
    assert caught.arguments == {"x": "the arm is stuck"}


def test_pausing_gains_no_calls() -> None:
    limits = Limits(seconds=0.3, calls=3)
    calls: list[PendingCall] = []
    with pytest.raises(LimitExceededError, match="more than 3 calls"):
        run_paused(open_session("while True:\n    a(x=1)\n", ["a", "b"], limits), limits, calls)
    assert len(calls) == 3


def test_pausing_gains_no_computing_time() -> None:
    # Each round alone is far below the limit.
    limits = Limits(seconds=0.1, calls=100_000)
    source = "while True:\n    for i in range(50_000):\n        pass\n    a(x=1)\n"
    calls: list[PendingCall] = []
    with pytest.raises(LimitExceededError, match="TimeoutError"):
        run_paused(open_session(source, ["a", "b"], limits), limits, calls)
    assert len(calls) > 1


def test_pausing_gains_no_output() -> None:
    calls: list[PendingCall] = []
    with pytest.raises(LimitExceededError, match="MemoryError"):
        run_paused(
            open_session("while True:\n    print('x' * 3000)\n    a(x=1)\n", ["a", "b"], QUICK), QUICK, calls
        )
    assert len(calls) == 3


def test_pausing_gains_no_memory_and_no_depth() -> None:
    for rest in ("x = [0] * 10**9", "def f():\n    return f()\nf()", "while True:\n    pass"):
        with (
            restore_session(paused(f"a(x=1)\n{rest}\n"), ["a", "b"], QUICK) as session,
            pytest.raises(LimitExceededError),
        ):
            session.resume(value=True)


def test_a_restored_program_is_as_confined_as_before() -> None:
    for rest, error in (
        ("open('/etc/passwd')", ForbiddenError),
        ("c()", ForbiddenError),
        ("1 / 0", ProgramError),
    ):
        with restore_session(paused(f"a(x=1)\n{rest}\n"), ["a", "b"], QUICK) as session, pytest.raises(error):
            session.resume(value=True)


def test_a_program_that_holds_too_much_cannot_be_kept() -> None:
    session = open_session("x = 'y' * 3_000_000\na(x=1)\n", ["a", "b"])
    session.start()
    with pytest.raises(LimitExceededError, match="can be kept"):
        session.dump()


def test_other_limits_or_functions_are_refused() -> None:
    dump = paused("a(x=1)\nb()\n")
    with pytest.raises(SnapshotRefusedError, match="limits"):
        restore_session(dump, ["a", "b"], Limits(seconds=60.0))
    with pytest.raises(SnapshotRefusedError, match="does not know or allow") as refused:
        restore_session(dump, ["lower_the_fork"], QUICK)
    assert "lower_the_fork" not in str(refused.value)


def test_damaged_dumps_are_refused_and_the_next_program_runs() -> None:
    whole = paused("a(x=1)\nb()\n")
    header, _, state = whole.partition(b"\n")
    for damaged in (
        b"",
        b"\n",
        b"[]\n",
        b"\xff\n",
        b"{}\n" + state,
        header.replace(b'"calls": 1', b'"calls": "x"') + b"\n" + state,
        header + b"\n",
        header + b"\nMONTY",
        whole[: len(whole) // 2],
        header + b"\n" + b"\0" * 1000,
    ):
        with pytest.raises(SnapshotRefusedError) as refused:
            restore_session(damaged, ["a", "b"], QUICK)
        assert refused.value.code is ErrorCode.SNAPSHOT_REFUSED
        assert refused.value.remedy
    with restore_session(whole, ["a", "b"], QUICK) as session:
        assert isinstance(session.resume(value=True), PendingCall)


def test_what_was_sealed_can_be_opened() -> None:
    sealer = SnapshotSealer(KEY)
    for payload in (b"", b"x", bytes(1000)):
        for context in ("", "s1/3", "ü\ud800"):
            assert SnapshotSealer(KEY).open(sealer.seal(payload, context), context) == payload


def test_the_refusal_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    sealer = SnapshotSealer(KEY)
    sealed = sealer.seal(b"payload", "s1/3")

    def refusal(changed: bytes, context: str = "s1/3", opener: SnapshotSealer = sealer) -> str:
        with pytest.raises(SnapshotRefusedError) as refused:
            opener.open(changed, context)
        assert refused.value.code is ErrorCode.SNAPSHOT_REFUSED
        assert refused.value.remedy
        return str(refused.value)

    assert "cut short" in refusal(sealed[:20])
    assert "no snapshot" in refusal(b"\0" + sealed[1:])
    assert "format version 258" in refusal(sealed[:8] + b"\x01\x02" + sealed[10:])
    assert "seal is broken" in refusal(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert "seal is broken" in refusal(sealed[:-1])
    assert "seal is broken" in refusal(sealed, opener=SnapshotSealer(bytes(KEY_BYTES)))
    assert "belongs to 's1/3', not to 's1/4'" in refusal(sealed, "s1/4")
    monkeypatch.setattr(monty, "__version__", "9.9.9")
    assert "this is 9.9.9" in refusal(sealed)


def test_a_key_of_another_length_is_refused() -> None:
    for key in (b"", bytes(16), bytes(33)):
        with pytest.raises(InputError, match="exactly 32 bytes"):
            SnapshotSealer(key)
    with pytest.raises(InputError, match="at most 65535 bytes"):
        SnapshotSealer(KEY).seal(b"", "x" * 70_000)


def test_a_key_is_made_once_and_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "state" / "snapshot.key"
    before = os.umask(0)
    try:
        key = load_or_create_key(path)
    finally:
        os.umask(before)
    assert len(key) == KEY_BYTES
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create_key(path) == key
    assert load_or_create_key(tmp_path / "other.key") != key
    assert [file.name for file in path.parent.iterdir()] == ["snapshot.key"]


def test_when_two_processes_make_the_key_the_first_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "snapshot.key"
    first = load_or_create_key(path)
    # The other process looked before the file was there.
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert load_or_create_key(path) == first
    assert [file.name for file in tmp_path.iterdir()] == ["snapshot.key"]


def test_a_wrong_key_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.key"
    for content in (b"", bytes(31), bytes(33)):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(InputError, match="delete"):
            load_or_create_key(path)
    path.write_bytes(bytes(KEY_BYTES))
    path.chmod(0o640)
    with pytest.raises(InputError, match=r"mode is '0640'; allowed: 0600"):
        load_or_create_key(path)
    with pytest.raises(OperatorError, match="cannot be used"):
        load_or_create_key(tmp_path / "snapshot.key" / "under-a-file")
