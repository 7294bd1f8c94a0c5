"""The baseline's knowledge of all APIs and its scripts, on a real index with an encoder that knows no language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.central.apis import CentralApis, Found, Scope
from benchmarks.central.coder import CentralCoder
from demos.warehouse.firmware import thing_description
from demos.warehouse.vendors import VENDORS, Operation
from device_agent.signatures import signatures
from firmware_api_specs.loader import load
from inference.encoder import HashEncoder
from inference.notation import LETTERS
from inference.program_prompt import Hint
from inference.scripted_model import ScriptedModel
from protocol.errors import InputError
from rag.api_index import ApiIndex

BRANDS = {"robot-1": "pelorus", "robot-2": "tern"}
SENTENCE = "move to shelf 2 and check it for vacant space"
DESCRIPTIONS = {name: load(thing_description(brand)) for name, brand in BRANDS.items()}
MODES = {name: {description.initial_mode or ""} for name, description in DESCRIPTIONS.items()}


@pytest.fixture
def apis() -> Iterator[CentralApis]:
    index = ApiIndex(None, HashEncoder())
    central = CentralApis(DESCRIPTIONS, index)
    central.prepare()
    yield central
    index.close()


def function(device_id: str, operation: Operation) -> str:
    functions = VENDORS[BRANDS[device_id]].functions
    return next(name for name, each in functions.items() if each.operation is operation)


def test_a_search_for_one_device_finds_its_functions_under_their_own_names(apis: CentralApis) -> None:
    found = apis.find("robot-2", SENTENCE, Scope.DEVICE)
    own = {each.name for each in signatures(DESCRIPTIONS["robot-2"])}
    assert {each.name for each in found.functions} <= own
    assert apis.split(found.functions[0].name, Scope.DEVICE, "robot-2") == (
        "robot-2",
        found.functions[0].name,
    )


def test_a_search_over_everything_says_whose_each_function_is(apis: CentralApis) -> None:
    found = apis.find("robot-2", SENTENCE, Scope.SITE)
    assert len(found.functions) == len(LETTERS)
    for each in found.functions:
        device_id, name = apis.split(each.name, Scope.SITE, "robot-2")
        assert name in {own.name for own in signatures(DESCRIPTIONS[device_id])}
        assert each.description.startswith(f"{device_id}: ")
    assert len(found.rankings) == 2  # two clauses


def test_a_script_that_calls_two_devices_is_cut_where_the_device_changes(
    apis: CentralApis, monkeypatch: pytest.MonkeyPatch
) -> None:
    drives = tuple(
        next(
            each
            for each in apis.find(device_id, "move to shelf", Scope.SITE).functions
            if apis.split(each.name, Scope.SITE, "") == (device_id, function(device_id, Operation.TO_SHELF))
        )
        for device_id in BRANDS
    )
    found = Found(drives, ((Hint(0, 0.5), Hint(1, 0.4)),))
    monkeypatch.setattr(apis, "find", lambda *_: found)
    model = ScriptedModel(["A( 2);B( 2)"] * 2)
    script = CentralCoder(apis, model, None, Scope.SITE).write("robot-2", "move to shelf 2", MODES)
    assert [part.device_id for part in script.parts] == ["robot-1", "robot-2"]
    for part in script.parts:
        assert part.program.source.startswith(f"{function(part.device_id, Operation.TO_SHELF)}(")
    # The model is told whom the sentence is for, and whose functions those are.
    assert "sentence: robot-2: move to shelf 2" in model.prompts[0].user.casefold()
    assert "A: robot-1: " in model.prompts[0].user


def test_what_the_mode_forbids_is_written_once_more_and_then_given_up(apis: CentralApis) -> None:
    found = apis.find("robot-2", SENTENCE, Scope.DEVICE)
    move = function("robot-2", Operation.TO_SHELF)
    letter = LETTERS[[each.name for each in found.functions].index(move)]
    description = DESCRIPTIONS["robot-2"]
    allowed = description.affordance(move).action.modes_from or ()
    forbidden = {"robot-2": set(description.modes) - set(allowed)}
    model = ScriptedModel([f"{letter}( 2)"] * 2)
    script = CentralCoder(apis, model, None, Scope.DEVICE).write("robot-2", SENTENCE, forbidden)
    assert script.parts == ()
    assert script.reason.startswith("Nothing usable was written")
    assert script.usage.calls == 2
    assert "Your answer before was wrong" in model.prompts[1].user


def test_a_refusal_is_no_script(apis: CentralApis) -> None:
    script = CentralCoder(apis, ScriptedModel(["refuse"]), None, Scope.DEVICE).write(
        "robot-1", SENTENCE, MODES
    )
    assert (script.parts, script.reason) == ((), "Nothing this device can do matches the request.")


def test_devices_whose_names_would_be_one_are_refused() -> None:
    twins = {"robot-1": DESCRIPTIONS["robot-1"], "robot_1": DESCRIPTIONS["robot-2"]}
    with pytest.raises(InputError, match="stay apart"):
        CentralApis(twins, ApiIndex(None, HashEncoder()))
