"""Checks what stands in forms: templates and their variables, and the action that brings the machine to rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from firmware_api_specs.arguments import unwritable
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.forms import form_variables, operations, texts
from firmware_api_specs.mark_checks import check_no_marks
from firmware_api_specs.problems import Complaint, Steps
from firmware_api_specs.schema_checks import check_schema
from firmware_api_specs.thing_description import Action, Property, ThingDescription


def check_forms(td: ThingDescription) -> Iterator[Complaint]:
    """List what is wrong with the forms and URI variables of a description."""
    yield from _variables(td.uri_variables, ("uriVariables",), td)
    for name, action in td.actions.items():
        yield from _affordance(action, ("actions", name), td, "invokeaction")
    for name, prop in td.properties.items():
        yield from _affordance(prop, ("properties", name), td, "readproperty")


def check_safe_action(td: ThingDescription) -> Iterator[Complaint]:
    """List what is wrong with the action that is to bring the machine to rest."""
    if td.safe_action is None:
        return
    action = td.actions.get(td.safe_action)
    if action is None:
        yield (
            ("parley:safeAction",),
            td.safe_action,
            "an action of this thing: " + ", ".join(td.actions),
            "error",
        )
    elif action.parameters is None or action.parameters.schema.required:
        allowed = "an action that needs no argument: nobody can be asked for one then"
        yield ("parley:safeAction",), td.safe_action, allowed, "error"


def _affordance(
    node: Action | Property, steps: Steps, td: ThingDescription, operation: str
) -> Iterator[Complaint]:
    yield from _variables(node.uri_variables, (*steps, "uriVariables"), td)
    known = {**td.uri_variables, **node.uri_variables}
    used: set[str] = set()
    for index, form in enumerate(node.forms):
        place: Steps = (*steps, "forms", index)
        yield from _terms(form, place, td)
        try:
            variables = form_variables(form)
        except ValueError as error:
            yield (*place, "href"), form.get("href"), f"a URI template (RFC 6570); {error}", "error"
            continue
        if operation not in operations(form, operation):
            # A form that asks how far an action is may have variables that the machine's answer fills.
            continue
        used.update(variables)
        for name in sorted(set(variables) - set(known)):
            allowed = "in braces only names under uriVariables: " + (", ".join(known) or "there are none")
            yield (*place, "href"), name, allowed, "error"
    for name in node.uri_variables:
        if name not in used:
            allowed = "a name that stands in braces in a form; this one is never sent"
            yield (*steps, "uriVariables", name), name, allowed, "warning"


def _terms(form: Mapping[str, Any], place: Steps, td: ThingDescription) -> Iterator[Complaint]:
    for term in ("href", "contentType"):
        stated = form.get(term, "" if term == "href" else "application/json")
        if not isinstance(stated, str) or not stated:
            yield (*place, term), form.get(term), "a text that is not empty", "error"
    if texts(form.get("op", "invokeaction")) is None:
        yield (*place, "op"), form["op"], "an operation, or a list of them", "error"
    if "security" in form:
        known = td.security_definitions
        named = texts(form["security"])
        if named is None or not set(named) <= set(known):
            yield (*place, "security"), form["security"], "one or a list of " + ", ".join(known), "error"


def _variables(
    variables: Mapping[str, DataSchema], steps: Steps, td: ThingDescription
) -> Iterator[Complaint]:
    for name, schema in variables.items():
        place: Steps = (*steps, name)
        yield from check_schema(schema, place, td.units, is_input=True)
        yield from check_no_marks(schema, place)
        for below, found in unwritable(schema):
            yield from _unwritable((*place, *below), found)


def _unwritable(place: Steps, found: Any) -> Iterator[Complaint]:
    yield place, found, "a type that a program can pass: see the input of actions", "warning"
