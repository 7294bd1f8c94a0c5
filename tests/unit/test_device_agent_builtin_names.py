"""Functions called like the language's own ones: programs call the device, never the language."""

from __future__ import annotations

import asyncio
import builtins
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.drivers.simulated import SimulatedDriver
from device_agent.executor import Execution, Executor
from device_agent.orders import Orders
from device_agent.pipeline import Pipeline, Program
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.program_names import is_program_name, program_name, program_names
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from protocol.errors import ErrorCode
from tests.device_agent_kit import DEVICE, PATIENCE_SECONDS, WordIndex, lamp
from tests.reader_kit import ObedientModel, ScriptedReader
from transport.clock import FakeClock

FORM = [{"href": "parley:driver/x"}]
AMOUNT = {"type": "integer", "minimum": 0, "maximum": 9}


def described(title: str, **arguments: dict[str, object]) -> dict[str, object]:
    needed = {"type": "object", "properties": arguments, "required": list(arguments)}
    return {"title": title, "forms": FORM, **({"input": needed} if arguments else {})}


def turnstile() -> ThingDescription:
    return lamp(
        **{
            "@context": [
                "https://www.w3.org/2022/wot/td/v1.1",
                {"parley": "urn:parley:td:1#", "@language": "en"},
            ],
            "title": "Turnstile",
            "titles": {"en": "Turnstile"},
            "description": "A gate for one visitor at a time.",
            "descriptions": {"en": "A gate for one visitor at a time."},
            "parley:kind": "turnstile",
            "parley:abilities": ["It lets visitors in."],
            "parley:safeAction": "exit",
            "actions": {
                "open": described("Unlock the arm for some visitors", visitors=AMOUNT),
                "next": described("Call the visitor who waits"),
                "print": described("Write a slip of paper"),
                "set": described("Choose the pace", sum=AMOUNT),
                "exit": described("Come to rest"),
                "import": described("Take over a list"),
                "count": described("Tell how many came"),
            },
            "properties": {
                "type": {"title": "Sort of turnstile", "type": "string", "readOnly": True, "forms": FORM}
            },
        }
    )


TURNSTILE = turnstile()


def test_functions_are_written_apart_from_the_languages_own() -> None:
    written = {affordance.key: affordance.name for affordance in TURNSTILE.affordances()}
    assert written == {
        "open": "open_", "next": "next_", "print": "print_", "set": "set_", "exit": "exit_", "import": "import_",
        "count": "count", "type": "type_",
    }  # fmt: skip
    # An argument called like a function of the language hides nothing.
    assert [argument.name for argument in TURNSTILE.actions["set"].arguments] == ["sum"]
    assert {"open", "open_", "type_"} <= names(TURNSTILE)


def written(sentence: str, said: dict[str, dict[str, str]]) -> Program:
    pipeline = Pipeline(
        DEVICE, TURNSTILE, ObedientModel(), WordIndex(), reader=ScriptedReader(said), least_confidence=0
    )
    pipeline.prepare()
    return pipeline.write(sentence)


async def run(program: Program, clock: FakeClock) -> tuple[Execution, SimulatedDriver]:
    driver = SimulatedDriver(TURNSTILE, clock, {"type_": "waist high"})
    async with asyncio.timeout(PATIENCE_SECONDS):
        execution = await Executor(TURNSTILE, driver, clock).execute(program, Orders())
    assert not leaked_names(execution.sentence, names(TURNSTILE))
    return execution, driver


@pytest.mark.parametrize(
    ("sentence", "said", "source", "calls"),
    [
        ("unlock the arm for 3 visitors", {"open_": {"visitors": "3"}}, "open_(visitors=3)\n", [("open_", {"visitors": 3})]),
        ("call the visitor who waits", {"next_": {}}, "next_()\n", [("next_", {})]),
        ("write a slip", {"print_": {}}, "print_()\n", [("print_", {})]),
        ("choose pace 7", {"set_": {"sum": "7"}}, "set_(sum=7)\n", [("set_", {"sum": 7})]),
        ("take over the list", {"import_": {}}, "import_()\n", [("import_", {})]),
        ("which sort of turnstile is it", {"type_": {}}, "type_()\n", [("type_", {})]),
    ],
)  # fmt: skip
async def test_a_program_drives_a_device_with_such_names(
    sentence: str,
    said: dict[str, dict[str, str]],
    source: str,
    calls: list[tuple[str, dict[str, int]]],
    clock: FakeClock,
) -> None:
    program = written(sentence, said)
    assert program.source == source
    execution, driver = await run(program, clock)
    assert (execution.state, execution.error_code) == (SubtaskState.END, None), execution.sentence
    assert driver.calls == calls


async def test_such_calls_stand_beside_the_languages_own_in_one_program(clock: FakeClock) -> None:
    source = "for guests in sorted([2, 1]):\n    open_(visitors=guests)\nif type_() == 'waist high':\n    print_()\n"
    program = Program(source, ("open_", "print_", "type_"), model_calls=0, confidence=1.0)
    execution, driver = await run(program, clock)
    assert execution.state is SubtaskState.END, execution.sentence
    assert driver.calls == [
        ("open_", {"visitors": 1}),
        ("open_", {"visitors": 2}),
        ("type_", {}),
        ("print_", {}),
    ]


@pytest.mark.parametrize("source", ["open('list')\n", "print('slip')\n", "exit()\n", "next(iter([1]))\n"])
async def test_the_languages_own_functions_move_nothing(source: str, clock: FakeClock) -> None:
    every = tuple(affordance.name for affordance in TURNSTILE.affordances())
    _, driver = await run(Program(source, every, model_calls=0, confidence=1.0), clock)
    assert driver.calls == []


async def test_the_machine_is_brought_to_rest_under_its_own_name(clock: FakeClock) -> None:
    driver = SimulatedDriver(TURNSTILE, clock)
    driver.faults.failing.add("open_")
    program = written("unlock the arm for 3 visitors", {"open_": {"visitors": "3"}})
    async with asyncio.timeout(PATIENCE_SECONDS):
        execution = await Executor(TURNSTILE, driver, clock).execute(program, Orders())
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.CALL_FAILED)
    assert driver.times_made_safe == 1


def test_names_that_only_differ_by_an_underscore_stay_apart() -> None:
    assert program_names(["open", "open_", "_open"], are_functions=True) == ("open__2", "open_", "_open")
    assert program_names(["open", "open_"]) == ("open", "open_")
    document = TURNSTILE.document
    document["actions"]["open_"] = described("Raise the arm")
    keys = {affordance.key: affordance.name for affordance in load(document).affordances()}
    assert keys["open_"] == "open_"
    assert keys["open"] not in {"open", "open_"}


@given(
    wanted=st.lists(
        st.sampled_from([*dir(builtins), *keyword.kwlist, "open_", "go", "go-on", "2nd"])
        | st.text(max_size=8),
        unique=True,
        max_size=12,
    )
)
def test_function_names_can_be_written_are_different_and_none_of_the_languages(wanted: list[str]) -> None:
    chosen = program_names(wanted, are_functions=True)
    assert len(set(chosen)) == len(wanted)
    assert all(map(is_program_name, chosen))
    assert not set(chosen) & set(dir(builtins))
    assert [name for name in wanted if is_program_name(name) and name in chosen] == [
        name for name, one in zip(wanted, chosen, strict=True) if one == name
    ]


def test_other_names_may_be_those_of_the_language() -> None:
    assert program_name("open", ()) == "open"
    assert program_name("open", (), is_function=True) == "open_"
    assert program_name("open", ("open_",), is_function=True) == "open__2"
