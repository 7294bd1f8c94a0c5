"""The verifier against what really happens: random programs on random automata, run in every possible way.

`tests/program_kit.py` writes the programs and lets CPython run them; it shares no code with the verifier.
"""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.flaws import Flaw, FlawKind
from fsm.modes import CallModes, ModeAutomaton
from fsm.verifier import verify
from tests.program_kit import World, random_automaton, random_program

BLOCKS, CASES_A_BLOCK = 10, 1_050
SIZE = 5
MOST_RUNS = 400
MOST_RUNS_TO_FOLLOW = 20_000


def verdict(source: str, automaton: ModeAutomaton, start: list[str]) -> tuple[Flaw, ...]:
    flaws = verify(source, automaton, start, danger=dict.fromkeys(automaton.calls, "none"))
    odd = [flaw.sentence for flaw in flaws if flaw.kind in {FlawKind.SYNTAX, FlawKind.CANNOT_BE_CHECKED}]
    assert not odd, f"{odd}\n{source}"
    return tuple(flaw for flaw in flaws if flaw.kind is FlawKind.MODE)


def compare(dice: random.Random, size: int) -> tuple[bool, bool]:
    """Check one random program; return whether it was rejected, and whether the verdict was put to the test fully.

    That is so where every way through it was run, and every counterexample was found on one of them.
    """
    automaton = random_automaton(dice)
    source = random_program(dice, automaton, dice.randint(2, size))
    start = dice.sample(sorted(automaton.modes), dice.choice((1, 1, 2)))
    case = f"{source}\nfrom {start}, {automaton}"
    rejected: dict[tuple[str, int], int] = {}
    is_certain = True
    world = World(source, automaton, start)
    for flaw in verdict(source, automaton, start):
        way = flaw.counterexample
        assert way is not None
        place = (way.function, flaw.line)
        rejected[place] = min(rejected.get(place, len(way.calls)), len(way.calls))
        steps = [(step.function, step.line, step.outcome, step.mode or "") for step in way.calls]
        assert way.start in start, case
        followed = world.follow(way.start, steps, place, MOST_RUNS_TO_FOLLOW)
        assert followed.was_followed or not followed.is_complete, f"not real: {flaw}\n{case}"
        is_certain &= followed.was_followed
    ways = world.run(MOST_RUNS)
    if ways.is_complete:
        assert rejected == ways.forbidden, f"rejected {rejected}, real {ways.forbidden}\n{case}"
    for place, made in ways.forbidden.items():
        assert rejected.get(place, made + 1) <= made, f"{place} after {made} calls is not found\n{case}"
    return bool(rejected), is_certain and ways.is_complete


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_unsound_accept_no_false_reject_and_the_shortest_counterexample(block: int) -> None:
    seen = [compare(random.Random(f"{block}-{case}"), SIZE) for case in range(CASES_A_BLOCK)]
    # Each verdict must have been put to the test often enough.
    assert sum(is_certain for _, is_certain in seen) >= 1_000
    assert sum(is_certain and rejected for rejected, is_certain in seen) >= 300
    assert sum(is_certain and not rejected for rejected, is_certain in seen) >= 450


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 12))
def test_larger_programs_too(dice: random.Random, size: int) -> None:
    """What fails here is made small by hypothesis, unlike above."""
    compare(dice, size)


AUTOMATON = ModeAutomaton(frozenset({"on", "off"}), {"run": CallModes(frozenset({"on"}), "off")})


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.text("abcrun()[]{}:=,.\n \t'\"\\#0", max_size=60))
def test_any_text_gets_an_answer(source: str) -> None:
    for flaw in verify(source, AUTOMATON, {"on"}, danger={"run": "none"}, maximum_calls=3):
        assert flaw.line >= 1
        assert flaw.sentence.endswith(".")
