"""Finds in a prepared sentence what is to hold or to be watched for: subject, comparison, remedy. A grammar; pure.

Which reported value the subject means is not decided here; see `subjects`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from coordinator.standing.calendar_words import DoubtError
from coordinator.standing.spans import Span
from inference.quantities import Quantity
from inference.text import Sentence
from inference.units import convert

_BELOW = r"under|below|beneath|(?:less|lower|smaller|fewer|cooler|colder|shorter|lighter) than"
_ABOVE = r"above|over|beyond|(?:more|higher|greater|larger|bigger|warmer|hotter|longer|heavier) than"
_AT_MOST = r"at most|no (?:more|higher|longer|later) than|not (?:more|higher|longer) than"
_AT_LEAST = r"at least|no (?:less|lower|fewer) than|not (?:less|lower|fewer) than"
_MOVES = r"falls?|drops?|sinks?|goes?|gets?|rises?|climbs?|increases?|decreases?|comes?|grows?"
_STAYS = r"is|are|be|stays?|remains?|keeps?|lies?|takes?|has|have"
_MODAL = r"(?:must|should|shall|may|can|has to|have to|is to|are to|needs? to)"
_NEGATION = r"(?P<no> never| not| does not| do not|n't| doesn't| don't| cannot)?"
_VERB = rf"(?:(?: {_MODAL})?(?: always)?{_NEGATION}(?: ever)?(?: (?:{_STAYS}|{_MOVES}))?(?: to)?)"
_EITHER = r"less|lower|fewer|more|higher|above|below"
_READS = r"(?:is|are|becomes?|gets?|turns?|reads?)"
_TRANSITIVE = r"exceeds?|reach(?:es)?|hits?|passes"
_KEEP = r"(?:keep|hold|maintain|make (?:very )?sure(?: that)?|ensure(?: that)?|see to it that|take care that|watch that)"
_LET = r"(?:(?:never|do not|don't) let)"
_WHEN = r"(?:when|whenever|every time(?: that)?|each time(?: that)?|as soon as|once)"
_TELL = (
    r"(?:(?:please |always )*(?:tell|warn|alert|notify|inform|remind|message) (?:me|us)(?: about it)?"
    r"|(?:please )?let (?:me|us) know|(?:please )?(?:warn|alert))"
)
_POLITE = r"(?:please |always |from now on,? |and |then )*"
_ONCE = frozenset({"once", "as soon as"})
_GOES_ON = re.compile(r"(?:and|while|when|during|before|after|until|then)\b")
_OTHERWISE = re.compile(r"^(?:[,.;:]? ?(?:otherwise|or else|else|if not|if it is not|if necessary)[, ]+)")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a sentence says about a value.

    Attributes:
        subject: the words for what is measured, such as "the cold store".
        low: lower limit of what is wanted, with the unit that was said; None where there is none.
        high: upper limit likewise.
        is_low_allowed: whether the value may be `low` itself.
        is_high_allowed: likewise for `high`.
        forbidden: the word that the value must not be.
        is_kept: whether the person wants it kept so, and not only something done when it is not.
        is_once: whether it is over after the first time.
        is_told: whether the person only wants to be told.
        remedy: where in the prepared sentence stands what is to be done; None where it is not said.
        slack: "by at least …".
        hold_seconds: "for more than …".
        cadence_seconds: "at most every …".
    """

    subject: str
    low: Quantity | None = None
    high: Quantity | None = None
    is_low_allowed: bool = False
    is_high_allowed: bool = False
    forbidden: str | None = None
    is_kept: bool = False
    is_once: bool = False
    is_told: bool = False
    remedy: Span | None = None
    slack: Quantity | None = None
    hold_seconds: float | None = None
    cadence_seconds: float | None = None


def find_comparison(sentence: Sentence, lower: str) -> Comparison | None:
    """Read one sentence.

    Args:
        sentence: prepared.
        lower: its text in lower case, as long, in which what other readers have taken is blanked.

    Raises:
        DoubtError: it watches something, and says so in a way that cannot be read surely.
    """
    reader = _Reader(sentence, lower)
    found = reader.read()
    return None if found is None else reader.finish(found)


class _Reader:
    def __init__(self, sentence: Sentence, lower: str) -> None:
        self._sentence = sentence
        texts = sorted({re.escape(quantity.text) for quantity in sentence.quantities}, key=len, reverse=True)
        self._amount = f"(?:{'|'.join(texts)})(?![\\w])" if texts else r"(?!)"
        self._options: dict[str, Quantity] = {}
        self._lower = self._without_options(lower)
        amount = self._amount
        self._bound = (
            rf"(?:(?P<between>between|from|within) (?P<first>{amount}) (?:and|to) (?P<second>{amount})"
            rf"|(?P<compare>(?P<below>{_BELOW})|(?P<above>{_ABOVE})|(?P<most>{_AT_MOST})|(?P<least>{_AT_LEAST})|(?P<cross>{_TRANSITIVE}))"
            rf" (?P<amount>{amount})(?: or (?P<or>{_EITHER}))?"
            rf"|(?:at )?(?P<said>{amount}) or (?P<other>{_EITHER}))"
        )

    def read(self) -> Comparison | None:
        return self._kept() or self._watched_first() or self._watched_last()

    def _kept(self) -> Comparison | None:
        """Read "keep … under …", "never let … fall below …", "… must stay above …"."""
        text = self._lower
        match = re.match(
            rf"\s*{_POLITE}(?:{_KEEP}|(?P<let>{_LET})) (?P<subject>.+?){_VERB} {self._bound}", text
        ) or re.match(
            rf"\s*{_POLITE}(?P<subject>(?:the|every|each|all|no|any|our|my) .+?)(?= (?:{_MODAL}|never)\b){_VERB} {self._bound}",
            text,
        )
        if match is None:
            return None
        groups = match.groupdict()
        is_negated = bool(groups.get("let")) != bool(groups["no"])
        found = self._compared(match, is_negated=is_negated, is_wanted=True)
        rest = self._rest(match.end())
        if rest is not None and _GOES_ON.match(self._lower[slice(*rest)]):
            # "Keep the fork below 1 m and move to shelf 3" is an order of now.
            return None
        return replace(found, is_kept=True, remedy=self._remedy(rest) if rest else None)

    def _watched_first(self) -> Comparison | None:
        """Read "when … falls below …, …"."""
        begins = re.match(rf"\s*{_POLITE}(?P<when>{_WHEN}) (?P<subject>.+?)", self._lower)
        if begins is None:
            return None
        match = re.match(rf"\s*{_POLITE}(?P<when>{_WHEN}) (?P<subject>.+?){_VERB} {self._bound}", self._lower)
        if match is not None:
            found = self._compared(match, is_negated=bool(match["no"]), is_wanted=False)
        else:
            match = re.match(
                rf"\s*{_POLITE}(?P<when>whenever|every time|each time) (?P<subject>.+?) {_READS} (?P<word>[a-z]+),",
                self._lower,
            )
            if match is None:
                return None
            found = Comparison(match["subject"].strip(), forbidden=match["word"])
        rest = self._rest(match.end())
        if rest is None:
            raise DoubtError(f"What shall I do {match[0].strip()}?")
        tells = re.match(rf"{_TELL}\b[ .!]*$", self._lower[slice(*rest)])
        return replace(
            found, is_once=match["when"] in _ONCE, is_told=tells is not None, remedy=None if tells else rest
        )

    def _watched_last(self) -> Comparison | None:
        """Read "tell me when … rises above …" and "send … when … falls below …"."""
        tells = rf"\s*{_POLITE}(?P<tell>{_TELL})(?: at once| immediately)? "
        bound = rf"(?P<subject>.+?){_VERB} {self._bound}[ .!]*$"
        match = re.match(rf"{tells}(?P<when>{_WHEN}|if) {bound}", self._lower) or re.match(
            rf"\s*(?P<order>.+?),? (?P<when>{_WHEN}) {bound}", self._lower
        )
        if match is None:
            match = re.match(
                rf"{tells}(?P<when>{_WHEN}) (?P<subject>.+?) {_READS} (?P<word>[a-z]+)[ .!]*$",
                self._lower,
            )
            return match and Comparison(
                match["subject"].strip(),
                forbidden=match["word"],
                is_told=True,
                is_once=match["when"] in _ONCE,
            )
        groups = match.groupdict()
        if match["when"] == "if" and not re.search(
            rf" (?:{_MOVES}|{_TRANSITIVE})\b", self._lower[match.start("when") :]
        ):
            # "Tell me if the battery is below 20 %" asks for an answer now.
            return None
        found = self._compared(match, is_negated=bool(match["no"]), is_wanted=False)
        order = match.span("order") if groups.get("order") else None
        return replace(found, is_once=match["when"] in _ONCE, is_told=order is None, remedy=order)

    def _compared(self, match: re.Match[str], *, is_negated: bool, is_wanted: bool) -> Comparison:
        """Return what the value must be. What is watched for is the opposite of it."""
        subject = match["subject"].strip()
        if match["between"]:
            if not is_wanted or is_negated:
                raise DoubtError(
                    f"Shall I act while {subject} is between these values, or when it leaves them?"
                )
            second = self._quantity(match["second"])
            first = self._quantity(match["first"])
            first = first if first.unit else replace(first, unit=second.unit)
            second = second if second.unit else replace(second, unit=first.unit)
            return Comparison(subject, first, second, is_low_allowed=True, is_high_allowed=True)
        quantity = self._quantity(match["amount"] or match["said"])
        is_upper, is_included = self._direction(match)
        # "Not below 20" and "when it falls below 20" both want at least 20.
        if is_negated == is_wanted:
            is_upper, is_included = not is_upper, not is_included
        if is_upper:
            return Comparison(subject, high=quantity, is_high_allowed=is_included)
        return Comparison(subject, low=quantity, is_low_allowed=is_included)

    @staticmethod
    def _direction(match: re.Match[str]) -> tuple[bool, bool]:
        """Say whether the comparison is "less than …", and whether the limit itself is included."""
        if either := match["or"] or match["other"]:
            return either in {"less", "lower", "fewer", "below"}, True
        if match["cross"]:
            return False, not match["cross"].startswith(("exceed", "pass"))
        return bool(match["below"] or match["most"]), bool(match["most"] or match["least"])

    def _quantity(self, text: str) -> Quantity:
        return next(quantity for quantity in self._sentence.quantities if quantity.text == text)

    def _rest(self, at: int) -> Span | None:
        """Return where the rest of the sentence stands, without punctuation; None where there is none."""
        begins = re.match(r"[\s,;:.!]*(?:please\b[\s,]*)*", self._lower[at:])
        start = at + (begins.end() if begins else 0)
        end = len(self._lower.rstrip(" .!?"))
        return (start, end) if start < end else None

    def _remedy(self, rest: Span) -> Span:
        """Take "otherwise" and the like off what is to be done where the value is not kept."""
        text = self._lower[slice(*rest)]
        begins = _OTHERWISE.match(text)
        if begins is None:
            begins = re.match(r"by (?=[a-z]+ing\b)", text)
            if begins is None:
                raise DoubtError(f'What do you mean by "{text}"? Say "otherwise …" before what I am to do.')
        return rest[0] + begins.end(), rest[1]

    def _without_options(self, lower: str) -> str:
        """Read "by at least …", "for more than …" and "at most every …", and blank them."""
        forms = {
            "slack": rf",? by (?:at least|more than) (?P<amount>{self._amount})",
            "hold": rf",? for (?:more than|at least|longer than|over) (?P<amount>{self._amount})",
            "cadence": r",? (?:(?:at most|not more than|no more than) (?:once )?every|at most once (?:in|per)|checking every)"
            rf" (?P<amount>{self._amount}|minute|hour)",
        }
        for name, form in forms.items():
            match = re.search(form, lower)
            if match is None:
                continue
            said = match["amount"]
            is_word = said in {"minute", "hour"}
            self._options[name] = Quantity(said, 1.0, said) if is_word else self._quantity(said)
            lower = lower[: match.start()] + " " * len(match[0]) + lower[match.end() :]
        return lower

    def finish(self, found: Comparison) -> Comparison:
        """Add the options to what was found."""
        return replace(
            found,
            slack=self._options.get("slack"),
            hold_seconds=self._seconds("hold"),
            cadence_seconds=self._seconds("cadence"),
        )

    def _seconds(self, option: str) -> float | None:
        quantity = self._options.get(option)
        if quantity is None:
            return None
        seconds = convert(quantity.value, quantity.unit, "second") if quantity.unit else None
        if seconds is None:
            raise DoubtError(f'"{quantity.text}" is no length of time. How long do you mean?')
        return seconds


def bounds(found: Comparison) -> Sequence[Quantity]:
    """Return the quantities that were said."""
    return [quantity for quantity in (found.low, found.high) if quantity is not None]
