"""What a sentence comes to when a reader has read it: which functions are called, how often and in which order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.composition import Lacking, OutOfRange, narrow
from inference.evidence import gather
from inference.notation import LETTERS, MAXIMUM_CALLS, decode_answer
from inference.program import ask_for_program
from inference.program_grammar import NarrowedCall, narrowed_grammar, repetitions
from inference.program_prompt import Hint
from inference.reader_input import SentenceTokens, function_tokens, reader_tokens, sentence_tokens
from inference.reading import FunctionReading, slot_reading
from inference.request import Request
from inference.scripted_model import ScriptedModel
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, prepare
from inference.values import fit_quantity, in_range
from inference.words import clause_places
from tests.composition_kit import (
    DIM,
    FUNCTIONS,
    LIFT,
    MOVE,
    ODD,
    PAINT,
    REPORT,
    STOP,
    answered,
    evidence,
    likely,
    narrowed_calls,
    nothing,
    written,
)
from tests.gbnf_sampler import GrammarSampler
from tests.reader_kit import ObedientModel, Pieces, Said, ScriptedReader, admitted, hints


def test_a_function_is_called_with_what_was_said_for_it() -> None:
    text = "go to shelf 3"
    assert written(text, [likely(MOVE)], {"move": {"shelf": "3"}}) == {"A( 3)"}
    answer, model = answered(text, [likely(MOVE)], {"move": {"shelf": "3"}})
    assert (answer.outcome, answer.source) == ("program", "move(shelf=3)\n")
    assert answer.model_calls == len(model.grammars) == 1


def test_of_twins_the_one_with_more_weight_wins() -> None:
    twin = FunctionSignature("drive", MOVE.description, MOVE.parameters)
    both = (MOVE, twin)
    value = {"shelf": "3"}
    text, alike = "go to shelf 3", [hints(0.45, 0.45)]
    assert written(text, alike, {"move": value}, both) == {"A( 3)"}
    assert written(text, alike, {"drive": value}, both) == {"B( 3)"}
    said: dict[str, Said] = {"move": value, "drive": value}
    assert written(text, [hints(0.95, 0.001)], said, both) == {"A( 3)"}
    assert written(text, [hints(0.001, 0.95)], said, both) == {"B( 3)"}


def test_what_is_called_by_all_words_of_its_name_is_asked_for_though_it_is_doubted() -> None:
    lamp = FunctionSignature("light_turn_on", "Switches a light.")
    among = (lamp, STOP)

    def called(text: str, weight: float) -> bool:
        # A search that is undecided leaves it to the reader, whose evidence weighs 1.3.
        rankings = [hints(0.49, 0.02)]
        read = evidence(text, rankings, {"light_turn_on": {}}, among)
        first = [replace(read.sentence[0], evidence=weight / 1.3), read.sentence[1]]
        heard = replace(read, sentence=first, clauses=[first])
        return bool(narrow(Request(prepare(text), among), rankings, heard))

    assert called("turn the kitchen lights on", -0.8)
    assert not called("turn the kitchen lights on", -1.2)
    assert called("brighter in the kitchen", 0.5)
    assert not called("brighter in the kitchen", -0.8)


def test_a_clause_of_context_calls_nothing() -> None:
    text = "it is late and we are tired , so stop"
    assert written(text, [nothing(), nothing(), likely(STOP)], {"stop": {}}) == {"E()"}
    # The search finds a function in the first clause; who reads all of the sentence knows better.
    assert written("the move was long , stop", [likely(MOVE), likely(STOP)], {"stop": {}}) == {"E()"}


def test_a_sentence_of_context_is_refused_without_asking_the_model() -> None:
    answer, model = answered("lovely weather today", [nothing()], {})
    assert (answer.outcome, answer.calls, answer.model_calls) == ("refuse", (), 0)
    assert answer.reason == "Nothing this device can do matches the request."
    assert model.grammars == []


def test_no_functions_are_refused() -> None:
    assert answered("stop", [[]], {}, ())[0].outcome == "refuse"
    assert answered("stop", [], {}, ())[0].outcome == "refuse"


def test_a_remark_calls_nothing_though_the_sentence_asks_for_what_it_speaks_of() -> None:
    text, both = "the shelf is stopped , report", [hints(0, 0, 0, 0, 0.4, 0), likely(REPORT)]
    said: dict[str, Said] = {"stop": {}, "report": {}}
    clauses: dict[str, dict[str, Said]] = {"the shelf is stopped": {}, "report": {"report": {}}}
    assert written(text, both, said) == {"E();F()"}
    assert written(text, both, said, clauses=clauses) == {"F()"}


def test_what_hardly_asks_for_anything_only_gives_the_reason_for_a_clearer_wish() -> None:
    text, both = "all have left , report", [hints(0, 0, 0, 0, 0.7, 0), likely(REPORT)]
    read = evidence(text, both, {"stop": {}, "report": {}})
    stop = FUNCTIONS.index(STOP)

    def calls(weight: float) -> int:
        doubted = [
            replace(one, evidence=weight) if index == stop else one
            for index, one in enumerate(read.clauses[0])
        ]
        heard = replace(read, clauses=[doubted, read.clauses[1]])
        narrowed = narrow(Request(prepare(text), FUNCTIONS), both, heard)
        return len(narrowed_calls(narrowed))

    assert calls(-0.5) == 1
    assert calls(12.0) == 2


def test_a_second_wish_is_heard_where_its_clause_asks_for_it() -> None:
    text, both = "stop , report", [likely(STOP), likely(REPORT)]
    first: dict[str, dict[str, Said]] = {"stop": {"stop": {}}, "report": {}}
    assert written(text, both, {"stop": {}}, clauses=first) == {"E()"}
    each: dict[str, dict[str, Said]] = {"stop": {"stop": {}}, "report": {"report": {}}}
    assert written(text, both, {"stop": {}}, clauses=each) == {"E();F()"}


def test_what_only_a_comma_adds_has_to_be_an_order_or_clearly_asked_for() -> None:
    read = {"stop": 0.0, "report": 1.0}

    def called(text: str) -> set[int]:
        rankings = [likely(STOP), likely(REPORT)]
        found = evidence(text, rankings, {"stop": {}, "report": {}})
        second = [
            replace(one, evidence=read.get(function.name, one.evidence))
            for function, one in zip(FUNCTIONS, found.clauses[1], strict=True)
        ]
        heard = replace(found, clauses=[found.clauses[0], second])
        calls = narrow(Request(prepare(text), FUNCTIONS), rankings, heard)
        return {call.function for call in narrowed_calls(calls)}

    assert called("stop , the report") == {FUNCTIONS.index(STOP)}
    assert called("stop and the report") == {FUNCTIONS.index(STOP), FUNCTIONS.index(REPORT)}
    assert called("stop , show the report") == {FUNCTIONS.index(STOP), FUNCTIONS.index(REPORT)}


def test_a_clause_that_goes_on_with_the_clearest_wish_asks_for_nothing_else() -> None:
    text, move, stop = "go to shelf 3 , and there the end", FUNCTIONS.index(MOVE), FUNCTIONS.index(STOP)
    rankings = [likely(MOVE), hints(0.3, 0, 0, 0, 0.6, 0)]
    read = evidence(text, rankings, {"move": {"shelf": "3"}, "stop": {}})

    def called(goes_on: float) -> set[int]:
        told = {move: goes_on, stop: 1.5}
        second = [
            replace(one, evidence=told.get(index, one.evidence)) for index, one in enumerate(read.clauses[1])
        ]
        heard = replace(read, clauses=[read.clauses[0], second])
        found = narrow(Request(prepare(text), FUNCTIONS), rankings, heard)
        return {call.function for call in narrowed_calls(found)}

    assert called(goes_on=-9.0) == {move, stop}
    assert called(goes_on=1.5) == {move}


def test_values_are_those_of_the_clause_that_asks_for_them() -> None:
    text, both = "go to 3 or 4 , report", [likely(MOVE), likely(REPORT)]
    said: dict[str, Said] = {"move": {"shelf": "3"}, "report": {}}
    clauses: dict[str, dict[str, Said]] = {
        "go to 3 or 4": {"move": {"shelf": "4"}},
        "report": {"report": {}},
    }
    assert written(text, both, said) == {"A( 3);F()"}
    assert written(text, both, said, clauses=clauses) == {"A( 4);F()"}


def test_one_function_with_two_values_in_two_clauses_is_called_twice() -> None:
    text = "go to shelf 3 and then to shelf 5"
    said: dict[str, Said] = {"move": {"shelf": ("3", "5")}}
    assert written(text, [likely(MOVE), likely(MOVE)], said) == {"A( 3);A( 5)"}
    calls = narrow(
        Request(prepare(text), FUNCTIONS), [likely(MOVE)] * 2, evidence(text, [likely(MOVE)] * 2, said)
    )
    assert isinstance(calls, list)
    assert [call.values for call in calls] == [(("3",),), (("5",),)]


def test_two_values_for_one_of_two_functions_belong_to_its_own_clause() -> None:
    text = "go to shelf 3 or else to shelf 5 and stop"
    rankings = [likely(MOVE), likely(STOP)]
    said: dict[str, Said] = {"move": {"shelf": ("3", "5")}, "stop": {}}
    assert written(text, rankings, said) == {"A( 3);E()", "A( 5);E()"}


def test_several_functions_are_called_in_the_order_of_their_clauses() -> None:
    said: dict[str, Said] = {"stop": {}, "lift": {"height": "40 cm"}, "move": {"shelf": "3"}}
    text = "stop , lift to 40 cm and go to shelf 3"
    assert written(text, [likely(STOP), likely(LIFT), likely(MOVE)], said) == {"E();B( 40 cm| _);A( 3)"}
    text = "go to shelf 3 , then lift to 40 cm , then stop"
    assert written(text, [likely(MOVE), likely(LIFT), likely(STOP)], said) == {"A( 3);B( 40 cm| _);E()"}


def test_a_sentence_that_speaks_of_another_order_leaves_it_to_the_model() -> None:
    text = "stop , lift to 40 cm but before that go to shelf 3"
    rankings = [likely(STOP), likely(LIFT), likely(MOVE)]
    said: dict[str, Said] = {"stop": {}, "lift": {"height": "40 cm"}, "move": {"shelf": "3"}}
    a, b, e = "A( 3)", "B( 40 cm| _)", "E()"
    assert written(text, rankings, said) == {
        f"{first};{second};{third}"
        for first, second, third in ((a, b, e), (a, e, b), (b, a, e), (b, e, a), (e, a, b), (e, b, a))
    }


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("stop", 1),
        ("stop twice", 2),
        ("stop thrice", 3),
        ("stop three times", 3),
        ("stop 5 times", 5),
        ("stop 100 times", MAXIMUM_CALLS),
    ],
)
def test_what_is_to_be_done_several_times_is_called_as_often(text: str, times: int) -> None:
    assert repetitions(prepare(text).lower) == times
    assert written(text, [likely(STOP)], {"stop": {}}) == {";".join(["E()"] * times)}


@pytest.mark.parametrize(
    "text",
    [
        "keep it closed at all times",
        "how many times did it stop",
        "go 2 times faster",
        "two times slower , please",
        "3 times as bright",
        "three times more",
        "twice as fast",
        "stop at other times",
    ],
)
def test_what_only_compares_or_asks_is_no_repetition(text: str) -> None:
    assert repetitions(prepare(text).lower) == 1


def test_a_number_that_is_an_argument_repeats_nothing() -> None:
    assert repetitions("blink 3 times", {"3"}) == 1
    assert repetitions("blink 3 times", {"5", "30"}) == 3
    assert repetitions("blink twice", {"2"}) == 2
    assert repetitions("blink 3 times , twice", {"3"}) == 2


def test_a_call_is_repeated_with_its_value() -> None:
    assert written("go to shelf 5 twice", [likely(MOVE)], {"move": {"shelf": "5"}}) == {"A( 5);A( 5)"}


def test_how_often_is_not_said_of_several_calls() -> None:
    said: dict[str, Said] = {"move": {"shelf": ("3", "5")}, "stop": {}}
    assert written("go to shelf 3 and to shelf 5 twice", [likely(MOVE)] * 2, said) == {"A( 3);A( 5)"}
    said = {"move": {"shelf": "3"}, "stop": {}}
    assert written("go to shelf 3 and stop twice", [likely(MOVE), likely(STOP)], said) == {"A( 3);E()"}


def test_a_list_of_too_few_items_is_asked_for() -> None:
    colours = PAINT.parameters[0]
    for required in (True, False):
        pair = replace(colours, minimum_items=2, required=required)
        among = (FunctionSignature("paint", "", (pair,)),)
        ranked = [likely(*among, among=among)]
        said: dict[str, Said] = {"paint": {"colours": "red"}}
        assert written("paint it red", ranked, said, among) == Lacking(0, 0)
        answer, model = answered("paint it red", ranked, said, among)
        assert (answer.outcome, answer.reason) == ("ask", "Please say the colours as well.")
        assert model.grammars == []
        both: dict[str, Said] = {"paint": {"colours": ("red", "white")}}
        assert written("paint it red and white", ranked, both, among) == {"A( red & white)"}
    assert written("paint it", ranked, {"paint": {}}, among) == {"A( _)"}


PARK = FunctionSignature(
    "park",
    "Parks.",
    (
        Parameter("row", ParameterKind.INTEGER, required=False, path=("spot", "row"), needed_with=("spot",)),
        Parameter("side", ParameterKind.STRING, required=False, path=("spot", "side"), choices=("left", "right")),
        Parameter("tags", ParameterKind.STRING, required=False, choices=("hot", "cold", "wet"), many=True, minimum_items=2),
    ),
)  # fmt: skip


def test_a_member_that_an_object_needs_is_asked_for_where_another_is_said() -> None:
    among, ranked = (PARK,), [likely(PARK, among=(PARK,))]
    assert written("park on the left", ranked, {"park": {"spot.side": "left"}}, among) == Lacking(0, 0)
    answer, model = answered("park on the left", ranked, {"park": {"spot.side": "left"}}, among)
    assert (answer.outcome, answer.model_calls, model.grammars) == ("ask", 0, [])
    both: dict[str, Said] = {"park": {"spot.side": "left", "spot.row": "4"}}
    assert written("park in row 4 on the left", ranked, both, among) == {"A( 4| left| _)"}
    assert written("park in row 4", ranked, {"park": {"spot.row": "4"}}, among) == {"A( 4| _| _)"}
    assert written("park", ranked, {"park": {}}, among) == {"A( _| _| _)"}


def test_a_required_value_that_was_not_said_is_asked_for() -> None:
    text = "go to a shelf"
    assert written(text, [likely(MOVE)], {"move": {}}) == Lacking(0, 0)
    answer, model = answered(text, [likely(MOVE)], {"move": {}})
    assert (answer.outcome, answer.reason) == ("ask", "Please say the shelf number as well.")
    assert (answer.model_calls, model.grammars) == (0, [])


def test_numbers_that_are_for_something_else_do_not_stand_in_for_what_was_not_said() -> None:
    assert written("go there in 5 minutes , robot 2", [likely(MOVE)], {"move": {}}) == Lacking(0, 0)


def test_what_lacks_in_one_clause_is_asked_for_before_anything_is_done() -> None:
    text = "stop and go to a shelf"
    assert written(text, [likely(STOP), likely(MOVE)], {"stop": {}, "move": {}}) == Lacking(0, 0)


def test_a_value_out_of_range_is_refused_with_the_range() -> None:
    answer, model = answered("go to shelf 99", [likely(MOVE)], {"move": {"shelf": "99"}})
    assert answer.outcome == "refuse"
    assert answer.reason == "99 is outside what this device allows for the shelf number: 1 to 10."
    assert (answer.model_calls, model.grammars) == (0, [])


def test_a_number_for_something_else_may_lie_out_of_range() -> None:
    said: dict[str, Said] = {"move": {"shelf": "3"}}
    assert written("it is 30 meters away , go to shelf 3", [nothing(), likely(MOVE)], said) == {"A( 3)"}


def test_a_function_that_can_use_the_label_that_is_said_is_preferred() -> None:
    """Who is told to take tote T4 somewhere does not just drive there."""
    bring = FunctionSignature("bring", "Brings.", (Parameter("tote", ParameterKind.STRING), *MOVE.parameters))
    among, text = (MOVE, bring), "take tote T4 to shelf 3"
    said: dict[str, Said] = {"move": {"shelf": "3"}, "bring": {"tote": "t4", "shelf": "3"}}
    assert written(text, [hints(0.6, 0.2)], said, among) == {"B( t4| 3)"}
    assert written("take it to shelf 3", [hints(0.6, 0.2)], {"move": {"shelf": "3"}}, among) == {"A( 3)"}


def test_a_function_that_can_use_the_amounts_that_are_said_is_preferred() -> None:
    among = (STOP, MOVE)
    said: dict[str, Said] = {"stop": {}, "move": {"shelf": "3"}}
    assert written("halt at 3", [likely(*among, among=among)], said, among) == {"B( 3)"}


def test_no_more_calls_are_made_than_a_program_may_have() -> None:
    text = "go to shelf 1 , 2 , 3 , 4 , 5 , 6 , 7 , 8 and 9"
    said: dict[str, Said] = {"move": {"shelf": tuple("123456")}}
    calls = narrow(
        Request(prepare(text), FUNCTIONS), [likely(MOVE)] * 9, evidence(text, [likely(MOVE)] * 9, said)
    )
    assert isinstance(calls, list)
    assert [call.values for call in calls] == [((number,),) for number in "123456"]
    several = tuple(FunctionSignature(f"act_{letter}", "Acts.") for letter in LETTERS)
    everything: dict[str, Said] = {one.name: {} for one in several}
    text = " , ".join(f"do {one.name}" for one in several)
    rankings = [likely(one, among=several) for one in several]
    (program,) = admitted(
        narrowed_grammar(
            narrowed_calls(
                narrow(
                    Request(prepare(text), several), rankings, evidence(text, rankings, everything, several)
                )
            ),
            text,
        )
    )
    assert program.count("(") == MAXIMUM_CALLS


def test_two_functions_with_many_values_share_the_calls_of_a_program() -> None:
    text = "go to shelf 2 , 3 , 4 , 6 and 7 ; dim it to 10 percent , 25 percent and 38 percent"
    said: dict[str, Said] = {
        "move": {"shelf": tuple("23467")},
        "set_level": {"level": ("10 percent", "25 percent", "38 percent")},
    }
    rankings = [likely(MOVE)] * 5 + [likely(DIM)] * 3
    calls = narrowed_calls(
        narrow(Request(prepare(text), FUNCTIONS), rankings, evidence(text, rankings, said))
    )
    assert len(calls) == MAXIMUM_CALLS
    assert {call.function for call in calls} == {0, 2}


def test_a_short_sentence_asks_for_one_thing_only() -> None:
    # The search is torn between two, and the sentence has one clause.
    among = (STOP, REPORT)
    assert written("stop", [hints(0.5, 0.45)], {"stop": {}}, among) == {"A()"}


def test_a_sure_program_is_more_certain_than_a_doubtful_one() -> None:
    text = "go to shelf 3 or else to shelf 5"
    sure, torn = (
        narrowed_calls(
            narrow(
                Request(prepare(text), FUNCTIONS),
                [likely(MOVE)],
                evidence(text, [likely(MOVE)], {"move": said}),
            )
        )
        for said in ({"shelf": "3"}, {"shelf": ("3", "5")})
    )
    assert -0.01 < sure[0].certainty <= 0
    assert torn[0].certainty < -0.3


def test_without_readings_the_model_decides_alone() -> None:
    model = ScriptedModel(["A( 3)"])
    answer = ask_for_program(model, "go to shelf 3", FUNCTIONS, rankings=[likely(MOVE)])
    assert answer.source == "move(shelf=3)\n"
    assert "refuse" in (model.calls[0].grammar or "")


def test_only_the_functions_that_can_be_shown_are_narrowed_to() -> None:
    many = (*(FunctionSignature(f"act_{number}", "Acts.") for number in range(8)), STOP)
    rankings = [[Hint(8, 0.9), Hint(2, 0.05)]]
    answer = ask_for_program(
        ObedientModel(), "stop", many, rankings=rankings, reader=ScriptedReader({"act_2": {}})
    )
    assert answer.source == "act_2()\n"


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_few_calls_may_be_written_in_every_order_where_the_sentence_says_so(count: int) -> None:
    calls = [NarrowedCall(index, (("1", "2"),), 0.0) for index in range(count)]
    sampler = GrammarSampler(narrowed_grammar(calls, "do this after that"))
    drawn = {sampler.sample(random.Random(seed)) for seed in range(3000)}
    orders = {"".join(character for character in text if character in LETTERS) for text in drawn}
    assert len(orders) == [1, 2, 6, 24][count - 1]
    assert all(sorted(order) == list(LETTERS[:count]) for order in orders)
    assert {"1", "2"} <= {character for text in drawn for character in text}


@pytest.mark.parametrize("word", ["before", "after", "first", "once", "until", "prior", "last", "finally"])
def test_words_of_order_open_the_order(word: str) -> None:
    calls = [NarrowedCall(index, (), 0.0) for index in (1, 0)]
    assert admitted(narrowed_grammar(calls, f"this {word} that")) == {"B();A()", "A();B()"}


@pytest.mark.parametrize("lower", ["this then that", "this and that", "firstly this beforehand", ""])
def test_other_words_leave_the_order_given(lower: str) -> None:
    calls = [NarrowedCall(index, (), 0.0) for index in (1, 0)]
    assert admitted(narrowed_grammar(calls, lower)) == {"B();A()"}


def test_many_calls_are_written_in_the_order_given() -> None:
    calls = [NarrowedCall(index, (), 0.0) for index in (3, 1, 0, 2, 5)]
    for lower in ("a", "this before that"):
        assert admitted(narrowed_grammar(calls, lower)) == {"D();B();A();C();F()"}


CANDIDATES = (*FUNCTIONS, ODD, PARK)
WORDS = (
    "go to shelf 3 and 5 then 99 lift 40 cm very fast slow red blue , white up 10 percent half past seven 20 degrees "
    "celsius call it 'the blue one' at 7:30 pm lab-net -4 twice before left hot cold & | ; ( ) yes no stop"
).split()


class FancifulReader:
    """A fake `Reader` that thinks of sentences and clauses whatever it likes."""

    def __init__(self, seed: int, spread: float) -> None:
        self._scores = np.random.default_rng(seed)
        self._spread = spread
        self._tokenize = Pieces()

    def read(
        self,
        sentence: Sentence,
        functions: Sequence[FunctionSignature],
        clause: tuple[int, int] | None = None,
    ) -> list[FunctionReading]:
        """Read each function as by chance."""
        words = sentence_tokens(sentence.lower, self._tokenize, clause)
        return [self._reading(sentence, words, function) for function in functions]

    def _reading(
        self, sentence: Sentence, words: SentenceTokens, function: FunctionSignature
    ) -> FunctionReading:
        tokens = function_tokens(function, self._tokenize)
        length = len(reader_tokens(words, tokens))
        slots = tuple(
            slot_reading(
                parameter,
                slot,
                words,
                sentence.lower,
                {kind: self._scores.normal(0, self._spread, length) for kind in ("first", "last", "way")},
            )
            for parameter, slot in zip(function.parameters, tokens.slots, strict=True)
        )
        return FunctionReading(float(self._scores.normal(4, 8)), slots)


@st.composite
def read_sentences(draw: st.DrawFn) -> tuple[Sentence, list[list[Hint]], FancifulReader]:
    """Sentences with a reader and a search that think of them whatever they like."""
    sentence = prepare(" ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=16))))
    chances = np.random.default_rng(draw(st.integers(0, 2**32)))
    clauses = draw(st.one_of(st.just(len(clause_places(sentence.lower))), st.integers(1, 8)))
    rankings = [hints(*(chances.dirichlet(np.full(len(CANDIDATES) + 1, 0.3))[:-1])) for _ in range(clauses)]
    spread = draw(st.sampled_from([0.1, 3.0, 30.0]))
    return sentence, rankings, FancifulReader(draw(st.integers(0, 2**32)), spread)


@settings(max_examples=300, deadline=None)
@given(read=read_sentences(), seed=st.integers(0, 2**32))
def test_whatever_is_left_to_the_model_decodes(
    read: tuple[Sentence, list[list[Hint]], FancifulReader], seed: int
) -> None:
    sentence, rankings, reader = read
    request = Request(sentence, CANDIDATES)
    narrowed = narrow(request, rankings, gather(reader, request, rankings))
    if isinstance(narrowed, Lacking):
        lacking = CANDIDATES[narrowed.function].parameters[narrowed.parameter]
        assert lacking.required or lacking.needed_with or lacking.minimum_items > 1
        return
    if isinstance(narrowed, OutOfRange):
        parameter = CANDIDATES[narrowed.function].parameters[narrowed.parameter]
        said = next(one for one in sentence.quantities if one.text == narrowed.words)
        value = fit_quantity(parameter, said.value, said.unit, {})
        assert value is not None
        assert not in_range(parameter, value)
        return
    if not narrowed:
        return
    assert len(narrowed) <= MAXIMUM_CALLS
    assert all(call.certainty <= 0 for call in narrowed)
    sampler, rng = GrammarSampler(narrowed_grammar(narrowed, sentence.lower)), random.Random(seed)
    for _ in range(4):
        answer = decode_answer(sampler.sample(rng), sentence, CANDIDATES, {})
        assert sorted(call.name for call in answer.calls) == sorted(
            CANDIDATES[call.function].name for call in narrowed
        )
