"""What a device says of itself on the wire: plain language from its description, never its API."""

from __future__ import annotations

from device_agent.report_text import step_title
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import InputError
from protocol.messages import Profile
from protocol.text import clean_sentence

_ABILITY_LIMIT = 64
_SHORT = 120


def profile_of(device_id: str, description: ThingDescription) -> Profile:
    """Build the profile. Where the description lists no abilities, the titles of its actions stand in.

    Raises:
        InputError: a text that would go on the wire names the API.
    """
    abilities = description.abilities or tuple(
        dict.fromkeys(
            f"{step_title(description, affordance.name)}."
            for affordance in description.affordances()
            if affordance.kind == "action"
        )
    )
    texts = {
        "title": clean_sentence(description.english_title, _SHORT),
        "parley:kind": clean_sentence(description.kind, _SHORT),
        "description": clean_sentence(description.english) or clean_sentence(description.english_title),
        **{f"parley:abilities[{place}]": clean_sentence(text) for place, text in enumerate(abilities)},
    }
    api_names = names(description)
    for field, text in texts.items():
        if leaked := leaked_names(text, api_names):
            raise InputError(field, text, f"plain language without names of the API such as {leaked[0]}")
    return Profile(
        device_id=device_id,
        title=texts["title"],
        kind=texts["parley:kind"],
        description=texts["description"],
        abilities=tuple(clean_sentence(text) for text in abilities[:_ABILITY_LIMIT]),
    )
