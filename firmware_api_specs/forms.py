"""Reads the terms of a form that decide what a program may pass: its operations, and the variables in its templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

TEMPLATE_TERMS = ("href", "mqv:topic", "mqv:filter")
"""The terms of a form in which `{name}` stands for the value of a URI variable."""

# What stands in braces (RFC 6570): an operator, then names, each perhaps shortened (`:3`) or exploded (`*`). Names may
# hold dashes too, which the RFC does not allow and some servers write.
_EXPRESSION = re.compile(r"\{([+#./;?&]?)([^{}]*)\}")
_VARIABLE = re.compile(r"([\w.%~-]+)(?::[1-9]\d{0,3}|\*)?")
_MAY_BE_LEFT_OUT = "?&#"


def texts(stated: Any) -> tuple[str, ...] | None:
    """Return what may be one text or a list of them; None where it is neither."""
    if isinstance(stated, str):
        return (stated,)
    if isinstance(stated, list | tuple) and stated and all(isinstance(text, str) for text in stated):
        return tuple(stated)
    return None


def operations(form: Mapping[str, Any], usual: str) -> tuple[str, ...]:
    """List a form's operations; one without `op` has the usual one of its affordance."""
    return texts(form.get("op", usual)) or ()


def template_variables(template: str) -> dict[str, bool]:
    """Return the names in a template's braces, and whether the address makes no sense without their values.

    In the query (`{?name}`) and in the fragment a value may be left out, anywhere else it is a part of the path.

    Raises:
        ValueError: what stands in braces is no expression of RFC 6570.
    """
    if "{" in (rest := _EXPRESSION.sub("", template)) or "}" in rest:
        raise ValueError(f"{template!r} has a brace too many")
    found: dict[str, bool] = {}
    for operator, names in _EXPRESSION.findall(template):
        for part in names.split(","):
            matched = _VARIABLE.fullmatch(part)
            if matched is None:
                raise ValueError(f"{template!r} has {part!r} in braces")
            name = unquote(matched[1])
            is_needed = not operator or operator not in _MAY_BE_LEFT_OUT
            found[name] = found.get(name, False) or is_needed
    return found


def form_variables(form: Mapping[str, Any]) -> dict[str, bool]:
    """Return the variables of all templates of a form, and whether they are needed.

    Raises:
        ValueError: a template is malformed.
    """
    found: dict[str, bool] = {}
    for term in TEMPLATE_TERMS:
        if isinstance(template := form.get(term), str):
            for name, is_needed in template_variables(template).items():
                found[name] = found.get(name, False) or is_needed
    return found


def variables_of_operation(forms: Iterable[Mapping[str, Any]], operation: str) -> dict[str, bool]:
    """Return the variables of all forms of an operation; malformed templates, which checks find, have none."""
    found: dict[str, bool] = {}
    for form in forms:
        if operation not in operations(form, operation):
            continue
        try:
            variables = form_variables(form)
        except ValueError:
            continue
        for name, is_needed in variables.items():
            found[name] = found.get(name, False) or is_needed
    return found
