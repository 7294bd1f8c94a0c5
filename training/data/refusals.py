"""Sentences that a device must refuse, the hard ones included: what is asked is near to what it can do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from training.data import small_talk, wording
from training.data.clauses import absolute, fill, moves, relative
from training.data.device import Device
from training.data.examples import Clause
from training.data.orders import is_order
from training.data.sentences import Speaker
from training.data.splits import phrases
from training.data.units import SPOKEN
from training.data.vendor import realise_all
from training.lexicon import Family, FunctionWords, spin

_KINDS = {
    "absent": 36, "other device": 14, "wrong object": 10, "wrong verb": 5, "unknown reading": 8, "chat": 8, "not": 6, "statement": 5,
    "out of range": 3, "relative": 30, "asked about": 3, "contradiction": 2, "half": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """A text to refuse; `plain` where nothing polite fits around it; `clauses` are known parts of it."""

    text: str
    kind: str
    plain: bool = False
    clauses: tuple[Clause, ...] = ()


class Refusals:
    """Writes sentences that no shown function answers."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def write(self, device: Device, speaker: Speaker) -> Refusal | None:
        """Write one; None where the chosen kind does not suit the device."""
        kind = speaker.rng.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind == "absent":
            return self._absent(device, speaker)
        if kind == "other device":
            return self._other_device(device, speaker)
        if kind == "half":
            return self._half(device, speaker)
        if kind == "out of range":
            return _out_of_range(device, speaker)
        if kind == "relative":
            return _relative(device, speaker)
        if kind in {"not", "statement", "asked about", "contradiction"}:
            return _about_a_wish(kind, device, speaker)
        return _talk(kind, device, speaker)

    def _absent(self, device: Device, speaker: Speaker) -> Refusal | None:
        able = [words for words in device.absent if not device.can(words)]
        if not able:
            return None
        rng = speaker.rng
        words = able[0] if rng.random() < 0.5 else rng.choice(able)
        text = _said(words, speaker)
        return Refusal(text, "absent", plain=not is_order(text)) if text else None

    def _other_device(self, device: Device, speaker: Speaker) -> Refusal | None:
        rng = speaker.rng
        other = rng.choice(self._families)
        words = rng.choice(other.functions)
        if other.names[0] == device.family.names[0] or device.can(words):
            return None
        text = _said(words, speaker)
        # "turn it on" may be said of anything: what is asked must name something that the device has nothing to do with.
        if text is None or not _names_something_else(text, device):
            return None
        return Refusal(text, "other device", plain=not is_order(text))

    def _half(self, device: Device, speaker: Speaker) -> Refusal | None:
        refused = (
            self._absent(device, speaker)
            if speaker.rng.random() < 0.6
            else self._other_device(device, speaker)
        )
        wish = _wish(device, speaker)
        if refused is None or wish is None or refused.plain:
            return None
        texts = [wish.text, refused.text]
        speaker.rng.shuffle(texts)
        return Refusal(speaker.pick(wording.JOINERS).join(texts), "half", clauses=(wish,))


def _said(words: FunctionWords, speaker: Speaker) -> str | None:
    choices = {text: choice for choice, text in words.implied}
    templates = phrases((*words.says, *words.questions, *choices), speaker.split)
    if not templates:
        return None
    template = speaker.rng.choice(templates)
    realised = realise_all(words, speaker.rng)
    filled = fill(template, realised, speaker.rng, speaker.manner, implied=choices.get(template, ()))
    return filled[0] if filled else None


_COMMON = frozenset(
    """the a an it is are i we you my your to in on off up down of for and at with me this that please now set get make turn switch put
    let there here go be do not no what how much many which where have has can could would should need want like more less all some any
    start stop open close check tell show give take bring keep run too so very from by or if will just than then out back over""".split()
)


def _names_something_else(text: str, device: Device) -> bool:
    telling = {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 2 and word not in _COMMON}
    return len(telling - device.vocabulary) >= 2 or (bool(telling) and not telling & device.vocabulary)


def _wish(device: Device, speaker: Speaker) -> Clause | None:
    """An order that a shown function answers."""
    rng = speaker.rng
    index = rng.randrange(len(device.shown))
    templates = phrases(device.shown[index].words.says, speaker.split)
    if not templates:
        return None
    clause = absolute(rng.choice(templates), index, device.shown[index], rng, speaker.manner)
    return clause if clause and is_order(clause.text) else None


def _about_a_wish(kind: str, device: Device, speaker: Speaker) -> Refusal | None:
    """Not to do something, a statement or a question about doing it, or doing it and not doing it."""
    rng = speaker.rng
    if kind == "statement" and speaker.remarks and rng.random() < 0.5:
        return Refusal(spin(speaker.pick(speaker.remarks), rng), kind, plain=True)
    if kind == "statement" and rng.random() < 0.5:
        text = speaker.pick(small_talk.STATEMENTS).format(k=rng.choice(device.kinds))
        return Refusal(text, kind, plain=True)
    wish = _wish(device, speaker)
    if wish is None:
        return None
    if kind == "contradiction":
        text = rng.choice(
            ("{0} and do not {0}", "{0} , but don't {0}", "do {0} and at the same time do not {0}")
        )
    else:
        text = speaker.pick(
            {
                "not": wording.NOT,
                "statement": small_talk.AROUND_A_WISH,
                "asked about": small_talk.ASKED_ABOUT_A_WISH,
            }[kind]
        )
    return Refusal(text.format(wish.text), kind, plain=True, clauses=(wish,))


def _talk(kind: str, device: Device, speaker: Speaker) -> Refusal | None:
    rng = speaker.rng
    if kind == "chat":
        return Refusal(speaker.pick(small_talk.CHAT), kind, plain=rng.random() < 0.7)
    if kind == "unknown reading":
        reading = speaker.pick(small_talk.READINGS)
        text = speaker.pick(small_talk.READING_FORMS).format(r=reading, k=rng.choice(device.kinds))
        return Refusal(text, kind, plain=not is_order(text)) if _is_foreign(reading, device) else None
    if kind == "wrong object":
        thing = speaker.pick(small_talk.OBJECTS)
        text = _swapped(thing, device, speaker) or speaker.pick(small_talk.ORDERS_TO_OBJECTS).format(
            o=thing, n=rng.randint(2, 90)
        )
        return Refusal(text, kind, plain=not is_order(text)) if _is_foreign(thing, device) else None
    verb = speaker.pick(small_talk.VERBS)
    text = f"{verb} the {rng.choice(device.kinds)}"
    return Refusal(text, kind) if _is_foreign(verb, device) else None


def _is_foreign(words: str, device: Device) -> bool:
    """Whether none of the telling words has to do with what is shown."""
    known = device.vocabulary | {word for kind in device.kinds for word in kind.split()}
    return not any(word in known or word + "s" in known for word in words.split() if len(word) > 3)


def _swapped(thing: str, device: Device, speaker: Speaker) -> str | None:
    """A phrase of a shown function in which another thing stands in the place of the device."""
    wish = _wish(device, speaker)
    if wish is None:
        return None
    for kind in device.kinds:
        text = re.sub(rf"\bthe {re.escape(kind)}s?\b", f"the {thing}", wish.text)
        if text != wish.text:
            return text
    return None


def _relative(device: Device, speaker: Speaker) -> Refusal | None:
    """More or less of something whose present value nobody can tell."""
    rng = speaker.rng
    able = [index for index, one in enumerate(device.shown) if moves(one, known=False)]
    if not able:
        return None
    index = rng.choice(able)
    clause = relative(index, device.shown[index], rng, speaker.manner, known=False)
    if clause is None or moved_by_others(index, device):
        return None
    return Refusal(clause.text, "relative", clauses=(clause,))


_MOVES = frozenset(
    "increase decrease raise lower up down louder quieter brighter darker faster slower step nudge jog dim more less".split()
)


def moved_by_others(index: int, device: Device) -> bool:
    """Whether another shown function is there to move something up or down."""
    return any(
        _MOVES & {word for name in one.words.names for word in name.split()}
        for number, one in enumerate(device.shown)
        if number != index
    )


def _out_of_range(device: Device, speaker: Speaker) -> Refusal | None:
    """A value far beyond what the description allows."""
    rng = speaker.rng
    index = rng.randrange(len(device.shown))
    one = device.shown[index]
    able = [
        (key, parameter)
        for key, parameter in zip(one.keys, one.signature.parameters, strict=True)
        if parameter.required
        and parameter.is_quantity
        and parameter.maximum is not None
        and parameter.unit in SPOKEN
    ]
    templates = [
        text for text in phrases(one.words.says, speaker.split) if able and "{" + able[0][0] + "}" in text
    ]
    if not able or not templates:
        return None
    key, parameter = able[0]
    number = round((parameter.maximum or 1.0) * rng.choice((2.5, 4, 8, 20)) + 10)
    said = f"{number} {SPOKEN[parameter.unit or ''][0]}"
    filled = fill(rng.choice(templates).replace("{" + key + "}", said), one, rng, speaker.manner)
    if filled is None:
        return None
    text = filled[0]
    return Refusal(text, "out of range", clauses=(Clause(text, text, index, {}),)) if is_order(text) else None
