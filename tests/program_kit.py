"""Random programs over random mode automata, and what really happens when CPython runs them in every possible way.

This shares no code with the verifier on purpose: what a program does is decided by the interpreter that this test runs
in. Values that no one can know (what a call returns, the items of a list) are objects that ask a script what to be at
every use, and the script is varied until every way has been seen.
"""

from __future__ import annotations

import ast
import contextlib
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fsm.modes import CallModes, ModeAutomaton

Step = tuple[str, int, str, str]
"""A call: its name, its line, how it ended, the mode after it."""

_CATCHABLE = {
    "Exception": Exception,
    "RuntimeError": RuntimeError,
    "ValueError": ValueError,
    "KeyError": KeyError,
    "LookupError": LookupError,
}
_RAISED_BY_OPERATIONS = (ValueError, KeyError, IndexError, RuntimeError, TypeError)


# Random programs


def random_automaton(dice: random.Random) -> ModeAutomaton:
    """Two to four modes, two to four functions; most functions need modes or lead to one."""
    modes = [f"m{number}" for number in range(dice.randint(2, 4))]
    calls: dict[str, CallModes] = {}
    for number in range(dice.randint(2, 4)):
        allowed_in = None
        if dice.random() < 0.65:
            allowed_in = frozenset(dice.sample(modes, dice.randint(1, len(modes))))
        leads_to = dice.choice(modes) if dice.random() < 0.6 else None
        calls[f"d{number}"] = CallModes(allowed_in, leads_to, dice.random() < 0.2)
    return ModeAutomaton(frozenset(modes), calls)


@dataclass(slots=True)
class _Writer:
    """Writes one random program."""

    dice: random.Random
    device: Sequence[str]
    budget: int
    lines: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    in_function: bool = False
    loops: int = 0
    handlers: int = 0

    def program(self) -> str:
        for number in range(self.dice.choice((0, 0, 1, 1, 2))):
            self.budget += 2
            default = f"={self.value()}" if self.dice.random() < 0.2 else "=1"
            self.lines.append(f"def f{number}(a{default}):")
            self.in_function = True
            self.block(1, 2)
            self.in_function = False
            self.functions.append(f"f{number}")
        while self.budget > 0:
            self.statement(0, 3)
        return "".join(f"{line}\n" for line in self.lines)

    def block(self, indent: int, depth: int) -> None:
        for _ in range(self.dice.choice((1, 1, 2, 2, 3))):
            self.statement(indent, depth)

    def say(self, indent: int, line: str) -> None:
        self.lines.append("    " * indent + line)

    def statement(self, indent: int, depth: int) -> None:
        self.budget -= 1
        kinds = ["call"] * 8 + ["assign", "assign", "odd"]
        if depth > 0 and self.budget > 0:
            kinds += ["if", "if", "for", "for", "while", "try", "try", "match"]
        if self.loops:
            kinds += ["break", "continue"]
        if self.in_function:
            kinds += ["return"] * 3
        if self.dice.random() < 0.3:
            kinds += ["raise", "assert"]
        getattr(self, f"write_{self.dice.choice(kinds)}")(indent, depth - 1)

    def write_call(self, indent: int, depth: int) -> None:
        self.say(indent, self.call(2))

    def write_assign(self, indent: int, depth: int) -> None:
        forms = ("v = @", "v: int = @", "v = w = @", "c[@] = @", "v, w = c, @", "(v := @)", "c[@] += @")
        self.say(indent, self.filled(self.dice.choice(forms), self.value))

    def write_odd(self, indent: int, depth: int) -> None:
        forms = (
            "c + @",
            "[@, @]",
            "{1: @, ~: 2}",
            "f'{@} {c}'",
            "c[@:@]",
            "c < @ < @",
            "@ == c != @",
            "c.x(@, k=@)",
            "str(@)",
            "pass",
        )
        self.say(indent, self.filled(self.dice.choice(forms), self.call))

    def write_if(self, indent: int, depth: int) -> None:
        self.say(indent, f"if {self.condition(2)}:")
        self.block(indent + 1, depth)
        if self.dice.random() < 0.3:
            self.say(indent, f"elif {self.condition(1)}:")
            self.block(indent + 1, depth)
        if self.dice.random() < 0.4:
            self.say(indent, "else:")
            self.block(indent + 1, depth)

    def write_for(self, indent: int, depth: int) -> None:
        if self.dice.random() < 0.25:
            head = self.dice.choice(
                ("[@ for i in", "[@ for j in xs for i in", "{~ for i in", "{~: @ for i in")
            )
            test = f" if {self.condition(1)}" if self.dice.random() < 0.3 else ""
            head, close = self.filled(head, self.call), "]" if head[0] == "[" else "}"
            self.say(indent, f"{head} {self.values()}{test}{close}")
            return
        self.say(indent, f"for i in {self.values()}:")
        self.body(indent, depth)

    def write_while(self, indent: int, depth: int) -> None:
        self.say(indent, f"while {self.condition(1)}:")
        self.body(indent, depth)

    def body(self, indent: int, depth: int) -> None:
        self.loops += 1
        self.block(indent + 1, depth)
        self.loops -= 1
        if self.dice.random() < 0.25:
            self.say(indent, "else:")
            self.block(indent + 1, depth)

    def write_try(self, indent: int, depth: int) -> None:
        self.say(indent, "try:")
        self.block(indent + 1, depth)
        shape = self.dice.choice(("except", "except", "finally", "both", "else"))
        if shape != "finally":
            kinds = ("Exception", "RuntimeError", "ValueError", "LookupError", "(KeyError, ValueError)")
            caught = self.dice.sample(kinds, self.dice.choice((1, 1, 1, 2)))
            if self.dice.random() < 0.15:
                caught.append("")
            for kind in caught:
                named = " as e" if kind and self.dice.random() < 0.2 else ""
                self.say(indent, f"except {kind}{named}:" if kind else "except:")
                self.handlers += 1
                self.block(indent + 1, depth)
                self.handlers -= 1
            if shape == "else":
                self.say(indent, "else:")
                self.block(indent + 1, depth)
        if shape in {"finally", "both"}:
            self.say(indent, "finally:")
            self.block(indent + 1, depth)

    def write_match(self, indent: int, depth: int) -> None:
        self.say(indent, f"match {self.dice.choice(('c', self.unknown(1)))}:")
        for pattern in ("1", "2 | 3", self.dice.choice(("_", "m", "4"))):
            guard = f" if {self.condition(1)}" if self.dice.random() < 0.2 else ""
            if self.dice.random() < 0.6 or pattern == "1":
                self.say(indent + 1, f"case {pattern}{guard}:")
                self.block(indent + 2, depth)

    def write_break(self, indent: int, depth: int) -> None:
        self.say(indent, "break")

    def write_continue(self, indent: int, depth: int) -> None:
        self.say(indent, "continue")

    def write_return(self, indent: int, depth: int) -> None:
        self.say(indent, f"return {self.value(1)}" if self.dice.random() < 0.5 else "return")

    def write_raise(self, indent: int, depth: int) -> None:
        again = ["raise"] * 3 if self.handlers else ["raise"]
        self.say(indent, self.dice.choice(["raise KeyError", f"raise ValueError({self.value()})", *again]))

    def write_assert(self, indent: int, depth: int) -> None:
        self.say(indent, f"assert {self.condition(1)}")

    def call(self, depth: int) -> str:
        """Write a call of the device or of the program; what the latter returns may be None."""
        if self.functions and self.dice.random() < 0.45:
            return f"{self.dice.choice(self.functions)}({self.argument(depth - 1)})"
        return self.unknown(depth)

    def unknown(self, depth: int) -> str:
        """Write a call of the device: nobody knows what it returns."""
        name, shape = self.dice.choice(self.device), self.dice.random()
        if shape < 0.9:
            return f"{name}({self.argument(depth - 1)})"
        return f"{name}({self.argument(depth - 1)}, k={self.argument(depth - 1)})"

    def argument(self, depth: int) -> str:
        return "c" if depth < 0 or self.dice.random() < 0.7 else self.value(depth)

    def value(self, depth: int = 2) -> str:
        if depth <= 0 or self.dice.random() < 0.4:
            return self.dice.choice(("c", "c", "1", "[c]"))
        forms = ("@", "@", "(@ if ? else @)", "(? and @)", "(? or @)", "c + @", "not @")
        return self.filled(self.dice.choice(forms), self.call, depth - 1)

    def condition(self, depth: int) -> str:
        if depth <= 0 or self.dice.random() < 0.4:
            return self.dice.choice(("c",) * 8 + ("True", "False"))
        forms = (
            "~",
            "~",
            "not ?",
            "? and ?",
            "? or ?",
            "(? if ? else ?)",
            "c < @",
            "(v := ~)",
            "? and not ~ or ?",
        )
        return self.filled(self.dice.choice(forms), self.call, depth - 1)

    def values(self) -> str:
        if self.dice.random() < 0.55:
            return self.dice.choice(("xs", "xs", self.unknown(1)))
        return self.dice.choice(
            ("[1, 2]", "(1, 2, 3)", "range(2)", "range(0)", "[c]", "enumerate([1, 2])", "'ab'")
        )

    def filled(self, form: str, at: Callable[[int], str], depth: int = 1) -> str:
        """Put something random in the place of each `@`, a condition for `?`, a call of the device for `~`."""
        put = {"@": at, "?": self.condition, "~": self.unknown}
        return "".join(put[sign](depth) if sign in put else sign for sign in form)


def random_program(dice: random.Random, automaton: ModeAutomaton, size: int) -> str:
    """Write a program of about `size` statements; `c` and `xs` are values that nobody knows."""
    return _Writer(dice, sorted(automaton.calls), size).program()


# What really happens


class _Cut(BaseException):
    """This way is not followed further."""


@dataclass(slots=True)
class Ways:
    """What was seen on all ways through a program.

    Attributes:
        forbidden: the forbidden calls by name and line, with the fewest calls that were made before them.
        is_complete: whether every way was followed, loops for as many rounds as there are modes.
        was_followed: whether one way made exactly the expected calls, and then the expected forbidden one.
    """

    forbidden: dict[tuple[str, int], int] = field(default_factory=dict)
    is_complete: bool = True
    was_followed: bool = False


class World:
    """Runs a program in every way.

    Args:
        source: the program.
        automaton: the modes.
        start: the modes it may start in.
    """

    def __init__(self, source: str, automaton: ModeAutomaton, start: Sequence[str]) -> None:
        tree = ast.parse(source)
        self._automaton = automaton
        self._start = start
        self._can_catch = any(isinstance(node, ast.Try) for node in ast.walk(tree))
        self._raised = _distinguishable(tree)
        self._code = compile(ast.fix_missing_locations(_Instrumented().visit(tree)), "program", "exec")
        self._script: list[tuple[int, int]] = []
        self._at = 0
        self._is_over = False
        self._mode = ""
        self._trace: list[Step] = []
        self._expected: tuple[list[Step], tuple[str, int]] | None = None
        self._ways = Ways()
        value = _Value(self)
        self._value = value
        device = {name: self._function(name) for name in automaton.calls}
        self._names = {**device, "c": value, "xs": value, "v": value, "w": value, "__alive": self._alive}
        self._names["__rounds"] = self._rounds

    def follow(self, start: str, steps: Sequence[Step], forbidden: tuple[str, int], most_runs: int) -> Ways:
        """Look for a way that starts in a mode, makes exactly these calls, and then the forbidden one."""
        self._expected = (list(steps), forbidden)
        return self._all([start], most_runs)

    def run(self, most_runs: int) -> Ways:
        """Follow every way, or as many as `most_runs`."""
        self._expected = None
        return self._all(self._start, most_runs)

    def _all(self, start: Sequence[str], most_runs: int) -> Ways:
        self._ways, self._script = Ways(), []
        for _ in range(most_runs):
            self._once(start)
            if self._ways.was_followed:
                return self._ways
            while self._script and self._script[-1][0] + 1 == self._script[-1][1]:
                self._script.pop()
            if not self._script:
                return self._ways
            chosen, options = self._script[-1]
            self._script[-1] = (chosen + 1, options)
        self._ways.is_complete = False
        return self._ways

    def _once(self, start: Sequence[str]) -> None:
        self._at, self._is_over, self._trace = 0, False, []
        self._mode = start[self.choose(len(start))]
        with contextlib.suppress(Exception, _Cut):
            exec(self._code, dict(self._names))
        del self._script[self._at :]

    def choose(self, options: int) -> int:
        """Return what the script says next, from 0; where it says nothing yet, 0."""
        if self._is_over:
            raise _Cut
        if options == 1:
            return 0
        if self._at == len(self._script):
            self._script.append((0, options))
        self._at += 1
        return self._script[self._at - 1][0]

    def operate(self) -> _Value:
        """Do something with a value; it may raise."""
        if self._can_catch:
            chosen = self.choose(1 + len(self._raised))
            if chosen:
                raise self._raised[chosen - 1]
        return self._value

    def items(self) -> Iterator[_Value]:
        """Give any number of values, up to the number of modes."""
        for _ in self._automaton.modes:
            if not self.choose(2):
                return
            yield self._value

    def _function(self, name: str) -> Any:
        call = self._automaton.calls[name]

        def function(*_: Any, **__: Any) -> _Value:
            if self._is_over:
                raise _Cut
            line = sys._getframe(1).f_lineno
            if call.allowed_in is not None and self._mode not in call.allowed_in:
                self._forbidden(name, line)
            after = call.leads_to or self._mode
            options = [("returned", after)]
            if call.goes_on_after_failure and after != self._mode:
                options.append(("went on", self._mode))
            if self._can_catch:
                options += [("raised", mode) for mode in dict.fromkeys((self._mode, after))]
            how, self._mode = options[self.choose(len(options))]
            self._trace.append((name, line, how, self._mode))
            if self._expected is not None and self._trace != self._expected[0][: len(self._trace)]:
                self._end()
            if how == "raised":
                raise RuntimeError(name)
            return self._value

        return function

    def _forbidden(self, name: str, line: int) -> None:
        known = self._ways.forbidden.get((name, line))
        made = len(self._trace)
        self._ways.forbidden[name, line] = made if known is None else min(known, made)
        self._ways.was_followed |= self._expected == (self._trace, (name, line))
        self._end()

    def _end(self) -> None:
        self._is_over = True
        raise _Cut

    def _alive(self) -> None:
        """Keep `except` and `finally` from going on with a way that is over."""
        if self._is_over:
            raise _Cut

    def _rounds(self) -> Any:
        """Return what counts the rounds of one `while` loop."""
        left = len(self._automaton.modes)

        def begin() -> None:
            nonlocal left
            if left == 0:
                self._end()
            left -= 1

        return begin


class _Value:
    """Something that nobody knows: true or false, with any items, and operations on it may raise."""

    __slots__ = ("_world",)

    def __init__(self, world: World) -> None:
        self._world = world

    def __bool__(self) -> bool:
        return bool(self._world.choose(2))

    def __iter__(self) -> Iterator[_Value]:
        self._world.operate()
        return self._world.items()

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    def __hash__(self) -> int:
        self._world.operate()
        return 0

    def __format__(self, spec: str) -> str:
        return "value"

    def __str__(self) -> str:
        return "value"

    def __add__(self, other: object) -> _Value:
        return self._world.operate()

    __radd__ = __lt__ = __gt__ = __getitem__ = __add__

    def __setitem__(self, key: object, value: object) -> None:
        self._world.operate()

    def __getattr__(self, name: str) -> _Value:
        return self._world.operate()

    def __call__(self, *_: object, **__: object) -> _Value:
        return self._world.operate()


class _Instrumented(ast.NodeTransformer):
    """Makes a way that is over end at once, and a `while` loop make no more rounds than there are modes."""

    def __init__(self) -> None:
        self._loops = 0

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, _statement("__alive()"))
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        self.generic_visit(node)
        if node.finalbody:
            node.finalbody.insert(0, _statement("__alive()"))
        return node

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        self._loops += 1
        name = f"__round{self._loops}"
        self.generic_visit(node)
        node.body.insert(0, _statement(f"{name}()"))
        return [_statement(f"{name} = __rounds()"), node]


def _statement(source: str) -> ast.stmt:
    return ast.parse(source).body[0]


def _distinguishable(tree: ast.AST) -> list[type[Exception]]:
    """Return exceptions that operations may raise, one for each set of handlers that would catch it."""
    handlers = [node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    named = {
        node.id
        for kind in handlers
        if kind is not None
        for node in ast.walk(kind)
        if isinstance(node, ast.Name)
    }
    kinds = [_CATCHABLE[name] for name in sorted(named)]
    return list(
        {tuple(issubclass(one, kind) for kind in kinds): one for one in _RAISED_BY_OPERATIONS}.values()
    )
