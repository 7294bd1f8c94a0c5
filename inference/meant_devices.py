"""Which devices a clause of a goal is for, by their abilities, names and rooms; or what it names that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inference.clause_links import NAME_FIRST, Clause, Fit
from inference.device_names import DeviceNames, Sibling, means_all, means_several, telling, thing_of
from inference.floors import floors_of, on_said_floor
from inference.missing_appliances import missing_appliance
from inference.plan import KindProfile
from inference.rooms import ROOM, Room, placed, rooms_in
from inference.thing_words import is_usual_part

# Chosen on the sentences for several devices in the development part of evals/independent.
_NEARLY_AS_GOOD = 0.1
_GOOD_ENOUGH = 0.15
_ABOUT_THE_SAME = 0.08
_ABOUT_AS_ABLE = 0.25
_NO_BETTER = 0.2
_BOTH = re.compile(r"\bboth\b")
# "The light in the cellar" is none of those that stand in other rooms.
_PLACED = re.compile(
    r"\s+(?:in|inside) (?:the|my|our) (?!(?:morning|afternoon|evening|night|day|daytime|dark|meantime|background|way|end|middle|"
    r"same|usual|right|left|other|next|first|last)\b)([^\W\d_]+)"
)
_OF_KIND = re.compile(
    r"\b(?:the|my|our) (?!(?:nearest|closest|next|other|first|last|free|idle|available|same|usual|right|left|whole|main|new|old|"
    r"big|small|little|second|third)\b)([^\W\d_]+) $"
)
# "The bedroom at 19 degrees", "living room 21": how warm it is to be there.
_ROOM_AT = re.compile(
    r"(?:(?:and|please|then|now) )*(?:(?:set|make|put|get|keep|heat|warm|cool|bring|have|turn) )?"
    rf"(?:(?:the )?(?:temperature|heating|heat) (?:in|of|for) )?(?:in )?(?:the |my |our )?(?P<room>{ROOM})(?: up| down)?"
    r"(?: (?:to|at|on))? (?P<amount>-?\d[\d.]*)(?P<unit> ?(?:degrees|°c?)(?: celsius| c)?)?(?: please| too| as well)*"
)
_COLDEST, _WARMEST = 10, 28
_NUMBER_BEHIND = re.compile(r"\s(\d+)(?=\s|$)")
_WORD_BEFORE = re.compile(r"([^\W\d_]+) $")
_EACH = re.compile(r"\b(?:every|each|all|both)\s+(?:of\s+)?(?:the\s+|my\s+|our\s+)?([^\W\d_]+)")
_ROAMS = re.compile(r"\b(?:rooms|(?:a|given|each|one|certain|some) room|areas|zones)\b")
_PLACED_RIGHT = re.compile(r" (?:in|on|at|of|from|inside) (?:(?:the|my|our|your) )?")


@dataclass(frozen=True, slots=True)
class Devices:
    """What is known of the devices that a goal may be for.

    Attributes:
        names: what they are called.
        several: the kinds that stand for several devices.
        ids: the device that each sibling is.
        only_named: those that are meant only where they are named: they are away, or one of several.
        told: the telling words of what each says of itself.
        called_like: the telling words of what it is, without what it can do.
        able_text: what it can do, in lower case.
        roaming: those that go to rooms, so that a room does not say which of them is meant.
        floors: on which floors they are.
    """

    names: DeviceNames
    several: set[str]
    ids: Mapping[str, str]
    only_named: set[str]
    told: Mapping[str, set[str]]
    called_like: Mapping[str, set[str]]
    able_text: Mapping[str, str]
    roaming: set[str]
    floors: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, kinds: Sequence[KindProfile], siblings: Sequence[Sibling], names: DeviceNames) -> Devices:
        """Read what kinds and those told apart of them say of themselves."""
        profiles = (*kinds, *(one.profile for one in siblings))
        ids = {one.profile.kind: one.profile.device_names[0] for one in siblings}
        able_text = {kind.kind: " ".join(kind.abilities).lower() for kind in profiles}
        return cls(
            names=names,
            several={kind.kind for kind in kinds if kind.count > 1},
            ids=ids,
            only_named={kind.kind for kind in kinds if kind.count == 0} | ids.keys(),
            told={
                kind.kind: telling(" ".join((kind.kind, kind.about, *kind.abilities))) for kind in profiles
            },
            called_like={kind.kind: called_words(kind) for kind in profiles},
            able_text=able_text,
            roaming={kind for kind, text in able_text.items() if _ROAMS.search(text)},
            floors=floors_of({kind.kind: f"{kind.kind}. {kind.about}".lower() for kind in profiles}),
        )

    def heads(self, kinds: Iterable[str]) -> frozenset[str]:
        """Return what things some devices are: lights, pumps."""
        return frozenset().union(*map(self.names.heads, kinds))

    def is_in(self, kind: str, room: Room) -> bool:
        """Whether a device is in a room by its names or by what it says of itself."""
        words = self.names.words(kind) | self.called_like[kind]
        return room.words <= words or (bool(room.loose) and room.loose <= words)

    def is_lacking(self, thing: str, room: Room) -> bool:
        """Whether there are such things, each in a room of its own, but none in this one."""
        same = [kind for kind in self.names.names if thing in self.names.heads(kind)]
        others = [kind for kind in self.told if kind not in same and thing in self.told[kind]]
        return (
            bool(same)
            and all(any(rooms_in(kind)) and kind not in self.roaming for kind in same)
            and not any(self.is_in(kind, room) for kind in (*same, *others))
        )

    def belongs(self, thing: str, text: str, kind: str) -> bool:
        """Whether a thing is a part of a device, and no other device is called so in the same room: an air conditioner's fan."""
        is_first = NAME_FIRST.match(text)
        is_short = is_first is not None and text.startswith(thing, is_first.end())
        if thing not in self.told[kind] and not (is_short and is_usual_part(thing, self.names.heads(kind))):
            return False
        behind = re.search(rf"\b{re.escape(thing)} ([^\W\d_]+)", text)
        if behind is not None and f"{thing} {behind[1]}" in self.able_text[kind]:
            return True
        rooms = list(rooms_in(kind))
        others = (one for one in self.names.names if thing in self.names.heads(one))
        return bool(rooms) and not any(self.is_in(one, room) for one in others for room in rooms)

    def means_several(self, clause: Clause, kinds: Iterable[str]) -> bool:
        """Whether a clause means each of some devices that fit: "all lights", "the lights", "pumps 1 and 2"."""
        return means_all(clause.text) or means_several(clause.text, clause.said, self.heads(kinds))


@dataclass(frozen=True, slots=True)
class SpokenOf:
    """What was spoken of before a clause.

    Attributes:
        remarked: the words of names in remarks.
        rooms: the rooms in remarks.
        before: the words of names in remarks and orders.
    """

    remarked: frozenset[str]
    rooms: Sequence[Room]
    before: frozenset[str]


def meant_devices(
    clause: Clause, said: frozenset[str], devices: Devices, spoken_of: SpokenOf
) -> tuple[tuple[str, ...], str]:
    """Return the devices that a clause is for; or what it calls a device that is not there.

    Args:
        clause: the clause.
        said: the words of names that count for it: its own, and those that it shares with others of a list.
        devices: the devices that it may be for.
        spoken_of: what was spoken of before.
    """
    names, text = devices.names, clause.text
    # "Vacuum all the rooms" names no device, though there is one for the living room.
    said = said if said - {"room"} else frozenset()
    fitting, called = names.fitting(said), names.called(said)
    fitting = [kind for kind in fitting if kind not in clause.spared] or fitting
    fitting = on_said_floor(text, fitting, devices.floors)
    if fitting and means_all(text):
        return tuple(_able(clause, fitting)), ""
    if fitting and devices.means_several(clause, fitting):
        if not devices.heads(fitting) & said:
            # "Heat rooms 1 and 2" is for their heaters, not for their lights.
            things = names.heads(next(fit.kind for fit in clause.fits if fit.kind in fitting))
            fitting = [kind for kind in fitting if names.heads(kind) == things]
        there = [kind for kind in fitting if any(devices.is_in(kind, room) for room in spoken_of.rooms)]
        return tuple(there or names.closest(spoken_of.remarked, fitting)), ""
    if not clause.said.issuperset(said):
        called = fitting
    if not called and (
        taken := _warmer(clause, devices) or (_each(clause, devices) if means_all(text) else ())
    ):
        return taken, ""
    eligible = called or [
        fit.kind for fit in clause.fits if fit.kind not in devices.only_named or fit.kind in fitting
    ]
    fits = [fit for fit in clause.fits if fit.kind in eligible]
    best = _best(clause, said, fits, fitting, devices, before=spoken_of.before)
    start, end = names.mention(text, said)
    if not names.is_another(best.kind, text, said) and not _is_foreign(best.kind, clause, devices):
        is_one_of_several = best.kind in devices.several or (best.kind in fitting and len(fitting) > 1)
        elsewhere = _elsewhere(text, start, end, devices) if is_one_of_several else ""
        return ((), elsewhere) if elsewhere else ((best.kind,), "")
    if fitting:
        return (next(fit.kind for fit in clause.fits if fit.kind in fitting),), ""
    return (), text[start:end]


def _able(clause: Clause, kinds: Sequence[str]) -> list[str]:
    """Return those of some devices that can about what the best of them can; of "both" the two that can best.

    "Lock both doors" is not for the garage door, which nothing locks.
    """
    ordered = [fit.kind for fit in clause.fits if fit.kind in kinds]
    best = {fit.kind: fit.cosine for fit in clause.fits}
    able = [kind for kind in ordered if best[ordered[0]] - best[kind] < _ABOUT_AS_ABLE]
    if _BOTH.search(clause.text) and len(able) > 2:  # noqa: PLR2004 - both are two
        able = able[:2]
    return [kind for kind in kinds if kind in able]


def lacking_device(clause: Clause, room_before: Sequence[Room], devices: Devices) -> str:
    """Return what a clause calls a device that is not there, or not in that room: the TV of the attic; else nothing.

    Where the clause says no room, it is the one that was said before it.
    """
    text, found = clause.text, ""
    things = list(devices.names.thing_places(text))
    if not things:
        return missing_appliance(text, devices.told.values())
    for thing, start, end in things:
        rooms = placed(text, start, end) or room_before
        if any(not devices.is_lacking(thing, room) for room in rooms):
            return ""
        if rooms and not found:
            without = devices.names.said(text).difference(*(room.words for room in rooms))
            place = devices.names.mention(text, without)
            start = place[0] if place[0] <= start < place[1] else start  # noqa: PLW2901 - the whole of its name
            is_linked = _PLACED_RIGHT.fullmatch(text, end, rooms[0].start) is not None
            found = text[start : rooms[0].end] if is_linked else f"{rooms[0].name} {text[start:end]}"
    return found


def warming_devices(text: str, devices: Devices) -> list[str]:
    """Return the devices for the temperature of a room of which a clause says only an amount: "the study to 19 degrees"."""
    found = _ROOM_AT.fullmatch(text)
    if found is None or not (found["unit"] or _COLDEST <= float(found["amount"].rstrip(".")) <= _WARMEST):
        return []
    (room, *_) = rooms_in(found["room"])
    return [
        kind
        for kind, able in devices.able_text.items()
        if "temperature" in able and kind not in devices.only_named and devices.is_in(kind, room)
    ]


def is_told_apart(clause: Clause, fit: Fit, devices: Devices) -> bool:
    """Whether a device that is in the room of a clause can better: "vacuum the hall and dim the study"."""
    inside = [one for one in clause.fits if one.kind in devices.names.fitting(clause.said)]
    return any(one.cosine - fit.cosine > _NEARLY_AS_GOOD for one in inside)


def called_words(kind: KindProfile) -> set[str]:
    """Return the telling words of what a kind is and what its devices are called."""
    return telling(" ".join((kind.kind, kind.about, *kind.device_names)))


def _best(
    clause: Clause,
    said: frozenset[str],
    fits: Sequence[Fit],
    fitting: Sequence[str],
    devices: Devices,
    *,
    before: frozenset[str],
) -> Fit:
    """Return which of some devices a clause is for, by their abilities, by names, and by what was spoken of before."""
    names, best = devices.names, fits[0]
    inside = next((fit for fit in fits if fit.kind in fitting), best)
    is_near = best.score - inside.score < _NEARLY_AS_GOOD
    is_named = is_near and not _is_told_better(best, inside, clause, devices)
    if is_named or _is_foreign(best.kind, clause, devices):
        best = inside
    marked = _marked(clause, fits, best, devices)
    if marked is not None:
        return marked
    if best.kind in fitting and before - said:
        near = [fit for fit in fits if fit.kind in fitting and best.score - fit.score < _NO_BETTER]
        closest = names.closest(before, [fit.kind for fit in near])
        return next(fit for fit in fits if fit.kind in closest)
    if said:
        return best
    # "Heat to 20 degrees" is for the room that was spoken of, if that has a heater.
    near = [fit for fit in fits if best.score - fit.score < _GOOD_ENOUGH]
    return max(near, key=lambda fit: len(before & names.words(fit.kind)))


def _marked(clause: Clause, fits: Sequence[Fit], best: Fit, devices: Devices) -> Fit | None:
    """Return the one of devices as good as the best that has the number behind a name: "plate 1" of "plate stirrer 1"."""
    _, end = devices.names.mention(clause.text, clause.said)
    number = _NUMBER_BEHIND.search(clause.text, 0, end) or _NUMBER_BEHIND.match(clause.text, end)
    if number is None or not end:
        return None
    near = [fit for fit in fits if best.score - fit.score < _NEARLY_AS_GOOD]
    found = [
        fit
        for fit in near
        if any(word.endswith(f" {number[1]}") for word in devices.names.words(fit.kind))
        and devices.names.heads(fit.kind) == devices.names.heads(best.kind)
    ]
    return found[0] if len(found) == 1 else None


def _is_told_better(best: Fit, named: Fit, clause: Clause, devices: Devices) -> bool:
    """Whether a word before a name tells of another device: "the coffee machine" is no vending machine."""
    start, _ = devices.names.mention(clause.text, clause.said)
    before = _WORD_BEFORE.search(clause.text, 0, start)
    word = telling(before[1]) if before else set()
    return bool(word & devices.told[best.kind]) and not word & devices.told[named.kind]


def _each(clause: Clause, devices: Devices) -> tuple[str, ...]:
    """Return the devices that have what all is said of, and can about as well: "every lamp" of two bridges."""
    found = _EACH.search(clause.text)
    things = telling(found[1]) if found else set()
    if things == {"room"}:
        # "The temperature in all the rooms" is asked of each that can tell a temperature.
        said = telling(clause.text) - things
        things = said & telling(devices.able_text[clause.fits[0].kind])
    able = [
        fit for fit in clause.fits if fit.kind not in devices.only_named and things & devices.told[fit.kind]
    ]
    return tuple(
        fit.kind
        for fit in able
        if able[0].score - fit.score < _ABOUT_THE_SAME
        or (able[0].cosine - fit.cosine < _ABOUT_AS_ABLE and things & telling(devices.able_text[fit.kind]))
    )


def _warmer(clause: Clause, devices: Devices) -> tuple[str, ...]:
    """Return the one of the devices for the temperature of a clause's room that fits it best; none where it says other things."""
    warming = warming_devices(clause.text, devices)
    return tuple(fit.kind for fit in clause.fits if fit.kind in warming)[:1]


def _elsewhere(text: str, start: int, end: int, devices: Devices) -> str:
    """Return a mention with what tells it apart, if that is nothing that anything is called; else nothing."""
    if thing_of(text[start:end]) not in devices.heads(devices.names.names):
        return ""
    place, kind = _PLACED.match(text, end), _OF_KIND.search(text, 0, start)
    if place is not None and _is_unknown(place[1], devices):
        return text[start : place.end()]
    return text[kind.start(1) : end] if kind is not None and _is_unknown(kind[1], devices) else ""


def _is_unknown(word: str, devices: Devices) -> bool:
    return bool(telling(word)) and not any(telling(word) & told for told in devices.told.values())


def _is_foreign(kind: str, clause: Clause, devices: Devices) -> bool:
    """Whether a clause speaks of a thing as there are some, but not of this device: no heater has a light in the bathroom."""
    names = devices.names
    start, end = names.mention(clause.text, clause.said)
    thing = thing_of(clause.text[start:end])
    if thing not in devices.heads(names.names) or not names.said(clause.text[start:end]) & names.words(kind):
        return False
    return thing not in devices.told[kind] and not names.heads(kind) & clause.said
