"""Reads what vendors say their codes mean: "MS mild steel, SS stainless steel", "0 = off, 1 = eco", "Red, green, blue."."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference.text import canonical_words

_MOST_WORDS = 6
_SHORT = 3
# Words that are as short as codes, and tell what they mean.
_WORDS = frozenset(
    """
    on off low mid high all any top up down in out hot warm cold dry wet eco max min new old day red one two none auto yes no left
    right add set end run jog fan air gas oil
    """.split()
)
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_LINK = r"\s*(?:[=:]|\u2192|->|\(|\s[-\u2013]\s|\b(?:is|are|means|stands for|for)\b)?\s*(?:\b(?:the|an?)\s+)?"
_START = r"(?:^|[.,;:(/|\n]\s*|\b(?:or|and|to|up to|through)\s+)"
# What is no more about the last code: "RS rinse and spin (default)", "BR brass. Picks the cutting table".
_ITEM_END = re.compile(r"[,;()\n|]|\.(?!\d)|\s[-\u2013]\s|:\s")
_JOINT_AT_END = re.compile(r"[\s/,]+(?:or|and)?\s*$")
_LIST_JOINT = re.compile(r"\s*(?:[,;/|]\s*(?:and\s+|or\s+)?|\band\b|\bor\b)\s*")
_PAIRED = re.compile(
    r"(?P<left>[\w-]+(?: ?[/|] ?[\w-]+)+)\s*(?:=|:|->|\u2192|\bis\b|\bare\b|\bmeans?\b)\s*(?P<right>[\w-]+(?: ?[/|] ?[\w-]+)+)"
)
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = r"(?P<{0}>mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day)?"
_A_DAY = re.compile(
    rf"(?<![\w.])(?P<number>\d)\s*(?:[=:(]|->|\u2192|-|\bis\b|\bmeans\b|\bfor\b)?\s*{_DAY.format('behind')}\b"
    rf"|\b{_DAY.format('before')}\s*(?:[=:(]|->|\u2192|\bis\b)\s*(?P<value>\d)(?!\w)",
    re.IGNORECASE,
)
_SWITCHED = re.compile(r"^.* (?=(?:on|off)$)")
_IN_BRACKETS = re.compile(r"(?P<meaning>[^,;:.()]+?)\s*\((?P<code>[^()]+)\)")


@dataclass(frozen=True, slots=True)
class Glossary:
    """What codes mean, in lower case by the code as it is written, and what else the text says."""

    meanings: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""


def read_glossary(text: str, codes: Sequence[str]) -> Glossary:
    """Find the meanings of codes in a description; none where it is not certain that they are explained.

    Some codes may stay without: of "J1 is the base, J6 the wrist" two are explained, and one alone never is.
    """
    if len(codes) < 2 or not any(map(is_code, codes)):  # noqa: PLR2004 nothing is chosen among one
        return Glossary(rest=text)
    if week := _week(text, codes):
        return Glossary(week, text)
    spread = _spread(text, codes)
    for read in (_behind_codes, _before_codes, _in_their_order):
        meanings, rest = read(spread, codes)
        if _is_certain(meanings, codes):
            return Glossary(meanings, rest)
    return Glossary(rest=text)


def is_code(choice: str) -> bool:
    """Whether a constant hardly tells what it means: "MS", "Z1" and "0", but neither "eco" nor "through_spindle"."""
    if choice.lower() in _WORDS:
        return False
    return (
        len(choice) <= _SHORT
        or (choice.isalnum() and not _VOWEL.search(choice))
        or (any(map(str.isdigit, choice)) and len(choice) <= _SHORT + 1)
    )


def _is_certain(meanings: Mapping[str, str], codes: Sequence[str]) -> bool:
    """Whether meanings can stand for codes: several, all different, none a code of another, and each in a few words."""
    said = list(meanings.values())
    others = {code.lower() for code in codes}
    return (
        len(said) > 1
        and len(set(said)) == len(said)
        and all(1 <= len(one.split()) <= _MOST_WORDS and re.search(r"[a-z]{2}", one) for one in said)
        # "H1 before H2 is cleaned" explains nothing.
        and not any(
            (others - {code.lower()}) & {*filter(_may_be_code, one.split()), one}
            for code, one in meanings.items()
        )
    )


def _may_be_code(word: str) -> bool:
    return len(word) > 1


def _week(text: str, codes: Sequence[str]) -> dict[str, str]:
    """Read "0 = Sunday" of the codes 0 to 6 as the beginning of a week, and "1=Monday ... 7=Sunday" as all of one."""
    if len(codes) != len(_WEEK) or not all(code.isdecimal() for code in codes):
        return {}
    firsts = set()
    for match in _A_DAY.finditer(text):
        number = int(match["number"] or match["value"])
        said = (match["behind"] or match["before"]).lower()
        day = next(place for place, name in enumerate(_WEEK) if name.startswith(said))
        firsts.add((day - number) % len(_WEEK))
    if len(firsts) != 1:
        return {}
    (first,) = firsts
    return {code: _WEEK[(first + int(code)) % len(_WEEK)] for code in codes}


def _spread(text: str, codes: Sequence[str]) -> str:
    """Write "1=low 2=high" and "0/1 = off/on" as lists with commas."""

    def paired(match: re.Match[str]) -> str:
        left, right = (re.split(r" ?[/|] ?", match[side]) for side in ("left", "right"))
        if not set(left) <= set(codes):
            left, right = right, left
        if len(left) != len(right) or not set(left) <= set(codes):
            return match[0]
        return ", ".join(f"{code} = {said}" for code, said in zip(left, right, strict=True))

    one_of = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
    return re.sub(rf"(?<=[\w)])\s+(?=[\"']?(?:{one_of})[\"']?\s*=(?!=))", ", ", _PAIRED.sub(paired, text))


def _behind_codes(text: str, codes: Sequence[str]) -> tuple[dict[str, str], str]:
    """Read "A servers, B network" and "0 = off; 1 = eco". What a code is said twice with is no glossary."""
    one_of = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
    starts = list(
        re.finditer(rf"{_START}[\"']?(?P<code>{one_of})[\"']?(?![\w.]\w|\w)(?P<link>{_LINK})", text)
    )
    meanings: dict[str, str] = {}
    begin, end = len(text), len(text)
    for match, following in zip(starts, [*starts[1:], None], strict=False):
        stop = len(text) if following is None else following.start()
        bound = _ITEM_END.search(text, match.end(), stop)
        end = stop if bound is None else bound.start()
        meaning = _plain(text[match.end() : end])
        if not meaning or match["code"] in meanings:
            return {}, text
        meanings[match["code"]] = meaning
        begin = min(begin, match.start("code"))
        if following is not None and bound is not None and re.search(r"\w", text[bound.end() : stop]):
            # Something else stands between two codes: these are sentences about them.
            return {}, text
    return meanings, _without(text, begin, end)


def _before_codes(text: str, codes: Sequence[str]) -> tuple[dict[str, str], str]:
    """Read "mild steel (MS), stainless steel (SS)"."""
    found = [match for match in _IN_BRACKETS.finditer(text) if match["code"].strip("\"' ") in codes]
    meanings: dict[str, str] = {}
    for match in found:
        meaning = _plain(re.sub(r"^\s*(?:and|or)\s+", "", match["meaning"]))
        # Of "turn the pump on (1) or off (0)" the 1 means on.
        meaning = _SWITCHED.sub("", meaning)
        meanings[match["code"].strip("\"' ")] = meaning
    if len(meanings) < len(found) or not found:
        return {}, text
    return meanings, _without(text, found[0].start(), found[-1].end())


def _in_their_order(text: str, codes: Sequence[str]) -> tuple[dict[str, str], str]:
    """Read "Red, green, blue." of R, G and B: a word for each, in their order or not, as long as the letters fit one only."""
    for sentence in re.split(r"(?<=\.)\s+", text):
        head, colon, listed = sentence.rpartition(":")
        items = [_plain(item) for item in _LIST_JOINT.split(listed.strip(" .")) if item.strip()]
        if len(items) != len(codes) or not all(code.isalpha() for code in codes):
            continue
        rest = " ".join(text.replace(sentence, head + colon[:0]).split())
        if all(_abbreviates(code, item) for code, item in zip(codes, items, strict=True)):
            return dict(zip(codes, items, strict=True)), rest
        fitting = {code: [item for item in items if _abbreviates(code, item)] for code in codes}
        if all(len(found) == 1 for found in fitting.values()):
            return {code: found[0] for code, found in fitting.items()}, rest
    return {}, text


def _abbreviates(code: str, words: str) -> bool:
    """Whether the letters of a code stand in some words in this order, the first at their beginning."""
    letters = iter(words)
    return (
        code.lower() not in words.split()
        and words[:1] == code[:1].lower()
        and all(letter in letters for letter in code.lower())
    )


def _plain(text: str) -> str:
    """Write a meaning as it may stand in the notation: lower case, no marks."""
    said = _JOINT_AT_END.sub("", text).lower().replace("/", " or ").replace("&", " and ")
    return " ".join(re.sub(r"[^\w\s.%'-]", " ", said).split()).strip(" .-'")


def _without(text: str, begin: int, end: int) -> str:
    """Cut the glossary out of a text."""
    before = text[:begin].rstrip(" ,;:(\u2013-")
    after = text[end:].lstrip(" ,;)" if before else " .,;)")
    if before and after and not after.startswith("."):
        before += "." if before[-1:] not in ".!?" else ""
        after = f" {after}"
    return f"{before}{after}".strip(" .") if not re.search(r"\w", after) else f"{before}{after}".strip()


def shown_meanings(codes: Sequence[str], meanings: Mapping[str, str]) -> dict[str, str]:
    """Say how each explained code is to be shown.

    Beside codes that are not explained, and where a code is a word itself, it stands before its meaning: "j1 base" beside "j2",
    "quick 10 seconds". Letters that are made of explained ones mean both: UL is "up left" where U and L are explained.
    """
    whole = dict(meanings)
    for code in codes:
        letters = [meanings.get(letter) for letter in code]
        if code not in whole and len(code) == 2 and all(letters):  # noqa: PLR2004 a pair
            whole[code] = " ".join(letter for letter in letters if letter)
    is_partial = any(is_code(code) for code in codes if code not in whole)
    shown = {}
    for code, meaning in whole.items():
        plain = canonical_words(code) or code.lower()
        tells = is_partial or not (is_code(code) or meaning.startswith(code.lower()))
        shown[code] = f"{code.lower()} {meaning}" if tells and plain not in meaning.split() else meaning
    taken = [shown.get(code, canonical_words(code)) for code in codes]
    return shown if len(set(taken)) == len(taken) else {}
