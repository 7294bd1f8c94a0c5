"""What an agent does with its experience: reuse it after every check, and drop it when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from device_agent.drivers.simulated import SimulatedDriver, SimulatedFaults
from device_agent.pipeline import Origin, Pipeline, PipelineError, Program
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from inference.encoder import HashEncoder
from inference.ports import ModelError, Prompt
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode, ModelMayRetry
from protocol.messages import ControlCommand, ReportStatus
from rag.experience import FILE_NAME, Experience, PastRun
from sandbox.session import PendingCall, open_session
from tests.device_agent_kit import DEVICE, Watched, WordIndex, agent_running, watching
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

FORMS = [{"href": "parley:driver/x"}]
LEVEL = {"type": "integer", "unit": "percent", "minimum": 0, "maximum": 100}
BRIGHTER = "Make it 10 percent brighter."


def lamp(**changes: Any) -> ThingDescription:
    """A set brightness, B show a text, C explode (forbidden), D read brightness."""
    text = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"parley": "urn:parley:td:1#"}],
        "title": "Lamp",
        "security": "none",
        "securityDefinitions": {"none": {"scheme": "nosec"}},
        "parley:abilities": ["It shines."],
        "actions": {
            "set_brightness": {
                "title": "Set brightness",
                "input": {"type": "object", "properties": {"level": LEVEL}, "required": ["level"]},
                "forms": FORMS,
            },
            "show_text": {"title": "Show text", "input": text, "forms": FORMS},
            "explode": {"title": "Explode", "parley:danger": "forbid", "forms": FORMS},
        },
        "properties": {"brightness": {**LEVEL, "title": "Brightness", "forms": FORMS}},
    }
    return load(document | changes)


LAMP = lamp()


@pytest.fixture
def archive() -> Iterator[Experience]:
    with closing(Experience(None, HashEncoder())) as archive:
        yield archive


def pipeline_of(
    archive: Experience,
    *answers: str | Exception,
    description: ThingDescription = LAMP,
    takes_examples: bool = False,
    **options: Any,
) -> tuple[Pipeline, ScriptedModel]:
    model = ScriptedModel(answers, takes_examples=takes_examples)
    pipeline = Pipeline(DEVICE, description, model, WordIndex(), archive=archive, **options)
    pipeline.prepare()
    return pipeline, model


def experienced(archive: Experience, sentence: str, answer: str, **options: Any) -> Program:
    """Write a program, and let it end well."""
    pipeline, _ = pipeline_of(archive, answer, **options)
    program = pipeline.write(sentence)
    pipeline.learn(sentence, program, succeeded=True)
    return program


def test_the_same_sentence_is_done_again_without_model_search_or_reader(archive: Experience) -> None:
    first = experienced(archive, "Set the brightness to 30.", "A( 30)")
    assert (first.origin, first.model_calls) == (Origin.WRITTEN, 1)
    index = WordIndex()
    model = ScriptedModel([])
    pipeline = Pipeline(DEVICE, LAMP, model, index, archive=archive)
    pipeline.prepare()
    index.error = ModelError("The encoder is gone.", "Run `parley setup encoder`.")
    again = pipeline.write("set the  brightness to 30")
    assert again == replace(first, origin=Origin.REMEMBERED, model_calls=0)
    assert model.calls == []


def test_nothing_is_remembered_before_it_has_ended_well(archive: Experience) -> None:
    pipeline, model = pipeline_of(archive, "A( 30)", "A( 30)")
    for _ in range(2):
        assert pipeline.write("set the brightness to 30").origin is Origin.WRITTEN
    assert len(model.calls) == 2
    assert len(archive) == 0


@pytest.mark.parametrize("sentence", ["set the brightness to 31", "set the brightness to 30 percent"])
def test_another_sentence_is_written_anew(archive: Experience, sentence: str) -> None:
    experienced(archive, "set the brightness to 30", "A( 30)")
    pipeline, model = pipeline_of(archive, f"A( {sentence.removeprefix('set the brightness to ')})")
    program = pipeline.write(sentence)
    assert (program.origin, len(model.calls)) == (Origin.WRITTEN, 1)


def test_a_name_with_other_capitals_is_another_name(archive: Experience) -> None:
    experienced(archive, "show the text HomeNet", "B( homenet)")
    pipeline, _ = pipeline_of(archive, "B( homenet)")
    assert pipeline.write("Show the text HomeNet!").origin is Origin.REMEMBERED
    assert pipeline.write("show the text homenet").source == "show_text(text='homenet')\n"


def test_a_run_that_does_not_end_well_evicts_what_was_done_for_its_sentence(archive: Experience) -> None:
    experienced(archive, "set the brightness to 30", "A( 30)")
    pipeline, model = pipeline_of(archive, "A( 30)")
    program = pipeline.write("set the brightness to 30")
    pipeline.learn("set the brightness to 30", program, succeeded=False)
    assert pipeline.write("set the brightness to 30").origin is Origin.WRITTEN
    assert len(model.calls) == 1


def test_a_run_that_was_cut_off_is_not_repeated_without_thinking(archive: Experience) -> None:
    experienced(archive, "set the brightness to 30", "A( 30)")
    killed, _ = pipeline_of(archive)
    assert killed.write("set the brightness to 30").origin is Origin.REMEMBERED
    pipeline, _ = pipeline_of(archive, "A( 30)")
    assert pipeline.write("set the brightness to 30").origin is Origin.WRITTEN


def test_a_changed_description_makes_a_beginner_of_the_device(archive: Experience) -> None:
    experienced(archive, "set the brightness to 30", "A( 30)")
    changed = lamp(title="Lamp of the kitchen")
    pipeline, _ = pipeline_of(archive, "A( 30)", description=changed)
    assert pipeline.write("set the brightness to 30").origin is Origin.WRITTEN
    assert len(archive) == 0


@pytest.mark.parametrize(
    "source",
    [
        "explode()\n",
        "set_brightness(level=101)\n",
        "set_brightness(level='30')\n",
        "set_brightness(30)\n",
        "set_brightness(**{'level': 30})\n",
        "unknown()\n",
        "set_brightness(level=30)\nunknown()\n",
        "set_brightness(level=",
        "pass\n",
        "",
    ],
)
def test_what_is_in_the_archive_is_checked_as_if_a_model_had_just_written_it(
    archive: Experience, source: str
) -> None:
    forged = PastRun("set the brightness to 30", source, ("set_brightness", "explode", "unknown"), (), 1.0)
    archive.remember(LAMP.content_hash, forged)
    pipeline, model = pipeline_of(archive, "A( 30)")
    program = pipeline.write("set the brightness to 30")
    assert (program.source, program.origin) == ("set_brightness(level=30)\n", Origin.WRITTEN)
    assert len(model.calls) == 1


class MoodyPipeline(Pipeline):
    """The machine's mode forbids to set its brightness, unless a text is shown first."""

    forbids = False

    def _check(self, source: str, *rest: Any, **options: Any) -> None:
        super()._check(source, *rest, **options)
        if self.forbids and source.startswith("set_brightness"):
            raise ModelMayRetry("It is dark.", code=ErrorCode.MODE_FORBIDDEN)


def test_a_mode_that_forbids_what_was_done_before_asks_the_model_and_forgets_nothing(
    archive: Experience,
) -> None:
    sentence = "set the brightness to 30, say hello"
    experienced(archive, sentence, "A( 30)")
    model = ScriptedModel(["A( 30)", "B( hello);A( 30)"], takes_examples=True)
    pipeline = MoodyPipeline(DEVICE, LAMP, model, WordIndex(), archive=archive)
    pipeline.prepare()
    pipeline.forbids = True
    program = pipeline.write(sentence)
    assert (program.origin, program.model_calls) == (Origin.WRITTEN, 2)
    assert "Example" not in model.prompts[0].user, "what is forbidden now is no example"
    # It was written for this mode, so it must not be what this sentence means from now on.
    pipeline.learn(sentence, program, succeeded=True)
    pipeline.forbids = False
    again = pipeline.write(sentence)
    assert (again.origin, again.source) == (Origin.REMEMBERED, "set_brightness(level=30)\n")


def test_what_is_not_sure_enough_any_more_is_asked_about(archive: Experience) -> None:
    known = experienced(archive, "set the brightness to 30", "A( 30)")
    pipeline, _ = pipeline_of(archive, "A( 30)", least_confidence=known.confidence + 0.01)
    with pytest.raises(PipelineError, match="is it this: "):
        pipeline.write("set the brightness to 30")


def test_near_sentences_are_shown_to_models_that_take_examples(archive: Experience) -> None:
    experienced(archive, "Set the brightness to 30.", "A( 30)")
    experienced(archive, "Set the brightness to 30 and show the text hello.", "A( 30);B( hello)")
    experienced(archive, "Set the brightness to 70.", "A( 70)")
    pipeline, model = pipeline_of(archive, "A( 50)", takes_examples=True)
    assert pipeline.write("set the brightness to 50").origin is Origin.WRITTEN
    told = model.prompts[0].user
    assert told.count("Example sentence:") == 2
    assert "Its answer: A( 30);B( hello)\n" in told
    assert "Example" not in model.prompts[0].compact


def test_other_models_are_shown_none_and_nothing_is_searched_for_them(archive: Experience) -> None:
    experienced(archive, "set the brightness to 30", "A( 30)")
    pipeline, model = pipeline_of(archive, "A( 50)")
    pipeline.write("set the brightness to 50")
    assert "Example" not in model.prompts[0].user
    assert archive._near is None


@pytest.mark.parametrize(("present", "wanted"), [(0, 10), (40, 50), (95, 100)])
def test_a_change_starts_from_where_the_machine_is_and_not_from_where_it_was(
    archive: Experience, present: int, wanted: int
) -> None:
    experienced(archive, BRIGHTER, "A( up 10 percent)")
    pipeline, _ = pipeline_of(archive)
    program = pipeline.write(BRIGHTER)
    assert program.origin is Origin.REMEMBERED
    with open_session(program.source, program.function_names) as session:
        reading = session.start()
        assert isinstance(reading, PendingCall)
        assert (reading.name, reading.arguments) == ("brightness", {})
        setting = session.resume(present)
        assert isinstance(setting, PendingCall)
        assert (setting.name, setting.arguments) == ("set_brightness", {"level": wanted})


# With an agent


class Stage:
    """A lamp that knows how bright it is, its agent, and the coordinator's ear."""

    def __init__(self, clock: FakeClock, site: str, folder: Path) -> None:
        self.clock = clock
        self.site = site
        self.folder = folder
        self.broker = InProcessBroker(clock=clock)
        self.level = 40
        self.faults = SimulatedFaults()
        self.model = ScriptedModel(_answer)
        answers = {"brightness": lambda _: self.level, "set_brightness": self._set}
        self.driver = SimulatedDriver(LAMP, clock, answers, self.faults)

    def _set(self, arguments: Any) -> None:
        self.level = arguments["level"]

    def agent(self, archive: Experience) -> Any:
        def make_bus(client_id: str, will: Any) -> InProcessBus:
            return InProcessBus(
                self.broker, client_id, will=will, session_expiry_seconds=600, clock=self.clock
            )

        return agent_running(
            make_bus,
            self.site,
            self.folder,
            self.model,
            self.clock,
            driver=self.driver,
            description=LAMP,
            archive=archive,
        )


def _answer(prompt: Prompt) -> str:
    return "A( up 10 percent)" if "brighter" in prompt.user else "A( 30)"


@pytest.fixture
def stage(clock: FakeClock, site: str, tmp_path: Path) -> Stage:
    return Stage(clock, site, tmp_path)


@pytest.fixture
async def wire(stage: Stage) -> AsyncIterator[Watched]:
    async with (
        InProcessBus(stage.broker, "watcher", clock=stage.clock) as bus,
        watching(bus, stage.site, stage.clock) as watched,
    ):
        yield watched


async def test_an_agent_learns_from_what_it_did_and_keeps_it_to_itself(
    stage: Stage, wire: Watched, archive: Experience
) -> None:
    async with stage.agent(archive):
        for number, (sentence, calls) in enumerate([(BRIGHTER, 1), (BRIGHTER.lower(), 0), (BRIGHTER, 0)]):
            await wire.order(sentence, f"s{number}")
            report = await wire.report(f"s{number}")
            assert (report.status, report.model_calls) == (ReportStatus.COMPLETED, calls)
    assert stage.level == 70, "each time ten points more than it was"
    assert len(stage.model.calls) == 1
    assert not leaked_names(wire.text(), names(LAMP))


async def test_what_was_learnt_outlives_the_agent(stage: Stage, wire: Watched) -> None:
    for number, calls in enumerate((1, 0)):
        with closing(Experience(stage.folder, HashEncoder())) as archive:
            async with stage.agent(archive):
                await wire.order(BRIGHTER, f"s{number}")
                assert (await wire.report(f"s{number}")).model_calls == calls
    assert (stage.folder / FILE_NAME).exists()


async def test_a_failure_makes_the_agent_think_again(
    stage: Stage, wire: Watched, archive: Experience
) -> None:
    async with stage.agent(archive):
        await wire.order(BRIGHTER, "well")
        await wire.report("well")
        stage.faults.failing.add("set_brightness")
        await wire.order(BRIGHTER, "failing")
        report = await wire.report("failing")
        assert (report.status, report.model_calls) == (ReportStatus.FAILED, 0)
        assert len(archive) == 0
        stage.faults.failing.clear()
        await wire.order(BRIGHTER, "again")
        assert (await wire.report("again")).model_calls == 1


async def test_who_stops_a_run_stops_it_from_being_repeated(
    stage: Stage, wire: Watched, archive: Experience
) -> None:
    async with stage.agent(archive):
        await wire.order(BRIGHTER, "well")
        await wire.report("well")
        stage.driver.called.clear()
        stage.faults.hanging.add("set_brightness")
        await wire.order(BRIGHTER, "stopped")
        async with asyncio.timeout(10):
            while len(stage.driver.calls) < 4:
                await stage.driver.called.wait()
                stage.driver.called.clear()
        await wire.control(ControlCommand.CANCEL, "stopped")
        assert (await wire.report("stopped")).status is ReportStatus.CANCELLED
        assert len(archive) == 0


async def test_what_was_cancelled_before_it_ran_is_still_remembered(
    stage: Stage, wire: Watched, archive: Experience
) -> None:
    async with stage.agent(archive):
        await wire.order(BRIGHTER, "well")
        await wire.report("well")
        stage.faults.hanging.add("set_brightness")
        await wire.order("set the brightness to 30", "running")
        await wire.report("running", ReportStatus.ONGOING)
        await wire.order(BRIGHTER, "waiting")
        await wire.report("waiting", ReportStatus.QUEUED)
        await wire.control(ControlCommand.CANCEL, "waiting")
        assert (await wire.report("waiting")).status is ReportStatus.CANCELLED
        await wire.control(ControlCommand.CANCEL, "running")
        await wire.report("running")
    assert archive.recall(LAMP.content_hash, BRIGHTER) is not None
