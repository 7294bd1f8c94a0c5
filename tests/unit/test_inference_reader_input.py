"""A sentence and a function as tokens: every place that is remembered is where the words are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.program_grammar import string_spans
from inference.reader_input import (
    CHOICE_TOKEN,
    CLS_TOKEN,
    DOWN,
    NO,
    PARAMETER_TOKEN,
    SEPARATOR_TOKEN,
    UNSEEN,
    UP,
    YES,
    SentenceTokens,
    function_start,
    function_tokens,
    is_pointed_at_choices,
    reader_tokens,
    sentence_tokens,
)
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.words import clause_places
from tests.reader_kit import Pieces

WORDS = "move to shelf 3 and 35 cm , 3.5 -5 40% lab-net lab-net. (lab) 'the blue one' é é 中 t7 3 shelf3 _x a".split()
sentences = st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join) | st.text(max_size=60)

PAINT = FunctionSignature(
    "paintWall",
    "Paints a wall, and no more than that.",
    (
        Parameter("wall_id", ParameterKind.STRING, description="Which Wall it is."),
        Parameter("colour", ParameterKind.STRING, required=False, choices=("darkRed", "BLUE"), many=True),
        Parameter("is_wet", ParameterKind.BOOLEAN),
        Parameter(
            "thickness", ParameterKind.NUMBER, unit="millimeter", minimum=0.5, maximum=20, current="get_it"
        ),
        Parameter("at", ParameterKind.STRING, format="time"),
    ),
)


@given(text=sentences)
def test_spans_are_where_the_words_are(text: str) -> None:
    lower = prepare(text).lower
    sentence = sentence_tokens(lower, Pieces())
    for words in string_spans(lower):
        for first, last in sentence.spans(lower, words):
            assert 1 <= first <= last <= len(sentence.tokens)
            begin, end = sentence.units[first - 1][0], sentence.units[last - 1][1]
            assert lower[begin:end] == words or len(sentence.tokens) == 96


@pytest.mark.parametrize(
    "description",
    [
        "Label of the tote, such as T12.",
        "Label of the tote (e.g. T12)",
        "Label of the tote, for example T12.",
    ],
)
def test_an_example_is_not_read_as_what_was_said(description: str) -> None:
    def read(text: str) -> tuple[int, ...]:
        tote = Parameter("tote_id", ParameterKind.STRING, description=text)
        return function_tokens(FunctionSignature("bringTote", "Brings a tote.", (tote,)), Pieces()).tokens

    assert read(description) == read("Label of the tote")


@given(text=sentences)
def test_the_tokens_of_a_sentence_spell_it(text: str) -> None:
    lower = prepare(text).lower
    pieces = Pieces()
    sentence = sentence_tokens(lower, pieces)
    assert len(sentence.tokens) == len(sentence.units) <= 96
    typed = lower.replace("«", '"').replace("»", '"')
    assert "".join(typed.split()).startswith(pieces.text(sentence.tokens))


@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=20), data=st.data())
def test_a_clause_stands_in_marks_and_nothing_else_changes(words: list[str], data: st.DataObject) -> None:
    lower, tokenize = prepare(" ".join(words)).lower, Pieces()
    clause = data.draw(st.sampled_from(clause_places(lower)))
    plain, marked = sentence_tokens(lower, tokenize), sentence_tokens(lower, tokenize, clause)
    begin, end = marked.tokens.index(1077), marked.tokens.index(1090)
    assert marked.tokens[:begin] + marked.tokens[begin + 1 : end] + marked.tokens[end + 1 :] == plain.tokens
    inside = marked.units[begin + 1 : end]
    assert (inside[0][0], inside[-1][1]) == clause
    for text in string_spans(lower):
        assert [_spelt(marked, span) for span in marked.spans(lower, text)] == [
            _spelt(plain, span) for span in plain.spans(lower, text)
        ]


@pytest.mark.parametrize("clause", [(400, 410), (270, 300)])
def test_a_clause_that_is_cut_off_leaves_the_whole_sentence_in_question(clause: tuple[int, int]) -> None:
    lower = "go on " * 100
    assert sentence_tokens(lower, Pieces(), clause) == sentence_tokens(lower, Pieces())


def test_nobody_can_write_the_marks_of_a_clause() -> None:
    assert sentence_tokens("stop « it »", Pieces()).tokens == sentence_tokens('stop " it "', Pieces()).tokens


def _spelt(sentence: SentenceTokens, span: tuple[int, int]) -> list[tuple[int, int]]:
    first, last = span
    return [unit for unit in sentence.units[first - 1 : last] if unit != (-1, -1)]


def test_the_marks_of_a_clause_are_no_words() -> None:
    lower = "stop it , then lift 3 cm"
    sentence = sentence_tokens(lower, Pieces(), (10, 24))
    assert [lower[start:end] for start, end in sentence.units] == [
        "stop", "it", ",", "", "then", "lift", "3", "cm", "",
    ]  # fmt: skip
    assert sentence.tokens[3] == 1077
    assert sentence.tokens[-1] == 1090
    assert sentence.spans(lower, "3 cm") == [(7, 8)]


@pytest.mark.parametrize(
    ("text", "words", "places"),
    [
        ("shelf 3 or shelf 3", "3", [(3, 3), (7, 7)]),
        ("move to 35 cm", "35 cm", [(3, 4)]),
        ("shelf 33", "3", []),
        ("wonderful", "wonderful", [(1, 3)]),
        ("join lab-net", "lab-net", [(2, 4)]),
        ("move", "shelf", []),
    ],
)
def test_every_occurrence_as_whole_words_is_found(
    text: str, words: str, places: list[tuple[int, int]]
) -> None:
    assert sentence_tokens(text, Pieces()).spans(text, words) == places


def test_a_sentence_loses_its_end() -> None:
    lower = "go " * 200 + "home"
    sentence = sentence_tokens(lower, Pieces())
    assert len(sentence.tokens) == 96
    assert sentence.spans(lower, "home") == []
    assert sentence.spans(lower, "go")[-1] == (96, 96)


def test_parameters_and_choices_stand_where_it_is_said() -> None:
    pieces = Pieces()
    function = function_tokens(PAINT, pieces)
    assert [function.tokens[slot.token] for slot in function.slots] == [PARAMETER_TOKEN] * 5
    assert function.tokens.count(PARAMETER_TOKEN) == 5
    assert [list(slot.choices) for slot in function.slots] == [
        [],
        ["dark red", "blue"],
        [YES, NO],
        [UP, DOWN],
        [],
    ]
    for slot in function.slots:
        for words, place in slot.choices.items():
            assert function.tokens[place] == CHOICE_TOKEN
            following = pieces(words)
            assert list(function.tokens[place + 1 : place + 1 + len(following)]) == following


def test_a_parameter_is_described_by_what_may_be_said_for_it() -> None:
    texts: list[str] = []

    def noting(text: str) -> list[int]:
        texts.append(text)
        return [7]

    function_tokens(PAINT, noting)
    assert texts == [
        "paint wall . paints a wall, and no more than that",
        "wall id which wall it is. : text",
        "colour several optional :",
        "dark red",
        "blue",
        "is wet :",
        YES,
        NO,
        "thickness : number millimeter 0.5 to 20",
        UP,
        DOWN,
        "at : time",
    ]


def test_only_a_number_with_a_present_value_can_go_up_and_down() -> None:
    for changes in ({"current": None}, {"many": True}):
        parameter = Parameter("x", ParameterKind.NUMBER, **{"current": "get_x", **changes})  # type: ignore[arg-type]
        (slot,) = function_tokens(FunctionSignature("f", "", (parameter,)), Pieces()).slots
        assert slot.choices == {}


def test_choices_that_do_not_fit_have_no_place() -> None:
    choices = tuple(f"alternative number {number}" for number in range(80))
    parameter = Parameter("which", ParameterKind.STRING, choices=choices)
    function = function_tokens(FunctionSignature("choose", "", (parameter,)), Pieces())
    (slot,) = function.slots
    assert list(slot.choices) == list(choices[: len(slot.choices)])
    assert 10 < len(slot.choices) < 80
    assert len(function.tokens) <= 200


def test_parameters_that_do_not_fit_are_not_seen() -> None:
    parameters = tuple(
        Parameter(f"unforgettable_name_{number}", ParameterKind.BOOLEAN) for number in range(60)
    )
    function = function_tokens(FunctionSignature("f", "", parameters), Pieces())
    seen = [slot for slot in function.slots if slot.token != UNSEEN]
    assert len(function.slots) == 60
    assert 5 < len(seen) < 60
    assert function.slots[len(seen)].choices == {}
    assert [function.tokens[slot.token] for slot in seen] == [PARAMETER_TOKEN] * len(seen)
    assert function.slots[-1].token == UNSEEN
    assert len(function.tokens) <= 200


@given(counts=st.lists(st.integers(0, 40), max_size=60))
def test_no_function_overflows_the_readers_batch(counts: list[int]) -> None:
    parameters = tuple(
        Parameter(
            f"p{number}",
            ParameterKind.STRING,
            description="extraordinarily",
            choices=tuple(f"choice {one}" for one in range(count)),
        )
        for number, count in enumerate(counts)
    )
    pieces = Pieces()
    function = function_tokens(FunctionSignature("f", "wordy " * 80, parameters), pieces)
    assert len(function.tokens) <= 200
    assert len(reader_tokens(sentence_tokens("go " * 500, pieces), function)) <= 512
    for slot in function.slots:
        assert slot.token == UNSEEN or function.tokens[slot.token] == PARAMETER_TOKEN
        assert all(function.tokens[place] == CHOICE_TOKEN for place in slot.choices.values())


def test_a_long_description_leaves_room_for_the_parameters() -> None:
    parameter = Parameter("which", ParameterKind.BOOLEAN)
    wordy = FunctionSignature("f", "incomprehensibilities " * 60, (parameter,))
    function = function_tokens(wordy, Pieces())
    assert function.slots[0].token == 100
    assert set(function.slots[0].choices) == {YES, NO}


def test_both_are_joined_as_bert_expects() -> None:
    pieces = Pieces()
    sentence, function = sentence_tokens("paint it", pieces), function_tokens(PAINT, pieces)
    tokens = reader_tokens(sentence, function)
    assert (tokens[0], tokens[-1]) == (CLS_TOKEN, SEPARATOR_TOKEN)
    assert tokens[1 : len(sentence.tokens) + 1] == list(sentence.tokens)
    start = function_start(sentence)
    assert tokens[start - 1] == SEPARATOR_TOKEN
    assert tokens[start:-1] == list(function.tokens)
    assert tokens[start + function.slots[2].token] == PARAMETER_TOKEN


def test_choices_are_pointed_at_and_other_values_at_their_words() -> None:
    assert [is_pointed_at_choices(one) for one in PAINT.parameters] == [False, True, True, False, False]
