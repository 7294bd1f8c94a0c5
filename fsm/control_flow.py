"""A program as a graph: what can come after what, calls of the device marked.

The graph is built backwards: every part of the program is built knowing what comes after it, where `break`, `continue`
and `return` lead, and where an exception goes. Functions that the program defines are built anew for every call of them, and the
`finally` part of a `try` for every way through it, so that each node has one meaning and no call stack is needed.

Conditions are unknown unless they are constants. Loops make an unknown number of rounds, except those over a literal or a
constant `range`. A call that fails raises RuntimeError, as the sandbox does; other operations may raise anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from fsm.flaws import Flaw, FlawKind
from fsm.program_graph import Graph, Node, TooLargeError
from fsm.program_names import (
    EXCEPTIONS,
    HIDING,
    IMPORTABLE,
    Names,
    Scope,
    Variable,
    bound_names,
    defaults,
    parameters,
)

Raised = frozenset[type[BaseException]]
"""The classes that an exception may be of."""

_ANYTHING: Raised = frozenset(EXCEPTIONS.values())
_BY_OPERATION: Raised = frozenset(kind for kind in _ANYTHING if issubclass(kind, Exception))
_BY_DEVICE: Raised = frozenset({RuntimeError})

_MAXIMUM_NODES = 50_000
# Below the depth at which the sandbox raises RecursionError, which a program could catch.
_MAXIMUM_FUNCTIONS_DEEP = 40
# How often nested loops together are followed round by round; loops that make more are taken for any number.
_MAXIMUM_COUNTED_ROUNDS = 1024

_PROGRAM = 1
"""The number of the program's own scope."""

_NEVER_RAISING = frozenset({"bool", "print", "repr", "str"})
_SAME_LENGTH = frozenset({"enumerate", "list", "reversed", "sorted", "tuple"})
_SAFE_COMPARISONS = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)


def build(names: Names) -> Graph:
    """Build the graph of a program.

    Raises:
        TooLargeError: it has too many ways.
        RecursionError: it is nested too deeply.
    """
    return _Builder(names).build()


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around a part of a program: where it leads, and what its names mean."""

    raising: Callable[[Raised], Node]
    scope: Scope
    returning: Callable[[], Node] | None = None
    breaking: Callable[[], Node] | None = None
    continuing: Callable[[], Node] | None = None
    handled: Raised | None = None
    inside: tuple[str, ...] = ()
    depth: int = 0
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop over values: the values, what each is bound to and in which scope, and what a round consists of."""

    values: ast.expr
    target: ast.expr
    round: Sequence[ast.AST]
    scope: Scope


@dataclass(slots=True)
class _Builder:
    names: Names
    calls: list[Node] = field(default_factory=list)
    statements: dict[ast.stmt, list[Node]] = field(default_factory=dict)
    modelled: set[ast.Name] = field(default_factory=set)
    flaws: dict[tuple[FlawKind, str], Flaw] = field(default_factory=dict)
    nodes: int = 0
    scopes: int = _PROGRAM
    program: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.program = Scope(_PROGRAM, self.names.module)

    def build(self) -> Graph:
        finished, crashed = Node(0, 0, 0), Node(0, 0, 0)
        start = self._block(self.names.tree.body, finished, _Around(lambda _: crashed, self.program))
        entry = Node(1, 0, 0, (start,))
        return Graph(
            entry, finished, crashed, self.calls, self.statements, self.modelled, list(self.flaws.values())
        )

    # Statements

    def _block(self, statements: Sequence[ast.stmt], after: Node, around: _Around) -> Node:
        for statement in reversed(statements):
            node = self._node(statement, around, after)
            node.next = (self._statement(statement, after, around),)
            self.statements.setdefault(statement, []).append(node)
            after = node
        return after

    def _statement(self, statement: ast.stmt, after: Node, around: _Around) -> Node:  # noqa: C901, PLR0911, PLR0912 - one case a kind
        match statement:
            case ast.Expr(value=value):
                return self._value(value, after, around)
            case ast.Assign(targets=targets, value=value):
                for target in reversed(targets):
                    after = self._bind(target, after, around, value)
                return self._value(value, after, around)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._value(value, self._bind(target, after, around, value), around)
            case ast.AugAssign(target=target, value=value):
                stored = self._bind(target, after, around) if isinstance(target, ast.Name) else after
                changed = self._risky(statement, stored, around)
                return self._present(target, self._value(value, changed, around), around)
            case ast.If(test=test, body=body, orelse=orelse):
                return self._branch(
                    test, self._block(body, after, around), self._block(orelse, after, around), around
                )
            case ast.While():
                return self._while(statement, after, around)
            case ast.For(target=target, iter=iterable, body=body, orelse=orelse):
                otherwise = self._block(orelse, after, around)
                inner = replace(around, breaking=lambda: after)

                def one_round(head: Node, inside: _Around) -> Node:
                    return self._block(body, head, inside)

                return self._loop(_Loop(iterable, target, body, around.scope), one_round, otherwise, inner)
            case ast.Try():
                return self._try(statement, after, around)
            case ast.Match():
                return self._match(statement, after, around)
            case ast.Return(value=returned):
                return self._return(statement, returned, after, around)
            case ast.Break():
                return self._jump(statement, around.breaking, "break", after)
            case ast.Continue():
                return self._jump(statement, around.continuing, "continue", after)
            case ast.Raise():
                return self._raise(statement, around)
            case ast.Assert(test=test, msg=message):
                failed = around.raising(frozenset({AssertionError}))
                return self._branch(test, after, self._optional(message, failed, around), around)
            case ast.FunctionDef():
                return self._define(statement, after, around)
            case ast.Import(names=aliases) if all(alias.name in IMPORTABLE for alias in aliases):
                return self._bind_names(statement, bound_names([statement]), after, around)
            case ast.ImportFrom(module=str(module), names=aliases) if module in IMPORTABLE and not any(
                alias.name == "*" for alias in aliases
            ):
                return self._bind_names(statement, bound_names([statement]), after, around)
            case ast.Pass() | ast.Global() | ast.AnnAssign():
                return after
            case _:
                what = _STATEMENTS.get(type(statement), "This statement")
                sentence = f"{what} at line {statement.lineno} cannot be checked. Write it without."
                self._unclear(statement, sentence, [statement])
                return after

    def _while(self, statement: ast.While, after: Node, around: _Around) -> Node:
        head = self._node(statement, around)
        inner = replace(around, breaking=lambda: after, continuing=lambda: head)
        body = self._block(statement.body, head, inner)
        head.next = (
            self._branch(statement.test, body, self._block(statement.orelse, after, around), around),
        )
        return head

    def _loop(
        self, loop: _Loop, body: Callable[[Node, _Around], Node], otherwise: Node, around: _Around
    ) -> Node:
        """Build a loop over values, of a statement or a comprehension.

        Args:
            loop: its parts.
            body: builds a round, given the loop's head and what is around the round.
            otherwise: what comes after the last round.
            around: what is around the loop.
        """
        rounds, is_exact = self._rounds(loop.values)
        followed = _MAXIMUM_COUNTED_ROUNDS // around.rounds
        is_counted = is_exact and 1 < rounds <= followed and self.names.moves(loop.round)
        inner = replace(around, scope=loop.scope)
        if is_counted:
            inner = replace(inner, depth=around.depth + 1, rounds=around.rounds * rounds)
        head = self._node(loop.values, inner)
        head.counts = is_counted
        inner = replace(inner, continuing=lambda: head)
        first = self._bind(loop.target, body(head, inner), inner)
        head.next = (otherwise,) if is_exact and rounds <= 1 else (first, otherwise)
        start = first if rounds else head
        if is_counted:
            start = self._node(loop.values, around, first)
            start.enters = rounds
        if not rounds and not is_exact:
            start = self._risky(loop.values, start, around)
        return self._value(loop.values, start, around)

    def _rounds(self, iterable: ast.expr) -> tuple[int, bool]:
        """Return how many rounds a loop makes at least, and whether these are all."""
        match iterable:
            case ast.List(elts=items) | ast.Tuple(elts=items):
                sure = [item for item in items if not isinstance(item, ast.Starred)]
                return len(sure), len(sure) == len(items)
            case ast.Set(elts=items) | ast.Dict(keys=items):
                # Equal ones count once.
                sure = [item for item in items if item is not None and not isinstance(item, ast.Starred)]
                return min(len(sure), 1), len(sure) == len(items) <= 1
            case ast.Constant(value=str() | bytes() as text):
                return len(text), True
            case ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]) if self.names.is_builtin(
                "range"
            ):
                numbers = [_integer(bound) for bound in bounds]
                known = [number for number in numbers if number is not None]
                if 1 <= len(known) == len(bounds) <= 3 and (len(known) < 3 or known[2]):  # noqa: PLR2004 - start, stop, step
                    return _length(range(*known)), True
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if (
                name in _SAME_LENGTH and self.names.is_builtin(name)
            ):
                return self._rounds(inner)
        return 0, False

    def _try(self, statement: ast.Try, after: Node, around: _Around) -> Node:
        outer = around
        if statement.finalbody:
            outer = self._through(statement.finalbody, around)
            after = self._block(statement.finalbody, after, around)

        @cache
        def raising(raised: Raised) -> Node:
            return self._handlers(statement, raised, after, outer)

        orelse = self._block(statement.orelse, after, outer)
        start = self._block(statement.body, orelse, replace(outer, raising=raising))
        for handler in statement.handlers:
            if handler.body[0] not in self.statements:
                self._block(handler.body, after, outer)  # nothing leads here, which has to be told
        return start

    def _through(self, finalbody: Sequence[ast.stmt], around: _Around) -> _Around:
        """Lead every way out through `finally`."""

        def first(leaving: Callable[[], Node] | None) -> Callable[[], Node] | None:
            return None if leaving is None else cache(lambda: self._block(finalbody, leaving(), around))

        @cache
        def raising(raised: Raised) -> Node:
            return self._block(finalbody, around.raising(raised), replace(around, handled=raised))

        return replace(
            around,
            raising=raising,
            returning=first(around.returning),
            breaking=first(around.breaking),
            continuing=first(around.continuing),
        )

    def _handlers(self, statement: ast.Try, raised: Raised, after: Node, around: _Around) -> Node:
        """Lead an exception to the handlers that it may be for, and past them if it may be for none."""
        ways: list[Node] = []
        for handler in statement.handlers:
            kinds = self._kinds(handler)
            caught = frozenset(kind for kind in raised if issubclass(kind, kinds))
            raised -= caught
            if not caught:
                continue
            inner = replace(around, handled=caught)
            if handler.name is None:
                ways.append(self._block(handler.body, after, inner))
                continue
            names = frozenset({handler.name})
            body = self._block(handler.body, self._forget(handler, names, after, around), inner)
            ways.append(self._bind_names(handler, names, body, inner))
        if raised:
            ways.append(around.raising(raised))
        return self._node(statement, around, *ways)

    def _kinds(self, handler: ast.ExceptHandler) -> tuple[type[BaseException], ...]:
        listed = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        kinds: list[type[BaseException]] = []
        for kind in listed:
            if kind is None:
                kinds.append(BaseException)
            elif (known := self._exception(kind)) is not None:
                kinds.append(known)
            else:
                sentence = f"What line {handler.lineno} catches cannot be checked. Name a built-in exception."
                self._unclear(handler, sentence)
        return tuple(kinds)

    def _exception(self, kind: ast.expr) -> type[BaseException] | None:
        if isinstance(kind, ast.Name) and self.names.is_builtin(kind.id):
            return EXCEPTIONS.get(kind.id)
        return None

    def _raise(self, statement: ast.Raise, around: _Around) -> Node:
        raised, made = statement.exc, None
        if raised is None:
            return around.raising(around.handled or frozenset({RuntimeError}))
        if isinstance(raised, ast.Call):
            made = self._exception(raised.func)
        known = made or self._exception(raised)
        end = around.raising(_ANYTHING if known is None else frozenset({known}))
        end = self._optional(statement.cause, end, around)
        if made is not None and isinstance(raised, ast.Call):
            return self._values([*raised.args, *(word.value for word in raised.keywords)], end, around)
        return end if known is not None else self._value(raised, end, around)

    def _match(self, statement: ast.Match, after: Node, around: _Around) -> Node:
        otherwise = after
        for case in reversed(statement.cases):
            body = self._block(case.body, after, around)
            is_certain = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            chosen = body if case.guard is None else self._branch(case.guard, body, otherwise, around)
            chosen = self._bind_names(case.pattern, bound_names([case.pattern]), chosen, around)
            otherwise = chosen if is_certain else self._node(case.pattern, around, chosen, otherwise)
        return self._value(statement.subject, otherwise, around)

    def _return(self, statement: ast.Return, value: ast.expr | None, after: Node, around: _Around) -> Node:
        end = self._jump(statement, around.returning, "return", after)
        return self._optional(value, end, around)

    def _jump(self, statement: ast.stmt, leading: Callable[[], Node] | None, word: str, after: Node) -> Node:
        if leading is not None:
            return leading()
        where = "function" if word == "return" else "loop"
        sentence = f"Line {statement.lineno} cannot be parsed: `{word}` outside a {where}."
        self._tell(FlawKind.SYNTAX, statement, sentence)
        return after

    def _define(self, function: ast.FunctionDef, after: Node, around: _Around) -> Node:
        place = f"`{function.name}`, defined at line {function.lineno}"
        if self.names.functions.get(function.name) is not function:
            sentence = f"{place}, is inside another statement, which cannot be checked. Define it at the top."
            self._unclear(function, sentence, function.body)
        elif function.decorator_list:
            sentence = f"{place}, has a decorator, which cannot be checked. Write it without."
            self._unclear(function, sentence, function.decorator_list)
        bound = self._bind_names(function, frozenset({function.name}), after, around)
        return self._values(defaults(function.args), bound, around)

    # Values

    def _value(self, value: ast.expr, after: Node, around: _Around) -> Node:  # noqa: C901, PLR0911, PLR0912 - one case a kind
        match value:
            case ast.Constant():
                return after
            case ast.Name():
                return self._use(value, after, around)
            case ast.BoolOp(op=operator, values=[*others, last]):
                end = self._value(last, after, around)
                for part in reversed(others):
                    yes, no = (end, after) if isinstance(operator, ast.And) else (after, end)
                    end = self._branch(part, yes, no, around)
                return end
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._branch(
                    test, self._value(body, after, around), self._value(orelse, after, around), around
                )
            case ast.Compare():
                return self._compare(value, after, around)
            case ast.NamedExpr(target=target, value=inner):
                variable = around.scope.walrus(target.id)
                bound = self._node(value, around, after)
                bound.assigns = () if variable is None else (variable,)
                return self._value(inner, bound, around)
            case ast.Call():
                return self._call(value, after, around)
            case ast.Lambda(args=arguments):
                self._later(value, "lambda", [value.body])
                return self._values(defaults(arguments), after, around)
            case ast.GeneratorExp(generators=[first, *_]):
                parts = [value.elt, *(part for one in value.generators for part in (*one.ifs, one.iter))]
                self._later(value, "generator", [part for part in parts if part is not first.iter])
                return self._value(first.iter, self._risky(value, after, around), around)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element):
                return self._comprehension(value, [element], after, around)
            case ast.DictComp(key=key, value=element):
                return self._comprehension(value, [key, element], after, around)
            case ast.Await() | ast.Yield() | ast.YieldFrom():
                sentence = f"`await` or `yield` at line {value.lineno} cannot be checked. Write it without."
                self._unclear(value, sentence, [value])
                return after
            case _:
                end = after if _never_raises(value) else self._risky(value, after, around)
                return self._values(_parts(value), end, around)

    def _values(self, values: Iterable[ast.expr], after: Node, around: _Around) -> Node:
        for value in reversed(list(values)):
            after = self._value(value, after, around)
        return after

    def _optional(self, value: ast.expr | None, after: Node, around: _Around) -> Node:
        return after if value is None else self._value(value, after, around)

    def _branch(self, test: ast.expr, yes: Node, no: Node, around: _Around) -> Node:
        """Evaluate a condition and lead to one of two ways."""
        match test:
            case ast.Constant(value=value):
                return yes if value else no
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._branch(operand, no, yes, around)
            case ast.BoolOp(op=operator, values=[*others, last]):
                end = self._branch(last, yes, no, around)
                for part in reversed(others):
                    both = (end, no) if isinstance(operator, ast.And) else (yes, end)
                    end = self._branch(part, *both, around)
                return end
            case ast.IfExp(test=inner, body=body, orelse=orelse):
                first = self._branch(body, yes, no, around)
                return self._branch(inner, first, self._branch(orelse, yes, no, around), around)
            case _:
                return self._value(test, self._node(test, around, yes, no), around)

    def _compare(self, value: ast.Compare, after: Node, around: _Around) -> Node:
        """Evaluate `a < b < c`: the third part only where the first two compare as wanted."""
        end = after
        for place in reversed(range(len(value.ops))):
            if place + 1 < len(value.ops):
                end = self._node(value, around, end, after)
            if not isinstance(value.ops[place], _SAFE_COMPARISONS):
                end = self._risky(value, end, around)
            end = self._value(value.comparators[place], end, around)
        return self._value(value.left, end, around)

    def _comprehension(
        self,
        value: ast.ListComp | ast.SetComp | ast.DictComp,
        elements: Sequence[ast.expr],
        after: Node,
        around: _Around,
    ) -> Node:
        targets = bound_names(generator.target for generator in value.generators)
        scope = replace(self._scope(targets, around.scope), is_comprehension=True)
        parts = [*elements, *(test for generator in value.generators for test in generator.ifs)]

        def level(number: int, leave: Node, inside: _Around) -> Node:
            if number == len(value.generators):
                end = leave if isinstance(value, ast.ListComp) else self._risky(value, leave, inside)
                return self._values(elements, end, inside)
            generator = value.generators[number]
            if generator.is_async:
                self._unclear(
                    value, f"`async for` at line {value.lineno} cannot be checked. Write it without."
                )

            def one_round(head: Node, within: _Around) -> Node:
                end = level(number + 1, head, within)
                for test in reversed(generator.ifs):
                    end = self._branch(test, end, head, within)
                return end

            later = [one.iter for one in value.generators[number + 1 :]]
            loop = _Loop(generator.iter, generator.target, [*parts, *later], scope)
            return self._loop(loop, one_round, leave, inside)

        return level(0, after, around)

    def _call(self, call: ast.Call, after: Node, around: _Around) -> Node:
        arguments = [*call.args, *(word.value for word in call.keywords)]
        if not isinstance(call.func, ast.Name):
            end = self._risky(call, after, around)
            return self._value(call.func, self._values(arguments, end, around), around)
        name, variable = call.func.id, around.scope.find(call.func.id)
        if name in self.names.device:
            self.modelled.add(call.func)
            end = self._node(call, around, after)
            end.call = name
            self.calls.append(end)
            end.on_error = around.raising(_BY_DEVICE)
            return self._values(arguments, end, around)
        if variable == (_PROGRAM, name) and name in self.names.functions:
            self.modelled.add(call.func)
            return self._values(arguments, self._inline(call, name, variable, after, around), around)
        if variable is None and name not in HIDING and not self.names.is_builtin(name):
            sentence = f"`{name}` at line {call.lineno} is not a function of this device."
            self._tell(FlawKind.UNKNOWN_FUNCTION, call, sentence)
            return self._values(arguments, after, around)
        # A loop of so many rounds is certain to begin; what `sorted` compares may not fit together.
        is_safe = name in _NEVER_RAISING or (name != "sorted" and self._rounds(call)[1])
        end = after if is_safe else self._risky(call, after, around)
        return self._value(call.func, self._values(arguments, end, around), around)

    def _inline(self, call: ast.Call, name: str, variable: Variable, after: Node, around: _Around) -> Node:
        """Build the body of one of the program's functions in the place of its call."""
        if name in around.inside:
            sentence = f"`{name}` calls itself at line {call.lineno}, which cannot be checked. Write a loop."
            self._unclear(call, sentence)
            return after
        if len(around.inside) == _MAXIMUM_FUNCTIONS_DEEP:
            sentence = f"`{name}` at line {call.lineno} is called {_MAXIMUM_FUNCTIONS_DEEP} functions deep, which is too deep."
            self._unclear(call, sentence, self.names.functions[name].body)
            return after
        function = self.names.functions[name]
        scope = self._scope(self.names.locals[name], self.program)
        inner = _Around(
            around.raising,
            scope,
            returning=lambda: after,
            handled=around.handled,
            inside=(*around.inside, name),
            depth=around.depth,
            rounds=around.rounds,
        )
        body = self._block(function.body, after, inner)
        passed = self._bind_names(call, parameters(function.args), body, inner)
        fresh = self._forget(call, scope.names, passed, inner)
        fresh.uses = variable
        return fresh

    def _use(self, name: ast.Name, after: Node, around: _Around) -> Node:
        variable = around.scope.find(name.id)
        if variable is None:
            if not (self.names.is_builtin(name.id) or name.id in self.names.moving | HIDING):
                sentence = f"`{name.id}` is used at line {name.lineno} and never assigned."
                self._tell(FlawKind.UNASSIGNED, name, sentence)
            return after
        node = self._node(name, around, after)
        node.uses = variable
        return node

    def _later(self, value: ast.expr, what: str, parts: Sequence[ast.expr]) -> None:
        """Refuse what would call the device at a time that is not known."""
        if self.names.moves(parts):
            remedy = "Write a list in brackets." if what == "generator" else "Call it directly."
            when = f"The {what} at line {value.lineno} calls the device at an unknown time, which cannot be checked."
            self._unclear(value, f"{when} {remedy}", parts)

    # Targets

    def _bind(self, target: ast.expr, after: Node, around: _Around, value: ast.expr | None = None) -> Node:
        """Give a target a value; where `value` is known to have as many parts as the target, nothing can go wrong."""
        match target:
            case ast.Name(id=name):
                return self._bind_names(target, frozenset({name}), after, around)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                fitting = _fitting(parts, value)
                for place, part in reversed([*enumerate(parts)]):
                    after = self._bind(part, after, around, fitting[place] if fitting else None)
                return after if fitting else self._risky(target, after, around)
            case ast.Starred(value=inner):
                return self._bind(inner, after, around)
            case _:
                return self._values(_parts(target), self._risky(target, after, around), around)

    def _present(self, target: ast.expr, after: Node, around: _Around) -> Node:
        """Evaluate the present value of what `+=` changes."""
        if isinstance(target, ast.Name):
            return self._use(target, after, around)
        return self._values(_parts(target), self._risky(target, after, around), around)

    def _bind_names(self, place: ast.AST, names: Iterable[str], after: Node, around: _Around) -> Node:
        node = self._node(place, around, after)
        node.assigns = self._variables(names, around)
        return node

    def _forget(self, place: ast.AST, names: Iterable[str], after: Node, around: _Around) -> Node:
        node = self._node(place, around, after)
        node.clears = self._variables(names, around)
        return node

    def _variables(self, names: Iterable[str], around: _Around) -> tuple[Variable, ...]:
        found = (around.scope.find(name) for name in sorted(names))
        return tuple(variable for variable in found if variable is not None)

    # Parts

    def _risky(self, place: ast.AST, after: Node, around: _Around) -> Node:
        """Let an exception of any kind come up here."""
        node = self._node(place, around, after)
        node.on_error = around.raising(_BY_OPERATION)
        return node

    def _node(self, place: ast.AST, around: _Around, *following: Node) -> Node:
        self.nodes += 1
        if self.nodes > _MAXIMUM_NODES:
            raise TooLargeError
        return Node(getattr(place, "lineno", 1), getattr(place, "col_offset", 0), around.depth, following)

    def _scope(self, names: frozenset[str], parent: Scope) -> Scope:
        self.scopes += 1
        return Scope(self.scopes, names, parent)

    def _unclear(self, place: ast.AST, sentence: str, inside: Iterable[ast.AST] = ()) -> None:
        """Say that a part cannot be checked, and that nothing more has to be said of the names inside."""
        names = (node for part in inside for node in ast.walk(part) if isinstance(node, ast.Name))
        self.modelled.update(names)
        self._tell(FlawKind.CANNOT_BE_CHECKED, place, sentence)

    def _tell(self, kind: FlawKind, place: ast.AST, sentence: str) -> None:
        self.flaws.setdefault((kind, sentence), Flaw(kind, getattr(place, "lineno", 1), sentence))


_STATEMENTS: dict[type[ast.stmt], str] = {
    ast.ClassDef: "The class",
    ast.AsyncFunctionDef: "The `async` function",
    ast.AsyncFor: "The `async` loop",
    ast.AsyncWith: "The `async with`",
    ast.With: "The `with`",
    ast.Delete: "The `del`",
    ast.Import: "The import",
    ast.ImportFrom: "The import",
}


def _parts(value: ast.expr) -> list[ast.expr]:
    """Return what has to be evaluated before an expression, in order."""
    if isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return [part for pair in pairs for part in pair if part is not None]
    return [child for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr)]


def _fitting(targets: Sequence[ast.expr], value: ast.expr | None) -> Sequence[ast.expr]:
    """Return the values of a display that go to the targets one by one, or nothing where that is not certain."""
    if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != len(targets):
        return ()
    is_sure = not any(isinstance(part, ast.Starred) for part in (*targets, *value.elts))
    return value.elts if is_sure else ()


def _never_raises(value: ast.expr) -> bool:
    """Whether an expression raises nothing, apart from what its parts do."""
    match value:
        case ast.List() | ast.Tuple() | ast.JoinedStr() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Dict(keys=keys):
            return all(isinstance(key, ast.Constant) for key in keys)
        case ast.FormattedValue(format_spec=format_spec):
            return format_spec is None
        case ast.UnaryOp(operand=ast.Constant(value=int() | float())):
            return True
        case _:
            return False


def _integer(value: ast.expr) -> int | None:
    match value:
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
        case _:
            return None


def _length(values: range) -> int:
    """Count without the limit of `len`."""
    return max(0, (values.stop - values.start + values.step - (1 if values.step > 0 else -1)) // values.step)
