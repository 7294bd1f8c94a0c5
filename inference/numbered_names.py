"""Names of numbered things: "Blinds 1 and 2 living room, 3 kitchen" lets a person say "the kitchen" and mean blind 3.

The names are replaced in the sentence, so that all that is known about numbers holds for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.units import UNIT_BY_WORD
from inference.words import quoted_places

_NUMBERS = r"\d{1,3}(?:(?:\s*(?:,|&|and|or)\s*)\d{1,3})*"
_ITEM = re.compile(
    rf"\s*(?:[,;/|\n]\s*)?(?:and\s+)?(?:(?P<noun>[^\W\d_]{{3,}}):?\s+)?(?P<numbers>{_NUMBERS})(?![\w.%])\s*(?:=|:|-|\u2013|\bis\b|\bare\b)?\s*"
    r"(?:\b(?:the|an?)\s+)?(?P<name>[^\W\d_][^\W\d_'\u2019-]*(?:['\u2019 -][^\W\d_]+){0,3})\s*(?=[,;/|.\n)]|$)"
)
# What is said of a number rather than a name for what has it.
_NO_NAMES = re.compile(
    r"(?:to|at|in|on|off|of|for|from|with|without|is|are|means|fully|completely|none|no|not|per|or|and|by|if|when|auto|automatic"
    r"|always|never|low|lowest|high|highest|slow|fast|small|large|medium|normal|full|half|percent|times|default|disabled|enabled"
    r"|open|opened|closed|shut|[a-z]+est)(?:\s.*)?",
    re.IGNORECASE,
)
# Names that are other words too: "as well", "turn left". They need an article, or the noun behind them.
_COMMON = frozenset(
    "well bar bath den back front side top bottom left right middle centre main light set rest other spare".split()
)
_ARTICLE = r"(?:(?:the|my|our|that|this)\s+)?"
# People have several words for some rooms.
_SAME = (
    ("living room", "lounge", "sitting room", "front room", "living-room"),
    (
        "children's room",
        "kids' room",
        "kid's room",
        "kids room",
        "childrens room",
        "child's room",
        "nursery",
        "playroom",
    ),
    ("study", "office", "home office", "den"),
    ("hall", "hallway", "corridor", "entrance hall"),
    ("bathroom", "bath"),
    ("bedroom", "bed room", "master bedroom"),
    ("dining room", "dining area"),
    ("terrace", "patio"),
    ("garden", "yard", "back garden"),
    ("toilet", "loo", "wc"),
    ("ground floor", "downstairs"),
    ("upper floor", "first floor", "upstairs"),
)


@dataclass(frozen=True, slots=True)
class NumberedName:
    """What some numbers are called, in lower case, and the noun before the numbers, in the singular."""

    name: str
    numbers: tuple[int, ...]
    noun: str


def read_numbered_names(text: str, noun: str = "") -> tuple[NumberedName, ...]:
    """Read a list of numbers with their names; nothing unless several things are numbered in order from 0 or 1.

    Args:
        text: a description.
        noun: what is numbered, where the list does not say.
    """
    for start in re.finditer(r"(?:^|[.:(\n]\s*)(?=[^\W_])", text):
        found: list[NumberedName] = []
        place, kind = start.end(), ""
        while item := _ITEM.match(text, place):
            name = " ".join(item["name"].lower().replace("\u2019", "'").split())
            if _NO_NAMES.fullmatch(name) or name.split()[0] in UNIT_BY_WORD:
                break
            kind = kind or _singular((item["noun"] or noun).lower())
            found.append(NumberedName(name, tuple(map(int, re.findall(r"\d+", item["numbers"]))), kind))
            place = item.end()
        if kind and _is_count(found):
            return tuple(found)
    return ()


def with_numbers(sentence: str, names: Sequence[NumberedName]) -> str:
    """Say the numbers of what a sentence calls by name: "close the kitchen" becomes "close blind 3".

    Quotations stay as they are.
    """
    quoted = quoted_places(sentence)
    spellings = {
        spelling: known for known in names for spelling in _spellings(known.name, {one.name for one in names})
    }
    if not spellings:
        return sentence
    said = "|".join(_spelled(spelling) for spelling in sorted(spellings, key=len, reverse=True))
    noun = names[0].noun
    pattern = re.compile(
        rf"\b{_ARTICLE}(?:(?:ones?|{re.escape(noun)}s?)\s+(?:in|of|at|for)\s+{_ARTICLE})?(?P<name>(?<![\w-])(?:{said}))(?![\w-])"
        rf"(?:\s+(?:{re.escape(noun)}s?|ones?)\b)?",
        re.IGNORECASE,
    )

    def numbered(match: re.Match[str]) -> str:
        if any(start < match.end() and match.start() < end for start, end in quoted):
            return match[0]
        name = " ".join(match["name"].lower().replace("\u2019", "'").split())
        if name in _COMMON and match[0] == match["name"]:
            return match[0]
        known = spellings[name]
        # An "and" might end the clause.
        several = "s" if len(known.numbers) > 1 else ""
        return f"{known.noun}{several} {' & '.join(map(str, known.numbers))}"

    return pattern.sub(numbered, sentence)


def _spelled(name: str) -> str:
    return re.escape(name).replace(r"\ ", r"\s+").replace("'", "['\u2019]")


def _spellings(name: str, others: Iterable[str]) -> set[str]:
    """Return a name and what else it may be called, as far as nothing else is called so."""
    same = {word for group in _SAME if name in group for word in group}
    return {name} | (same - set(others))


def _is_count(found: Sequence[NumberedName]) -> bool:
    """Whether names stand for 1, 2, 3 and so on, each once."""
    numbers = [number for one in found for number in one.numbers]
    names = {one.name for one in found}
    return (
        len(names) == len(found) > 1
        and numbers[0] in {0, 1}
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and len({one.noun for one in found}) == 1
    )


def _singular(noun: str) -> str:
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun
