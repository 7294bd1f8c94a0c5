"""What the reader is trained on: its targets stand at the right words, choices and functions."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice, pairwise

import pytest

from inference.notation import LEFT_OUT, LETTERS
from inference.reader_input import (
    CHOICE_TOKEN,
    MARK,
    PARAMETER_TOKEN,
    UNSEEN,
    FunctionTokens,
    Slot,
    function_start,
    function_tokens,
    is_pointed_at_choices,
    reader_tokens,
    sentence_tokens,
)
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.values import ITEM_JOINT, choice_words
from tests.reader_kit import Pieces
from training import reader_examples
from training.data.examples import Piece, Question
from training.data.splits import Split
from training.lexicon import Family, FunctionWords, read_lexicon
from training.reader_examples import Pair, Reading, Rivals, Target, readings

MOVE = FunctionSignature(
    "move", "Moves.", (Parameter("shelf", ParameterKind.INTEGER, minimum=1, maximum=10),)
)
DIM = FunctionSignature(
    "dim",
    "Dims.",
    (
        Parameter("level", ParameterKind.NUMBER, unit="percent", current="level"),
        Parameter("mode", ParameterKind.STRING, choices=("ECO", "softGlow", "night")),
        Parameter("slow", ParameterKind.BOOLEAN, required=False),
        Parameter("rooms", ParameterKind.STRING, required=False, choices=("hall", "attic"), many=True),
        Parameter("label", ParameterKind.STRING, required=False, many=True),
    ),
)
STOP = FunctionSignature("stop", "Stops.")
SHOWN = (MOVE, DIM, STOP)
MOVE_WORDS, DIM_WORDS, STOP_WORDS = WORDS = tuple(
    FunctionWords("robot", (name,), (), (), (), (), (), ()) for name in ("move", "dim", "stop")
)


@pytest.fixture(autouse=True)
def unoffered(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how often a choice that is meant is not offered; never, where a test does not say."""

    def share(value: float) -> None:
        monkeypatch.setattr(reader_examples, "_UNOFFERED_SHARE", value)

    share(0.0)
    return share


def read(
    text: str, answer: str, *tags: str, wanted: Sequence[int] = (), negatives: int = 3, seed: int = 0
) -> Reading:
    pieces = Pieces()
    question = Question(text, prepare(text), answer, (Piece(text, text, tuple(wanted)),), tags or ("one",))
    described = [(function, function_tokens(function, pieces)) for function in SHOWN]
    rivals = Rivals(WORDS, None, negatives)
    found = reader_examples._reading(question, described, random.Random(seed), pieces, rivals)
    assert found is not None
    return found


def pair_of(reading: Reading, function: FunctionSignature) -> Pair:
    spelt = len(function.parameters)
    (found,) = [pair for pair in reading.pairs if len(pair.function.slots) == spelt]
    return found


def targets(reading: Reading, function: FunctionSignature) -> dict[str, Target]:
    """Tell whose target each is by the place of its slot."""
    start = function_start(reading.sentence)
    pair = pair_of(reading, function)
    slots = {
        start + slot.token: parameter.name
        for parameter, slot in zip(function.parameters, pair.function.slots, strict=True)
    }
    return {slots[target.slot]: target for target in pair.targets}


def said(reading: Reading, lower: str, target: Target) -> list[str]:
    """Return the words from each first to each last token, in pairs."""
    units = reading.sentence.units
    return [
        lower[units[first - 1][0] : units[last - 1][1]]
        for first, last in zip(target.firsts, target.lasts, strict=True)
    ]


def choices_at(reading: Reading, function: FunctionSignature, target: Target) -> list[str]:
    start = function_start(reading.sentence)
    names = {
        start + place: words
        for slot in pair_of(reading, function).function.slots
        for words, place in slot.choices.items()
    }
    return [names[first] for first in target.firsts]


def test_a_number_is_where_it_is_said() -> None:
    reading = read("go to shelf 3 and not to 4", "A( 3)")
    assert [pair.is_asked for pair in reading.pairs] == [True, False, False]
    (target,) = targets(reading, MOVE).values()
    assert said(reading, "go to shelf 3 and not to 4", target) == ["3"]
    assert (target.direction, target.at_choices, target.is_list) == (None, False, False)


def test_words_that_are_said_twice_are_right_at_both_places() -> None:
    text = "shelf 3 , i said shelf 3"
    (target,) = targets(read(text, "A( 3)"), MOVE).values()
    assert said(read(text, "A( 3)"), text, target) == ["3", "3"]
    assert len(set(target.firsts)) == 2


def test_two_calls_of_a_function_have_their_values_in_one_target() -> None:
    text = "go to shelf 3 , then to shelf 5 , then stop"
    reading = read(text, "A( 3);A( 5);C()")
    assert [pair.is_asked for pair in reading.pairs] == [True, True, False]
    assert said(reading, text, targets(reading, MOVE)["shelf"]) == ["3", "5"]


def test_choices_are_pointed_at_where_the_function_offers_them() -> None:
    text = "dim it to 20 percent with a soft glow and be quick"
    reading = read(text, "B( 20 percent| soft glow| no| _| _)")
    found = targets(reading, DIM)
    assert said(reading, text, found["level"]) == ["20 percent"]
    assert found["level"].direction == found["level"].slot
    assert choices_at(reading, DIM, found["mode"]) == ["soft glow"]
    assert choices_at(reading, DIM, found["slow"]) == ["no"]
    assert found["mode"].at_choices
    assert found["slow"].at_choices
    assert len(found["mode"].choices) == 3
    assert (found["rooms"].firsts, found["label"].firsts) == ((0,), (0,))
    assert found["mode"].lasts == found["rooms"].lasts == ()


def test_a_list_has_a_place_for_every_item() -> None:
    text = "dim attic and hall to 20 percent at night , label a7 and b9"
    reading = read(text, "B( 20 percent| night| _| attic & hall| a7 & b9)")
    found = targets(reading, DIM)
    assert choices_at(reading, DIM, found["rooms"]) == ["attic", "hall"]
    assert said(reading, text, found["label"]) == ["a7", "b9"]
    assert found["rooms"].is_list
    assert found["label"].is_list
    assert not found["level"].is_list


@pytest.mark.parametrize(
    ("written", "way", "words"),
    [("up 20 percent", "up", ["20 percent"]), ("down 20 percent", "down", ["20 percent"]), ("up", "up", [])],
)
def test_a_change_has_its_direction_and_its_amount(written: str, way: str, words: list[str]) -> None:
    text = "turn it by 20 percent at night"
    reading = read(text, f"B( {written}| night| _| _| _)")
    target = targets(reading, DIM)["level"]
    slot = pair_of(reading, DIM).function.slots[0]
    assert target.direction == function_start(reading.sentence) + slot.choices[way]
    if words:
        assert said(reading, text, target) == words
    else:
        assert (target.firsts, target.lasts) == ((0,), ())


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("choices", ["none", "the first"])
def test_a_change_whose_direction_has_no_place_is_not_learnt(way: str, choices: str) -> None:
    """The choices of a function's last parameter may not fit any more; that was a KeyError once."""
    tokens = function_tokens(DIM, Pieces())
    level, *others = tokens.slots
    kept = {} if choices == "none" else {"up" if way == "down" else "down": 3}
    cut = replace(tokens, slots=(replace(level, choices=kept), *others))
    text = "turn it by 20 percent at night"
    sentence = sentence_tokens(text, Pieces())
    row = [f"{way} 20 percent", "night", LEFT_OUT, LEFT_OUT, LEFT_OUT]
    found = reader_examples.call_targets([row], DIM, cut, sentence, text)
    start = function_start(sentence)
    assert [target.slot for target in found] == [start + slot.token for slot in others]


def test_a_parameter_that_is_not_seen_is_not_learnt() -> None:
    tokens = function_tokens(DIM, Pieces())
    unseen = replace(tokens, slots=(*tokens.slots[:1], *(Slot(UNSEEN, {}) for _ in tokens.slots[1:])))
    text = "turn it to 20 percent at night"
    sentence = sentence_tokens(text, Pieces())
    row = ["20 percent", "night", "no", LEFT_OUT, "it & night"]
    (target,) = reader_examples.call_targets([row], DIM, unseen, sentence, text)
    assert target.slot == function_start(sentence) + tokens.slots[0].token


def test_what_is_asked_for_was_not_said_and_of_the_rest_nothing_is_known() -> None:
    reading = read("dim it", "ask B.2")
    found = targets(reading, DIM)
    assert list(found) == ["mode"]
    assert found["mode"].firsts == (0,)
    assert found["mode"].at_choices
    assert pair_of(reading, DIM).is_asked


def clause_of(text: str, answer: str, parts: Sequence[tuple[str, int]], number: int) -> Reading:
    """Read a sentence of several clauses for what the one with this number asks for."""
    pieces = Pieces()
    asked = tuple(Piece(part, part, (index,) if index >= 0 else ()) for part, index in parts)
    question = Question(text, prepare(text), answer, asked, ("calls-2",))
    described = [(function, function_tokens(function, pieces)) for function in SHOWN]
    rivals = Rivals(WORDS, None, 3)
    found = reader_examples._reading(question, described, random.Random(0), pieces, rivals, number=number)
    assert found is not None
    begin, end = (place for place, unit in enumerate(found.sentence.units) if unit == MARK)
    units = found.sentence.units[begin + 1 : end]
    assert text[units[0][0] : units[-1][1]] == parts[number][0]
    return found


def test_a_clause_asks_for_its_own_function_and_not_for_that_of_another() -> None:
    text, parts = "go to shelf 3 , dim it to 20 percent", [("go to shelf 3", 0), ("dim it to 20 percent", 1)]
    moving = clause_of(text, "A( 3); B( 20 percent| _| _| _| _)", parts, 0)
    assert pair_of(moving, MOVE).is_asked
    assert not pair_of(moving, DIM).is_asked
    assert said(moving, text, targets(moving, MOVE)["shelf"]) == ["3"]
    dimming = clause_of(text, "A( 3); B( 20 percent| _| _| _| _)", parts, 1)
    assert [pair.is_asked for pair in dimming.pairs] == [True, False, False]
    assert said(dimming, text, targets(dimming, DIM)["level"]) == ["20 percent"]


def test_a_remark_asks_for_nothing_and_what_another_clause_asks_for_stands_beside_it() -> None:
    text, parts = "the boss is away , go to shelf 3", [("the boss is away", -1), ("go to shelf 3", 0)]
    remark = clause_of(text, "A( 3)", parts, 0)
    assert not any(pair.is_asked for pair in remark.pairs)
    assert pair_of(remark, MOVE).targets == ()


def test_a_clause_has_the_values_that_it_names() -> None:
    text = "20 percent for the night , then 30 percent for the night"
    parts = [("20 percent for the night", 1), ("30 percent for the night", 1)]
    for number, level in enumerate(("20 percent", "30 percent")):
        reading = clause_of(
            text, "B( 20 percent| night| _| _| _); B( 30 percent| night| _| _| _)", parts, number
        )
        assert said(reading, text, targets(reading, DIM)["level"]) == [level]


def test_of_words_that_stand_in_several_clauses_those_in_question_are_meant() -> None:
    text, parts = "go to 20 , dim it to 20", [("go to 20", 0), ("dim it to 20", 1)]
    reading = clause_of(text, "A( 20); B( 20| _| _| _| _)", parts, 1)
    (first,) = targets(reading, DIM)["level"].firsts
    begin, end = (place for place, unit in enumerate(reading.sentence.units, start=1) if unit == MARK)
    assert begin < first < end


def test_parts_that_ask_for_one_call_together_are_read_with_the_whole_sentence() -> None:
    def chosen(answer: str, *wanted: tuple[int, ...]) -> set[int | None]:
        asked = tuple(Piece("so", "so", one) for one in wanted)
        question = Question("so", prepare("so"), answer, asked, ("calls-1",))
        draws = (
            reader_examples._clauses_in_question(question, SHOWN, random.Random(seed)) for seed in range(60)
        )
        return {number for numbers in draws for number in numbers}

    assert chosen("A( 3)", (0,)) == {None}
    assert chosen("A( 3)", (0,), (0,)) == {None}
    assert chosen("A( 3)", (0,), (0,), ()) == {None, 2}
    assert chosen("A( 3); A( 5)", (0,), (0,)) == {None, 0, 1}
    # What no part is known to ask for, any of them may.
    assert chosen("A( 3); B( _| _| _| _| _)", (0,), ()) == {None}


def test_a_sentence_of_several_clauses_is_read_for_two_of_them(families: list[Family]) -> None:
    """One after the other, so that only the marks tell them apart."""
    marked = [MARK in reading.sentence.units for reading in stream(families, "clauses", 300)]
    assert 0.15 < sum(marked) / len(marked) < 0.5
    assert sum(one and other for one, other in pairwise(marked)) > 0.4 * sum(marked)


def test_a_choice_that_is_not_offered_makes_a_pointer_at_the_beginning(
    unoffered: Callable[[float], None],
) -> None:
    unoffered(1.0)
    text = "dim it to 20 percent with a soft glow"
    reading = read(text, "B( 20 percent| soft glow| _| _| _)")
    found = targets(reading, DIM)
    assert list(pair_of(reading, DIM).function.slots[1].choices) == ["eco", "night"]
    assert found["mode"].firsts == (0,)
    assert pair_of(reading, DIM).is_asked
    assert said(reading, text, found["level"]) == ["20 percent"]
    # The next sentence about the same device is offered everything again.
    unoffered(0.0)
    assert (
        "soft glow"
        in pair_of(read(text, "B( 20 percent| soft glow| _| _| _)"), DIM).function.slots[1].choices
    )


def test_too_few_choices_are_never_taken_away(unoffered: Callable[[float], None]) -> None:
    unoffered(1.0)
    reading = read("go to shelf 3", "A( 3)")
    assert said(reading, "go to shelf 3", targets(reading, MOVE)["shelf"]) == ["3"]


@pytest.mark.parametrize(
    ("tags", "is_asked"),
    [(("refuse", "out of range"), True), (("refuse", "relative"), True), (("refuse", "absent"), False)],
)
def test_a_refusal_for_a_value_still_asks_for_the_function(tags: tuple[str, ...], is_asked: bool) -> None:
    reading = read("go to shelf 99", "refuse", *tags, wanted=[0])
    assert any(pair.is_asked for pair in reading.pairs) is is_asked
    assert pair_of(reading, MOVE).is_asked is is_asked
    assert all(pair.targets == () for pair in reading.pairs)


def test_the_functions_beside_it_are_those_that_share_words() -> None:
    reading = read("go to shelf 3 , do not stop and do not dim", "A( 3)", negatives=1)
    assert [pair.is_asked for pair in reading.pairs] == [True, False]
    assert read("go to shelf 3", "A( 3)", negatives=0).pairs[0].is_asked


def test_the_functions_beside_it_are_those_that_are_alike_to_the_search() -> None:
    alike = {DIM_WORDS: 0.1, STOP_WORDS: 0.9}
    rivals = Rivals(WORDS, lambda one, _: alike[one], 1)
    assert rivals.pick({"dim"}, [SHOWN.index(MOVE)], SHOWN, random.Random(0)) == [SHOWN.index(STOP)]
    # Where nothing is asked for there is nothing to be alike to.
    assert rivals.pick({"dim"}, [], SHOWN, random.Random(0)) == [SHOWN.index(DIM)]


def test_half_a_question_is_not_read() -> None:
    question = Question("go", prepare("go"), "A( 3)", (), ("half",))
    assert reader_examples._reading(question, [], random.Random(0), Pieces(), Rivals([], None, 3)) is None


@pytest.fixture(scope="module")
def families() -> list[Family]:
    return read_lexicon()


def stream(families: list[Family], seed: str, count: int) -> list[Reading]:
    return list(islice(readings(families, random.Random(seed), Split.TRAIN, Pieces()), count))


def test_streams_are_reproducible(families: list[Family]) -> None:
    first = stream(families, "a", 60)
    assert stream(families, "a", 60) == first
    assert stream(families, "b", 60) != first


def test_targets_stand_where_they_may(families: list[Family], unoffered: Callable[[float], None]) -> None:
    unoffered(0.1)
    relative = listed = beginning = 0
    for reading in stream(families, "places", 1000):
        words = len(reading.sentence.tokens)
        assert sum(not pair.is_asked for pair in reading.pairs) <= 3
        for pair in reading.pairs:
            tokens = reader_tokens(reading.sentence, pair.function)
            assert pair.is_asked or not pair.targets
            for target in pair.targets:
                assert tokens[target.slot] == PARAMETER_TOKEN
                assert {tokens[place] for place in target.choices} <= {CHOICE_TOKEN}
                assert target.firsts
                allowed = {0, *target.choices} if target.at_choices else set(range(words + 1))
                assert set(target.firsts) <= allowed
                assert all(1 <= last <= words for last in target.lasts)
                assert target.direction in {None, target.slot, *target.choices}
                relative += target.direction in target.choices
                listed += target.is_list
                beginning += target.firsts == (0,)
    assert min(relative, listed, beginning) > 0


def test_what_is_pointed_at_is_what_the_answer_says(
    families: list[Family], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes the values back from the targets, and compares them with the answers that they come from."""
    kept: list[tuple[Question, list[FunctionSignature], Reading]] = []
    original = reader_examples._reading

    def noting(
        question: Question,
        described: Sequence[tuple[FunctionSignature, FunctionTokens]],
        rng: random.Random,
        tokenize: Pieces,
        rivals: Rivals,
        *,
        number: int | None = None,
    ) -> Reading | None:
        found = original(question, described, rng, tokenize, rivals, number=number)
        if found is not None and number is None:
            kept.append((question, [function for function, _ in described], found))
        return found

    monkeypatch.setattr(reader_examples, "_reading", noting)
    stream(families, "values", 400)
    compared = 0
    for question, functions, reading in kept:
        calls = reader_examples._CALL.findall(question.answer)
        if len({letter for letter, _ in calls}) != 1 or len(calls) != 1:
            continue
        function = functions[LETTERS.index(calls[0][0])]
        written = [part.strip() for part in calls[0][1].split("|")]
        pair, start = reading.pairs[0], function_start(reading.sentence)
        by_slot = {target.slot: target for target in pair.targets}
        for parameter, slot, value in zip(function.parameters, pair.function.slots, written, strict=False):
            target = by_slot.get(start + slot.token)
            if target is None or parameter.current is not None:
                continue
            if value == "_":
                assert target.firsts == (0,)
            elif is_pointed_at_choices(parameter):
                names = {start + place: words for words, place in slot.choices.items()}
                assert [names[first] for first in target.firsts] == value.split(ITEM_JOINT)
                assert not parameter.choices or set(names.values()) <= set(
                    map(choice_words, parameter.choices)
                )
            elif question.sentence.lower.count(value) == 1:
                assert said(reading, question.sentence.lower, target)[0] == value.split(ITEM_JOINT)[0]
            compared += 1
    assert compared > 100
