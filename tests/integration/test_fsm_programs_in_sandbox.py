"""The sandbox runs programs as the verifier's model says: like Python, and with the names that are listed."""

import ast
import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from fsm.program_names import BUILTINS, EXCEPTIONS, IMPORTABLE
from protocol.errors import ModelMayRetry
from sandbox.session import Limits, PendingCall, open_session
from tests.program_kit import random_automaton, random_program

PROGRAMS = 250
LIMITS = Limits(seconds=0.5, calls=40)
ANSWERS: tuple[Any, ...] = (True, False, 0, 3, [], [1], [2, 0], "ab", {"k": 1})

Answer = Callable[[], Any]
"""What the next call returns; an exception stands for a failure."""


def answers(seed: int) -> Answer:
    dice = random.Random(seed)
    return lambda: RuntimeError("no") if dice.random() < 0.2 else copy.deepcopy(dice.choice(ANSWERS))


def in_the_sandbox(source: str, names: list[str], answer: Answer) -> list[str]:
    made: list[str] = []
    try:
        with open_session(source, names, LIMITS) as session:
            reached = session.start()
            while isinstance(reached, PendingCall):
                made.append(reached.name)
                given = answer()
                failed = isinstance(given, RuntimeError)
                reached = session.fail(str(given)) if failed else session.resume(given)
        made.append("end")
    except ModelMayRetry:
        made.append("error")
    return made


def in_python(source: str, names: list[str], answer: Answer) -> list[str]:
    made: list[str] = []

    def function(name: str) -> Callable[..., Any]:
        def call(*_: Any, **__: Any) -> Any:
            made.append(name)
            given = answer()
            if isinstance(given, RuntimeError):
                raise given
            return given

        return call

    try:
        exec(source, {name: function(name) for name in names})
        made.append("end")
    except Exception:  # noqa: BLE001 - a program may end in any way
        made.append("error")
    return made


def programs(seed: int) -> tuple[str, list[str]]:
    """Write a program that the two must run alike.

    It ends for certain (no `while`), makes no list that holds itself, which a call cannot be passed, and has no
    methods: the sandbox looks for one after its arguments, Python before. The verifier allows for both.
    """
    dice = random.Random(seed)
    while True:
        automaton = random_automaton(dice)
        source = random_program(dice, automaton, 6)
        if not any(_is_left_out(node) for node in ast.walk(ast.parse(source))):
            names = sorted(automaton.calls)
            return f"c = {names[0]}()\nxs = {names[0]}()\n{source}", names


def _is_left_out(node: ast.AST) -> bool:
    stores = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    return stores or isinstance(node, ast.While | ast.Attribute)


def test_random_programs_make_the_same_calls_in_the_sandbox_and_in_python() -> None:
    lengths = []
    for seed in range(PROGRAMS):
        source, names = programs(seed)
        made = in_the_sandbox(source, names, answers(seed))
        assert made == in_python(source, names, answers(seed)), source
        lengths.append(len(made))
    assert sum(length > 4 for length in lengths) > PROGRAMS // 4


def test_the_sandbox_has_the_names_that_programs_may_use() -> None:
    for name in sorted(BUILTINS):
        assert in_the_sandbox(f"x = {name}\na()\n", ["a"], lambda: 1) == ["a", "end"], name
    for name in sorted(IMPORTABLE):
        assert in_the_sandbox(f"import {name}\na()\n", ["a"], lambda: 1) == ["a", "end"], name


@pytest.mark.parametrize("kind", ["RuntimeError", "Exception", "BaseException"])
def test_a_failed_call_raises_a_runtime_error(kind: str) -> None:
    assert issubclass(RuntimeError, EXCEPTIONS[kind])
    source = f"try:\n    a()\nexcept ValueError:\n    b()\nexcept {kind}:\n    c()\n"
    assert in_the_sandbox(source, ["a", "b", "c"], lambda: RuntimeError("no"))[:2] == ["a", "c"]
