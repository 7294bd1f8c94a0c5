"""Small pieces of English: plurals, lists, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from protocol.messages import Scalar

_SYMBOLS = {
    "percent": "%",
    "meter": "m",
    "decimeter": "dm",
    "centimeter": "cm",
    "millimeter": "mm",
    "foot": "ft",
    "inch": "in",
}
_F_TO_VES = {"shelf", "loaf", "half", "leaf", "knife", "life", "wolf", "wharf"}


def plural(noun: str) -> str:
    """Return the plural of a common noun; of several words the last one changes."""
    head, space, last = noun.rpartition(" ")
    lower = last.lower()
    if lower in _F_TO_VES:
        last = last.removesuffix("fe").removesuffix("f") + "ves"
    elif lower.endswith("y") and lower[-2:-1] not in set("aeiou"):
        last = last[:-1] + "ies"
    elif lower.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    else:
        last += "s"
    return head + space + last


def listing(parts: Sequence[str]) -> str:
    """Join names: "a", "a and b", "a, b and c"."""
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def named(kind: str | None, names: Sequence[str]) -> str:
    """Name things: "shelf 2", "shelves 2 and 4"; without a kind the bare names."""
    if kind is None:
        return listing(names)
    return f"{kind if len(names) == 1 else plural(kind)} {listing(names)}"


def capital(text: str, kind: str | None) -> str:
    """Begin a sentence: a common noun gets a capital, a device's name stays as it is."""
    return text[:1].upper() + text[1:] if kind is not None else text


def amount(value: Scalar | tuple[Scalar, ...], unit: str | None) -> str:
    """Write a value with its unit: "80 %", "yes", "1, 2 and 5"."""
    if isinstance(value, tuple):
        text = listing([amount(one, None) for one in value]) or "none"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, float):
        text = f"{value:.10g}"
    else:
        text = str(value)
    return f"{text} {_SYMBOLS.get(unit, unit)}" if unit else text


def quoted(sentence: str) -> str:
    """Put someone's sentence into quotation marks, to stand inside another one."""
    return '"' + sentence.strip().rstrip(".").rstrip().replace('"', "'") + '"'


def time_of_day(at: float) -> str:
    """Write a moment (Unix seconds) that is near: "14:05:30 UTC"."""
    return f"{_moment(at):%H:%M:%S} UTC"


def date_and_time(at: float) -> str:
    """Write a moment (Unix seconds) that may be long ago: "2026-11-21 14:05 UTC"."""
    return f"{_moment(at):%Y-%m-%d %H:%M} UTC"


def _moment(at: float) -> datetime:
    """Return a moment; one that no calendar has, as a device's clock may give, becomes the nearest that it has."""
    latest = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    return datetime.fromtimestamp(min(max(at, 0.0), latest), UTC)
