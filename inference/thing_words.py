"""Other words for what a device is: those that everybody uses for the same thing, and those of its own description."""

from __future__ import annotations

import re
from collections.abc import Collection

# Each line names one thing; several words are said together.
_SAME_THING = tuple(
    tuple(name.strip() for name in line.split(","))
    for line in """
    tv, television, telly
    air conditioner, ac, aircon, air con, air conditioning
    light, lamp
    curtain, drape
    blind, shade
    shutter, roller shutter
    fridge, refrigerator
    freezer, deep freezer
    vacuum robot, robot vacuum, vacuum cleaner, vacuum, robovac, hoover, robot
    vacuum cleaner, vacuum, hoover
    robot vacuum, vacuum robot, vacuum cleaner, vacuum, robovac, hoover, robot
    lawn mower, mower, lawnmower, robot mower
    robot mower, mower, lawn mower, lawnmower
    media player, music player, stereo
    loudspeaker, speaker
    speaker, loudspeaker
    radiator, heater
    washing machine, washer
    washer, washing machine
    tumble dryer, dryer, drier
    dryer, tumble dryer, drier
    stove, cooker, hob
    cooktop, hob, stove
    coffee machine, coffee maker
    coffee maker, coffee machine
    espresso machine, coffee machine, coffee maker
    water heater, boiler
    boiler, water heater
    trash bin, bin, rubbish bin
    trash can, trash bin, bin, rubbish bin
    sprinkler, irrigation
    socket, outlet, plug
    plug, socket, outlet
    outlet, socket, plug
    ventilator, fan
    spotlight, light, spot, lamp
    ceiling spot, light, spotlight, lamp
    downlight, light, lamp
    chandelier, light, lamp
    pendant, light, lamp
    sconce, light, lamp
    lantern, light, lamp
    uplighter, light, lamp
    bulb, light, lamp
    strip, light
    nightlight, light, night light, lamp
    night light, nightlight
    radiator valve, radiator, heater, heating
    radiator thermostat, thermostat, radiator, heater, heating
    thermostat, heating, heater
    radio, speaker
    soundbar, speaker
    """.strip().splitlines()
)
_BOTH_WAYS = 4
_HAS = {
    "fan": frozenset(
        "conditioner ac aircon conditioning purifier hood heater radiator humidifier dehumidifier ventilation".split()
    ),
    "light": frozenset("hood oven fridge refrigerator fan mirror diffuser humidifier".split()),
    "speaker": frozenset("tv television telly projector".split()),
}
# "Speaker system in the nursery, mostly for lullabies": what stands before the first of these says what the device is.
_NOUN_ENDS = re.compile(
    r"[.,;:()]|(?<!-)\b(?:in|on|at|of|by|for|with|from|near|next|beside|under|above|over|behind|before|outside|inside|between|to|"
    r"that|which|and|or|whose|where|mounted|built)\b(?!-)"
)
_SEVERAL = frozenset({",", "and", "or"})
# "The door from the kitchen to the garden, i.e. the back door" says how people call it.
_NAME_TOLD = re.compile(
    r"\b(?:i\.e\.|that is,?|also (?:called|known as)|known as|a\.?k\.?a\.?|(?:often|usually|mostly|simply) called|"
    r"(?:people|we|they|staff) call it) (?:the |a |an |our |my |\")*((?:[^\W\d_]+ ){0,2}?[^\W\d_]+)(?=[\".,;:()]|$)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|a|an|our|my)\s+")
_WORD = re.compile(r"[\w'-]+")
_FORM = frozenset("system unit set".split())
_SAYS_NOTHING = frozenset(
    "device machine module appliance station controller control computer box hub pair".split()
)
_MOST_WORDS = 4


def same_thing(words: Collection[str]) -> dict[str, frozenset[str]]:
    """Return what else a thing is called whose name has these words ("telly"), each with those that it stands for ("TV")."""
    found: dict[str, frozenset[str]] = {}
    for number, names in enumerate(_SAME_THING):
        said = [frozenset(name.split()) for name in (names if number < _BOTH_WAYS else names[:1])]
        if same := next((one for one in said if one <= set(words)), None):
            others = (name for name in names if not set(name.split()) <= set(words))
            found |= dict.fromkeys(others, same)
    return found


def is_usual_part(thing: str, of: Collection[str]) -> bool:
    """Whether things mostly have such a thing in them, though they may not say so: an air conditioner has a fan."""
    return not _HAS.get(thing, frozenset()).isdisjoint(of)


def names_told(description: str) -> list[str]:
    """Return what a description says that a device is called as well: "i.e. the back door", "also called the den"."""
    return _NAME_TOLD.findall(description)


def thing_described(description: str) -> str:
    """Return what a description says first that a device is ("Small speaker in the study": a speaker); empty if nothing.

    "Heats the room" and "Controls for the blinds" say what it does, or speak of several things.
    """
    start = _ARTICLE.sub("", description.strip().lower())
    end = _NOUN_ENDS.search(start)
    words = _WORD.findall(start[: end.start()] if end else start)
    if not words or len(words) > _MOST_WORDS or (end and end[0] in _SEVERAL):
        return ""
    if words[0].endswith("s") and not words[0].endswith("ss"):
        return ""
    while len(words) > 1 and words[-1] in _FORM:
        words.pop()
    thing = words[-1]
    return thing if thing.isalpha() and thing not in _SAYS_NOTHING | _FORM else ""
