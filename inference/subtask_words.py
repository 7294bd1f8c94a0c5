"""Words a part of a goal as a sentence for one device: about one entity, and without the words that only say whom it is for."""

from __future__ import annotations

import re

__all__ = [
    "ACTOR",
    "SLOT",
    "about_entity",
    "asks_whether",
    "capitalised",
    "for_device",
    "for_each_device",
    "is_about_actor",
    "moving_first",
    "reports_amount",
    "without_actor",
    "without_asides",
    "without_courtesy",
]

SLOT = "\ue010"
"""Stands in a text where the entity or the device is spoken of."""

ACTOR = "\ue011"
"""Stands in a text where those are named who are to do something with what `SLOT` stands for."""

_HIDDEN = "\ue012"
_COURTESY = re.compile(
    r"^\W*(?:(?:and|then|also|now|so|but|please|kindly|just|ok|okay|hey|hi|hello|finally|next|first|afterwards|after that)\b"
    r"[\s,]*)+",
    re.IGNORECASE,
)
# "Bring it over to station 2" says no more than "bring it to station 2".
_OVER = re.compile(r"(?<=\s)over\s+(?=to\b)", re.IGNORECASE)
_SOMEBODY = re.compile(
    r"^(?:(?:send|get|ask|tell|have|let|make|find)\s+)?(?:somebody|someone|anybody|anyone|something|a device|a machine)\s+"
    r"(?:who can\s+|that can\s+|to\s+|please\s+|should\s+|must\s+|can\s+)?(?=\w)",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"^(?:could|can|would|will) you (?:please |kindly )?|^(?:i|we) (?:want|need|would like|'d like) you to |^i'd like you to "
    r"|^(?:help|help me|help us)(?: to)? (?=check|find|see|look)",
    re.IGNORECASE,
)
# "Let the robots …", "I want a robot to …", "the robots should …", "robots, …", "…, robots".
_LET = re.compile(
    r"^(?:please )?(?:let|have|make|get|ask|tell|order|instruct|command|send|use|(?:i|we) (?:want|need|would like)|i'd like|"
    rf"could|can|would|will)\s+{SLOT}(?:\s+(?:that|which|who)\s+(?:is|are)\s+\w+)?(?:\s+please)?(?:\s+to\b|,)?\s+(?=\w)(?!and\b|or\b)",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    rf"^{SLOT}(?:\s+(?:that|which|who)\s+(?:is|are)\s+\w+)?,?\s+(?:please\s+)?"
    r"(?:should|must|shall|can|could|may|will|has to|have to|needs to|need to|ought to|is to|are to)\s+(?:please\s+)?(?:now\s+)?",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"^(?:all of you\s+|hey\s+|you\s+)?{SLOT}\s*[,:!\u2013-]+\s*(?:please\s+)?(?=\w)", re.IGNORECASE
)
_CALLED_LAST = re.compile(
    rf"\s*,\s*(?:please,?\s*)?(?:all of you\s+|both of you\s+|you\s+|dear\s+)?{SLOT}\s*$", re.IGNORECASE
)
_WITH_LAST = re.compile(rf"\s+(?:with|using|by)\s+{SLOT}\s*$", re.IGNORECASE)
_SENT = re.compile(
    rf"^(?:send|drive|move|take|bring|call|order)\s+{SLOT}\s+(?=(?:back|home|over|to|into|onto|out|away|up|down)\b)",
    re.IGNORECASE,
)
_SINGULAR = {
    "are": "is",
    "were": "was",
    "do": "does",
    "have": "has",
    "need": "needs",
    "don't": "doesn't",
    "aren't": "isn't",
}
_VERB_BEFORE = re.compile(rf"\b(are|were|do|have|aren't|don't)(?=(?: there)? {SLOT})", re.IGNORECASE)
_VERB_AFTER = re.compile(rf"(?<={SLOT} )(are|were|have|need|do|don't|aren't)\b", re.IGNORECASE)
_THEIR = {"their": "its", "they": "it", "them": "it"}
_WHICH = re.compile(
    rf"^(?:(?:tell|show) (?:me|us) |find out |find |say |list |report |check |see |i want to know |let me know )?"
    rf"(?:in |on |at )?which(?: of)? {SLOT} (?=\w)",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"^(?:(?:tell|show) (?:me|us) |find out |say |report |count |check |see |i want to know |let me know )?"
    rf"how many(?: of)? {SLOT} (?=\w)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"^count (?:the |all |all the )?((?!(?:in|on|at|of|from|to)\b)[a-z-]+) {SLOT}$", re.IGNORECASE
)
_WHICH_OF_US = re.compile(rf"^(?:which|how many)(?: of)? {SLOT} (is|has) ", re.IGNORECASE)
_THEIRS = re.compile(r"\b(?:their|they|them)\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"\s*,?\s*\b(?:after|once|when|as soon as) (?:it|they|he|she|you|its|their|your|the|that)\b[\w' ]*?"
    r"\b(?:job|task|work|done|finished|ready|free|turn)s?\b",
    re.IGNORECASE,
)
_THERE = re.compile(r"\bthere\b(?! (?:is|are|was|were|has|'s|isn't|aren't)\b)|(?<=\w )there$", re.IGNORECASE)
_IT = re.compile(
    r"\b(?:it|them|they|each of them|all of them|both of them|that one|those|these)\b", re.IGNORECASE
)
_ITS = re.compile(r"\b(?:its|their)\s+((?:[a-z-]+\s+)?[a-z-]+)", re.IGNORECASE)


def without_courtesy(text: str) -> str:
    """Take off what only joins or pleads, and whom it leaves open: "and please have somebody check …"."""
    before = None
    while before != text:
        before = text
        text = _COURTESY.sub("", text).strip(" ,;:")
        text = _WISH.sub("", text).strip()
        text = _SOMEBODY.sub("", text).strip()
    return _OVER.sub("", text).rstrip(" .!?,;:")


def about_entity(text: str, noun: str, entity: str, *, is_several: bool) -> str:
    """Word a text with `SLOT` for one entity: "which SLOT are free" becomes "check whether shelf {shelf} is free".

    Args:
        text: with `SLOT` where the entities are named; none where they are only referred to by "it" or "there".
        noun: what one is called.
        entity: the name of the placeholder.
        is_several: whether several were meant, so that the words around them agree with several.
    """
    one = f"{noun} {{{entity}}}"
    if SLOT not in text:
        return _referring(text, one)
    if is_several:
        text = _VERB_BEFORE.sub(_singular, text)
        text = _VERB_AFTER.sub(_singular, text)
        text = _THEIRS.sub(_its, text)
    text = _WHICH.sub(f"check whether {SLOT} ", text)
    text = _HOW_MANY.sub(f"check whether {SLOT} ", text)
    text = _COUNT.sub(rf"check whether {SLOT} is \1", text)
    return text.replace(SLOT, one)


def _singular(match: re.Match[str]) -> str:
    return _SINGULAR[match[1].lower()]


def _its(match: re.Match[str]) -> str:
    return _THEIR[match[0].lower()]


def _referring(text: str, one: str) -> str:
    """Name the entity that "it", "there" or "its door" means."""
    if _THERE.search(text):
        return _THERE.sub(f"at {one}", text, count=1)
    if _ITS.search(text):
        return _ITS.sub(rf"the \1 of {one}", text, count=1)
    if _IT.search(text):
        return _IT.sub(one, text, count=1)
    return text


def without_actor(text: str, actor: str, named: str) -> str:
    """Leave out who is to do something, where a text speaks of that one as `actor`; elsewhere it is `named`."""
    hidden = text.replace(SLOT, _HIDDEN).replace(actor, SLOT)
    return _uncalled(hidden).replace(SLOT, named).replace(_HIDDEN, SLOT)


def for_device(text: str, name: str) -> str:
    """Word a text with `SLOT` for the one device that it names, which is left out where it is only called."""
    return _uncalled(text).replace(SLOT, name)


def for_each_device(text: str, kind: str, *, is_several: bool) -> str:
    """Word a text with `SLOT` for one of the devices of a kind."""
    uncalled = _uncalled(text)
    if is_several:
        if uncalled != text:
            uncalled = re.sub(r"\btheir\b", "your", uncalled, flags=re.IGNORECASE)
        uncalled = _VERB_BEFORE.sub(_singular, uncalled)
        uncalled = _VERB_AFTER.sub(_singular, uncalled)
        uncalled = _WHICH_OF_US.sub(rf"check whether {SLOT} \1 ", uncalled)
        if SLOT in uncalled:
            uncalled = _THEIRS.sub(_its, uncalled)
    return uncalled.replace(SLOT, f"the {kind}")


def is_about_actor(text: str) -> bool:
    """Whether `SLOT` stands where those are named who are to do something: "let SLOT …", "SLOT should …", "SLOT, …"."""
    return any(pattern.search(text) for pattern in (_LET, _SHOULD, _CALLED, _CALLED_LAST))


def _uncalled(text: str) -> str:
    if _SENT.match(text):
        return _SENT.sub("go ", text)
    text = _WITH_LAST.sub("", text) if text.strip() != SLOT else text
    for pattern in (_LET, _SHOULD, _CALLED, _CALLED_LAST):
        shorter = pattern.sub("", text, count=1)
        if shorter != text and shorter.strip():
            return shorter.strip()
    return text


def without_asides(text: str) -> str:
    """Leave out "after its current job": a device gets nothing new before it is done with what it has."""
    return _ASIDE.sub("", text).strip()


def asks_whether(statement: str) -> str:
    """Turn what must be so into something to be found out: "there is no space" becomes "check whether there is space"."""
    where = re.match(rf"^({SLOT}) where (it|there) (is|are|was|were) (.+)$", statement, re.IGNORECASE)
    if where is not None:
        return f"check whether {where[2]} {where[3]} {where[4]} in {where[1]}"
    positive = re.sub(r"\b(is|are|was|were|has|have) (?:not|no)\b", r"\1", statement, flags=re.IGNORECASE)
    positive = re.sub(r"\b(is|are|was|were|has|have|does|do)n't\b", r"\1", positive, flags=re.IGNORECASE)
    return f"check whether {positive}"


def reports_amount(subject: str, adjective: str) -> str:
    """Ask for an amount: "the temperature of tank 3", or how warm "it in room 3" is."""
    subject = re.sub(
        r"\b(?:is|are|was|were|has|have|gets|falls|drops|rises|goes)\s*$",
        "",
        subject.strip(),
        flags=re.IGNORECASE,
    ).strip()
    if not adjective:
        return f"report {subject}"
    first, _, rest = subject.partition(" ")
    if first.lower() in {"it", "there"}:
        return f"check how {adjective} it is {rest}".strip()
    return f"check how {adjective} {subject} is"


def moving_first(sentence: str, noun: str, entity: str) -> str:
    """Have a device go to the entity first: "move to shelf {shelf} and check it for vacant space"."""
    one = f"{noun} {{{entity}}}"
    question = re.match(r"^(is|are|was|were) there (?:any )?(.+)$", sentence, re.IGNORECASE)
    if question is not None:
        sentence = f"check whether there {question[1].lower()} {question[2]}"
    if re.match(r"^what (?:is|are|lies|lie)\b", sentence, re.IGNORECASE):
        # What is at a place may be much; and "it" would be the device as well.
        return f"move to {one} and list {sentence[:1].lower()}{sentence[1:]}"
    rest = re.sub(rf"(?:the )?{re.escape(one)}", "it", sentence)
    if re.match(
        r"^(?:what|which|how|who|where|is|are|was|were|has|have|does|do|did|can)\b", sentence, re.IGNORECASE
    ):
        return f"move to {one}. {capitalised(rest)}"
    return f"move to {one} and {rest[:1].lower()}{rest[1:]}"


def capitalised(sentence: str) -> str:
    """Begin with a capital."""
    return sentence[:1].upper() + sentence[1:]
