"""From one plain sentence to a checked program: recall, or retrieve, generate, check, repair once, or say why not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from device_agent.checks import DangerError, FlawedProgramError, check_call
from device_agent.confidence import LEAST_CONFIDENCE, confidence
from device_agent.events import AgentEventKind
from device_agent.modes import automaton_of
from device_agent.numbered_things import numbered_things, with_their_numbers
from device_agent.own_name import without_own_name
from device_agent.report_text import not_executable, step_title, without_names
from device_agent.signatures import chunks, index_key, signatures
from device_agent.stubs import stubs
from device_agent.tracing import note, span
from firmware_api_specs.thing_description import ThingDescription
from fsm.verifier import verify
from inference.conversions import converting
from inference.metering import MeteredModel, Usage
from inference.notation import MAXIMUM_CANDIDATES, NotationError
from inference.own_switches import own_switches
from inference.ports import LanguageModel, ModelError, Reader
from inference.program import ProgramAnswer, ask_for_program
from inference.program_prompt import Example, Hint
from inference.program_source import reads, written_calls
from inference.search_text import without_numbers
from inference.short_orders import shut_down, spelled_out
from inference.signatures import FunctionSignature
from inference.steering import certain
from inference.text import prepare
from inference.words import split_clauses
from protocol.errors import ErrorCode, ModelMayRetry, ReportAndStop
from protocol.text import clean_sentence
from rag.api_index import Chunk, Retrieval
from rag.experience import Experience, PastRun
from sandbox.session import DEFAULT_LIMITS, type_check

logger = logging.getLogger(__name__)

_ROUNDS = 2
_MOST_EXAMPLES = 2
_NOT_UNDERSTOOD = "This could not be turned into something that the device can safely do."
_MAY_RUN = "It may run: no way through it makes a forbidden call."

Watcher = Callable[[AgentEventKind, str], None]
"""Is told, from the thread that writes, how a program comes about; for eyes on this machine only."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The functions that a sentence may be about, and what the search thinks of them for each clause and for all of it."""

    functions: Sequence[FunctionSignature]
    rankings: Sequence[Sequence[Hint]]
    sentence_ranking: Sequence[Hint]


class FunctionIndex(Protocol):
    """What a pipeline needs of the search; `rag.api_index.ApiIndex` is the real one."""

    def build(self, device_id: str, content_hash: str, chunks: Sequence[Chunk]) -> bool:
        """Index a device's functions, unless that was done before with the same hash."""
        ...

    def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Retrieval:
        """Return at most `k` functions for a sentence, and their probabilities for each of its clauses.

        Raises:
            ModelError: the encoder or the index cannot be used.
        """
        ...


class Origin(StrEnum):
    """Where a program comes from."""

    WRITTEN = "written"
    """The language model has just written it."""
    REMEMBERED = "remembered"
    """It ran well before for the same sentence, and has passed every check again."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that has passed every check that can be made before it runs.

    Attributes:
        source: one call a line, and the reading of present values that it needs.
        function_names: what it may call: the functions that were retrieved for its sentence, and the present values it reads.
        model_calls: how many calls of the language model it cost.
        confidence: how likely all of it is right, 0 to 1; see `device_agent.confidence`.
        origin: where it comes from.
        calls: its calls in the model's notation: each function's name, and what stood between its brackets.
        suits_present_mode: it was written anew because the machine's mode forbade the first one, so at another time the
            same sentence needs another program.
        usage: what the model's calls have cost.
    """

    source: str
    function_names: tuple[str, ...]
    model_calls: int
    confidence: float
    origin: Origin = Origin.WRITTEN
    calls: tuple[tuple[str, str], ...] = ()
    suits_present_mode: bool = False
    usage: Usage = field(default=Usage(), compare=False)


class PipelineError(ReportAndStop):
    """There is no program; the message is the sentence for the report and holds no name of the API.

    Args:
        message: one sentence for a person.
        code: what kind of end this is.
        model_calls: what it has cost.
    """

    def __init__(self, message: str, *, code: ErrorCode, model_calls: int) -> None:
        super().__init__(message, code=code)
        self.model_calls = model_calls
        self.usage = Usage()
        """What those calls have cost."""


class Pipeline:
    """Writes programs for one device. Its methods block; use them from a worker thread.

    Args:
        device_id: under which name the device's functions are indexed.
        description: the device's API.
        model: writes the programs.
        index: finds the functions a sentence may be about.
        reader: says which of them are asked for and where their values stand; without one the model decides alone.
        archive: what this device has done well before; without one every program is written.
        least_confidence: a program that is less likely to be right (0 to 1) is asked about instead of run.
    """

    def __init__(
        self,
        device_id: str,
        description: ThingDescription,
        model: LanguageModel,
        index: FunctionIndex,
        *,
        reader: Reader | None = None,
        archive: Experience | None = None,
        least_confidence: float = LEAST_CONFIDENCE,
    ) -> None:
        self._reader = reader
        self._archive = archive
        self._device_id = device_id
        self._description = description
        self._model = model
        self._index = index
        self._least_confidence = least_confidence
        self._signatures = signatures(description)
        self._numbered = numbered_things(description, self._signatures)
        self._names = (description.title, description.english_title, description.kind, device_id)
        self._spoken_of = " ".join(chunk.text for chunk in chunks(description))
        self._dangers = {each.name: each.action.danger for each in description.affordances()}
        self._has_switch = bool(own_switches(self._signatures))
        self._automaton = automaton_of(description)
        # Where the present mode is not told, the machine may be in any that it can come to.
        self._modes = self._automaton.reachable(
            self._automaton.modes if description.initial_mode is None else {description.initial_mode}
        )

    def prepare(self) -> None:
        """Index the device's functions, unless that was done before, and drop what was learnt of another description.

        Raises:
            ModelError: the encoder or the index cannot be used.
        """
        self._index.build(self._device_id, index_key(self._description), chunks(self._description))
        if self._archive is not None:
            self._archive.prepare(self._description.content_hash, with_examples=self._model.takes_examples)

    def write(
        self,
        sentence: str,
        modes: Collection[str] | None = None,
        *,
        feedback: str | None = None,
        watcher: Watcher | None = None,
    ) -> Program:
        """Turn one sentence into a checked program.

        Args:
            sentence: what is to be done.
            modes: those that the machine may be in now; all that it can come to when not told.
            feedback: why the program before has failed when it ran; then the model has one round.
            watcher: is told which functions were found, and what each check of a program said.

        Raises:
            PipelineError: there is none; says why in plain language.
        """
        model = MeteredModel(self._model)
        try:
            program = self._write(
                model, sentence, self._modes if modes is None else modes, feedback, watcher or _unwatched
            )
        except PipelineError as error:
            error.usage = model.usage
            raise
        return replace(program, usage=model.usage)

    def _write(
        self,
        model: LanguageModel,
        sentence: str,
        modes: Collection[str],
        feedback: str | None,
        watcher: Watcher,
    ) -> Program:
        was_done, remembered = self._recall(sentence, modes)
        if remembered is not None and feedback is None:
            functions = [each for each in self._signatures if each.name in remembered.function_names]
            watcher(AgentEventKind.FUNCTIONS_FOUND, _listed(functions))
            watcher(AgentEventKind.PROGRAM_CHECKED, f"It ran well before for this sentence. {_MAY_RUN}")
            return remembered
        # Of a device without a switch of its own, short orders name what it switches: its reader knows these as they are.
        plain = spelled_out(sentence) if self._has_switch else sentence
        sentence = without_own_name(plain, self._names, self._spoken_of)
        sentence = sentence if self._has_switch else shut_down(sentence)
        sentence = with_their_numbers(sentence, self._numbered)
        with span("retrieve") as measured:
            found = self._retrieve(sentence)
            candidates, rankings = found.functions, found.rankings
            note(measured, is_success=True, functions=len(candidates))
        watcher(AgentEventKind.FUNCTIONS_FOUND, _listed(candidates))
        # What cannot be run now although it was asked for in these words is no example of what to do.
        examples = () if was_done else self._examples(sentence, candidates)
        suits_present_mode = False
        calls = 0
        for answers in range(1 if feedback is None else _ROUNDS, _ROUNDS + 1):
            try:
                with span("generate", round=answers):
                    answer = self._ask(model, sentence, found, feedback, calls, examples=examples)
                calls += answer.model_calls
                functions = self._callable(answer, candidates)
                with span("verify"):
                    self._check(answer.source, functions, modes)
            except (NotationError, ModelMayRetry) as error:
                if isinstance(error, NotationError):
                    calls += 1
                feedback = clean_sentence(str(error))
                logger.info("%s: answer %d cannot be used: %s", self._device_id, answers, feedback)
                watcher(AgentEventKind.PROGRAM_CHECKED, f"Refused: {feedback}")
                problem = error
                suits_present_mode |= getattr(error, "code", None) is ErrorCode.MODE_FORBIDDEN
                continue
            except DangerError as error:
                watcher(AgentEventKind.PROGRAM_CHECKED, f"Refused: {error.message}")
                raise self._stop(error.message, error.code, calls) from error
            watcher(AgentEventKind.PROGRAM_CHECKED, _MAY_RUN)
            sure = confidence(answer, candidates, rankings)
            if sure < self._least_confidence:
                raise self._stop(self._doubt(answer), ErrorCode.NEEDS_CLARIFICATION, calls)
            names = tuple(function.name for function in functions)
            return Program(
                answer.source,
                names,
                calls,
                sure,
                calls=tuple((call.name, call.written) for call in answer.calls),
                suits_present_mode=suits_present_mode,
            )
        if isinstance(problem, FlawedProgramError):
            why = not_executable(self._description, problem.flaws)
            raise PipelineError(why, code=problem.code, model_calls=calls)
        raise PipelineError(_NOT_UNDERSTOOD, code=_code(problem), model_calls=calls)

    def learn(self, sentence: str, program: Program, *, succeeded: bool) -> None:
        """Remember a program that ran to a successful end; forget what was done for this sentence after any other end.

        Args:
            sentence: what the program was written or remembered for.
            program: what was run.
            succeeded: False when it failed, was stopped, or nobody knows what it has done.
        """
        if self._archive is None:
            return
        if not succeeded:
            self._archive.forget(self._description.content_hash, sentence)
        elif not program.suits_present_mode:
            run = PastRun(sentence, program.source, program.function_names, program.calls, program.confidence)
            self._archive.remember(self._description.content_hash, run)

    def _recall(self, sentence: str, modes: Collection[str]) -> tuple[bool, Program | None]:
        """Return whether this sentence was done before, and the program, if that can be run now.

        It is checked as if the model had just written it: the machine may be in another mode.
        """
        archive, description_hash = self._archive, self._description.content_hash
        known = None if archive is None else archive.recall(description_hash, sentence)
        if archive is None or known is None:
            return False, None
        functions = [function for function in self._signatures if function.name in known.function_names]
        try:
            self._check(known.source, functions, modes)
        except (ModelMayRetry, ReportAndStop) as error:
            logger.info("%s: what was done before cannot be done now: %s", self._device_id, error)
            return True, None
        if known.confidence < self._least_confidence:
            return True, None
        archive.begin(description_hash, sentence)
        names = tuple(function.name for function in functions)
        return True, Program(known.source, names, 0, known.confidence, Origin.REMEMBERED, known.calls)

    def _examples(self, sentence: str, candidates: Sequence[FunctionSignature]) -> tuple[Example, ...]:
        """Return what was done for near sentences, for a model that has use for it."""
        if self._archive is None or not self._model.takes_examples:
            return ()
        names = {function.name for function in candidates}
        near = self._archive.near(self._description.content_hash, sentence, names, _MOST_EXAMPLES)
        return tuple(Example(run.sentence, run.calls) for run in near)

    def _retrieve(self, sentence: str) -> _Found:
        """Find the functions to offer, in the order of the description, and how probable each clause makes them."""
        try:
            found = self._search(sentence, MAXIMUM_CANDIDATES)
            keys = [candidate.key for candidate in found.candidates]
            if missing := [name for name in self._certain(sentence) if name not in keys]:
                keys = keys[: MAXIMUM_CANDIDATES - len(missing)] + missing
                found = self._search(sentence, len(self._signatures))
        except ModelError as error:
            logger.error("%s: the search failed: %s", self._device_id, error)  # noqa: TRY400 - the text says it all
            raise PipelineError(
                "The search for the device's functions is not available.",
                code=ErrorCode.ENCODER_UNAVAILABLE,
                model_calls=0,
            ) from error
        candidates = [function for function in self._signatures if function.name in keys]
        places = {function.name: place for place, function in enumerate(candidates)}
        sentence_ranking, *rankings = (
            [
                Hint(places[candidate.key], candidate.probability)
                for candidate in ranked
                if candidate.key in places
            ]
            for ranked in (found.sentence, *found.clauses)
        )
        return _Found(candidates, rankings, sentence_ranking)

    def _search(self, sentence: str, most: int) -> Retrieval:
        return self._index.retrieve_clauses(self._device_id, without_numbers(_searched(sentence)), most)

    def _certain(self, sentence: str) -> list[str]:
        """Return the functions that the words can only mean, as far as the search may have missed them."""
        prepared = prepare(sentence)
        found = [*certain(prepared.lower, self._signatures), *converting(self._signatures, prepared)]
        return [self._signatures[index].name for index in found][: MAXIMUM_CANDIDATES // 2]

    def _ask(
        self,
        model: LanguageModel,
        sentence: str,
        found: _Found,
        feedback: str | None,
        calls: int,
        *,
        examples: Sequence[Example],
    ) -> ProgramAnswer:
        try:
            # What the reader has narrowed down and was wrong, the model writes anew without it.
            answer = ask_for_program(
                model,
                sentence,
                found.functions,
                rankings=found.rankings,
                sentence_ranking=found.sentence_ranking,
                reader=None if feedback else self._reader,
                unit_definitions=self._description.units,
                feedback=feedback,
                examples=examples,
            )
        except ModelError as error:
            logger.error("%s: the language model failed: %s", self._device_id, error)  # noqa: TRY400
            raise PipelineError(
                "The language model of this device is not available.",
                code=ErrorCode.MODEL_UNAVAILABLE,
                model_calls=calls,
            ) from error
        if answer.outcome == "refuse":
            code = ErrorCode.OUT_OF_RANGE if answer.is_out_of_range else ErrorCode.NOT_EXECUTABLE
            raise self._stop(answer.reason, code, calls + answer.model_calls)
        if answer.outcome == "ask":
            raise self._stop(answer.reason, ErrorCode.NEEDS_CLARIFICATION, calls + answer.model_calls)
        return answer

    def _check(self, source: str, functions: Sequence[FunctionSignature], modes: Collection[str]) -> None:
        """Check a program, whoever wrote it and whenever, that may call these functions in one of these modes.

        Raises:
            FlawedProgramError: it must not run.
            ModelMayRetry: it cannot be used.
            DangerError: it makes a call that the description forbids.
        """
        try:
            calls = written_calls(source, {function.name for function in functions})
        except (SyntaxError, ValueError) as error:
            raise ModelMayRetry(f"the program cannot be read: {error}") from error
        if not calls:
            raise ModelMayRetry("the program makes no call")
        for name, arguments in calls:
            check_call(self._description, name, arguments)
        flaws = verify(
            source,
            self._automaton,
            modes,
            danger={function.name: self._dangers[function.name] for function in functions},
            maximum_calls=DEFAULT_LIMITS.calls,
            kind=self._description.kind,
        )
        mistakes = type_check(source, stubs(functions))
        if flaws:
            raise FlawedProgramError(flaws, mistakes)
        if mistakes:
            raise ModelMayRetry("; ".join(mistakes))

    def _callable(
        self, answer: ProgramAnswer, candidates: Sequence[FunctionSignature]
    ) -> list[FunctionSignature]:
        """List what the program may call: what was retrieved, and the present values that it has to read."""
        names = {function.name for function in candidates}
        names.update(function for call in answer.calls for function in reads(call))
        return [function for function in self._signatures if function.name in names]

    def _doubt(self, answer: ProgramAnswer) -> str:
        """Ask whether the program's steps are what was meant, in words of the description."""
        titles = dict.fromkeys(step_title(self._description, call.name) for call in answer.calls)
        return f"I am not sure what is meant. Please say it in other words; is it this: {', then '.join(titles)}?"

    def _stop(self, message: str, code: ErrorCode, calls: int) -> PipelineError:
        return PipelineError(without_names(self._description, message), code=code, model_calls=calls)


def _searched(sentence: str) -> str:
    """Return the person's own words; without what was taken back, and in the reader's clauses, where these are others."""
    read = prepare(sentence).text
    return sentence if len(split_clauses(read)) == len(split_clauses(sentence)) else read


def _unwatched(_kind: AgentEventKind, _text: str) -> None:
    """Nobody looks."""


def _listed(functions: Sequence[FunctionSignature]) -> str:
    """Write functions one a line, as a person who knows the device's API would."""
    return "\n".join(
        f"{function.name}({', '.join(parameter.name for parameter in function.parameters)})"
        for function in functions
    )


def _code(problem: NotationError | ModelMayRetry) -> ErrorCode:
    code = problem.code if isinstance(problem, ModelMayRetry) else ErrorCode.MODEL_OUTPUT_INVALID
    return code if code is ErrorCode.OUT_OF_RANGE else ErrorCode.MODEL_OUTPUT_INVALID
