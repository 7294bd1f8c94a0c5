"""Finds the texts that say numbers and ranges of them: of "pages 2 to 6 of the manual" `pages` takes "2-6"."""

from __future__ import annotations

import re
from functools import lru_cache

from inference.signatures import Parameter, ParameterKind
from inference.text import Sentence, canonical_words

_TO = r" ?(?:through|thru|to|until|till|up to|-|\u2013) ?"
_ITEM = rf"\d{{1,4}}(?:{_TO}\d{{1,4}})?"
_JOINT = r"(?:, | and |, and | & | plus )"
_ROW = rf"(?P<row>{_ITEM}(?:{_JOINT}{_ITEM})*)(?![\w:/%-]|[.,]\d)"
_DASHED = re.compile(r"(?<![\w:./-])\d{1,3}-\d{1,3}(?![\w:/-]|\.\d)")
_ANY_ROW = re.compile(_ROW)
_PHONE = frozenset("phone telephone mobile fax".split())
# "0171 555 0134", "+49 30 5566": a number that is said in groups.
_GROUPS = re.compile(r"(?<![\w.,:/])\+?\(?\d{2,}\)?(?:[ /-]\(?\d{2,}\)?)+(?![\w:/%]|[.,]\d)")
_BETWEEN_GROUPS = re.compile(r"[ ()/-]")
_RANGE_WORDS = frozenset("range ranges numbers number list selection spec".split())


def takes_numbers(parameter: Parameter) -> bool:
    """Whether a text holds numbers: it is called `page_ranges`, or described with such as "1-5,8"."""
    is_text = parameter.kind is ParameterKind.STRING and not parameter.choices and not parameter.format
    if not is_text or parameter.many:
        return False
    name = canonical_words(parameter.readable_name).split()
    return (len(name) > 1 and name[-1] in {"range", "ranges"}) or _is_dashed(parameter)


def takes_digits(parameter: Parameter) -> bool:
    """Whether a text is one long number, such as that of a phone."""
    is_text = parameter.kind is ParameterKind.STRING and not parameter.choices and not parameter.format
    if not is_text or parameter.many:
        return False
    if parameter.pattern is None:
        words = f"{canonical_words(parameter.readable_name)} {parameter.description}".lower()
        return not _PHONE.isdisjoint(re.findall("[a-z]+", words))
    return _fits_digits(parameter.pattern)


@lru_cache(maxsize=256)
def _fits_digits(pattern: str) -> bool:
    """Whether a pattern allows rows of digits of several lengths and no words."""
    try:
        fitting = [length for length in range(4, 16) if re.search(pattern, "1" * length)]
        return len(fitting) > 1 and not any(re.search(pattern, text) for text in ("name", "a b", "1 1"))
    except re.error:
        return False


def number_text(parameter: Parameter, sentence: Sentence) -> str | None:
    """Return the numbers that a sentence says behind what such a text counts; None where it says none.

    Of a number that is said in groups it is all of them.
    """
    if takes_digits(parameter):
        groups = [match[0] for match in _GROUPS.finditer(sentence.lower)]
        return groups[0] if len(groups) == 1 else None
    if not takes_numbers(parameter):
        return None
    name = [word for word in canonical_words(parameter.readable_name).split() if word not in _RANGE_WORDS]
    if not name:
        return None
    noun = re.escape(name[-1].removesuffix("s"))
    found = re.search(rf"(?<!\w){noun}s? (?:numbers? |no |nr )?{_ROW}", sentence.lower)
    return None if found is None else found["row"]


def written_numbers(parameter: Parameter, text: str) -> str:
    """Write numbers as the description of a parameter does: "2 to 6" as "2-6" where it says "1-5,8", and a phone's in one."""
    if takes_digits(parameter) and _GROUPS.fullmatch(text):
        return _BETWEEN_GROUPS.sub("", text)
    if not _is_dashed(parameter) or _ANY_ROW.fullmatch(text.lower()) is None:
        return text
    return re.sub(_JOINT, ",", re.sub(_TO, "-", text.lower()))


def _is_dashed(parameter: Parameter) -> bool:
    return _DASHED.search(parameter.description) is not None
