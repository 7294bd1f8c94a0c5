"""Strings that a tokenizer must split the same way everywhere: four languages, digits, emoji, names like those in code."""

from __future__ import annotations

import random
from collections.abc import Callable

_WORDS = {
    "en": "move the shelf to station robot please check don't we'll it's o'clock vacant space battery left-hand up/down",
    "de": "fahre das Regal zur Station Prüfstand größe Außentür bitte schließen Straße übermäßig Maßband Öl",
    "fr": "déplace l'étagère jusqu'à la gare œuvre français garçon où ça naïve prête-moi très vite élevé s'il",
    "zh": "移动 货架 到 站点 机器人 检查 空位 电池 温度 打开 请 把 灯 调 亮 一点",
}
_MARKS = [
    ",",
    ".",
    "?",
    "!",
    ":",
    ";",
    "…",
    "。",
    ",",
    "?",
    "«",
    "»",
    "„",
    "“",
    "'",
    '"',
    "(",
    ")",
    "—",
    "%",
    "°C",
    "µm",
    "€",
]
_EMOJI = ["🤖", "👍🏽", "👩‍🔧", "🏳️‍🌈", "❄️", "🇩🇪", "✅", "🔋"]
_SPACES = [" ", " ", " ", " ", " ", "  ", "   ", "\n", "\t", "\u00a0", "\u3000", ""]
_NUMBERS = [
    "0",
    "7",
    "42",
    "3.14",
    "1,000",
    "-5",
    "10:30",
    "1e-3",
    "½",
    "²",
    "٣",
    "一二三",
    "2026-11-21",
    "0x1F",
    "№5",
]


def strings(count: int, seed: str = "parity") -> list[str]:
    """Return `count` different strings, the four languages in turn."""
    rng = random.Random(seed)
    languages = list(_WORDS)
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault(_sentence(rng, languages[len(found) % len(languages)]))
    return list(found)


def _sentence(rng: random.Random, language: str) -> str:
    words = _WORDS[language].split()
    makers: list[Callable[[], str]] = [
        lambda: rng.choice(words),
        lambda: _letters(rng, rng.choice(words)),
        lambda: _code_name(rng),
        lambda: rng.choice(_NUMBERS) + rng.choice(["", " ", "mm", "%", "th"]),
        lambda: str(rng.randrange(10 ** rng.randint(1, 9))),
        lambda: rng.choice(_EMOJI),
        lambda: rng.choice(_MARKS) * rng.randint(1, 3),
    ]
    parts = rng.choices(makers, weights=[10, 2, 3, 2, 1, 1, 3], k=rng.randint(2, 14))
    return "".join(
        part() + rng.choice(_SPACES if language != "zh" else [*_SPACES, "", "", ""]) for part in parts
    )


def _letters(rng: random.Random, word: str) -> str:
    """Change how a word is written: capitals, or a letter taken out."""
    place = rng.randrange(len(word))
    return rng.choice([word.upper(), word.capitalize(), word[:place] + word[place + 1 :], word[::-1]])


def _code_name(rng: random.Random) -> str:
    parts = ["set", "get", "speed", "mode", "led", "http", "rpm", "axis", "v", "io"]
    chosen = [rng.choice(parts) for _ in range(rng.randint(2, 4))]
    number = rng.choice(["", str(rng.randrange(100))])
    return rng.choice(
        [
            "_".join(chosen) + number,
            "".join(part.capitalize() for part in chosen) + number,
            chosen[0] + "".join(part.capitalize() for part in chosen[1:]) + "()",
            ".".join(chosen) + f"[{number}]",
            "-".join(chosen).upper() + number,
            f"<{chosen[0]}>",
            f"{{{chosen[0]}}}",
        ]
    )
