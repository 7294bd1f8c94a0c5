"""Works out what "it", "the other one", "the second one" or "and shelf 4?" means, from what the chat spoke of. Pure.

A reference is filled in only where one thing can be meant. Where several can, or nothing is known, the person is asked: what a
machine moves must not rest on a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coordinator.dialogue.memory import ChatMemory, ChatTurn, Mentioned
from coordinator.dialogue.names import Mention, Names
from coordinator.dialogue.questions import OpenQuestion, which
from coordinator.wording import listing

_PLACE_BEFORE = re.compile(
    r"\b(?:to|into|onto|at|in|on|from|near|by|under|behind|beside|off)(?:\s+(?:the|my|our))?(?:\s+[a-z]+ing)?\s*$",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|them|this one|that one|this|that|these|those)\b(?! (?:is|are|was|the|a)\b)", re.IGNORECASE
)
_BARE_THAT = re.compile(r"\b(?:this|that|these|those)\s+[^\W\d_]", re.IGNORECASE)
_THERE = re.compile(r"\bthere\b(?! (?:is|are|was|were)\b)", re.IGNORECASE)
_IS_THERE = re.compile(r"\b(?:is|are|was|were|if|whether|that|since)\s+there\b|^\W*there\b", re.IGNORECASE)
_NOUN_BEFORE = re.compile(
    r"\b(?:the|a|an|my|our|your|all|every|each|any|both|some|no|one)\s+(?!other one\b|same\b)[^\W\d_]",
    re.IGNORECASE,
)
# "Have the arm lay …", "robot 2 should take …", "robot 2, bring …": who does it is not what it is done with.
_DOER = re.compile(
    r"^\W*(?:(?:and|now|then|so|ok|okay|please|next)[ ,]+)*(?:(?:can|could|would|will) you (?:please )?)?"
    r"(?:(?:have|let|make|get|ask|tell|order|want) (?P<told>(?:(?:the|a|an|my|our|any|some)\s+)?[\w-]+(?:\s\d+)?)\s+(?:to\s+)?"
    r"|(?P<called>(?:(?:the|my|our)\s+)?[\w-]+(?:\s\d+)?)(?:,\s*|\s+(?:should|must|can|shall|has to|needs to)\s+)(?:please\s+)?)"
    r"[^\W\d_]+\s*$",
    re.IGNORECASE,
)
_WEATHER = re.compile(r"\bit(?:'s| is| was| gets| will)\b|\b(?:is|was|gets?) it\b", re.IGNORECASE)
_OTHER = re.compile(r"\bthe other (?P<noun>one|[^\W\d_]+)\b(?!s\b)", re.IGNORECASE)
_ORDINAL = re.compile(r"\bthe (?P<which>first|second|third|fourth|fifth|last) one\b", re.IGNORECASE)
_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
_ELLIPSIS = re.compile(
    r"^\W*(?:(?:and|now|then|also|ok|okay|please)[ ,]+)*(?:(?:do )?the same (?:for|with|at|on|to)|(?:what|how) about|"
    r"(?:and |also |now )?(?:for|with)|same (?:for|with|at))?\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"^[\s,]*(?:too|as well|also|please|now|then|next|again)?(?:[\s,]*please)?\W*$", re.IGNORECASE
)
_LEADING = re.compile(r"^\W*(?:(?:and|now|then|also|next)\b[ ,]*)+(?:the\s+)?$", re.IGNORECASE)
_SEVERAL = frozenset({"them", "these", "those"})
_MOST_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text in which every reference is filled in."""

    text: str


Resolution = Resolved | OpenQuestion


def resolve(text: str, memory: ChatMemory, names: Names, entities: Mapping[str, Sequence[str]]) -> Resolution:
    """Fill in what a goal refers to, or return the question to ask.

    Args:
        text: the person's words.
        memory: of the chat.
        names: of the site.
        entities: labels by kind, among which "the other one" may be.
    """
    mentions = names.mentions(text)
    last = memory.last_goal()
    if last is not None and last.goal is not None:
        continued = _continued(text, mentions, last, memory, names, entities)
        if continued is not None:
            return continued
    found: str | OpenQuestion
    for pattern in (_OTHER, _ORDINAL):
        match = pattern.search(text)
        if match is not None:
            found = _other(match, memory, entities) if pattern is _OTHER else _ordinal(match, memory)
            if not isinstance(found, str):
                return _template(found, text, match)
            text = _put(text, match, found)
    return _pronouns(text, memory, names)


def mentions_of(text: str, names: Names) -> tuple[Mentioned, ...]:
    """Return what a text speaks of, for the memory."""
    return tuple(
        Mentioned(sort=one.sort, name=one.name, kind=one.kind, is_place=is_place(text, one))
        for one in names.mentions(text)
    )


def is_place(text: str, mention: Mention) -> bool:
    """Whether something is named as the place where something else is or goes."""
    return _PLACE_BEFORE.search(text[: mention.start]) is not None


def _continued(  # noqa: PLR0911, PLR0917 - each way of not being a continuation is its own end
    text: str,
    mentions: Sequence[Mention],
    last: ChatTurn,
    memory: ChatMemory,
    names: Names,
    entities: Mapping[str, Sequence[str]],
) -> Resolution | None:
    """Read a message without a verb as the last goal with another thing: "and shelf 4?", "and the other one to station 1"."""
    goal = last.goal or ""
    before = names.mentions(goal)
    other = _OTHER.search(text)
    if other is not None and _LEADING.match(text[: other.start()] + " "):
        objects = [one for one in before if not is_place(goal, one)]
        if len(objects) != 1:
            return None
        chosen = _other(other, memory, entities, of=objects[0])
        frame = _with_places(_swap(goal, objects[0], "{}"), text[other.end() :], names)
        if frame is None:
            return None
        if isinstance(chosen, str):
            return Resolved(frame.replace("{}", chosen))
        return chosen.model_copy(update={"template": frame})
    if not mentions or not (
        _ELLIPSIS.match(text[: mentions[0].start]) or _LEADING.match(text[: mentions[0].start])
    ):
        return None
    first = mentions[0]
    same = [one for one in before if one.kind == first.kind]
    if len(same) != 1:
        return None
    if _TRAILING.match(text[first.end :]) and len(mentions) == 1:
        return Resolved(_swap(goal, same[0], first.name))
    continued = _with_places(_swap(goal, same[0], first.name), text[first.end :], names)
    return None if continued is None else Resolved(continued)


def _with_places(goal: str, rest: str, names: Names) -> str | None:
    """Put the places that `rest` names ("to station 1") into a goal; None where it says more than that."""
    if _TRAILING.match(rest):
        return goal
    places = names.mentions(rest)
    words = rest
    for place in reversed(places):
        if not is_place(rest, place):
            return None
        words = words[: place.start] + words[place.end :]
        same = [one for one in names.mentions(goal) if one.kind == place.kind and is_place(goal, one)]
        if len(same) != 1:
            return None
        goal = _swap(goal, same[0], place.name)
    is_only_places = re.fullmatch(
        r"(?:\W|\b(?:to|into|at|from|on|the|and|please|too|as|well)\b)*", words, re.IGNORECASE
    )
    return goal if places and is_only_places else None


def _other(
    match: re.Match[str],
    memory: ChatMemory,
    entities: Mapping[str, Sequence[str]],
    of: Mention | None = None,
) -> str | OpenQuestion:
    """Find "the other one": the only other thing of the kind that the chat or the site knows of."""
    noun = match["noun"].casefold()
    spoken = memory.mentioned()
    if of is not None:
        kind, current = of.kind, of.name
    else:
        fitting = [one for one in spoken if noun in {"one", one.kind} and (noun != "one" or not one.is_place)]
        if not fitting:
            return OpenQuestion(text=f'What do you mean by "{match[0]}"?')
        kind, current = fitting[0].kind, fitting[0].name
    known = [one.name for one in memory.mentioned(kind)] + [
        f"{kind} {label}" for label in entities.get(kind, ())
    ]
    rest = [one for one in dict.fromkeys(known) if one != current]
    if len(rest) == 1:
        return rest[0]
    if not rest:
        return OpenQuestion(text=f"Which other {kind} do you mean? I know of {current} only.")
    return which(f"Which other {kind} do you mean?", rest[:_MOST_CANDIDATES])


def _ordinal(match: re.Match[str], memory: ChatMemory) -> str | OpenQuestion:
    """Find "the second one" among those that were spoken of together."""
    place = _PLACES[match["which"].casefold()]
    for turn in memory.newest_first():
        listed = _alike(turn.mentions)
        if len(listed) > max(place, 1):
            return listed[place].name
    return OpenQuestion(text=f'Which one do you mean by "{match[0]}"? Please name it.')


def _alike(mentions: Sequence[Mentioned]) -> list[Mentioned]:
    """Return those of one kind, if several of one kind were spoken of."""
    for one in mentions:
        same = [other for other in mentions if other.kind == one.kind]
        if len(same) > 1:
            return same
    return []


def _pronouns(text: str, memory: ChatMemory, names: Names) -> Resolution:
    there = _THERE.search(text)
    if there is not None and not _IS_THERE.search(text) and not _place_before(text, there.start(), names):
        places = next(
            (
                found
                for turn in memory.newest_first()
                if (found := [one for one in turn.mentions if one.is_place])
            ),
            [],
        )
        if len(places) == 1:
            text = f"{text[: there.start()]}to {places[0].name}{text[there.end() :]}"
        elif places:
            question = which('Where do you mean by "there"?', [one.name for one in places[:_MOST_CANDIDATES]])
            return _template(question.model_copy(update={"template": "to {}"}), text, there)
    match = _PRONOUN.search(text)
    if (
        match is None
        or _named_before(text, match.start(), names)
        or _WEATHER.search(text)
        or _is_determiner(text, match)
    ):
        return Resolved(text)
    word = match[0].casefold()
    candidates = _meant(memory, is_several=word in _SEVERAL)
    names_of = [one.name for one in candidates[:_MOST_CANDIDATES]]
    if len(names_of) == 1 and (word not in _SEVERAL or len(memory.mentioned(candidates[0].kind)) == 1):
        return Resolved(_put(text, match, names_of[0]))
    if word in _SEVERAL and len(names_of) > 1:
        return Resolved(_put(text, match, listing(names_of)))
    if word in _SEVERAL and names_of:
        every = [one.name for one in memory.mentioned(candidates[0].kind)][:_MOST_CANDIDATES]
        names_of = [listing(every), names_of[0]]
    question = which(f'What do you mean by "{word}"?', names_of)
    return _template(question, text, match)


def _meant(memory: ChatMemory, *, is_several: bool) -> list[Mentioned]:
    """Return what the newest turn that spoke of something may be continued about: what it was about, else its places."""
    for turn in memory.newest_first():
        if turn.mentions:
            about = [one for one in turn.mentions if not one.is_place] or list(turn.mentions)
            if is_several:
                return _alike(about) or about
            # "Robot 2, take tote T7": the tote is what is taken on, the robot is who does it.
            things = [one for one in about if one.sort != "device"]
            return things or about
    return []


def _place_before(text: str, at: int, names: Names) -> bool:
    return any(is_place(text, one) for one in names.mentions(text[:at]))


def _named_before(text: str, at: int, names: Names) -> bool:
    """Whether the sentence itself names something before its pronoun, so that this may be what is meant."""
    head = text[:at]
    if _DOER.match(head) is not None:
        return False
    return bool(names.mentions(head)) or _NOUN_BEFORE.search(head) is not None


def _is_determiner(text: str, match: re.Match[str]) -> bool:
    """Whether "that" belongs to a noun or a clause ("that lamp", "see that nobody enters")."""
    return match[0].casefold() in {"this", "that", "these", "those"} and bool(
        _BARE_THAT.match(text, match.start())
        and not re.match(r"\w+\s+(?:to|into|from|at|on|in|now|please|again|too)\b", text[match.start() :])
    )


def _template(question: OpenQuestion, text: str, match: re.Match[str]) -> OpenQuestion:
    inner = question.template
    return question.model_copy(update={"template": f"{text[: match.start()]}{inner}{text[match.end() :]}"})


def _put(text: str, match: re.Match[str], name: str) -> str:
    return f"{text[: match.start()]}{name}{text[match.end() :]}"


def _swap(goal: str, mention: Mention, name: str) -> str:
    return f"{goal[: mention.start]}{name}{goal[mention.end :]}"
