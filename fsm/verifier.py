"""Checks a program before it moves anything: can any way through it call a function in a mode that forbids it?

The product of the program's control flow (`fsm.control_flow`) and the device's mode automaton is explored from every mode
that the device may be in, ways with fewer calls first: the way that is told to a forbidden call has the fewest calls. What a call
does:

- It returns, and the mode becomes the one it leads to.
- It raises RuntimeError, with the mode before or the mode after. Where nothing catches that, the program is over.
- Where the device goes on after a failure: it returns None, and the mode stays.

This is exact: conditions that are no constants can come out either way and loops of unknown length can make any number
of rounds, but nothing is joined or rounded beyond that. What cannot be followed is a flaw itself.
"""

from __future__ import annotations

import ast
import contextlib
from collections import deque
from collections.abc import Collection, Iterator, Mapping

from fsm import program_checks
from fsm.control_flow import build
from fsm.flaws import CallStep, Counterexample, Danger, Flaw, FlawKind
from fsm.modes import ModeAutomaton
from fsm.program_graph import Graph, Node, TooLargeError, onward
from fsm.program_names import Names

_MAXIMUM_STATES = 500_000
# Each loop is looked through once for every loop around it.
_MAXIMUM_LOOPS = 32
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)
_PARSE_TRIES = 5
_TOO_LARGE = "The program has too many ways to be checked. Write a shorter one."
_TOO_DEEP = "The program is nested too deeply to be checked. Write a simpler one."


def verify(
    source: str,
    automaton: ModeAutomaton,
    start: Collection[str],
    *,
    danger: Mapping[str, Danger],
    maximum_calls: int | None = None,
    kind: str = "device",
) -> tuple[Flaw, ...]:
    """List what is wrong with a program, in the order of its lines; nothing when it may run.

    Of the forbidden calls each place is listed once, with a shortest way there.

    Args:
        source: the program.
        automaton: the device's modes.
        start: the modes it may be in before the program; empty for a device without modes.
        danger: every function that the program may call, with what its description says of its danger.
        maximum_calls: the most calls that a run may make, where there is a limit.
        kind: what the device is called in sentences, "robot".

    Raises:
        ValueError: `start` does not fit the automaton.
    """
    automaton.require_modes(start)
    try:
        tree = _parsed(source)
        _require_few_loops(tree)
        names = Names(tree, danger)
        graph = build(names)
        reached = graph.reachable()
        flaws = [*graph.flaws, *names.check(graph.modelled), *_checks(names, graph, reached, danger)]
        if maximum_calls is not None:
            flaws += program_checks.too_many_calls(graph, maximum_calls)
        flaws += _Exploration(graph, automaton, kind).flaws(start)
    except SyntaxError as error:
        line = error.lineno or 1
        return (Flaw(FlawKind.SYNTAX, line, f"Line {line} cannot be parsed: {error.msg}."),)
    except ValueError as error:
        return (Flaw(FlawKind.SYNTAX, 1, f"The program cannot be parsed: {error}."),)
    except TooLargeError:
        return (Flaw(FlawKind.CANNOT_BE_CHECKED, 1, _TOO_LARGE),)
    except (RecursionError, MemoryError):  # the parser says MemoryError
        return (Flaw(FlawKind.CANNOT_BE_CHECKED, 1, _TOO_DEEP),)
    return tuple(sorted(dict.fromkeys(flaws), key=lambda flaw: flaw.line))


def _parsed(source: str) -> ast.Module:
    # CPython before 3.11.8 counts how deep the trees of all threads are in one place: now and then it says SystemError
    # although nothing is wrong.
    for _ in range(_PARSE_TRIES - 1):
        with contextlib.suppress(SystemError):
            return ast.parse(source)
    return ast.parse(source)


def _require_few_loops(tree: ast.Module) -> None:
    if sum(isinstance(node, _LOOPS) for node in ast.walk(tree)) > _MAXIMUM_LOOPS:
        raise TooLargeError


def _checks(names: Names, graph: Graph, reached: set[Node], danger: Mapping[str, Danger]) -> Iterator[Flaw]:
    yield from program_checks.unreachable(graph, reached, names.tree.body)
    yield from program_checks.unreached_calls(graph, reached)
    yield from program_checks.unbounded_loops(names)
    yield from program_checks.dangers(graph, reached, danger)
    yield from program_checks.unassigned(graph, reached)


_State = tuple[Node, str | None, tuple[int, ...]]
"""Where the program is, the mode, and for each counted loop around it the rounds that it has to begin still."""


class _Exploration:
    """The product of a graph and an automaton, breadth first by the number of calls.

    Args:
        graph: the program.
        automaton: the device's modes.
        kind: what the device is called.
    """

    def __init__(self, graph: Graph, automaton: ModeAutomaton, kind: str) -> None:
        self._graph = graph
        self._automaton = automaton
        self._kind = kind
        self._came: dict[_State, tuple[_State | None, CallStep | None]] = {}
        """For each state that was found, from where and with which call the program gets there soonest."""

    def flaws(self, start: Collection[str]) -> Iterator[Flaw]:
        """List the places of forbidden calls, those with the fewest calls before them first.

        Raises:
            TooLargeError: there are more than `_MAXIMUM_STATES` states.
        """
        told: set[tuple[int, int]] = set()
        for state in self._forbidden(start):
            node = state[0]
            if (node.line, node.column) not in told:
                told.add((node.line, node.column))
                way = self._way(state, is_only_start=len(start) <= 1)
                sentence = _sentence(way, node.line, self._kind)
                yield Flaw(FlawKind.MODE, node.line, sentence, way)

    def _forbidden(self, start: Collection[str]) -> Iterator[_State]:
        """Find the states in which a call is made that its mode forbids."""
        modes: list[str | None] = [*sorted(start)] or [None]
        waiting: deque[tuple[_State, _State | None, CallStep | None]] = deque(
            ((self._graph.entry, mode, ()), None, None) for mode in modes
        )
        while waiting:
            state, before, step = waiting.popleft()
            if state in self._came:
                continue
            self._came[state] = (before, step)
            if len(self._came) > _MAXIMUM_STATES:
                raise TooLargeError
            node, mode, rounds = state
            if node.call is not None:
                if self._automaton.of(node.call).allows(mode):
                    waiting += ((following, state, made) for following, made in self._outcomes(state))
                else:
                    yield state
                continue
            ways = [((way, mode, left), state, None) for way, left in onward(node, rounds)]
            if node.on_error is not None:
                ways.append(((node.on_error, mode, rounds[: node.on_error.depth]), state, None))
            # What costs no call comes before everything that waits for the next one.
            waiting.extendleft(reversed(ways))

    def _outcomes(self, state: _State) -> Iterator[tuple[_State, CallStep]]:
        """Give what a call can lead to."""
        node, mode, rounds = state
        call = self._automaton.of(node.call or "")
        leads_to = mode if call.leads_to is None else call.leads_to
        for following, left in onward(node, rounds):
            returned = CallStep(node.call or "", node.line, "returned", leads_to, call.leads_to is not None)
            yield (following, leads_to, left), returned
            if call.goes_on_after_failure and leads_to != mode:
                went_on = CallStep(node.call or "", node.line, "went on", mode, led=False)
                yield (following, mode, left), went_on
        if node.on_error is None or node.on_error is self._graph.crashed:
            return
        left = rounds[: node.on_error.depth]
        yield (node.on_error, mode, left), CallStep(node.call or "", node.line, "raised", mode, led=False)
        if leads_to != mode:
            raised = CallStep(node.call or "", node.line, "raised", leads_to, led=True)
            yield (node.on_error, leads_to, left), raised

    def _way(self, state: _State, *, is_only_start: bool) -> Counterexample:
        node, mode, _ = state
        steps: list[CallStep] = []
        before: _State | None = state
        start = mode
        while before is not None:
            start = before[1]
            before, step = self._came[before]
            if step is not None:
                steps.append(step)
        needs = self._automaton.of(node.call or "").allowed_in or frozenset()
        return Counterexample(
            start, is_only_start, tuple(reversed(steps)), node.call or "", mode, tuple(sorted(needs))
        )


def _sentence(way: Counterexample, line: int, kind: str) -> str:
    """Say how a program comes to a forbidden call.

    Args:
        way: a shortest way there.
        line: where the forbidden call stands.
        kind: what the device is called.
    """
    cause, failure = way.cause, way.failure
    if cause is None:
        lead, be = "At the start", "is" if way.is_only_start else "may be"
    elif cause.outcome == "returned":
        lead, be = f"After `{cause.function}` at line {cause.line}", "is"
    else:
        lead, be = f"If `{cause.function}` at line {cause.line} fails,", "may be"
    stays = "" if failure is None else f", and stays so if `{failure.function}` at line {failure.line} fails"
    needed = " or ".join(f"*{mode}*" for mode in way.needs) or "another mode"
    return f"{lead} the {kind} {be} *{way.mode}*{stays}; `{way.function}` at line {line} needs {needed}."
