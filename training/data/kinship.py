"""How near two functions of the lexicon are: near enough to be mistaken, or so near that both would be right."""

from __future__ import annotations

from functools import lru_cache

from training.lexicon import FunctionWords

_LINKS = frozenset("to the of by for a in and with from at is".split())


@lru_cache(maxsize=20_000)
def name_words(words: FunctionWords) -> tuple[frozenset[str], frozenset[str]]:
    """First words of a function's names, and all other telling words of them."""
    firsts, others = set(), set()
    for name in words.names:
        first, *rest = name.split()
        firsts.add(first)
        others.update(rest)
    return frozenset(firsts), frozenset(others - _LINKS)


@lru_cache(maxsize=20_000)
def said_words(words: FunctionWords) -> frozenset[str]:
    """Every word by which a function is named, described or asked for."""
    texts = (
        *words.names,
        *words.descriptions,
        *words.says,
        *words.questions,
        *(text for _, text in words.implied),
    )
    names = [name for parameter in words.parameters for name in (*parameter.names, *parameter.choices)]
    plain = " ".join((*texts, *names)).replace("(", " ").replace(")", " ").replace("/", " ").replace("_", " ")
    return frozenset(plain.split())


@lru_cache(maxsize=200_000)
def kinship(one: FunctionWords, other: FunctionWords) -> int:
    """How many name words two functions share."""
    return len(frozenset.union(*name_words(one)) & frozenset.union(*name_words(other)))


@lru_cache(maxsize=200_000)
def is_same(one: FunctionWords, other: FunctionWords) -> bool:
    """Whether what is asked of one could as well be asked of the other."""
    if (
        set(one.names) & set(other.names)
        or set(one.says) & set(other.says)
        or set(one.questions) & set(other.questions)
    ):
        return True
    (verbs, nouns), (other_verbs, other_nouns) = name_words(one), name_words(other)
    if verbs & other_verbs and (nouns & other_nouns or not (nouns and other_nouns)):
        return True
    if (one.output is None) is not (other.output is None):
        return False
    return bool(_measures(one) & _measures(other)) and bool((verbs | nouns) & (other_verbs | other_nouns))


def _measures(words: FunctionWords) -> set[tuple[str, str | None]]:
    """What a function sets: parameters that say more than a number of something."""
    return {
        (one.key, one.unit)
        for one in words.parameters
        if one.unit is not None or one.kind in {"enum", "list"}
    }
