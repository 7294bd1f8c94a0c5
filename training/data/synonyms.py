"""Other words for common choices: people say "economy" where a vendor wrote "eco"."""

from __future__ import annotations

import random
from collections.abc import Sequence

from inference.values import choice_words

_SYNONYMS = {
    "auto": ("automatic", "the automatic"), "automatic": ("auto",), "eco": ("economy", "energy saving", "economical"),
    "low": ("the lowest", "weak", "gentle"), "high": ("strong", "the highest", "intense"), "medium": ("middle", "moderate", "normal"),
    "fast": ("quick", "rapid", "speedy"), "slow": ("gentle", "unhurried"), "warm": ("cosy",), "cold": ("cool", "chilly"), "hot": ("very warm",),
    "clockwise": ("to the right", "right handed"), "counterclockwise": ("anticlockwise", "to the left"), "cw": ("clockwise",), "ccw": ("counterclockwise", "anticlockwise"),
    "left": ("left hand", "the left"), "right": ("right hand", "the right"), "forward": ("forwards", "ahead"), "backward": ("backwards", "back", "rearward"),
    "reverse": ("backwards", "back"), "up": ("upwards", "upward"), "down": ("downwards", "downward"), "open": ("opened",), "closed": ("shut",),
    "silent": ("quiet", "noiseless"), "quiet": ("silent",), "night": ("night time", "nighttime"), "day": ("daytime",), "away": ("absent", "nobody home"),
    "home": ("at home", "somebody home"), "manual": ("by hand",), "purple": ("violet",), "orange": ("amber",), "green": ("emerald",), "normal": ("regular", "standard", "usual"),
    "standard": ("normal", "regular"), "heat": ("heating",), "cool": ("cooling",), "dry": ("drying",), "heating": ("heat",), "cooling": ("cool",),
    "small": ("little", "tiny"), "large": ("big",), "soft": ("gentle",), "strong": ("powerful",), "boost": ("turbo",), "turbo": ("boost",), "winter": ("wintertime",),
    "summer": ("summertime",), "delicate": ("gentle",), "cotton": ("cottons",), "wool": ("woollens",), "front": ("the front",), "rear": ("back", "the back"),
    "single": ("one",), "continuous": ("nonstop", "endless"), "sleep": ("sleeping",), "wide": ("broad",), "narrow": ("tight",), "daily": ("every day",),
    "weekly": ("every week",), "hourly": ("every hour",), "monthly": ("every month",), "celsius": ("centigrade",), "emergency": ("urgent",), "critical": ("severe",),
}  # fmt: skip


def synonym(written: str, choices: Sequence[str], rng: random.Random) -> str:
    """Say a choice, now and then in another word that belongs to no other choice."""
    others = _SYNONYMS.get(written)
    if others is None or rng.random() > 0.25:
        return written
    said = rng.choice(others)
    taken = {word for one in choices if choice_words(one) != written for word in choice_words(one).split()}
    return written if taken & set(said.split()) else said
