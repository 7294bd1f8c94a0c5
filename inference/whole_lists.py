"""Says in full what people say once of several things: "how are the lamp and the fan" asks of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from inference.device_names import DeviceNames, telling, thing_of_name, words_of_name
from inference.goal_clauses import is_outside
from inference.rooms import ROOM, only_room
from inference.words import clause_places

__all__ = ["with_whole_lists"]

_THE = r"(?:the|my|our|both the|both my)"
_ITEM = rf"{_THE} (?:(?!(?:and|or|in|on|at|of|to|have|has|is|are|both|each)\b)[^\W\d_][\w'-]* ?){{1,4}}"
_LEAST_LISTED = 2
_JOINT = re.compile(r"\s*(?:,|,?\s*and\b)\s*")
_QUESTION = re.compile(
    r"(?:(?:and|please|so|now) )*(?:how|what|what's|which|are|is|do|does|did|have|has|tell me|show me|give me|check|say|report)\b"
)
# A question ends where another begins or where something is to be done.
_SENTENCE_END = re.compile(r"[.!?;]|,? and (?=(?:how|what|are|is|do|turn|switch|set|tell|lock|close|open)\b)")
_SINGULAR = {"are": "is", "do": "does", "have": "has", "were": "was"}
_AGREES = re.compile(r"\b(are|do|have|were)\b", re.IGNORECASE)
_EACH = re.compile(r" (?:both|each|all)\b")
# "The temperature and the humidity in the bathroom" are both asked for there.
_AMOUNTS = re.compile(
    r"(?P<ask>(?:(?:and|please) )*(?:what(?: is| are|'s|'re)|tell me|show me|give me|check|report)) "
    r"(?P<first>the (?:[^\W\d_]+ ){0,2}?[^\W\d_]+) and (?P<second>(?:the )?(?:[^\W\d_]+ ){0,2}?[^\W\d_]+) "
    rf"(?P<place>(?:in|on|at|of|for) (?:the |my |our )?{ROOM})(?=$|[?.!,;])"
)
# "Both heaters, den and hall, off"; "the bedroom and the den to 20 degrees".
_APPOSED = re.compile(
    r"(?P<verb>[^,.;!?]*?)\b(?:both|all|the|my|our)(?: the| my| our)? (?P<thing>[^\W\d_]+s)(?:,|:| -) "
    rf"(?:in )?(?P<rooms>(?:the )?{ROOM}(?:(?:,|,? and) (?:in )?(?:the )?{ROOM})+),? (?P<rest>[^,.;!?]+)"
)
_ROOMS = re.compile(
    r"(?P<verb>(?:(?:please )?(?:set|make|put|heat|keep|get|warm|cool|bring|have|turn) )?"
    r"(?:(?:the )?(?:temperature|heating|heat|volume|brightness) (?:in|of|for) )?)(?:both )?"
    rf"(?P<rooms>(?:the |my |our )?{ROOM}(?:(?:,|,? and) (?:the |my |our )?{ROOM})+)"
    r"(?P<rest>,?(?: up| down| both)?(?: to| at)? -?\d[\d.]*(?: degrees| ?°c?| celsius)?)(?=$|[.!?,;]| and\b)"
)
# "The den, kitchen and hall lights."
_ROOM_THINGS = re.compile(
    rf"(?:(?:the|my|our|both) )?(?P<rooms>{ROOM}(?:(?:,|,? and) (?:the )?{ROOM})+) "
    r"(?P<thing>(?!(?:on|off|to|at|up|down|and|is|are)\b)[^\W\d_]+)(?! (?:in|of)\b)"
)
_ROOM_JOINT = re.compile(r"(?:,|,? and) (?:in )?")
_SHARED_VERB = re.compile(
    r"(?:(?:and|please|then|now) )*(?!(?:is|are|was|what|how|which|who|where|if|when|it|i|we|the|my|our|all|do|does|there|let)\b)"
    r"(?P<verb>[a-z]+(?: (?:up|down|on|off))?) (?:the|my|our) "
)
# "Switch off the lamp by the sofa and the one on the desk."
_ONE = re.compile(
    r"(?P<the>(?:the|that|this) (?:other )?)(?P<one>1|one)(?= (?:in|on|at|by|near|of|next|under|above|beside|behind)\b)"
)
# "The front and the back door."
_HEAD_BEHIND = re.compile(
    r"\b(?P<the>(?:the|my|our) )(?P<one>(?!the\b)[^\W\d_]+(?: [^\W\d_]+)?) and (?:(?:the|my|our) )?"
    r"(?P<other>(?!the\b)[^\W\d_]+(?: [^\W\d_]+)??) (?P<thing>[^\W\d_]+)"
)
# "Every light in the house": what each of them is told speaks of no house.
_IN_THE_HOUSE = re.compile(
    r"\b(?P<all>(?:every|all|each|any)(?: of)?(?: the| my| our)? [^\W\d_]+) (?:in|of) (?:the|my|our) "
    r"(?:whole |entire )?(?:house|home|flat|apartment|place)\b"
)
# "Is the gate open and the door locked?"
_ASKED_STATE = re.compile(rf"(?P<ask>is|are) {_THE} .*")
_STATE = re.compile(rf"(?P<name>{_THE} .+?) (?:on|off|open|closed|shut|running|ready|free|[a-z]+ed)")
# "The case" is a suitcase where nothing is called a case.
_SHORT_NAME = re.compile(rf"\b{_THE} (?P<word>[a-z]{{4,}})\b(?!')")
_LEAST_LEFT_OUT = 3
# "All the lights but the study lamp off": what is left out stands between.
_EXCEPTED = re.compile(
    r"(?P<all>\b(?:all|every|each|the|both)\b[^,.;!?]*?)"
    r"(?:,? (?P<but>except(?: for)?|but(?: not)?|apart from|other than|besides) (?:in |on )?(?:the |my |our )?"
    r"(?P<name>[^,.;!?]+?))"
    r"(?:,? (?P<rest>(?:on|off|open|closed|shut|up|down|(?:to|at) \d[^,.;!?]*)))?(?=$|[.!?,;]| and\b)"
)
_SAYS_STATE = re.compile(r"\b(?:on|off|open|close[sd]?|shut|up|down|lock|to \d)\b", re.IGNORECASE)
# "No lights on upstairs", "no lamp needs to be on": they are all to be off.
_NONE_ON = re.compile(
    r"(?:i |we )?(?:(?:don't|do not) (?:want|need) (?:any|a)|no|none of the) (?P<thing>[^\W\d_]+)"
    r"(?: (?:needs?|has|have|should|must|may|ought|is|are)(?: to)?(?: be)?(?: left)?)?(?: (?:to be )?)?"
    r" ?(?:on|burning|lit|running|playing)\b"
)


def with_whole_lists(text: str, names: DeviceNames) -> str:
    """Return a goal in which what is said once of several things is said of each."""
    text = _sub(_IN_THE_HOUSE, lambda found: found["all"], text)
    for whole in (
        _compounds,
        _none_on,
        _excepted,
        _amounts,
        _apposed,
        _rooms,
        _room_things,
        _head_of_each,
        _asked_of_each,
        _verb_of_each,
    ):
        text = whole(text, names)
    return text


def _compounds(text: str, names: DeviceNames) -> str:
    """Say the whole of a device's name of which only the end is said: the mower that is a lawnmower."""

    def whole(found: re.Match[str]) -> str:
        word = found["word"].lower()
        if names.said(word):
            return found[0]
        heads = {kind: thing_of_name(kind) for kind in names.names}
        longer = [
            head
            for head in heads.values()
            if head.endswith(word) and len(head) - len(word) >= _LEAST_LEFT_OUT
        ]
        return found[0].replace(found["word"], longer[0]) if len(longer) == 1 else found[0]

    return _sub(_SHORT_NAME, whole, text)


def _none_on(text: str, names: DeviceNames) -> str:
    def off(found: re.Match[str]) -> str:
        thing = found["thing"]
        return f"all {thing if thing.endswith('s') else f'{thing}s'} off" if names.things(thing) else found[0]

    return _sub(_NONE_ON, off, text)


def _excepted(text: str, names: DeviceNames) -> str:
    def moved(found: re.Match[str]) -> str:
        is_all = found["but"].lower() != "but" or re.match("all|every|each", found["all"], re.IGNORECASE)
        is_said = found["rest"] and _SAYS_STATE.search(text[: found.start("but")])
        if not (names.is_all_name(found["name"].lower()) and is_all) or is_said:
            return found[0]
        rest = f" {found['rest']}" if found["rest"] else ""
        return f"{found['all']}{rest} except the {found['name']}"

    return _sub(_EXCEPTED, moved, text)


def _amounts(text: str, names: DeviceNames) -> str:
    def apart(found: re.Match[str]) -> str:
        if names.said(f"{found['first']} {found['second']}".lower()):
            return found[0]
        ask = _AGREES.sub(_singular_verb, found["ask"])
        return f"{ask} {found['first']} {found['place']} and {ask} {found['second']} {found['place']}"

    return _sub(_AMOUNTS, apart, text)


def _apposed(text: str, names: DeviceNames) -> str:
    def apart(found: re.Match[str]) -> str:
        thing = next(iter(names.things(found["thing"].lower())), "")
        rooms = [room.removeprefix("the ") for room in _ROOM_JOINT.split(found["rooms"])]
        return (
            _joined(found["verb"], [f"the {room} {thing}" for room in rooms], f" {found['rest']}")
            if thing
            else found[0]
        )

    return _sub(_APPOSED, apart, text)


def _rooms(text: str, names: DeviceNames) -> str:
    del names

    def apart(found: re.Match[str]) -> str:
        rest = found["rest"].replace(" both", "").removeprefix(",")
        return _joined(found["verb"], _ROOM_JOINT.split(found["rooms"]), rest)

    return _sub(_ROOMS, apart, text)


def _room_things(text: str, names: DeviceNames) -> str:
    def apart(found: re.Match[str]) -> str:
        thing = next(iter(names.things(found["thing"].lower())), "")
        rooms = [room.removeprefix("the ") for room in _ROOM_JOINT.split(found["rooms"])]
        *others, last = (f"the {room} {thing}" for room in rooms)
        return f"{', '.join(others)} and {last}" if thing else found[0]

    return _sub(_ROOM_THINGS, apart, text)


def _head_of_each(text: str, names: DeviceNames) -> str:
    def apart(found: re.Match[str]) -> str:
        thing = found["thing"].removesuffix("s")
        both = [f"{found['the']}{found[name]} {thing}" for name in ("one", "other")]
        devices = {_device(name.lower(), names) for name in both}
        return " and ".join(both) if len(devices) == len(both) and "" not in devices else found[0]

    return _sub(_HEAD_BEHIND, apart, text)


def _asked_of_each(text: str, names: DeviceNames) -> str:
    """Ask of each of some devices what is asked of all: "are the gate and the back door both locked?"."""
    lower, start = text.lower(), 0
    while start < len(lower):
        ending = _SENTENCE_END.search(lower, start)
        end = ending.start() if ending else len(lower)
        begin = start + len(lower[start:end]) - len(lower[start:end].lstrip())
        is_asked = _QUESTION.match(lower, begin, end) is not None and is_outside(lower, begin)
        if is_asked and (items := _listed(lower, begin, end, names)):
            first, last = items[0][0], items[-1][1]
            before = _AGREES.sub(_singular_verb, text[begin:first], count=1)
            behind = _EACH.sub("", text[last:end])
            whole = _joined(before, [text[left:right] for left, right in items], behind)
            return f"{text[:begin]}{whole}{text[end:]}"
        start = ending.end() if ending else len(lower)
    return text


def _listed(lower: str, begin: int, end: int, names: DeviceNames) -> list[tuple[int, int]]:
    """Return where the devices of a list stand, of which most are known by name."""
    item = re.compile(_ITEM)
    for found in item.finditer(lower, begin, end):
        items = [_stripped(lower, found.span())]
        while joint := _JOINT.match(lower, items[-1][1], end):
            following = item.match(lower, joint.end(), end)
            if following is None:
                break
            items.append(_stripped(lower, following.span()))
        # The last name ends where something is said of all: "the drone have left", "the smoke alarm doing".
        items[-1] = (items[-1][0], _name_end(lower, items[-1], names))
        known = [_device(lower[left:right], names) for left, right in items]
        single = [kind for kind in known if kind]
        is_named = len(set(single)) == len(single) >= _LEAST_LISTED and len(items) - len(single) <= 1
        if is_named and known[0] and known[-1]:
            return items
    return []


def _device(text: str, names: DeviceNames) -> str:
    """Return the one device that a text is the name of: rather what is a speaker by its kind than what may be one."""
    said = names.said(text)
    fitting = names.fitting(said)
    fitting = [kind for kind in fitting if said <= words_of_name(kind)] or fitting
    _, end = names.mention(text, said)
    return fitting[0] if len(fitting) == 1 and end == len(text) else ""


def _name_end(lower: str, item: tuple[int, int], names: DeviceNames) -> int:
    start, end = item
    text = lower[start:end]
    return start + (names.mention(text, names.said(text))[1] or len(text))


def _stripped(lower: str, place: tuple[int, int]) -> tuple[int, int]:
    return place[0], place[0] + len(lower[place[0] : place[1]].rstrip())


def _verb_of_each(text: str, names: DeviceNames) -> str:
    """Say the verb again before a device that only a name stands for: "turn down the music and the TV"."""
    lower = text.lower()
    places = clause_places(lower)
    for (start, end), (begin, stop) in reversed(list(pairwise(places))):
        before, name = lower[start:end], lower[begin:stop]
        verb = _SHARED_VERB.match(before)
        is_name = (
            re.fullmatch(_ITEM, name) is not None and names.is_all_name(name) and only_room(name) is None
        )
        is_joined = _JOINT.fullmatch(lower, end, begin) is not None and bool(telling(name))
        if verb and is_name and is_joined and _device(name, names) and not names.said(before):
            text = f"{text[:begin]}{verb['verb']} {text[begin:]}"
        elif verb and is_joined and (one := _ONE.match(name)) and (things := names.thing_places(before)):
            text = f"{text[:begin]}{verb['verb']} {one['the']}{things[-1][0]}{text[begin + one.end('one') :]}"
        elif is_joined and (asked := _ASKED_STATE.match(before)) and (state := _STATE.fullmatch(name)):
            is_device = _device(state["name"], names) != ""
            text = f"{text[:begin]}{asked['ask']} {text[begin:]}" if is_device else text
    return text


def _singular_verb(found: re.Match[str]) -> str:
    return _SINGULAR[found[0].lower()]


def _joined(before: str, items: Sequence[str], behind: str) -> str:
    return " and ".join(f"{before}{item}{behind}" for item in items)


def _sub(pattern: re.Pattern[str], whole: Callable[[re.Match[str]], str], text: str) -> str:
    """Replace what a pattern finds outside of quotations, whatever its case."""
    insensitive = re.compile(pattern.pattern, re.IGNORECASE)
    return insensitive.sub(
        lambda found: whole(found) if is_outside(text.lower(), found.start()) else found[0], text
    )
