"""A reader that a test tells where values stand, and a model that writes what a grammar admits."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from inference.ports import Generation, Prompt
from inference.program_prompt import Hint
from inference.reader_input import (
    UP,
    function_start,
    function_tokens,
    is_pointed_at_choices,
    reader_tokens,
    sentence_tokens,
)
from inference.reading import FunctionReading, slot_reading
from inference.signatures import FunctionSignature
from inference.text import Sentence
from inference.words import Place
from tests.gbnf_sampler import GrammarSampler

SURE = 20.0
"""How much higher the score of a place is that the scripted reader points at."""
ASKED, NOT_ASKED = 12.0, -12.0

Said = Mapping[str, str | Sequence[str]]


class Pieces:
    """A tokenizer: one id for every piece of at most four letters or digits, and for every mark."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def __call__(self, text: str) -> list[int]:
        return [
            self._ids.setdefault(piece, 1000 + len(self._ids))
            for piece in re.findall(r"\w{1,4}|[^\w\s]", text)
        ]

    def text(self, ids: Sequence[int]) -> str:
        """Join what ids stand for."""
        pieces = {number: piece for piece, number in self._ids.items()}
        return "".join(pieces[number] for number in ids)


def reading(
    sentence: Sentence, function: FunctionSignature, evidence: float = ASKED, said: Said | None = None
) -> FunctionReading:
    """Read a function as if its values stood at these words; parameters that are not named were not said.

    What is said is a choice's words, or words of the sentence, behind `up` or `down` for a change; several where any of
    them may be meant.
    """
    assert set(said or ()) <= {parameter.key for parameter in function.parameters}
    tokenize = Pieces()
    words = sentence_tokens(sentence.lower, tokenize)
    tokens = function_tokens(function, tokenize)
    start, length = function_start(words), len(reader_tokens(words, tokens))
    slots = []
    for parameter, slot in zip(function.parameters, tokens.slots, strict=True):
        asked = (said or {}).get(parameter.key, ())
        scores = _scores(
            [asked] if isinstance(asked, str) else list(asked),
            {choice: start + place for choice, place in slot.choices.items()},
            start + slot.token,
            lambda text: words.spans(sentence.lower, text),
            length,
            has_ways=not is_pointed_at_choices(parameter),
        )
        slots.append(slot_reading(parameter, slot, words, sentence.lower, scores))
    return FunctionReading(evidence, tuple(slots))


def _scores(
    values: Sequence[str],
    choices: Mapping[str, int],
    own: int,
    spans: Callable[[str], list[tuple[int, int]]],
    length: int,
    *,
    has_ways: bool,
) -> dict[str, NDArray[np.float64]]:
    scores = {kind: np.zeros(length) for kind in ("first", "last", "way")}
    turned = _direction(values) if has_ways and UP in choices else ""
    scores["way"][choices[turned] if turned else own] = SURE
    if not values:
        scores["first"][0] = SURE
    for value in values:
        if value in choices and not turned:
            scores["first"][choices[value]] = SURE
            continue
        text = value.removeprefix(turned).strip()
        found = spans(text) if text else []
        scores["first"][[first for first, _ in found] or [0]] = SURE
        scores["last"][[last for _, last in found]] = SURE
    return scores


def _direction(values: Sequence[str]) -> str:
    return next((value.split()[0] for value in values if value.split()[0] in {"up", "down"}), "")


def hints(*weights: float) -> list[Hint]:
    """Rank candidates by what the search gives each of them, in their order."""
    ranked = [Hint(index, weight) for index, weight in enumerate(weights)]
    return sorted(ranked, key=lambda hint: -hint.probability)


class ScriptedReader:
    """A fake `Reader`: it is told which functions are asked for, by name, and where their values stand.

    `clauses` tells the same of clauses, by their text; without, every clause is read like the whole sentence.
    """

    def __init__(
        self,
        said: Mapping[str, Said] | Exception,
        clauses: Mapping[str, Mapping[str, Said]] | None = None,
    ) -> None:
        self._said = said
        self._clauses = clauses or {}
        self.read_sentences: list[Sentence] = []
        self.read_functions: list[list[str]] = []

    def read(
        self,
        sentence: Sentence,
        functions: Sequence[FunctionSignature],
        clause: Place | None = None,
    ) -> list[FunctionReading]:
        """Do as was told."""
        if isinstance(self._said, Exception):
            raise self._said
        self.read_sentences.append(sentence)
        self.read_functions.append([function.name for function in functions])
        said = self._clauses[sentence.lower[slice(*clause)]] if clause and self._clauses else self._said
        return [
            reading(sentence, function, ASKED, said[function.name])
            if function.name in said
            else reading(sentence, function, NOT_ASKED)
            for function in functions
        ]


class ObedientModel:
    """A fake `LanguageModel` that writes whatever the grammar admits, by chance or as `choose` picks."""

    def __init__(self, seed: int = 0, choose: Callable[[set[str]], str] | None = None) -> None:
        self._rng = random.Random(seed)
        self._choose = choose
        self.grammars: list[str] = []

    @property
    def name(self) -> str:
        """What it is called."""
        return "obedient"

    @property
    def takes_examples(self) -> bool:
        """Never: it reads no prompt."""
        return False

    def generate(
        self,
        prompt: Prompt,
        *,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        maximum_tokens: int = 160,
        seed: int = 0,
    ) -> Generation:
        """Draw one text."""
        assert grammar is not None
        self.grammars.append(grammar)
        text = self._choose(admitted(grammar)) if self._choose else GrammarSampler(grammar).sample(self._rng)
        return Generation(text, len(prompt.compact.split()), len(text.split()), confidence=1.0)


def admitted(grammar: str, draws: int = 300) -> set[str]:
    """Draw so often that every text of a small grammar is among them."""
    sampler = GrammarSampler(grammar)
    return {sampler.sample(random.Random(seed)) for seed in range(draws)}
