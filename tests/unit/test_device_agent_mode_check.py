"""A program that the machine's mode forbids is repaired once, and then refused in plain words."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from device_agent.drivers.simulated import SimulatedDriver, SimulatedFaults
from device_agent.modes import automaton_of, present_modes
from device_agent.pipeline import Pipeline, PipelineError
from device_agent.report_text import not_executable
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from fsm.flaws import Flaw, FlawKind
from fsm.verifier import verify
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from protocol.messages import ReportStatus
from tests.device_agent_kit import DEVICE, WordIndex, agent_running, lamp, silent_lamp, watching
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.ports import Will


def turning_lamp(**thing: object) -> ThingDescription:
    """The example lamp, whose head may be turned without asking; it must be on for that."""
    document = lamp().document
    document["actions"]["drehe_kopf"]["parley:danger"] = "none"
    document.update(thing)
    return load(document)


LAMP = turning_lamp()
SENTENCE = "turn the head by 2, and set the brightness to 5"
TURN, SET = "B( 2)", "A( 5| _)"


def pipeline_of(*answers: str, description: ThingDescription = LAMP) -> tuple[Pipeline, ScriptedModel]:
    model = ScriptedModel(answers)
    pipeline = Pipeline(DEVICE, description, model, WordIndex(), least_confidence=0.0)
    pipeline.prepare()
    return pipeline, model


def refusal(pipeline: Pipeline, modes: set[str] | None) -> PipelineError:
    with pytest.raises(PipelineError) as caught:
        pipeline.write(SENTENCE, modes)
    assert not leaked_names(caught.value.message, names(LAMP))
    return caught.value


def test_a_program_that_its_modes_allow_is_written_at_once() -> None:
    pipeline, _ = pipeline_of(f"{SET};{TURN}")
    program = pipeline.write(SENTENCE, {"aus"})
    assert (program.model_calls, program.suits_present_mode) == (1, False)
    pipeline, _ = pipeline_of(TURN)
    assert pipeline.write(SENTENCE, {"an"}).source == "drehe_kopf(rasten=2)\n"


def test_a_program_that_its_mode_forbids_is_written_anew_with_the_counterexample() -> None:
    pipeline, model = pipeline_of(f"{TURN};{SET}", f"{SET};{TURN}")
    program = pipeline.write(SENTENCE, {"aus"})
    assert program.source == "setze_helligkeit(stufe=5)\ndrehe_kopf(rasten=2)\n"
    assert (program.model_calls, program.suits_present_mode) == (2, True)
    told = "At the start the lamp is *aus*; `drehe_kopf` at line 1 needs *an*."
    assert told in model.prompts[1].user
    assert told not in model.prompts[0].user


def test_after_the_second_one_it_is_refused_in_plain_words() -> None:
    error = refusal(pipeline_of(TURN, TURN)[0], {"aus"})
    assert error.message == (
        'Not executable, because the lamp is in the mode off, but "Turn head" needs the mode on.'
    )
    assert (error.code, error.model_calls) == (ErrorCode.MODE_FORBIDDEN, 2)


def test_without_a_present_mode_every_mode_that_can_be_reached_counts() -> None:
    error = refusal(pipeline_of(TURN, TURN)[0], None)
    assert error.message == (
        'Not executable, because the lamp may be in the mode off, but "Turn head" needs the mode on.'
    )
    # This one starts in a mode that nothing leads out of, and nothing leads back to.
    staying = turning_lamp()
    document = staying.document
    document["parley:initialMode"] = "an"
    del document["actions"]["schalte_aus"]
    document["actions"]["drehe_kopf"]["parley:onFailure"] = "stop"
    pipeline, _ = pipeline_of(TURN, description=load(document))
    assert pipeline.write(SENTENCE).source == "drehe_kopf(rasten=2)\n"


def said_of(source: str, description: ThingDescription = LAMP, *start: str) -> str:
    danger = {each.name: each.action.danger for each in description.affordances()}
    automaton = automaton_of(description)
    return not_executable(
        description, verify(source, automaton, start or ("an",), danger=danger, kind="lamp")
    )


def test_the_step_that_led_to_the_mode_is_named_by_its_title() -> None:
    assert said_of("schalte_aus()\ndrehe_kopf(rasten=1)\n") == (
        'Not executable, because after the step "Switch off" the lamp is in the mode off, '
        'but "Turn head" needs the mode on.'
    )
    caught = "try:\n    schalte_aus()\nexcept RuntimeError:\n    drehe_kopf(rasten=1)\n"
    assert said_of(caught) == (
        'Not executable, because the lamp may be in the mode off if the step "Switch off" fails, '
        'but "Turn head" needs the mode on.'
    )
    lit = (
        "schalte_aus()\ntry:\n    setze_helligkeit(stufe=1)\nexcept RuntimeError:\n    drehe_kopf(rasten=1)\n"
    )
    assert said_of(lit) == (
        'Not executable, because after the step "Switch off" the lamp is in the mode off, '
        'and stays in it if "Set brightness" fails, but "Turn head" needs the mode on.'
    )


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (
            FlawKind.UNKNOWN_FUNCTION,
            "the program that was written for it needs something that this device cannot do",
        ),
        (FlawKind.UNBOUNDED_LOOP, "the program that was written for it might never end"),
        (FlawKind.TOO_MANY_CALLS, "it takes more steps than are allowed at a time"),
        (FlawKind.CANNOT_BE_CHECKED, "the program that was written for it cannot be checked"),
        (FlawKind.UNASSIGNED, "the program that was written for it has a mistake"),
    ],
)
def test_other_flaws_are_told_without_the_program(kind: FlawKind, why: str) -> None:
    flaws = [Flaw(FlawKind.UNUSED_RESULT, 1, "`x_1` is not used."), Flaw(kind, 2, "`drehe_kopf` is wrong.")]
    assert not_executable(LAMP, flaws) == f"Not executable, because {why}."


class BrokenDriver(SimulatedDriver):
    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        raise RuntimeError(name)


async def test_the_machine_is_asked_for_its_mode(clock: FakeClock) -> None:
    driver = SimulatedDriver(LAMP, clock)
    assert await present_modes(LAMP, driver, clock) == {"aus"}
    await driver.call("setze_helligkeit", {"stufe": 3})
    assert await present_modes(LAMP, driver, clock) == {"an"}
    assert [name for name, _ in driver.calls] == ["betriebsart", "setze_helligkeit", "betriebsart"]


async def test_a_machine_that_does_not_tell_its_mode_may_be_in_any(clock: FakeClock) -> None:
    every = {"an", "aus"}
    silent = SimulatedDriver(LAMP, clock)
    assert await present_modes(silent_lamp(), silent, clock) == every
    assert silent.calls == []
    failing = SimulatedDriver(LAMP, clock, faults=SimulatedFaults(failing={"betriebsart"}))
    assert await present_modes(LAMP, failing, clock) == every
    assert await present_modes(LAMP, BrokenDriver(LAMP, clock), clock) == every
    hanging = SimulatedDriver(LAMP, clock, faults=SimulatedFaults(hanging={"betriebsart"}))
    asking = asyncio.ensure_future(present_modes(LAMP, hanging, clock))
    await clock.settle()
    assert not asking.done()
    await clock.advance(61)
    assert await asking == every


async def test_an_agent_asks_before_it_writes_and_reports_what_the_mode_forbids(
    clock: FakeClock, site: str, tmp_path: Path
) -> None:
    unwatched = turning_lamp(**{"parley:watches": []})
    broker = InProcessBroker(clock=clock)
    driver = SimulatedDriver(unwatched, clock)

    def make_bus(client_id: str, will: Will) -> InProcessBus:
        return InProcessBus(broker, client_id, will=will, clock=clock)

    model = ScriptedModel([TURN, TURN, SET, TURN])
    async with (
        InProcessBus(broker, "watcher", clock=clock) as bus,
        watching(bus, site, clock) as wire,
        agent_running(make_bus, site, tmp_path, model, clock, driver=driver, description=unwatched),
    ):
        await wire.order(SENTENCE, "forbidden")
        report = await wire.report("forbidden")
        assert (report.status, report.error_code) == (ReportStatus.NOT_EXECUTABLE, ErrorCode.MODE_FORBIDDEN)
        assert [name for name, _ in driver.calls] == ["betriebsart"]
        assert driver.times_made_safe == 0
        await wire.order("set the brightness to 5", "lit")
        assert (await wire.report("lit")).status is ReportStatus.COMPLETED
        await wire.order(SENTENCE, "allowed")
        assert (await wire.report("allowed")).status is ReportStatus.COMPLETED
    assert [name for name, _ in driver.calls][-2:] == ["betriebsart", "drehe_kopf"]
    assert not leaked_names(wire.text(), names(LAMP))
