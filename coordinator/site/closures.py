"""What is out of use at a site, and what that keeps machines from. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from coordinator.site.model import Link, Site

_LONGEST_NAME_WORDS = 5


@dataclass(frozen=True, slots=True)
class Closure:
    """A place that nobody is to drive into, who said so, and when (Unix seconds)."""

    place: str
    by: str
    at: float


def places_in(text: str, site: Site) -> list[str]:
    """Return the places that a sentence names, as the site file calls them, in their order, each once.

    "Aisles A and B" are aisle A and aisle B.
    """
    names = site.place_names
    words = [word.strip(",.;:!?\"'()") for word in text.casefold().split()]
    found: dict[str, None] = {}
    heads: tuple[str, ...] = ()
    first = 0
    while first < len(words):
        for end in range(min(len(words), first + _LONGEST_NAME_WORDS), first, -1):
            name = _named(" ".join(words[first:end]), heads, names)
            if name is not None:
                found[name] = None
                # "aisles A and B", "shelf 3 or 4": what follows has the same kind.
                heads = (name.rpartition(" ")[0].casefold(),)
                first = end
                break
        else:
            heads = _heads(words[first], heads)
            first += 1
    return list(found)


def _named(words: str, heads: Iterable[str], names: Mapping[str, str]) -> str | None:
    for text in (words, re.sub(r"[-_](?=\w)", " ", words), *(f"{head} {words}" for head in heads if head)):
        if text in names:
            return names[text]
    return None


def _heads(word: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the nouns that a following letter or number may belong to."""
    if word in {"and", "or", "to", ""}:
        return before
    if word.endswith("ves"):
        return (f"{word[:-3]}f", f"{word[:-3]}fe")
    return (word.removesuffix("s"),) if word.endswith("s") else ()


def within(place: str, site: Site) -> list[str]:
    """Return a place and all that stands in it, as the site file calls them."""
    return [place, *(name for name, zone in site.zone_of.items() if zone == place)]


def holder(place: str, closed: Mapping[str, Closure], site: Site) -> str | None:
    """Return what is closed and holds a place: itself, or its zone; None where it is open."""
    if place in closed:
        return place
    zone = site.zone_of.get(place)
    return zone if zone in closed else None


def is_open(link: Link, closed: Mapping[str, Closure], site: Site) -> bool:
    """Whether a way may be used."""
    if link.through is not None and link.through in closed:
        return False
    return all(holder(site.place_names[end.casefold()], closed, site) is None for end in link.between)


def fold(acts: Iterable[Mapping[str, object]], times: Iterable[float]) -> dict[str, Closure]:
    """Return what is closed after the stored acts (`place`, `did`, `by`), oldest first."""
    closed: dict[str, Closure] = {}
    for act, at in zip(acts, times, strict=True):
        place = str(act["place"])
        if act["did"] == CLOSED:
            closed[place] = Closure(place, str(act["by"]), at)
        else:
            closed.pop(place, None)
    return closed


def known(closed: Mapping[str, Closure], site: Site) -> Iterator[Closure]:
    """Return those whose place the site still has."""
    names = set(site.place_names.values())
    return (one for one in closed.values() if one.place in names)


CLOSED = "closed"
REOPENED = "reopened"
