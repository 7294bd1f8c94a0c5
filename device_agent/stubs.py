"""Python stubs of a device's functions, for the type check of a generated program."""

from __future__ import annotations

from collections.abc import Iterable

from inference.signatures import FunctionSignature, Parameter, ParameterKind

_TYPES = {
    ParameterKind.INTEGER: "int",
    ParameterKind.NUMBER: "float",
    ParameterKind.STRING: "str",
    ParameterKind.BOOLEAN: "bool",
}


def stubs(functions: Iterable[FunctionSignature]) -> str:
    """Write one stub for each function. Arguments are keyword-only, so that a program names what it passes."""
    lines = ["from typing import Any, Literal", ""]
    for function in functions:
        arguments = ", ".join(_argument(parameter) for parameter in function.parameters)
        lines.append(f"def {function.name}({'*, ' if arguments else ''}{arguments}) -> Any: ...")
    return "\n".join(lines) + "\n"


def _argument(parameter: Parameter) -> str:
    kind = _TYPES[parameter.kind]
    # Literal cannot hold floats; their choices are checked with the schema.
    if parameter.choices and not any(isinstance(choice, float) for choice in parameter.choices):
        kind = f"Literal[{', '.join(repr(choice) for choice in parameter.choices)}]"
    return f"{parameter.name}: {kind}{'' if parameter.required else ' = ...'}"
