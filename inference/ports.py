"""Ports of this room: a language model that writes text under a grammar, and an encoder that embeds it.

Both are blocking; callers on an event loop use `asyncio.to_thread`. Implementations serialise concurrent calls
themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.reading import FunctionReading
from inference.signatures import FunctionSignature
from inference.text import Sentence
from inference.words import Place


class PromptStyle(StrEnum):
    """Which of a prompt's two forms a model wants."""

    COMPACT = "compact"
    """The special-token form that the bundled model was trained on."""
    INSTRUCT = "instruct"
    """A system and a user message, for general instruction-tuned models."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a language model, in both forms. The answer notation is the same in both."""

    compact: str
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model wrote.

    `confidence` is the smallest probability the model gave, without the grammar, to any token it wrote (0 to 1);
    None where the runtime does not tell. `cached_tokens` counts prompt tokens whose KV state was reused.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    confidence: float | None = None


class LanguageModel(Protocol):
    """Writes text. `generate` never raises for odd output, only for a model that cannot be reached or loaded."""

    @property
    def name(self) -> str:
        """What people call this model, for logs and `GET /v1/models`."""
        ...

    @property
    def takes_examples(self) -> bool:
        """Whether it gains from sentences of before and their answers, shown in `Prompt.user`.

        A model that was trained on prompts without any only reads `Prompt.compact`, which never has them.
        """
        ...

    def generate(
        self,
        prompt: Prompt,
        *,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        maximum_tokens: int = 160,
        seed: int = 0,
    ) -> Generation:
        """Answer one prompt greedily.

        Args:
            prompt: the question.
            grammar: GBNF with a `root` rule, or None for free text. Models that cannot constrain their output
                (remote endpoints) may ignore it: callers always check what comes back.
            stop: texts that end the answer.
            maximum_tokens: cap on the answer.
            seed: for models that sample.

        Raises:
            ModelError: the model is missing, broken or unreachable.
        """
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """How an encoder's cosines become the probabilities of functions, and of "none of them".

    The logit of a function is `scale` times cosine + `lexical_weight` times z-score of shared words; that of none is
    `scale` times `none_cosine`. The defaults suit an encoder that was never tuned on choosing.
    """

    scale: float = 20.0
    none_cosine: float = 0.3
    lexical_weight: float = 0.5


class Encoder(Protocol):
    """Turns texts into unit vectors whose dot product says how near their meanings are."""

    @property
    def choice(self) -> Choice:
        """How its cosines become probabilities."""
        ...

    @property
    def identity(self) -> str:
        """Changes whenever vectors of this encoder stop being comparable with earlier ones."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed `texts`; shape (len(texts), dimensions), each row of length 1."""
        ...


class Reader(Protocol):
    """Reads a sentence together with functions of a device."""

    def read(
        self,
        sentence: Sentence,
        functions: Sequence[FunctionSignature],
        clause: Place | None = None,
    ) -> list[FunctionReading]:
        """Say for each function whether the sentence asks for it, and where the values of its parameters stand.

        With `clause`, the (start, end) of a part of the sentence, only what that part asks for counts.

        Raises:
            ModelError: the reader cannot run.
        """
        ...


class ModelError(Exception):
    """A model or encoder is missing, altered or unreachable; `remedy` says what to do next.

    This room imports no other, so the device agent and the coordinator translate this into their own error codes.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy
