"""Puts together what a program passes to a callable: its input and its URI variables, under names it can write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.program_names import program_names

WHOLE_INPUT = "value"
"""What programs call an input that is no object."""

_PASSABLE_WHOLE = ("integer", "number", "string", "boolean", "array")


@dataclass(frozen=True, slots=True)
class Sent:
    """A call's arguments, sorted by how they travel, under the names of the description.

    Attributes:
        variables: values for the templates of a form.
        has_payload: whether anything is sent as input.
        payload: the input.
    """

    variables: Mapping[str, Any]
    has_payload: bool
    payload: Any


@dataclass(frozen=True, slots=True)
class Parameters:
    """All that a callable takes.

    Attributes:
        schema: an object; its properties are what a program passes, under the program's names.
        variables: the program's name → the name of a URI variable.
        members: the program's name → the name of a member of the input; None where the input is no object.
        takes_input: whether there is an input at all.
    """

    schema: DataSchema
    variables: Mapping[str, str]
    members: Mapping[str, str] | None
    takes_input: bool

    def sort(self, arguments: Mapping[str, Any]) -> Sent:
        """Sort a call's arguments; those that are unknown were refused before."""
        variables = {
            self.variables[name]: value for name, value in arguments.items() if name in self.variables
        }
        rest = {name: value for name, value in arguments.items() if name not in self.variables}
        if not self.takes_input:
            return Sent(variables, has_payload=False, payload=None)
        if self.members is None:
            return Sent(variables, has_payload=True, payload=rest.get(WHOLE_INPUT))
        members = self.members
        return Sent(variables, has_payload=True, payload={members[name]: rest[name] for name in rest})


def parameters_of(
    entered: DataSchema | None, variables: Mapping[str, DataSchema], needed: Mapping[str, bool]
) -> Parameters | None:
    """Put a callable's input and variables together; None where programs cannot pass an input of its kind.

    Args:
        entered: the input.
        variables: the URI variables that are described.
        needed: the variables in the templates of its forms, and whether they must be given; the others cannot travel.
    """
    if entered is not None and entered.type != "object" and entered.type not in _PASSABLE_WHOLE:
        return None
    sent = [name for name in variables if name in needed]
    is_whole = entered is not None and entered.type != "object"
    members: dict[str, DataSchema] = {}
    if entered is not None:
        members = {WHOLE_INPUT: entered} if is_whole else (entered.properties or {})
    chosen = program_names([*members, *sent])
    of_member = dict(zip(members, chosen, strict=False))
    of_variable = dict(zip(sent, chosen[len(members) :], strict=True))
    required = tuple(members) if is_whole or entered is None else entered.required
    base = DataSchema(type="object") if is_whole or entered is None else entered
    schema = base.model_copy(
        update={
            "properties": {of_member[name]: member for name, member in members.items()}
            | {of_variable[name]: variables[name] for name in sent},
            # A required member that is not described keeps its name: no program can pass it.
            "required": tuple(of_member.get(name, name) for name in required)
            + tuple(of_variable[name] for name in sent if needed[name]),
        }
    )
    return Parameters(
        schema=schema,
        variables={program: name for name, program in of_variable.items()},
        members=None if is_whole else {program: name for name, program in of_member.items()},
        takes_input=entered is not None,
    )
