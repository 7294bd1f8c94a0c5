"""Finds what a sentence asks to be played: a track, an album, whose, a genre, a playlist, a station.

Players take each of these as a text of its own that may be left out. Which one is meant the words around tell: "the album X",
"something by X", "my X playlist", "some X"; what nothing tells is a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.spoken_texts import LITTLE_WORDS, TIME_WORDS
from inference.text import Sentence, canonical_words
from inference.values import spoken_choices
from inference.words import Place

_SORTS: Mapping[str, frozenset[str]] = {
    sort: frozenset(words.split())
    for sort, words in {
        "track": "track song title tune piece",
        "album": "album record",
        "artist": "artist band singer composer musician performer author",
        "genre": "genre style",
        "playlist": "playlist",
        "station": "station",
        "podcast": "podcast",
        "audiobook": "audiobook book",
        "film": "film movie",
        "show": "show series",
        "query": "query search keyword keywords term media content",
    }.items()
}
# What only a player is told.
_TELLING = frozenset("album genre playlist station podcast".split())
_LEAST_SORTS = 2
_NOUNS = {noun: sort for sort, nouns in _SORTS.items() if sort != "query" for noun in nouns}
_ORDER = re.compile(
    r"(?<!\w)(?:play|playing|put on|queue up|queue|start|hear|listen to|listening to|stream|streaming)(?: (?:me|us))? (?=\w)"
)
_END = re.compile(
    r"[.!?]?\s*$|[,;:!?](?=\s)|\.\s"
    r"| (?=(?:and|then|please|at|for|now|again|next|everywhere|quietly|softly|loudly|with|while|until|till|when|tonight"
    r"|(?:on|in|through|to|from|over) (?:the|my|our|all|every|both|shuffle|repeat|loop|spotify|youtube))(?!\w))"
)
_GOES_ON = re.compile(r"[a-z]+ (?:(?:the|my|our|a) )?[A-ZÀ-ÖØ-Þ]")
_DETERMINER = re.compile(
    r"(?:(?:a bit of|a little|a few|a couple of|the|an?|some|my|our|your|his|her|any|more|that|this) )+"
)
_BY = re.compile(r" (?:by|from) (?=\S)")
_CALLED = re.compile(r"(?:called|named|titled) ")
_KIND = re.compile(r"(?P<text>.+) (?:music|songs|tunes|tracks|hits|beats)")
_ANY = re.compile(
    r"(?:(?:some|any|more|a bit of|the) )*(?:something|anything|everything|music|songs?|tracks?|tunes?|stuff|hits|best|albums?)"
)
_GENRES = frozenset(
    """
    jazz rock pop classical blues country folk metal techno house trance hip hop hip-hop rap reggae soul funk punk disco ambient
    electronic electro opera latin salsa samba bossa nova indie swing gospel grunge lofi lo-fi r&b dubstep dance flamenco tango
    baroque schlager bluegrass ska edm chillout instrumental
    """.split()
)
# "The next song", "the same album again": these are no titles.
_NO_TITLES = frozenset(
    """
    it this that these those something anything everything some more music song songs track tracks tune tunes stuff one ones them
    next previous last first same other another current new latest whole rest radio playback playing video playlist album game
    favourite favorite favourites favorites
    """.split()
)
_PLAYLIST = re.compile(r"(?:the|my|our|your|his|her|an?) (?P<text>(?:[\w'\u2019&-]+ ){1,3})playlist(?!\w)")
_ADDED = re.compile(
    r"(?:add|put|save) (?P<text>(?!this|that|it|the)\S[^,;:!?]*?) (?:to|on|onto|in|into) (?:[\w'\u2019&-]+ ){0,4}playlist(?!\w)"
)
_Found = tuple[str, Place]


def played_texts(parameter: Parameter, function: FunctionSignature, sentence: Sentence) -> list[Place]:
    """Return where a sentence says what a parameter of a player takes; none where the function plays nothing."""
    sort = _sort_of(parameter)
    sorts = [each for each in map(_sort_of, function.parameters) if each]
    is_player = len(set(sorts)) >= _LEAST_SORTS and not _TELLING.isdisjoint(sorts)
    if sort is None or not is_player or sorts.count(sort) > 1:
        return []
    return [
        place
        for meant, place in _played(sentence, _choices(function))
        if _nearest(meant, sorts) == sort and place[0] < place[1]
    ]


def _sort_of(parameter: Parameter) -> str | None:
    if parameter.kind is not ParameterKind.STRING or parameter.choices or parameter.format:
        return None
    words = canonical_words(parameter.readable_name).split()
    found = {sort for sort, known in _SORTS.items() if not known.isdisjoint(words)}
    return found.pop() if len(found) == 1 else None


def _nearest(meant: str, sorts: list[str]) -> str | None:
    """Return which of a function's texts takes what is meant: one for anything where it has none of its own."""
    return meant if meant in sorts else "query" if "query" in sorts else None


def _choices(function: FunctionSignature) -> tuple[str, ...]:
    return tuple(
        choice
        for parameter in function.parameters
        if parameter.choices
        for choice in spoken_choices(parameter)
    )


@lru_cache(maxsize=256)
def _played(sentence: Sentence, choices: tuple[str, ...]) -> tuple[_Found, ...]:
    lower = sentence.lower
    found = [("playlist", place) for place in _playlists(lower)]
    if added := _ADDED.search(lower):
        found.append(("track", added.span("text")))
    for order in _ORDER.finditer(lower):
        place = order.end(), _end(sentence, order.end(), choices)
        if not any(_is_within(each, place) for _, each in found):
            found += _parts(sentence, place)
    return tuple(found)


def _playlists(lower: str) -> Iterator[Place]:
    for match in _PLAYLIST.finditer(lower):
        words = match["text"].split()
        if _NO_TITLES.isdisjoint(words) and not _is_little(words):
            yield match.start("text"), match.end("text") - 1


def _end(sentence: Sentence, start: int, choices: tuple[str, ...]) -> int:
    """Return where what is to be played ends: before a place, a time and another order; a title goes on in capitals."""
    lower, is_title = sentence.lower, _is_capital(sentence, start)
    named = "|".join(map(re.escape, sorted(choices, key=len, reverse=True))) or "(?!)"
    place = re.compile(rf" (?:on|in|at|to|from|through)(?: (?:the|my|our))? (?:{named})(?!\w)")
    ends = [match.start() for match in place.finditer(lower, start)]
    for match in _END.finditer(lower, start):
        goes_on = match[0] == " " and _GOES_ON.match(sentence.text, match.end()) is not None
        if not (goes_on and is_title):
            ends.append(match.start())
            break
    return min(ends)


def _parts(sentence: Sentence, place: Place) -> Iterator[_Found]:
    """Take apart what is to be played: "the song X by Y"."""
    lower = sentence.lower
    start, end = place
    if by := _BY.search(lower, start, end):
        yield "artist", (by.end(), end)
        end = by.start()
    if _ANY.fullmatch(lower, start, end):
        return
    determiner = _DETERMINER.match(lower, start, end)
    is_some = determiner is not None and determiner[0].split()[0] in {"some", "a", "more"}
    begin = determiner.end() if determiner else start
    words = lower[begin:end].split()
    if not words or (words[0] in _NO_TITLES and words[0] not in _NOUNS):
        return
    if words[0] in _NOUNS and len(words) > 1:
        begin += len(words[0]) + 1
        called = _CALLED.match(lower, begin, end)
        yield _NOUNS[words[0]], (called.end() if called else begin, end)
    elif words[-1] in _NOUNS and len(words) > 1 and determiner is not None:
        yield _NOUNS[words[-1]], (begin, end - len(words[-1]) - 1)
    elif kind := _KIND.fullmatch(lower, begin, end):
        yield _kind(sentence, kind.start("text")), kind.span("text")
    elif _GENRES.issuperset(words) or (is_some and len(words) <= 3):  # noqa: PLR2004 - a name has not more
        yield _kind(sentence, begin), (begin, end)
    elif not _is_little(words) and _NO_TITLES.isdisjoint(words[-1:]):
        yield "track", (start if determiner and _is_capital(sentence, start) else begin, end)


def _kind(sentence: Sentence, start: int) -> str:
    """Tell "some jazz" from "some Mozart"."""
    word = sentence.lower[start:].split(" ", 1)[0].strip(".,!?")
    return "artist" if _is_capital(sentence, start) and word not in _GENRES else "genre"


def _is_capital(sentence: Sentence, start: int) -> bool:
    return sentence.text[start : start + 1].isupper()


def _is_little(words: list[str]) -> bool:
    return all(word in LITTLE_WORDS or word in TIME_WORDS or word[:1].isdigit() for word in words)


def _is_within(inner: Place, outer: Place) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
