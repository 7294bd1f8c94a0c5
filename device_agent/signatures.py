"""What the language model and the search are told about a device's functions, taken from its Thing Description."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from device_agent.clock_fields import with_clock_fields
from device_agent.color_channels import with_channels
from device_agent.currents import plain_unit, with_currents
from device_agent.meanings import with_meanings, with_named_levels
from device_agent.named_states import with_states
from device_agent.steps import is_step
from device_agent.told_choices import with_told_choices
from firmware_api_specs.arguments import Argument
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.gloss import gloss_name
from firmware_api_specs.thing_description import Affordance, ThingDescription
from inference.search_text import search_text
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.words import split_words
from protocol.text import clean_sentence
from rag.api_index import Chunk

# Part of what an index is keyed by: raise it when chunks are written differently.
CHUNK_FORMAT = 7
_DESCRIPTION_LIMIT = 400


def signatures(description: ThingDescription) -> tuple[FunctionSignature, ...]:
    """Return every callable of a device, property reads included, in the order of its description."""
    functions = [_signature(affordance, description) for affordance in description.affordances()]
    return with_states(functions, description.title)


def chunks(description: ThingDescription) -> tuple[Chunk, ...]:
    """Return the texts of each callable: what it means in English, and all words that are said of it in any language.

    A property that tells the same finding as an action without arguments, or one that the action tells in parts ("position"
    where the action tells "position from the west wall"), is left out: where a sentence asks for it, one way to answer is
    enough, and two would be taken for two wishes.
    """
    told = {
        finding
        for action in description.actions.values()
        if not action.arguments
        for finding in _findings(action.output)
    }
    return tuple(
        Chunk(
            affordance.name,
            search_text(_signature(affordance, description)),
            _all_words(affordance, description),
        )
        for affordance in description.affordances()
        if affordance.kind == "action" or not _is_told(affordance, told)
    )


def _is_told(affordance: Affordance, told: Collection[str]) -> bool:
    return any(
        other == finding or other.startswith(f"{finding} from ")
        for finding in _findings(affordance.action.output)
        for other in told
    )


def _findings(schema: DataSchema | None) -> Iterator[str]:
    """List what a result tells, at any depth."""
    if schema is None:
        return
    if schema.finding is not None:
        yield schema.finding
    items = (schema.items,) if isinstance(schema.items, DataSchema) else schema.items or ()
    for member in (*(schema.properties or {}).values(), *items):
        yield from _findings(member)


def index_key(description: ThingDescription) -> str:
    """Return a text that changes whenever `chunks` does."""
    return f"{description.content_hash}-{CHUNK_FORMAT}"


def _signature(affordance: Affordance, description: ThingDescription) -> FunctionSignature:
    action = affordance.action
    language = description.language_of_names
    english_name = gloss_name(affordance.name, language)
    told = _joined((action.english_title, action.english))
    words = " ".join(split_words(english_name or affordance.name))
    if affordance.kind == "property":
        # A property's name and description are those of a quantity; what the function does is read it.
        english_name, told = f"get_{words.replace(' ', '_')}", f"Returns the current value. {told or words}"
    arguments = [with_told_choices(_parameter(argument, language)) for argument in action.arguments]
    explained, told = with_meanings(arguments, [argument.item.label for argument in action.arguments], told)
    parameters = with_currents(affordance.name, explained, description)
    return FunctionSignature(
        name=affordance.name,
        description=told or words,
        parameters=with_clock_fields(
            with_channels(
                [
                    with_named_levels(replace(parameter, is_step=is_step(parameter, words)))
                    for parameter in parameters
                ]
            ),
            f"{words} {told}",
        ),
        required_objects=action.required_objects,
        english_name=english_name,
    )


def _parameter(argument: Argument, language: str) -> Parameter:
    schema, item = argument.schema, argument.item
    return Parameter(
        name=argument.name,
        kind=ParameterKind(argument.type),
        required=argument.required,
        unit=plain_unit(argument.unit) if argument.duration is None else "second",
        minimum=argument.minimum,
        maximum=argument.maximum,
        choices=argument.choices,
        description=clean_sentence(argument.english, _DESCRIPTION_LIMIT),
        minimum_length=item.minimum_length or 0,
        maximum_length=item.maximum_length,
        pattern=item.pattern,
        format="duration" if argument.duration else "time" if argument.clock else None,
        with_seconds=argument.clock == "HH:MM:SS",
        layout=argument.duration or "",
        many=argument.is_list,
        minimum_items=schema.minimum_items or 1,
        maximum_items=schema.maximum_items,
        unique_items=schema.unique_items,
        path=argument.path if len(argument.path) > 1 else (),
        needed_with=argument.needed_with,
        english_name=gloss_name("_".join(argument.path), language),
    )


def _all_words(affordance: Affordance, description: ThingDescription) -> str:
    arguments = affordance.action.arguments
    names = [affordance.name, *("_".join(argument.path) for argument in arguments)]
    return "\n".join(
        line
        for line in (
            " ".join(split_words(affordance.name)),
            affordance.retrieval_text,
            " ".join(word for argument in arguments for word in split_words(" ".join(argument.path))),
            " ".join(gloss_name(name, description.language_of_names) for name in names).strip(),
            _joined([text for argument in arguments for text in (argument.english, argument.native)]),
        )
        if line
    )


def _joined(texts: Sequence[str]) -> str:
    """Join texts as sentences, each once."""
    unique = dict.fromkeys(clean_sentence(text, _DESCRIPTION_LIMIT).rstrip(".") for text in texts if text)
    return ". ".join(text for text in unique if text)
