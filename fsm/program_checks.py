"""What can be wrong with a program apart from modes: code that is never reached, loops without end, missing values."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from fsm.flaws import Danger, Flaw, FlawKind
from fsm.program_graph import Graph, Node, onward
from fsm.program_names import Names, Variable, bound_names

_GROWING = frozenset({"add", "append", "extend", "insert", "update"})
# Functions that look at their arguments only: a condition of nothing else stays what it is.
_LOOKING = frozenset("abs all any bool float int isinstance len max min round sorted str sum".split())
_MOST_STATES = 200_000


def unreachable(graph: Graph, reached: set[Node], body: Sequence[ast.stmt]) -> Iterator[Flaw]:
    """Say which statements are never reached: the first of each block."""
    for statement in body:
        nodes = graph.statements.get(statement, [])
        if nodes and not any(node in reached for node in nodes):
            sentence = f"Line {statement.lineno} is never reached."
            yield Flaw(FlawKind.UNREACHABLE, statement.lineno, sentence)
            return
        for block in _blocks(statement):
            yield from unreachable(graph, reached, block)


def unreached_calls(graph: Graph, reached: set[Node]) -> Iterator[Flaw]:
    """Say which calls inside a statement that is reached are never made."""
    made = {(node.line, node.column) for node in graph.calls if node in reached}
    dead = {
        line
        for statement, nodes in graph.statements.items()
        if not any(node in reached for node in nodes)
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }
    for node in graph.calls:
        if (node.line, node.column) not in made and node.line not in dead:
            sentence = f"The call of `{node.call}` at line {node.line} is never made."
            yield Flaw(FlawKind.UNREACHABLE, node.line, sentence)


def unbounded_loops(names: Names) -> Iterator[Flaw]:
    """Say which loops cannot end by themselves."""
    for loop in names.loops:
        if _can_be_left(loop):
            continue
        line = loop.lineno
        if isinstance(loop, ast.For):
            if isinstance(loop.iter, ast.Name) and _grows(loop.iter.id, loop.body):
                sentence = f"The loop at line {line} may never end: it adds to `{loop.iter.id}`, which it goes through."
                yield Flaw(FlawKind.UNBOUNDED_LOOP, line, sentence)
        elif isinstance(loop.test, ast.Constant):
            if loop.test.value:
                sentence = f"The loop at line {line} never ends: it has no `break`."
                yield Flaw(FlawKind.UNBOUNDED_LOOP, line, sentence)
        elif not _can_change(loop, names):
            sentence = f"The loop at line {line} may never end: nothing in it can change its condition."
            yield Flaw(FlawKind.UNBOUNDED_LOOP, line, sentence)


def dangers(graph: Graph, reached: set[Node], danger: Mapping[str, Danger]) -> Iterator[Flaw]:
    """Say which calls the description forbids."""
    for node in graph.calls:
        if node in reached and danger.get(node.call or "") == "forbid":
            sentence = f"`{node.call}` at line {node.line} is forbidden on this device."
            yield Flaw(FlawKind.DANGER, node.line, sentence)


def unassigned(graph: Graph, reached: set[Node]) -> Iterator[Flaw]:
    """Say which variables may have no value where they are used."""
    used = {node.uses for node in reached if node.uses is not None}
    numbers = {variable: number for number, variable in enumerate(used)}
    lacking, having = _spread(graph, numbers)
    for node in reached:
        if node.uses is None or not lacking[node] >> numbers[node.uses] & 1:
            continue
        name = node.uses[1]
        if having[node] >> numbers[node.uses] & 1:
            sentence = f"`{name}` may have no value where it is used at line {node.line}. Assign it on every way there."
        else:
            sentence = f"`{name}` is used at line {node.line} before it is assigned."
        yield Flaw(FlawKind.UNASSIGNED, node.line, sentence)


def too_many_calls(graph: Graph, maximum_calls: int) -> Iterator[Flaw]:
    """Say so when the program cannot end well without more calls than allowed, as far as that is known."""
    waiting: deque[tuple[Node, tuple[int, ...], int]] = deque([(graph.entry, (), 0)])
    seen: set[tuple[Node, tuple[int, ...]]] = set()
    beyond: list[int] = []
    while waiting:
        node, rounds, made = waiting.popleft()
        if node is graph.finished or len(seen) > _MOST_STATES:
            return
        if (node, rounds) in seen:
            continue
        seen.add((node, rounds))
        if node.call is not None and made == maximum_calls:
            beyond.append(node.line)
            continue
        for following, left in onward(node, rounds):
            if node.call is None:
                waiting.appendleft((following, left, made))
            else:
                waiting.append((following, left, made + 1))
    if beyond:
        sentence = f"The program makes more than {maximum_calls} calls, which is the most that is allowed."
        yield Flaw(FlawKind.TOO_MANY_CALLS, min(beyond), sentence)


def _spread(graph: Graph, numbers: Mapping[Variable, int]) -> tuple[dict[Node, int], dict[Node, int]]:
    """Find for each node the variables that may lack and that may have a value on some way to it, as sets of bits."""
    lacking, having = {graph.entry: (1 << len(numbers)) - 1}, {graph.entry: 0}
    waiting = [graph.entry]
    while waiting:
        node = waiting.pop()
        assigned, cleared = _bits(node.assigns, numbers), _bits(node.clears, numbers)
        lacks, has = lacking[node], having[node]
        after = ((lacks & ~assigned) | cleared, (has & ~cleared) | assigned)
        ways = [(way, *after) for way in node.next]
        if node.on_error is not None:
            ways.append((node.on_error, lacks, has))
        for way, lacks, has in ways:
            if way not in lacking or lacks & ~lacking[way] or has & ~having[way]:
                lacking[way] = lacking.get(way, 0) | lacks
                having[way] = having.get(way, 0) | has
                waiting.append(way)
    return lacking, having


def _bits(variables: Sequence[Variable], numbers: Mapping[Variable, int]) -> int:
    bits = 0
    for variable in variables:
        if variable in numbers:
            bits |= 1 << numbers[variable]
    return bits


def _blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    """Give the blocks inside a statement, in order."""
    for field in ("body", "handlers", "cases", "orelse", "finalbody"):
        parts = getattr(statement, field, [])
        if field in {"handlers", "cases"}:
            yield from (part.body for part in parts)
        else:
            yield parts


def _can_be_left(loop: ast.While | ast.For) -> bool:
    """Whether something in a loop leads out of it."""
    waiting: list[tuple[ast.AST, bool]] = [(statement, True) for statement in loop.body]
    while waiting:
        node, is_own = waiting.pop()
        if isinstance(node, ast.Return | ast.Raise) or (isinstance(node, ast.Break) and is_own):
            return True
        if isinstance(node, ast.While | ast.For):
            waiting += [(inner, False) for inner in node.body] + [(inner, is_own) for inner in node.orelse]
        else:
            waiting += [(inner, is_own) for inner in ast.iter_child_nodes(node)]
    return False


def _grows(name: str, body: Sequence[ast.stmt]) -> bool:
    for node in _inside(body):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=grown), attr=method)):
                if grown == name and method in _GROWING:
                    return True
            case ast.AugAssign(target=ast.Name(id=grown)) if grown == name:
                return True
    return False


def _can_change(loop: ast.While, names: Names) -> bool:
    """Whether a round may change what a loop's condition comes to; true where that is not certain."""
    read = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    for node in ast.walk(loop.test):
        if isinstance(node, ast.NamedExpr):
            return True
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Name) and node.func.id in _LOOKING and names.is_builtin(node.func.id)
        ):
            return True
    return any(_may_change(node, read, names) for node in _inside(loop.body))


def _may_change(node: ast.AST, read: set[str], names: Names) -> bool:
    """Whether a part of a loop may change one of the variables `read`."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return name in read
        # Something that two names stand for may change through the other one.
        case ast.Call(func=ast.Attribute()) | ast.Subscript(ctx=ast.Store()) | ast.Attribute(ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name not in names.device and not names.is_builtin(name)
        case _:
            return not read.isdisjoint(bound_names([node]))


def _inside(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    return (node for statement in body for node in ast.walk(statement))
