"""Tells which number counts days from today, and what "tomorrow" and "the day after tomorrow" come to for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inference.day_texts import named_days
from inference.signatures import Parameter
from inference.text import Sentence, canonical_words

_AHEAD = re.compile(
    r"\b(?:days? (?:ahead|from (?:now|today)|in advance|forward|offset|after today|into the future)|day offset|offset in days)\b"
    r"|(?<!\w)(?:0|zero)\W{1,3}(?:is |means |for )?today\b|\btoday\W{1,3}(?:is )?(?:0|zero)\b"
    r"|(?<!\w)1\W{1,3}(?:is |means |for )?tomorrow\b"
)
_BACK = re.compile(
    r"\bdays? (?:ago|back|before today|in the past)\b|(?<![\w-])1\W{1,3}(?:is |means |for )?yesterday\b"
)
_DAYS_FROM_TODAY = {"today": 0, "tomorrow": 1, "yesterday": -1}
_FURTHER = {"after": 2, "before": -2}


def counted_days(parameter: Parameter, sentence: Sentence) -> Mapping[str, int]:
    """Return the words of a sentence that name a day near today, each with the number that a parameter counts to it."""
    way = _way(parameter)
    if way == 0:
        return {}
    days = {each.text: _from_today(each.text, each.name) for each in named_days(sentence.lower)}
    counted = {text: way * number for text, number in days.items() if number is not None}
    least, most = parameter.minimum, parameter.maximum
    return {
        text: number
        for text, number in counted.items()
        if (least is None or number >= least) and (most is None or number <= most)
    }


def _way(parameter: Parameter) -> int:
    """Say whether a number counts days ahead (1) or back (-1); 0 for neither."""
    if not parameter.is_number or parameter.many or parameter.choices or parameter.unit not in {None, "day"}:
        return 0
    text = f"{canonical_words(parameter.readable_name)} . {parameter.description.lower()}"
    if _BACK.search(text):
        return -1
    return 1 if _AHEAD.search(text) else 0


def _from_today(text: str, name: str | None) -> int | None:
    if name in _DAYS_FROM_TODAY:
        return _DAYS_FROM_TODAY[name]
    further = re.fullmatch(r"(?:the )?day (after|before) (?:tom\w+|yesterday)", text)
    return None if further is None else _FURTHER[further[1]]
