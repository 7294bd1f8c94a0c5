"""Counts what a language model costs: calls, tokens and seconds, whatever becomes of its answers.

Each call is also a span for OpenTelemetry, without its text; where nobody collects spans that costs next to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from inference.ports import Generation, LanguageModel, Prompt

_tracer = trace.get_tracer("parley.inference")


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls of a model have cost.

    Attributes:
        calls: how often the model was asked, also in vain.
        prompt_tokens: tokens that it has read, where it tells.
        completion_tokens: tokens that it has written, where it tells.
        seconds: how long the callers have waited for it.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
        )


class MeteredModel:
    """Another model, with a meter. Make one for each piece of work that is to be charged.

    The calls of one meter are made one after the other. An answer that cannot be used has cost what it has cost, and so has
    a call that failed.
    """

    def __init__(self, model: LanguageModel, *, stopwatch: Callable[[], float] = time.perf_counter) -> None:
        self.usage = Usage()
        """What was used so far."""
        self._model = model
        self._stopwatch = stopwatch

    @property
    def name(self) -> str:
        """The other model's name."""
        return self._model.name

    @property
    def takes_examples(self) -> bool:
        """What the other model says."""
        return self._model.takes_examples

    def generate(
        self,
        prompt: Prompt,
        *,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        maximum_tokens: int = 160,
        seed: int = 0,
    ) -> Generation:
        """Ask the other model; see `LanguageModel.generate`.

        Raises:
            ModelError: the model is missing, broken or unreachable.
        """
        began = self._stopwatch()
        used = Usage(1)
        try:
            with _span(self.name) as span:
                generation = self._model.generate(
                    prompt, grammar=grammar, stop=stop, maximum_tokens=maximum_tokens, seed=seed
                )
                used = Usage(1, generation.prompt_tokens, generation.completion_tokens)
                span.set_attribute("gen_ai.usage.input_tokens", used.prompt_tokens)
                span.set_attribute("gen_ai.usage.output_tokens", used.completion_tokens)
                return generation
        finally:
            self.usage += replace(used, seconds=self._stopwatch() - began)


@contextmanager
def _span(model: str) -> Iterator[Span]:
    with _tracer.start_as_current_span(
        "model",
        kind=SpanKind.CLIENT,
        attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": model},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException:
            span.set_status(StatusCode.ERROR)
            raise
