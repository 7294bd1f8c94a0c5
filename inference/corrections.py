"""Takes back what a person takes back: "at 7, sorry, at 8" becomes "at 8", and "the left one, no, the right one" the second.

A correction is a marker ("no wait", "I mean", "scrap that") between two things of one kind. What stands before it and is of
the kind of what stands behind it was not meant: a number for a number, a label for a label, a phrase for one that begins
alike ("to the left, no, to the right"), an order for an order. Where nothing of the kind stands there, nothing is cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inference.words import quoted_places

_FILLER = r"(?:uh|oh|hmm+|hm|um|er|erm|ah|well|ugh|nah)"
_PAUSE = r"[\s,;:.!?…\u2013\u2014-]"
_NEVER_ELSE = r"i meant?(?: to say)?|or rather|(?:scratch|scrap|strike) that"
_PLAIN = (
    r"no(?:pe)?[\s,]+(?:wait|sorry|hang on|hold on|actually|rather|my mistake|my bad)"
    r"|(?:actually|oh|wait|hang on|hold on|sorry)[\s,]+(?:no|wait)|on second thoughts?|my mistake|my bad"
)
_WEAK = r"no|nope|sorry|actually|oops|hang on|hold on|forget that|never mind|correction"
_WEAKEST = r"rather|better|make (?:that|it)"
"""What takes back a number only."""
_MARKER = re.compile(
    rf"(?P<before>(?:{_PAUSE}|\b{_FILLER}\b)*)(?<![\w'])"
    rf"(?P<marker>{_NEVER_ELSE}|{_PLAIN}|{_WEAK}|{_WEAKEST})(?![\w'-])"
    rf"(?P<behind>(?:{_PAUSE}(?!\d)|\s|\b(?:{_FILLER}|{_NEVER_ELSE}|{_PLAIN}|{_WEAK}|{_WEAKEST})\b(?!'))*)",
    re.IGNORECASE,
)
# "Tuesday, er, Monday" and "20, uh, 22" are taken back by a pause alone; "Monday, er, Tuesday and Friday" goes on.
_DAY_OR_NUMBER = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow"
    r"|\d+(?::\d\d)?(?: ?(?:[ap]m|%|percent|degrees|minutes|hours))?)"
)
_BREAK = r"(?:,|\.{2,}|\u2026| [\u2013\u2014-])?"
_HESITATION = re.compile(
    rf"(?<![\w.:-])(?P<wrong>{_DAY_OR_NUMBER}){_BREAK} (?:er+m?|uh+m?|um+){_BREAK} "
    rf"(?P<right>{_DAY_OR_NUMBER})(?![\w:%]|[.,]\d)(?!,? (?:and|or|to|till|until) {_DAY_OR_NUMBER}|, {_DAY_OR_NUMBER})",
    re.IGNORECASE,
)
_NUMBER_ONLY = re.compile(rf"{_PAUSE}*(?:{_WEAKEST}){_PAUSE}*", re.IGNORECASE)
_OFTEN_ELSE = re.compile(rf"(?:{_WEAK}|{_WEAKEST}|{_PLAIN})", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[,;:.!?…\u2013\u2014]|\s-")
# "Sorry to bother you", "I mean it", and what somebody is called take nothing back.
_NO_CORRECTION = re.compile(
    r"(?:it|that|this|business|really|seriously|all)\s*(?:$|[,.;!?])|(?:every|about|for|if|but|because|i'm|you|your)(?![\w'])"
    r"|to (?!the\b|my\b|-?\d)|(?:mate|love|dear|darling|thanks|thank|please|bye|sir|madam|folks|everyone|everybody)\b",
    re.IGNORECASE,
)
_MEANS_IT = re.compile(r"\b(?:and|but|not|what|that's what|is|do|did|does)\s*$", re.IGNORECASE)
_SURE = re.compile(r"\b(?:no|nope|scrap|scratch|strike|second|mind|forget|mean|meant)\b", re.IGNORECASE)
# What introduces the right words: "it should be 8", "she wants the other one", "go 65".
_LEAD = re.compile(
    r"(?:(?:(?:it|that|mine|this)(?:'s| is)|it (?:should|has to|must|needs to|ought to) (?:be|say|read)|should be|must be"
    r"|(?:i|we|she|he|they|you)(?:'d| would)? (?:want|wants|need|needs|like|prefer|prefers|meant|mean)|let's (?:say|have|go with)"
    r"|make (?:it|that)|say|go(?: with| for)?|use|try|just|only|better|rather|instead|of course)\s+)+",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\b(?:only|just)\b", re.IGNORECASE)
# A reason is a sentence of its own: "that ruins my shirts", "the ice cream's coming", "have you seen the bill".
_REASON = re.compile(
    r"\b(?:is|are|was|were|am|isn't|aren't|have|has|had|can't|cannot|won't|will|would|don't|doesn't|didn't)\b"
    r"|^(?:that|they|it|she|he|we|i|you|there)(?:'\w+)?\s+\w+|\w'(?:s|re|ve|ll|m)\s\w+ing\b",
    re.IGNORECASE,
)
_MOST_REASONS = 2
_VERBS = frozenset(
    """
    turn switch set put make start stop open close shut move go take bring give lock unlock play pause resume run drive send
    show dim raise lower lift drop heat cool warm fill empty pull push press hold keep leave let get fetch fly land charge
    clean mow water brew cook wash record film scan print cut grind weld arm disarm wake call say tell read check measure
    park dock return follow point tilt pan zoom tack steer swing look crank fade mute unmute cancel skip add remove delete
    save load unload block unblock enable disable reset restart flash pour dispense feed spray rotate jump roll launch do
    """.split()
)
_ORDER = re.compile(
    r"(?:(?:please|now|then|and|so|could you|can you|just|ok|okay|right)[\s,]+)*([a-z]+)", re.IGNORECASE
)
_IT = re.compile(r"\b(?:it|them)\b", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:the|my|our|your|both|all) [\w' -]*?\w+(?=$|[,.;!?]| (?:to|at|in|on|off|up|down)\b)"
)
_DETERMINERS = frozenset("the a an my our your his her their this that".split())
_PLACES = frozenset("in on at".split())
_IDIOM = re.compile(r"the (?:way|moment|most|least|same|whole|max\w*)\b", re.IGNORECASE)
_AFTERTHOUGHTS = re.compile(
    r"(?:[\s,]+(?:please|now|today|tonight|tomorrow|in there|in here|there|here|all the way|right|on|off|up|down|in|out))+$",
    re.IGNORECASE,
)
_PARTICLES = frozenset("on off up down in out over open closed left right now later".split())
_LONGEST_PHRASE, _LONGEST_WORD = 6, 3
_NUMBER = r"(?<![\w.:-])-?\d+(?:[.:]\d+)?(?![\w:]|\.\d)"
_NUMBERS = re.compile(rf"{_NUMBER}(?:(?: and | & ){_NUMBER})*")
_UNIT = re.compile(r"\s?(%|°[cf]?|[a-zµμ]+(?:/[a-z]+)?)", re.IGNORECASE)
_DAY = r"\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?|weekdays|weekends?)\b"
_DAYS = re.compile(rf"{_DAY}(?:(?:,| and|, and| &) {_DAY})*", re.IGNORECASE)
_LABELS = (
    re.compile(r"(?<![\w-])(?=\w*[A-Za-z])(?=\w*\d)(?!\d+(?:am|pm|[a-z]{1,2}\b))[\w-]+"),
    re.compile(r"(?<![\w'-])[A-HJ-Z](?![\w'-])"),
)
_ENOUGH = re.compile(
    r"\s*\b(?:will do|is enough|is plenty|is fine|it is|instead|rather)\b(?=\s*(?:$|[,.;!?]))", re.IGNORECASE
)
_MOST_CORRECTIONS = 4
# "To the right, er, left I mean" has the marker behind what is meant.
_MEANT_LAST = re.compile(
    rf"(?:\s*[,;:.!?…\u2013\u2014]+\s*(?:{_FILLER}{_PAUSE}+)*|\s(?:{_FILLER}{_PAUSE}+)+)"
    r"(?P<meant>(?:[\w'.-]+ ?){1,4}?),? i meant?(?=\s*[.!?]*$)",
    re.IGNORECASE,
)


def without_corrections(text: str, is_unit: Callable[[str], bool]) -> str:
    """Return a sentence without what was taken back in it, and without the words that took it back.

    Args:
        text: a sentence with digits for its number words.
        is_unit: tells words that are units, in lower case.
    """
    text = _MEANT_LAST.sub(r", I mean \g<meant>", text)
    text = _HESITATION.sub(_without_hesitation, text)
    for _ in range(_MOST_CORRECTIONS):
        corrected = next(filter(None, (_corrected(text, match, is_unit) for match in _markers(text))), None)
        if corrected is None:
            return text
        text = re.sub(r"[\s,]+i meant?(?=\s*[.!?]*$)", "", " ".join(corrected.split()), flags=re.IGNORECASE)
    return text


def _without_hesitation(match: re.Match[str]) -> str:
    is_one_kind = match["wrong"][0].isdigit() == match["right"][0].isdigit()
    return match["right"] if is_one_kind else match[0]


def _masked(text: str) -> str:
    """Hide what stands between quotation marks: there nothing is taken back."""
    for start, end in quoted_places(text):
        text = f"{text[: start + 1]}{'_' * (end - start - 2)}{text[end - 1 :]}"
    return text


def _markers(text: str) -> Iterator[re.Match[str]]:
    for match in _MARKER.finditer(_masked(text)):
        before, behind = text[: match.start()], text[match.end() :]
        if not re.search(r"\w", before) or not re.search(r"\w", behind) or _MEANS_IT.search(before):
            continue
        if _OFTEN_ELSE.fullmatch(match["marker"]):
            left = bool(_PUNCTUATION.search(match["before"])) or bool(re.search(r"[a-z]", match["before"]))
            right = bool(match["behind"].strip()) or bool(re.match(r"-?\d", behind))
            right = right or match["marker"].lower() == "actually"
            is_between = left and right if not re.search(r"\s", match["marker"]) else left or right
            if not is_between:
                continue
        if not _NO_CORRECTION.match(behind) or _is_said_again(before, behind):
            yield match


def _is_said_again(before: str, behind: str) -> bool:
    """Whether the right words begin as the wrong ones did: "to see Mark, no, hang on, to see Martin"."""
    begun = re.match(r"to \w+\b", behind, re.IGNORECASE)
    return begun is not None and re.search(rf"\b{begun[0]}\b", before, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class _Right:
    """What is said in the place of something else: its first words, all that follows them, and whether nothing else is meant."""

    clause: str
    rest: str
    is_only: bool

    @property
    def text(self) -> str:
        return self.clause + self.rest


def _corrected(text: str, match: re.Match[str], is_unit: Callable[[str], bool]) -> str | None:
    before, behind = text[: match.start()], text[match.end() :]
    rights = list(_rights(behind))
    is_number_only = bool(_NUMBER_ONLY.fullmatch(match[0]))
    for right in rights:
        plain = _same_quotation(before, right) or _same_number(before, right, is_unit, is_near=is_number_only)
        plain = plain or (None if is_number_only else _same_label(before, right) or _same_days(before, right))
        if plain is not None:
            return plain
    is_sure = bool(_SURE.search(match[0]))
    for right in [] if is_number_only else rights:
        if not _REASON.search(right.clause):
            phrase = _same_beginning(before, right) or _same_place(before, right)
            phrase = phrase or _same_order(before, right, is_sure=is_sure) or _same_word(before, right)
            if phrase is not None:
                return phrase
    return None


def _rights(behind: str) -> Iterator[_Right]:
    """Split what stands behind a marker: what is meant comes at once, or behind a reason or two."""
    start = 0
    for _ in range(_MOST_REASONS + 1):
        lead = _LEAD.match(behind, start)
        begin = lead.end() if lead else start
        end = re.compile(r"[,;!?…]|\.(?!\d)|$").search(behind, begin)
        last = end.start() if end else len(behind)
        yield _Right(behind[begin:last], behind[last:], bool(lead and _ONLY.search(lead[0])))
        pause = re.compile(rf"{_PAUSE}+(?=[\w\"'“-])").match(behind, last)
        if pause is None or not _REASON.search(behind[start:last]):
            return
        start = pause.end() - (behind[pause.end() - 1] == "-")


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _joined(*parts: str) -> str:
    return re.sub(r"\s+(?=[,.;!?])", "", " ".join(part.strip() for part in parts if part.strip()))


def _same_quotation(before: str, right: _Right) -> str | None:
    new, old = quoted_places(right.text), quoted_places(before)
    if not new or not old or new[0][0] != 0:
        return None
    (start, end), said = old[-1], right.text[: new[0][1]]
    return _joined(before[:start], said, before[end:], right.text[new[0][1] :])


def _same_label(before: str, right: _Right) -> str | None:
    for pattern in _LABELS:
        new, old = pattern.match(right.text), _last(pattern, before)
        if new and old:
            again = rf"[\s,;.!]*\b(?:definitely |certainly |and )?not {re.escape(old[0])}\b"
            rest = re.sub(again, "", right.text[new.end() :])
            return _joined(before[: old.start()], new[0], before[old.end() :], rest)
    return None


def _same_number(before: str, right: _Right, is_unit: Callable[[str], bool], *, is_near: bool) -> str | None:
    """Put the right numbers in the place of the last ones; "40 percent, no, 60" keeps the unit."""
    lead = re.match(r"(?:(?:to|at|for|by|about|around|number|till|until|on)\s+)*", right.text, re.IGNORECASE)
    behind = right.text[lead.end() if lead else 0 :]
    new = _NUMBERS.match(behind)
    if new is None:
        return None
    unit = _unit(behind, new.end(), is_unit)
    for old in reversed(list(_NUMBERS.finditer(before))):
        old_unit = _unit(before, old.end(), is_unit)
        tail = before[old.end() + len(old_unit) :]
        if (is_near and len(tail.split()) > 1) or (unit and not old_unit and tail.split()):
            return None
        if old_unit and unit and not _alike(old_unit, unit):
            continue
        numbers = _instead(old[0], new[0], is_only=right.is_only)
        rest = (
            _ENOUGH.sub("", behind[new.end() + len(unit) :], count=1)
            if tail
            else behind[new.end() + len(unit) :]
        )
        if tail.strip() and rest.strip().lower().startswith(tail.strip().lower()):
            tail = ""
        return _joined(before[: old.start()], numbers + (unit or old_unit), tail, rest)
    return None


def _alike(one: str, other: str) -> bool:
    """Whether two units may be of one kind: all but those of time and those of something else."""
    times = re.compile(
        r"\s?(?:ms|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?)", re.IGNORECASE
    )
    return bool(times.fullmatch(one)) == bool(times.fullmatch(other))


def _unit(text: str, at: int, is_unit: Callable[[str], bool]) -> str:
    found = _UNIT.match(text, at)
    return found[0] if found and (is_unit(found[1].lower()) or found[1].lower() in {"am", "pm"}) else ""


def _same_days(before: str, right: _Right) -> str | None:
    lead = re.match(r"(?:on\s+)?", right.text, re.IGNORECASE)
    behind = right.text[lead.end() if lead else 0 :]
    new, old = _DAYS.match(behind), _last(_DAYS, before)
    if new is None or old is None:
        return None
    days = _instead(old[0], new[0], is_only=right.is_only)
    return _joined(before[: old.start()], days, before[old.end() :], behind[new.end() :])


def _instead(old: str, new: str, *, is_only: bool) -> str:
    """Replace as many items at the end of a list as there are new ones: "21 and 22" by "23 and 24", "5 and 7" by "8"."""
    joint = re.compile(r", and | and | & |, ")
    kept = joint.split(old)[: -len(joint.split(new))]
    return new if is_only or not kept else " and ".join([*kept, new])


def _same_beginning(before: str, right: _Right) -> str | None:
    """Replace a phrase by one that begins with the same word, or one article or preposition of place by another."""
    words = right.clause.lower().split()
    if not words or len(words) > _LONGEST_PHRASE:
        return None
    first = words[0]
    alike = next((group for group in (_DETERMINERS, _PLACES) if first in group), frozenset({first}))
    starts = [
        match.start()
        for match in re.finditer(r"(?<![\w'])[\w']+", before)
        if match[0].lower() in alike and not _IDIOM.match(before, match.start())
    ]
    if not starts or len(before[starts[-1] :].split()) > _LONGEST_PHRASE:
        return None
    return _joined(before[: starts[-1]], right.text)


def _same_place(before: str, right: _Right) -> str | None:
    """Replace "in the kitchen" by "where we eat"."""
    old = _last(re.compile(r"\b(?:in|on|at|to|by) \w+(?: \w+)*", re.IGNORECASE), before)
    if not right.clause.lower().startswith("where ") or old is None:
        return None
    start = before.lower().rfind(
        next(iter(re.findall(r"\b(?:in|on|at|to|by)\b(?!.*\b(?:in|on|at|to|by)\b)", old[0]))) + " "
    )
    return _joined(before[:start], right.text)


def _same_order(before: str, right: _Right, *, is_sure: bool) -> str | None:
    """Replace the last order by another one: "open the valve, no wait, close it" closes the valve."""
    new = _ORDER.match(right.clause)
    if new is None or new[1].lower() not in _VERBS:
        return None
    cuts = [match.end() for match in re.finditer(r"[,;.!?]\s+|\band (?:then )?|\bthen ", before)]
    start = cuts[-1] if cuts else 0
    old = _ORDER.match(before, start)
    if not is_sure and (old is None or old[1].lower() not in _VERBS):
        return None
    clause = right.clause
    if (thing := _last(_THING, before[start:])) is not None:
        clause = _IT.sub(lambda _: thing[0], clause, count=1)
    return _joined(before[:start], clause + right.rest)


def _same_word(before: str, right: _Right) -> str | None:
    """Replace the last word that tells something by another one: "make it blue, no, green"."""
    words = right.clause.lower().split()
    if not words or len(words) > _LONGEST_WORD or _PUNCTUATION.search(before[-1:]):
        return None
    sentence = max(before.rfind(mark) for mark in ".!?,;") + 1
    said = before[sentence:]
    tail = None if words[0] in _PARTICLES else _AFTERTHOUGHTS.search(said)
    kept = said[: tail.start()] if tail else said
    old = re.search(r"(?:\ban? )?[\w'-]+$", kept)
    if old is None or old[0].lower() in _VERBS:
        return None
    start = old.start()
    if words[0] in _DETERMINERS and not any(word.lower() in _VERBS for word in kept.split()):
        start = 0
    return _joined(before[:sentence], kept[:start], right.clause, tail[0] if tail else "", right.rest)
