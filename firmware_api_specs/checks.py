"""Checks that go beyond the structure of a Thing Description: do its parts fit each other, and is it safe to use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from firmware_api_specs.arguments import OBJECT_LEVELS, unwritable
from firmware_api_specs.data_schema import EXTENSION_IRI, DataSchema, Described, uses_extension
from firmware_api_specs.form_checks import check_forms, check_safe_action
from firmware_api_specs.mark_checks import check_marks, check_no_marks
from firmware_api_specs.mode_checks import check_modes
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.problems import Complaint, Problem, Steps, json_path
from firmware_api_specs.safeguard_checks import check_compensations, check_watches
from firmware_api_specs.schema_checks import check_schema
from firmware_api_specs.thing_description import Action, ThingDescription
from firmware_api_specs.units import definition_factor
from protocol.text import SENTENCE_LIMIT

TD_CONTEXTS = ("https://www.w3.org/2022/wot/td/v1.1", "https://www.w3.org/2019/wot/td/v1")
_TITLE_LIMIT = 120
_PASSABLE = (
    "integer, number, string, boolean, an array of one of these, or an object of such properties, "
    f"{OBJECT_LEVELS} levels deep at most; programs cannot pass anything else"
)


def check_description(description: ThingDescription, file: str) -> list[Problem]:
    """List what is wrong with a description whose structure is right."""
    check = _Check(description)
    return [
        Problem(file, json_path(steps), value, allowed, severity)
        for steps, value, allowed, severity in check.all()
    ]


@dataclass(frozen=True)
class _Check:
    description: ThingDescription

    def all(self) -> Iterator[Complaint]:
        yield from self._thing()
        yield from self._plain_language()
        for name, action in self.description.actions.items():
            steps: Steps = ("actions", name)
            yield from self._described(steps, action)
            yield from self._action(steps, action)
            if action.output is not None:
                yield from check_schema(
                    action.output, (*steps, "output"), self.description.units, is_input=False
                )
                yield from check_marks(action.output, (*steps, "output"), names(self.description))
        for name, prop in self.description.properties.items():
            steps = ("properties", name)
            if name in self.description.actions:
                yield steps, name, "a name that no action has", "error"
            yield from self._described(steps, prop)
            yield from check_schema(prop, steps, self.description.units, is_input=False)
            yield from check_marks(prop, steps, names(self.description))

    def _thing(self) -> Iterator[Complaint]:
        td = self.description
        context = (td.context,) if isinstance(td.context, str) else td.context
        if not context or context[0] not in TD_CONTEXTS:
            yield ("@context",), td.context, f"{TD_CONTEXTS[0]!r} first", "error"
        declared = [part["parley"] for part in context if isinstance(part, dict) and "parley" in part]
        if declared != [EXTENSION_IRI] and (declared or uses_extension(td.document)):
            yield ("@context",), td.context, f'{{"parley": "{EXTENSION_IRI}"}} in it, once', "error"
        if "tm:ThingModel" in str((td.model_extra or {}).get("@type")):
            yield ("@type",), "tm:ThingModel", "a Thing Description, not the model of one", "error"
        for name in (td.security,) if isinstance(td.security, str) else td.security:
            if name not in td.security_definitions:
                yield ("security",), name, "one of " + ", ".join(td.security_definitions), "error"
        for unit, definition in td.units.items():
            if definition_factor(definition) is None:
                allowed = 'a number and a unit that pint knows, for example "0.5 m"'
                yield ("parley:units", unit), definition, allowed, "error"
        if not td.abilities:
            yield ("parley:abilities",), [], "at least one plain sentence that says what it can do", "warning"
        yield from check_forms(td)
        yield from check_safe_action(td)
        yield from check_modes(td)
        yield from check_compensations(td)
        yield from check_watches(td)

    def _plain_language(self) -> Iterator[Complaint]:
        td = self.description
        texts: list[tuple[Steps, str, int]] = [
            (("title",), td.english_title, _TITLE_LIMIT),
            (("description",), td.english, SENTENCE_LIMIT),
            (("parley:kind",), td.kind, _TITLE_LIMIT),
        ]
        texts += [
            (("parley:abilities", index), text, SENTENCE_LIMIT) for index, text in enumerate(td.abilities)
        ]
        texts += [
            (("parley:watches", index, "because"), watch.because, SENTENCE_LIMIT)
            for index, watch in enumerate(td.watches)
        ]
        for steps, text, limit in texts:
            if leaked := leaked_names(text, names(td)):
                yield (
                    steps,
                    text,
                    f"plain language without the names of the API ({', '.join(leaked)})",
                    "error",
                )
            if len(text) > limit:
                yield steps, text, f"at most {limit} characters", "error"

    def _described(self, steps: Steps, node: Described) -> Iterator[Complaint]:
        if not node.native:
            yield (*steps, "description"), None, "a sentence that says what it does", "warning"
        elif node.is_glossed:
            allowed = f'an English one too, under "en"; until then it is read as {node.english!r}'
            yield (*steps, "descriptions"), node.native, allowed, "warning"
        elif not self.description.language.lower().startswith("en") and node.english == node.native:
            yield (*steps, "descriptions"), node.descriptions, 'an English one too, under "en"', "warning"

    def _action(self, steps: Steps, action: Action) -> Iterator[Complaint]:
        if action.input is None:
            known: dict[str, DataSchema] = {}
        else:
            place: Steps = (*steps, "input")
            known = action.input.properties or {}
            if action.parameters is None:
                allowed = '"object" with one property for each argument; programs cannot call it like this'
                yield (*place, "type"), action.input.type, allowed, "warning"
            elif action.input.type != "object":
                yield from self._argument(place, action.input)
            for name, schema in known.items():
                yield from self._argument((*place, "properties", name), schema)
            yield from check_schema(action.input, place, self.description.units, is_input=True)
            yield from check_no_marks(action.input, place)
        for index, claim in enumerate(action.claims):
            for name in re.findall(r"\{(.*?)\}", claim):
                if name not in (passed := {*known, *action.uri_variables}):
                    allowed = "in braces only arguments: " + (", ".join(sorted(passed)) or "it has none")
                    yield (*steps, "parley:claims", index), claim, allowed, "error"

    def _argument(self, steps: Steps, schema: DataSchema) -> Iterator[Complaint]:
        for place, found in unwritable(schema):
            yield (*steps, *place), found, _PASSABLE, "warning"
