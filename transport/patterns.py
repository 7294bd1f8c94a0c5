"""MQTT's topic rules, for both buses."""

from __future__ import annotations

from protocol.errors import InputError

MAXIMUM_TOPIC_BYTES = 65_535


def matches(pattern: str, topic: str) -> bool:
    """Whether `topic` falls under `pattern`: '+' stands for one level, a final '#' for the rest, also for nothing.

    Topics that begin with '$' belong to the broker and match no pattern that begins with a wildcard.
    """
    if topic.startswith("$") and pattern[:1] in {"+", "#"}:
        return False
    levels = topic.split("/")
    parts = pattern.split("/")
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
    if not _fits(topic) or set("+#") & set(topic):
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
