"""Writes the program of one device after another, with the model, the reader and the checks that a device agent has."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from benchmarks.central.apis import CentralApis, Found, Scope
from device_agent.checks import DangerError, FlawedProgramError, check_call
from device_agent.modes import automaton_of
from device_agent.pipeline import Program
from device_agent.stubs import stubs
from fsm.verifier import verify
from inference.metering import MeteredModel, Usage
from inference.notation import NotationError
from inference.ports import LanguageModel, Reader
from inference.program import ProgramAnswer, ask_for_program
from inference.program_source import python_source, reads, written_calls
from protocol.errors import ModelMayRetry
from protocol.text import clean_sentence
from sandbox.session import DEFAULT_LIMITS, type_check

logger = logging.getLogger(__name__)

_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Part:
    """Calls of a script that follow one another on one device, as a program for it."""

    device_id: str
    program: Program


@dataclass(frozen=True, slots=True)
class Script:
    """What was written for a sentence.

    Attributes:
        parts: to be run in this order; empty where nothing could be written.
        reason: why not.
        usage: what the model has cost.
    """

    parts: tuple[Part, ...]
    reason: str = ""
    usage: Usage = field(default=Usage())


class CentralCoder:
    """One model that writes for all devices. `write` blocks.

    A device agent asks back where it is not sure enough; this coder always acts, which can only make it succeed more often.

    Args:
        apis: of all devices.
        model: writes.
        reader: narrows down what it may write; the same that the agents have.
        scope: among which functions those for a sentence are searched.
    """

    def __init__(self, apis: CentralApis, model: LanguageModel, reader: Reader | None, scope: Scope) -> None:
        self._apis = apis
        self._model = model
        self._reader = reader
        self._scope = scope

    def write(
        self,
        device_id: str,
        sentence: str,
        modes: Mapping[str, Collection[str]],
        *,
        feedback: str | None = None,
    ) -> Script:
        """Write what one device is to do.

        Args:
            device_id: whom the sentence is for.
            sentence: what is to be done.
            modes: those that each device may be in now.
            feedback: why the script before has failed when it ran; then the model has one round.
        """
        model = MeteredModel(self._model)
        said = sentence if self._scope is Scope.DEVICE else f"{device_id}: {sentence}"
        found = self._apis.find(device_id, sentence, self._scope)
        for _ in range(1 if feedback is None else _ROUNDS, _ROUNDS + 1):
            try:
                answer = self._ask(model, device_id, said, found, feedback)
                if answer.outcome != "program":
                    return Script((), answer.reason, model.usage)
                parts = self._parts(answer, device_id)
                self._check(parts, modes)
            except (NotationError, ModelMayRetry) as error:
                feedback = clean_sentence(str(error))
                logger.info("%s: the script cannot be used: %s", device_id, feedback)
            except DangerError as error:
                return Script((), error.message, model.usage)
            else:
                return Script(parts, usage=model.usage)
        return Script((), f"Nothing usable was written: {feedback}", model.usage)

    def _ask(
        self, model: LanguageModel, device_id: str, said: str, found: Found, feedback: str | None
    ) -> ProgramAnswer:
        # As in a device agent: what the reader has narrowed down and was wrong, the model writes anew without it.
        return ask_for_program(
            model,
            said,
            found.functions,
            rankings=found.rankings,
            reader=None if feedback else self._reader,
            unit_definitions=self._units(device_id),
            feedback=feedback,
        )

    def _units(self, device_id: str) -> Mapping[str, str]:
        return self._apis.descriptions[device_id].units

    def _parts(self, answer: ProgramAnswer, device_id: str) -> tuple[Part, ...]:
        """Cut the calls wherever another device is called."""
        owned = [(*self._apis.split(call.name, self._scope, device_id), call) for call in answer.calls]
        parts = []
        for owner, group in groupby(owned, key=lambda each: each[0]):
            calls = [replace(call, name=name) for _, name, call in group]
            names = tuple(dict.fromkeys(name for call in calls for name in (call.name, *reads(call))))
            parts.append(Part(owner, Program(python_source(calls), names, answer.model_calls, 1.0)))
        return tuple(parts)

    def _check(self, parts: Sequence[Part], modes: Mapping[str, Collection[str]]) -> None:
        """Check everything that each device is to do, from the modes that it may be in now.

        Raises:
            FlawedProgramError: it must not run.
            ModelMayRetry: it cannot be used.
            DangerError: it makes a call that a description forbids.
        """
        for device_id in dict.fromkeys(part.device_id for part in parts):
            description = self._apis.descriptions[device_id]
            source = "".join(part.program.source for part in parts if part.device_id == device_id)
            functions = self._apis.functions_of(device_id)
            for name, arguments in written_calls(source, {function.name for function in functions}):
                check_call(description, name, arguments)
            flaws = verify(
                source,
                automaton_of(description),
                modes[device_id],
                danger={each.name: each.action.danger for each in description.affordances()},
                maximum_calls=DEFAULT_LIMITS.calls,
                kind=description.kind,
            )
            called = {
                name for part in parts if part.device_id == device_id for name in part.program.function_names
            }
            mistakes = type_check(
                source, stubs(function for function in functions if function.name in called)
            )
            if flaws:
                raise FlawedProgramError(flaws, mistakes)
            if mistakes:
                raise ModelMayRetry("; ".join(mistakes))
