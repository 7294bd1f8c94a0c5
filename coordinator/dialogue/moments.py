"""Moments and spans as people say them: "2 minutes ago", "at 14:05". Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_MINUTE = 60.0
_HOUR = 3600.0
_DAY = 86_400.0
_JUST_NOW_SECONDS = 10.0
_LATEST = 253_402_000_000.0


def ago(at: float, now: float) -> str:
    """Say how long ago a moment (Unix seconds) was: "just now", "2 minutes ago"."""
    seconds = max(0.0, now - at)
    return "just now" if seconds < _JUST_NOW_SECONDS else f"{span(seconds)} ago"


def span(seconds: float) -> str:
    """Say a length of time in its largest whole unit: "40 seconds", "1 hour", "3 days"."""
    seconds = max(0.0, seconds)
    for unit, length in (("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE)):
        if seconds >= length:
            return _counted(int(seconds // length), unit)
    return _counted(max(1, round(seconds)), "second")


def moment(at: float, now: float, zone: ZoneInfo) -> str:
    """Say when something was: "2 minutes ago, at 14:05"; with its date if it was on another day."""
    then, today = _local(at, zone), _local(now, zone)
    clock = f"{then:%H:%M}"
    if then.date() != today.date():
        clock = f"{clock} on {then:%Y-%m-%d}"
    return f"{ago(at, now)}, at {clock}"


def _local(at: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(min(max(at, 0.0), _LATEST), zone)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
