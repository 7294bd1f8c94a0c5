"""Finds what is put on a list, or taken off it, and which list that is: "add tent pegs to camping", "cross it off my errands".

Both are texts of one sentence, so that a reader easily takes the one for the other. The words between them tell: what stands
before "on", "to" or "off" are the entries, and behind it stands the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.spoken_texts import LITTLE_WORDS, TIME_WORDS
from inference.text import Sentence, canonical_words
from inference.words import Place

_ENTRIES = frozenset(
    "item items entry entries thing things product products ingredient ingredients article articles grocery groceries".split()
)
_LIST = frozenset({"list", "checklist"})
_DETERMINER = r"(?:the|my|our|your|his|her|their)"
_PUTTING = r"(?:add|put|write|jot|stick|note|pop|place|include|append|chuck|throw|save|get|enter)(?: down)?"
_TAKING = (
    r"(?:take|remove|delete|cross|strike|scratch|tick|check|drop|get|wipe|clear|pull)(?: (?:off|out|down))?"
)
_ON = r"(?:on to|onto|into|down on|on|to|in)"
_OFF = r"(?:off of|out of|off|from|on)"
_NAME = r"(?P<list>[\w'\u2019&-]+(?: [\w'\u2019&-]+){0,2}?)"
_END = r"(?: (?:check)?list)?(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:and|then|please|too|as well|for|with)\b)"
_MOVED = {
    is_put: re.compile(rf"(?<!\w){verb} (?P<entries>[^;:!?]+?) {way} (?:{_DETERMINER} )?{_NAME}{_END}")
    for is_put, verb, way in ((True, _PUTTING, _ON), (False, _TAKING, _OFF))
}
_PUTS = frozenset("add adds put puts enter enters append appends insert inserts include includes".split())
_TAKES = frozenset(
    """
    remove removes delete deletes take takes off tick ticks ticked check checks cross crosses strike strikes drop drops done
    """.split()
)
_ADDED = re.compile(
    r"(?<!\w)(?:add|pack) (?P<entries>[^;:!?]+?)"
    r"(?=,? please\b|[.!?]?\s*$|[;:!?]|\.\s| (?:on|to|in|into|for|from|onto|off)\b)"
)
_MADE = re.compile(
    rf"(?<!\w)(?:an?|another|new) (?:(?:new|empty|blank) )?(?:check)?list (?:(?:called|named|titled) )?"
    rf"(?!(?:for|of|with|to|on|in|and)\b){_NAME}{_END}"
)
_WANTED = re.compile(
    r"(?<!\w)(?:(?:run|running|ran) (?:out of|low on|short of)|(?:all )?out of|(?:still )?need(?: (?:some|more))?|bought|got"
    r"|packed|there(?:'s| is) no(?: more)?|short of|no more) (?P<entries>[^;:!?]+?)"
    r"(?: (?:after all|any ?more|now|today|either|already|again|left|yet|too))*$"
)
_IT = frozenset("it them that those these this both one some everything all".split())
_JOINT = re.compile(r"(?:,? and |, | & |,? plus )")
_ARTICLES = re.compile(r"(?:(?:the|a|an|some|any|more|my|our|also) )+")
_MEASURES = frozenset("quantity amount measure unit units count size packaging number".split())
_MEASURE = re.compile(r"[a-z]+ of (?=\w)")
_LONGEST_ENTRY = 4
_MEANT_BEFORE = re.compile(r"(?:,| and|[.;:]| so| then|,? you can|,? please|,? can you|\s)+$")


def list_entries(parameter: Parameter, function: FunctionSignature, sentence: Sentence) -> list[Place]:
    """Return where a sentence says what a parameter takes: a list where it is one's name, else what goes on it."""
    is_list, is_entry = names_list(parameter, function), _takes_entries(parameter)
    if is_list == is_entry or parameter.kind is not ParameterKind.STRING or parameter.choices:
        return []
    others = [other for other in function.parameters if other is not parameter]
    ways = _ways(function)
    moved = [each for each in _moved(sentence.lower) if each.is_put in ways]
    if is_list:
        made = [] if any(map(_takes_entries, others)) else _made(sentence.lower)
        return list(dict.fromkeys(made or [each.list for each in moved if each.list is not None]))
    has_list = any(names_list(other, function) for other in others)
    entries = [place for each in moved for place in each.entries]
    if not entries and not has_list and True in ways:
        entries = [place for match in _ADDED.finditer(sentence.lower) for place in _apart(match)]
    if any(not _MEASURES.isdisjoint(canonical_words(other.readable_name).split()) for other in others):
        entries = [_unmeasured(sentence.lower, *place) for place in entries]
    return list(dict.fromkeys(entries))


def names_list(parameter: Parameter, function: FunctionSignature) -> bool:
    """Whether a parameter is the name of a list: it is called `list`, or `name` by a function that is about lists."""
    words = canonical_words(parameter.readable_name).split()
    about = re.findall(r"[a-z]+", parameter.description.lower())[:8]
    is_name = bool(words) and words[-1] in {"name", "title"}
    is_about_list = not _LIST.isdisjoint((*about, *canonical_words(function.readable_name).split()[-1:]))
    return not parameter.many and (not _LIST.isdisjoint(words) or (is_name and is_about_list))


def _takes_entries(parameter: Parameter) -> bool:
    return not _ENTRIES.isdisjoint(canonical_words(parameter.readable_name).split()[-1:])


def _unmeasured(lower: str, start: int, end: int) -> Place:
    """Leave it to another parameter how much of something there is to be: of "pack of coffee" the entry is coffee."""
    measure = _MEASURE.match(lower, start, end)
    return (measure.end() if measure else start), end


def _ways(function: FunctionSignature) -> set[bool]:
    """Tell whether a function puts something on a list (True) or takes it off (False); both where nothing tells."""
    words = re.findall(r"[a-z]+", f"{canonical_words(function.readable_name)} {function.description}".lower())
    ways = {is_put for is_put, known in ((True, _PUTS), (False, _TAKES)) if not known.isdisjoint(words)}
    return ways or {True, False}


@dataclass(frozen=True, slots=True)
class _Moved:
    is_put: bool
    list: Place | None
    entries: tuple[Place, ...]


@lru_cache(maxsize=256)
def _moved(lower: str) -> tuple[_Moved, ...]:
    """Find what is put on lists or taken off them; a list that is only "it" is the one that was spoken of before."""
    matches = sorted(
        (
            (match.start(), is_put, match)
            for is_put, pattern in _MOVED.items()
            for match in pattern.finditer(lower)
        ),
        key=lambda one: one[0],
    )
    known: Place | None = next(iter(_made(lower)), None)
    found = list[_Moved]()
    for _, is_put, match in matches:
        named = match["list"].split()
        if named in (["it"], ["that"], ["this"], ["there"]):
            place = known
        else:
            place = match.span("list") if _is_name(named) else None
            known = place or known
        is_meant = _IT.issuperset(match["entries"].split())
        entries = _wanted(lower, match.start()) if is_meant else _apart(match)
        found.append(_Moved(is_put, place, tuple(entries)))
    return tuple(found)


def _made(lower: str) -> list[Place]:
    return [match.span("list") for match in _MADE.finditer(lower) if _is_name(match["list"].split())]


def _wanted(lower: str, end: int) -> list[Place]:
    """Return what "them" are in "we are out of milk and eggs, put them on my list"."""
    before = _MEANT_BEFORE.search(lower, 0, end)
    match = _WANTED.search(lower, 0, before.start() if before else end)
    return [] if match is None else list(_apart(match))


def _apart(match: re.Match[str]) -> Iterator[Place]:
    """Take entries apart at commas and "and", each without its article; none where one of them is no name of a thing."""
    lower, (start, end) = match.string, match.span("entries")
    places = list[Place]()
    marks = [joint.span() for joint in _JOINT.finditer(lower, start, end)]
    for begin, last in zip(
        [start, *(mark[1] for mark in marks)], [*(mark[0] for mark in marks), end], strict=True
    ):
        article = _ARTICLES.match(lower, begin, last)
        first = article.end() if article else begin
        words = lower[first:last].split()
        if not words or len(words) > _LONGEST_ENTRY or not _is_name(words):
            return
        places.append((first, last))
    yield from places


def _is_name(words: list[str]) -> bool:
    """Whether words can be what something is called: no number, and not only little words."""
    return not any(word[:1].isdigit() for word in words) and not all(
        word in LITTLE_WORDS or word in TIME_WORDS or word in _LIST for word in words
    )
