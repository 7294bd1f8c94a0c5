"""Writes what the reader is trained on: a sentence, some functions, which of them it asks for, and where each value stands."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from inference.notation import LEFT_OUT, LETTERS
from inference.program_prompt import function_text
from inference.reader_input import (
    DOWN,
    MARK,
    UNSEEN,
    UP,
    FunctionTokens,
    SentenceTokens,
    Tokenize,
    function_start,
    function_tokens,
    is_pointed_at_choices,
    sentence_tokens,
)
from inference.signatures import FunctionSignature
from inference.values import ITEM_JOINT, choice_words
from inference.words import clause_places
from training.data.device import Devices
from training.data.examples import Piece, Question, Realised
from training.data.extraction import Extraction
from training.data.naming import is_english
from training.data.questions import KINDS, Questions
from training.data.splits import Split
from training.lexicon import Family, FunctionWords
from training.nearness import Nearness
from training.strangers import Strangers

_READ_KINDS = {
    **KINDS,
    "one": 60,
    "change": 20,
    "refuse": 26,
    "two": 30,
    "three": 9,
    "correction": 5,
    "each": 7,
    "ask": 8,
}
# How often a sentence of several clauses is read for what one of them asks for.
_CLAUSE_SHARE = 0.45
# How often the choice that is meant is none of those that the device offers.
_UNOFFERED_SHARE = 0.1
_LEAST_OFFERED = 2
_EXTRACTION_SHARE = 0.07
_WAREHOUSE_SHARE = 0.05
# Codes, stumps and foreign names are seldom what a reader meets; where they were the rule, it learnt little else.
_CLEAR_SHARE = 0.75
_QUESTIONS = 6
_NEGATIVES = 3
_ALIKE_SHARE, _ALIKE_NOISE = 0.6, 0.15
# How often one of the functions that a sentence is read with is another device's.
_STRANGER_SHARE = 0.4
# A sentence that a device must refuse although it means one of its functions: what it lacks is found out later.
_MEANT_ALTHOUGH_REFUSED = frozenset({"out of range", "relative"})
# A description in a script that the encoder cannot read is glossed before it is read.
_UNKNOWN_TOKEN, _MOST_UNKNOWN = 100, 1
# How many of the sentences whose values only have to be found are kept: these are learned soonest.
_LITERAL_SHARE = 0.5
_TELLING_WORDS = 2
_EMPTY_WORDS = frozenset(
    "the and for from with that this are its into sets set changes tells gives shows returns".split()
)
Rows = list[list[str | None]]
"""What is written for the parameters in each call of a function; None for what nothing is known of."""

_CALL = re.compile(r"([A-H])\((.*?)\)(?:;|$)")
_RELATIVE = re.compile(r"(up|down)(?: (.+))?")


@dataclass(frozen=True)
class Target:
    """Where the value of one parameter stands; places are counted as in the input of sentence and function.

    `firsts` and `lasts` are first and last tokens of right places (several where the words occur several times, or where
    the value is a list); without `lasts` only a choice or `[CLS]` is pointed at. `direction` is the place of `up`, `down`
    or, for a value that is not relative, of the parameter itself; None where it cannot be. `choices` are the places of the
    parameter's choices; `at_choices` says that one of them is the value.
    """

    slot: int
    firsts: tuple[int, ...]
    lasts: tuple[int, ...] = ()
    direction: int | None = None
    choices: tuple[int, ...] = ()
    at_choices: bool = False
    is_list: bool = False


@dataclass(frozen=True)
class Pair:
    """A sentence read with one function."""

    function: FunctionTokens
    is_asked: bool
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A sentence with all the functions that it is read with."""

    sentence: SentenceTokens
    pairs: tuple[Pair, ...]
    tags: tuple[str, ...] = field(default=())


def readings(
    families: Sequence[Family],
    rng: random.Random,
    split: Split,
    tokenize: Tokenize,
    *,
    negatives: int = _NEGATIVES,
    nearness: Nearness | None = None,
) -> Iterator[Reading]:
    """Stream readings, reproducibly; each has the functions that are asked for and at most `negatives` others.

    The others share most words with the sentence; where `nearness` is given they are, in six of ten sentences, those most
    alike to what is asked for, which are what the search finds beside it, and in some a device shown before has one more.
    """
    strangers = Strangers(nearness) if nearness is not None else None
    devices = Devices(families, rng, split, _WAREHOUSE_SHARE, _CLEAR_SHARE)
    questions = Questions(devices.families, rng, split, _READ_KINDS)
    extraction = Extraction(rng, split)
    while True:
        if rng.random() < _EXTRACTION_SHARE:
            realised, asked = extraction.asked(_QUESTIONS)
        else:
            device = devices.device()
            realised = device.shown
            asked = [found for _ in range(_QUESTIONS) if (found := questions.ask(device)) is not None]
        described = [(one.signature, function_tokens(one.signature, tokenize)) for one in realised]
        for question in asked:
            if any(not _can_be_known(realised[index]) for piece in question.pieces for index in piece.wanted):
                continue
            alike = nearness if nearness is not None and rng.random() < _ALIKE_SHARE else None
            rivals = Rivals([one.words for one in realised], alike, negatives)
            for number in _clauses_in_question(question, [one.signature for one in realised], rng):
                reading = _reading(question, described, rng, tokenize, rivals, number=number)
                if reading is None or not (_asks_for_meaning(reading) or rng.random() < _LITERAL_SHARE):
                    continue
                if strangers is not None and rng.random() < _STRANGER_SHARE:
                    wanted = [realised[index].words for piece in question.pieces for index in piece.wanted]
                    if (stranger := strangers.pick(wanted, rng)) is not None:
                        reading = replace(reading, pairs=(*reading.pairs, Pair(stranger, is_asked=False)))
                yield reading
        if strangers is not None:
            for one, (_, tokens) in zip(realised, described, strict=True):
                if _can_be_known(one):
                    strangers.remember(one.words, tokens)


def _clauses_in_question(
    question: Question, shown: Sequence[FunctionSignature], rng: random.Random
) -> Sequence[int | None]:
    """Choose what a sentence is read for: two of its clauses, which only the marks tell apart, or all of it.

    Of parts that ask for one call together ("danger, stop") it is not known which of them does.
    """
    if len(question.pieces) == 1 or rng.random() >= _CLAUSE_SHARE:
        return [None]
    calls = _written(question, shown)
    asking = Counter(index for piece in question.pieces for index in piece.wanted)
    clear = [
        number
        for number, piece in enumerate(question.pieces)
        if all(asking[index] <= max(1, len(calls.get(index, ()))) for index in piece.wanted)
    ]
    return rng.sample(clear, min(2, len(clear))) if clear and calls.keys() <= asking.keys() else [None]


def _asks_for_meaning(reading: Reading) -> bool:
    """Whether a value has to be understood rather than found: a choice, yes or no, up or down."""
    targets = [target for pair in reading.pairs for target in pair.targets]
    return not targets or any(
        target.at_choices or target.direction not in {None, target.slot} for target in targets
    )


@lru_cache(maxsize=1_000)
def _can_be_known(one: Realised) -> bool:
    """Whether a vendor's name or description tells in English what a function does.

    What is hidden behind a code and an empty or foreign description cannot be learned from; the agent glosses what is foreign.
    """
    told = set(re.findall(r"[a-z]{3,}", function_text(replace(one.signature, parameters=())).lower()))
    texts = (*one.words.descriptions, *(name for name in one.words.names if is_english(name)))
    telling = {word for text in texts for word in re.findall(r"[a-z]{3,}", text)} - _EMPTY_WORDS
    return len(told & telling) >= _TELLING_WORDS


@dataclass(frozen=True)
class Rivals:
    """Chooses which other functions a sentence is read with."""

    words: Sequence[FunctionWords]
    nearness: Nearness | None
    count: int

    def pick(
        self, said: set[str], wanted: Collection[int], shown: Sequence[FunctionSignature], rng: random.Random
    ) -> list[int]:
        """Return indices of at most `count` functions that are not wanted."""

        def closeness(index: int) -> float:
            if self.nearness is not None and wanted:
                alike = max(self.nearness(self.words[index], self.words[one]) for one in wanted)
                return alike + _ALIKE_NOISE * rng.random()
            return len(said & set(re.findall(r"\w+", function_text(shown[index])))) + 1.5 * rng.random()

        others = [index for index in range(len(shown)) if index not in wanted]
        return sorted(others, key=closeness, reverse=True)[: self.count]


def _reading(
    question: Question,
    described: Sequence[tuple[FunctionSignature, FunctionTokens]],
    rng: random.Random,
    tokenize: Tokenize,
    rivals: Rivals,
    *,
    number: int | None = None,
) -> Reading | None:
    if "half" in question.tags:
        return None
    shown, tokens = [function for function, _ in described], [one for _, one in described]
    lower = question.sentence.lower
    written = _written(question, shown)
    clause, elsewhere = None, set[int]()
    if number is not None:
        clause, everywhere = clause_places(lower)[number], set(written)
        written = _in_clause(written, question.pieces[number])
        elsewhere = everywhere - set(written)
    sentence = sentence_tokens(lower, tokenize, clause)
    if any(tokens[index].tokens.count(_UNKNOWN_TOKEN) > _MOST_UNKNOWN for index in written):
        return None
    for index, calls in written.items():
        if rng.random() < _UNOFFERED_SHARE:
            shown[index] = _without_the_choice(calls, shown[index], rng)
            tokens[index] = function_tokens(shown[index], tokenize)
    said = set(re.findall(r"\w+", lower[slice(*clause)] if clause else lower))
    pairs = [
        Pair(tokens[index], True, call_targets(calls, shown[index], tokens[index], sentence, lower))
        for index, calls in written.items()
    ]
    others = [*elsewhere, *rivals.pick(said, {*written, *elsewhere}, shown, rng)]
    pairs += [Pair(tokens[index], False) for index in others[: rivals.count]]
    return Reading(sentence, tuple(pairs), question.tags)


def _written(question: Question, shown: Sequence[FunctionSignature]) -> dict[int, Rows]:
    """Return what is written in each call, by function."""
    if question.answer == "refuse":
        meant = question.tags[-1] in _MEANT_ALTHOUGH_REFUSED
        return {index: [] for piece in question.pieces for index in piece.wanted} if meant else {}
    if question.answer.startswith("ask "):
        letter, _, number = question.answer.removeprefix("ask ").partition(".")
        index = LETTERS.index(letter)
        row: list[str | None] = [None] * len(shown[index].parameters)
        row[int(number) - 1] = LEFT_OUT
        return {index: [row]}
    calls: dict[int, Rows] = {}
    for letter, inside in _CALL.findall(question.answer):
        parts = [part.strip() for part in inside.split("|")] if inside else []
        calls.setdefault(LETTERS.index(letter), []).append(list(parts))
    return calls


def _in_clause(written: Mapping[int, Rows], piece: Piece) -> dict[int, Rows]:
    """Leave what one clause asks for; of several calls of a function those whose values it names most of."""
    asked = {index: rows for index, rows in written.items() if index in piece.wanted}
    words = set(re.findall(r"\w+", piece.text))
    for index, rows in asked.items():
        shared = [len(words & set(re.findall(r"\w+", " ".join(filter(None, row))))) for row in rows]
        asked[index] = [row for row, count in zip(rows, shared, strict=True) if count == max(shared)]
    return asked


def _without_the_choice(calls: Rows, function: FunctionSignature, rng: random.Random) -> FunctionSignature:
    """Take a choice that is meant out of the description, and note that nothing is said for the parameter."""
    able = [
        number
        for number, one in enumerate(function.parameters)
        if one.required and not one.many and len(one.choices) > _LEAST_OFFERED
    ]
    if not able or len(calls) != 1:
        return function
    number = rng.choice(able)
    parameter = function.parameters[number]
    kept = tuple(choice for choice in parameter.choices if choice_words(choice) != calls[0][number])
    if len(kept) == len(parameter.choices):
        return function
    calls[0][number] = LEFT_OUT
    parameters = list(function.parameters)
    parameters[number] = replace(parameter, choices=kept)
    return replace(function, parameters=tuple(parameters))


def call_targets(
    calls: Sequence[Sequence[str | None]],
    function: FunctionSignature,
    tokens: FunctionTokens,
    sentence: SentenceTokens,
    lower: str,
) -> tuple[Target, ...]:
    start = function_start(sentence)
    targets = []
    for number, (parameter, slot) in enumerate(zip(function.parameters, tokens.slots, strict=True)):
        place = start + slot.token
        firsts: list[int] = []
        lasts: list[int] = []
        direction: int | None = place if UP in slot.choices else None
        known = bool(calls)
        for row in calls:
            said = row[number]
            relative = (
                _RELATIVE.fullmatch(said) if said and parameter.current and parameter.is_quantity else None
            )
            if said is None:
                known = False
            elif said == LEFT_OUT:
                firsts.append(0)
            elif relative is not None and relative[1] in {UP, DOWN}:
                known = known and relative[1] in slot.choices
                direction = start + slot.choices.get(relative[1], slot.token)
                spans = _spans(sentence, lower, relative[2]) if relative[2] else [(0, 0)]
                firsts += [first for first, _ in spans]
                lasts += [last for _, last in spans if last]
            elif is_pointed_at_choices(parameter):
                items = said.split(ITEM_JOINT)
                firsts += [start + slot.choices[item] for item in items if item in slot.choices]
            else:
                spans = [span for item in said.split(ITEM_JOINT) for span in _spans(sentence, lower, item)]
                firsts += [first for first, _ in spans]
                lasts += [last for _, last in spans]
        if known and firsts and slot.token != UNSEEN:
            choices = tuple(start + choice for choice in slot.choices.values())
            at_choices = is_pointed_at_choices(parameter)
            targets.append(
                Target(place, tuple(firsts), tuple(lasts), direction, choices, at_choices, parameter.many)
            )
    return tuple(targets)


def _spans(sentence: SentenceTokens, lower: str, text: str) -> list[tuple[int, int]]:
    """Return where a text stands: in the clause in question, where it stands there at all."""
    spans = sentence.spans(lower, text)
    marks = [place for place, unit in enumerate(sentence.units, start=1) if unit == MARK]
    inside = [span for span in spans if marks and marks[0] < span[0] and span[1] < marks[-1]]
    return inside or spans
