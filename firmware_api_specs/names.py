"""The names of a device's API, which must never leave its agent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.program_names import program_names

if TYPE_CHECKING:
    from firmware_api_specs.thing_description import ThingDescription


def names(description: ThingDescription) -> frozenset[str]:
    """Return the names of all actions, properties, events, arguments and fields of results, as programs write them too."""
    found: set[str] = {*description.actions, *description.properties, *description.events}
    found.update(description.uri_variables)
    for action in description.actions.values():
        found.update(_fields(action.input))
        found.update(_fields(action.output))
        found.update(action.uri_variables)
        if action.parameters is not None:
            found.update(action.parameters.schema.properties or {})
    for prop in description.properties.values():
        found.update(_fields(prop))
        found.update((*prop.uri_variables, *program_names(tuple(prop.uri_variables))))
    found.update(program_names([*description.actions, *description.properties], are_functions=True))
    for event in description.events.values():
        found.update(_fields(event.data))
    return frozenset(found)


def leaked_names(text: str, api_names: Iterable[str]) -> list[str]:
    """Return the API names that stand in a plain sentence as whole words.

    A name that is also an ordinary word ("speed") gives nothing away and is let pass; one with an underscore, a digit
    or a capital inside is not.
    """
    return sorted(
        name
        for name in api_names
        if is_technical(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    )


def is_technical(name: str) -> bool:
    """Whether a name could not be an ordinary word."""
    return bool(re.search(r"[_\d]|[a-zäöüß][A-Z]|\w[.\-]\w", name))


def _fields(schema: DataSchema | None) -> Iterator[str]:
    if schema is None:
        return
    for name, member in (schema.properties or {}).items():
        yield name
        yield from _fields(member)
    below = (schema.items,) if isinstance(schema.items, DataSchema) else schema.items or ()
    for member in (*below, *(schema.one_of or ())):
        yield from _fields(member)
