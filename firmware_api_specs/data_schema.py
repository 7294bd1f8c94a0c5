"""Data schemas of a Thing Description: the JSON Schema subset that describes arguments and results.

Standard terms that we do not consume are kept as they are. Terms of our own vocabulary (`parley:`) are
checked strictly: an unknown one is an error, because a mistyped `parley:danger` must never be ignored.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Strict, Tag, model_validator
from pydantic_core import PydanticCustomError

from protocol.text import clean_sentence

EXTENSION_PREFIX = "parley:"
EXTENSION_IRI = "urn:parley:td:1#"
GLOSS_TAG = "en-x-gloss"
"""The language tag of English that was put together word by word, for want of a translation."""

StrictNumber = Annotated[float, Strict()]
StrictCount = Annotated[int, Strict(), Field(ge=0)]
StrictFlag = Annotated[bool, Strict()]


def _readable(text: str) -> str:
    if not clean_sentence(text):
        raise PydanticCustomError("unreadable", "a text that people can read")
    return text


Text = Annotated[str, AfterValidator(_readable)]
JsonType = Literal["object", "array", "string", "number", "integer", "boolean", "null"]


class Described(BaseModel):
    """Whatever has a human-readable title and description, in the vendor's language and perhaps in others."""

    model_config = ConfigDict(frozen=True, extra="allow")

    title: str | None = None
    description: str | None = None
    titles: dict[str, str] = Field(default_factory=dict)
    descriptions: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _refuse_unknown_extension_terms(self) -> Self:
        known = sorted(
            field.alias
            for field in type(self).model_fields.values()
            if field.alias and field.alias.startswith(EXTENSION_PREFIX)
        )
        for term in self.model_extra or {}:
            if term.startswith(EXTENSION_PREFIX):
                allowed = "one of " + ", ".join(known) if known else "no term of this vocabulary"
                raise PydanticCustomError("parley_term", "{allowed} here", {"term": term, "allowed": allowed})
        return self

    @property
    def native(self) -> str:
        """The description in the vendor's language, or failing that the title; may be empty."""
        return self.description or self.title or ""

    @property
    def native_title(self) -> str:
        """The title in the vendor's language, or failing that the description; may be empty."""
        return self.title or self.description or ""

    @property
    def english(self) -> str:
        """The description in English or as a gloss, else in the vendor's language; may be empty."""
        return _english(self.descriptions) or self.description or self.english_title

    @property
    def is_glossed(self) -> bool:
        """Whether `english` was put together word by word, because the description has none."""
        return self.english in {self.descriptions.get(GLOSS_TAG), self.titles.get(GLOSS_TAG)}

    @property
    def english_title(self) -> str:
        """The title in English or as a gloss, else in the vendor's language; may be empty."""
        return _english(self.titles) or self.title or ""


def _english(texts: dict[str, str]) -> str | None:
    for language, text in texts.items():
        if language.lower() == "en" or language.lower().startswith("en-"):
            return text
    return None


def _one_or_list(value: Any) -> str:
    return "list" if isinstance(value, list | tuple) else "one"


class DataSchema(Described):
    """One value: its type, its bounds, and (in outputs) what it means in plain language.

    `finding` is an English noun phrase; with `finding_type` "presence" it is answered yes or no, with "value"
    its amount is reported. `present_when` lists the constants that mean yes. `success` marks the flag that
    says whether a call worked, `message` a text of the vendor, which never leaves the device.
    """

    type: JsonType | None = None
    unit: Text | None = None
    enum: tuple[Any, ...] | None = Field(default=None, min_length=1)
    const: Any = None
    default: Any = None
    one_of: tuple[DataSchema, ...] | None = Field(default=None, alias="oneOf")
    minimum: StrictNumber | None = None
    maximum: StrictNumber | None = None
    exclusive_minimum: StrictNumber | None = Field(default=None, alias="exclusiveMinimum")
    exclusive_maximum: StrictNumber | None = Field(default=None, alias="exclusiveMaximum")
    minimum_length: StrictCount | None = Field(default=None, alias="minLength")
    maximum_length: StrictCount | None = Field(default=None, alias="maxLength")
    format: str | None = None
    pattern: str | None = None
    minimum_items: StrictCount | None = Field(default=None, alias="minItems")
    maximum_items: StrictCount | None = Field(default=None, alias="maxItems")
    unique_items: StrictFlag = Field(default=False, alias="uniqueItems")
    properties: dict[str, DataSchema] | None = None
    required: tuple[str, ...] = ()
    items: (
        Annotated[
            Annotated[DataSchema, Tag("one")] | Annotated[tuple[DataSchema, ...], Tag("list")],
            Discriminator(_one_or_list),
        ]
        | None
    ) = None

    finding: Text | None = Field(default=None, alias="parley:finding", max_length=120)
    finding_type: Literal["presence", "value"] = Field(default="value", alias="parley:findingType")
    present_when: tuple[Any, ...] | None = Field(default=None, alias="parley:presentWhen", min_length=1)
    success: StrictFlag = Field(default=False, alias="parley:success")
    message: StrictFlag = Field(default=False, alias="parley:message")

    @property
    def has_constant(self) -> bool:
        """Whether the schema allows one constant only (which may be null)."""
        return "const" in self.model_fields_set

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values an enumeration allows (`enum`, `const` or `oneOf` constants); empty for any value."""
        if self.enum is not None:
            return self.enum
        if self.has_constant:
            return (self.const,)
        return tuple(choice.const for choice in self.one_of or () if choice.has_constant)

    def label(self, value: Any) -> str | None:
        """Return the English title that `oneOf` gives to a constant, if any."""
        for choice in self.one_of or ():
            if choice.has_constant and same_json(choice.const, value):
                return choice.english_title or None
        return None


def same_json(left: Any, right: Any) -> bool:
    """Compare two JSON values; unlike Python, JSON holds `true` and `1` to be different."""
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def uses_extension(document: Any) -> bool:
    """Whether a term of our own vocabulary stands anywhere in a JSON document."""
    if isinstance(document, dict):
        return any(
            key.startswith(EXTENSION_PREFIX) or uses_extension(member) for key, member in document.items()
        )
    return isinstance(document, list) and any(uses_extension(member) for member in document)
