"""Python stubs of a device's functions, for the type check of a generated program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inference.signatures import FunctionSignature, Parameter, ParameterKind

_TYPES = {
    ParameterKind.INTEGER: "int",
    ParameterKind.NUMBER: "float",
    ParameterKind.STRING: "str",
    ParameterKind.BOOLEAN: "bool",
}


def stubs(functions: Iterable[FunctionSignature]) -> str:
    """Write one stub for each function. Arguments are keyword-only, so that a program names what it passes."""
    known = list(functions)
    # Without this, names that begin with an underscore would be private to the stubs.
    names = ", ".join(repr(function.name) for function in known)
    lines = ["from typing import Any, Literal", "", f"__all__ = [{names}]", ""]
    for function in known:
        arguments = ", ".join(_arguments(function))
        lines.append(f"def {function.name}({'*, ' if arguments else ''}{arguments}) -> Any: ...")
    return "\n".join(lines) + "\n"


def _arguments(function: FunctionSignature) -> Iterator[str]:
    """Write each argument once; what is inside an object is checked with the schema."""
    objects = {parameter.path[0]: False for parameter in function.parameters if parameter.path}
    objects |= {
        parameter.path[0]: True for parameter in function.parameters if parameter.path and parameter.required
    }
    objects |= {path[0]: True for path in function.required_objects if len(path) == 1}
    for name, is_required in objects.items():
        yield _argument(name, "dict[str, Any]", is_required=is_required)
    for parameter in function.parameters:
        if not parameter.path:
            kind = f"list[{_kind(parameter)}]" if parameter.many else _kind(parameter)
            yield _argument(parameter.name, kind, is_required=parameter.required)


def _kind(parameter: Parameter) -> str:
    # Literal cannot hold floats; their choices are checked with the schema.
    if parameter.choices and not any(isinstance(choice, float) for choice in parameter.choices):
        return f"Literal[{', '.join(repr(choice) for choice in parameter.choices)}]"
    return _TYPES[parameter.kind]


def _argument(name: str, kind: str, *, is_required: bool) -> str:
    return f"{name}: {kind}{'' if is_required else ' = ...'}"
