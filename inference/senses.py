"""Whether a sentence switches something on or off: "don't let the kids press anything" locks, "no beeping" turns a sound off."""

from __future__ import annotations

import re

from inference.choices import is_form_of
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import canonical_words

_GENERIC = frozenset(
    """
    set on off enable enabled enabling disable active activate activated state status mode switch turn power value flag toggle
    is be use with allow allowed change get do not no go
    """.split()
)
_LEAST_LETTERS = 4
_ONLY = re.compile(r"\b(?:only|just|nothing but|solely|exclusively)\b")
_AXES = {
    "vertical": re.compile(r"\bvertical|\bup[ -](?:and[ -])?down\b|\bup to down\b"),
    "horizontal": re.compile(
        r"\bhorizontal|\bsideways\b|\bside[ -]to[ -]side\b|\bleft (?:and|to) right\b|\bright (?:and|to) left\b"
    ),
}
_ABBREVIATED = re.compile(r"\bdnd\b")
_PIECE = re.compile(r"[^,.;:!?]+")
# What only holds under a condition does not say whether.
_CONDITION = re.compile(r"\b(?:when|whenever|if|while|because|since|unless|so that|so)\b.*$")
_REMINDER = re.compile(r"\b(?:don['\u2019]?t|do not|never) forget to\b")
_NEGATOR = re.compile(
    r"\b(?:don['\u2019]?t|do not|does ?n['\u2019]?t|not|no|never|without|stop|stopping|quit|needn['\u2019]?t|need not|no longer"
    r"|disable|deactivate|cancel|end|lift|remove|undo|won['\u2019]?t|can['\u2019]?t|cannot|isn['\u2019]?t"
    r"|nobody|no one|back from|done with|finished with|enough of"
    r"|(?:turn|switch|put|take) off)\b"
)
_TURNED = re.compile(
    r"(?<!n't )(?<!not )(?<!never )\b(?:turn|switch|put) "
    r"(?:(?:it|that|this|them|the [\w'\u2019]+|my [\w'\u2019]+) )?(?P<way>on|off)\b"
)
_NEAR_WORDS = 7
_OFF_BEHIND = re.compile(
    r"(?:[ -]+[\w'\u2019]+){0,5}? (?:off|out|away|(?:is|are) over|isn['\u2019]?t needed|(?:can|may|should|must) (?:stop|end))\b"
)
_ON_BEHIND = re.compile(r"(?: [\w'\u2019]+){0,3}? on(?: again| now| please)*\s*$")
_INHIBITING = frozenset(
    """
    lock locked lockout block blocked privacy private disturb mute muted quiet silent silence hold pause ban away holiday vacation
    only
    """.split()
)
_INHIBITS = re.compile(
    r"(?:stop|pause|hold back|hold|keep out|block|prevent|cut|suppress|lock|mute|silence|forbid|ban|privacy)s?\b"
    # "Asks the driver not to chat"
    r"|[^.;]*\bnot to\b"
)
_ABSENT = frozenset("away holiday vacation absent absence".split())
_BACK = re.compile(r"\b(?:we|i|everybody|everyone|they|he|she|family)\b.*\b(?:home|back)\b")
_NOT_YET = re.compile(
    r"\b(?:won['\u2019]?t|not|until|till|leav\w+|going|will|['\u2019]ll|be back|before|when)\b|n['\u2019]t\b"
)
_AUTOMATIC = frozenset("auto automatic automatically".split())
_BY_HAND = re.compile(r"\b(?:myself|ourselves|by hand|manually|on my own|on our own)\b")
_KEEP_ON = re.compile(
    r"\b(?:don['\u2019]?t|do not|never|not) (?:ever )?"
    r"(?:stop|cut|pause|block|hold|interrupt|shut|switch off|turn off|mute|lock|keep)\b"
)
_PREVENTION = re.compile(
    r"^\s*(?:please |can you |could you |would you |ok |okay |now )*"
    r"(?:(?:don['\u2019]?t|do not|never|stop|quit|no)\b(?! (?:need|problem|more than))|stay out|stay away"
    r"|keep (?:[\w'\u2019]+ ){0,4}?(?:out|off|away))"
    r"|\b(?:nobody|no one|no-one) (?:should|may|can|must|is to)\b|\b(?:should|may|must)(?:n['\u2019]t| not)\b"
    r"|\bnot (?:be )?allowed\b|\b(?:don['\u2019]?t|do not) want"
    r" (?:to be |(?:[\w'\u2019]+ ){1,3}to |any|(?:[\w'\u2019]+ ){0,3}\w+ing\b)"
    r"|\bnot (?:up for|in the mood for|interested in)\b|\b(?:don['\u2019]?t|do not) feel like\b"
)
_PERMISSION = re.compile(
    r"\b(?:allowed|welcome|free|permitted) (?:back|again|to|in)\b|\b(?:can|may|let|lets|allow|want)\b.*\bagain\b"
    r"|\bagain\b.*\b(?:allowed|welcome)\b"
)
_NO = re.compile(r"\s*(?:please )?no\b")
_OFF = re.compile(r"\boff\b")


def said_sense(parameter: Parameter, function: FunctionSignature, lower: str) -> bool | None:
    """Return what a sentence sets a switch to, as far as general rules of English tell; None where they do not.

    "Stop swinging" denies the name of what is switched. Where the name is not said, what somebody forbids turns a lock, or
    whatever else holds things back, on, and all else off.
    """
    if (sense := _of_siblings(parameter, function, lower)) is not None:
        return sense
    pieces = [piece for piece in _PIECE.findall(lower) if piece.strip()]
    told = {
        sense
        for piece in pieces
        for sense in [_of_piece(parameter, function, piece, is_alone=len(pieces) == 1)]
        if sense is not None
    }
    if not told and set(_words(parameter.readable_name)) <= _GENERIC:
        # "My 6 o'clock alarm - turn it off, but keep it."
        told = {way["way"] == "on" for way in _TURNED.finditer(lower)}
    return told.pop() if len(told) == 1 else None


def _of_siblings(parameter: Parameter, function: FunctionSignature, lower: str) -> bool | None:
    """Return what "only" sets one of several switches to: with "only sideways" the horizontal one is on and the vertical off."""
    switches = [each for each in function.parameters if each.kind is ParameterKind.BOOLEAN and each.required]
    spoken = [each for each in switches if _is_spoken(each, lower)]
    is_axis = not _AXES.keys().isdisjoint(_words(parameter.readable_name))
    if len(switches) == 1 or not spoken or _NEGATOR.search(lower) or _OFF.search(lower):
        return None
    is_only = _ONLY.search(lower) is not None
    return parameter in spoken if is_only or (is_axis and parameter in spoken) else None


def _is_spoken(parameter: Parameter, lower: str) -> bool:
    names = _words(parameter.readable_name)
    said = [axis for name, axis in _AXES.items() if name in names]
    if said:
        return any(axis.search(lower) is not None for axis in said)
    head = _head(names)
    return head is not None and any(is_form_of(word, head) for word in re.findall(r"[a-z]+", lower))


def _of_piece(
    parameter: Parameter, function: FunctionSignature, piece: str, *, is_alone: bool
) -> bool | None:
    names, owner = _words(parameter.readable_name), _words(function.readable_name)
    said = {*names, *owner}
    plain = _REMINDER.sub("", _CONDITION.sub("", piece))
    if said & _AUTOMATIC and _BY_HAND.search(piece):
        return False
    named = _named(head, names, plain) if (head := _head(names)) else _named(_head(owner), owner, plain)
    if named is not None:
        return named
    if said & _ABSENT and _BACK.search(piece) and not _NOT_YET.search(piece):
        return False
    holds_back = bool(said & _INHIBITING or {"no", "go"} <= said) or (
        _INHIBITS.match(function.description.lower()) is not None
    )
    if _KEEP_ON.search(plain):
        return not holds_back
    if _PREVENTION.search(plain):
        # What else is forbidden may be another thing than this: "no lights" for a night mode.
        return True if holds_back else False if is_alone and not _NO.match(plain) else None
    is_permitted = _PERMISSION.search(plain) is not None and _OFF.search(plain) is None
    return not holds_back if is_permitted and (is_alone or holds_back) else None


def _words(name: str) -> list[str]:
    return _ABBREVIATED.sub("do not disturb", canonical_words(name)).split()


def _head(names: list[str]) -> str | None:
    """Return the last word of a name that tells what is switched."""
    telling = [word for word in names if len(word) >= _LEAST_LETTERS and word not in _GENERIC]
    return telling[-1] if telling else None


def _named(head: str | None, names: list[str], text: str) -> bool | None:
    """Say whether a text affirms or denies what is switched, by the negations before its name and an "off" behind it."""
    if head is None:
        return None
    for match in re.finditer(r"[a-z]+", text):
        is_undone = match[0].startswith("un") and is_form_of(match[0][2:], head)
        if not is_undone and not is_form_of(match[0], head):
            continue
        before, behind = text[: match.start()], text[match.end() :]
        near = " ".join(before.split()[-_NEAR_WORDS:])
        # Of "do not disturb" the negation is a part of the name, as long as it stands next to it.
        is_negative = "not" in names
        if is_negative and near.endswith(("do not", "don't", "dont")):
            near, is_negative = near.removesuffix("do not").removesuffix("don't").removesuffix("dont"), False
        denials = len(_NEGATOR.findall(near)) + is_undone + is_negative
        if _OFF_BEHIND.match(behind):
            return is_undone
        return True if _ON_BEHIND.match(behind) and not is_negative else denials % 2 == 0
    return None
