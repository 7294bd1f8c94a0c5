"""Whatever the grammars can produce can be used: it decodes, type-checks and fits the descriptions."""

from __future__ import annotations

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from demos.warehouse.firmware import VENDOR_NAMES, thing_description
from device_agent.signatures import signatures
from device_agent.stubs import stubs
from firmware_api_specs.loader import load
from firmware_api_specs.schema import check_arguments
from inference.notation import LETTERS, MAXIMUM_CALLS, MAXIMUM_CANDIDATES, decode_answer
from inference.plan import KindProfile, PlanStep, ask_for_plan, named_devices, unknown_entity
from inference.plan_grammar import plan_grammar
from inference.program_grammar import NarrowedCall, narrowed_grammar, program_grammar
from inference.program_source import python_source
from inference.scripted_model import ScriptedModel
from inference.text import prepare
from sandbox.session import type_check
from tests.gbnf_sampler import GrammarSampler

WORDS = (
    "move to shelf 3 and lift the fork by 35 cm then join lab-net with password Hunter2 at 0.5 m/s turn "
    "20 degrees a 7 x 2.5 y 40% twelve feet minus four 99 cells Tote-7 (now) 'the blue one' 1e5 ::= "
    '"quoted" | ; éß 中 '
).split()
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
DESCRIPTIONS = {vendor: load(thing_description(vendor)) for vendor in VENDOR_NAMES}


@settings(max_examples=150, deadline=None)
@example(vendor="kestrel", text="move move 3 move lab-net lab-net move 0.5 move", seed=55738390)
@given(vendor=st.sampled_from(VENDOR_NAMES), text=sentences, seed=st.integers(0, 2**32))
def test_every_program_of_the_grammar_decodes_and_fits_the_schemas(vendor: str, text: str, seed: int) -> None:
    rng = random.Random(seed)
    description = DESCRIPTIONS[vendor]
    functions = signatures(description)
    candidates = rng.sample(functions, min(len(functions), MAXIMUM_CANDIDATES))
    sentence = prepare(text, description.units)
    sampler = GrammarSampler(program_grammar(sentence, candidates, description.units))
    for _ in range(4):
        answer = decode_answer(sampler.sample(rng), sentence, candidates, description.units)
        for call in answer.calls:
            check_arguments(description.affordance(call.name).action, call.arguments)


@settings(max_examples=12, deadline=None)
@given(vendor=st.sampled_from(VENDOR_NAMES), text=sentences, seed=st.integers(0, 2**32))
def test_every_program_of_the_grammar_type_checks(vendor: str, text: str, seed: int) -> None:
    rng = random.Random(seed)
    description = DESCRIPTIONS[vendor]
    candidates = rng.sample(signatures(description), MAXIMUM_CANDIDATES)
    sentence = prepare(text, description.units)
    sampler = GrammarSampler(program_grammar(sentence, candidates, description.units))
    answer = decode_answer(sampler.sample(rng), sentence, candidates, description.units)
    assert type_check(python_source(answer.calls), stubs(candidates)) == []


@settings(max_examples=100, deadline=None)
@given(
    functions=st.lists(st.integers(0, MAXIMUM_CANDIDATES - 1), min_size=1, max_size=MAXIMUM_CALLS),
    text=sentences,
    order=st.sampled_from(["", "before", "finally"]),
    seed=st.integers(0, 2**32),
)
def test_narrowed_programs_make_every_call_once_and_in_order_where_no_other_is_said(
    functions: list[int], text: str, order: str, seed: int
) -> None:
    calls = [NarrowedCall(index, (("2", "3"),), 0.0) for index in functions]
    drawn = GrammarSampler(narrowed_grammar(calls, f"{text} {order}")).sample(random.Random(seed))
    written = drawn.replace("2", "3")
    given_order = [f"{LETTERS[index]}( 3)" for index in functions]
    if order and len(calls) <= 4:
        assert sorted(written.split(";")) == sorted(given_order)
    else:
        assert written == ";".join(given_order)


KINDS = (
    KindProfile("robot", 2, ("It drives to a shelf.", "It sees vacant space."), ("robot-1", "robot-2")),
    KindProfile("door", 1, ("It opens.",), ("dock_door",)),
)
ENTITIES = {"shelf": ["1", "2", "S3"], "loading bay": ["A"]}


@settings(max_examples=200, deadline=None)
@given(
    text=sentences
    | st.sampled_from(
        (
            "robot 2 and dock door: check shelves 1, 2 and s3 for space",
            "open dock door if the battery of robot 2 is below 20 percent or 3.5 kg",
        )
    ),
    seed=st.integers(0, 2**32),
    has_conditions=st.booleans(),
)
def test_every_plan_of_the_grammar_is_a_plan(text: str, seed: int, has_conditions: bool) -> None:
    goal = prepare(text)
    names = named_devices(goal.lower, KINDS)
    grammar = plan_grammar(
        goal, [kind.kind for kind in KINDS], ENTITIES, list(names), has_conditions=has_conditions
    )
    drawn = GrammarSampler(grammar).sample(random.Random(seed))
    plan = ask_for_plan(ScriptedModel([drawn]), text, KINDS, ENTITIES)
    assert plan.outcome == ("refuse" if drawn == "refuse" or unknown_entity(goal.lower, ENTITIES) else "plan")
    for step in plan.steps:
        assert _is_assigned(step)


def _is_assigned(step: PlanStep) -> bool:
    if step.quantifier == "named":
        return step.device in {"robot-1", "robot-2", "dock_door"}
    return step.kind in {"robot", "door"}
