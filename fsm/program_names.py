"""What the names of a program stand for: its variables, its functions, and those of the device."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from fsm.flaws import Flaw, FlawKind

Variable = tuple[int, str]
"""A variable of one scope: the scope's number, and the name."""

IMPORTABLE = frozenset({"json", "math", "re"})
"""Modules of the sandbox that only compute."""

EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException) and not issubclass(kind, BaseExceptionGroup)
}

# Everything else that the sandbox gives a program by itself; `eval`, `exec` and `locals` hide what is called.
BUILTINS = frozenset(
    """abs all any bin bool bytes chr complex dict divmod enumerate filter float format frozenset getattr hasattr hash
    hex id int isinstance iter len list map max min next object oct ord pow print range repr reversed round set setattr
    slice sorted str sum tuple type zip""".split()
)
HIDING = frozenset({"eval", "exec", "locals", "globals", "vars", "compile"})

_Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up: a comprehension, then a function, then the program.

    Attributes:
        number: tells apart the variables of two calls of one function.
        names: what is bound here.
        parent: where to look next.
        is_comprehension: whether `:=` binds further out.
    """

    number: int
    names: frozenset[str]
    parent: Scope | None = None
    is_comprehension: bool = False

    def find(self, name: str) -> Variable | None:
        """Return the variable that `name` stands for; None where the program binds no such name."""
        if name in self.names:
            return self.number, name
        return None if self.parent is None else self.parent.find(name)

    def walrus(self, name: str) -> Variable | None:
        """Return the variable that `name := …` binds."""
        if self.is_comprehension and self.parent is not None:
            return self.parent.walrus(name)
        return self.find(name)


@dataclass(slots=True)
class _Part:
    """The program without its functions, or one of its functions: what stands in it.

    Attributes:
        names: every mention of a name.
        bound: the names that are bound in its scope, with their lines.
        hidden: the names that are bound further in: parameters, and targets of comprehensions.
        declared: the names that are declared as `global`.
        assignments: everything that may assign a variable.
        loops: its loops, without comprehensions.
        attributes: every `value.attribute`.
    """

    names: list[ast.Name] = field(default_factory=list)
    bound: list[tuple[str, int]] = field(default_factory=list)
    hidden: list[tuple[str, int]] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    assignments: list[_Assignment] = field(default_factory=list)
    loops: list[ast.While | ast.For] = field(default_factory=list)
    attributes: list[ast.Attribute] = field(default_factory=list)

    def read(self, nodes: Iterable[ast.AST]) -> None:  # noqa: C901 - one case a kind
        """Take in parts of the program."""
        waiting = [(node, False) for node in nodes]
        while waiting:
            node, is_comprehension = waiting.pop()
            match node:
                case ast.Name(ctx=ast.Load()):
                    self.names.append(node)
                    continue
                case ast.Constant() | ast.expr_context():
                    continue
                case ast.Name(id=name):
                    self.names.append(node)
                    (self.hidden if is_comprehension else self.bound).append((name, node.lineno))
                case ast.NamedExpr(target=target, value=value):
                    self.names.append(target)
                    self.bound.append((target.id, target.lineno))
                    self.assignments.append(node)
                    waiting.append((value, is_comprehension))
                    continue
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    self.assignments.append(node)
                case ast.Attribute():
                    self.attributes.append(node)
                case ast.While() | ast.For():
                    self.loops.append(node)
                case ast.Global(names=names):
                    self.declared.update(names)
                case ast.arg(arg=name):
                    self.hidden.append((name, node.lineno))
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    is_comprehension = True
                case _:
                    self.bound += _binds(node)
            waiting += [(inner, is_comprehension) for inner in ast.iter_child_nodes(node)]

    @property
    def mentioned(self) -> set[str]:
        return {name.id for name in self.names}

    @property
    def used(self) -> set[str]:
        return {name.id for name in self.names if isinstance(name.ctx, ast.Load)}


class Names:
    """The names of one program.

    Args:
        tree: the program.
        device: the names of the device's functions.

    Attributes:
        tree: the program.
        device: the names of the device's functions.
        module: the variables of the program itself.
        functions: the functions that it defines, by name.
        locals: the variables of each, parameters included.
        moving: what a call of may reach the device: its functions, and those of the program that call them.
        live: the functions of the program that it can come to; the others are never called.
        loops: all loops, without comprehensions.
    """

    def __init__(self, tree: ast.Module, device: Collection[str]) -> None:
        self.tree = tree
        self.device = frozenset(device)
        self._main = _Part()
        self._parts: dict[ast.FunctionDef, _Part] = {}
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef):
                part = self._parts[statement] = _Part()
                part.read([statement.args, *statement.body])
                self._main.read([*statement.decorator_list, *defaults(statement.args)])
                self._main.bound.append((statement.name, statement.lineno))
            else:
                self._main.read([statement])
        every = [self._main, *self._parts.values()]
        self._bound = {name for part in every for name, _ in (*part.bound, *part.hidden)}
        self.module = frozenset(name for name, _ in self._main.bound) | {
            name for part in every for name in part.declared
        }
        self.functions = {
            function.name: function for function in self._parts if function.name not in self.device
        }
        self.locals = {
            name: parameters(function.args)
            | {bound for bound, _ in self._parts[function].bound} - self._parts[function].declared
            for name, function in self.functions.items()
        }
        self.moving = self._moving()
        self.live = self._live()
        self.loops = [loop for part in every for loop in part.loops]

    def is_builtin(self, name: str) -> bool:
        """Whether `name` stands for what the sandbox gives, everywhere in the program."""
        return name not in self._bound and (name in BUILTINS or name in EXCEPTIONS)

    def moves(self, nodes: Iterable[ast.AST]) -> bool:
        """Whether these parts of the program name anything that may reach the device."""
        part = _Part()
        part.read(nodes)
        return not self.moving.isdisjoint(part.mentioned)

    def check(self, modelled: Collection[ast.Name]) -> Iterator[Flaw]:
        """Say which names are bound twice, hide what is called, or are assigned for nothing.

        Args:
            modelled: the mentions of the device's and the program's functions that are calls.
        """
        yield from self._definitions()
        for part in (self._main, *self._parts.values()):
            yield from self._other_meanings(part)
        live = [self._parts[self.functions[name]] for name in sorted(self.live)]
        for part in (self._main, *live):
            yield from self._values(part, modelled)
        yield from self._unused()

    def _definitions(self) -> Iterator[Flaw]:
        """Say which functions of the program are not called, or are not the only meaning of their name."""
        for name, function in self.functions.items():
            line = function.lineno
            if name not in self.live:
                sentence = f"`{name}` is defined at line {line} and never called."
                yield Flaw(FlawKind.UNREACHABLE, line, sentence)
            is_declared = any(name in part.declared for part in (self._main, *self._parts.values()))
            if is_declared or sum(bound == name for bound, _ in self._main.bound) > 1:
                what = (
                    f"`{name}`, defined at line {line}, has more than one meaning, which cannot be checked."
                )
                yield _unclear(line, f"{what} Choose another name.")

    def _other_meanings(self, part: _Part) -> Iterator[Flaw]:
        """Say where a name that can move the device is bound again, and where attributes lead inside the interpreter."""
        definitions = {(name, function.lineno) for name, function in self.functions.items()}
        for name, line in (*part.bound, *part.hidden):
            if name in self.moving and (name, line) not in definitions:
                what = f"`{name}` gets another meaning at line {line}, which cannot be checked."
                yield _unclear(line, f"{what} Choose another name.")
        for attribute in part.attributes:
            if attribute.attr.startswith("__"):
                yield _hides(attribute.attr, attribute.lineno)

    def _values(self, part: _Part, modelled: Collection[ast.Name]) -> Iterator[Flaw]:
        """Say where a function that can move the device, or one that hides what is called, is mentioned but not called."""
        for mention in part.names:
            if not isinstance(mention.ctx, ast.Load) or mention in modelled:
                continue
            if mention.id in self.moving:
                what = f"`{mention.id}` at line {mention.lineno} is used as a value, which cannot be checked."
                yield _unclear(mention.lineno, f"{what} Call it directly.")
            elif mention.id in HIDING and mention.id not in self._bound:
                yield _hides(mention.id, mention.lineno)

    def _moving(self) -> frozenset[str]:
        mentioned = {name: self._parts[function].mentioned for name, function in self.functions.items()}
        moving, before = self.device, frozenset[str]()
        while moving != before:
            before = moving
            moving |= {name for name, names in mentioned.items() if not before.isdisjoint(names)}
        return moving

    def _live(self) -> frozenset[str]:
        reached, waiting = set[str](), self._main.used & self.functions.keys()
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= (self._parts[self.functions[name]].used & self.functions.keys()) - reached
        return frozenset(reached)

    def _unused(self) -> Iterator[Flaw]:
        outer = self._main.used
        for name, function in self.functions.items():
            outer |= self._parts[function].used - self.locals[name]
        yield from _unused_in(self._main.assignments, outer)
        for name in sorted(self.live):
            part = self._parts[self.functions[name]]
            yield from _unused_in(part.assignments, part.used | part.declared)


def bound_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Return the names that parts of a program bind in their own scope."""
    part = _Part()
    part.read(nodes)
    return frozenset(name for name, _ in part.bound)


def defaults(arguments: ast.arguments) -> list[ast.expr]:
    """Return the default values of a function's parameters, in the order in which they are evaluated."""
    return [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]


def parameters(arguments: ast.arguments) -> frozenset[str]:
    """Return the names of a function's parameters."""
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    return frozenset(argument.arg for argument in every if argument is not None)


def _unclear(line: int, sentence: str) -> Flaw:
    return Flaw(FlawKind.CANNOT_BE_CHECKED, line, sentence)


def _hides(name: str, line: int) -> Flaw:
    what = f"`{name}` at line {line} hides what is called, which cannot be checked."
    return _unclear(line, f"{what} Call functions directly.")


def _binds(node: ast.AST) -> Iterator[tuple[str, int]]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node.lineno
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, node.lineno
        case ast.MatchMapping(rest=str(name)):
            yield name, node.lineno
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name.partition(".")[0], node.lineno


def _targets(node: _Assignment) -> set[str]:
    """Return the variables that one assignment gives a value."""
    match node:
        case ast.Assign(targets=targets):
            parts = [*targets]
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.AugAssign(target=target):
            parts = [target]
        case ast.NamedExpr(target=target):
            parts = [target]
        case _:
            return set()
    names: set[str] = set()
    while parts:
        match parts.pop():
            case ast.Name(id=name):
                names.add(name)
            case ast.Tuple(elts=inner) | ast.List(elts=inner):
                parts = [*parts, *inner]
            case ast.Starred(value=inner_part):
                parts = [*parts, inner_part]
            case _:
                return set()  # a part of something else changes too
    return names


def _unused_in(assignments: Iterable[_Assignment], used: Collection[str]) -> Iterator[Flaw]:
    told: set[str] = set()
    for node in sorted(assignments, key=lambda node: node.lineno):
        names = _targets(node)
        if not names or names & told or any(name in used or name.startswith("_") for name in names):
            continue
        told |= names
        listed = " and ".join(f"`{name}`" for name in sorted(names))
        be, them = ("is", "it") if len(names) == 1 else ("are", "them")
        sentence = (
            f"{listed} {be} assigned at line {node.lineno} and never used. Use {them} or leave {them} out."
        )
        yield Flaw(FlawKind.UNUSED_RESULT, node.lineno, sentence)
