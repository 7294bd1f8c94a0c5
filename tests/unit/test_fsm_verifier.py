"""What the verifier says of a program, word for word."""

import ast
from textwrap import dedent

import pytest

from fsm.flaws import CallStep, Counterexample, Flaw, FlawKind
from fsm.modes import CallModes, ModeAutomaton
from fsm.verifier import verify

FORKLIFT = ModeAutomaton(
    frozenset({"idle", "grounded", "lifted"}),
    {
        "lower_fork": CallModes(None, "grounded"),
        "raise_fork": CallModes(frozenset({"grounded", "idle"}), "idle"),
        "try_raise": CallModes(None, "idle", goes_on_after_failure=True),
        "lift": CallModes(frozenset({"idle"}), "lifted"),
        "drive": CallModes(frozenset({"idle"})),
        "park": CallModes(frozenset({"idle", "grounded"})),
    },
)
DANGER = dict.fromkeys([*FORKLIFT.calls, "see"], "none") | {"drop": "forbid", "shout": "confirm"}


def flaws(source: str, *start: str, maximum_calls: int | None = None) -> tuple[Flaw, ...]:
    return verify(
        dedent(source).strip() + "\n",
        FORKLIFT,
        start or ("idle",),
        danger=DANGER,
        maximum_calls=maximum_calls,
        kind="robot",
    )


def sentences(source: str, *start: str, maximum_calls: int | None = None) -> list[str]:
    return [flaw.sentence for flaw in flaws(source, *start, maximum_calls=maximum_calls)]


def mode_sentences(source: str, *start: str) -> list[str]:
    return [flaw.sentence for flaw in flaws(source, *start) if flaw.kind is FlawKind.MODE]


def kinds(source: str) -> list[tuple[FlawKind, int]]:
    return [(flaw.kind, flaw.line) for flaw in flaws(source)]


def test_a_forbidden_call_is_told_with_what_led_to_its_mode() -> None:
    (flaw,) = flaws(
        """
        x = see()
        drive(speed=x)
        lower_fork()
        drive(speed=x)
        """
    )
    assert flaw == Flaw(
        FlawKind.MODE,
        4,
        "After `lower_fork` at line 3 the robot is *grounded*; `drive` at line 4 needs *idle*.",
        Counterexample(
            "idle",
            True,
            (
                CallStep("see", 1, "returned", "idle", led=False),
                CallStep("drive", 2, "returned", "idle", led=False),
                CallStep("lower_fork", 3, "returned", "grounded", led=True),
            ),
            "drive",
            "grounded",
            ("idle",),
        ),
    )


def test_the_mode_at_the_start_is_told_where_no_call_led_to_it() -> None:
    assert sentences("park()", "lifted") == [
        "At the start the robot is *lifted*; `park` at line 1 needs *grounded* or *idle*."
    ]
    assert sentences("park()", "lifted", "idle") == [
        "At the start the robot may be *lifted*; `park` at line 1 needs *grounded* or *idle*."
    ]
    assert sentences("park()", "grounded", "idle") == []


def test_a_failure_that_is_caught_may_leave_the_mode_as_it_was_or_change_it() -> None:
    caught = """
        lower_fork()
        try:
            raise_fork()
        except RuntimeError:
            pass
        drive()
        """
    (sentence,) = sentences(caught)
    assert sentence == (
        "After `lower_fork` at line 1 the robot is *grounded*, and stays so if `raise_fork` at line 3 fails; "
        "`drive` at line 6 needs *idle*."
    )
    in_the_handler = """
        try:
            lower_fork()
        except RuntimeError:
            drive()
        """
    assert sentences(in_the_handler) == [
        "If `lower_fork` at line 2 fails, the robot may be *grounded*; `drive` at line 4 needs *idle*."
    ]
    unchanged = """
        try:
            raise_fork()
        except RuntimeError:
            park()
        """
    assert sentences(unchanged) == []


def test_a_failure_that_nobody_catches_ends_the_program() -> None:
    assert sentences("lower_fork()\nraise_fork()\ndrive()") == []


def test_a_call_that_may_fail_without_ending_the_program_may_leave_the_mode() -> None:
    (sentence,) = sentences("lower_fork()\ntry_raise()\ndrive()")
    assert sentence == (
        "After `lower_fork` at line 1 the robot is *grounded*, and stays so if `try_raise` at line 2 fails; "
        "`drive` at line 3 needs *idle*."
    )


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("if see():\n    lower_fork()\ndrive()", 3),
        ("for i in see():\n    drive(x=i)\n    lower_fork()", 2),
        ("while see():\n    lower_fork()\ndrive()", 3),
        ("for i in [1, 2]:\n    drive(x=i)\n    lower_fork()", 2),
        ("park(x=lower_fork(), y=drive())", 1),
        ("see() and lower_fork()\ndrive()", 2),
        ("see() or lower_fork()\ndrive()", 2),
        ("x = lower_fork() if see() else 1\ndrive(x=x)", 2),
        ("x = [lower_fork() for i in see() if i]\ndrive(x=x)", 2),
        ("try:\n    see()\nfinally:\n    lower_fork()\ndrive()", 5),
        ("try:\n    see()\nexcept Exception:\n    see()\nelse:\n    lower_fork()\ndrive()", 7),
        ("def go(n):\n    if n:\n        return 1\n    lower_fork()\n    return 2\ngo(n=see())\ndrive()", 7),
        ("for i in see():\n    try:\n        break\n    finally:\n        lower_fork()\ndrive()", 6),
        ("for i in see():\n    if i:\n        continue\n    lower_fork()\n    break\ndrive()", 6),
        ("match see():\n    case 1:\n        lower_fork()\n    case _:\n        see()\ndrive()", 6),
        ("x = {'a': lower_fork()}\ndrive(x=x)", 2),
        ("x = see()\nx[lower_fork()] += drive()", 2),
        ("def ready(x=lower_fork()):\n    return x\ndrive(x=ready())", 3),
    ],
)
def test_every_way_is_followed(source: str, line: int) -> None:
    found = [flaw for flaw in flaws(source) if flaw.kind is FlawKind.MODE]
    assert [flaw.line for flaw in found] == [line]
    assert (
        f"`lower_fork` at line {source[: source.index('lower_fork')].count(chr(10)) + 1}" in found[0].sentence
    )


@pytest.mark.parametrize(
    "source",
    [
        "if see():\n    drive()\nelse:\n    lower_fork()",
        "drive() and lower_fork()",
        "for i in [1, 2, 3]:\n    lower_fork()\n    raise_fork()\ndrive()",
        "lower_fork()\nfor i in range(2):\n    raise_fork()\ndrive()",
        "lower_fork()\nfor i in reversed([1]):\n    raise_fork(x=i)\ndrive()",
        "for i in range(0):\n    lower_fork()\ndrive()",
        "while True:\n    lower_fork()\n    raise_fork()\n    if see():\n        break\ndrive()",
        "lower_fork()\ntry:\n    see()\nfinally:\n    raise_fork()\ndrive()",
        "def go():\n    return drive()\ngo()\nlower_fork()",
        "for i in see():\n    break\nelse:\n    drive()\nlower_fork()",
        "park(x=drive(), y=lower_fork())",
        "lower_fork()\nx = [raise_fork() for i in 'ab']\ndrive(x=x)",
    ],
)
def test_what_cannot_happen_is_not_held_against_a_program(source: str) -> None:
    assert mode_sentences(source) == []


def test_a_loop_over_known_values_makes_as_many_rounds() -> None:
    toggle = ModeAutomaton(
        frozenset({"a", "b", "c"}),
        {
            "ab": CallModes(frozenset({"a"}), "b"),
            "bc": CallModes(frozenset({"b"}), "c"),
            "ca": CallModes(frozenset({"c"}), "a"),
        },
    )
    danger = dict.fromkeys(toggle.calls, "none")
    program = "for i in range({}):\n    if i:\n        ab()\n    else:\n        bc()\n"
    assert verify(program.format(1), toggle, {"b"}, danger=danger)
    rounds = "for i in range(2):\n    for j in (1, 2, 3):\n        {}\nab()\n"
    assert not verify(rounds.format("turn()"), toggle, {"a"}, danger=danger | {"turn": "none"})
    assert not verify(
        "for i in range(2):\n    ab()\n    bc()\n    ca()\nab()\n", toggle, {"a"}, danger=danger
    )
    assert verify("for i in range(2):\n    ab()\n    bc()\nab()\n", toggle, {"a"}, danger=danger)


def test_each_place_is_told_once_and_the_shortest_way_is_chosen() -> None:
    found = flaws(
        """
        for i in see():
            lower_fork()
            if i:
                see()
                lift()
            drive()
        """
    )
    assert [(flaw.line, len(flaw.counterexample.calls)) for flaw in found if flaw.counterexample] == [
        (5, 3),
        (6, 2),
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "f = drive\nf()",
            "`drive` at line 1 is used as a value, which cannot be checked. Call it directly.",
        ),
        (
            "map(drive, [1])",
            "`drive` at line 1 is used as a value, which cannot be checked. Call it directly.",
        ),
        (
            "drive = 3\nsee(x=drive)",
            "`drive` gets another meaning at line 1, which cannot be checked. Choose another name.",
        ),
        (
            "def go(drive):\n    see(x=drive)\ngo(drive=1)",
            "`drive` gets another meaning at line 1, which cannot be checked. Choose another name.",
        ),
        (
            "[see(x=drive) for drive in [1]]",
            "`drive` gets another meaning at line 1, which cannot be checked. Choose another name.",
        ),
        (
            "x = lambda: drive()\nx()",
            "The lambda at line 1 calls the device at an unknown time, which cannot be checked. Call it directly.",
        ),
        (
            "def go():\n    drive()\nx = lambda: go()\nx()",
            "The lambda at line 3 calls the device at an unknown time, which cannot be checked. Call it directly.",
        ),
        (
            "list(drive(x=i) for i in [1])",
            "The generator at line 1 calls the device at an unknown time, which cannot be checked. Write a list in brackets.",
        ),
        (
            "def go():\n    drive()\n    go()\ngo()",
            "`go` calls itself at line 3, which cannot be checked. Write a loop.",
        ),
        (
            "def a():\n    b()\ndef b():\n    a()\na()",
            "`a` calls itself at line 4, which cannot be checked. Write a loop.",
        ),
        (
            "def go():\n    drive()\nx = [go]\nx[0]()",
            "`go` at line 3 is used as a value, which cannot be checked. Call it directly.",
        ),
        (
            "def go():\n    drive()\ndef go():\n    see()\ngo()",
            "`go`, defined at line 3, has more than one meaning, which cannot be checked. Choose another name.",
        ),
        (
            "if see():\n    def go():\n        drive()\n    go()",
            "`go`, defined at line 2, is inside another statement, which cannot be checked. Define it at the top.",
        ),
        (
            "def twice(f):\n    return f\n@twice\ndef go():\n    drive()\ngo()",
            "`go`, defined at line 4, has a decorator, which cannot be checked. Write it without.",
        ),
        (
            "eval('drive()')",
            "`eval` at line 1 hides what is called, which cannot be checked. Call functions directly.",
        ),
        (
            "x = see()\nx.__class__",
            "`__class__` at line 2 hides what is called, which cannot be checked. Call functions directly.",
        ),
        (
            "class A:\n    def go(self):\n        drive()",
            "The class at line 1 cannot be checked. Write it without.",
        ),
        ("import os", "The import at line 1 cannot be checked. Write it without."),
        ("from math import *", "The import at line 1 cannot be checked. Write it without."),
        ("with see():\n    drive()", "The `with` at line 1 cannot be checked. Write it without."),
        ("x = 1\ndel x", "The `del` at line 2 cannot be checked. Write it without."),
        (
            "async def go():\n    drive()",
            "The `async` function at line 1 cannot be checked. Write it without.",
        ),
        (
            "def go():\n    yield drive()\ngo()",
            "`await` or `yield` at line 2 cannot be checked. Write it without.",
        ),
        (
            "try:\n    see()\nexcept see():\n    drive()",
            "What line 3 catches cannot be checked. Name a built-in exception.",
        ),
        (
            "x: drive() = 1\nsee(x=x)",
            "`drive` at line 1 is used as a value, which cannot be checked. Call it directly.",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused(source: str, sentence: str) -> None:
    found = flaws(source)
    assert sentence in [flaw.sentence for flaw in found if flaw.kind is FlawKind.CANNOT_BE_CHECKED]


@pytest.mark.parametrize(
    "source",
    [
        "import math\ndrive(x=math.floor(1.5))",
        "from json import dumps\ndrive(x=dumps(1))",
        "x = sorted([2, 1], key=lambda n: -n)\ndrive(x=x)",
        "def half(n):\n    return n / 2\ndrive(x=[half(n) for n in see()], y=max(see(), key=half))",
        "x = sum(n for n in see())\ndrive(x=x)",
        "total = 0\nfor n in see():\n    total += n\ndrive(x=total)",
    ],
)
def test_what_only_computes_is_let_pass(source: str) -> None:
    assert sentences(source) == []


def test_unknown_functions() -> None:
    assert sentences("fly(x=1)") == ["`fly` at line 1 is not a function of this device."]
    assert sentences("x = print\nx(fly)") == ["`fly` is used at line 2 and never assigned."]


def test_results_that_are_never_used() -> None:
    assert sentences("seen = see()\ndrive()") == [
        "`seen` is assigned at line 1 and never used. Use it or leave it out."
    ]
    assert sentences("a, b = see()\ndrive()") == [
        "`a` and `b` are assigned at line 1 and never used. Use them or leave them out."
    ]
    assert sentences("n = 0\nfor i in see():\n    n += 1") == [
        "`n` is assigned at line 1 and never used. Use it or leave it out."
    ]
    assert sentences("def go():\n    seen = see()\n    return 1\ngo()") == [
        "`seen` is assigned at line 2 and never used. Use it or leave it out."
    ]
    for fine in (
        "_seen = see()",
        "see()",
        "a, b = see()\ndrive(x=b)",
        "for i in range(3):\n    see()",
        "seen = see()\ndef go():\n    return drive(x=seen)\ngo()",
        "def go():\n    global seen\n    seen = see()\ngo()\ndrive(x=seen)",
        "x = {}\nx['a'] = see()\ndrive(x=x)",
    ):
        assert FlawKind.UNUSED_RESULT not in {flaw.kind for flaw in flaws(fine)}, fine


def test_variables_without_a_value() -> None:
    assert sentences("drive(x=x)\nx = 1") == ["`x` is used at line 1 before it is assigned."]
    assert sentences("drive(x=x)") == ["`x` is used at line 1 and never assigned."]
    assert sentences("if see():\n    x = 1\ndrive(x=x)") == [
        "`x` may have no value where it is used at line 3. Assign it on every way there."
    ]
    assert sentences("for i in see():\n    x = i\ndrive(x=x)") == [
        "`x` may have no value where it is used at line 3. Assign it on every way there."
    ]
    assert sentences("go()\ndef go():\n    drive()") == ["`go` is used at line 1 before it is assigned."]
    assert sentences("try:\n    x = see()\nexcept RuntimeError:\n    pass\ndrive(x=x)") == [
        "`x` may have no value where it is used at line 5. Assign it on every way there."
    ]
    assert sentences("try:\n    see()\nexcept RuntimeError as e:\n    print(e)\nprint(e)") == [
        "`e` is used at line 5 before it is assigned."
    ]
    for fine in (
        "for i in [1, 2]:\n    x = i\ndrive(x=x)",
        "if see():\n    x = 1\nelse:\n    x = 2\ndrive(x=x)",
        "def go():\n    return drive(x=late)\nlate = 1\ngo()",
        "while True:\n    x = see()\n    if x:\n        break\ndrive(x=x)",
        "if (x := see()):\n    drive(x=x)",
        "x = [y for y in see() if (z := y)]\nfor y in x:\n    drive(x=y)",
        "def go(a, *b, c=1, **d):\n    return drive(x=[a, b, c, d])\ngo(1)",
    ):
        assert FlawKind.UNASSIGNED not in {flaw.kind for flaw in flaws(fine)}, fine


def test_code_that_is_never_reached() -> None:
    assert sentences("def go():\n    return 1\n    drive()\n    see()\ngo()") == ["Line 3 is never reached."]
    assert sentences("if False:\n    drive()") == ["Line 2 is never reached."]
    assert sentences("def go():\n    drive()\nsee()") == ["`go` is defined at line 1 and never called."]
    assert sentences("x = 1 if True else drive()\nsee(x=x)") == [
        "The call of `drive` at line 1 is never made."
    ]
    assert sentences("try:\n    see()\nexcept ValueError:\n    lower_fork()") == ["Line 4 is never reached."]
    assert sentences("for i in range(0):\n    see()") == ["Line 2 is never reached."]
    assert sentences("raise ValueError\nsee()") == ["Line 2 is never reached."]


def test_loops_without_a_bound() -> None:
    assert sentences("while True:\n    see()") == ["The loop at line 1 never ends: it has no `break`."]
    assert sentences("x = see()\nwhile x < 3:\n    see()") == [
        "The loop at line 2 may never end: nothing in it can change its condition."
    ]
    assert sentences("x = see()\nfor i in x:\n    x.append(i)") == [
        "The loop at line 2 may never end: it adds to `x`, which it goes through."
    ]
    assert kinds("while True:\n    for i in see():\n        break\nsee()") == [
        (FlawKind.UNBOUNDED_LOOP, 1),
        (FlawKind.UNREACHABLE, 4),
    ]
    for fine in (
        "while see():\n    drive()",
        "x = 3\nwhile x > 0:\n    x -= 1",
        "x = see()\nwhile x:\n    x.pop()",
        "while True:\n    if see():\n        break",
        "def go():\n    while True:\n        if see():\n            return 1\ngo()",
        "x = see()\nwhile (y := see()) and x:\n    drive(x=y)",
        "while True:\n    if see():\n        raise ValueError",
    ):
        assert FlawKind.UNBOUNDED_LOOP not in {flaw.kind for flaw in flaws(fine)}, fine


def test_forbidden_functions() -> None:
    assert sentences("see()\ndrop()\nshout()") == ["`drop` at line 2 is forbidden on this device."]


def test_more_calls_than_allowed_where_that_is_known() -> None:
    told = "The program makes more than 3 calls, which is the most that is allowed."
    assert sentences("see()\n" * 4, maximum_calls=3) == [told]
    assert sentences("see()\n" * 3, maximum_calls=3) == []
    assert sentences("for i in range(2):\n    see()\n    see()", maximum_calls=3) == [told]
    assert sentences("for i in range(50):\n    if i:\n        see()", maximum_calls=3) == []
    assert sentences("x = [see() for i in range(1000)]\ndrive(x=x)", maximum_calls=3) == [told]
    assert sentences("for i in see():\n    see()\n    see()\n    see()", maximum_calls=3) == []
    assert sentences("for i in range(9):\n    see()\n    if i:\n        break", maximum_calls=3) == []


def test_what_cannot_be_parsed() -> None:
    assert sentences("drive(") == ["Line 1 cannot be parsed: '(' was never closed."]
    assert sentences("see()\nreturn 1") == ["Line 2 cannot be parsed: `return` outside a function."]
    assert sentences("see()\nbreak") == ["Line 2 cannot be parsed: `break` outside a loop."]
    assert sentences("-" * 20_000 + "1") == [
        "The program is nested too deeply to be checked. Write a simpler one."
    ]


def test_a_spurious_error_of_the_parser_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([SystemError("AST constructor recursion depth mismatch"), ast.parse("drive()")])

    def parse(source: str) -> ast.Module:
        answer = next(answers)
        if isinstance(answer, SystemError):
            raise answer
        return answer

    monkeypatch.setattr("fsm.verifier.ast.parse", parse)
    assert verify("drive()", FORKLIFT, {"idle"}, danger=DANGER) == ()


def test_a_program_with_too_many_ways_is_refused() -> None:
    calls = "".join(
        f"def f{number}():\n    f{number - 1}()\n    f{number - 1}()\n" for number in range(1, 18)
    )
    assert sentences(f"def f0():\n    see()\n{calls}f17()") == [
        "The program has too many ways to be checked. Write a shorter one."
    ]


def test_functions_that_call_one_another_too_deeply_are_refused() -> None:
    calls = "".join(f"def f{number}():\n    f{number - 1}()\n" for number in range(1, 41))
    assert sentences(f"def f0():\n    see()\n{calls}f40()") == [
        "`f0` at line 4 is called 40 functions deep, which is too deep."
    ]


def test_a_device_without_modes_is_checked_for_everything_else() -> None:
    plain = ModeAutomaton(frozenset(), {})
    assert verify("a()\n", plain, (), danger={"a": "none"}) == ()
    assert len(verify("b()\n", plain, (), danger={"a": "none"})) == 1


def test_modes_that_do_not_exist_are_an_error() -> None:
    with pytest.raises(ValueError, match="the present mode is 'flying'; allowed: grounded, idle, lifted"):
        flaws("see()", "flying")
    with pytest.raises(ValueError, match="no present mode is given; allowed: at least one of grounded"):
        verify("see()", FORKLIFT, (), danger=DANGER)
    with pytest.raises(ValueError, match="drive names the mode 'x'; allowed: a"):
        ModeAutomaton(frozenset({"a"}), {"drive": CallModes(frozenset({"x"}))})
    with pytest.raises(
        ValueError, match="drive names the mode 'x'; allowed: none, as the device has no modes"
    ):
        ModeAutomaton(frozenset(), {"drive": CallModes(None, "x")})


def test_the_modes_that_calls_can_lead_to() -> None:
    automaton = ModeAutomaton(
        frozenset({"a", "b", "c", "d"}),
        {
            "ab": CallModes(frozenset({"a"}), "b"),
            "bc": CallModes(frozenset({"b"}), "c"),
            "da": CallModes(frozenset({"d"}), "a"),
        },
    )
    assert automaton.reachable({"a"}) == {"a", "b", "c"}
    assert automaton.reachable({"d"}) == {"a", "b", "c", "d"}
    assert automaton.reachable({"c"}) == {"c"}
