"""Changes what is said and leaves its meaning: misspellings, and sentences without capitals and punctuation."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from evals.baselines import telling_words
from evals.items import Item
from evals.number_words import NUMBER_WORDS

_WORD = re.compile(r"(?<![\w.@/-])[a-zA-Z]{4,}(?![\w@/-]|\.\w)")
_LONG_SENTENCE_WORDS = 8
_EDGES = re.compile(r"[^\w\s%°€$£]+(?=\s|$)|(?<!\S)[^\w\s°€$£+-]+")
_NEIGHBOURS = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnm",
        "wa qes wdr etf ryg tuh yij uok ipl ol qsz adw sfe dgr fht gjy hku jli kop asx zcd xvf cbg vnh bmj nk".split(),
        strict=True,
    )
)


def typos(item: Item, random_source: random.Random) -> Item | None:
    """Misspell one telling word, or two of a long sentence."""
    copied = list(_copied_spans(item))
    words = [
        match
        for match in _WORD.finditer(item.utterance)
        if match[0].lower() not in NUMBER_WORDS
        # A capital within a sentence begins a name.
        and (match.start() == 0 or match[0].islower())
        and telling_words(match[0])
        and not any(start < match.end() and match.start() < end for start, end in copied)
    ]
    if not words:
        return None
    most = 2 if len(item.utterance.split()) > _LONG_SENTENCE_WORDS else 1
    chosen = sorted(random_source.sample(words, min(most, len(words))), key=lambda word: -word.start())
    text = item.utterance
    for word in chosen:
        text = text[: word.start()] + _misspelt(word[0], random_source) + text[word.end() :]
    return item.model_copy(update={"utterance": text})


def lower(item: Item, _: random.Random) -> Item | None:
    """Take away capitals, and punctuation that stands at the edge of a word outside of texts to copy."""
    copied = list(_copied_spans(item))
    kept = _EDGES.sub(
        lambda match: (
            match[0] if any(start <= match.start() and match.end() <= end for start, end in copied) else ""
        ),
        item.utterance,
    )
    text = " ".join(kept.lower().split())
    return None if text in {"", item.utterance} else item.model_copy(update={"utterance": text})


def _misspelt(word: str, random_source: random.Random) -> str:
    """Make one slip of the finger behind the first letter."""
    place = random_source.randrange(1, len(word) - 1)
    before, letter, following, after = word[:place], word[place], word[place + 1], word[place + 2 :]
    slips = [
        before + following + after,
        before + letter + letter + following + after,
        before + random_source.choice(_NEIGHBOURS[letter.lower()]) + following + after,
    ]
    if letter != following:
        # Two letters in the wrong order are the commonest slip.
        slips += [before + following + letter + after] * 2
    return random_source.choice([slip for slip in slips if slip != word])


def _copied_spans(item: Item) -> Iterator[tuple[int, int]]:
    """Find what must be copied letter by letter: texts that are expected as arguments and not chosen from a list."""
    said = item.utterance.lower()
    for call in item.expected:
        action = item.device(call.device).action(call.action)
        for name in {*call.arguments, *call.accept}:
            if action is not None and "enum" in action.arguments.get(name, {}):
                continue
            for value in (call.arguments.get(name), *call.accept.get(name, ())):
                for text in value if isinstance(value, list | tuple) else (value,):
                    if isinstance(text, str) and text:
                        yield from (match.span() for match in re.finditer(re.escape(text.lower()), said))
