"""A language model that says what a test told it to say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inference.ports import Generation, ModelError, Prompt


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """One question that a `ScriptedModel` was asked."""

    prompt: Prompt
    grammar: str | None
    stop: tuple[str, ...]
    maximum_tokens: int
    seed: int


class ScriptedModel:
    """A fake `LanguageModel` for tests: no inference happens.

    `calls` keeps every question in order. Token counts are counts of words.
    """

    def __init__(
        self,
        answers: Sequence[str | Exception] | Callable[[Prompt], str | Exception],
        *,
        name: str = "scripted",
        confidence: float | None = 1.0,
        takes_examples: bool = False,
    ) -> None:
        """Choose what to answer.

        Args:
            answers: the answers in order, or a function of the prompt (called from whichever thread asks).
                An exception in place of an answer is raised.
            name: the model's name.
            confidence: reported with every answer.
            takes_examples: what it says of itself.
        """
        self.calls: list[ScriptedCall] = []
        self._answers = answers
        self._name = name
        self._confidence = confidence
        self._takes_examples = takes_examples
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name given at construction."""
        return self._name

    @property
    def takes_examples(self) -> bool:
        """What was said at construction."""
        return self._takes_examples

    @property
    def prompts(self) -> list[Prompt]:
        """The prompts of all calls, in order."""
        return [call.prompt for call in self.calls]

    def generate(
        self,
        prompt: Prompt,
        *,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        maximum_tokens: int = 160,
        seed: int = 0,
    ) -> Generation:
        """Record the question and give the next answer.

        Raises:
            ModelError: the script has no answers left, or says so.
        """
        with self._lock:
            position = len(self.calls)
            self.calls.append(ScriptedCall(prompt, grammar, tuple(stop), maximum_tokens, seed))
        if callable(self._answers):
            answer = self._answers(prompt)
        elif position < len(self._answers):
            answer = self._answers[position]
        else:
            raise ModelError(
                f"The scripted model has {len(self._answers)} answers and was asked once more.",
                "Add an answer to the script.",
            )
        if isinstance(answer, Exception):
            raise answer
        return Generation(
            text=answer,
            prompt_tokens=len(prompt.compact.split()),
            completion_tokens=len(answer.split()),
            confidence=self._confidence,
        )
