"""Finds names of the sort that a parameter's choices are of, and that are none of them: a language that a device does not speak.

Without that, "into Finnish" would be taken for whichever language comes nearest, and "HDMI 5" for one of three inputs. What has
several names is known by all: the lounge is the living room.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from inference.name_sorts import sort_of
from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.values import spoken_choices
from inference.words import Place, quoted_places

_NUMBERED = re.compile(r"(?P<noun>[a-z]{3,}) (?P<number>\d{1,3})")
_LEAST_NUMBERED = 2


@dataclass(frozen=True, slots=True)
class SaidName:
    """A name that a sentence asks for and that is no choice itself, and the choice that means the same; None if none does."""

    words: str
    choice: str | None = None


def said_name(parameter: Parameter, sentence: Sentence, texts: Collection[Place] = ()) -> SaidName | None:
    """Return the name that a sentence asks for in place of a parameter's choices, where these are of one sort, or are numbered.

    None where none is said, or where it may stand for several of the choices.

    Args:
        parameter: has choices, none of which the sentence names.
        sentence: the prepared sentence.
        texts: where it tells texts for other parameters; what is said there is no choice.
    """
    if not parameter.choices:
        return None
    lower, choices = sentence.lower, spoken_choices(parameter)
    apart = [*texts, *quoted_places(lower)]
    about = f"{canonical_words(parameter.readable_name)} {parameter.description}".lower()
    if (sort := sort_of(choices, about)) is None:
        number = _unlisted_number(choices, lower, apart)
        return None if number is None else SaidName(number)
    said = dict.fromkeys(name for name, place in sort.wanted(lower) if not _is_apart(place, apart))
    alike = {
        name: [choice for choice in choices if not sort.kinds(choice).isdisjoint(sort.kinds(name))]
        for name in said
    }
    meant = [name for name, found in alike.items() if found]
    if not meant:
        return SaidName(next(reversed(said))) if said else None
    # One of a list is not all that is wanted.
    is_sure = len(meant) == 1 and len(alike[meant[0]]) == 1
    return SaidName(meant[0], alike[meant[0]][0]) if is_sure else None


def _unlisted_number(choices: Collection[str], lower: str, apart: Collection[Place]) -> str | None:
    """Return what is counted beyond the choices: "hdmi 5" of "hdmi 1", "hdmi 2" and "usb"."""
    numbered = [match for choice in choices if (match := _NUMBERED.fullmatch(choice))]
    for noun in {match["noun"] for match in numbered}:
        numbers = {match["number"] for match in numbered if match["noun"] == noun}
        said = [
            match
            for match in re.finditer(
                rf"(?<!\w){noun} ?(?:number |port )?(?P<number>\d{{1,3}})(?![\w.:%])", lower
            )
            if not _is_apart(match.span(), apart)
        ]
        if len(numbers) >= _LEAST_NUMBERED and said and all(each["number"] not in numbers for each in said):
            return said[-1][0]
    return None


def _is_apart(place: Place, apart: Collection[Place]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in apart)
