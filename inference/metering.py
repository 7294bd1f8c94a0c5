"""Counts what a language model costs: calls, tokens and seconds, whatever becomes of its answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inference.ports import Generation, LanguageModel, Prompt


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
        generation: Generation | None = None
        try:
            generation = self._model.generate(
                prompt, grammar=grammar, stop=stop, maximum_tokens=maximum_tokens, seed=seed
            )
        finally:
            self.usage += Usage(
                1,
                generation.prompt_tokens if generation else 0,
                generation.completion_tokens if generation else 0,
                self._stopwatch() - began,
            )
        return generation
