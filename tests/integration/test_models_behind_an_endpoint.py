"""Planner and agent with a model behind a real HTTP endpoint that ignores grammars: checks, one repair, retries, costs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coordinator.planner import Planner
from inference.encoder import HashEncoder
from inference.openai_model import FIRST_PAUSE_SECONDS, RETRIES, OpenAICompatibleModel
from inference.plan import KindProfile
from inference.ports import ModelError, Prompt
from inference.settings import InferenceSettings, open_model, open_reader, open_router
from protocol.errors import ErrorCode
from protocol.messages import ReportStatus
from tests.device_agent_kit import agent_running, silent_lamp, watching
from tests.model_endpoint import KEY, ModelEndpoint
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

KINDS = (KindProfile("robot", 2, ("It fetches boxes.",), ("robot-1", "robot-2")),)
CHATTY = "Sure! Here is the plan: first I would ask robot-1, then we will see."
PROMPT = Prompt("unused", "Be brief.", "Come home.")


_opened: list[OpenAICompatibleModel] = []


def model_of(endpoint: ModelEndpoint, pauses: list[float] | None = None) -> OpenAICompatibleModel:
    slept = [] if pauses is None else pauses
    _opened.append(OpenAICompatibleModel(endpoint.url, KEY, "big", sleep=slept.append))
    return _opened[-1]


@pytest.fixture(autouse=True)
def _no_connection_stays_open() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def test_the_environment_chooses_the_endpoint_for_planner_and_agent_alike() -> None:
    with ModelEndpoint(["every robot / come home"]) as endpoint:
        settings = InferenceSettings.from_environment(
            {
                "PARLEY_OPENAI_BASE_URL": endpoint.url,
                "PARLEY_OPENAI_API_KEY": KEY,
                "PARLEY_OPENAI_MODEL": "big",
                "PARLEY_OPENAI_TIMEOUT_SECONDS": "7.5",
            }
        )
        assert settings.timeout_seconds == 7.5
        assert open_reader(settings, HashEncoder()) is None
        assert open_router(settings) is None
        model = open_model(settings)
        assert isinstance(model, OpenAICompatibleModel)
        _opened.append(model)
        assert model.generate(PROMPT, grammar="root ::= [a-z]").text == "every robot / come home"
        assert endpoint.bodies[0]["model"] == "big"


@pytest.mark.parametrize("given", ["0", "-3", "soon", "nan", "inf"])
def test_a_time_out_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(ModelError, match="PARLEY_OPENAI_TIMEOUT_SECONDS"):
        InferenceSettings.from_environment({"PARLEY_OPENAI_TIMEOUT_SECONDS": given})


async def test_a_plan_that_cannot_be_read_is_repaired_once() -> None:
    with ModelEndpoint([CHATTY, "```\nevery robot / come home\n```"]) as endpoint:
        plan = await Planner(model_of(endpoint), {}).plan("all robots come home", KINDS)
    assert [(step.quantifier, step.sentence) for step in plan.steps] == [("every", "Come home.")]
    assert (plan.model_calls, plan.prompt_tokens, plan.completion_tokens) == (2, 200, 14)
    assert plan.model_seconds > 0
    first, second = [body["messages"][1]["content"] for body in endpoint.bodies]
    assert "wrong" not in first
    assert "Your answer before was wrong" in second


async def test_a_plan_that_is_wrong_twice_is_refused_and_not_guessed() -> None:
    with ModelEndpoint([CHATTY]) as endpoint:
        plan = await Planner(model_of(endpoint), {}).plan("all robots come home", KINDS)
        assert len(endpoint.bodies) == 2
    assert plan.steps == ()
    assert plan.error_code is ErrorCode.MODEL_OUTPUT_INVALID
    assert plan.completion_tokens == 14


async def test_an_endpoint_that_does_not_tell_tokens_costs_none() -> None:
    with ModelEndpoint(["every robot / come home"], tells_tokens=False) as endpoint:
        plan = await Planner(model_of(endpoint), {}).plan("all robots come home", KINDS)
    assert (plan.model_calls, plan.prompt_tokens, plan.completion_tokens) == (1, 0, 0)


@pytest.mark.parametrize(
    ("answers", "status", "calls"),
    [
        ([CHATTY, "C()"], ReportStatus.COMPLETED, 2),
        ([CHATTY], ReportStatus.NOT_EXECUTABLE, 2),
        (["A( 99)", "C()"], ReportStatus.COMPLETED, 2),
        ([404], ReportStatus.FAILED, 0),
    ],
)
async def test_an_agent_checks_repairs_once_and_reports_what_it_cost(
    tmp_path: Path, answers: list[Any], status: ReportStatus, calls: int
) -> None:
    clock = FakeClock()
    broker = InProcessBroker(clock=clock)

    def bus(name: str, will: Any) -> InProcessBus:
        return InProcessBus(broker, name, will=will, clock=clock)

    with ModelEndpoint(answers) as endpoint:
        async with (
            InProcessBus(broker, "watcher", clock=clock) as ears,
            watching(ears, "main", clock) as wire,
            agent_running(bus, "main", tmp_path, model_of(endpoint), clock, description=silent_lamp()),
        ):
            await wire.order("check presence")
            report = await wire.report("s1")
    assert report.status is status
    assert report.model_calls == calls
    assert (report.prompt_tokens, report.completion_tokens) == (100 * calls, 7 * calls)
    assert report.model_seconds > 0
    if not calls:
        assert report.error_code is ErrorCode.MODEL_UNAVAILABLE


def test_an_overloaded_endpoint_is_asked_again_after_the_time_it_names() -> None:
    pauses: list[float] = []
    with ModelEndpoint([(429, {"retry-after": "3"}), 503, 502, "hello"]) as endpoint:
        assert model_of(endpoint, pauses).generate(PROMPT).text == "hello"
        assert len(endpoint.bodies) == 4
    assert pauses[0] == 3.0
    assert FIRST_PAUSE_SECONDS <= pauses[1] <= 2 * FIRST_PAUSE_SECONDS
    assert 2 * FIRST_PAUSE_SECONDS <= pauses[2] <= 4 * FIRST_PAUSE_SECONDS


def test_an_endpoint_that_stays_overloaded_is_given_up_and_a_long_pause_is_cut() -> None:
    pauses: list[float] = []
    with ModelEndpoint([(429, {"retry-after": "86400"})]) as endpoint:
        with pytest.raises(ModelError, match="HTTP 429") as caught:
            model_of(endpoint, pauses).generate(PROMPT)
        assert len(endpoint.bodies) == RETRIES + 1
    assert pauses == [20.0] * RETRIES
    assert "Try again later" in caught.value.remedy


def test_a_refusal_is_not_asked_again() -> None:
    pauses: list[float] = []
    with ModelEndpoint([400]) as endpoint:
        with pytest.raises(ModelError, match="HTTP 400"):
            model_of(endpoint, pauses).generate(PROMPT)
        assert len(endpoint.bodies) == 1
    assert pauses == []


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_the_key_stands_in_no_log_and_no_error(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), ModelEndpoint([status]) as endpoint:
        model = model_of(endpoint)
        with pytest.raises(ModelError) as caught:
            model.generate(PROMPT)
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text
    assert KEY not in repr(model)


@pytest.mark.parametrize("key", ["sk-\n", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ModelError, match="cannot be sent") as caught:
        OpenAICompatibleModel("http://127.0.0.1:9/v1", key, "big")
    assert key not in str(caught.value)
