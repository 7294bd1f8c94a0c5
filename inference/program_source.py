"""Writes decoded calls as the Python program that the sandbox runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inference.notation import Argument, PlannedCall
from inference.relative import Relative


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


def before_reading(call: PlannedCall) -> dict[str, Argument]:
    """Return a call's arguments for checks before the program runs: relative values become some that they may come to."""
    return {name: _before_reading(value) for name, value in call.arguments.items()}


def _before_reading(argument: Argument) -> Argument:
    if isinstance(argument, Relative):
        return argument.stand_in
    if isinstance(argument, dict):
        return {name: _before_reading(member) for name, member in argument.items()}
    return argument


def _relatives(argument: Argument) -> Iterator[Relative]:
    if isinstance(argument, Relative):
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
    if isinstance(argument, Relative):
        return argument.expression(variables[argument.current])
    if isinstance(argument, dict):
        members = (f"{name!r}: {_expression(member, variables)}" for name, member in argument.items())
        return f"{{{', '.join(members)}}}"
    return repr(argument)
