"""The sandbox with its real worker: calls, limits, escapes, bombs."""

import os
from pathlib import Path

import pytest

from protocol.errors import ModelMayRetry
from sandbox.errors import ForbiddenError, LimitExceededError, ProgramError
from sandbox.session import Finished, Limits, PendingCall, open_session, type_check

STUBS = "def a(*, x: int) -> bool: ...\ndef b() -> float: ...\n"
QUICK = Limits(seconds=0.3)


def drive(source: str, functions: tuple[str, ...] = ("a", "b"), limits: Limits = QUICK) -> list[PendingCall]:
    """Answer every call with True and return the calls."""
    calls: list[PendingCall] = []
    with open_session(source, functions, limits) as session:
        reached = session.start()
        while isinstance(reached, PendingCall):
            calls.append(reached)
            reached = session.resume(value=True)
    return calls


def test_calls_come_out_one_by_one_with_their_arguments_and_results_go_in() -> None:
    with open_session("if a(x=3) == 'yes':\n    b()\n", ["a", "b"]) as session:
        first = session.start()
        assert first == PendingCall(1, "a", (), {"x": 3})
        assert session.resume("yes") == PendingCall(2, "b", (), {})
        assert session.resume([1, {"k": None}]) == Finished()


def test_a_failure_is_raised_at_the_call_and_may_be_caught() -> None:
    with open_session("try:\n    a(x=1)\nexcept RuntimeError:\n    b()\n", ["a", "b"]) as session:
        session.start()
        caught = session.fail("the arm is stuck")
        assert isinstance(caught, PendingCall)
        assert caught.name == "b"
    with open_session("a(x=1)", ["a"]) as session:
        session.start()
        with pytest.raises(ProgramError, match="the arm is stuck"):
            session.fail("the arm is stuck")


def test_a_closed_session_does_nothing_more() -> None:
    session = open_session("try:\n    a(x=1)\nfinally:\n    b()\n", ["a", "b"])
    session.start()
    session.close()
    session.close()
    with pytest.raises(RuntimeError):
        session.resume(value=True)


def test_a_session_starts_once_and_resumes_only_at_a_call() -> None:
    session = open_session("a(x=1)", ["a"])
    with pytest.raises(RuntimeError):
        session.resume(value=1)
    session.start()
    with pytest.raises(RuntimeError):
        session.start()
    session.close()


def test_program_errors_let_the_model_retry() -> None:
    for source in ("def f(:", "1 / 0", "raise ValueError('no')", "raise SystemExit", "a(x=1).foo"):
        with pytest.raises(ModelMayRetry):
            drive(source)


ESCAPES = [
    "open('/etc/passwd').read()",
    "open('x', 'w').write('gone')",
    "import os\nos.environ['HOME']",
    "import os\nos.getenv('HOME')",
    "import os\nos.listdir('/')",
    "import os\nos.system('true')",
    "import os\nos.remove('x')",
    "from pathlib import Path\nPath('/etc/passwd').read_text()",
    "from pathlib import Path\nPath('/').exists()",
    "import socket",
    "import subprocess",
    "import ctypes",
    "import importlib",
    "import builtins",
    "import pickle",
    "import gc",
    "import inspect",
    "import urllib.request",
    "import http.client",
    "import time\ntime.time()",
    "import time\ntime.sleep(30)",
    "import asyncio\nasync def f():\n    await asyncio.sleep(30)\nasyncio.run(f())",
    "import random\nrandom.random()",
    "import datetime\ndatetime.datetime.now()",
    "import sys\nsys.exit(0)",
    "import sys\nsys.modules",
    "__import__('os')",
    "globals()",
    "vars()",
    "input()",
    "breakpoint()",
    "help()",
    "__builtins__",
    "__loader__",
    "().__class__.__bases__[0].__subclasses__()",
    "'{0.__class__.__mro__}'.format(1)",
    "f'{().__class__}'",
    "getattr(1, '__class__')",
    "print.__self__",
    "f = a\nf.__globals__",
    "exec('import socket')",
    "eval('open(\"/etc/passwd\")')",
    "(lambda: 0).__code__",
    "c(x=1)",
    "a.__call__(x=1)",
    "a(x=print)",
    "class K:\n    pass\na(x=K())",
    "a(x={1, 2})",
    "a(x=b'bytes')",
    "a(x=1e999)",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_an_escape_attempt_ends_the_program(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("kept", encoding="utf-8")
    calls: list[PendingCall] = []
    with pytest.raises(ProgramError):
        calls = drive(source)
    assert calls == []
    assert (tmp_path / "x").read_text(encoding="utf-8") == "kept"


def test_reaching_outside_is_told_apart_and_names_what_is_allowed() -> None:
    with pytest.raises(ForbiddenError, match=r"\(a, b\)"):
        drive("import socket")


def test_a_swallowed_refusal_still_ends_the_program() -> None:
    with pytest.raises(ForbiddenError):
        drive("try:\n    open('/etc/passwd')\nexcept BaseException:\n    pass\na(x=1)")


BOMBS = [
    "while True:\n    pass",
    "x = 5\nwhile True:\n    x = x * x",
    "x = []\nwhile True:\n    x.append(1)",
    "'a' * 10**10",
    "[0] * 10**9",
    "list(range(10**9))",
    "sum(range(10**12))",
    "10 ** 10 ** 8",
    "1 << 10**12",
    "def f():\n    return f()\nf()",
    "f = lambda g: g(g)\nf(f)",
    "'%1000000000d' % 1",
    "'x'.join(['y' * 10**6] * 10**4)",
    "sorted(range(10**8))",
    "while True:\n    print('x' * 1000)",
    "for i in range(10**6):\n    a(x=i)",
    "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    "d = {}\nwhile True:\n    d[len(d)] = 'x' * 1000",
    "a(x='y' * 100000)",
]


@pytest.mark.parametrize("source", BOMBS)
def test_a_bomb_is_stopped_by_a_limit_and_the_next_program_runs(source: str) -> None:
    with pytest.raises(LimitExceededError):
        drive(source)
    assert [call.name for call in drive("b()")] == ["b"]


def test_deeply_nested_arguments_and_long_sources_are_refused() -> None:
    with pytest.raises(ProgramError, match="nested"):
        drive("x = []\nfor i in range(100):\n    x = [x]\na(x=x)")
    with pytest.raises(LimitExceededError):
        open_session("# " + "x" * 20_000, ["a"])
    with pytest.raises(LimitExceededError):
        type_check("# " + "x" * 20_000, STUBS)


def test_time_spent_waiting_for_a_result_is_not_counted() -> None:
    limits = Limits(seconds=0.05)
    with open_session("a(x=1)\na(x=2)\n", ["a"], limits) as session:
        session.start()
        # Computing outside for longer than the program's limit; no sleep needed.
        until = os.times().elapsed + 0.1
        while os.times().elapsed < until:
            pass
        assert isinstance(session.resume(value=True), PendingCall)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a(x='3')", "Expected `int`"),
        ("a()", "x"),
        ("a(x=1, y=2)", "y"),
        ("c()", "c"),
        ("b(1)", "positional"),
        ("a(x=", "syntax"),
        ("a(x=b())", "Expected `int`"),
        ("a(x=1)\na(x='3')", "line 2"),
    ],
)
def test_the_checker_names_what_is_wrong(source: str, complaint: str) -> None:
    assert any(complaint in line for line in type_check(source, STUBS))


def test_the_checker_accepts_a_right_program_and_survives_a_bomb() -> None:
    assert type_check("if a(x=3):\n    b()\n", STUBS) == []
    assert type_check("while True:\n    pass\n", STUBS) == []


@pytest.mark.parametrize(
    "source",
    [
        # Its type is a union that grows with every line.
        "x = b()\n"
        + "".join(f"if x == {i} or x == '{i}':\n    x = '{i}'\n" for i in range(350))
        + "a(x='3')\n",
        "x = 5\nwhile True:\n    x = x * x\n",
        "x = [1]\nfor i in range(40):\n    x = [x, x]\nrepr(x)",
    ],
)
def test_a_program_that_the_checker_cannot_finish_is_not_called_right(source: str) -> None:
    with pytest.raises(LimitExceededError, match="too much for the type checker"):
        type_check(source, STUBS)


def test_the_checker_names_the_first_mistakes_only() -> None:
    assert len(type_check("a(x='3')\n" * 1000, STUBS)) == 20
