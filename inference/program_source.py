"""Writes decoded calls as the Python program that the sandbox runs, and finds the calls of such a program again."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Collection, Iterator, Sequence

from inference.notation import Argument, PlannedCall
from inference.relative import Relative
from inference.scales import RelativeChoice

_PARSE_TRIES = 5


def python_source(calls: Sequence[PlannedCall]) -> str:
    """Write the calls, one a line; present values that a call needs are read on the lines above it."""
    taken = {name for call in calls for name in (call.name, *reads(call))}
    lines: list[str] = []
    for call in calls:
        variables = {function: _variable(function, taken) for function in reads(call)}
        lines += [f"{variable} = {function}()" for function, variable in variables.items()]
        arguments = ", ".join(
            f"{name}={_expression(value, variables)}" for name, value in call.arguments.items()
        )
        lines.append(f"{call.name}({arguments})")
    return "".join(f"{line}\n" for line in lines)


def reads(call: PlannedCall) -> tuple[str, ...]:
    """Return the functions that a call's relative values have to read first, each once."""
    return tuple(dict.fromkeys(relative.current for relative in _relatives(call.arguments)))


def parsed(source: str) -> ast.Module:
    """Parse a program.

    CPython before 3.11.8 counts how deep the trees of all threads are in one place: now and then it says SystemError
    although nothing is wrong, and then it is asked again.

    Raises:
        SyntaxError, ValueError: `source` is not Python.
    """
    for _ in range(_PARSE_TRIES - 1):
        with contextlib.suppress(SystemError):
            return ast.parse(source)
    return ast.parse(source)


def written_calls(source: str, functions: Collection[str]) -> list[tuple[str, dict[str, Argument]]]:
    """Return the calls of `functions` in a program: their names, and their arguments for checks before it runs.

    A value that the program works out from what it reads becomes one that it may come to: a bound of the sum, else 0.

    Raises:
        SyntaxError: `source` is not Python.
        ValueError: a call passes arguments without names, or what `python_source` does not write.
    """
    calls: list[tuple[str, dict[str, Argument]]] = []
    for node in ast.walk(parsed(source)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=unnamed, keywords=keywords) if name in functions:
                arguments = {
                    each.arg: _before_reading(each.value) for each in keywords if each.arg is not None
                }
                if unnamed or len(arguments) < len(keywords):
                    raise ValueError(f"{name} is called with arguments that have no names")
                calls.append((name, arguments))
    return calls


def _before_reading(value: ast.expr) -> Argument:
    if isinstance(value, ast.Dict):
        return {
            str(ast.literal_eval(name)): _before_reading(member)
            for name, member in zip(value.keys, value.values, strict=True)
            if name is not None
        }
    try:
        known: Argument = ast.literal_eval(value)
    except (TypeError, ValueError):
        return _bound(value)
    return known


def _bound(value: ast.expr) -> Argument:
    """Return the minimum of a sum as `Relative.expression` writes it, else its maximum, else 0; or the first of some choices."""
    bound: Argument = 0
    while True:
        match value:
            case ast.IfExp(body=chosen):
                return _before_reading(chosen)
            case ast.Call(func=ast.Name(id="min" | "max"), args=[limit, inner]):
                bound, value = ast.literal_eval(limit), inner
            case _:
                return bound


def _relatives(argument: Argument) -> Iterator[Relative | RelativeChoice]:
    if isinstance(argument, Relative | RelativeChoice):
        yield argument
    elif isinstance(argument, dict):
        for member in argument.values():
            yield from _relatives(member)


def _variable(function: str, taken: set[str]) -> str:
    """Name the variable that holds what a function returned; a program must not hide a function behind it."""
    name = function.removeprefix("get_").removeprefix("read_")
    while name in taken:
        name += "_now"
    return name


def _expression(argument: Argument, variables: dict[str, str]) -> str:
    if isinstance(argument, Relative | RelativeChoice):
        return argument.expression(variables[argument.current])
    if isinstance(argument, dict):
        members = (f"{name!r}: {_expression(member, variables)}" for name, member in argument.items())
        return f"{{{', '.join(members)}}}"
    return repr(argument)
