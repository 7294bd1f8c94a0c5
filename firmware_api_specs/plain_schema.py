"""Writes JSON Schemas plainly: one type each, no null, no references, no alternatives.

Exported, OpenAPI and pydantic schemas say in many ways what a program needs to know in one: `"type": ["string", "null"]`,
`anyOf` of a type and null, `$ref` into `$defs`, choices without a type. The plain form allows nothing that the schema does
not allow: of several alternatives it takes one, and where they cannot be put together the schema stays as it is. So a value
that passes the plain form passes the device's own, and `checks` says of what stays that programs cannot pass it.

Results are not narrowed: what may be null is marked `nullable`, and several types are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.json_forms import (
    ANNOTATIONS,
    each_once,
    is_of_kind,
    kind_of,
    merged_schema,
    most_common_kind,
    references_in,
)
from firmware_api_specs.paper_types import argument_schema
from firmware_api_specs.schema_checks import fits

_Purpose = Literal["input", "guessed input", "output"]
_LEVELS = 48
_WORK = 5000
"""How many parts of one schema are read, so that references cannot make a huge one of a small one."""
_ROUNDS = 4
"""How often one part is gone over: what is put together may be an alternative again."""

_ALTERNATIVES = ("anyOf", "oneOf")
_JSON_TYPES = ("integer", "number", "string", "boolean", "array", "object", "null")
_SCALARS = _JSON_TYPES[:4]
_OTHER_SPELLINGS = {
    "dict": "object", "dictionary": "object", "map": "object", "struct": "object", "json": "object", "list": "array",
    "tuple": "array", "set": "array", "none": "null", "nil": "null", "date": "string", "datetime": "string",
    "date-time": "string", "uuid": "string", "uri": "string", "url": "string", "enum": "string",
}  # fmt: skip
_TERMS_OF_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TERMS_OF_TEXTS = ("pattern", "minLength", "maxLength", "format")
# What may say more of a value than its type does.
_OPEN = ("$ref", "allOf", "anyOf", "oneOf", "not", "if")


def plain_input(schema: Any, *, within: Mapping[str, Any] | None = None, guess: bool = False) -> Any:
    """Return the plain form of a schema for values that programs pass; what cannot be put plainly stays.

    Args:
        schema: a JSON Schema; anything else comes back as it is.
        within: the document around it, where references may lead too.
        guess: also read what is no JSON Schema but meant as one (`"type": "float"`), and take what has no type for a text.
    """
    roots = (schema, within or {}) if isinstance(schema, Mapping) else ()
    return _Plain(roots, "guessed input" if guess else "input").of(schema)


def plain_output(schema: Any, *, within: Mapping[str, Any] | None = None) -> Any:
    """Return a schema of results with one type or none, `nullable` where a result may be null."""
    roots = (schema, within or {}) if isinstance(schema, Mapping) else ()
    return _Plain(roots, "output").of(schema)


def plain_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a Thing Description's document with its schemas in plain form."""
    plain = dict(document) | _plain_variables(document, document)
    for group, terms in (("actions", ("output",)), ("properties", ()), ("events", ("data",))):
        members = document.get(group)
        if isinstance(members, Mapping):
            plain[group] = {
                name: _plain_affordance(member, terms, group, document) for name, member in members.items()
            }
    return plain


def _plain_affordance(member: Any, terms: Iterable[str], group: str, document: Mapping[str, Any]) -> Any:
    if not isinstance(member, Mapping):
        return member
    plain = dict(member)
    if group == "properties":
        plain = plain_output(member, within=document)
    for term in terms:
        if term in member:
            plain[term] = plain_output(member[term], within=document)
    if group == "actions" and "input" in member:
        plain["input"] = plain_input(member["input"], within=document)
    return plain | _plain_variables(member, document)


def _plain_variables(around: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    variables = around.get("uriVariables")
    if not isinstance(variables, Mapping):
        return {}
    return {
        "uriVariables": {name: plain_input(schema, within=document) for name, schema in variables.items()}
    }


@dataclass
class _Plain:
    """Makes one schema plain; `roots` are where references lead, the nearest first."""

    roots: tuple[Mapping[str, Any], ...]
    purpose: _Purpose
    work_left: int = _WORK
    leads_back: dict[str, bool] = field(default_factory=dict)

    def of(self, schema: Any, level: int = 0, *, is_whole: bool = True) -> Any:
        """Return the plain form; `is_whole` says that it is no alternative or part of another schema."""
        if not isinstance(schema, Mapping) or level > _LEVELS or not self.work_left:
            return schema
        self.work_left -= 1
        found, had_null = dict(schema), False
        for _ in range(_ROUNDS):
            before = found
            found = self._put_together(self._without_references(found), level)
            had_null = had_null or _allows_null(found)
            for term in _ALTERNATIVES:
                found = self._without_alternatives(found, term, level)
            found = _with_bounds(self._with_choices(self._with_one_type(found)))
            if found == before:
                break
        found = self._with_members(found, level)
        found = self._with_items(found, level)
        if self.purpose == "output":
            return found | {"nullable": True} if had_null and found.get("type") != "null" else found
        if is_whole:
            found = self._with_a_type(found, level)
        return self._with_default(found, had_null=had_null)

    # References and parts.

    def _without_references(self, found: dict[str, Any]) -> dict[str, Any]:
        while isinstance(reference := found.get("$ref"), str):
            target = self._target(reference)
            if target is None or self._leads_back(reference):
                return found
            rest = {term: value for term, value in found.items() if term != "$ref"}
            merged = merged_schema(target, rest)
            if merged is None:
                return found
            found = merged
        return found

    def _target(self, reference: str) -> Mapping[str, Any] | None:
        if not reference.startswith("#/"):
            return None
        steps = [step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/")]
        for root in self.roots:
            place: Any = root
            for step in steps:
                place = place.get(step) if isinstance(place, Mapping) else None
            if isinstance(place, Mapping):
                return place
        return None

    def _leads_back(self, reference: str) -> bool:
        """Whether a reference leads to itself in the end: such a value has no end either."""
        if reference not in self.leads_back:
            reached: set[str] = set()
            waiting = [reference]
            while waiting:
                for further in references_in(self._target(waiting.pop())):
                    if further not in reached:
                        reached.add(further)
                        waiting.append(further)
            self.leads_back[reference] = reference in reached
        return self.leads_back[reference]

    def _put_together(self, found: dict[str, Any], level: int) -> dict[str, Any]:
        parts = found.get("allOf")
        if not isinstance(parts, list) or not parts or not all(isinstance(part, Mapping) for part in parts):
            return found
        merged: dict[str, Any] | None = {term: value for term, value in found.items() if term != "allOf"}
        for part in parts:
            if merged is not None:
                merged = merged_schema(self.of(part, level + 1, is_whole=False), merged)
        return found if merged is None else merged

    # Alternatives.

    def _without_alternatives(self, found: dict[str, Any], term: str, level: int) -> dict[str, Any]:
        raw = found.get(term)
        if not isinstance(raw, list) or not all(isinstance(branch, Mapping) for branch in raw):
            return found
        rest = {key: value for key, value in found.items() if key != term}
        # A constant of a list of choices stays as it is written, with its title.
        branches = [
            branch if "const" in branch else self.of(branch, level + 1, is_whole=False) for branch in raw
        ]
        if term == "oneOf" and len(each_once(branches)) < len(branches):
            # What fits one of two equal alternatives fits both, and so is not allowed.
            return found
        kept = [branch for branch in branches if not _is_null(branch)]
        merged: dict[str, Any] | None = None
        if kept and all("const" in branch for branch in kept):
            merged = None if "oneOf" in rest else rest | {"oneOf": kept}
        elif self.purpose == "output":
            merged = merged_schema(kept[0], rest) if len(kept) == 1 else None
        elif kept and all(isinstance(branch.get("type"), str) for branch in kept):
            together = (merged_schema(branch, rest) for branch in _preferred(kept, rest))
            merged = next((one for one in together if one is not None), None)
        elif term == "oneOf" and "properties" in rest and "allOf" not in rest:
            # "One of these two must be given": it is checked before a call, and says nothing of the values.
            merged = rest | {"allOf": [{"oneOf": raw}]}
        return found if merged is None else merged

    # Types and choices.

    def _with_one_type(self, found: dict[str, Any]) -> dict[str, Any]:
        stated = found.get("type")
        if isinstance(stated, str) and self.purpose == "guessed input" and (meant := _spelled(stated)):
            return {**meant, **found, "type": meant["type"]}
        if not isinstance(stated, list):
            return found
        kinds = [kind for kind in stated if isinstance(kind, str)]
        if self.purpose == "guessed input":
            kinds = [_spelled(kind).get("type", kind) for kind in kinds]
        if not kinds or not all(kind in _JSON_TYPES for kind in kinds) or len(kinds) != len(stated):
            return found
        without_null = [kind for kind in dict.fromkeys(kinds) if kind != "null"] or ["null"]
        rest = {key: value for key, value in found.items() if key != "type"}
        if len(without_null) == 1:
            return rest | {"type": without_null[0]}
        if self.purpose == "output":
            return rest
        kind = _preferred_kind(without_null, rest)
        if kind not in {"integer", "number"}:
            # They say nothing of other values.
            rest = {key: value for key, value in rest.items() if key not in _TERMS_OF_NUMBERS}
        return rest | {"type": kind}

    def _with_choices(self, found: dict[str, Any]) -> dict[str, Any]:
        choices = found.get("enum")
        kind = found.get("type")
        if not isinstance(choices, list) or not choices or kind == "null":
            return found
        kept = [choice for choice in choices if choice is not None] or choices
        if self.purpose != "output":
            if kind is None:
                kind = most_common_kind(kept)
                kept = [choice for choice in kept if is_of_kind(kind, choice)]
            elif self.purpose == "guessed input":
                kept = [choice for choice in kept if is_of_kind(kind, choice)] or kept
        if self.purpose == "guessed input":
            kept = each_once(kept)
        return found | {"enum": kept} | ({} if kind is None else {"type": kind})

    def _with_a_type(self, found: dict[str, Any], level: int) -> dict[str, Any]:
        kind: str | None
        if "type" in found:
            return found
        if "const" in found:
            kind = kind_of(found["const"])
        elif isinstance(found.get("oneOf"), list) and all(
            isinstance(choice, Mapping) and "const" in choice for choice in found["oneOf"]
        ):
            kinds = {kind_of(choice["const"]) for choice in found["oneOf"]}
            kind = kinds.pop() if len(kinds) == 1 else None
        elif any(term in found for term in _OPEN):
            kind = None
        elif isinstance(found.get("properties"), Mapping):
            kind = "object"
        elif "items" in found:
            kind = "array"
        elif any(term in found for term in _TERMS_OF_NUMBERS):
            kind = "number"
        elif any(term in found for term in _TERMS_OF_TEXTS):
            kind = "string"
        elif self.purpose == "guessed input":
            kind = kind_of(found["default"]) if found.get("default") is not None else "string"
        else:
            kind = None
        return found if kind is None else self._with_items(found | {"type": kind}, level)

    def _with_default(self, found: dict[str, Any], *, had_null: bool) -> dict[str, Any]:
        if "default" not in found:
            return found
        default = found["default"]
        unfit = default is None and (had_null or self.purpose == "guessed input")
        if not unfit and self.purpose == "guessed input":
            try:
                unfit = not fits(DataSchema.model_validate(found), default)
            except ValidationError:
                return found
        return {key: value for key, value in found.items() if key != "default"} if unfit else found

    # What is inside.

    def _with_members(self, found: dict[str, Any], level: int) -> dict[str, Any]:
        members = found.get("properties")
        if not isinstance(members, Mapping):
            return found
        plain = {name: self.of(member, level + 1) for name, member in members.items()}
        if self.purpose != "guessed input":
            return found | {"properties": plain}
        # Old schemas say it of each member: "required": true.
        flagged = [
            name
            for name, member in plain.items()
            if isinstance(member, dict) and member.get("required") is True
        ]
        for name, member in plain.items():
            if isinstance(member, dict) and isinstance(member.get("required"), bool):
                plain[name] = {key: value for key, value in member.items() if key != "required"}
        required = found.get("required")
        listed = list(required) if isinstance(required, list) else []
        listed += [name for name in flagged if name not in listed]
        return found | {"properties": plain} | ({"required": listed} if flagged else {})

    def _with_items(self, found: dict[str, Any], level: int) -> dict[str, Any]:
        items = found.get("items")
        if isinstance(items, Mapping):
            return found | {"items": self.of(items, level + 1)}
        if self.purpose == "output":
            if isinstance(items, list):
                return found | {"items": [self.of(item, level + 1) for item in items]}
            return found
        listed = found.get("prefixItems", items)
        if isinstance(listed, list) and listed:
            return _of_one_kind(found, [self.of(item, level + 1) for item in listed])
        if found.get("type") == "array" and self.purpose == "guessed input" and not isinstance(items, list):
            return found | {"items": {"type": _kind_of_items(found)}}
        return found


def _spelled(word: str) -> dict[str, Any]:
    """Read a type in the words of programming languages; empty for an unknown one."""
    lower = word.strip().lower()
    if lower in _JSON_TYPES:
        return {"type": lower}
    if lower in _OTHER_SPELLINGS:
        return {"type": _OTHER_SPELLINGS[lower]}
    return argument_schema(word) or {}


def _is_null(schema: Mapping[str, Any]) -> bool:
    if "const" in schema:
        return schema["const"] is None
    return schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None]


def _allows_null(schema: Mapping[str, Any]) -> bool:
    kinds, choices = schema.get("type"), schema.get("enum")
    return (
        schema.get("nullable") is True
        or (isinstance(kinds, list) and "null" in kinds)
        or (isinstance(choices, list) and None in choices)
        or any(
            isinstance(branch, Mapping) and (_is_null(branch) or _allows_null(branch))
            for term in _ALTERNATIVES
            if isinstance(schema.get(term), list)
            for branch in schema[term]
        )
    )


def _preferred(branches: Sequence[Mapping[str, Any]], rest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Order alternatives: those that programs can pass first, a number before a whole one."""
    wanted = _preferred_kind([branch["type"] for branch in branches], rest)
    return sorted(
        branches,
        key=lambda branch: (not _is_passable(branch), "enum" not in branch, branch["type"] != wanted),
    )


def _is_passable(schema: Mapping[str, Any]) -> bool:
    kind, items = schema.get("type"), schema.get("items")
    if kind == "array":
        return isinstance(items, Mapping) and items.get("type") in _SCALARS
    return kind in _SCALARS or (kind == "object" and bool(schema.get("properties")))


def _preferred_kind(kinds: Sequence[str], rest: Mapping[str, Any]) -> str:
    """Choose the type that the other terms speak of, else the first that a program can pass."""
    choices = rest.get("enum")
    ordered = [kind for kind in kinds if kind in _SCALARS] + [kind for kind in kinds if kind not in _SCALARS]
    if isinstance(choices, list) and choices and most_common_kind(choices) in kinds:
        return most_common_kind(choices)
    numbers = [kind for kind in ("number", "integer") if kind in kinds]
    if numbers and (
        ordered[0] in numbers or "unit" in rest or any(term in rest for term in _TERMS_OF_NUMBERS)
    ):
        return numbers[0]
    for kind, terms in (("string", _TERMS_OF_TEXTS), ("object", ("properties",)), ("array", ("items",))):
        if kind in kinds and any(term in rest for term in terms):
            return kind
    return ordered[0]


def _with_bounds(found: dict[str, Any]) -> dict[str, Any]:
    """Write exclusive bounds as numbers; OpenAPI 3.0 has true and false beside the bound."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = found.get(exclusive)
        if isinstance(flag, bool):
            found = {key: value for key, value in found.items() if key != exclusive}
            if flag and bound in found:
                found[exclusive] = found.pop(bound)
    return found


def _of_one_kind(found: dict[str, Any], items: Sequence[Any]) -> dict[str, Any]:
    """Write a list whose places are all of the same form as a list of that many items."""
    forms = [
        {key: value for key, value in item.items() if key not in ANNOTATIONS or key == "unit"}
        for item in items
        if isinstance(item, Mapping)
    ]
    lengths = (found.get("minItems", 0), found.get("maxItems", len(items)))
    if (
        len(forms) != len(items)
        or any(form != forms[0] for form in forms)
        or lengths[0] not in {0, len(items)}
    ):
        return found
    rest = {
        key: value for key, value in found.items() if key not in {"prefixItems", "items", "additionalItems"}
    }
    return rest | {"type": "array", "items": forms[0], "minItems": len(items), "maxItems": len(items)}


def _kind_of_items(found: Mapping[str, Any]) -> str:
    """Guess the type of a list's items: from its default, or an example, or because numbers are spoken of."""
    examples = found.get("examples")
    for values in (found.get("default"), *(examples if isinstance(examples, list) else ())):
        if isinstance(values, list) and values and (kind := most_common_kind(values)) in _SCALARS:
            return kind
    words = str(found.get("description", "")).lower()
    return "number" if any(word in words for word in ("numbers", "integers", "coordinates")) else "string"
