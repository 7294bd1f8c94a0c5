"""Finds messages and whom they are for: "tell Joanna dinner's at seven", "answer Olga's mail with sorry, I'm ill".

A message may hold commas and an "and" of its own. It goes on for as long as somebody says how things are, and ends where the next
order begins; what stands behind a colon goes on to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from inference.goal_clauses import is_statement
from inference.text import Sentence
from inference.words import Place, clause_places, quoted_places

_NOTE = r"(?:text|message|note|mail|e-?mail|sms|line)"
# What may follow without "that": people tell somebody something, but write to somebody and then say what.
_TELLING = re.compile(r"(?<!\w)(?:tell|inform|notify|warn|let) ")
_WRITING = re.compile(
    rf"(?<!\w)(?:text|message|ping|mail|e-?mail|sms|whatsapp|dm|write(?: to)?|reply to|respond to|answer|send"
    rf"|(?:send|write|drop)(?: an?)? {_NOTE} to) "
)
_BEHIND_PERSON = re.compile(
    rf"(?:['\u2019]s?(?: (?:last|latest|newest|most recent|new))? {_NOTE}| an? {_NOTE}|(?P<know> know)| back)?"
    r"(?P<joint>:|,? (?:that|saying|to say|with)(?![\w'\u2019])|,(?: and)? (?:say|write|saying)(?: that|:)?)? (?=\w)"
)
_NO_MESSAGE = re.compile(
    r"(?:to|about|how|what|where|when|if|whether|which|who|why|an?|at|on|in|for|via|by|of|with|and|or|please|now|later|again)\b"
)
_NOTED = re.compile(
    r"(?<!\w)(?:(?:jot|note|write|put|take)(?: (?:this|it))? down(?: that|:|,)|(?:note|remember)(?: to self)?(?: that|:)"
    r"|(?:make|take|leave|add|save|write)(?: me)? (?:an?|another) (?:quick |new |short )?(?:note|memo)"
    r"(?: (?:that|saying)|:|,)) (?=\w)"
)
_ANNOUNCED = re.compile(
    r"(?<!\w)(?:write|say|saying|says|body|text|message|note|memo|reply|answer|announce|read)s?: (?=\w)"
)
_SHOWN = re.compile(
    r"(?<!\w)(?:(?:show|display|put up|post|write|flash|scroll|announce)"
    r"(?: (?:the )?(?:passengers|guests|riders|visitors|people|everyone))?"
    r"|let (?:the )?\w+ read|(?:sign|notice|message|text|words) (?:saying|that says|reading)|saying)"
    r" (?=\w)(?![\w'\u2019]+ (?:an?|about|back|that|to)\b)"
)
_SHOWN_END = re.compile(
    r"[.!?]?\s*$|,(?=\s)|;|(?<=!)(?= )|[.?](?=\s)|"
    r"(?= (?:till|until|for \d|inside|outside|(?:in|on|at) (?:the|my|our|every|all|\d))\b)"
)
_SUBJECT = re.compile(
    r"(?<!\w)(?:with (?:the )?)?subject(?: line)?(?: is|:)? (?P<text>(?!line\b)[^,;:!?]+?)"
    r"(?=[.!?]?\s*$|[,;:!?]| and (?:write|say|tell|the (?:body|text|message)|body|text|message)\b| (?:saying|with the)\b)"
)
_GOES_ON = re.compile(
    r"(?:(?:but|so|because|and|or) )*(?:i|we|he|she|they|it|there|that|this|you|who|which|no|not|can|can't|cannot|won't|will"
    r"|don't|didn't|doesn't|haven't|hasn't|couldn't|would|should|sorry|see|love|thanks|hope)(?:['\u2019]\w+)?(?!\w)"
)
_NOBODY = frozenset(
    "me us you it myself how what where when if whether to about the a an that this my your the robot".split()
)
_PRONOUNS = frozenset("them him her everyone everybody people guests folks somebody someone".split())
_NO_NAME = frozenset("i i'm i'd i'll i've monday tuesday wednesday thursday friday saturday sunday".split())
_JOINT = re.compile(r"(?:,? and |, | & )")
_WORD = re.compile(r"[^\W\d_][\w\u2019-]*(?:'(?!s\b)\w+)?")
# "Text mum and dad that …", as somebody writes it who uses no capitals.
_BEFORE_MESSAGE = re.compile(r"[a-z]+(?:,? (?:that|saying)\b|:|, (?:subject|and write|and say)\b)")
_LAST_WORDS = re.compile(r"(?:,? (?:please|thanks|thank you))?[\s.?!]*$")


@dataclass(frozen=True, slots=True)
class _Said:
    people: tuple[Place, ...]
    text: Place | None
    order: Place | None = None


def told_messages(sentence: Sentence) -> list[Place]:
    """Return where messages stand that somebody is to be told, or that are to be noted or shown."""
    return list(dict.fromkeys(each.text for each in _said(sentence) if each.text is not None))


def told_recipients(sentence: Sentence) -> list[Place]:
    """Return where those stand who are to be told something."""
    return [place for each in _said(sentence) for place in each.people]


def told_subjects(sentence: Sentence) -> list[Place]:
    """Return where a sentence says what a message is about: "subject keys"."""
    return [match.span("text") for match in _SUBJECT.finditer(sentence.lower)]


def message_orders(sentence: Sentence) -> list[tuple[Place, bool]]:
    """Return where a sentence asks for a message to be sent or a note to be taken, and whether it is for somebody."""
    return [(each.order, bool(each.people)) for each in _said(sentence) if each.order is not None]


@lru_cache(maxsize=256)
def _said(sentence: Sentence) -> tuple[_Said, ...]:
    lower = sentence.lower
    found = [*_spoken(sentence, _TELLING, is_telling=True), *_spoken(sentence, _WRITING, is_telling=False)]
    for match in _NOTED.finditer(lower):
        is_announced = match[0].endswith(": ")
        text = _until_end(lower, match.end()) if is_announced else _message(lower, match.end())
        found.append(_Said((), text, (match.start(), text[1])))
    found += [_Said((), _until_end(lower, match.end())) for match in _ANNOUNCED.finditer(lower)]
    if any(each.text for each in found):
        return tuple(found)
    for match in _SHOWN.finditer(lower):
        start = match.end()
        # Only capitals tell "show Wet floor" from "show the weather".
        if sentence.text[start].isupper() and (end := _SHOWN_END.search(lower, start)):
            found.append(_Said((), (start, end.start())))
    return tuple(found)


def _spoken(sentence: Sentence, verb: re.Pattern[str], *, is_telling: bool) -> Iterator[_Said]:
    """Find "tell Ann …"; beside a verb of writing somebody must say that a message begins, or say how things are."""
    lower = sentence.lower
    for match in verb.finditer(lower):
        people = _people(sentence, match.end())
        if not people or _is_quoted(lower, match.start()):
            continue
        behind = _BEHIND_PERSON.match(lower, people[-1][1])
        if behind is None:
            if not is_telling and lower.startswith(",", people[-1][1]):
                yield _Said(people, None)
            continue
        start, joint = behind.end(), behind["joint"]
        text = _until_end(lower, start) if joint == ":" else _message(lower, start)
        words = lower[slice(*text)]
        is_let = match[0] == "let "
        is_said = " " in words and is_let == bool(behind["know"]) if is_telling else is_statement(words)
        if joint or (is_said and not _NO_MESSAGE.match(lower, start)):
            yield _Said(people, text, (match.start(), text[1]))


def _people(sentence: Sentence, start: int) -> tuple[Place, ...]:
    """Return who is spoken to, one or several; none where nobody is."""
    lower, people = sentence.lower, list[Place]()
    while word := _WORD.match(lower, start):
        end = word.end()
        if word[0] in {"my", "our", "the"} and (noun := re.compile(r" [a-z]+").match(lower, end)):
            start, end = (start if word[0] != "the" else end + 1), noun.end()
        elif word[0] in _NOBODY:
            break
        elif word[0] not in _PRONOUNS and _is_capital(sentence, start):
            other = _WORD.match(lower, end + 1) if lower[end : end + 1] == " " else None
            if other and _is_capital(sentence, other.start()) and other[0] not in _NO_NAME:
                end = other.end()
        people.append((start, end))
        joint = _JOINT.match(lower, end)
        if joint is None or not (
            _is_capital(sentence, joint.end()) or _BEFORE_MESSAGE.match(lower, joint.end())
        ):
            break
        start = joint.end()
    return tuple(people)


def _is_capital(sentence: Sentence, start: int) -> bool:
    word = _WORD.match(sentence.lower, start)
    return sentence.text[start : start + 1].isupper() and word is not None and word[0] not in _NO_NAME


def _message(lower: str, start: int) -> Place:
    """Return a message that begins somewhere: to where the next order begins."""
    clauses = [place for place in clause_places(lower) if place[1] > start]
    end = clauses[0][1] if clauses else len(lower)
    for first, last in clauses[1:]:
        if not (is_statement(lower[first:last]) or _GOES_ON.match(lower, first)):
            break
        end = last
    else:
        # Little words such as "I can" are no clause of their own.
        end = len(lower)
    return start, max(start, _without_thanks(lower, start, end))


def _until_end(lower: str, start: int) -> Place:
    return start, _without_thanks(lower, start, len(lower))


def _without_thanks(lower: str, start: int, end: int) -> int:
    found = _LAST_WORDS.search(lower, start, end)
    return end if found is None else found.start()


def _is_quoted(lower: str, start: int) -> bool:
    return any(left < start < right for left, right in quoted_places(lower))
