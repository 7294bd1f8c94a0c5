"""Reads what a text may be out of its description, where the schema does not list it: "One of: auto, sleep, turbo"."""

from __future__ import annotations

import re
from dataclasses import replace

from inference.signatures import Channel, Parameter, ParameterKind

_LEAST, _MOST = 2, 24
_ITEM = re.compile(r"(?P<mark>[\"'`\u201c]?)(?P<words>[A-Za-z0-9][\w.+-]*(?: [A-Za-z][\w-]*)?)[\"'`\u201d]?")
_JOINT = re.compile(r"\s*(?:,\s*(?:or|and)\s+|[,|/]|\s(?:or|and)\s)\s*")
_LIST_END = r"(?P<list>[^.;()\n]*(?:\.\w[^.;()\n]*)*)(?=[.;)\n]|$)"
_LED = re.compile(
    r"(?<!\w)(?:(?:(?:must|has to|should|can) be |is )?(?:(?:either )?one of|either|any of)(?: the following| these)?(?: values)?"
    r"|(?:possible|allowed|valid|supported|accepted|permitted) (?:values|options|modes|settings|choices)(?: are| is)?"
    r"|(?:options|choices|values)(?: are|(?=:)))[\s:\u2013-]*[\[({]?" + _LIST_END,
    re.IGNORECASE,
)
_ALONE = tuple(re.compile(start + r"[\[({]?" + _LIST_END) for start in ("^", r":\s*"))
_OPEN = re.compile(
    r"e\.g|i\.e|(?<!\w)(?:eg|etc|such as|for (?:example|instance)|like|or other|any other|and so on|more)(?!\w)|\.\.\.|\u2026",
    re.IGNORECASE,
)
# Words for what kind of thing a text is, which nobody passes.
_KINDS = frozenset(
    """
    a an the your any some name names number numbers id ids identifier code codes title date time url path address text string
    value integer email ip file word words label key token country city place room device devices person user list index
    """.split()
)
_PAIRS = tuple(
    frozenset(pair.split())
    for pair in (
        "on off",
        "open closed",
        "open close",
        "yes no",
        "true false",
        "up down",
        "left right",
        "start stop",
    )
)


def with_told_choices(parameter: Parameter) -> Parameter:
    """Make a choice of a text whose description lists all that it may be; examples are no such list."""
    is_text = parameter.kind is ParameterKind.STRING and parameter.channel in {None, Channel.NAME}
    if not is_text or parameter.choices or parameter.format or parameter.pattern:
        return parameter
    found = _told(parameter.description)
    if found is None:
        return parameter
    choices, begin, end = found
    before, after = (
        parameter.description[:begin].rstrip(" .,;:([{"),
        parameter.description[end:].lstrip(" .;)]}\n"),
    )
    rest = f"{before}. {after}" if before and after else before or after
    return replace(parameter, choices=choices, description=rest)


def _told(text: str) -> tuple[tuple[str, ...], int, int] | None:
    """Find a closed list of values: behind words for one, of quoted or barred values, or of opposites ("on or off")."""
    if _OPEN.search(text):
        return None
    for match in _LED.finditer(text):
        if (items := _items(match["list"])) is not None:
            return tuple(words for words, _ in items), *match.span()
    for match in (match for pattern in _ALONE for match in pattern.finditer(text)):
        items = _items(match["list"])
        if items is None:
            continue
        words = [words for words, _ in items]
        is_sure = all(quoted for _, quoted in items) or "|" in match["list"]
        if is_sure or any(pair <= {each.lower() for each in words} for pair in _PAIRS):
            return tuple(words), *match.span()
    return None


def _items(text: str) -> list[tuple[str, bool]] | None:
    """Split a list into its values, each with whether it is quoted; None where these are no values."""
    matches = [_ITEM.fullmatch(item) for item in _JOINT.split(text.strip(" []{}:"))]
    items = [(match["words"], bool(match["mark"])) for match in matches if match is not None]
    words = [words.lower() for words, _ in items]
    is_list = len(items) == len(matches) and _LEAST <= len(set(words)) == len(words) <= _MOST
    return items if is_list and all(_KINDS.isdisjoint(each.split()) for each in words) else None
