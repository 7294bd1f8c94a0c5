"""Answers items for one device as its agent does: retrieve, generate, verify, run."""

from __future__ import annotations

import time
from collections import OrderedDict

from device_agent.confidence import LEAST_CONFIDENCE
from device_agent.executor import Executor
from device_agent.modes import start_modes
from device_agent.orders import Orders
from device_agent.pipeline import FunctionIndex, Pipeline, PipelineError
from evals.items import Call
from evals.machine import RecordingMachine
from evals.outcome import Outcome
from evals.things import Thing
from inference.ports import LanguageModel, Reader
from protocol.errors import ErrorCode
from transport.clock import SystemClock

# Of the agent itself, and so no answer to the sentence.
_BREAKDOWNS = frozenset({ErrorCode.MODEL_UNAVAILABLE, ErrorCode.ENCODER_UNAVAILABLE, ErrorCode.INTERNAL})
_KEPT_PIPELINES = 64


class SingleDevice:
    """Runs items on one device at a time. A device's functions are indexed once.

    Args:
        model: writes the programs.
        index: finds the functions.
        reader: see `Pipeline`.
        least_confidence: see `Pipeline`.
    """

    def __init__(
        self,
        model: LanguageModel,
        index: FunctionIndex,
        reader: Reader | None = None,
        least_confidence: float = LEAST_CONFIDENCE,
    ) -> None:
        self._reader = reader
        self._least_confidence = least_confidence
        self._model = model
        self._index = index
        self._clock = SystemClock()
        self._pipelines: OrderedDict[str, Pipeline] = OrderedDict()

    async def answer(self, sentence: str, thing: Thing) -> Outcome:
        """Do what a sentence asks of one device. Getting to know the device is not part of the time.

        Raises:
            ModelError: the device's functions could not be indexed.
        """
        pipeline = self._pipeline(thing)
        calls: list[Call] = []
        executor = Executor(thing.description, RecordingMachine(thing, calls), self._clock)
        began = time.perf_counter()
        try:
            # Every sentence meets a device that has just been switched on.
            program = pipeline.write(sentence, start_modes(thing.description, thing.description.initial_mode))
        except PipelineError as error:
            seconds = time.perf_counter() - began
            return Outcome((), seconds, error.message, is_broken=error.code in _BREAKDOWNS)
        execution = await executor.execute(program, Orders())
        return Outcome(
            tuple(calls),
            time.perf_counter() - began,
            execution.sentence,
            is_broken=execution.error_code in _BREAKDOWNS,
            confidence=program.confidence,
        )

    def _pipeline(self, thing: Thing) -> Pipeline:
        key = thing.description.content_hash
        pipeline = self._pipelines.pop(key, None)
        if pipeline is None:
            pipeline = Pipeline(
                key,
                thing.description,
                self._model,
                self._index,
                reader=self._reader,
                least_confidence=self._least_confidence,
            )
            pipeline.prepare()
            if len(self._pipelines) >= _KEPT_PIPELINES:
                self._pipelines.popitem(last=False)
        self._pipelines[key] = pipeline
        return pipeline
