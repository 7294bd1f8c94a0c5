"""Word-by-word English for descriptions and names in German, French or Chinese.

A gloss is no translation: it gives the search and the language model, which know English, words to hold on to. Words
that no glossary knows stay as they are, and so does English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from firmware_api_specs.glossaries import LANGUAGES, Language, glossary, is_english, key, without_elisions
from firmware_api_specs.word_forms import PREFIXES, french, german, is_french, is_german, separable

GLOSS_LIMIT = 1000
"""Most characters of a gloss; of a longer text only the beginning is read."""

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,:]\d+)*|\S")
_IDEOGRAPHS = r"\u3400-\u4dbf\u4e00-\u9fff"
_CHINESE = re.compile(rf"[{_IDEOGRAPHS}]+")
_JAPANESE_OR_KOREAN = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_PUNCTUATION = str.maketrans("。、", ".,")
_WORD = re.compile(r"[^\W\d_]+")
_NAME_WORD = re.compile(
    rf"[{_IDEOGRAPHS}]+|\d+|[A-ZÀ-ÖØ-Þ]+(?![a-zß-öø-ÿ])|[A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+|[^\W\d_]"
)
_CLAUSE_WORDS = frozenset("und oder sowie".split())
_TELLING = {
    "en": "the of and with to is are for from an this that by at it its".split(),
    "de": "der die das den dem des ein eine einen und mit zum zur im auf ist wird".split(),
    "fr": "le la les du des un une et avec au aux en est dans pour sur".split(),
}
_TELLING_WEIGHT = 2
"""Words that stand in nearly every sentence of their language count this much more than others."""
_PHRASE_LENGTH = 5
_LONGEST_CHINESE, _LONGEST_PINYIN = 8, 30
_UNKNOWN_COST = 100


def language_of(text: str) -> Literal["de", "fr", "zh", "en"]:
    """Tell the language of a text by its words; "en" also stands for every language that there is no glossary of."""
    text = text[:GLOSS_LIMIT]
    if _JAPANESE_OR_KOREAN.search(text):
        return "en"
    words = [word for word in _WORD.findall(text) if not _CHINESE.search(word)]
    if len("".join(_CHINESE.findall(text))) > len(words):
        return "zh"
    scores = {language: _count_known(words, language) for language in ("de", "fr")}
    best: Language = "de" if scores["de"] > scores["fr"] else "fr"
    return best if scores[best] > _count_english(words) else "en"


def gloss(text: str, language: str | None = None) -> str:
    """Return word-by-word English, at most `GLOSS_LIMIT` characters; `text` itself where it is English or cannot be read.

    Args:
        text: a title or description.
        language: its language tag ("de", "zh-CN"), where that is known.
    """
    known = _supported(language) if language else _supported(language_of(text))
    if known is None or _is_rather_english(text, known):
        return text
    text = text[:GLOSS_LIMIT]
    if known == "zh":
        glossed = _chinese_text(text) if _CHINESE.search(text) else gloss_name(text, known)
    else:
        glossed = _gloss_tokens(text, known)
    if not glossed or glossed.lower() == text.lower():
        return text
    return (glossed[0].upper() + glossed[1:])[:GLOSS_LIMIT].rstrip()


def gloss_name(name: str, language: str) -> str:
    """Return what the words of an API's name mean; empty where it is English or nothing is known of it.

    Args:
        name: a name such as `bewege_zu_regal`, `allerAuRayon` or `yidong_dao_huojia`.
        language: the tag of the language that the device's makers write.
    """
    known = _supported(language)
    words = _NAME_WORD.findall(name[:GLOSS_LIMIT])
    if known is None or not words or all(is_english(word) for word in words):
        return ""
    spaced = " ".join(words)
    glossed = _pinyin_words(words) if known == "zh" else _gloss_tokens(spaced, known)
    return "" if glossed.lower() == spaced.lower() else glossed.lower()[:GLOSS_LIMIT].strip()


def _supported(tag: str) -> Language | None:
    primary = tag.lower().replace("_", "-").split("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def _is_rather_english(text: str, language: Language) -> bool:
    words = _WORD.findall(text[:GLOSS_LIMIT])
    if language == "zh":  # without a character it may be pinyin, or the name of a product
        return not _CHINESE.search(text) and any(map(is_english, words))
    return _count_english(words) > _count_known(words, language)


def _count_english(words: Sequence[str]) -> int:
    return sum(map(is_english, words)) + _count_telling(words, "en")


def _count_known(words: Sequence[str], language: Language) -> int:
    spelled = [key(word, language) for word in words]
    known = is_german if language == "de" else is_french
    return sum(map(known, spelled)) + _count_telling(words, language)


def _count_telling(words: Sequence[str], language: str) -> int:
    return _TELLING_WEIGHT * sum(word.lower() in _TELLING[language] for word in words)


def _gloss_tokens(text: str, language: Language) -> str:
    """Gloss German or French; marks and numbers stay where they are."""
    found = list(_TOKEN.finditer(_without_joints(text, language)))
    words = [key(match[0], language) if _WORD.fullmatch(match[0]) else "" for match in found]
    meanings = _phrases(words, language)
    if language == "de":
        _join_separated(words, meanings)
    lookup = german if language == "de" else french
    written, end, is_spaced = "", 0, False
    for match, word, phrase in zip(found, words, meanings, strict=True):
        is_spaced = is_spaced or match.start() > end
        end = match.end()
        meaning = lookup(word) if word and phrase is None else phrase
        meaning = match[0] if meaning is None else meaning
        if meaning:
            written += f" {meaning}" if is_spaced else meaning
            is_spaced = False
    return _tidy(written)


def _tidy(text: str) -> str:
    """Put one space between words and none before marks that end something."""
    return re.sub(r" (?=[,.;:)!?](?:\s|$))", "", " ".join(text.split()))


def _without_joints(text: str, language: Language) -> str:
    """Write compounds with hyphens and French elisions ("point d'accès") as separate words."""
    spaced = re.sub(r"(?<=[^\W\d_])[-_](?=[^\W\d_])", " ", unicodedata.normalize("NFKC", text))
    return without_elisions(spaced) if language == "fr" else spaced


def _phrases(words: Sequence[str], language: Language) -> list[str | None]:
    """Say what phrases of several words mean, at their first word; the others vanish. None where no phrase stands."""
    english = glossary(language).english
    meanings: list[str | None] = [None] * len(words)
    place = 0
    while place < len(words):
        step = 1
        for length in range(min(_PHRASE_LENGTH, len(words) - place), 1, -1):
            meaning = english.get(" ".join(words[place : place + length]))
            if meaning is not None and all(words[place : place + length]):
                meanings[place : place + length] = [meaning, *[""] * (length - 1)]
                step = length
                break
        place += step
    return meanings


def _join_separated(words: Sequence[str], meanings: list[str | None]) -> None:
    """Give German verbs the prefix that stands at the end of their clause ("nimmt ein Bild auf")."""
    begin = clause = 0
    for end in range(len(words) + 1):
        if end < len(words) and words[end] and words[end] not in _CLAUSE_WORDS:
            continue
        last = end - 1
        if last > begin and words[last] in PREFIXES and meanings[last] is None:
            # A clause without such a verb goes on with what stood before its "und".
            for place in (*range(clause, last), *range(begin, clause)):
                meaning = separable(words[place], words[last])
                if meaning and meanings[place] is None:
                    meanings[place], meanings[last] = meaning, ""
                elif meaning:
                    meanings[last] = meaning  # "schaltet ein und wieder aus": one verb, two prefixes
                if meaning:
                    break
        clause = end + 1
        if end < len(words) and not words[end]:
            begin = clause


def _chinese_text(text: str) -> str:
    def glossed(run: re.Match[str]) -> str:
        return f" {_segmented(run[0], glossary('zh').english, _LONGEST_CHINESE)} "

    spaced = _CHINESE.sub(glossed, unicodedata.normalize("NFKC", text)).translate(_PUNCTUATION)
    return _tidy(spaced)


def _pinyin_words(words: Sequence[str]) -> str:
    """Gloss the words of a name that may be pinyin, syllable by syllable or joined, or Chinese characters."""
    known = glossary("zh").pinyin
    lower = [word.lower() for word in words]
    written: list[str] = []
    place = 0
    while place < len(lower):
        for length in range(min(_PHRASE_LENGTH, len(lower) - place), 0, -1):
            meaning = known.get("".join(lower[place : place + length]))
            if meaning is not None:
                break
        else:
            length, meaning = 1, _pinyin_word(lower[place], known)
        written.append(meaning)
        place += length
    return " ".join(word for word in written if word)


def _pinyin_word(word: str, known: Mapping[str, str]) -> str:
    if _CHINESE.fullmatch(word):
        return _segmented(word, glossary("zh").english, _LONGEST_CHINESE)
    if is_english(word) or len(word) > _LONGEST_PINYIN:
        return word
    parts = _segments(word, known, _LONGEST_PINYIN)
    return " ".join(known[part] for part in parts) if all(part in known for part in parts) else word


def _segmented(run: str, known: Mapping[str, str], longest: int) -> str:
    meanings = (known.get(part, part) for part in _segments(run, known, longest))
    return " ".join(meaning for meaning in meanings if meaning)


def _segments(run: str, known: Mapping[str, str], longest: int) -> list[str]:
    """Split a run into the fewest words, unknown stretches as short as possible, earlier words as long as possible."""
    best: list[tuple[int, int]] = [(0, 0)]  # cost up to here, and where the last word begins
    for end in range(1, len(run) + 1):
        choices = [(best[end - 1][0] + _UNKNOWN_COST, end - 1)]
        choices += [
            (best[start][0] + 1, start)
            for start in range(max(0, end - longest), end)
            if run[start:end] in known
        ]
        best.append(min(choices))
    parts: list[str] = []
    end = len(run)
    while end:
        start = best[end][1]
        parts.insert(0, run[start:end])
        end = start
    return parts
