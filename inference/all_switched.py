"""Finds which devices of a home "turn everything off" is for: those that can be switched, and no lock, blind or alarm."""

from __future__ import annotations

import re
from collections.abc import Collection

from inference.floors import on_said_floor
from inference.meant_devices import Devices
from inference.plan import Route
from inference.rooms import ROOM, rooms_in

__all__ = ["all_switched", "says_all_switched"]

_ALL = r"(?:everything|it all|all (?:of )?(?:the |my |our )?(?:devices|appliances|gadgets|electronics))(?: else)?"
_WHERE = (
    rf"(?: (?:in|on|at) (?:the |my |our )?(?:{ROOM}|house|home|flat|apartment|whole house|ground floor|top floor)"
    r"| (?:up|down)stairs| outside| outdoors| in here| at home)?"
)
_EXCEPT = r"(?:,? (?:except(?: for)?|but(?: not)?|apart from|other than|besides) (?P<but>[^.!?;]+))?"
_VERB = r"(?:(?:turn|switch|shut|power) )"
_SAYS = re.compile(
    rf"(?:(?:please|now|and|so|can you|could you) )*(?:{_VERB}(?P<first>off|on|down) {_ALL}{_WHERE}"
    rf"|{_VERB}?{_ALL}{_WHERE} (?P<last>off|on|down){_WHERE}){_EXCEPT},?(?: please| now)?\s*[.!]?"
)
_SWITCHES = re.compile(
    r"\b(?:turn|switch|power|toggle)(?:e?s)?\b[^.;]*\b(?:on|off)\b|\b(?:switch|toggle)(?:es)? the \w+(?=\.|$| )"
    r"|\bon ?(?:/|or|and) ?off\b|\bpower (?:on|off|to)\b|\bturn (?:on|off)\b"
)
_STOPS = re.compile(r"\b(?:stop|pause)s? (?:the )?(?:fan|radio|playback|music|sound|playing)\b|\bcut power\b")
# Of a player "pause" alone says enough.
_PAUSES = re.compile(r"(?<![^.] )\b(?:stop|pause)s?(?=\.|$)")
_PLAYS = re.compile(r"\bplays? ")
_SWITCHED_PART = re.compile(
    r"\b(?:turn|switch|power|toggle)(?:e?s)? (?:on |off |on or off )?the (?P<part>[\w -]+?)(?= on\b| off\b|$)"
)
_ITSELF = frozenset("device unit machine appliance power it set whole".split())
_FLOORS = frozenset({"upstairs", "downstairs"})
_NAMES = re.compile(r",? and |, ")


def says_all_switched(lower: str) -> bool:
    """Whether a goal says nothing but that everything is to be switched off or on, here or in a room."""
    return _SAYS.fullmatch(lower.strip()) is not None


def all_switched(lower: str, devices: Devices) -> list[Route]:
    """Return the routes of such a goal; none where no device can be switched there."""
    said = _SAYS.fullmatch(lower.strip())
    if said is None:
        return []
    state = "on" if "on" in (said["first"], said["last"]) else "off"
    whole = lower[: said.start("but")] if said["but"] else lower
    spared = {
        kind
        for name in _NAMES.split(said["but"] or "")
        for kind in devices.names.fitting(devices.names.said(name))
    }
    kinds = [
        kind
        for kind, text in devices.able_text.items()
        if kind not in spared
        and kind not in devices.several
        and (_is_switched(text, devices.names.heads(kind)) or (state == "off" and _stop(text)))
        and all(devices.is_in(kind, room) for room in rooms_in(whole) if room.name not in _FLOORS)
    ]
    kinds = on_said_floor(whole, kinds, devices.floors)
    return [
        Route(_told(kind, state, devices.able_text[kind]), kind, is_together=number > 0)
        for number, kind in enumerate(kinds)
    ]


def _is_switched(able: str, heads: Collection[str]) -> bool:
    """Whether a device can be switched itself, and not only a part of it: the light of an oven."""
    return any(
        _SWITCHES.search(ability)
        and ((part := _SWITCHED_PART.search(ability)) is None or _is_whole(part["part"], heads))
        for ability in able.split(".")
    )


def _is_whole(thing: str, heads: Collection[str]) -> bool:
    last = thing.rsplit(maxsplit=1)[-1]
    return last in heads or last.removesuffix("s") in heads or last in _ITSELF


def _stop(able: str) -> re.Match[str] | None:
    return _STOPS.search(able) or (_PAUSES.search(able) if _PLAYS.search(able) else None)


def _told(kind: str, state: str, able: str) -> str:
    """Return what a device is told: a player that cannot be switched off can still be stopped."""
    stops = _stop(able)
    if stops is None or stops[0].startswith("cut") or _SWITCHES.search(able):
        return f"Turn the {kind} {state}"
    return f"{stops[0].split()[0].removesuffix('s').capitalize()} the {kind}"
