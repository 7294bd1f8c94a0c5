"""How people type and dictate: typing mistakes, contractions, text without punctuation, made-up words."""

from __future__ import annotations

import random
import re

_WORD_PARTS = """ba ki lo ne pru sta vi wem zor tal gri fo mun der sil qua ter ox plim dra hes cor ven lum fra tix
bor nal pe sho gan mi dus kra yel""".split()
_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_CONTRACTIONS = (
    (r"\bcan not\b", "can't"), (r"\bcannot\b", "can't"), (r"\bdo not\b", "don't"), (r"\bdoes not\b", "doesn't"),
    (r"\bis not\b", "isn't"), (r"\bare not\b", "aren't"), (r"\bwill not\b", "won't"), (r"\bit is\b", "it's"),
    (r"\bi am\b", "i'm"), (r"\bi would\b", "i'd"), (r"\bi have\b", "i've"), (r"\bwe are\b", "we're"),
    (r"\bthat is\b", "that's"), (r"\bwhat is\b", "what's"), (r"\bwe have\b", "we've"), (r"\blet us\b", "let's"),
    (r"\bi will\b", "i'll"), (r"\byou are\b", "you're"), (r"\bshould not\b", "shouldn't"),
)  # fmt: skip
_HOMOPHONES = {
    "there": "their", "its": "it's", "your": "you're", "here": "hear", "brake": "break", "whether": "weather",
    "right": "write", "valve": "vowel", "by": "buy", "through": "threw", "week": "weak", "heat": "heed",
}  # fmt: skip


def made_up_word(rng: random.Random) -> str:
    """Invent a word that can be pronounced."""
    return "".join(rng.choice(_WORD_PARTS) for _ in range(rng.randint(2, 3)))


def misspelt(word: str, rng: random.Random) -> str:
    """Misspell one word the way fingers do: a letter dropped, doubled, swapped, or its neighbour hit."""
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
            word[:at] + rng.choice(_NEIGHBOURS.get(word[at], word[at])) + word[at + 1 :],
        )
    )


def typo(text: str, rng: random.Random, kept: frozenset[str] = frozenset()) -> str:
    """Misspell one word of four letters or more, none of `kept`."""
    words = text.split()
    places = [i for i, word in enumerate(words) if len(word) > 3 and word.isalpha() and word not in kept]
    if places:
        index = rng.choice(places)
        words[index] = misspelt(words[index], rng)
    return " ".join(words)


def contracted(text: str) -> str:
    """Write "don't" for "do not", and the like."""
    for pattern, short in _CONTRACTIONS:
        text = re.sub(pattern, short, text)
    return text


def dictated(text: str, rng: random.Random) -> str:
    """Text as a speech recogniser writes it: no punctuation between words, now and then a word that sounds the same."""
    text = re.sub(r"\s[,;:.!?-]+(?=\s|$)|[,;:!?]+(?=\s|$)", "", text)
    words = text.split()
    if rng.random() < 0.08:
        places = [index for index, word in enumerate(words) if word in _HOMOPHONES]
        if places:
            index = rng.choice(places)
            words[index] = _HOMOPHONES[words[index]]
    return " ".join(words)
