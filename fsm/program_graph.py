"""A program as a graph of what can come after what; `fsm.control_flow` builds it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fsm.flaws import Flaw
from fsm.program_names import Variable


class TooLargeError(Exception):
    """There are too many ways through a program to follow them all."""


@dataclass(slots=True, eq=False)
class Node:
    """One point of a program.

    Attributes:
        line: where it is in the source, from 1.
        column: the same within the line, from 0.
        depth: how many counted loops are around it.
        next: where the program can go on; for `counts`, another round and then the way out.
        on_error: where an exception raised here leads.
        call: the function of the device that is called here.
        enters: the number of rounds of the counted loop that begins here.
        counts: whether this is the head of a counted loop.
        assigns: variables that get a value.
        clears: variables that lose it.
        uses: a variable that must have one.
    """

    line: int
    column: int
    depth: int
    next: tuple[Node, ...] = ()
    on_error: Node | None = None
    call: str | None = None
    enters: int = 0
    counts: bool = False
    assigns: tuple[Variable, ...] = ()
    clears: tuple[Variable, ...] = ()
    uses: Variable | None = None

    def successors(self) -> tuple[Node, ...]:
        """Return where it can lead, exceptions last."""
        return self.next if self.on_error is None else (*self.next, self.on_error)


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph of a program.

    Attributes:
        entry: where it begins.
        finished: where it ends well.
        crashed: where it ends with an exception that nobody catches.
        calls: every call of the device.
        statements: every statement that was built, with the nodes it begins at.
        modelled: the names that stand for calls which are in the graph.
        flaws: what could not be built.
    """

    entry: Node
    finished: Node
    crashed: Node
    calls: list[Node]
    statements: dict[ast.stmt, list[Node]]
    modelled: set[ast.Name]
    flaws: list[Flaw]

    def reachable(self) -> set[Node]:
        """Return every node that the program can come to, whatever the modes."""
        found, waiting = {self.entry}, [self.entry]
        while waiting:
            new = [node for node in waiting.pop().successors() if node not in found]
            found.update(new)
            waiting += new
        return found


def onward(node: Node, rounds: tuple[int, ...]) -> Iterator[tuple[Node, tuple[int, ...]]]:
    """Give where the program goes on without an exception, and the rounds that counted loops still have to begin there.

    Args:
        node: where it is.
        rounds: of each counted loop around the node, outermost first, the rounds still to begin.
    """
    ways = node.next
    if node.enters:
        rounds = (*rounds, node.enters - 1)
    elif node.counts:
        another, out = node.next
        ways = (another,) if rounds[-1] else (out,)
        rounds = (*rounds[:-1], rounds[-1] - 1)
    for way in ways:
        yield way, rounds[: way.depth]
