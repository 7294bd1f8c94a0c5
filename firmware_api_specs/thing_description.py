"""W3C WoT Thing Description 1.1, the parts of it that a device agent consumes, and our extension terms.

A description is data: its forms say where a call goes, its extension terms (`parley:`) say what the runtime
must know before it lets a program move a machine. See docs/thing-descriptions.md.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, PrivateAttr, Strict, model_validator

from firmware_api_specs.arguments import Argument, Arguments, read_arguments
from firmware_api_specs.canonical import content_hash
from firmware_api_specs.data_schema import DataSchema, Described, StrictFlag, Text
from firmware_api_specs.forms import variables_of_operation
from firmware_api_specs.gloss_document import declared_language, language_of_names, with_gloss
from firmware_api_specs.implied_units import spoken_unit
from firmware_api_specs.names import names
from firmware_api_specs.parameters import Parameters, parameters_of
from firmware_api_specs.plain_schema import plain_document
from firmware_api_specs.program_names import is_program_name, program_names
from firmware_api_specs.readings import told_by_title
from firmware_api_specs.results import failure_of, findings_of, message_of
from firmware_api_specs.safeguards import Compensation, OnFailure, Watch
from protocol.messages import Finding, Kind

__all__ = [
    "Action",
    "Affordance",
    "Compensation",
    "Event",
    "Property",
    "ThingDescription",
    "Watch",
    "is_program_name",
]

Danger = Literal["none", "confirm", "forbid"]
DEFAULT_TIMEOUT_SECONDS = 60.0


class Action(Described):
    """Something the device can be told to do, or (made from a property) a reading it can be asked for."""

    input: DataSchema | None = None
    output: DataSchema | None = None
    safe: StrictFlag = False
    idempotent: StrictFlag = False
    synchronous: StrictFlag | None = None
    uri_variables: dict[str, DataSchema] = Field(default_factory=dict, alias="uriVariables")
    forms: tuple[dict[str, Any], ...] = Field(min_length=1)

    timeout_seconds: Annotated[float, Strict(), Field(gt=0, le=86_400)] = Field(
        default=DEFAULT_TIMEOUT_SECONDS, alias="parley:timeoutSeconds"
    )
    danger: Danger = Field(default="none", alias="parley:danger")
    on_failure: OnFailure = Field(default="stop", alias="parley:onFailure")
    modes_from: tuple[Text, ...] | None = Field(default=None, alias="parley:modesFrom", min_length=1)
    mode_to: Text | None = Field(default=None, alias="parley:modeTo")
    claims: tuple[Text, ...] = Field(default=(), alias="parley:claims")
    programming_language: Text | None = Field(default=None, alias="parley:programmingLanguage")

    _units: dict[str, str] = PrivateAttr(default_factory=dict)
    _shared_variables: dict[str, DataSchema] = PrivateAttr(default_factory=dict)
    _operation: Literal["invokeaction", "readproperty"] = PrivateAttr(default="invokeaction")

    @property
    def operation(self) -> Literal["invokeaction", "readproperty"]:
        """What calling this is to a form: "invokeaction", or "readproperty" where it was made from a property."""
        return self._operation

    @cached_property
    def parameters(self) -> Parameters | None:
        """Its input and its URI variables, under names that programs can write; None where the input is of no such kind."""
        variables = {**self._shared_variables, **self.uri_variables}
        return parameters_of(self.input, variables, variables_of_operation(self.forms, self._operation))

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The values a program may pass, required ones first, else in the order of the description."""
        values = () if self._passable is None else self._passable.values
        bare = [value for value in values if value.type in {"integer", "number"} and value.unit is None]
        unit = (
            spoken_unit(f"{self.english} {self.native}") if len(bare) == 1 and not bare[0].choices else None
        )
        return tuple(replace(value, unit=unit) if unit and value is bare[0] else value for value in values)

    @property
    def required_objects(self) -> tuple[tuple[str, ...], ...]:
        """Paths of objects that must be passed, even empty, wherever the object around them is; outer ones first."""
        return () if self._passable is None else self._passable.required_objects

    @property
    def is_callable(self) -> bool:
        """Whether a program can call this: it can pass all that is required."""
        return self._passable is not None

    @cached_property
    def _passable(self) -> Arguments | None:
        return read_arguments(None if self.parameters is None else self.parameters.schema)

    def findings(self, result: Any) -> tuple[Finding, ...]:
        """Say in plain words what a JSON result shows. Never raises; what cannot be read is left out."""
        return findings_of(self.output, result, self._units)

    def failure(self, result: Any) -> str | None:
        """Say in one plain sentence why a JSON result means that the call failed, or return None."""
        return failure_of(self.output, result)

    def vendor_message(self, result: Any) -> str | None:
        """Return the vendor's own message in a result, for the local log only: it may name the API."""
        return message_of(self.output, result)


class Property(DataSchema):
    """A state of the device that can be read (and perhaps written, which programs do not do)."""

    uri_variables: dict[str, DataSchema] = Field(default_factory=dict, alias="uriVariables")
    forms: tuple[dict[str, Any], ...] = Field(min_length=1)
    observable: StrictFlag = False
    read_only: StrictFlag = Field(default=False, alias="readOnly")
    write_only: StrictFlag = Field(default=False, alias="writeOnly")


class Event(Described):
    """Something the device may announce by itself."""

    data: DataSchema | None = None
    forms: tuple[dict[str, Any], ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Affordance:
    """One callable of a device: an action, or a property to read (then `action` has no input and is safe).

    `name` is what programs write; `key` is the name in the description, which may have dashes or be a word of Python.
    """

    name: str
    key: str
    kind: Literal["action", "property"]
    action: Action
    chunk: Mapping[str, Any]
    """The part of the document that describes it, without forms."""

    @property
    def retrieval_text(self) -> str:
        """What to embed and index: name, titles and descriptions in every language that is given."""
        texts = [
            self.name,
            self.action.title,
            self.action.description,
            *self.action.titles.values(),
            *self.action.descriptions.values(),
        ]
        return "\n".join(dict.fromkeys(text for text in texts if text))


class ThingDescription(Described):
    """The API of one device. Build it with `loader.load`, which also checks what a schema cannot.

    Its schemas are read in plain form, and what has no English text gets a gloss, a word-by-word translation; `document` is
    kept without.
    """

    context: str | tuple[Any, ...] = Field(alias="@context")
    id: str | None = None
    title: Text
    base: Text | None = None
    security: str | tuple[str, ...]
    security_definitions: dict[str, dict[str, Any]] = Field(alias="securityDefinitions", min_length=1)
    actions: dict[str, Action] = Field(default_factory=dict)
    properties: dict[str, Property] = Field(default_factory=dict)
    events: dict[str, Event] = Field(default_factory=dict)
    uri_variables: dict[str, DataSchema] = Field(default_factory=dict, alias="uriVariables")

    kind: Kind = Field(default="device", alias="parley:kind")
    abilities: tuple[Text, ...] = Field(default=(), alias="parley:abilities", max_length=64)
    units: dict[str, Text] = Field(default_factory=dict, alias="parley:units")
    safe_action: Text | None = Field(default=None, alias="parley:safeAction")
    initial_mode: Text | None = Field(default=None, alias="parley:initialMode")
    mode_property: Text | None = Field(default=None, alias="parley:modeProperty")
    watches: tuple[Watch, ...] = Field(default=(), alias="parley:watches")

    _document: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_document(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(with_gloss(plain_document(data)) if isinstance(data, dict) else data)
        if isinstance(data, dict):
            made._document = copy.deepcopy(data)  # noqa: SLF001 - this is the constructor
        for action in made.actions.values():
            action._units = made.units  # noqa: SLF001 - an action reads its results in the units of its device
            action._shared_variables = made.uri_variables  # noqa: SLF001 - they are every form's too
        return made

    @property
    def document(self) -> dict[str, Any]:
        """A copy of the JSON document this was loaded from, with every term we do not know."""
        return copy.deepcopy(self._document)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the canonical document: the same for any order of keys and any white space."""
        return content_hash(self._document)

    @cached_property
    def modes(self) -> tuple[str, ...]:
        """Every mode the device can be in, the initial one first; empty where the description tells of none."""
        told = self.properties.get(self.mode_property or "")
        return tuple(
            dict.fromkeys(
                mode
                for mode in (
                    self.initial_mode,
                    *(told.choices if told is not None else ()),
                    *(mode for action in self.actions.values() for mode in action.modes_from or ()),
                    *(action.mode_to for action in self.actions.values()),
                )
                if isinstance(mode, str)
            )
        )

    @property
    def language(self) -> str:
        """The default language of titles and descriptions, `@language` of the context, "en" when not said."""
        return declared_language(self.context) or "en"

    @cached_property
    def language_of_names(self) -> str:
        """The language that the names of the API may be in: the default one, else that of its texts, else their own."""
        return language_of_names(self._document)

    def affordances(self) -> tuple[Affordance, ...]:
        """What a program can call: actions, then property reads, in the order of the document."""
        return self._affordances

    @cached_property
    def _affordances(self) -> tuple[Affordance, ...]:
        written = iter(program_names([*self.actions, *self.properties], are_functions=True))
        actions = [
            Affordance(name, key, "action", action, self._chunk("actions", key, name))
            for (key, action), name in zip(self.actions.items(), written, strict=False)
        ]
        api_names = names(self)
        reads = [
            Affordance(
                name, key, "property", self._read(prop, api_names), self._chunk("properties", key, name)
            )
            for (key, prop), name in zip(self.properties.items(), written, strict=True)
            if not prop.write_only
        ]
        return tuple(affordance for affordance in (*actions, *reads) if affordance.action.is_callable)

    def affordance(self, name: str) -> Affordance:
        """Return one callable by the name that programs write, or else by its name in the description.

        Raises:
            KeyError: no callable of that name.
        """
        for affordance in self.affordances():
            if affordance.name == name:
                return affordance
        for affordance in self.affordances():
            if affordance.key == name:
                return affordance
        raise KeyError(name)

    def _chunk(self, group: str, key: str, name: str) -> dict[str, Any]:
        body = copy.deepcopy(self._document[group][key])
        body.pop("forms", None)
        return {"name": name, **body}

    def _read(self, prop: Property, api_names: frozenset[str]) -> Action:
        read = Action(
            title=prop.title,
            description=prop.description,
            titles=prop.titles,
            descriptions=prop.descriptions,
            output=told_by_title(prop, api_names),
            safe=True,
            idempotent=True,
            synchronous=True,
            uriVariables=prop.uri_variables,
            forms=prop.forms,
        )
        read._units = self.units  # noqa: SLF001 - as in the constructor
        read._shared_variables = self.uri_variables  # noqa: SLF001 - as in the constructor
        read._operation = "readproperty"  # noqa: SLF001 - as in the constructor
        return read
