"""Finds what a message asks of the records beside what is to be done: "bring T7 to station 2 and tell me which robots are free".

A goal of several steps stays whole: a message is cut only where a question begins or ends that the reader of messages is sure
of, and never between two things to do. What is cut off is put back by `rest` where nothing on record answers it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from coordinator.dialogue.acts import Act, Reading
from inference.words import quoted_places, split_words

_JOINT = re.compile(
    r"(?P<end>[.?!;]+\s+(?:(?:and|but|also|so)\s+)?)|\s*,?\s+(?:and|but|plus)\s+(?:also\s+|then\s+|please\s+)*|\s*,\s+(?:also|please)\s+",
    re.IGNORECASE,
)
_TELL = (
    r"(?:(?:please|also|then|just|kindly)\s+)*(?:(?:(?:can|could|would|will) you\s+(?:please\s+)?)?"
    r"(?:(?:tell|show|inform)\s+(?:me|us)|let\s+(?:me|us)\s+know|say)|"
    r"(?:i|we)(?:'d| would| want| need)?(?: like)?(?: to)? know)\s+(?:about\s+)?"
)
_ASKS = r"(?:what|which|who|whom|whose|where|when|why|how)(?:'s|\b)"
# "Are the robots …" has its subject; "… and are charged" goes on with another one's.
_SUBJECT = r"(?:the|a|an|any|all|my|our|your|some|every|each|both|you|it|they|there|we|i|he|she|anyone|anybody|[a-z]+[ -]?\d+)\b"
_INVERTED = rf"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\s+{_SUBJECT}"
_QUESTION = re.compile(rf"\W*(?:{_TELL}(?:{_ASKS}|(?:if|whether)\b)|{_ASKS}|{_INVERTED})", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|them|their|they|(?<!are )(?<!is )there(?! (?:is|are)\b)|that|this|those|these|he|she|him|her|his|ones?|"
    r"results?|outcome|how (?:many|much) (?:there|of|are|is))\b",
    re.IGNORECASE,
)
# With a condition or a time the whole message belongs together.
_BOUND = re.compile(
    r"\b(?:if|unless|whenever|until|while|once|before|after|as soon as|otherwise|every|in case)\b|^\W*when\b",
    re.IGNORECASE,
)
# "Where are robot 1 and the drone", "who is free and has a full battery": no order begins so.
_NO_ORDER = re.compile(
    r"\W*(?:a|an|the|some|any|no|all|both|each|my|our|your|its|their|this|that|these|those|\d+\w*|[a-z]{1,2}-?\d+|to|into|in|on|at|"
    r"of|from|for|with|without|by|near|between|under|over|as|so|too|not|is|are|was|were|am|be|been|has|have|had|can|could|will|"
    r"would|should|do|does|did|may|must|it|they|he|she|we|you|i|him|her|us|them|if|than|or|why|how)\b",
    re.IGNORECASE,
)
_NOT_BESIDE_A_GOAL = frozenset({Act.ASK_FAILURE, Act.ASK_OUTCOME, Act.ASK_WHEN, Act.ASK_ATTRIBUTE})
"""What is asked beside a goal in these acts may be about what that goal brings, of which nothing is on record yet."""

_LEAST_WORDS = 2
_MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a message.

    Attributes:
        start, end: where it stands.
        act: the question that it asks of the records; `Act.GOAL` for what is to be done.
    """

    start: int
    end: int
    act: Act

    def of(self, text: str) -> str:
        """Return its words."""
        return text[self.start : self.end].strip(" ,;")


def parts_of(text: str, read: Callable[[str], Reading]) -> list[Part]:
    """Cut a message into what is to be done and what is asked; one part where it is one thing. Blocking.

    Args:
        text: the person's words.
        read: says what a stretch of them would be by itself.

    Raises:
        ModelError: the encoder cannot run.
    """
    whole = [Part(0, len(text), Act.GOAL)]
    pieces = _pieces(text)
    if not 1 < len(pieces) <= _MOST_PARTS:
        return whole
    questions = {place: read(_words(text, place)) for place in pieces if _is_question(_words(text, place))}
    if not any(reading.act.is_question for reading in questions.values()):
        return whole
    parts: list[Part] = []
    for place in pieces:
        act = questions[place].act if place in questions else Act.GOAL
        if place in questions and not act.is_question and parts and parts[-1].act.is_question:
            # Beside a sure question another is easier to believe.
            act = questions[place].likeliest
        act = act if act.is_question else Act.GOAL
        if parts and act is Act.GOAL and not _begins_an_order(text, parts[-1], place, read):
            parts[-1] = Part(parts[-1].start, place[1], parts[-1].act)
        else:
            parts.append(Part(*place, act))
    return _believed(text, parts) or whole


def rest(text: str, parts: Sequence[Part], answered: Collection[Part]) -> str:
    """Return what is left of a message when some of its parts are answered; as it was said where those stand at its ends."""
    spans: list[tuple[int, int]] = []
    before: Part | None = None
    for part in parts:
        if part not in answered:
            if spans and before not in answered:
                spans[-1] = (spans[-1][0], part.end)
            else:
                spans.append((part.start, part.end))
        before = part
    return " and ".join(text[start:end].strip(" ,;.") for start, end in spans)


def _believed(text: str, parts: list[Part]) -> list[Part]:
    """Return the parts; none where a question beside something to be done may be a part of that."""
    goals = [part for part in parts if part.act is Act.GOAL]
    if not goals:
        return parts if len(parts) > 1 else []
    if _BOUND.search(text):
        return []
    for number, part in enumerate(parts):
        if part.act is Act.GOAL:
            continue
        follows = any(one.act is Act.GOAL for one in parts[:number])
        if part.act in _NOT_BESIDE_A_GOAL or (follows and _POINTS_BACK.search(part.of(text))):
            return []
    return parts


def _begins_an_order(text: str, before: Part, place: tuple[int, int], read: Callable[[str], Reading]) -> bool:
    """Whether something to be done begins here, after a question."""
    words = _words(text, place)
    if before.act is Act.GOAL or len(split_words(words)) < _LEAST_WORDS or _NO_ORDER.match(words):
        return False
    if words.rstrip().endswith("?"):
        return False
    return not read(words).likeliest.is_question


def _is_question(words: str) -> bool:
    return len(split_words(words)) >= _LEAST_WORDS and _QUESTION.match(words) is not None


def _pieces(text: str) -> list[tuple[int, int]]:
    quoted = quoted_places(text)
    pieces: list[tuple[int, int]] = []
    start = 0
    for match in _JOINT.finditer(text):
        if (
            any(left < match.start() < right for left, right in quoted)
            or not text[start : match.start()].strip()
        ):
            continue
        # The mark that ends a sentence belongs to it.
        end = match.start() + (len(match["end"].split()[0]) if match["end"] else 0)
        pieces.append((start, end))
        start = match.end()
    if text[start:].strip():
        pieces.append((start, len(text)))
    return pieces


def _words(text: str, place: tuple[int, int]) -> str:
    return text[place[0] : place[1]].strip(" ,;")
