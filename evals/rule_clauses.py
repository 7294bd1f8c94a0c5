"""Cuts a sentence into clauses for the rule baseline, each with its words, quantities and what it asks to do."""

from __future__ import annotations

import re

from evals.rule_words import STOP_WORDS, plain_words, stems, verbs
from inference.quantities import Quantity, find_quantities
from inference.shares import SHARE_OF_RANGE
from inference.text import prepare
from inference.units import UNIT_BY_WORD

_NEGATION = re.compile(r"\b(?:don'?t|do not|never|under no circumstances)\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"(?:what|whats|how|which|where|when|who|is|are|does|do you|has|have you)\b", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[;!?]|[,:](?!\d)|\.(?=\s|$)|\b(?:and|then)\b", re.IGNORECASE)
_CLOCK_TIME = re.compile(r"\b\d{1,2}:\d{2}\b")
_TIMES = {"twice": 2, "2 times": 2, "3 times": 3, "thrice": 3, "4 times": 4, "5 times": 5}
_CORRECTING = "h+m+|uh|er|no|sorry|wait|i mean|or rather|make that|actually"
_SPELLED_OUT = (
    (r"\bhalf an hour\b", "30 minutes"),
    (r"\bhalf (?:a|1) minute\b", "30 seconds"),
    (r"\b(?:a )?quarter of an hour\b", "15 minutes"),
    (r"\ban? (hour|minute|second|day|week)\b", r"1 \1"),
    (r"\btoo (?:dark|dim|gloomy)\b", "increase brightness"),
    (r"\btoo (?:bright|dazzling)\b", "decrease brightness"),
    (r"\btoo (?:cold|chilly|cool)\b|\bfreezing\b", "increase temperature"),
    (r"\btoo (?:hot|warm)\b", "decrease temperature"),
    (r"\btoo (?:quiet|soft)\b", "increase volume"),
    (r"\btoo (?:loud|noisy)\b", "decrease volume"),
    (r"\btoo slow\b", "increase speed"),
    (r"\btoo fast\b", "decrease speed"),
    # What was corrected is not meant: "30, no, 40 percent".
    (rf"\b\d+(?:\.\d+)?(?: (?!and\b|then\b)\w+)?,? (?:(?:{_CORRECTING})[, ]+)+(?=\d)", ""),
)


class Clause:
    """One part of a sentence.

    Attributes:
        text: as the person wrote it, number words as digits.
        words: in lower case.
        quantities: the numbers that stand by themselves, with their units.
        stems: of the telling words.
        verbs: the kinds of doing that it asks for; a question asks to be told.
        times: how often it is to be done.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self.words = plain_words(text)
        found = find_quantities(_CLOCK_TIME.sub(" ", self.lower), {})
        # Shares such as "half" are looked for where an argument has bounds.
        self.quantities: list[Quantity] = [one for one in found if one.unit != SHARE_OF_RANGE]
        self.stems = frozenset(stems(text))
        self.times = next((count for words, count in _TIMES.items() if words in self.lower), 1)
        self.verbs = frozenset({"get", "list"}) if _QUESTION.match(self.lower) else verbs(self.words)

    @property
    def telling_words(self) -> list[str]:
        """The words that something has to explain: no fillers, no numbers, no units."""
        return [
            word
            for word in self.words
            if word not in STOP_WORDS and not word.isdigit() and word not in UNIT_BY_WORD
        ]


def read_clauses(utterance: str) -> list[Clause]:
    """Cut a sentence into clauses; a part without a verb belongs to the one before, a negated one is left out."""
    text = prepare(utterance).text
    for pattern, replacement in _SPELLED_OUT:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    parts: list[str] = []
    for part in filter(str.strip, _CLAUSE_END.split(text)):
        if parts and not verbs(plain_words(part)[:3]):
            parts[-1] += f", {part}"
        else:
            parts.append(part)
    return [Clause(part) for part in parts if not _NEGATION.search(part)]
