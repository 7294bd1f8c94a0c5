"""The glossaries: technical German, French and Chinese words and what they are called in English.

One line of a file holds one meaning: `headword, other form or spelling = english`. Nothing behind the sign makes a
particle, which vanishes. In Chinese each headword is followed by its pinyin without tones, as names of functions write it.
The first meaning that a file gives to a spelling counts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["de", "fr", "zh"]
LANGUAGES: tuple[Language, ...] = ("de", "fr", "zh")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe", "æ": "ae"})
_ELIDED_OF = re.compile(r"\bd['\u2019](?=\w)", re.IGNORECASE)
_ELISION = re.compile(r"\b(?:[lsnjmtc]|qu|jusqu|lorsqu|puisqu)['\u2019](?=\w)", re.IGNORECASE)
_ENGLISH_ENDINGS = ("s", "es", "d", "ed", "ing")
_LEAST_STEM = 3
_FRENCH_JOINTS = frozenset("de du des a au aux la le les".split())


@dataclass(frozen=True, slots=True)
class Glossary:
    """One language.

    Attributes:
        english: the meaning by word or phrase; empty for particles. Keys are spelled as `key` spells.
        first: the first headword of the line that a word stands in.
        pinyin: for Chinese, the meaning by pinyin, syllables joined.
    """

    english: dict[str, str]
    first: dict[str, str]
    pinyin: dict[str, str]


@cache
def glossary(language: Language) -> Glossary:
    """Read the glossary of a language."""
    read = Glossary({}, {}, {})
    for line in _lines(language):
        heads, _, english = line.partition("=")
        spellings = [spelling.strip() for spelling in heads.split(",")]
        if language == "zh":
            pairs = [spelling.split(" ", 1) for spelling in spellings]
            for _, pinyin in pairs:
                read.pinyin.setdefault(pinyin.replace(" ", ""), english.strip())
            spellings = [characters for characters, _ in pairs]
        for spelling in spellings:
            read.english.setdefault(key(spelling, language), english.strip())
            read.first.setdefault(key(spelling, language), key(spellings[0], language))
            if language == "fr":
                read.english.setdefault(_without_joints(key(spelling, language)), english.strip())
    return read


def _without_joints(phrase: str) -> str:
    """Leave the prepositions out of a French phrase, as names do: `point_acces`, `arret_urgence`."""
    words = phrase.split()
    kept = [word for word in words if word not in _FRENCH_JOINTS]
    return " ".join(kept) if len(kept) > 1 else phrase


def key(text: str, language: Language) -> str:
    """Spell a word or phrase as glossaries are searched: lower case, `ä` as `ae`, French without accents."""
    lower = unicodedata.normalize("NFKC", text).lower().translate(_SPELLED_OUT).replace("-", " ")
    if language == "fr":
        lower = without_elisions(lower)
        lower = "".join(
            mark for mark in unicodedata.normalize("NFD", lower) if not unicodedata.combining(mark)
        )
    return lower


def without_elisions(text: str) -> str:
    """Write French "d'accès" as "de accès" and "l'angle" as "angle"."""
    return _ELISION.sub(" ", _ELIDED_OF.sub("de ", text))


def is_english(word: str) -> bool:
    """Whether a word is common in English descriptions, inflected or not."""
    lower, known = word.lower(), _english_words()
    if lower.endswith(("tion", "tions")) and lower.isascii():
        return True  # German and French spell many of these alike
    stems = [lower.removesuffix(ending) for ending in _ENGLISH_ENDINGS if lower.endswith(ending)]
    return lower in known or any(
        stem in known or f"{stem}e" in known or (stem[-1] == stem[-2] and stem[:-1] in known)
        for stem in stems
        if len(stem) >= _LEAST_STEM
    )


@cache
def _english_words() -> frozenset[str]:
    words = {word for line in _lines("en") for word in line.split()}
    for language in LANGUAGES:
        for english in glossary(language).english.values():
            words.update(re.findall(r"[a-z]+", english.lower()))
    return frozenset(words)


def _lines(name: str) -> list[str]:
    text = (files("firmware_api_specs") / "glossary" / f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
