"""Writes an amount of time as a device takes it as a text: "PT1H30M" (ISO 8601), "01:30:00" or "90:00"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product

from inference.units import convert

ISO_LAYOUT = "ISO 8601"

_SECONDS = {"W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}
# Which units a text in ISO 8601 may be made of, the usual ones first; a device's pattern may only allow others.
_ISO_UNITS = ("DHMS", "HMS", "MS", "S", "M", "H", "D", "W")
_DATE_UNITS = frozenset("WD")
# Months and years have no length in seconds.
_MONTHS = {"month": 1, "year": 12}


def duration_texts(
    value: float, unit: str | None, layout: str, unit_definitions: Mapping[str, str]
) -> Iterator[str]:
    """List the ways to write an amount of time, the usual one first; none where it cannot be written exactly.

    Args:
        value: the amount.
        unit: what it was said in; what is no unit of time cannot be written.
        layout: `ISO_LAYOUT`, or hours, minutes and seconds as in "HH:MM:SS" and "M:SS".
        unit_definitions: the vendor's own units.
    """
    if unit is None or value < 0:
        return
    if unit in _MONTHS:
        if layout == ISO_LAYOUT:
            yield from _months(value * _MONTHS[unit])
        return
    converted = convert(value, unit, "second", unit_definitions)
    if converted is None:
        return
    # Behind the fifteenth digit stands what sums of binary fractions have left.
    seconds = Decimal(f"{converted:.15g}")
    if layout == ISO_LAYOUT:
        yield from _iso_texts(seconds)
        return
    amounts = _split(seconds, [field[0] for field in layout.split(":")])
    if amounts is not None and all(amount == int(amount) for amount in amounts):
        widths = map(len, layout.split(":"))
        yield ":".join(f"{int(amount):0{width}}" for amount, width in zip(amounts, widths, strict=True))


def _months(months: float) -> Iterator[str]:
    if months == int(months) and months > 0:
        years, rest = divmod(int(months), 12)
        yield "P" + (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
        yield f"P{int(months)}M"


def _iso_texts(seconds: Decimal) -> Iterator[str]:
    for with_zeros, units in product((False, True), _ISO_UNITS):
        amounts = _split(seconds, units)
        if amounts is None:
            continue
        written = {
            unit: f"{amount.normalize():f}{unit}"
            for unit, amount in zip(units, amounts, strict=True)
            if amount or with_zeros
        }
        days = "".join(text for unit, text in written.items() if unit in _DATE_UNITS)
        times = "".join(text for unit, text in written.items() if unit not in _DATE_UNITS)
        if written:
            yield f"P{days}T{times}" if times else f"P{days}"
        else:
            yield "PT0S"


def _split(seconds: Decimal, units: Sequence[str]) -> list[Decimal] | None:
    """Split seconds into units, larger ones first; None where something is left that the last one cannot say."""
    amounts: list[Decimal] = []
    for unit in units:
        amount, seconds = divmod(seconds, _SECONDS[unit])
        amounts.append(amount)
    if units[-1] == "S":
        amounts[-1] += seconds
    elif seconds:
        return None
    return amounts
