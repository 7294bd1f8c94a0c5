"""Whatever the grammar writes for any description and sentence decodes, and the machine accepts every call of it."""

from __future__ import annotations

import ast
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from device_agent.signatures import signatures
from device_agent.stubs import stubs
from firmware_api_specs.loader import load
from firmware_api_specs.schema import check_arguments
from firmware_api_specs.thing_description import ThingDescription
from inference.notation import Argument, decode_answer
from inference.program_grammar import program_grammar
from inference.program_source import python_source, written_calls
from inference.relative import Relative
from inference.text import prepare
from sandbox.session import Finished, PendingCall, SandboxSession, open_session, type_check
from tests.gbnf_sampler import GrammarSampler

WORDS = (
    "set half two thirds of it to the maximum or minimum , three quarters & 40% up 3 degrees fahrenheit down 10 percent "
    "at half past seven , 7:30 pm noon quarter to six 19 h red blue and Deep Blue 2.5 meters half a meter 99 -4 twice "
    "five times a third lowest 1e5 90 minutes an hour and a half 2 days 100 hours 45 seconds "
    "| _ ; 'the one' two and a half 20 cells"
).split()
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=16).map(" ".join)
units = st.sampled_from([None, "percent", "degC", "meter", "cell", "fraction", "dimensionless"])
bounds = st.sampled_from([None, -10, 0, 2, 2.5])


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": draw(st.sampled_from(["integer", "number"]))}
    if unit := draw(units):
        schema["unit"] = unit
    low = draw(bounds)
    if low is not None:
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = draw(st.sampled_from([4, 12.5, 100]))
    return schema


TEXTS: list[dict[str, Any]] = [
    {},
    {"enum": ["RED", "deepBlue"]},
    {"maxLength": 8},
    {"format": "time"},
    {"pattern": "^[0-9]{2}:[0-9]{2}$"},
    {"pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"},
    {"format": "duration"},
    {"pattern": r"^PT\d+M$", "maxLength": 5},
    {"description": "How long, HH:MM:SS", "maxLength": 8},
]
scalars = st.one_of(
    numbers(),
    st.just({"type": "boolean"}),
    st.sampled_from(TEXTS).map(lambda terms: {"type": "string", **terms}),
)
# A list of different items can be too short once repeated ones are taken out, so only one at least is asked for then.
lists = st.builds(
    lambda items, terms: {"type": "array", "items": items, **terms},
    scalars,
    st.sampled_from(
        [{}, {"minItems": 2}, {"maxItems": 2}, {"minItems": 3, "maxItems": 9}, {"uniqueItems": True}]
    ),
)


def objects(
    inner: st.SearchStrategy[dict[str, Any]], names: str = "abc"
) -> st.SearchStrategy[dict[str, Any]]:
    members = st.dictionaries(st.sampled_from(names), inner, min_size=1, max_size=3)
    return members.flatmap(
        lambda properties: st.lists(st.sampled_from(sorted(properties)), unique=True).map(
            lambda required: {"type": "object", "properties": properties, "required": required}
        )
    )


leaves = scalars | lists
inputs = objects(leaves | objects(leaves | objects(leaves, "xy"), "rgb"))


@st.composite
def devices(draw: st.DrawFn) -> ThingDescription:
    schema = draw(inputs)
    forms = [{"href": "x"}]
    readings = {
        name: {"forms": forms, **member}
        for name, member in schema["properties"].items()
        if member["type"] in {"integer", "number"}
    }
    return load(
        {
            "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"parley": "urn:parley:td:1#"}],
            "title": "Thing",
            "security": "none",
            "securityDefinitions": {"none": {"scheme": "nosec"}},
            "parley:units": {"cell": "0.5 m", "fraction": "100 percent"},
            "actions": {"act": {"input": schema, "forms": forms}},
            "properties": readings,
        }
    )


@settings(max_examples=200, deadline=None)
@given(description=devices(), text=sentences, seed=st.integers(0, 2**32))
def test_everything_the_grammar_writes_decodes_and_fits(
    description: ThingDescription, text: str, seed: int
) -> None:
    rng = random.Random(seed)
    functions = signatures(description)
    sentence = prepare(text, description.units)
    sampler = GrammarSampler(program_grammar(sentence, functions, description.units))
    for _ in range(6):
        answer = decode_answer(sampler.sample(rng), sentence, functions, description.units)
        found = written_calls(python_source(answer.calls), [function.name for function in functions])
        for name, arguments in found:
            check_arguments(description.affordance(name).action, arguments)
        acts = [arguments for name, arguments in found if name == "act"]
        planned = [call.arguments for call in answer.calls if call.name == "act"]
        for arguments, wanted in zip(acts, planned, strict=True):
            assert_same_but_for_sums(arguments, wanted)


def assert_same_but_for_sums(found: Argument, planned: Argument) -> None:
    """What is found in the source is what was planned; what a sum comes to is within its bounds."""
    if isinstance(planned, dict):
        assert isinstance(found, dict)
        assert found.keys() == planned.keys()
        for name, member in planned.items():
            assert_same_but_for_sums(found[name], member)
    elif isinstance(planned, Relative):
        assert isinstance(found, int | float)
        assert planned.minimum is None or found >= planned.minimum
        assert planned.maximum is None or found <= planned.maximum
    else:
        assert found == planned
        assert type(found) is type(planned)


@settings(max_examples=200, deadline=None)
@given(description=devices(), text=sentences, seed=st.integers(0, 2**32))
def test_what_depends_on_the_machine_is_read_by_the_program_and_never_written_into_it(
    description: ThingDescription, text: str, seed: int
) -> None:
    functions = signatures(description)
    sentence = prepare(text, description.units)
    sampler = GrammarSampler(program_grammar(sentence, functions, description.units))
    answer = decode_answer(sampler.sample(random.Random(seed)), sentence, functions, description.units)
    tree = ast.parse(python_source(answer.calls))
    read: dict[str, str] = {}
    sums: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=variable)], value=ast.Call(func=ast.Name(id=function))):
                read[variable] = function
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left=ast.Name(id=variable), op=ast.Add() | ast.Sub()):
                sums.append(read[variable])
    changes = [change.current for call in answer.calls for change in relatives(call.arguments)]
    assert sorted(sums) == sorted(changes), (
        "each change is worked out from what the machine says when it runs"
    )


def relatives(argument: Argument) -> list[Relative]:
    """List the changes among arguments."""
    if isinstance(argument, dict):
        return [change for member in argument.values() for change in relatives(member)]
    return [argument] if isinstance(argument, Relative) else []


@settings(max_examples=15, deadline=None)
@given(
    description=devices(),
    text=sentences,
    seed=st.integers(0, 2**32),
    present=st.sampled_from([0, 3, 2.5, -7.25, 1e6]),
)
def test_changes_type_check_and_stay_within_the_bounds_wherever_the_machine_is(
    description: ThingDescription, text: str, seed: int, present: float
) -> None:
    functions = signatures(description)
    sentence = prepare(text, description.units)
    sampler = GrammarSampler(program_grammar(sentence, functions, description.units))
    answer = decode_answer(sampler.sample(random.Random(seed)), sentence, functions, description.units)
    source = python_source(answer.calls)
    assert type_check(source, stubs(functions)) == []
    with open_session(source, [function.name for function in functions]) as session:
        reached = session.start()
        while isinstance(reached, PendingCall):
            check_arguments(description.affordance(reached.name).action, reached.arguments)
            reached = _answered(session, reached, present)
        assert isinstance(reached, Finished)


def _answered(session: SandboxSession, call: PendingCall, present: float) -> PendingCall | Finished:
    return session.resume(None if call.name == "act" else present)
