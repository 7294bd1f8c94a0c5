"""Draws random texts from a GBNF grammar (the subset our builders write: literals, names, groups, `|`, `*`, `{m,n}`)."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[a-z][a-z0-9]*|\(|\)|\||\*|\{\d+,\d+\})')


@dataclass
class _Node:
    kind: str
    value: str = ""
    parts: tuple[_Node, ...] = ()
    low: int = 1
    high: int = 1


class GrammarSampler:
    """Parses a grammar once and draws texts of its `root`."""

    def __init__(self, grammar: str) -> None:
        self._rules: dict[str, _Node] = {}
        for line in grammar.strip().split("\n"):
            name, _, body = line.partition(" ::= ")
            tokens, position = [], 0
            while position < len(body.rstrip()):
                match = _TOKEN.match(body, position)
                if not match:
                    raise ValueError(f"cannot read {body[position : position + 30]!r}")
                tokens.append(match[1])
                position = match.end()
            node, rest = self._choice(tokens)
            if rest:
                raise ValueError(f"left over: {rest}")
            self._rules[name] = node

    def sample(self, rng: random.Random) -> str:
        """Draw one text."""
        return self._draw(self._rules["root"], rng)

    def _choice(self, tokens: list[str]) -> tuple[_Node, list[str]]:
        options = []
        while True:
            node, tokens = self._sequence(tokens)
            options.append(node)
            if not tokens or tokens[0] != "|":
                return _Node("choice", parts=tuple(options)), tokens
            tokens = tokens[1:]

    def _sequence(self, tokens: list[str]) -> tuple[_Node, list[str]]:
        parts: list[_Node] = []
        while tokens and tokens[0] not in {"|", ")"}:
            token, tokens = tokens[0], tokens[1:]
            if token == "(":
                node, tokens = self._choice(tokens)
                tokens = tokens[1:]
            elif token.startswith('"'):
                node = _Node("literal", json.loads(token))
            else:
                node = _Node("rule", token)
            if tokens and tokens[0] == "*":
                node, tokens = _Node("repeat", parts=(node,), low=0, high=4), tokens[1:]
            elif tokens and tokens[0].startswith("{"):
                low, high = tokens[0].strip("{}").split(",")
                node, tokens = _Node("repeat", parts=(node,), low=int(low), high=int(high)), tokens[1:]
            parts.append(node)
        return _Node("sequence", parts=tuple(parts)), tokens

    def _draw(self, node: _Node, rng: random.Random) -> str:
        if node.kind == "literal":
            return node.value
        if node.kind == "rule":
            return self._draw(self._rules[node.value], rng)
        if node.kind == "choice":
            return self._draw(rng.choice(node.parts), rng)
        if node.kind == "repeat":
            count = rng.randint(node.low, min(node.high, node.low + 4))
            return "".join(self._draw(node.parts[0], rng) for _ in range(count))
        return "".join(self._draw(part, rng) for part in node.parts)
