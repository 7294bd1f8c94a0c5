"""Says what a reading shows where its description does not: a property that people can read about is named by its title."""

from __future__ import annotations

from collections.abc import Collection

from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.names import leaked_names
from protocol.text import clean_sentence

_TITLE_LIMIT = 120
_SCALARS = ("boolean", "integer", "number", "string")


def told_by_title(prop: DataSchema, api_names: Collection[str]) -> DataSchema:
    """Return a property's schema with a finding for its value, or for its members' values, named by their titles.

    One that has a mark of its own stays as it is: its author has decided what is told. A title that holds a name of the
    API is not used.
    """
    if _is_marked(prop):
        return prop
    if prop.type == "object":
        members = {
            name: _named(member, api_names) if member.type in _SCALARS else member
            for name, member in (prop.properties or {}).items()
        }
        return prop.model_copy(update={"properties": members}) if members else prop
    return _named(prop, api_names) if prop.type in _SCALARS else prop


def _named(schema: DataSchema, api_names: Collection[str]) -> DataSchema:
    title = clean_sentence(schema.english_title, _TITLE_LIMIT).rstrip(".")
    if not title or leaked_names(title, api_names):
        return schema
    is_word = title[1:2] == title[1:2].lower()
    return schema.model_copy(update={"finding": title[0].lower() + title[1:] if is_word else title})


def _is_marked(schema: DataSchema) -> bool:
    """Whether anything in a schema is marked as telling something, or as not for people."""
    below = (schema.items,) if isinstance(schema.items, DataSchema) else schema.items or ()
    return (
        schema.finding is not None
        or schema.success
        or schema.message
        or any(_is_marked(member) for member in (*(schema.properties or {}).values(), *below))
    )
