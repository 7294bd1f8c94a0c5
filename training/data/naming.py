"""Names that vendors give their functions: word order, prefixes, abbreviations, register codes, words that mean nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache

from training.data.orders import is_order
from training.data.spelling import made_up_word
from training.data.splits import Split, carriers
from training.lexicon import FunctionWords, read_lexicon


@lru_cache(maxsize=1)
def _english_words() -> frozenset[str]:
    """Words of the lexicon's phrases and descriptions, which are English where names need not be."""
    words: set[str] = set()
    for family in read_lexicon():
        for function in family.functions:
            for text in (*function.says, *function.questions, *function.descriptions):
                words.update(text.replace("(", " ").replace(")", " ").replace("/", " ").split())
    return frozenset(words)


@lru_cache(maxsize=20_000)
def is_english(name: str) -> bool:
    """Whether a person who reads English understands a name of the lexicon."""
    return all(
        word in _english_words() or (word.endswith("s") and word[:-1] in _english_words())
        for word in name.split()
    )


TELLING = {
    "plain": ("{name}",),
    "verb last": ("{turned}",),
    "device first": ("{kind} {name}",),
    "device last": ("{name} {kind}",),
    "channel": ("{name} ch {digit}",),
    "command prefix": ("cmd {name}", "do {name}", "action {name}", "req {name}", "exec {name}", "on {name}"),
    "command suffix": ("{name} cmd", "{name} command", "{name} request", "{name} action", "{name} op"),
    "module prefix": ("sys {name}", "ctrl {name}", "dev {name}", "svc {name}", "hw {name}", "core {name}"),
    "version suffix": ("{name} v {digit}",),
    "asynchronous": ("{name} async", "{name} now", "{name} ex", "{name} safe"),
    "brand prefix": ("{made} {name}",),
    "glued": ("{glued}",),
    "gerund": ("{gerund}",),
}
CODED = {
    "clipped": ("{clipped}",),
    "vowelless": ("{vowelless}",),
    "stumps": ("{stumps}",),
    "initials": ("{initials}{number}",),
    "register": ("reg {number}", "coil {number}", "fn {number}", "op {number}", "cmd {number}"),
    "made up": ("{made}", "{made} {made}"),
    "made up verb": ("{made} {rest}",),
}
"""Ways to write a name; those of `TELLING` leave its words as they are."""
STYLES = {**TELLING, **CODED}
_FIELD = re.compile(r"{(\w+)}")


def _gerund(verb: str) -> str:
    if re.fullmatch(r"[^aeiou]{1,2}[aeiou][bdgmnpt]", verb):
        return verb + verb[-1] + "ing"
    return (verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb) + "ing"


def _part(field: str, name: str, kind: str, rng: random.Random) -> str:
    """What one field of a style stands for."""
    words = name.split()
    match field:
        case "made":
            return made_up_word(rng)
        case "digit":
            return str(rng.randint(0, 4))
        case "number":
            return str(rng.randint(1, 400))
        case "turned":
            return " ".join((*words[1:], words[0]))
        case "rest":
            return " ".join(words[1:])
        case "glued":
            return "".join(words)
        case "gerund":
            return name if not is_order(name) else " ".join((_gerund(words[0]), *words[1:]))
        case "clipped":
            return " ".join(word if len(word) < 5 else word[:4] for word in words)
        case "vowelless":
            return " ".join(
                word if len(word) < 5 else word[0] + re.sub("[aeiou]", "", word[1:]) for word in words
            )
        case "stumps":
            return "".join(word[:3] for word in words)
        case "initials":
            return "".join(word[0] for word in words)
    return {"name": name, "kind": kind}[field]


_WEIGHTS = {
    "plain": 16,
    "made up": 4,
    "verb last": 3,
    "device first": 3,
    "stumps": 2,
    "clipped": 2,
    "register": 2,
}


def pick_style(rng: random.Random, split: Split) -> str:
    """Choose how a vendor names things, among the styles of a split; "plain" belongs to training."""
    allowed = [
        style for style in carriers(tuple(STYLES), split) if split is not Split.UNSEEN or style != "plain"
    ]
    if split is not Split.UNSEEN and "plain" not in allowed:
        allowed.append("plain")
    return rng.choices(allowed, [_WEIGHTS.get(style, 1) for style in allowed])[0]


def vendor_name(words: FunctionWords, kind: str, style: str, rng: random.Random) -> tuple[str, bool]:
    """Name a function; also says whether the name alone tells an English reader what the function does."""
    name = rng.choice(words.names)
    written = _FIELD.sub(lambda match: _part(match[1], name, kind, rng), rng.choice(STYLES[style]))
    return written.strip(), style in TELLING and is_english(name)


def english_names(names: Sequence[str]) -> Sequence[str]:
    """Return the names that an English reader understands; all where there is none."""
    return [name for name in names if is_english(name)] or names


_CLEAR_STYLES, _CLEAR_WEIGHTS = ("plain", "verb last", "device first", "module prefix"), (20, 3, 2, 1)


def clear_name(words: FunctionWords, rng: random.Random) -> str:
    """Name a function so that an English reader understands it."""
    name = rng.choice(english_names(words.names))
    style = rng.choices(_CLEAR_STYLES, _CLEAR_WEIGHTS)[0]
    return _FIELD.sub(
        lambda match: _part(match[1], name, words.family, rng), rng.choice(STYLES[style])
    ).strip()
