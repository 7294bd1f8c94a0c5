"""MQTT's topic rules, for both buses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocol.errors import InputError

MAXIMUM_TOPIC_BYTES = 65_535


def matches(pattern: str, topic: str) -> bool:
    """Whether `topic` falls under `pattern`: '+' stands for one level, a final '#' for the rest, also for nothing.

    Topics that begin with '$' belong to the broker and match no pattern that begins with a wildcard.
    """
    return _match(pattern.split("/"), topic.split("/"))


class Patterns:
    """Several patterns that topics are held against again and again."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._parts = [pattern.split("/") for pattern in patterns]

    def match(self, topic: str) -> bool:
        """Whether `topic` falls under any of them."""
        levels = topic.split("/")
        return any(_match(parts, levels) for parts in self._parts)


def _match(parts: Sequence[str], levels: Sequence[str]) -> bool:
    if levels[0].startswith("$") and parts[0] in {"+", "#"}:
        return False
    # The end tells most patterns of one site apart, and costs least.
    if parts[-1] not in {"+", "#", levels[-1]}:
        return False
    for index, part in enumerate(parts):
        if part == "#":
            return True
        if index >= len(levels) or part not in {"+", levels[index]}:
            return False
    return len(levels) == len(parts)


def check_topic(topic: str) -> None:
    """Refuse what cannot be published to.

    Raises:
        InputError: empty, too long, or with a wildcard or a null character.
    """
    if not _fits(topic) or "+" in topic or "#" in topic:
        raise InputError("topic", topic, "a topic name without '+', '#' or null characters")


def check_pattern(pattern: str) -> None:
    """Refuse what cannot be subscribed to.

    Raises:
        InputError: empty, too long, or a wildcard that does not fill a level ('#' only at the end).
    """
    parts = pattern.split("/")
    well_formed = all(part in {"+", "#"} or not set("+#") & set(part) for part in parts)
    if not _fits(pattern) or not well_formed or "#" in parts[:-1]:
        raise InputError("pattern", pattern, "a topic in which '+' fills a level and '#' fills the last one")


def _fits(text: str) -> bool:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return False
    return 0 < size <= MAXIMUM_TOPIC_BYTES and "\x00" not in text
