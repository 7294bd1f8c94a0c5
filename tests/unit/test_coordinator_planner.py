"""Goals to plans: what a router finds needs no model, everything else is asked and repaired once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pytest

from coordinator.planner import Planner
from inference.encoder import HashEncoder
from inference.plan import KindProfile, PlanAnswer, PlanStep, Route
from inference.ports import ModelError
from inference.routing import Router
from inference.scripted_model import ScriptedModel
from inference.text import Sentence
from protocol.errors import ErrorCode

KINDS = (
    KindProfile("lamp", 1, ("It shines.",), ("hall-lamp",)),
    KindProfile("robot", 2, ("It fetches boxes.",), ("robot-1", "robot-2")),
)


class ScriptedRouter(Router):
    """Finds the routes it was told, and keeps what it was asked."""

    def __init__(self, *found: Route | Exception) -> None:
        super().__init__(HashEncoder())
        self._found = found
        self.goals: list[str] = []

    def routes(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> list[Route]:
        """Do as was told."""
        self.goals.append(goal.text)
        for one in self._found:
            if isinstance(one, Exception):
                raise one
        return [one for one in self._found if isinstance(one, Route)]


async def test_a_routed_goal_costs_no_call_of_the_model() -> None:
    model, router = ScriptedModel([]), ScriptedRouter(Route("dim it", "lamp"), Route("fetch it", "robot"))
    plan = await Planner(model, {}, router).plan("dim it and  fetch it", KINDS)
    assert [(step.quantifier, step.kind, step.sentence) for step in plan.steps] == [
        ("one", "lamp", "dim it"),
        ("one", "robot", "fetch it"),
    ]
    assert (plan.error_code, plan.reason, plan.model_calls, plan.prompt_tokens) == (None, "", 0, 0)
    assert model.calls == []
    assert router.goals == ["dim it and fetch it"]


async def test_what_cannot_be_routed_is_planned_by_the_model() -> None:
    model = ScriptedModel(["every robot / come home"])
    plan = await Planner(model, {}, ScriptedRouter()).plan("all robots come home", KINDS)
    assert [(step.quantifier, step.kind) for step in plan.steps] == [("every", "robot")]
    assert plan.model_calls == 1
    assert plan.prompt_tokens > 0


async def test_without_a_router_the_model_plans() -> None:
    plan = await Planner(ScriptedModel(["one lamp / dim it"]), {}).plan("dim it", KINDS)
    assert [step.kind for step in plan.steps] == ["lamp"]
    assert plan.model_calls == 1


async def test_a_plan_that_cannot_be_used_is_repaired_once() -> None:
    model = ScriptedModel(["one drone / dim it", "one lamp / dim it"])
    plan = await Planner(model, {}, ScriptedRouter()).plan("dim it", KINDS)
    assert [step.kind for step in plan.steps] == ["lamp"]
    assert plan.model_calls == 2
    assert "drone" in model.prompts[1].user
    plan = await Planner(ScriptedModel(["dance", "dance"]), {}).plan("dim it", KINDS)
    assert (plan.steps, plan.error_code, plan.model_calls) == ((), ErrorCode.MODEL_OUTPUT_INVALID, 2)


async def test_a_router_whose_encoder_is_gone_leaves_the_goal_to_the_model(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = ScriptedRouter(ModelError("The encoder is gone.", "Run `parley setup encoder`."))
    with caplog.at_level("WARNING", logger="coordinator.planner"):
        plan = await Planner(ScriptedModel(["one lamp / dim it"]), {}, router).plan("dim it", KINDS)
    assert [(step.kind, step.sentence) for step in plan.steps] == [("lamp", "Dim it.")]
    assert (plan.error_code, plan.is_model_broken, plan.model_calls) == (None, False, 1)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "parley setup encoder" in record.getMessage()


async def test_a_broken_planning_model_fails_the_goal_with_its_remedy() -> None:
    model = ScriptedModel([ModelError("The model is gone.", "Run `parley setup model`.")])
    plan = await Planner(model, {}, ScriptedRouter()).plan("dim it", KINDS)
    assert plan.is_model_broken
    assert plan.error_code is ErrorCode.MODEL_UNAVAILABLE
    assert "parley setup model" in plan.reason


async def test_a_thing_that_the_site_lacks_is_refused_without_a_call() -> None:
    router = ScriptedRouter(Route("open door 9", "lamp"))
    plan = await Planner(ScriptedModel([]), {"door": ["1"]}, router).plan("open door 9", KINDS)
    assert (plan.steps, plan.error_code, plan.model_calls) == ((), ErrorCode.NOT_EXECUTABLE, 0)
    assert "no door 9" in plan.reason


async def test_without_devices_nothing_is_asked() -> None:
    router = ScriptedRouter(Route("dim it", "lamp"))
    plan = await Planner(ScriptedModel([]), {}, router).plan("dim it", ())
    assert plan.error_code is ErrorCode.NO_CAPABLE_DEVICE
    assert router.goals == []


async def test_devices_that_are_away_are_known_to_the_router_and_not_to_the_model() -> None:
    away = KindProfile("oven", 0, ("It bakes.",), ("kitchen-oven",))
    router, model = ScriptedRouter(Route("bake", "oven")), ScriptedModel([])
    plan = await Planner(model, {}, router).plan("bake", (*KINDS, away))
    assert [(step.quantifier, step.kind) for step in plan.steps] == [("one", "oven")]
    assert model.calls == []
    model = ScriptedModel(["one lamp / dim it"])
    await Planner(model, {}, ScriptedRouter()).plan("bake", (*KINDS, away))
    (call,) = model.calls
    assert "lamp" in call.prompt.user
    assert "oven" not in call.prompt.user + (call.grammar or "")


async def test_where_all_devices_are_away_nothing_is_asked() -> None:
    router = ScriptedRouter(Route("bake", "oven"))
    plan = await Planner(ScriptedModel([]), {}, router).plan("bake", (KindProfile("oven", 0, (), ("oven",)),))
    assert (plan.steps, plan.error_code) == ((), ErrorCode.NO_CAPABLE_DEVICE)
    assert router.goals == []


async def test_a_device_that_is_not_there_becomes_a_step_that_says_so() -> None:
    router = ScriptedRouter(
        Route("raise the hall blinds", None, "hall blinds"), Route("dim it", "lamp", follows=True)
    )
    plan = await Planner(ScriptedModel([]), {}, router).plan("raise the hall blinds, then dim it", KINDS)
    assert [(step.quantifier, step.device, step.kind, step.follows) for step in plan.steps] == [
        ("named", "hall blinds", None, False),
        ("one", None, "lamp", True),
    ]


class ComposingRouter(ScriptedRouter):
    """Composes the answer it was told."""

    def __init__(self, answer: PlanAnswer) -> None:
        super().__init__()
        self._answer = answer

    def compose(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> PlanAnswer | None:
        """Do as was told."""
        return self._answer


async def test_a_composed_plan_costs_no_call_of_the_model_and_no_route() -> None:
    step = PlanStep("every", "Come home.", kind="robot")
    router = ComposingRouter(PlanAnswer("plan", (step,), "", None))
    plan = await Planner(ScriptedModel([]), {}, router).plan("all robots come home", KINDS)
    assert (plan.steps, plan.error_code, plan.model_calls) == ((step,), None, 0)
    assert router.goals == []


@pytest.mark.parametrize(
    ("outcome", "code"), [("refuse", ErrorCode.NOT_EXECUTABLE), ("ask", ErrorCode.NEEDS_CLARIFICATION)]
)
async def test_a_composed_answer_says_why_there_is_no_plan(
    outcome: Literal["refuse", "ask"], code: ErrorCode
) -> None:
    router = ComposingRouter(PlanAnswer(outcome, (), "Which shelf do you mean?", None))
    plan = await Planner(ScriptedModel([]), {}, router).plan("check the shelf", KINDS)
    assert (plan.steps, plan.reason, plan.error_code) == ((), "Which shelf do you mean?", code)
    assert plan.model_calls == 0
