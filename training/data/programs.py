"""Sentences that mean a program: one call, several in an order, repeated, corrected, with something that is not wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.signatures import ParameterKind
from training.data import wording
from training.data.clauses import absolute, corrected, implying, moves, relative, switching
from training.data.device import Device
from training.data.examples import Clause, Realised
from training.data.notes import is_reading
from training.data.orders import is_order
from training.data.refusals import moved_by_others
from training.data.sentences import Speaker, joined
from training.data.splits import phrases
from training.data.values import listed, say

IMPLIED_SHARE = 0.6
"""How often a choice is meant without being named, where the lexicon knows how."""
SWITCHED_SHARE = 0.4
"""How often what can be on or off is plainly said to be."""
_YES_OR_NO_WEIGHT = 8


@dataclass(frozen=True)
class Wish:
    """A text, the clauses in it, those of them that are to be done, in order; `plain` where nothing polite fits around it."""

    text: str
    clauses: tuple[Clause, ...]
    calls: tuple[Clause, ...]
    plain: bool = False


def one_call(device: Device, speaker: Speaker) -> Wish | None:
    """One thing, as an order or as a sentence that implies it."""
    clause = _clause(device, speaker, whole_share=0.33)
    return None if clause is None else Wish(clause.text, (clause,), (clause,), plain=clause.is_whole)


def changed(device: Device, speaker: Speaker) -> Wish | None:
    """More or less of something."""
    rng = speaker.rng
    able = [index for index, one in enumerate(device.shown) if moves(one, known=True)]
    if not able:
        return None
    index = rng.choice(able)
    if moved_by_others(index, device):
        return None
    clause = relative(index, device.shown[index], rng, speaker.manner, known=True)
    return (
        None if clause is None else Wish(clause.text, (clause,), (clause,), plain=not is_order(clause.text))
    )


def thought_better(device: Device, speaker: Speaker) -> Wish | None:
    """A wrong value first, then the right one."""
    clause = _clause(device, speaker, whole_share=0.1)
    if clause is None or clause.function is None:
        return None
    clause = corrected(clause, device.shown[clause.function], speaker.rng, speaker.manner)
    return None if clause is None else Wish(clause.text, (clause,), (clause,), plain=clause.is_whole)


def not_but(device: Device, speaker: Speaker) -> Wish | None:
    """One thing is not to be done, another is."""
    unwanted = _clause(device, speaker, whole_share=0.0)
    wanted = unwanted and _clause(device, speaker, whole_share=0.0, used={unwanted.function})
    if unwanted is None or wanted is None or not (is_order(unwanted.text) and is_order(wanted.text)):
        return None
    text = speaker.pick(wording.NOT_BUT).format(unwanted.text, wanted.text)
    return Wish(text, (unwanted, wanted), (wanted,), plain=True)


def repeated(device: Device, speaker: Speaker, times: int) -> Wish | None:
    """The same thing several times; not for functions that set something, count for themselves, or only tell something."""
    clause = _clause(device, speaker, whole_share=0.0)
    if clause is None or clause.function is None or not is_order(clause.text):
        return None
    one = device.shown[clause.function]
    sets = any(p.choices or p.format or (p.is_quantity and p.unit) for p in one.signature.parameters)
    counts = any(
        "count" in p.names or "times" in p.names or p.key in {"count", "times"} for p in one.words.parameters
    )
    if (
        sets
        or counts
        or is_reading(one.words)
        or any(word in clause.text.split() for word in ("twice", "times"))
    ):
        return None
    text = speaker.pick(wording.TWICE if times == 2 else wording.THRICE).format(clause.text)
    return Wish(text, (clause,), (clause,) * times)


def for_each(device: Device, speaker: Speaker) -> Wish | None:
    """The same thing for several values: "check the shelves 3, 5 and 9" is a call for each."""
    rng = speaker.rng
    clause = _clause(device, speaker, whole_share=0.3)
    if clause is None or clause.function is None:
        return None
    one = device.shown[clause.function]
    able = [
        key
        for key, value in clause.values.items()
        if (parameter := one.parameter(key)) is not None
        and not (parameter.many or parameter.unit or parameter.kind is ParameterKind.BOOLEAN)
        and value.spoken == value.written
        and clause.text.split().count(value.spoken) == 1
    ]
    if not able:
        return None
    key = rng.choice(able)
    parameter, first = one.parameter(key), clause.values[key]
    values = {first.written: first}
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        value = parameter and say(one.spoken_of(key), parameter, rng, speaker.manner)
        if value and value.spoken == value.written:
            values.setdefault(value.written, value)
    if len(values) == 1:
        return None
    said = listed([value.spoken for value in values.values()], rng)
    text = " ".join(said if word == first.spoken else word for word in clause.text.split())
    calls = tuple(
        replace(clause, text=text, values=clause.values | {key: value}) for value in values.values()
    )
    return Wish(text, (replace(clause, text=text),), calls, plain=clause.is_whole)


def several(device: Device, speaker: Speaker, count: int) -> Wish | None:
    """Two to four things; a later one may be about the thing that an earlier one has named."""
    rng = speaker.rng
    clauses: list[Clause] = []
    refers = False
    for position in range(count):
        used = {clause.function for clause in clauses}
        reference = _reference(device, speaker, clauses, used) if position and rng.random() < 0.85 else None
        lead = count > 1 and not position and rng.random() < 0.5
        is_last = position == count - 1
        if position and reference is None and rng.random() < 0.12:
            wish = changed(device, speaker)
            clause = wish.calls[0] if wish and wish.calls[0].function not in used else None
        else:
            clause = reference or _clause(
                device, speaker, whole_share=0.1 if is_last else 0.02, used=used, lead=lead
            )
        if clause is None:
            return None
        refers = refers or reference is not None
        clauses.append(clause)
    text = joined(clauses, speaker, referring=refers)
    return Wish(text, tuple(clauses), tuple(clauses), plain=clauses[0].is_whole)


def _clause(
    device: Device,
    speaker: Speaker,
    *,
    whole_share: float,
    used: Sequence[int | None] | set[int | None] = (),
    lead: bool = False,
) -> Clause | None:
    rng = speaker.rng
    choices = [index for index in range(len(device.shown)) if index not in used]
    if lead:
        choices = [index for index in choices if _is_leader(device.shown[index], device.shown)] or choices
    if not choices:
        return None
    # Whether a yes or a no is meant is the hardest to learn, and few functions have one.
    index = rng.choices(
        choices, [_YES_OR_NO_WEIGHT if _says_yes_or_no(device.shown[one]) else 1 for one in choices]
    )[0]
    one = device.shown[index]
    if rng.random() < SWITCHED_SHARE:
        switched = switching(index, one, speaker.split, rng, speaker.manner)
        if switched is not None:
            return switched
    if one.words.implied and rng.random() < IMPLIED_SHARE:
        implied = implying(index, one, speaker.split, rng, speaker.manner)
        if implied is not None and (not implied.is_whole or rng.random() < whole_share):
            return implied
    is_whole = bool(one.words.questions) and rng.random() < whole_share
    templates = phrases(one.words.questions if is_whole else one.words.says, speaker.split)
    if not templates:
        return None
    return absolute(rng.choice(templates), index, one, rng, speaker.manner, is_whole=is_whole)


def _says_yes_or_no(one: Realised) -> bool:
    return any(parameter.kind is ParameterKind.BOOLEAN for parameter in one.signature.parameters)


def _reference(
    device: Device, speaker: Speaker, before: Sequence[Clause], used: set[int | None]
) -> Clause | None:
    said = {key: value for clause in before for key, value in clause.values.items()}
    able = [
        index
        for index, one in enumerate(device.shown)
        if index not in used and one.words.references and _needs(one) and _needs(one) <= said.keys()
    ]
    if not able:
        return None
    index = speaker.rng.choice(able)
    one = device.shown[index]
    given = {key: value for key, value in said.items() if key in _needs(one)}
    if any(value.written.startswith(("up", "down")) for value in given.values()):
        return None
    return absolute(
        speaker.rng.choice(one.words.references), index, one, speaker.rng, speaker.manner, given=given
    )


def _needs(one: Realised) -> set[str]:
    return {
        key for key, parameter in zip(one.keys, one.signature.parameters, strict=True) if parameter.required
    }


def _is_leader(one: Realised, shown: Sequence[Realised]) -> bool:
    return any(
        other is not one and other.words.references and _needs(other) and _needs(other) <= set(one.keys)
        for other in shown
    )
