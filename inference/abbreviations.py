"""What codes mean that vendors take for known: "mon" is Monday, "CCW" counterclockwise, "N2" nitrogen."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass


def _table(text: str) -> dict[str, str]:
    """Read "code meaning; code meaning"."""
    return {code: meaning for code, _, meaning in (item.strip().partition(" ") for item in text.split(";"))}


_WEEKDAYS = _table(
    "mon monday; tue tuesday; tues tuesday; wed wednesday; thu thursday; thur thursday; thurs thursday; fri friday; sat saturday;"
    "sun sunday; mo monday; tu tuesday; we wednesday; th thursday; fr friday; sa saturday; su sunday"
)
_MONTHS = _table(
    "jan january; feb february; mar march; apr april; may may; jun june; jul july; aug august; sep september; oct october;"
    "nov november; dec december"
)
_GASES = _table(
    "n2 nitrogen; o2 oxygen; o3 ozone; h2 hydrogen; co2 carbon dioxide; co carbon monoxide; ar argon; he helium;"
    "n2o nitrous oxide; nh3 ammonia; ch4 methane; c2h2 acetylene; sf6 sulphur hexafluoride; no nitric oxide;"
    "no2 nitrogen dioxide; so2 sulphur dioxide; h2s hydrogen sulphide; h2o water"
)
_TURNS = _table("cw clockwise; ccw counterclockwise; acw counterclockwise; anticw counterclockwise")
_TEMPERATURES = _table("c celsius; f fahrenheit; k kelvin; degc celsius; degf fahrenheit")
LANGUAGES = _table(
    "de german; en english; fr french; it italian; es spanish; nl dutch; pt portuguese; pl polish; sv swedish; da danish;"
    "nb norwegian; no norwegian; fi finnish; cs czech; sk slovak; tr turkish; ru russian; uk ukrainian; zh chinese; ja japanese;"
    "ko korean; el greek; hu hungarian; ro romanian; bg bulgarian; hr croatian; sl slovenian; ar arabic; he hebrew; hi hindi;"
    "ga irish; cy welsh; eng english; deu german; ger german; fra french; fre french; ita italian; spa spanish; nld dutch"
)
CURRENCIES = _table(
    "eur euro; usd us dollar; gbp british pound; chf swiss franc; jpy yen; cny yuan; inr rupee; krw won; aud australian dollar;"
    "cad canadian dollar; nzd new zealand dollar; sgd singapore dollar; hkd hong kong dollar; sek swedish krona;"
    "nok norwegian krone; dkk danish krone; isk icelandic krona; pln zloty; czk czech koruna; huf forint; ron romanian leu;"
    "try turkish lira; brl brazilian real; mxn mexican peso; zar rand; ils shekel; thb baht; rub rouble; uah hryvnia;"
    "btc bitcoin; eth ether"
)
_CORNERS = _table(
    "fl front left; fr front right; rl rear left; rr rear right; bl back left; br back right; lf front left; rf front right;"
    "lr rear left; lb back left; rb back right; sp spare"
)
# What people call a language after where it is spoken so.
_REGIONS = _table(
    "us american; gb british; uk british; au australian; ca canadian; in indian; ie irish; nz new zealand; at austrian; ch swiss;"
    "br brazilian; mx mexican; ar argentinian; be belgian; de german; fr french; es spanish; pt portuguese; it italian; nl dutch"
)
_LOCALE = re.compile(r"([a-z]{2})[-_]([A-Za-z]{2})")
_COMPASS = _table(
    "n north; e east; s south; w west; ne north east; nw north west; se south east; sw south west"
)
_WAYS = _table(
    "u up; d down; l left; r right; ul up left; ur up right; dl down left; dr down right; f forward; b backward;"
    "lu up left; ru up right; ld down left; rd down right; fwd forward; rev reverse; bwd backward; bck backward"
)
_COLOURS = _table(
    "r red; g green; b blue; y yellow; w white; k black; o orange; c cyan; m magenta; p purple; rd red; gn green; bu blue;"
    "ye yellow; wh white; bk black; og orange; red red; grn green; blu blue; ylw yellow; wht white; blk black; amb amber"
)
_STEPS = _table(
    "l low; m medium; h high; lo low; md medium; med medium; mid medium; hi high; min minimum; max maximum; off off"
)
_MEASURED = _table(
    "temp temperature; tmp temperature; hum humidity; rh humidity; pres pressure; press pressure; prs pressure; wspd wind speed;"
    "ws wind speed; wdir wind direction; wd wind direction; srad solar radiation; volt voltage; curr current; freq frequency;"
    "pow power; pwr power; flw flow; lvl level; lev level; spd speed; pos position; vib vibration; lum brightness;"
    "cond conductivity; turb turbidity; dp dew point; prec precipitation; vis visibility; irr irradiance;"
    "acc acceleration; dist distance"
)
_MODES = _table(
    "af autofocus; mf manual focus; awb automatic; man manual; aut automatic; cont continuous; int intermittent"
)
_VOICE = re.compile(r"([fmcFMC])(\d)")
_VOICES = {"f": "woman", "m": "man", "c": "child"}


@dataclass(frozen=True, slots=True)
class _Known:
    """A group of codes.

    Attributes:
        meanings: by code in lower case.
        least: so many of an enumeration's constants have to be among them.
        is_whole: all of them have to be.
        about: what the parameter has to be about, where the letters may mean anything.
        proof: what at least one constant has to look like.
    """

    meanings: Mapping[str, str]
    least: int = 2
    is_whole: bool = False
    about: str = ""
    proof: Callable[[str], bool] = bool


_GROUPS = (
    _Known({code: day for code, day in _WEEKDAYS.items() if len(code) > 2}),  # noqa: PLR2004 two letters may be anything
    _Known(_WEEKDAYS, 5),
    _Known(_MONTHS, 4),
    _Known(_GASES, proof=lambda code: any(map(str.isdigit, code))),
    _Known(_TURNS, 1),
    _Known(_TEMPERATURES, is_whole=True, about="unit|scale|temp|temperature|degrees"),
    _Known(LANGUAGES, is_whole=True, about="lang|language|languages|locale|speech|spoken"),
    _Known(CURRENCIES),
    _Known(_CORNERS, 4, is_whole=True, proof=lambda code: code in {"rr", "rl", "lr", "bl", "lb"}),
    _Known(_COLOURS, is_whole=True, about="colou?rs?|col|led|leds|light|lamp"),
    _Known(_COMPASS, 3, is_whole=True, proof=lambda code: code in {"n", "s"}),
    _Known(_WAYS, is_whole=True, proof=lambda code: code in {"u", "l", "fwd", "rev"}),
    _Known(_STEPS, is_whole=True, proof=lambda code: code in {"h", "hi", "med", "mid"}),
    _Known(_MEASURED),
    _Known(_MODES),
)


def known_meanings(codes: Sequence[str], about: str) -> dict[str, str]:
    """Return what codes mean that are usually not explained, as far as they are such.

    Args:
        codes: the constants of an enumeration.
        about: name and description of the parameter and of its function.
    """
    words = set(re.findall(r"[a-z]+", about.lower()))
    if locales := _locales(codes):
        return locales
    for group in _GROUPS:
        found = {code: group.meanings[code.lower()] for code in codes if code.lower() in group.meanings}
        if len(found) >= group.least and _suits(group, found, codes, words):
            return {code: meaning for code, meaning in found.items() if meaning != code.lower()}
    return _voices(codes) if words & {"voice", "voices", "speaker", "speech"} else {}


def _suits(group: _Known, found: Mapping[str, str], codes: Sequence[str], words: Collection[str]) -> bool:
    if group.is_whole and len(found) < len(codes):
        return False
    if group.about and not any(re.fullmatch(group.about, word) for word in words):
        return False
    # Two spellings of one thing would not be told apart.
    return len(set(found.values())) == len(found) and any(group.proof(code.lower()) for code in found)


def _locales(codes: Sequence[str]) -> dict[str, str]:
    """Read de-DE as German, and en-US beside en-GB as American English."""
    matches = [match for code in codes if (match := _LOCALE.fullmatch(code))]
    if len(matches) < len(codes) or len(matches) < 2:  # noqa: PLR2004 nothing is chosen among one
        return {}
    languages = [match[1] for match in matches]
    read = {}
    for match in matches:
        language, region = LANGUAGES.get(match[1]), _REGIONS.get(match[2].lower(), "")
        if language is None or (languages.count(match[1]) > 1 and not region):
            return {}
        is_own = languages.count(match[1]) == 1 or region == language
        read[match[0]] = language if is_own else f"{region} {language}"
    return read if len(set(read.values())) == len(read) else {}


def _voices(codes: Sequence[str]) -> dict[str, str]:
    """Read F1, F2 and M1 as two women's voices and a man's."""
    matches = [match for code in codes if (match := _VOICE.fullmatch(code))]
    if len(matches) < len(codes) or len(matches) < 2:  # noqa: PLR2004 nothing is chosen among one
        return {}
    kinds = [match[1].lower() for match in matches]
    return {
        match[0]: _VOICES[kind] + (f" {match[2]}" if kinds.count(kind) > 1 else "")
        for match, kind in zip(matches, kinds, strict=True)
    }
