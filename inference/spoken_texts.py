"""Weighs which words of a sentence are a name or text: whole quotations and names, what is announced as one, no times.

A reader points at the first and the last word; where exactly a name begins and ends is told by quotation marks, capitals, and by
words such as "call it".
"""

from __future__ import annotations

import re
from functools import lru_cache

from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.units import UNIT_BY_WORD
from inference.words import Place, quoted_places

# Logarithms of how much less or more likely a text becomes.
_CUT_QUOTATION, _CUT_NAME, _KIND, _NO_TEXT, _NO_OPTIONAL_TEXT = -6.0, -6.0, -4.0, -2.0, -5.0
_CALLED, _CALLED_NAME, _COUNT = 2.0, 4.0, -1.5
_NAMES = frozenset("name label title tag alias caption nickname".split())
_IDENTIFIERS = frozenset("id ids code number no nr ref reference key uid tag sku serial slot address".split())
# What a label may be called before it is said: "badge 9C3E", "tag 55A".
_KINDS = frozenset(
    "badge card tag label ticket token pass order job parcel pallet tote article item product part slot number code no id".split()
)
TIME_WORDS = frozenset(
    """
    today tomorrow tonight yesterday morning mornings afternoon afternoons evening evenings night nights noon midnight now
    later soon daily weekly weekday weekdays weekend weekends monday tuesday wednesday thursday friday saturday sunday mondays
    tuesdays wednesdays thursdays fridays saturdays sundays am pm o'clock past quarter half
    """.split()
)
LITTLE_WORDS = frozenset(
    """
    a an the this that these those it its at on in to from by for of or and every each next last until till through about
    me you us we they them he she him her i my mine your yours our ours his hers their theirs one ones please now too also
    """.split()
)
# "4 Okafors" are four people of that name.
_COUNTED = re.compile(r"\d+ [^\W\d]")
_SEVERAL = re.compile(r",| (?:and|or|but) ")
_DIGITS = re.compile(r"-?\d+(?:[.:,]\d+)*%?")
_CALLING = re.compile(
    r"(?<!\w)(?:(?:call|name|label|title|tag|caption)(?:led)? (?:it|this|that|them|him|her|the [a-z]+)(?: as)?"
    r"|(?:keep|save|store|remember|file|put|record|film|enter|log)"
    r" (?:it|this|that|them|these|those|(?:the|this) [a-z]+) (?:down )?(?:as|under)"
    r"|(?:(?<=, )|(?<=and )|(?<=with )|(?<=with the ))(?:title|caption|file name)(?! (?:it|this|that|them|the|as|of|is)\b)"
    r"|(?:named|called|titled|labelled|labeled|captioned|entitled|under the name(?: of)?|by the name of|with the name)"
    r"|(?:greet|address|announce) (?:it|them|him|her) as) (?:the name )?"
)
_TEXT_END = re.compile(r"[.!?]?\s*$|[,;:!?](?=\s)|\.(?=\s)| (?=(?:and|then|please|but|so that)\b)")
_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|[\"“'(\u2018])$")
_WORKS = frozenset(
    "title show song track album film movie podcast book audiobook series game event play band artist".split()
)
_KINDS_BEHIND = frozenset(
    """
    table booking reservation appointment ticket tickets playlist list folder share mail mails email emails message messages
    alarm timer reminder podcast station
    """.split()
)
# Letters in capitals, digits, and either again.
_CODE_IN_GROUPS = re.compile(
    r"(?<![\w.-])(?:[A-Z]{1,3} \d{1,4}|[A-Z]{1,2}\d{1,3}|\d{1,4} [A-Z]{1,3}|[A-Z]{2,3})"
    r"(?: (?:[A-Z]{2,3}|\d{2,4}|[A-Z]\d{1,3}))+(?![\w.:-])"
)
_ARTICLES = frozenset({"the", "a", "an", "my", "our", "your"})


def text_gain(parameter: Parameter, words: str, sentence: Sentence) -> float:
    """Return how much likelier words of a sentence are as the value of a parameter that takes any text."""
    places = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", sentence.lower)]
    if not places:
        return 0.0
    gain = max(_whole(sentence, place) for place in places)
    if _is_kind_with_label(parameter, words):
        gain += _KIND
    if _is_no_text(parameter, words):
        gain += _NO_TEXT if parameter.required else _NO_OPTIONAL_TEXT
    if not called_places(sentence.lower).isdisjoint(places):
        gain += _CALLED_NAME if canonical_words(parameter.readable_name).split()[-1] in _NAMES else _CALLED
    if _WORKS.intersection(canonical_words(parameter.readable_name).split()) and not parameter.many:
        gain += _CUT_NAME * min(_cuts_title(sentence.text, place) for place in places)
    if _COUNTED.match(words):
        gain += _COUNT
    if _is_given_as(parameter, words, sentence.lower):
        gain += _CALLED_NAME
    return gain


def has_kind(words: str, sentence: Sentence) -> bool:
    """Whether words are a name with what it is behind it: of "my Bao Garden table" the name is Bao Garden."""
    name, _, kind = sentence.original(words).rpartition(" ")
    return kind in _KINDS_BEHIND and name.rpartition(" ")[2][:1].isupper()


def has_article(words: str, sentence: Sentence) -> bool:
    """Whether words are a name with an article before it: of "at the Canteen" the name is Canteen."""
    article, _, name = sentence.original(words).partition(" ")
    return article in _ARTICLES and name[:1].isupper()


def is_set_off(words: str, sentence: Sentence) -> bool:
    """Whether words are all that stands between quotation marks, or behind a colon: what somebody else is to read."""
    return words in _set_off(sentence.lower)


@lru_cache(maxsize=64)
def _set_off(lower: str) -> frozenset[str]:
    quoted = [lower[start + 1 : end - 1] for start, end in quoted_places(lower)]
    _, _, announced = lower.partition(": ")
    return frozenset(text.strip(" .,!?;\"'") for text in (*quoted, announced) if text.strip())


def _whole(sentence: Sentence, place: Place) -> float:
    """Return what words lose by being cut out of a quotation or name."""
    if _cuts_quotation(sentence.lower, place):
        return _CUT_QUOTATION
    return _CUT_NAME if _cuts_name(sentence.text, place) or _cuts_code(sentence.text, place) else 0.0


def _cuts_quotation(lower: str, place: Place) -> bool:
    """Whether words are a part of a quotation, or reach into one."""
    start, end = place
    return any(
        first < end and start < last and not (start <= first + 1 and last - 1 <= end)
        for first, last in quoted_places(lower)
    )


def _cuts_name(text: str, place: Place) -> bool:
    """Whether words are one end of a name of several words with capitals: "Night" of "Date Night"."""
    start, end = place
    said = text[start:end]
    if not _CAPITALISED.match(said):
        return False
    before = re.search(r"(?<!\S)(\S+) $", text[:start])
    if (
        before
        and _is_name(before[1])
        and before[1][-1].isalnum()
        and not _SENTENCE_START.search(text[: before.start(1)])
    ):
        return True
    last = said.rpartition(" ")[2]
    behind = re.match(r" (\S+)", text[end:])
    is_first = _SENTENCE_START.search(text[:start]) is not None
    return behind is not None and _is_name(last) and _is_name(behind[1]) and not is_first


def _cuts_title(text: str, place: Place) -> bool:
    """Whether words are one half of a title with an "and": "Soil" of "Soil and Stars"."""
    start, end = place
    if not _CAPITALISED.match(text[start:end]):
        return False
    behind = re.match(r" (?:and|&)(?: the)? [A-ZÀ-ÖØ-Þ]", text[end:])
    before = re.search(r"(?<![\w'])[A-ZÀ-ÖØ-Þ][\w'\u2019-]+ (?:and|&)(?: the)? $", text[:start])
    return behind is not None or (before is not None and not _SENTENCE_START.search(text[: before.start()]))


def _cuts_code(text: str, place: Place) -> bool:
    """Whether words are a part of a code of letters and digits that is said in groups: "BX 19" of "BX 19 LMT"."""
    start, end = place
    return any(
        match.start() <= start and end <= match.end() and match.span() != place
        for match in _CODE_IN_GROUPS.finditer(text)
    )


def _is_name(word: str) -> bool:
    return _CAPITALISED.match(word) is not None and word not in {"I", "I'm", "I'd", "I'll"}


def _is_kind_with_label(parameter: Parameter, words: str) -> bool:
    """Whether words are what a thing is and its label: "badge 9C3E" for a card's id, "article 311" for an article."""
    *kinds, label = words.split()
    if not kinds or not re.search(r"\d", label):
        return False
    names = canonical_words(parameter.readable_name).split()
    known = {*names, *(name.removesuffix("s") for name in names)}
    if not known.isdisjoint(_IDENTIFIERS):
        known |= _KINDS
    return all(kind in known or kind in LITTLE_WORDS for kind in kinds)


def _is_no_text(parameter: Parameter, words: str) -> bool:
    """Whether words are but a time, an amount or what stands for something else: "tomorrow morning", "2 hours", "mine".

    A text that is needed may well be "Night".
    """
    telling = [word for word in words.split() if word not in LITTLE_WORDS]
    numbers = [word for word in telling if _DIGITS.fullmatch(word)]
    if len(telling) == 1 and numbers and telling == words.split():
        # A number may be a code.
        names = canonical_words(parameter.readable_name).split()
        return not parameter.required and parameter.pattern is None and _IDENTIFIERS.isdisjoint(names)
    is_time = any(word in TIME_WORDS for word in telling) and not parameter.required
    return not telling or (
        bool(numbers or is_time)
        and all(word in TIME_WORDS or word in UNIT_BY_WORD or word in numbers for word in telling)
    )


@lru_cache(maxsize=64)
def called_places(lower: str) -> frozenset[Place]:
    """Return where a sentence says what something is to be called: "call it school run"."""
    found = set[Place]()
    for match in _CALLING.finditer(lower):
        start = match.end()
        marked = next((place for place in quoted_places(lower) if place[0] == start), None)
        if marked is not None:
            found.add((marked[0] + 1, marked[1] - 1))
        elif end := _TEXT_END.search(lower, start):
            found.add((start, end.start()))
    return frozenset(found)


def _is_given_as(parameter: Parameter, words: str, lower: str) -> bool:
    """Whether words are said to be what a parameter is: "note torrenting as the reason", "reason: torrenting"."""
    name = canonical_words(parameter.readable_name).rpartition(" ")[2]
    if not name or name not in lower or _SEVERAL.search(words):
        return False
    name, said = re.escape(name), re.escape(words)
    return bool(
        re.search(
            rf"(?<!\w){said} (?:as|for|is|being) (?:the|a|an|its|my|their) (?:\w+ )?{name}(?!\w)"
            rf"|(?<!\w){name}(?: is| being|:| =|=) ?[\"“']?{said}(?=[\"”',.;!?]|$| (?:and|then|please)\b)",
            lower,
        )
    )
