"""Narrows what a program for a sentence can be, from what the reader thinks of every function.

What is left for the language model to choose among: the order of the calls, and values that the reader finds about equally
likely. What the reader is sure of has one way to be written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.choices import is_form_of
from inference.evidence import Evidence
from inference.filling import amounts_within, fill
from inference.goal_clauses import is_statement
from inference.imperatives import begins_with_order
from inference.narrowed_calls import Lacking, OutOfRange, calls_of
from inference.not_doable import contradicts_itself, is_for_another_day
from inference.notation import MAXIMUM_CALLS
from inference.program_grammar import NarrowedCall, maximum_calls, repetitions
from inference.program_prompt import Hint
from inference.reading import FunctionReading
from inference.repeated_calls import Part, parts_with_own_values
from inference.request import Request
from inference.signatures import FunctionSignature
from inference.steering import redirected
from inference.text import canonical_words
from inference.value_places import item_places
from inference.values import spoken_choices
from inference.words import Place, brightness_joints, volume_joints

__all__ = ["Lacking", "OutOfRange", "narrow"]

# Logarithms of probabilities, chosen on the development part of evals/independent and on evals/practice.
_READER_WEIGHT = 1.3
_LEAST_ASKED, _LEAST_ASKED_BY_NAME = 0.3, -1.0
_LEAST_EVIDENCE = -2.0
# What speaks for a wish beside the clearest one: a logistic regression on 538 clauses of sentences to things that no training has
# seen and 187 of the development part and practice sets, of which it tells 84 and 83 % right.
_LEAST_BESIDE, _CLAUSE_READER, _CLAUSE_SEARCH, _GOING_ON, _LEAST_GOING_ON = 1.33, 0.63, 0.35, 0.39, -3.0
_ADDED, _REMARK, _NAMED = 1.5, 1.1, 0.5
_INSTEAD = 2.0
_VALUES_WEIGHT = 0.6
_SMALLEST = 1e-3
# Words of names that people do not say.
_UNTELLING = frozenset("set get do control".split())


def narrow(
    request: Request,
    rankings: Sequence[Sequence[Hint]],
    evidence: Evidence,
    sentence_ranking: Sequence[Hint] = (),
) -> list[NarrowedCall] | Lacking | OutOfRange:
    """Return the calls that a sentence asks for, in the order of its clauses; none where it asks for nothing.

    A function is called several times where several clauses ask for it, one clause names several values for it, or the
    sentence says how often.

    Args:
        request: the sentence and the functions that were found.
        rankings: for each clause, what the search thinks of them.
        evidence: what the reader thinks of them.
        sentence_ranking: what the search thinks of them for the sentence as a whole, where it has several clauses.
    """
    most = maximum_calls(request.sentence.lower)
    lower = request.sentence.lower
    rankings = [
        redirected(ranking, readings, request, lower[slice(*place)])
        for ranking, readings, place in zip(rankings, evidence.clauses, evidence.places, strict=False)
    ]
    sentence_ranking = redirected(sentence_ranking, evidence.sentence, request, lower)
    winners = _winners(request, rankings, evidence, sentence_ranking)
    weights: dict[int, float] = {}
    for winner in winners:
        if winner is not None:
            weights[winner.index] = max(winner.weight, weights.get(winner.index, winner.weight))
    likeliest = set(sorted(weights, key=lambda index: -weights[index])[:most])
    calls: list[NarrowedCall] = []
    for index in (index for index in weights if index in likeliest):
        # What no clause has use for may belong to this function.
        own = [
            place
            for place, winner in zip(evidence.places, winners, strict=True)
            if winner is None or winner.index == index
        ]
        foreign = [place for place in evidence.places[: len(winners)] if place not in own]
        asking = [
            number for number, winner in enumerate(winners) if winner is not None and winner.index == index
        ]
        # Where only one function is asked for, its values may stand anywhere.
        is_shared = len(asking) > 1 or len(likeliest) == 1
        readings = evidence.sentence if is_shared else evidence.clauses[asking[0]]
        filled = fill(readings[index].slots, request, own, foreign)
        listed = sum(
            maximum_calls(request.sentence.lower[slice(*evidence.places[number])]) for number in asking
        )
        times = most if len(likeliest) == 1 else listed
        found = calls_of(index, request, filled, weights[index], times)
        parts = parts_with_own_values(
            [
                (place, clause[index].slots)
                for place, clause in zip(evidence.places, evidence.clauses, strict=False)
                if place in own
            ],
            request,
        )
        if (
            isinstance(found, list)
            and len(parts) >= max(2, len(found))
            and _leaves_out(found, parts[1:], request)
        ):
            found = _calls_of_parts(index, request, parts, weights[index], foreign) or found
        if isinstance(found, Lacking | OutOfRange):
            return found
        calls += found
    if len(calls) == 1 and not weights.keys() - likeliest:
        calls *= repetitions(request.sentence.lower, [values[0] for values in calls[0].values])
    functions = [request.candidates[index] for index in likeliest]
    if contradicts_itself(lower) or is_for_another_day(lower, functions):
        return []
    return calls[:MAXIMUM_CALLS]


def _leaves_out(calls: Sequence[NarrowedCall], parts: Sequence[Part], request: Request) -> bool:
    """Whether calls have no use for an amount that one of some parts of a sentence says."""
    used = [
        place
        for call in calls
        for values in call.values
        for place in item_places(values[0], request.sentence)
    ]
    return any(
        not any(start < other_end and other < end for other, other_end in used)
        for part in parts
        for start, end in amounts_within(request, part.places)
    )


def _calls_of_parts(
    index: int, request: Request, parts: Sequence[Part], weight: float, foreign: Sequence[Place]
) -> list[NarrowedCall]:
    """Return a call of one function for each part of the sentence; none where it cannot be called for one of them."""
    calls: list[NarrowedCall] = []
    for part in parts:
        others = [place for other in parts if other is not part for place in other.places]
        found = calls_of(
            index, request, fill(part.slots, request, part.places, [*foreign, *others]), weight, 1
        )
        if isinstance(found, Lacking | OutOfRange):
            return []
        calls += found
    return calls


@dataclass(frozen=True, slots=True)
class _Winner:
    """The function that a clause asks for, and the logit of that."""

    index: int
    weight: float


def _winners(
    request: Request,
    rankings: Sequence[Sequence[Hint]],
    evidence: Evidence,
    sentence_ranking: Sequence[Hint],
) -> list[_Winner | None]:
    """Choose what each clause asks for.

    Beside the clearest wish others are heard where the whole sentence speaks for them too, and the clause does not rather
    go on with that wish: "kick in at 6 bar and drop out at 7" and "everybody has left, lock up" are one wish each.
    """
    winners = [
        _searched_at_joint(request, *clause) or _winner(request, *clause, is_alone=len(rankings) == 1)
        for clause in zip(rankings, evidence.clauses, evidence.places, strict=True)
    ]
    whole = (0, len(request.sentence.lower))
    clearest = _winner(request, sentence_ranking, evidence.sentence, whole, is_alone=True) or max(
        (winner for winner in winners if winner is not None), key=_weight_of, default=None
    )
    if clearest is None:
        return winners
    if not any(winner is not None and winner.index == clearest.index for winner in winners):
        winners[_nearest(request, clearest.index, winners, rankings, evidence)] = clearest
    kept: list[_Winner | None] = []
    for number, (winner, ranking, readings) in enumerate(
        zip(winners, rankings, evidence.clauses, strict=True)
    ):
        lower = request.sentence.lower
        clause = lower[slice(*evidence.places[number])]
        least = _LEAST_BESIDE + _REMARK * is_statement(clause)
        least += _ADDED * (_is_behind_comma(lower, evidence.places, number) and not begins_with_order(clause))
        if winner is not None:
            least -= _NAMED * _names_choice(request, winner.index, clearest.index, evidence.places[number])
        if brightness_joints(lower) or _is_volume_apart(request, clearest.index, evidence.places[number]):
            # "Blue" and "at 20 percent" are two wishes, where one function does not take both.
            least = -math.inf
        is_heard = winner is not None and (
            winner.index == clearest.index or _beside(winner, clearest, ranking, readings) > least
        )
        kept.append(winner if is_heard else None)
    return kept


def _nearest(
    request: Request,
    index: int,
    winners: Sequence[_Winner | None],
    rankings: Sequence[Sequence[Hint]],
    evidence: Evidence,
) -> int:
    """Choose the clause that asks for what no clause says alone: the one that comes nearest, beside what it says rather."""
    costs: list[tuple[bool, float]] = []
    for winner, ranking, readings, place in zip(
        winners, rankings, evidence.clauses, evidence.places, strict=True
    ):
        own = _weights(ranking, readings).get(index, -math.inf)
        rival = 0.0 if winner is None else max(0.0, winner.weight)
        costs.append((is_statement(request.sentence.lower[slice(*place)]), rival - own))
    return costs.index(min(costs))


def _searched_at_joint(
    request: Request, ranking: Sequence[Hint], readings: Sequence[FunctionReading], place: Place
) -> _Winner | None:
    """Choose by the search alone what is asked for beside a joint that is not said: the reader takes it for one wish."""
    lower = request.sentence.lower
    is_joined = any(place[0] == end for _, end in volume_joints(lower)) or any(
        place[1] == start or place[0] == end for start, end in brightness_joints(lower)
    )
    if not ranking or not is_joined:
        return None
    best = max(ranking, key=lambda hint: hint.probability)
    weight = _searched(ranking)[best.index]
    found = calls_of(best.index, request, fill(readings[best.index].slots, request, [place]), weight, 1)
    return None if weight < 0 or isinstance(found, Lacking | OutOfRange) else _Winner(best.index, weight)


def _names_choice(request: Request, index: int, clearest: int, place: Place) -> bool:
    """Whether a clause names a choice of a function by all of its words, which the clearest wish has no use for."""
    known = {
        choice
        for parameter in request.candidates[clearest].parameters
        for choice in spoken_choices(parameter)
    }
    return any(
        naming.is_sure
        and naming.is_whole
        and not naming.is_excluded
        and words not in known
        and place[0] <= naming.place[0]
        and naming.place[1] <= place[1]
        for parameter in request.candidates[index].parameters
        for words, naming in request.choices.naming(parameter).items()
    )


def _is_volume_apart(request: Request, clearest: int, place: Place) -> bool:
    """Whether a clause says how loud something is to be, for which the clearest wish has no parameter."""
    joints = volume_joints(request.sentence.lower)
    return any(place[0] == end for _, end in joints) and not any(
        "volume" in parameter.readable_name.lower() for parameter in request.candidates[clearest].parameters
    )


def _is_behind_comma(lower: str, places: Sequence[Place], number: int) -> bool:
    """Whether nothing but a comma joins a part of a sentence to the one before."""
    return number > 0 and lower[places[number - 1][1] : places[number][0]].strip() == ","


def _weight_of(winner: _Winner) -> float:
    return winner.weight


def _beside(
    winner: _Winner, clearest: _Winner, ranking: Sequence[Hint], readings: Sequence[FunctionReading]
) -> float:
    """Return how much speaks for a clause asking for something beside the clearest wish (a logit, but for what is least)."""
    goes_on = max(_LEAST_GOING_ON, _weights(ranking, readings).get(clearest.index, _LEAST_GOING_ON))
    return (
        _CLAUSE_READER * readings[winner.index].evidence
        + _CLAUSE_SEARCH * _searched(ranking)[winner.index]
        - _GOING_ON * goes_on
    )


def _winner(
    request: Request,
    ranking: Sequence[Hint],
    readings: Sequence[FunctionReading],
    place: Place,
    *,
    is_alone: bool,
) -> _Winner | None:
    """Choose what one clause asks for: likely, and able to use the values that are said; else the likeliest."""
    able = [
        (weight, index, fill(readings[index].slots, request, [place]))
        for weight, index in _choices(request, place, ranking, readings)
        if is_alone or readings[index].evidence > _LEAST_EVIDENCE
    ]
    unable: _Winner | None = None
    for weight, index, filled in sorted(able, key=lambda one: -one[0] - _VALUES_WEIGHT * one[2].score):
        found = calls_of(index, request, filled, weight, 1)
        if not isinstance(found, Lacking | OutOfRange):
            return _Winner(index, weight)
        unable = unable or _Winner(index, weight)
    return unable


def _choices(
    request: Request, place: Place, ranking: Sequence[Hint], readings: Sequence[FunctionReading]
) -> list[tuple[float, int]]:
    """Return the functions that a clause may ask for: how much more likely than none (a logit), and which.

    The search has compared the clause alone, the reader has read it within the sentence: each is right where the other is not.
    Those that are much less likely than the likeliest only count where that one cannot be called.
    """
    weighed = sorted((weight, index) for index, weight in _weights(ranking, readings).items())[::-1]
    clause = request.sentence.lower[slice(*place)]
    return [
        (weight, index)
        for weight, index in weighed
        if weight > weighed[0][0] - _INSTEAD
        and (
            weight > _LEAST_ASKED
            or (weight > _LEAST_ASKED_BY_NAME and _is_called(request.candidates[index], clause))
        )
    ]


def _is_called(function: FunctionSignature, clause: str) -> bool:
    """Whether a clause has every word of a function's name: "turn on the kitchen light" those of `light_turn_on`."""
    telling = set(canonical_words(function.readable_name).split()) - _UNTELLING
    return bool(telling) and all(
        any(is_form_of(said, word) for said in re.findall(r"\w+", clause)) for word in telling
    )


def _weights(ranking: Sequence[Hint], readings: Sequence[FunctionReading]) -> dict[int, float]:
    """Return how much more likely than none each function is (a logit), as search and reader think."""
    return {
        index: _READER_WEIGHT * readings[index].evidence + searched
        for index, searched in _searched(ranking).items()
    }


def _searched(ranking: Sequence[Hint]) -> dict[int, float]:
    """Return how much more likely than none each function is (a logit), as the search alone thinks."""
    none = max(1.0 - sum(hint.probability for hint in ranking), _SMALLEST)
    return {hint.index: math.log(max(hint.probability, _SMALLEST) / none) for hint in ranking}
