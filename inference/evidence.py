"""Reads a sentence, and each of its clauses, with the functions that the search does not find improbable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.conversions import converting
from inference.ports import Reader
from inference.program_prompt import Hint
from inference.reading import UNREAD, FunctionReading
from inference.request import Request
from inference.steering import certain, steered
from inference.words import Place, clause_places

_ALWAYS_READ, _LEAST_WORTH_READING = 2, 0.01
# What the whole sentence makes less likely than this no clause of it asks for, unless the search takes it for the best.
_LEAST_IN_SENTENCE = -3.0
# How much of what a clause asks for is told by the whole sentence; chosen on the development part of evals/independent.
_SENTENCE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reader thinks of the candidates, in their order.

    Attributes:
        sentence: of the whole sentence.
        clauses: of each clause; that of the sentence where it has only one, or where the search has seen others.
        places: where each clause stands; then all of the sentence.
    """

    sentence: Sequence[FunctionReading]
    clauses: Sequence[Sequence[FunctionReading]]
    places: Sequence[Place]

    @classmethod
    def undivided(cls, sentence: Sequence[FunctionReading], text: str, clauses: int) -> Evidence:
        """Take each of so many clauses for all of the sentence."""
        return cls(sentence, [sentence] * clauses, [(0, len(text))] * clauses)


def gather(reader: Reader, request: Request, rankings: Sequence[Sequence[Hint]]) -> Evidence:
    """Read the sentence, and where it has several clauses once more for each, with that clause in marks.

    Args:
        reader: reads.
        request: the sentence and the functions that were found.
        rankings: for each clause, what the search thinks of them, the most probable first.

    Raises:
        ModelError: the reader cannot run.
    """
    worth = {
        hint.index
        for ranking in rankings
        for rank, hint in enumerate(ranking)
        if rank < _ALWAYS_READ or hint.probability >= _LEAST_WORTH_READING
    }
    worth |= set(certain(request.sentence.lower, request.candidates))
    worth |= set(converting(request.candidates, request.sentence))
    sentence = steered(_read(reader, request, worth, None), request, None)
    text = request.sentence.lower
    places = clause_places(text)
    if len(places) == 1 or len(places) != len(rankings):
        return Evidence.undivided(sentence, text, len(rankings))
    possible = {index for index in worth if sentence[index].evidence > _LEAST_IN_SENTENCE}
    clauses = []
    for ranking, place in zip(rankings, places, strict=True):
        best = {hint.index for hint in ranking[:1]}
        read = _read(reader, request, possible | best, place)
        both = [_both(*pair) for pair in zip(sentence, read, strict=True)]
        clauses.append(steered(both, request, place))
    return Evidence(sentence, clauses, places)


def _read(reader: Reader, request: Request, indices: set[int], clause: Place | None) -> list[FunctionReading]:
    ordered = sorted(indices)
    found = reader.read(request.sentence, [request.candidates[index] for index in ordered], clause)
    readings = [UNREAD] * len(request.candidates)
    for index, reading in zip(ordered, found, strict=True):
        readings[index] = reading
    return readings


def _both(sentence: FunctionReading, clause: FunctionReading) -> FunctionReading:
    """Weigh what the whole sentence tells of a function and what one clause does; values are those of the clause."""
    if clause is UNREAD:
        return sentence
    evidence = _SENTENCE_SHARE * sentence.evidence + (1 - _SENTENCE_SHARE) * clause.evidence
    return replace(clause, evidence=evidence)
