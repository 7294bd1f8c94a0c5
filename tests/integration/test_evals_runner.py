"""Items through the real pipeline, coordinator and agents; only the model is scripted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from evals.items import Action, Device, ExpectedCall
from evals.runner import Runner
from inference.encoder import HashEncoder
from inference.ports import ModelError, Prompt
from inference.scripted_model import ScriptedModel
from rag.api_index import ApiIndex
from tests.evals_kit import KILN, LEVEL, item, schema

OVEN = Device(id="oven", title="Oven", actions=(Action(name="bake", description="Start baking bread."),))


@pytest.fixture
def index() -> Iterator[ApiIndex]:
    with closing(ApiIndex(None, HashEncoder())) as opened:
        yield opened


def bakes_and_plans(prompt: Prompt) -> str:
    if "<|goal|>" in prompt.compact:
        return "refuse" if "dance" in prompt.compact else "one oven / start baking bread"
    return "A()"


async def test_one_device_is_told_directly_and_its_call_recorded(index: ApiIndex) -> None:
    runner = Runner(ScriptedModel(["B( 60 percent)"]), index)
    (outcome,) = await runner.run([item("Set the heat to 60 percent.")])
    assert [(one.device, one.action, one.arguments) for one in outcome.calls] == [
        ("kiln", "set_heat", {"heat": 60})
    ]
    assert not outcome.is_broken
    assert outcome.seconds > 0


async def test_a_refusal_calls_nothing_and_is_no_breakdown(index: ApiIndex) -> None:
    (outcome,) = await Runner(ScriptedModel(["refuse"]), index).run([item("Sing.")])
    assert (outcome.calls, outcome.is_broken) == ((), False)


async def test_reading_a_state_is_no_call(index: ApiIndex) -> None:
    # E is the property: the kiln has four actions before it.
    (outcome,) = await Runner(ScriptedModel(["E()"]), index).run([item("How hot is the kiln?")])
    assert (outcome.calls, outcome.is_broken) == ((), False)


async def test_a_model_that_fails_breaks_its_item_and_the_run_goes_on(index: ApiIndex) -> None:
    model = ScriptedModel([ModelError("The model is gone.", "Bring it back."), "D()"])
    broken, whole = await Runner(model, index).run([item("Cool down."), item("Cool down.", id="2")])
    assert (broken.is_broken, broken.calls) == (True, ())
    assert [one.action for one in whole.calls] == ["cool_down"]


async def test_a_defect_breaks_its_item_and_the_run_goes_on(index: ApiIndex) -> None:
    model = ScriptedModel([RuntimeError("a defect"), "D()"])
    broken, whole = await Runner(model, index).run([item("Cool down."), item("Cool down.", id="2")])
    assert (broken.is_broken, broken.said) == (True, "RuntimeError: a defect")
    assert [one.action for one in whole.calls] == ["cool_down"]


async def test_several_devices_are_told_through_coordinator_and_agents(index: ApiIndex) -> None:
    runner = Runner(ScriptedModel(bakes_and_plans), index)
    devices = (OVEN, OVEN.model_copy(update={"id": "öven", "title": "Big oven"}))
    items = [
        item("Let the oven start baking bread.", devices=devices),
        item("Let us dance.", devices=devices, id="2"),
        item("Start baking bread in the oven.", devices=devices, id="3"),
    ]
    ticks: list[None] = []
    first, refused, last = await runner.run(items, lambda: ticks.append(None))
    for outcome in (first, last):
        assert [(one.device, one.action) for one in outcome.calls] == [("oven", "bake")]
        assert not outcome.is_broken
    assert (refused.calls, refused.is_broken) == ((), False)
    assert len(ticks) == 3


async def test_the_device_spoken_to_needs_no_plan(index: ApiIndex) -> None:
    model = ScriptedModel(bakes_and_plans)
    (outcome,) = await Runner(model, index).run(
        [item("Start baking bread.", devices=[KILN, OVEN], context_device="oven")]
    )
    assert [one.device for one in outcome.calls] == ["oven"]
    assert len(model.calls) == 1


async def test_every_item_starts_from_its_own_state(index: ApiIndex) -> None:
    # Two devices with the same description; each item has its own present values.
    dial = Action(name="dial", description="Set the heat.", input=schema(heat=dict(LEVEL)))
    runner = Runner(ScriptedModel(lambda _: "A( up 10 percent)"), index)
    items = [
        item(
            "Ten percent hotter.",
            devices=[Device(id="stove", title="Stove", actions=(dial,), state={"heat": heat})],
            id=str(heat),
            expected=[ExpectedCall(device="stove", action="dial", arguments={"heat": heat + 10})],
        )
        for heat in (20, 70)
    ]
    outcomes = await runner.run(items)
    assert [outcome.calls[0].arguments for outcome in outcomes] == [{"heat": 30}, {"heat": 80}]


async def test_what_cannot_be_described_is_counted_once(index: ApiIndex) -> None:
    bad = Action(name="bad", input=schema(speed={"type": "null"}))
    device = Device(id="d", actions=(bad, Action(name="good", description="Do good.")))
    runner = Runner(ScriptedModel(lambda _: "A()"), index)
    outcomes = await runner.run([item("Do good.", devices=[device], id=one) for one in "ab"])
    assert [outcome.calls[0].action for outcome in outcomes] == ["good", "good"]
    assert len(runner.left_out) == 1
