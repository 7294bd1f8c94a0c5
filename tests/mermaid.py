"""Reads Mermaid state diagrams back, strictly: a line of any other form than these is an error.

The forms are those of Mermaid's own grammar for `stateDiagram-v2`: a state with a label in quotation marks, and an arrow
with an optional text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STATE = re.compile(r'    state "([^"\n;#{}]+)" as (s\d+)')
_ARROW = re.compile(r"    (\[\*\]|s\d+) --> (\[\*\]|s\d+)(?:: ([\d, -]+))?")


@dataclass(frozen=True)
class Drawing:
    """The labels by state, and the states in the order in which the arrows' numbers visit them."""

    labels: dict[str, str]
    path: list[str]


def parse(text: str) -> Drawing:
    head, *lines = text.split("\n")
    assert head == "stateDiagram-v2"
    labels: dict[str, str] = {}
    moves: dict[int, tuple[str, str]] = {}
    first = last = None
    for line in lines:
        if state := _STATE.fullmatch(line):
            assert state[2] not in labels
            labels[state[2]] = state[1]
            continue
        arrow = _ARROW.fullmatch(line)
        assert arrow is not None, line
        source, target, numbers = arrow.groups()
        if numbers is None:
            first, last = (target, last) if source == "[*]" else (first, source)
            continue
        assert {source, target} <= set(labels)
        for span in numbers.split(", "):
            begin, _, end = span.partition("-")
            for number in range(int(begin), int(end or begin) + 1):
                assert number not in moves
                moves[number] = (source, target)
    if first is None:
        assert not labels
        assert not moves
        return Drawing({}, [])
    path = [first]
    for number in sorted(moves):
        assert moves[number][0] == path[-1]
        path.append(moves[number][1])
    assert sorted(moves) == list(range(1, len(moves) + 1))
    assert path[-1] == last
    assert set(path) == set(labels)
    return Drawing(labels, path)
