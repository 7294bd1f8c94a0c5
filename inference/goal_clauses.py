"""Cuts a goal into clauses that may each be for a device of their own, and tells which of them ask for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inference.device_names import DeviceNames, telling
from inference.rooms import only_room
from inference.words import Place, clause_places, quoted_places, split_clauses, split_words

_BUT = re.compile(
    r"(?<!\ball)(?<!\beverything)(?<!\bnothing)(?<!\banything)\s+but\s+(?!not\b|for\b|only\b|just\b)"
)
# "It is dark in here so lights on": what is to be done stands behind what is so.
_SO = re.compile(
    r"(?:,|,? and)? so (?:please |just |now |then )*"
    r"(?!(?:that|i|we|you|he|she|they|it|much|many|far|long|there|(?:[\w']+ ){1,3}(?:can|could|will|won't|don't|doesn't|is|are|"
    r"isn't|aren't|has|have|gets?|stays?))\b)(?=\w)"
)
_HOW_MUCH_SO = re.compile(
    r"(?:\b(?:is|are|am|was|were|be|been|not|feels?|looks?|gets?|getting|just|ever|even|do|does|did|think|or|like|and)|'\w+)$"
)
# "Curtain closed light at 10 percent": people leave out what joins two short wishes.
_STATE = r"(?:on|off|open|closed|shut|up|down)"
_NAME_AND_STATE = re.compile(rf"(?:(?:the|my|our) )?(?P<name>(?:[^\W\d_]+ ){{1,4}}){_STATE} (?=[^\W\d_])")
_STATE_BEHIND = re.compile(rf"(?:the |my |our )?(?:[^\W\d_]+ ){{1,4}}?(?:{_STATE}|to|at)\b")
# "Rooms 101 and 102 to 19 degrees."
_LIST_BEGINS = re.compile(r"[^\W\d_]\s(?:\d+|[^\W\d_])$")
_LIST_JOINT = re.compile(r"\s*(?:,|,?\s*(?:and|or))\s*")
_LIST_GOES_ON = re.compile(r"(?:\d+|[^\W\d_])(?=\s(?:to|at|on|off|by|up|down|for|in|until)\b|$)")
_EXCEPT = re.compile(
    r"[,\s]*\b(?:except(?: for)?|excluding|apart from|other than|besides|but not|(?<=\ball )but|(?<=\beverything )but)\b"
)
# "…, by the compass", "…, in German", "…, for 2 hours": how something is to be done, and nothing to be done by itself.
_MANNER = re.compile(
    r"(?:and |but |only |just |good |valid |lasting |starting |beginning |ending )*(?:"
    r"(?:by|in|at|for|over|within|until|till|with|without|from|to|on|as|per)(?: [^\W\d]+){1,3}"
    r"|(?:(?:by|in|at|for|over|within|until|till|from|to|about|around|roughly) )?(?:the |a )?-?\d[\d.:,]*"
    r"(?: ?[^\W\d_]+| ?[%°]c?)?"
    r")"
)
_DEGREES = frozenset(
    """
    all full fully half max maximum min minimum low high medium power speed heat blast strength throttle slow slowly fast quick
    everywhere now immediately once quickly gently gentle softly soft quietly quiet nice nicely really very easy way and at on
    the as possible smooth smoothly
    steady steadily
    """.split()
)
# "The nursery is too dry" asks for nothing where something else is asked for.
_IS = r"(?:'s|'m|'re|'ve| is| are| am| was| were| feels?| looks?| seems?| has| have)\b"
_NOT_A_SUBJECT = (
    r"(?:let|what|how|where|who|which|when|why|whether|if|check|ensure|verify|confirm|see|tell|say|report|show|know|make|is|are|"
    r"was|were|has|have|do|does|did|whatever|whoever|all|both|each|every|any|no|and|or|that|as|once|until|while)"
)
_STATEMENT = re.compile(
    r"(?:(?:oh|well|so|hey|hi|hello|ok|okay|right|and|but|because|since|good \w+)\W+)*(?:"
    rf"(?:it|i|we|he|she|they|there|this|that|(?:the|my|our|your) [\w' -]+?){_IS}"
    rf"|(?:no one|nobody|every(?:one|body)|some(?:one|body))(?:{_IS}| \w+ed\b)"
    r"|(?:i|we|he|she|they) (?:want|need|like|love|hate|think|know|can't|cannot|couldn't|don't|just|only)\b"
    r"|(?:do (?:i|we) need|should (?:i|we))\b"
    r"|(?:i|we|he|she|they)(?:'ll| will|'m going to|'re going to) (?:probably |maybe |just |soon )?"
    r"(?!have\b|take\b|need\b|like\b)\w+"
    r"|(?:i|we|he|she|they) (?:just |already )?(?:heard|saw|forgot|woke|went|came|broke|left|fell|got|lost|[a-z]{2,}ed)\b"
    r"|(?:(?:much|far|way|a bit|a little|bit) )?too (?!(?:please|and)\b)[a-z]+\b"
    r"|(?:done|finished|ready) (?:with|for|in|here)\b"
    r"|(?:don't|do not|didn't|not) (?:really |much )?(?:like|love|want|need|know|care|feel|think|fancy)\b"
    r"|(?:hate|love|loving|enjoying|not sure|sick of|tired of|bored of|fed up with|"
    r"can't (?:stand|see|hear|sleep|find)|cannot \w+)\b"
    r")"
)
# "I heard a noise" is why something is to be done, and says nothing of what.
_EVENT = re.compile(
    r"(?:oh |well |and |but )*(?:i|we|he|she|they|some(?:one|body)) (?:just |already |have |think (?:i|we) )*"
    r"(?:heard|saw|forgot|woke|went|came|broke|left|fell|got|lost|[a-z]{2,}ed)\b"
)
# "I want the light on" is an order as well.
_WANTED = re.compile(
    rf"(?:(?:and|but|so) )?(?:i|we) (?:want|need|only want|just want|just need) (?:the|my|our|all|both|every)\b.* "
    rf"(?:{_STATE}|to|at|in|set|dimmed|locked|unlocked|running)\b"
)
# "Guests are here", "closing time", "good night": what goes on around, of which no device needs to know.
_AROUND = re.compile(
    rf"(?!{_NOT_A_SUBJECT}(?:'s)?\b)[^\W\d_-]+(?: (?!{_NOT_A_SUBJECT}(?:'s)?\b)[^\W\d_-]+)?"
    r"(?:'s (?:over|at|in|on|off|out|not|a|an|all|been|gone|done|\w+ing)| are| is|'ve| has| have)\b(?! to\b)"
    r"|[\w' ]{2,24} (?:coming up|coming in|on (?:its|their|the) way|ahead)$"
    r"|(?!(?:bring|ring|swing|string|sting|fling)\b)\w+ing (?:up|off|out|home|over|down)$"
    r"|(?:good \w+|morning|evening|hello|hi|hey|thanks|thank you|cheers|bedtime|\w+ time|time for \w+|oh|wow|great|welcome \w+)"
    r"(?: (?:all|everyone|everybody|folks))?(?: (?:in|on|at) (?:the |my |our )?[\w' -]{3,24})?$"
)
_BARE_NOUN = re.compile(
    rf"(?:both )?(?:the|my|our|your) (?:(?!{_STATE}\b|to\b|in\b|at\b|of\b)[^\W\d]+ ?){{1,4}}"
    rf"(?:(?<= )(?:in|on|at|of) (?:the |my |our )?(?:(?!{_STATE}\b|to\b)[^\W\d]+ ?){{1,3}})?"
)
# What is to stay as it is is nothing to be done beside something else that is.
_LEFT_ALONE = re.compile(
    r"(?:(?:and|but|just|please) )*(?:leave\b.+\b(?:alone|be|as (?:it|they) (?:is|are)|running|untouched|in peace)"
    r"|(?:don't|do not|never) (?:touch|bother|disturb|change)\b(?! (?:on|off|mode|again|until|till|for|from)\b).*|hands off\b.*)$"
)
_REASON = re.compile(r"\s+(?:because|'cause|as long as|so that|so (?=(?:i|we|you|he|she|they|it)\b))\b.*$")
_REFERS = re.compile(r"\b(?:it|its|them|their)\b|\b(?:that|this|those|these|there)$|\b(?:that|this) (?=\d)")
_AMOUNT_FIRST = re.compile(r"(?:just |about |only )?-?\d[\d.,:]*(?! \w+s\b)\b")
# "How warm is it upstairs" speaks of nothing that was spoken of before.
_EXPLETIVE = re.compile(
    r"\b(?:how \w+(?: \w+)?|what time|(?:what )?temperature) (?:is|was|'s|will) it(?: be)? \w"
    r"|\b(?:is|was|will) it (?:be )?\w+ing\b"
)
_SENTENCE_END = re.compile(r"[.!?;]")
_LEAD_WORDS = 6


def goal_places(lower: str, names: DeviceNames) -> tuple[list[Place], list[frozenset[str]]]:
    """Return where the clauses of a goal stand, and which devices each leaves out.

    What is between quotation marks stays together, and so do "rooms 1 and 2", what is left out with that of which it is, and
    what only says how something is to be done with what it says it of.
    """
    quoted = quoted_places(lower)
    places: list[Place] = []
    for start, end in _cut_short(_cut_at_but(lower), lower, names):
        is_inside = any(places and left < start and places[-1][1] < right for left, right in quoted)
        is_exception = _EXCEPT.match(lower, start, end) or (
            places and _EXCEPT.search(lower, *places[-1]) and names.is_all_name(lower[start:end])
        )
        is_listed = (
            places
            and _LIST_GOES_ON.match(lower, start)
            and _LIST_BEGINS.search(lower, *places[-1])
            and _LIST_JOINT.fullmatch(lower, places[-1][1], start)
        )
        is_more = places and _is_manner(lower, places[-1][1], start, end, names)
        if places and (is_inside or is_exception or is_listed or is_more):
            places[-1] = (places[-1][0], end)
        else:
            places.append((start, end))
    spared: list[frozenset[str]] = []
    for number, (start, end) in enumerate(places):
        exception = _EXCEPT.search(lower, start, end)
        begins = end if exception is None else exception.end()
        left_out = [names.fitting(names.said(text)) for text in split_clauses(lower[begins:end])]
        spared.append(frozenset().union(*left_out))
        if exception is not None and spared[-1]:
            places[number] = (start, exception.start())
    return places, spared


def is_statement(text: str) -> bool:
    """Whether a clause says how things are, which asks for nothing where something else is asked for."""
    return (_STATEMENT.match(text) is not None and _WANTED.match(text) is None) or is_around(text)


def begins_statement(text: str, following: str, joint: str) -> bool:
    """Whether a clause is only the first of what the next says how it is: "the kitchen and the hall are dark"."""
    is_joined = re.fullmatch(r"\s*(?:,|,? ?and)\s*", joint) is not None
    return is_joined and _BARE_NOUN.fullmatch(text) is not None and _STATEMENT.match(following) is not None


def is_around(text: str) -> bool:
    """Whether a clause only tells what goes on or greets: "guests are here", "film time"."""
    return _AROUND.match(text) is not None


def is_event(text: str) -> bool:
    """Whether a clause tells what has happened: "I heard a noise"."""
    return _EVENT.match(text) is not None


def is_left_alone(text: str) -> bool:
    """Whether a clause says that something is to stay as it is."""
    return _LEFT_ALONE.fullmatch(text) is not None


def refers(text: str) -> bool:
    """Whether a clause speaks of something that was spoken of before: "set it to 20", "undo that", or only says how much."""
    return _AMOUNT_FIRST.match(text) is not None or speaks_of_it(text)


def speaks_of_it(text: str) -> bool:
    """Whether "it" or the like in a clause is something that was spoken of before."""
    return _REFERS.search(_EXPLETIVE.sub(" ", text)) is not None


def leads(lower: str, places: list[Place], number: int, names: DeviceNames) -> bool:
    """Whether a clause only leads to what stands behind its colon ("closing time, folks: …") and names nothing."""
    start = places[number][0]
    colon = lower.find(":", start)
    following = next((one for one in places[number + 1 :] if one[0] > colon), None)
    if colon < 0 or following is None:
        return False
    begins = max((match.end() for match in _SENTENCE_END.finditer(lower, 0, start)), default=0)
    lead = lower[begins:colon]
    is_one = re.fullmatch(r"\s*", lower[colon + 1 : following[0]]) is not None and not _SENTENCE_END.search(
        lead
    )
    if not is_one or not is_outside(lower, colon):
        return False
    is_last = places[number][1] >= colon - 1
    return (is_last or len(split_words(lead)) <= _LEAD_WORDS) and not names.said(lead)


def is_outside(lower: str, place: int) -> bool:
    """Whether a place is outside of all quotations."""
    return not any(left <= place < right for left, right in quoted_places(lower))


def asked(text: str) -> str:
    """Return what a clause asks for: without what it quotes and the reason, all of it where nothing else is said."""
    rest = _REASON.sub("", text)
    for start, end in reversed(quoted_places(rest)):
        rest = rest[:start] + rest[end:]
    return rest if telling(rest) else text


def _cut_at_but(lower: str) -> list[Place]:
    """Return the clauses, cut at "but" too: "pause the washing but leave the music on"."""
    found: list[Place] = []
    for start, end in clause_places(lower):
        cuts = [*_BUT.finditer(lower, start, end), *_so_cuts(lower, start, end)]
        for cut in sorted(cuts, key=re.Match.start):
            if (
                telling(lower[start : cut.start()])
                and telling(lower[cut.end() : end])
                and is_outside(lower, cut.start())
            ):
                found.append((start, cut.start()))
                start = cut.end()  # noqa: PLW2901 - the rest of the clause
        found.append((start, end))
    return found


def _so_cuts(lower: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Find where a remark ends in "so": "it is late so lights off"."""
    for cut in _SO.finditer(lower, start, end):
        remark = lower[start : cut.start()]
        if is_statement(remark) and not _HOW_MUCH_SO.search(remark):
            yield cut


def _cut_short(places: Iterable[Place], lower: str, names: DeviceNames) -> Iterator[Place]:
    """Cut between short wishes that nothing joins: "curtain closed light at 10 percent"."""
    for start, end in places:
        begins = start
        while (found := _NAME_AND_STATE.match(lower, begins, end)) is not None:
            rest = _STATE_BEHIND.match(lower, found.end(), end)
            first, second = found["name"], rest and lower[found.end() : rest.end()]
            if second is None or not (
                names.is_all_name(first) and names.things(first) and names.things(second)
            ):
                break
            yield begins, found.end() - 1
            begins = found.end()
        yield begins, end


def _is_manner(lower: str, before: int, start: int, end: int, names: DeviceNames) -> bool:
    """Whether a clause only says how what stands before it is to be done: "full power", "by the compass", "2 hours"."""
    if _SENTENCE_END.search(lower, before, start) or ":" in lower[before:start]:
        return False
    text = lower[start:end]
    is_degree = set(split_words(text)) <= _DEGREES
    is_manner = _MANNER.fullmatch(text) is not None and only_room(text) is None
    return (is_degree or is_manner) and not names.said(text)
