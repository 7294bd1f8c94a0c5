"""The parts that a training question is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from inference.signatures import FunctionSignature, Parameter, Scalar
from inference.text import Sentence
from training.lexicon import FunctionWords, ParameterWords

Meaning = Scalar | tuple[Scalar, ...] | None


@dataclass
class Block:
    """A shared prefix and the questions and answers behind it; `grammars` make the run-time grammar of each question."""

    prefix: str
    items: list[tuple[str, str]] = field(default_factory=list)
    tags: list[tuple[str, ...]] = field(default_factory=list)
    grammars: list[Callable[[], str]] = field(default_factory=list)


@dataclass(frozen=True)
class Realised:
    """A lexicon function the way one vendor ships it; `keys` holds the lexicon's key of each parameter, in order."""

    words: FunctionWords
    signature: FunctionSignature
    keys: tuple[str, ...]

    def parameter(self, key: str) -> Parameter | None:
        """The vendor's parameter for a key of the lexicon; None where this vendor has none."""
        return self.signature.parameters[self.keys.index(key)] if key in self.keys else None

    def spoken_of(self, key: str) -> ParameterWords:
        """What the lexicon says of one of the parameters."""
        return next(one for one in self.words.parameters if one.key == key)


@dataclass(frozen=True)
class Value:
    """One argument: as it is said, as the answer writes it, and what the call must get.

    `meaning` is in the vendor's unit; None where the run-time works it out from the device's state.
    """

    spoken: str
    written: str
    meaning: Meaning = None


@dataclass(frozen=True)
class Clause:
    """One wish of a sentence.

    Attributes:
        text: as it is said, corrections included.
        phrase: the lexicon's phrase with its values, without anything around it; what retrieval may be shown.
        function: which of the shown functions it means; None where none of them does.
        values: what was said for the parameters, by the lexicon's keys.
        is_whole: a question or a statement of its own rather than an order.
    """

    text: str
    phrase: str
    function: int | None
    values: dict[str, Value]
    is_whole: bool = False


@dataclass(frozen=True)
class Piece:
    """A part of a sentence as the agent's search splits it, the phrase it comes from, and the functions it means."""

    text: str
    phrase: str
    wanted: tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """A sentence with its answer in the run-time's notation.

    `typed` is what the person wrote, `sentence` the same prepared for the model; `tags` begin with the main kind.
    """

    typed: str
    sentence: Sentence
    answer: str
    pieces: tuple[Piece, ...]
    tags: tuple[str, ...]
