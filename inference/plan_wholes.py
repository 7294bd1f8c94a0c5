"""Finds devices that deal with all entities of a kind in one go: "it counts the shelves that are empty"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inference.capability import Ability, Capabilities, telling_words
from inference.mentions import Mention, plural_of
from inference.plan import KindProfile
from inference.text import canonical_words

_COUNT = re.compile(r"\b(?:count|tally|how many|(?:the )?number of)\b")
_COUNTING = r"\b(?:counts?|tallies|how many|number of)\b"
# Of one place of several, whichever it is told: "it counts the boxes on a shelf".
_OF_ONE = re.compile(r"\b(?:in|on|at|of|inside)\s+(?:a|an|any|each|every|one|the chosen)\b")
_ASIDE = frozenset(
    """
    count tally how many number all every each there tell me us know let find out say report show just now currently right at the
    moment exactly which what altogether total please
    """.split()
)


def who_counts_all(
    asked: str,
    words: str,
    mentions: Sequence[Mention],
    kinds: Sequence[KindProfile],
    capabilities: Capabilities,
) -> Ability | None:
    """Return who counts all that is asked for in one go; None where every entity has to be looked at by itself.

    Whoever it is says so in the same words: what is near in meaning ("vacant" and "empty") is not the same to a count.

    Args:
        asked: what is asked for, as abilities are compared with it.
        words: the person's words, in lower case.
        mentions: what they say of the site.
        kinds: who may be asked.
        capabilities: of the site.

    Raises:
        ModelError: the encoder cannot run.
    """
    several = [one for one in mentions if one.what == "entity" and not one.ids and one.number != "some"]
    if len(several) != 1 or several[0].spared or _COUNT.search(words) is None:
        return None
    noun = canonical_words(several[0].name)
    fitting = [
        Ability(profile.kind, ability, 1.0)
        for profile in kinds
        for ability in profile.abilities
        if _counts(ability, noun) and _says(asked, noun, ability, profile) and _is_there(mentions, profile)
    ]
    able = [(capabilities.evidence(asked, one.kind), one) for one in fitting]
    return max(able, key=lambda one: one[0])[1] if able else None


def _counts(ability: str, noun: str) -> bool:
    """Whether an ability is to count things of a kind, wherever they are."""
    found = re.search(
        rf"{_COUNTING}[^.;,]*\b{re.escape(plural_of(noun))}\b(?P<rest>[^.;,]*)", ability.lower()
    )
    return found is not None and _OF_ONE.search(found["rest"]) is None


def _says(asked: str, noun: str, ability: str, profile: KindProfile) -> bool:
    """Whether an ability says all that is said of what is to be counted."""
    said = {_stem(word) for word in telling_words(f"{ability} {profile.kind} {profile.about}")}
    own = {noun, plural_of(noun), *noun.split()}
    wanted = {word for word in telling_words(asked) if word not in _ASIDE and word not in own}
    return {_stem(word) for word in wanted} <= said


def _is_there(mentions: Sequence[Mention], profile: KindProfile) -> bool:
    """Whether a device is where something is to be counted, as far as a place is named."""
    about = f" {' '.join(profile.about.lower().replace('.', ' ').replace(',', ' ').split())} "
    return all(
        f" {canonical_words(one.name)} {entity.lower()} " in about
        for one in mentions
        if one.what == "entity"
        for entity in one.ids
    )


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ed|es|s)$", "", word)
