"""Takes inflected German and French words back to what a glossary may list, by light stripping of endings.

Words are spelled as `glossaries.key` spells them. What is tried first is more likely; a wrong guess costs nothing
unless the glossary knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from firmware_api_specs.glossaries import Glossary, glossary

PREFIXES = (
    "stehen zurueck zusammen weiter wieder herunter hinunter runter hoch hinauf herauf herab hinzu fest frei fort heraus hinaus "
    "herein hinein durch ueber unter gegen vorbei vor nach weg los bereit ab an auf aus bei ein her hin mit um zu"
).split()
_GERMAN_CASES = ("en", "e", "n", "s", "es", "er", "em", "ern", "ere", "eren", "erer", "ste", "sten", "innen")
_GERMAN_VERBS = (
    "e",
    "t",
    "st",
    "et",
    "te",
    "ten",
    "tet",
    "ete",
    "eten",
    "end",
    "ende",
    "enden",
    "ung",
    "ungen",
    "",
)
_PLAIN_VOWELS = (("aeu", "au"), ("ae", "a"), ("oe", "o"), ("ue", "u"))
_JOINTS = ("", "s", "n", "en", "es", "e", "er", "ungs")
_LEAST_PART = 3
_LEAST_COMPOUND, _LONGEST_COMPOUND = 9, 48

_FRENCH_ENDINGS = (
    ("s", ""), ("x", ""), ("e", ""), ("es", ""), ("aux", "al"), ("aux", "ail"), ("elle", "el"), ("elles", "el"),
    ("enne", "en"), ("ive", "if"), ("ives", "if"), ("euse", "eur"), ("euses", "eur"),
    *((ending, "er") for ending in (
        "e", "es", "ent", "ez", "ons", "ees", "ee", "ant", "eant", "ait", "era", "a", "ement", "ements", "age", "ation", "eur",
    )),
    *((ending, "ir") for ending in ("it", "is", "issent", "issant", "issez", "i", "ie", "ies", "issement")),
    *((ending, "re") for ending in ("", "s", "ent", "ant", "u", "ue", "us", "ues", "ez")),
    ("ie", "yer"), ("ient", "yer"), ("oi", "oyer"), ("lle", "ler"), ("lles", "ler"), ("tte", "ter"), ("ttent", "ter"),
)  # fmt: skip


@lru_cache(maxsize=20_000)
def german(word: str) -> str | None:
    """Return what a German word means, None where the glossary does not tell; a compound gives its parts."""
    known = glossary("de")
    if (listed := _german_word(word, known)) is not None:
        return listed
    parts = _compound(word, known) if len(word) <= _LONGEST_COMPOUND else None
    return None if parts is None else " ".join(parts)


def is_german(word: str) -> bool:
    """Whether the German glossary knows a word, inflected or not; short words may be compounds by chance."""
    known = german(word) if len(word) >= _LEAST_COMPOUND else _german_word(word, glossary("de"))
    return known is not None


def separable(verb: str, prefix: str) -> str | None:
    """Return what a verb and the prefix at the end of its clause mean together ("nimmt … auf")."""
    known = glossary("de")
    for base in _german_bases(verb, known):
        if english := known.english.get(prefix + base):
            return english
    return None


@lru_cache(maxsize=20_000)
def french(word: str) -> str | None:
    """Return what a French word means, None where the glossary does not tell."""
    english = glossary("fr").english
    if word in english:
        return english[word]
    for ending, instead in _FRENCH_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_PART:
            stem = word[: len(word) - len(ending)] + instead
            if meaning := english.get(stem) or english.get(stem.removesuffix("s")):
                return meaning
    return None


def is_french(word: str) -> bool:
    """Whether the French glossary lists a word, inflected or not."""
    return french(word) is not None


def _german_word(word: str, known: Glossary) -> str | None:
    if word in known.english:
        return known.english[word]
    for base in _german_bases(word, known):
        if meaning := known.english.get(base):
            return meaning
    for prefix in PREFIXES:
        if word.startswith(prefix):
            rest = word.removeprefix(prefix)
            for inner in (rest, rest.removeprefix("zu")):
                if inner and (meaning := separable(inner, prefix)):
                    return meaning
    return None


def _german_bases(word: str, known: Glossary) -> Iterator[str]:
    """List the headwords that a word may be a form of."""
    if word in known.first:
        yield known.first[word]
    for ending in _GERMAN_CASES:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_PART:
            yield from _variants(word.removesuffix(ending), known)
    if word.startswith("ge") and len(word) > _LEAST_PART + 2:
        yield from _verbs(word.removeprefix("ge"), known)
    yield from _verbs(word, known)


def _variants(stem: str, known: Glossary) -> Iterator[str]:
    plain = stem
    for umlaut, vowel in _PLAIN_VOWELS:
        if umlaut in stem:
            plain = stem.replace(umlaut, vowel)
            break
    for spelled in (stem, stem + "e", plain):
        if spelled in known.first:
            yield known.first[spelled]


def _verbs(word: str, known: Glossary) -> Iterator[str]:
    for ending in _GERMAN_VERBS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_PART - 1:
            stem = word.removesuffix(ending)
            for infinitive in (stem + "en", stem + "n"):
                if infinitive in known.first:
                    yield known.first[infinitive]


def _compound(word: str, known: Glossary) -> list[str] | None:
    """Split into the fewest known parts, the earlier ones as long as possible."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        is_last = end == len(word)
        found: list[str] | None = None
        for start in range(max(end - _LONGEST_COMPOUND, 0), end - _LEAST_PART + 1):
            before = best[start]
            if before is None or (found is not None and len(before) + 1 > len(found)):
                continue
            if meaning := _part(word[start:end], known, is_last=is_last):
                found = [*before, meaning]
        best.append(found)
    return best[-1]


def _part(part: str, known: Glossary, *, is_last: bool) -> str | None:
    if is_last:
        return _german_word(part, known)
    for joint in _JOINTS:
        if part.endswith(joint):
            stem = part[: len(part) - len(joint)]
            for spelled in (stem, stem + "e", stem + "en", stem + "n"):
                if (
                    len(stem) >= _LEAST_PART - 1
                    and len(spelled) >= _LEAST_PART
                    and (meaning := known.english.get(spelled))
                ):
                    return meaning
    return None
