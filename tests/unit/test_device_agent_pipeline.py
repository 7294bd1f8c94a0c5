"""From a sentence to a checked program, or to a plain reason why there is none."""

from dataclasses import replace

import pytest

from device_agent.events import AgentEventKind
from device_agent.pipeline import Pipeline, PipelineError, Program
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from inference.ports import ModelError
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from rag.api_index import Candidate, Retrieval
from tests.device_agent_kit import DEVICE, WordIndex, lamp
from tests.reader_kit import ObedientModel, ScriptedReader


def pipeline_of(
    *answers: str | Exception, description: ThingDescription | None = None, index: WordIndex | None = None
) -> tuple[Pipeline, ScriptedModel]:
    model = ScriptedModel(answers)
    pipeline = Pipeline(DEVICE, description or lamp(), model, index or WordIndex())
    pipeline.prepare()
    return pipeline, model


def forbidding_lamp() -> ThingDescription:
    """The example lamp, whose head must not be turned."""
    document = lamp().document
    document["actions"]["drehe_kopf"]["parley:danger"] = "forbid"
    return load(document)


def refusal(
    sentence: str, *answers: str | Exception, description: ThingDescription | None = None
) -> PipelineError:
    pipeline, model = pipeline_of(*answers, description=description)
    with pytest.raises(PipelineError) as caught:
        pipeline.write(sentence)
    assert caught.value.model_calls <= len(model.calls)
    assert not leaked_names(str(caught.value), names(lamp()))
    return caught.value


def test_a_good_answer_becomes_a_program() -> None:
    pipeline, model = pipeline_of("A( 5| _);C()")
    program = pipeline.write("set the brightness to 5 and check presence")
    assert program.source == "setze_helligkeit(stufe=5)\npruefe_anwesenheit()\n"
    assert program.model_calls == 1
    assert 0.5 < program.confidence < 1.0
    assert set(program.function_names) >= {"setze_helligkeit", "pruefe_anwesenheit"}
    assert len(model.calls) == 1


def test_a_watcher_is_told_what_was_found_and_what_each_check_said() -> None:
    pipeline, _ = pipeline_of("A( 50| _)", "A( 5| _)")
    told: list[tuple[AgentEventKind, str]] = []
    pipeline.write("set the brightness to 5", watcher=lambda kind, text: told.append((kind, text)))
    assert [kind for kind, _ in told] == [
        AgentEventKind.FUNCTIONS_FOUND,
        AgentEventKind.PROGRAM_CHECKED,
        AgentEventKind.PROGRAM_CHECKED,
    ]
    assert "setze_helligkeit(stufe" in told[0][1]
    assert told[1][1].startswith("Refused: ")
    assert told[2][1].startswith("It may run")


def test_at_most_eight_functions_are_offered_and_only_they_can_be_called() -> None:
    document = lamp().document
    for number in range(20):
        document["actions"][f"extra_{number}"] = {"title": "extra", "forms": [{"href": "x"}]}
    pipeline, _ = pipeline_of("A( 5| _)", description=load(document))
    assert len(pipeline.write("set the brightness of the lamp to 5").function_names) == 8


def test_an_unusable_answer_is_repaired_once_with_the_error_in_the_prompt() -> None:
    pipeline, model = pipeline_of("A( 99| _)", "A( 5| _)")
    program = pipeline.write("set the brightness to 5")
    assert program.model_calls == 2
    assert "99" in model.prompts[1].user
    assert "99" not in model.prompts[0].user


def test_two_unusable_answers_are_not_executable() -> None:
    error = refusal("set the brightness to 5", "nonsense", "A(")
    assert (error.code, error.model_calls) == (ErrorCode.MODEL_OUTPUT_INVALID, 2)


def test_a_refusal_and_a_question_are_told_apart() -> None:
    error = refusal("make coffee", "refuse")
    assert (error.code, error.model_calls) == (ErrorCode.NOT_EXECUTABLE, 1)
    error = refusal("set the brightness", "ask A.1")
    assert error.code is ErrorCode.NEEDS_CLARIFICATION
    assert "brightness" in error.message


def test_a_dangerous_call_is_refused_by_the_runtime_whatever_the_model_says() -> None:
    error = refusal("turn the head by 2", "B( 2)", description=forbidding_lamp())
    assert (error.code, error.model_calls) == (ErrorCode.DANGER_FORBIDDEN, 1)
    assert "Turn head" in error.message


def test_a_broken_model_and_a_broken_search_are_told_apart() -> None:
    error = refusal("set the brightness to 5", ModelError("The file /x/y.gguf is gone.", "Put it back."))
    assert (error.code, error.model_calls) == (ErrorCode.MODEL_UNAVAILABLE, 0)
    assert "/x/" not in error.message
    index = WordIndex()
    pipeline, _ = pipeline_of("A( 5| _)", index=index)
    index.error = ModelError("The encoder is gone.", "Run `parley setup encoder`.")
    with pytest.raises(PipelineError) as caught:
        pipeline.write("set the brightness to 5")
    assert caught.value.code is ErrorCode.ENCODER_UNAVAILABLE


def test_a_program_that_is_probably_wrong_is_asked_about_instead_of_run() -> None:
    model = ScriptedModel(["A( 5| _)"], confidence=0.0001)
    pipeline = Pipeline(DEVICE, lamp(), model, WordIndex(), least_confidence=0.5)
    pipeline.prepare()
    with pytest.raises(PipelineError, match="is it this: ") as caught:
        pipeline.write("hm, 5")
    assert caught.value.code is ErrorCode.NEEDS_CLARIFICATION


def read(
    sentence: str,
    reader: ScriptedReader,
    index: WordIndex | None = None,
    description: ThingDescription | None = None,
) -> tuple[Program, ObedientModel]:
    model = ObedientModel()
    pipeline = Pipeline(
        DEVICE, description or lamp(), model, index or WordIndex(), reader=reader, least_confidence=0.0
    )
    pipeline.prepare()
    return pipeline.write(sentence), model


def test_a_reader_narrows_what_the_model_can_write() -> None:
    reader = ScriptedReader({"setze_helligkeit": {"stufe": "5"}})
    program, model = read("in 3 minutes set the brightness to 5", reader)
    assert program.source == "setze_helligkeit(stufe=5)\n"
    assert program.model_calls == 1
    assert "refuse" not in model.grammars[0]
    assert [sentence.lower for sentence in reader.read_sentences] == ["in 3 minutes set the brightness to 5"]
    assert set(reader.read_functions[0]) >= {"setze_helligkeit", "pruefe_anwesenheit"}


def test_a_reader_reads_the_whole_sentence_with_the_devices_own_units() -> None:
    document = lamp().document
    document["parley:units"] = {**document["parley:units"], "click": "1"}
    reader = ScriptedReader({"pruefe_anwesenheit": {}})
    pipeline = Pipeline(
        DEVICE, load(document), ObedientModel(), WordIndex(), reader=reader, least_confidence=0
    )
    pipeline.prepare()
    pipeline.write("check presence within 5 clicks")
    (sentence,) = reader.read_sentences
    assert [(one.value, one.unit) for one in sentence.quantities] == [(5.0, "click")]


@pytest.mark.parametrize(
    ("sentence", "said", "code", "words"),
    [
        ("set the brightness", {"setze_helligkeit": {}}, ErrorCode.NEEDS_CLARIFICATION, "brightness"),
        ("set the brightness to 99", {"setze_helligkeit": {}}, ErrorCode.OUT_OF_RANGE, "99 is outside"),
        ("what a brightness today", {}, ErrorCode.NOT_EXECUTABLE, "Nothing this device can do"),
    ],
)
def test_what_a_reader_misses_is_said_without_asking_the_model(
    sentence: str, said: dict[str, dict[str, str]], code: ErrorCode, words: str
) -> None:
    with pytest.raises(PipelineError, match=words) as caught:
        read(sentence, ScriptedReader(said), NamingIndex())
    assert caught.value.code is code
    assert caught.value.model_calls == 0
    assert not leaked_names(str(caught.value), names(lamp()))


class NamingIndex(WordIndex):
    """Finds little in every sentence."""

    def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Retrieval:
        found = super().retrieve_clauses(device_id, sentence, k)
        weak = tuple(replace(one, probability=0.1) for one in found.candidates)
        return Retrieval(weak, (weak,))


def test_a_dangerous_call_is_refused_whatever_the_reader_says() -> None:
    reader = ScriptedReader({"drehe_kopf": {"rasten": "2"}})
    with pytest.raises(PipelineError) as caught:
        read("turn the head by 2", reader, description=forbidding_lamp())
    assert caught.value.code is ErrorCode.DANGER_FORBIDDEN


def test_what_the_reader_got_wrong_the_model_writes_anew_without_it() -> None:
    reader = ScriptedReader({"setze_helligkeit": {"stufe": "5"}})
    model = ScriptedModel(["nonsense", "C()"])
    pipeline = Pipeline(DEVICE, lamp(), model, WordIndex(), reader=reader, least_confidence=0.0)
    pipeline.prepare()
    program = pipeline.write("set the brightness to 5 or check presence")
    assert program.source == "pruefe_anwesenheit()\n"
    assert program.model_calls == 2
    assert len(reader.read_sentences) == 1
    assert ["refuse" in (call.grammar or "") for call in model.calls] == [False, True]


class WeighingIndex(WordIndex):
    """Finds the functions with these probabilities, in the order of the description; one clause for each row."""

    def __init__(self, *rows: tuple[float, ...]) -> None:
        super().__init__()
        self._rows = rows

    def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Retrieval:
        chunks = self.chunks[device_id]
        clauses = [
            sorted(
                (Candidate(chunk.key, share, 0.0, 0.0) for chunk, share in zip(chunks, row, strict=False)),
                key=lambda candidate: -candidate.probability,
            )
            for row in self._rows
        ]
        return Retrieval(tuple(clauses[0]), tuple(map(tuple, clauses)))


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        # The first two of a clause are always read, others where they are not improbable.
        ([(0.9, 1e-6, 1e-7, 1e-8)], 2),
        ([(0.6, 0.2, 0.1, 1e-6)], 3),
        ([(0.4, 0.2, 0.2, 0.1)], 4),
        ([(0.9, 1e-6, 1e-7, 1e-8), (1e-7, 1e-8, 0.9, 1e-6)], 4),
        ([(0.9, 1e-6, 1e-7, 1e-8), (0.9, 1e-7, 1e-6, 1e-8)], 3),
    ],
)
def test_only_what_the_search_finds_probable_is_read(rows: list[tuple[float, ...]], count: int) -> None:
    reader = ScriptedReader({"setze_helligkeit": {"stufe": "5"}})
    program, _ = read("set the brightness to 5", reader, WeighingIndex(*rows))
    assert program.source == "setze_helligkeit(stufe=5)\n"
    assert len(reader.read_functions[0]) == count
    assert "setze_helligkeit" in reader.read_functions[0]


def test_a_name_that_begins_with_an_underscore_can_be_called() -> None:
    document = lamp().document
    document["actions"]["_blinke"] = {"title": "Blink", "forms": [{"href": "x"}]}
    reader = ScriptedReader({"_blinke": {}})
    model = ObedientModel()
    pipeline = Pipeline(DEVICE, load(document), model, WordIndex(), reader=reader, least_confidence=0.0)
    pipeline.prepare()
    program = pipeline.write("blink")
    assert (program.source, program.model_calls) == ("_blinke()\n", 1)


def test_a_broken_reader_is_told_without_its_path() -> None:
    broken = ScriptedReader(ModelError("The file /x/y.gguf is gone.", "Put it back."))
    with pytest.raises(PipelineError) as caught:
        read("set the brightness to 5", broken)
    assert (caught.value.code, caught.value.model_calls) == (ErrorCode.MODEL_UNAVAILABLE, 0)
    assert "/x/" not in caught.value.message
