"""Writes examples for the finder and the reader from sentences that were written by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.notation import LEFT_OUT
from inference.reader_input import Tokenize, function_tokens, sentence_tokens
from inference.search_text import search_text, without_numbers
from inference.text import Sentence
from inference.words import clause_places, split_clauses
from training.data.splits import bucket
from training.encoder_examples import NONE, Device
from training.reader_examples import Pair, Reading, Rows, call_targets
from training.utterances import SpokenCall, SpokenThing, Utterance, said_value

HELD_OUT_PERCENT = 8
# A function more or less tells the same things of a family apart.
_HIDDEN_SHARE, _LEAST_FUNCTIONS = 0.15, 3
_CLAUSE_SHARE = 0.5
_NEAR_NOISE = 0.08


def split_things(things: Sequence[SpokenThing]) -> tuple[list[SpokenThing], list[SpokenThing]]:
    """Split into training and held-out things, by a hash of the name."""
    held = [thing for thing in things if bucket(thing.name) < HELD_OUT_PERCENT]
    return [thing for thing in things if bucket(thing.name) >= HELD_OUT_PERCENT], held


def spoken_devices(things: Sequence[SpokenThing], rng: random.Random, clauses: int) -> Iterator[Device]:
    """Stream things for the finder with at most `clauses` of their sentences, each thing once in a round.

    Raises:
        ValueError: there are no things.
    """
    if not things:
        raise ValueError("there are no things to speak to: training/utterances is empty")
    while True:
        for thing in rng.sample(things, len(things)):
            kept = _kept(thing, rng)
            pairs = [pair for utterance in thing.utterances for pair in _clauses(utterance)]
            pairs = [(text, target) for text, target in pairs if target == NONE or target in kept]
            chosen = rng.sample(pairs, min(clauses, len(pairs)))
            places = {index: place for place, index in enumerate(kept)}
            yield Device(
                [search_text(thing.functions[index]) for index in kept],
                [_spelled(text, rng) for text, _ in chosen],
                [places.get(target, NONE) for _, target in chosen],
            )


def _kept(thing: SpokenThing, rng: random.Random) -> list[int]:
    kept = [index for index in range(len(thing.functions)) if rng.random() >= _HIDDEN_SHARE]
    return kept if len(kept) >= _LEAST_FUNCTIONS else list(range(len(thing.functions)))


def _clauses(utterance: Utterance) -> list[tuple[str, int]]:
    """Return what the search is asked for a sentence, each with the function that is meant by it."""
    text, calls = utterance.text, utterance.calls
    if not calls:
        return [(without_numbers(text), NONE)]
    if len(calls) == 1:
        return [(without_numbers(text), calls[0].function)]
    clauses = split_clauses(without_numbers(text))
    if len(clauses) != len(calls):
        return []
    return [(clause, call.function) for clause, call in zip(clauses, calls, strict=True)]


def _spelled(text: str, rng: random.Random) -> str:
    """Write a sentence as speech recognition would, now and then."""
    return text.lower().replace(",", "").rstrip(".?!") if rng.random() < 0.25 else text


@dataclass(frozen=True)
class KnownThing:
    """A thing with how near each of its sentences is to each of its functions: (sentences, functions), -1 to 1."""

    thing: SpokenThing
    nearness: NDArray[np.float32]


def spoken_readings(
    things: Sequence[KnownThing], rng: random.Random, tokenize: Tokenize, *, negatives: int
) -> Iterator[Reading]:
    """Stream readings of sentences, each once in a round, beside the functions that the search would take for right.

    Raises:
        ValueError: there are no sentences.
    """
    described = [
        [(function, function_tokens(function, tokenize)) for function in known.thing.functions]
        for known in things
    ]
    places = [
        (number, place) for number, known in enumerate(things) for place in range(len(known.thing.utterances))
    ]
    if not places:
        raise ValueError("there are no sentences to read: training/utterances is empty")
    while True:
        for number, place in rng.sample(places, len(places)):
            known = things[number]
            utterance = known.thing.utterances[place]
            sentence = utterance.prepared
            lower, calls, clause = sentence.lower, utterance.calls, None
            found = clause_places(lower)
            if len(calls) > 1 and len(found) == len(calls) and rng.random() < _CLAUSE_SHARE:
                one = rng.randrange(len(calls))
                clause, calls = found[one], calls[one : one + 1]
            tokens = sentence_tokens(lower, tokenize, clause)
            wanted = {call.function for call in calls}
            pairs = []
            for index in sorted(wanted):
                signature, function = described[number][index]
                rows = _rows([call for call in calls if call.function == index], known.thing, sentence)
                pairs.append(Pair(function, True, call_targets(rows, signature, function, tokens, lower)))
            nearness = known.nearness[place] + _NEAR_NOISE * np.array(
                [rng.gauss(0, 1) for _ in described[number]], np.float32
            )
            order = [index for index in np.argsort(-nearness).tolist() if index not in wanted]
            pairs += [Pair(described[number][index][1], False) for index in order[:negatives]]
            yield Reading(tokens, tuple(pairs), ("spoken",))


def _rows(calls: Sequence[SpokenCall], thing: SpokenThing, sentence: Sentence) -> Rows:
    return [
        [
            said_value(call.values[parameter.name], parameter, sentence)
            if parameter.name in call.values
            else LEFT_OUT
            for parameter in thing.functions[call.function].parameters
        ]
        for call in calls
    ]
