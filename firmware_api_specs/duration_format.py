"""Tells which texts are durations, and how the device wants them written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from firmware_api_specs.data_schema import DataSchema

DurationFormat = Literal["ISO 8601", "HH:MM:SS", "H:MM:SS", "HH:MM", "H:MM", "MM:SS", "M:SS"]

_CLOCK_LAYOUTS: dict[str, DurationFormat] = {
    "hh:mm:ss": "HH:MM:SS",
    "h:mm:ss": "H:MM:SS",
    "hh:mm": "HH:MM",
    "h:mm": "H:MM",
    "mm:ss": "MM:SS",
    "m:ss": "M:SS",
}
# Not "HH:MM-HH:MM", which is a span between two times of day.
_LAYOUT = re.compile(r"(?<![\w:-])(?:hh?:mm(?::ss)?|mm?:ss)(?![\w:-]|\.\w)", re.IGNORECASE)
# Of two numbers nobody knows whether they are hours and minutes or minutes and seconds.
_SAMPLE = re.compile(r"(?<![\w:.-])(?:(\d\d)|\d):\d\d:\d\d(?![\w:-]|\.\d)")
_ISO_SAMPLE = re.compile(r"P(?=T?\d)(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?")
_ISO_IN_WORDS = re.compile(r"\biso[- ]?8601[- ](?:time )?durations?\b|\bPT\d+[HMS]", re.IGNORECASE)
_ISO = re.compile(r"\biso[- ]?8601\b(?![- ](?:date|time))", re.IGNORECASE)
_ISO_MATCHES = ("PT10M", "PT10H", "PT10S", "P10D")
# What a pattern for durations does not match, and one for any text, any code or any digits does.
_NO_ISO = ("", "abc", "ABC", "PABC", "QT10M", "PX10M", "P10", "10")
_NO_CLOCK = ("", "ab:cd", "ab:cd:ef", "0010", "001000")
# What patterns of each layout match, and what those of another do.
_PATTERNS: dict[DurationFormat, tuple[Sequence[str], Sequence[str]]] = {
    "HH:MM:SS": (("00:10:00", "01:30:00"), ()),
    "H:MM:SS": (("0:10:00", "1:30:00"), ()),
    "HH:MM": (("00:10", "23:59"), ("24:00", "59:59")),
    "MM:SS": (("00:10", "59:59"), ("60:00",)),
}
_LASTING = re.compile(
    r"\b(?:durations?|lengths?|lasts?|lasting|periods?|timers?|countdowns?|delays?|intervals?|time ?outs?"
    r"|how long|time ?spans?|(?:run|cook|bak|cool|dry|play)(?:ing)? ?time)\b"
)
_TIME_OF_DAY = (
    r"\btime of day\b|\bclock|o'clock|\b(?:12|24)[- ]?h(?:our)?\b|\b[ap]\.?m\b|^when\b|\bwhen to\b|\bwak(?:e|ing)\b"
    r"|\b(?:start|end|alarm)(?:ing|s)? (?:time|at)\b|\btime at which\b"
)
_SURE_POINT = re.compile(_TIME_OF_DAY)
_POINT = re.compile(
    rf"\b(?:start|begin|schedul|deadline|moment|alarm|stop)|\b(?:end|ends|until|till|due)\b|{_TIME_OF_DAY}"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def duration_format(name: str, schema: DataSchema, item: DataSchema) -> DurationFormat | None:
    """Say how a duration is written, by `format`, `pattern`, examples or what is said of it; None for other texts.

    What may be a time of day as well is none.

    Args:
        name: of the argument.
        schema: its description.
        item: the description of one item where it is a list, else the same.
    """
    if item.type != "string" or item.choices or item.format not in {None, "duration"}:
        return None
    texts = tuple(dict.fromkeys((schema.native, schema.english, item.native, item.english)))
    samples = tuple(_samples(schema, item))
    is_lasting = _is_lasting(" ".join(_WORD.findall(name)).lower(), " ".join(texts).lower())
    if item.format == "duration" or _is_iso(texts, samples, item.pattern, is_lasting=is_lasting):
        return "ISO 8601"
    if not is_lasting:
        return None
    return _by_words(texts, samples) or _by_pattern(item.pattern)


def _samples(schema: DataSchema, item: DataSchema) -> Iterator[str]:
    """List the default and the examples, as JSON Schema and OpenAPI write them."""
    for each in (schema, item):
        extra = each.model_extra or {}
        listed = extra.get("examples")
        for sample in (each.default, extra.get("example"), *(listed if isinstance(listed, list) else ())):
            if isinstance(sample, str):
                yield sample


def _is_lasting(name: str, text: str) -> bool:
    """Whether something lasts, rather than happens at a time: by the name's last word, else by all words of both."""
    if _LASTING.search(name) and (_LASTING.search(name.rpartition(" ")[2]) or not _POINT.search(name)):
        return _SURE_POINT.search(text) is None
    return _LASTING.search(text) is not None and _POINT.search(f"{text} {name}") is None


def _is_iso(texts: Sequence[str], samples: Sequence[str], pattern: str | None, *, is_lasting: bool) -> bool:
    if any(_ISO_IN_WORDS.search(text) or (is_lasting and _ISO.search(text)) for text in texts):
        return True
    # "P2D" may be the code of a place.
    if any(_ISO_SAMPLE.fullmatch(sample) and (is_lasting or "T" in sample) for sample in samples):
        return True
    return pattern is not None and (
        any(re.search(pattern, text) for text in _ISO_MATCHES)
        and not any(re.search(pattern, text) for text in _NO_ISO)
    )


def _by_words(texts: Sequence[str], samples: Sequence[str]) -> DurationFormat | None:
    found: list[str] = []
    for text in texts:
        layouts = [match[0].lower() for match in _LAYOUT.finditer(text)]
        if len(set(layouts)) < len(layouts):
            # Said twice, they are the two ends of a span: "from HH:MM to HH:MM".
            return None
        found += layouts
    if found:
        return _CLOCK_LAYOUTS[max(found, key=len)]
    sample = next(filter(None, map(_SAMPLE.search, (*texts, *samples))), None)
    if sample is None:
        return None
    return "HH:MM:SS" if sample[1] else "H:MM:SS"


def _by_pattern(pattern: str | None) -> DurationFormat | None:
    if pattern is None:
        return None
    for layout, (matched, unmatched) in _PATTERNS.items():
        if all(re.search(pattern, text) for text in matched) and not any(
            re.search(pattern, text) for text in (*unmatched, *_NO_CLOCK)
        ):
            return layout
    return None
