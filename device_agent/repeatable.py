"""Whether a program only looks, so that it does no harm to run it again, here or on another device."""

from __future__ import annotations

import ast

from device_agent.pipeline import Program
from firmware_api_specs.thing_description import ThingDescription
from inference.program_source import parsed


def only_looks(program: Program, description: ThingDescription) -> bool:
    """Whether every call that a program may make is declared `safe` in the device's description; reading a value is.

    A program that cannot even be read is taken for one that moves something.
    """
    try:
        tree = parsed(program.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    written = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    safe = {affordance.name for affordance in description.affordances() if affordance.action.safe}
    return safe.issuperset(name for name in program.function_names if name in written)
