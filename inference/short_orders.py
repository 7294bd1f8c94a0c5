"""Spells out what people say in short when they switch something: "fan off" and "kill the fan" become "turn the fan off"."""

from __future__ import annotations

import re

_PIECE = re.compile(r"[^.;!?]+")
_BARE = re.compile(
    r"(?P<before>\s*(?:(?:hey|hi|ok|okay|please|now|right|well|so|then),? )*)"
    r"(?P<thing>(?:[\w'\u2019-]+ ){1,4}?)(?P<state>on|off)"
    r"(?P<after>(?:,? (?:now|please|again|thanks|thank you|for (?:now|today|tonight)|tonight|in (?:here|there|the .+)))*\s*)",
    re.IGNORECASE,
)
# With any of these a phrase before "on" or "off" is more than the name of a thing: "the lamp is on", "carry on", "from now on".
_NO_THING = frozenset(
    """
    turn turned switch switched put get keep leave left carry hold go goes come comes move take set from later now is are was be
    being i you we they he she it what who when how why if not no never and or then but to with in at for of by as let lets make
    have has had having do does did don't can could will would shall should may must want need play show tell power shut flip
    click kick start stop hang log sign pass head walk work ride hop press bring add read drive based so on off right here there
    please hands time early straight further half way day days hour hours minute minutes week goes going
    """.split()
)
# "When can it be on?" and "we can go off" are no orders.
_WHO = frozenset("i you we they he she when what how who why where if so and but".split())
_NOUNS = frozenset({"heating", "lighting", "cooling", "ceiling"})
_THING = r"(?:(?:the|my|our|this|that|your|those|these) (?:[\w'\u2019-]+ ){0,3}?[\w'\u2019-]+|it|this|that|everything|them)"
# "Buy power off the street" turns nothing off.
_ORDERED = r"(^|[,.;:!?] |\b(?:please|and|then|to|you|just|now|so|ok|okay) )"
_OFF_BEHIND = re.compile(rf"{_ORDERED}(?:shut|power) ({_THING}) (?:down|off)\b", re.IGNORECASE)
_SHUT_IT = re.compile(rf"{_ORDERED}shut (it|(?:the|my|our) [\w-]+) (?:down|off)\b", re.IGNORECASE)
_OFF_BEFORE = re.compile(rf"{_ORDERED}(?:(?:shut|power) (?:down|off)|kill) (?={_THING}\b)", re.IGNORECASE)
_ON_BEHIND = re.compile(rf"{_ORDERED}(?:power|fire|boot|start) ({_THING}) up\b", re.IGNORECASE)
_ON_BEFORE = re.compile(rf"{_ORDERED}(?:power|fire|boot) (?:up|on) (?={_THING}\b)", re.IGNORECASE)
_MAY = re.compile(
    r"(?<![^,.;] )(?P<before>(?:(?:ok|okay|hey|now|well|right|please),? )*)"
    r"(?P<thing>\b(?:[\w'\u2019-]+ ){1,6}?)(?:can|may|should|could|must|needs to|has to)"
    r" (?:(?:go|be|be turned|be switched|stay) (?P<off>off)|(?:be|be turned|be switched|come|come back|go back) (?P<on>on))"
    r"(?=(?: (?:again|now|please|for (?:now|today)|tonight))*\s*(?:[,.;!?]|$))",
    re.IGNORECASE,
)


def shut_down(sentence: str) -> str:
    """Say "turn the belt off" for "shut the belt down": of a device without a switch of its own no more is sure to mean that."""
    return _SHUT_IT.sub(r"\1turn \2 off", sentence)


def spelled_out(sentence: str) -> str:
    """Write out the orders of a sentence that switch a thing in fewer words, or in other words, than "turn it on"."""
    text = _OFF_BEHIND.sub(r"\1turn \2 off", sentence)
    text = _OFF_BEFORE.sub(r"\1turn off ", text)
    text = _ON_BEHIND.sub(r"\1turn \2 on", text)
    text = _ON_BEFORE.sub(r"\1turn on ", text)
    text = _MAY.sub(_ordered, text)
    return _PIECE.sub(lambda match: _with_verb(match[0]), text)


def _ordered(may: re.Match[str]) -> str:
    thing = may["thing"].strip()
    if _WHO & set(thing.lower().split()):
        return may[0]
    return f"{may['before']}turn {thing[:1].lower()}{thing[1:]} {may['on'] or may['off']}"


def _with_verb(piece: str) -> str:
    found = _BARE.fullmatch(piece)
    if found is None or _NO_THING & set(found["thing"].lower().split()):
        return piece
    first, *_ = words = found["thing"].split()
    article = (
        ""
        if first.lower() in {"the", "my", "our", "this", "that", "your", "all", "both", "every"}
        else "the "
    )
    last = words[-1].lower()
    if last.endswith(("'s", "\u2019s")) or (last.endswith("ing") and last not in _NOUNS):
        return piece
    thing = (
        first.lower() + found["thing"].strip()[len(first) :]
        if first[1:].islower()
        else found["thing"].strip()
    )
    return f"{found['before']}turn {article}{thing} {found['state'].lower()}{found['after']}"
