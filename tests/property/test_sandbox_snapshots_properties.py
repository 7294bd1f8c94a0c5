"""A program cannot tell whether it was kept as bytes at its calls, and no bytes but its own bring it back."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.errors import ProgramError, SnapshotRefusedError
from sandbox.seal import KEY_BYTES, SnapshotSealer
from sandbox.session import Finished, Limits, PendingCall, open_session, restore_session

FUNCTIONS = ("measure", "move")
LIMITS = Limits(seconds=2.0)
SEALER = SnapshotSealer(bytes(range(KEY_BYTES)))
STATEMENTS_DEEP = 3

numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=4), values, max_size=3),
    max_leaves=6,
)
# Each leaves something else alive at a call: a shared list, a closure, an iterator half way, a caught exception, …
EXPRESSIONS = (
    "x",
    "y",
    "z",
    "len(z)",
    "str(x)",
    "repr(z)",
    "z[-1:]",
    "[x, y]",
    "{'k': z}",
    "(x, (y,))",
    "f'{x!r} {len(z):>3}'",
    "x if y else z",
    "not x",
    "x == y",
    "[i * 2 for i in range(3)]",
    "sorted([3, 1, 2], reverse=True)",
    "keep(x)",
    "box.get()",
    "(lambda q: [q, z])(y)",
    "2 ** 80",
    "-7 // 2",
    "b'ab'.hex()",
    "sorted({1, 2, 3})",
    "[a for a, b in zip('abc', range(9))]",
    "[*z, x][:4]",
)
SOURCES = ("z[:2]", "range(2)", "'ab'")
PREFACE = """\
x, y, z = 0, 'text', [1]
shared = z
class Box:
    def __init__(self, value):
        self.value = value
    def get(self):
        return [self.value, measure(of=self.value)]
box = Box(z)
def keep(value):
    def inner(more):
        return [value, more, measure(of=more)]
    return inner(len(shared))
"""


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A program that ends, with calls in every place a call can stand."""

    def expression() -> str:
        chosen = draw(st.sampled_from(EXPRESSIONS))
        match draw(st.integers(0, 3)):
            case 0:
                return f"measure(of={chosen})"
            case 1:
                return f"move({chosen}, to={draw(st.sampled_from(EXPRESSIONS))})"
            case _:
                return chosen

    def block(depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(draw(st.integers(1, 3))):
            lines += statement(depth)
        return lines

    def indented(depth: int) -> list[str]:
        return [f"    {line}" for line in block(depth)]

    def statement(depth: int) -> list[str]:
        simple: list[Callable[[], list[str]]] = [
            lambda: [f"{draw(st.sampled_from('xy'))} = {expression()}"],
            lambda: [f"z.append({expression()})"],
            lambda: [f"shared[0] = {expression()}"],
            lambda: [f"box.value = {expression()}"],
            lambda: [f"print({expression()})"],
            lambda: [f"x = [measure(of=i) for i in {draw(st.sampled_from(SOURCES))}]"],
            lambda: [f"(x := {expression()})"],
            lambda: [f"assert {expression()}"],
            lambda: ["x, *y = 1, measure(), 3"],
            lambda: ["x = sorted([2, 1], key=lambda v: v + len(z))"],
        ]
        nested: list[Callable[[], list[str]]] = [
            lambda: [f"if {expression()}:", *indented(depth - 1), "else:", *indented(depth - 1)],
            lambda: ["for i, x in enumerate(z[:2]):", *indented(depth - 1)],
            lambda: ["for y in {'a': 1, 'b': 2}.items():", *indented(depth - 1)],
            lambda: [
                "n = 0",
                "while n < 2:",
                "    n += 1",
                *indented(depth - 1),
                f"    {draw(st.sampled_from(['pass', 'break', 'continue']))}",
            ],
            lambda: [
                "try:",
                *indented(depth - 1),
                f"    {draw(st.sampled_from(['pass', 'x = 1 / 0', 'raise ValueError(str(y))']))}",
                "except Exception as error:",
                "    x = str(error)",
                *indented(depth - 1),
                "finally:",
                *indented(depth - 1),
            ],
            lambda: [
                "def act(q):",
                "    global x, y",
                *indented(depth - 1),
                f"    return {expression()}",
                "x = act(x)",
            ],
        ]
        return draw(st.sampled_from(simple + nested * 2 if depth else simple))()

    return PREFACE + "\n".join([*block(STATEMENTS_DEEP), "move(x, to=y)", "move(shared, to=z)"]) + "\n"


answers = st.lists(json_values, min_size=1, max_size=6)
failing_calls = st.sets(st.integers(1, 12), max_size=2)


def run(
    source: str, answered: list[object], failing: set[int], *, pausing: bool
) -> tuple[list[PendingCall], str]:
    """Run a program, kept as sealed bytes at every call if `pausing`; return its calls and how it ended."""
    calls: list[PendingCall] = []
    session = open_session(source, FUNCTIONS, LIMITS)
    try:
        reached = session.start()
        while isinstance(reached, PendingCall):
            calls.append(reached)
            if pausing:
                context = f"s1/{reached.call_id}"
                sealed = SEALER.seal(session.dump(), context)
                session = restore_session(SEALER.open(sealed, context), FUNCTIONS, LIMITS)
                assert session.pending == reached
            if reached.call_id in failing:
                reached = session.fail("the arm is stuck")
            else:
                reached = session.resume(answered[reached.call_id % len(answered)])
    except ProgramError as error:
        return calls, str(error)
    finally:
        session.close()
    assert reached == Finished()
    return calls, ""


@given(source=programs(), answered=answers, failing=failing_calls)
@settings(max_examples=200, deadline=None)
def test_keeping_a_program_at_every_call_changes_nothing_that_it_does(
    source: str, answered: list[object], failing: set[int]
) -> None:
    assert run(source, answered, failing, pausing=True) == run(source, answered, failing, pausing=False)


def sealed_program() -> tuple[bytes, bytes]:
    session = open_session("x = measure(of=[1, 2])\nmove(x)\n", FUNCTIONS)
    session.start()
    dump = session.dump()
    return dump, SEALER.seal(dump, "s1/1")


def test_every_flipped_bit_and_every_cut_of_a_snapshot_is_refused() -> None:
    dump, sealed = sealed_program()
    assert SEALER.open(sealed, "s1/1") == dump
    for position in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[position] ^= 1 << bit
            with pytest.raises(SnapshotRefusedError):
                SEALER.open(bytes(changed), "s1/1")
        with pytest.raises(SnapshotRefusedError):
            SEALER.open(sealed[:position], "s1/1")
        with pytest.raises(SnapshotRefusedError):
            SEALER.open(sealed[position + 1 :], "s1/1")


@given(payload=st.binary(max_size=200), context=st.text(max_size=20), other=st.text(max_size=20))
@example(payload=b"", context="s1/1", other="s1/11")
@example(payload=b"1", context="s1/", other="s1/1")
def test_a_snapshot_opens_in_its_own_context_alone(payload: bytes, context: str, other: str) -> None:
    sealed = SEALER.seal(payload, context)
    assert SEALER.open(sealed, context) == payload
    if other != context:
        with pytest.raises(SnapshotRefusedError, match="belongs to"):
            SEALER.open(sealed, other)


@given(payload=st.binary(max_size=50), key=st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_a_snapshot_opens_with_its_own_key_alone(payload: bytes, key: bytes) -> None:
    sealed = SnapshotSealer(key).seal(payload, "s1/1")
    assert SnapshotSealer(key).open(sealed, "s1/1") == payload
    for position in range(KEY_BYTES):
        other = bytearray(key)
        other[position] ^= 0x80
        with pytest.raises(SnapshotRefusedError, match="seal is broken"):
            SnapshotSealer(bytes(other)).open(sealed, "s1/1")


@given(junk=st.binary(max_size=300), tail=st.binary(max_size=300))
def test_bytes_that_were_never_sealed_are_refused(junk: bytes, tail: bytes) -> None:
    sealed = SEALER.seal(b"payload", "s1/1")
    for forged in (junk, sealed[:12] + junk, sealed + b"x" + tail, sealed[:-32] + junk + sealed[-32:] + b"y"):
        with pytest.raises(SnapshotRefusedError):
            SEALER.open(forged, "s1/1")
