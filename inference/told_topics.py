"""Finds what is searched for ("mails about the lease"), what is to be translated, and words that a description itself gives.

These are texts that a reader cuts short or passes over: a question holds them as plain words, with nothing that sets them off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, canonical_words
from inference.words import Place

_QUERY = frozenset("query keyword keywords topic search term terms phrase".split())
_ARTICLE = r"(?:(?:the|a|an|my|our|any|some) )?"
_END = (
    r"(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:and (?:then|read|tell|show|send|find|open|put|play|set)|then|please|from|since|this|last"
    r"|within|today|yesterday|tonight|in (?:the (?:last|past)|under|less|at most|\d)|in my|on my"
    r"|of (?:the|this) (?:last|past|week)|for \d)\b)"
)
_TOPIC = re.compile(rf"(?<!\w)(?:about|regarding|concerning) {_ARTICLE}(?P<text>[^,;:!?]+?){_END}")
_INGREDIENTS = re.compile(
    r"(?<!\w)(?:cook|make|do|bake|prepare|recipes?|dish(?:es)?|meals?|something|anything) (?:with|from|using|for) "
    rf"{_ARTICLE}(?P<text>[^,;:!?]+?){_END}"
)
_NO_TOPIC = frozenset("it that this them these those me you us how what where when who why".split())
_TRANSLATING = re.compile(r"translat|languages?\b|interpret")
_LANGUAGE = (
    r"(?:english|german|french|spanish|italian|portuguese|dutch|danish|swedish|norwegian|finnish|polish|czech|hungarian|romanian"
    r"|greek|turkish|russian|ukrainian|croatian|arabic|hebrew|hindi|chinese|mandarin|japanese|korean|thai|vietnamese)"
)
_TRANSLATED = re.compile(
    r"(?:(?<!\w)(?:how (?:do|would|can|could|should) (?:i|you|we|people|they) say|translate|what(?:'s| is| does)|say|tell me)"
    r" (?:me )?(?:the (?:word|words|phrase|sentence) )?|^)"
    rf"(?P<text>(?!how |what|translate |say |please )[^;:]+?),? (?:in(?:to)?|to) {_LANGUAGE}(?!\w)"
)
_ASKED = re.compile(
    r"(?<!\w)(?:how (?:do|would|can|could|should) (?:i|you|we|people|they) say|translate)(?!\w)"
)
_MARKS = "\"'“”\u2018\u2019"
_GIVEN = re.compile(r"(?:^|(?<=[\s(]))[\"“\u2018'`]([a-z]+)[\"”\u2019'`](?!\w)")
_NOT_TO_BE_SAID = re.compile(r"\b(?:without|not|never|no|except|omit|leave out|instead of|than)\b[^.;]*$")


def told_topics(parameter: Parameter, function: FunctionSignature, sentence: Sentence) -> list[Place]:
    """Return where a sentence says what is searched for or translated; none where a parameter takes something else."""
    if parameter.kind is not ParameterKind.STRING or parameter.choices or parameter.format or parameter.many:
        return []
    words = canonical_words(parameter.readable_name).split()
    if not _QUERY.isdisjoint(words):
        return list(_topics(parameter, sentence.lower))
    if _is_translated(parameter, function):
        return [
            _within_marks(sentence.lower, *match.span("text"))
            for match in _TRANSLATED.finditer(sentence.lower)
        ]
    return _given(parameter, sentence.lower)


def asks_to_translate(lower: str) -> bool:
    """Whether a text asks how something is said in another language."""
    return _ASKED.search(lower) is not None and _TRANSLATED.search(lower) is not None


def translates(function: FunctionSignature) -> bool:
    """Whether a function translates a text that it is given."""
    return any(_is_translated(parameter, function) for parameter in function.parameters)


def _is_translated(parameter: Parameter, function: FunctionSignature) -> bool:
    about = f"{canonical_words(function.readable_name)} {function.description}".lower()
    words = canonical_words(parameter.readable_name).split()
    return words[-1:] in (["text"], ["phrase"], ["sentence"]) and _TRANSLATING.search(about) is not None


def _topics(parameter: Parameter, lower: str) -> Iterator[Place]:
    patterns = [_TOPIC]
    if re.search(r"\b(?:ingredients?|dish|dishes|recipes?)\b", parameter.description.lower()):
        patterns.append(_INGREDIENTS)
    for pattern in patterns:
        for match in pattern.finditer(lower):
            if match["text"].split()[0] not in _NO_TOPIC:
                yield match.span("text")


def _within_marks(lower: str, start: int, end: int) -> Place:
    while start < end and lower[start] in _MARKS:
        start += 1
    while start < end and lower[end - 1] in _MARKS:
        end -= 1
    return start, end


def _given(parameter: Parameter, lower: str) -> list[Place]:
    """Return where a word stands that the description gives in quotation marks as one that may be said: "me" for the speaker."""
    if parameter.pattern is not None:
        return []
    words = [
        match[1]
        for match in _GIVEN.finditer(parameter.description)
        if not _NOT_TO_BE_SAID.search(parameter.description, 0, match.start())
    ]
    return [found.span() for word in words for found in re.finditer(rf"(?<!\w){word}(?!\w)", lower)]
