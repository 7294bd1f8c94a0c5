"""What a sentence comes to when a reader has read it: which functions are called, how often, and with which values."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.composition import Lacking, OutOfRange, narrow
from inference.notation import LEFT_OUT, LETTERS, MAXIMUM_CALLS, decode_answer
from inference.program import ProgramAnswer, ask_for_program
from inference.program_grammar import (
    NarrowedCall,
    allowed_values,
    narrowed_grammar,
    repetitions,
    string_spans,
)
from inference.program_prompt import Hint
from inference.reader_input import function_tokens, reader_tokens, sentence_tokens
from inference.reading import FunctionReading, SlotReading, slot_reading
from inference.request import Request
from inference.scripted_model import ScriptedModel
from inference.shares import MULTIPLE
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, prepare
from inference.values import choice_words, fit_quantity, in_range
from tests.gbnf_sampler import GrammarSampler
from tests.reader_kit import ASKED, NOT_ASKED, ObedientModel, Pieces, Said, admitted, hints, reading

MOVE = FunctionSignature(
    "move",
    "Moves to a shelf.",
    (Parameter("shelf", ParameterKind.INTEGER, minimum=1, maximum=10, description="Shelf number."),),
)
LIFT = FunctionSignature(
    "lift",
    "Raises the fork.",
    (
        Parameter("height", ParameterKind.INTEGER, unit="millimeter", minimum=0, maximum=2000),
        Parameter("pace", ParameterKind.STRING, required=False, choices=("SLOW", "veryFast")),
    ),
)
DIM = FunctionSignature(
    "set_level",
    "Sets the brightness.",
    (
        Parameter(
            "level",
            ParameterKind.NUMBER,
            unit="percent",
            minimum=0,
            maximum=100,
            current="get_level",
        ),
    ),
)
PAINT = FunctionSignature(
    "paint",
    "Paints stripes.",
    (Parameter("colours", ParameterKind.STRING, choices=("red", "green", "blue", "white"), many=True),),
)
STOP = FunctionSignature("stop", "Stops.")
REPORT = FunctionSignature("report", "Says how it is.")
FUNCTIONS = (MOVE, LIFT, DIM, PAINT, STOP, REPORT)


def likely(*functions: FunctionSignature, among: tuple[FunctionSignature, ...] = FUNCTIONS) -> list[Hint]:
    """Rank functions that one clause may be about; it can hardly be about the others."""
    return hints(*(0.9 / len(functions) if one in functions else 0.001 for one in among))


def nothing(among: tuple[FunctionSignature, ...] = FUNCTIONS) -> list[Hint]:
    """Rank functions for a clause that is hardly about any of them."""
    return hints(*(0.001 for _ in among))


def readings(
    text: str, said: dict[str, Said], among: tuple[FunctionSignature, ...] = FUNCTIONS
) -> list[FunctionReading]:
    sentence = prepare(text)
    return [
        reading(sentence, one, ASKED, said[one.name])
        if one.name in said
        else reading(sentence, one, NOT_ASKED)
        for one in among
    ]


def written(
    text: str,
    rankings: list[list[Hint]],
    said: dict[str, Said],
    among: tuple[FunctionSignature, ...] = FUNCTIONS,
) -> set[str] | Lacking | OutOfRange:
    """Return all programs that are left to the model; none where it is not asked."""
    calls = narrow(Request(prepare(text), among), rankings, readings(text, said, among))
    if isinstance(calls, Lacking | OutOfRange):
        return calls
    return admitted(narrowed_grammar(calls, prepare(text).lower)) if calls else set()


def answered(
    text: str,
    rankings: list[list[Hint]],
    said: dict[str, Said],
    among: tuple[FunctionSignature, ...] = FUNCTIONS,
) -> tuple[ProgramAnswer, ObedientModel]:
    model = ObedientModel(choose=min)
    answer = ask_for_program(model, text, among, rankings=rankings, readings=readings(text, said, among))
    return answer, model


def test_a_function_is_called_with_what_was_said_for_it() -> None:
    text = "go to shelf 3"
    assert written(text, [likely(MOVE)], {"move": {"shelf": "3"}}) == {"A( 3)"}
    answer, model = answered(text, [likely(MOVE)], {"move": {"shelf": "3"}})
    assert (answer.outcome, answer.source) == ("program", "move(shelf=3)\n")
    assert answer.model_calls == len(model.grammars) == 1


def test_the_right_one_of_several_numbers_is_taken() -> None:
    text = "take 2 totes of 5 kg to shelf 7"
    assert written(text, [likely(MOVE)], {"move": {"shelf": "7"}}) == {"A( 7)"}


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


def test_one_function_with_two_values_in_two_clauses_is_called_twice() -> None:
    text = "go to shelf 3 and then to shelf 5"
    said: dict[str, Said] = {"move": {"shelf": ("3", "5")}}
    assert written(text, [likely(MOVE), likely(MOVE)], said) == {"A( 3);A( 5)"}
    calls = narrow(Request(prepare(text), FUNCTIONS), [likely(MOVE)] * 2, readings(text, said))
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


def test_an_optional_value_that_was_not_said_is_left_out() -> None:
    assert written("lift to 40 cm", [likely(LIFT)], {"lift": {"height": "40 cm"}}) == {"B( 40 cm| _)"}
    said: dict[str, Said] = {"lift": {"height": "40 cm", "pace": "very fast"}}
    answer, _ = answered("lift to 40 cm like mad", [likely(LIFT)], said)
    assert answer.source == "lift(height=400, pace='veryFast')\n"


def test_a_list_keeps_the_order_of_the_sentence() -> None:
    text = "paint it blue , then white and red"
    said: dict[str, Said] = {"paint": {"colours": ("red", "white", "blue")}}
    assert written(text, [likely(PAINT)], said) == {"D( blue & white & red)"}
    answer, _ = answered(text, [likely(PAINT)], said)
    assert answer.source == "paint(colours=['blue', 'white', 'red'])\n"


def test_numbers_that_begin_alike_are_different_items() -> None:
    shelves = Parameter("shelves", ParameterKind.INTEGER, minimum=1, maximum=20, many=True)
    among = (FunctionSignature("visit", "", (shelves,)),)
    said: dict[str, Said] = {"visit": {"shelves": ("1", "10")}}
    text = "visit shelves 10 and 1"
    assert written(text, [likely(*among, among=among)], said, among) == {"A( 10 & 1)"}


@pytest.mark.parametrize("said", ["3 through 7", "3 to 7", "3-7", "3 thru 7"])
def test_a_list_of_numbers_may_be_said_by_the_first_and_the_last(said: str) -> None:
    shelves = Parameter("shelves", ParameterKind.INTEGER, minimum=1, maximum=20, many=True)
    among = (FunctionSignature("visit", "", (shelves,)),)
    ranked = [likely(*among, among=among)]
    answer, _ = answered(f"visit shelves {said} and 12", ranked, {"visit": {"shelves": (said, "12")}}, among)
    assert answer.source == "visit(shelves=[3, 4, 5, 6, 7, 12])\n"


def test_a_range_that_goes_past_the_bounds_is_no_list() -> None:
    shelves = Parameter("shelves", ParameterKind.INTEGER, minimum=1, maximum=5, many=True)
    assert "3 to 7" not in allowed_values(shelves, prepare("visit 3 to 7"), [], {})
    several = replace(shelves, maximum=20, maximum_items=4)
    assert "3 to 7" not in allowed_values(several, prepare("visit 3 to 7"), [], {})
    assert "3 to 6" in allowed_values(several, prepare("visit 3 to 6"), [], {})


def test_words_inside_other_words_are_different_items() -> None:
    colours = Parameter("colours", ParameterKind.STRING, choices=("red", "infrared", "bored"), many=True)
    among = (FunctionSignature("see", "", (colours,)),)
    said: dict[str, Said] = {"see": {"colours": ("red", "infrared", "bored")}}
    text = "see bored , infrared and red"
    assert written(text, [likely(*among, among=among)], said, among) == {"A( bored & infrared & red)"}


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


def test_a_list_has_no_more_items_than_the_device_takes() -> None:
    short = Parameter(
        "colours", ParameterKind.STRING, choices=PAINT.parameters[0].choices, many=True, maximum_items=2
    )
    among = (FunctionSignature("paint", "", (short,)),)
    said: dict[str, Said] = {"paint": {"colours": ("red", "white", "blue")}}
    assert written("red , white , blue", [likely(*among, among=among)], said, among) == {"A( red & white)"}


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


def test_two_choices_that_are_named_are_two_calls() -> None:
    lamps = FunctionSignature(
        "lamp_on",
        "Switches a lamp on.",
        (Parameter("lamp", ParameterKind.STRING, choices=("desk.lamp", "floor.lamp", "bed.lamp")),),
    )
    among, text = (lamps, STOP), "the desk lamp and the bed lamp on"
    said: dict[str, Said] = {"lamp_on": {"lamp": ("desk lamp", "bed lamp")}}
    both = [likely(lamps, among=among)] * 2
    assert written(text, both, said, among) == {"A( desk lamp);A( bed lamp)"}


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("go to shelves 3, 5 and 8", "A( 3);A( 5);A( 8)"),
        ("go to shelf 8 and to 5", "A( 8);A( 5)"),
        ("go to shelf 8 or 5", "A( 8)"),
        ("go to shelf 8 within 5 minutes", "A( 8)"),
        ("go to shelf 8 and 40", "A( 8)"),
    ],
)
def test_values_that_are_listed_with_one_that_is_meant_are_meant_too(text: str, calls: str) -> None:
    """The reader points at one of them, so sure that the others fall behind."""
    first = calls.split(")", maxsplit=1)[0].removeprefix("A( ")
    assert written(text, [likely(MOVE)], {"move": {"shelf": first}}) == {calls}


def test_what_is_listed_together_is_found_from_each_of_it() -> None:
    request = Request(prepare("water lines 1, 2 & 4 for 9 minutes and 12"), ())
    numbers = ["1", "2", "4", "9", "12"]
    for one in ("1", "2", "4"):
        assert request.listed_with(one, numbers) == {"1", "2", "4"}
    assert request.listed_with("9", numbers) == request.listed_with("7", numbers) == frozenset()


SHOP = FunctionSignature(
    "shop",
    "Notes what to buy.",
    (
        Parameter("goods", ParameterKind.STRING, many=True),
        Parameter("by", ParameterKind.STRING, required=False),
    ),
)


@pytest.mark.parametrize(
    ("text", "pointed", "goods"),
    [
        ("buy milk, eggs and brown bread on the way", "milk", "milk & eggs & brown bread"),
        ("buy milk and eggs please", "milk", "milk & eggs"),
        ("buy milk and eggs", "milk and eggs", "milk and eggs"),
        ("buy milk, it is urgent", "milk", "milk"),
        ("buy milk , wait 3 minutes", "milk", "milk"),
        ("buy milk for anna & ben.", "milk", "milk"),
        ("buy milk and stop", "milk", "milk"),
    ],
)
def test_a_list_of_texts_goes_on_behind_the_one_that_is_pointed_at(
    text: str, pointed: str, goods: str
) -> None:
    among = (SHOP, STOP)
    clauses = [likely(SHOP, among=among)]
    said: dict[str, Said] = {"shop": {"goods": pointed}}
    if text.endswith("stop"):
        clauses, said = [*clauses, likely(STOP, among=among)], {**said, "stop": {}}
    written_out = f"A( {goods}| _)" + (";B()" if text.endswith("stop") else "")
    assert written(text, clauses, said, among) == {written_out}


def test_two_texts_with_an_and_between_them_are_two_items_where_either_may_be_one() -> None:
    text = "buy milk and eggs"
    said: dict[str, Said] = {"shop": {"goods": ("milk and eggs", "milk", "eggs")}}
    assert written(text, [likely(SHOP, among=(SHOP,))], said, (SHOP,)) == {"A( milk & eggs| _)"}


def test_a_function_that_can_use_the_label_that_is_said_is_preferred() -> None:
    """Who is told to take tote T4 somewhere does not just drive there."""
    bring = FunctionSignature("bring", "Brings.", (Parameter("tote", ParameterKind.STRING), *MOVE.parameters))
    among, text = (MOVE, bring), "take tote T4 to shelf 3"
    said: dict[str, Said] = {"move": {"shelf": "3"}, "bring": {"tote": "t4", "shelf": "3"}}
    assert written(text, [hints(0.6, 0.2)], said, among) == {"B( t4| 3)"}
    assert written("take it to shelf 3", [hints(0.6, 0.2)], {"move": {"shelf": "3"}}, among) == {"A( 3)"}


OVEN = FunctionSignature(
    "set_oven",
    "Sets the oven.",
    (
        Parameter("coreHeat", ParameterKind.NUMBER, minimum=0, maximum=300, description="Warmth inside."),
        Parameter("steam_share", ParameterKind.NUMBER, minimum=0, maximum=50, description="Damp of the air."),
        Parameter("fan_speed", ParameterKind.NUMBER, minimum=0, maximum=20),
    ),
)


@pytest.mark.parametrize(
    "text",
    [
        "set the core heat to 200, the damp of the air to 40 and the fan speed to 9",
        "run it with a fan speed of 9, 40 for the steam share and 200 for the warmth inside",
    ],
)
def test_values_go_to_the_arguments_whose_names_stand_beside_them(text: str) -> None:
    """A reader that has mixed them up is put right by the words of the same part of the sentence."""
    clauses = [likely(OVEN, among=(OVEN,))] * 3
    mixed: dict[str, Said] = {"set_oven": {"coreHeat": "40", "steam_share": "9", "fan_speed": "200"}}
    request = Request(prepare(text), (OVEN,))
    assert request.is_with_name(OVEN.parameters[2], "9")
    assert not request.is_with_name(OVEN.parameters[2], "40")
    weak = [
        FunctionReading(ASKED, tuple(_unsure(slot) for slot in one.slots))
        for one in readings(text, mixed, (OVEN,))
    ]
    calls = narrow(request, clauses, weak)
    assert isinstance(calls, list)
    assert [call.values for call in calls] == [(("200",), ("40",), ("9",))]


def _unsure(slot: SlotReading) -> SlotReading:
    """Flatten what a reader is sure of, to about two in three."""
    firsts, lasts = (
        shares / 20 - np.logaddexp.reduce(shares[shares > -np.inf] / 20)
        for shares in (slot.firsts, slot.lasts)
    )
    return replace(slot, firsts=firsts, lasts=lasts, left_out=float(firsts[0]))


def test_labels_are_what_somebody_has_given_a_thing_for_a_name() -> None:
    co2 = FunctionSignature("setCO2Limit", "Sets the CO2 limit of zone Z1.")
    said = prepare("set the CO2 of Z1 and crate b-12 to 800 ppm , 35cm from 10.0.0.7 and 7b")
    assert Request(said, (co2,)).labels == ["b-12", "7b"]


def test_choices_are_named_by_their_numbers() -> None:
    bands = FunctionSignature(
        "radio_off",
        "Switches a band off.",
        (Parameter("band", ParameterKind.STRING, choices=("2.4GHz", "5GHz", "5GHz-high", "6GHz")),),
    )
    (band,) = bands.parameters
    request = Request(prepare("switch off 2.4 and 6 ghz , not 5"), (bands,))
    named = [choice_words(choice) for choice in band.choices if request.is_named(band, choice_words(choice))]
    # Two choices have the 5.
    assert named == ["2 4 g hz", "6 g hz"]
    both: dict[str, Said] = {"radio_off": {"band": ("2 4 g hz", "6 g hz")}}
    text = "switch off 2.4 and 6 ghz"
    assert written(text, [likely(bands, among=(bands,))], both, (bands,)) == {"A( 2 4 g hz);A( 6 g hz)"}


def test_each_part_of_a_sentence_has_its_own_values() -> None:
    room = Parameter("room", ParameterKind.STRING, required=False, choices=("kitchen", "bedroom"))
    among = (FunctionSignature("lights_on", "On.", (room,)), FunctionSignature("lights_off", "Off.", (room,)))
    text = "kitchen lights on and bedroom lights off"
    said: dict[str, Said] = {name: {"room": ("kitchen", "bedroom")} for name in ("lights_on", "lights_off")}
    rankings = [likely(one, among=among) for one in among]
    assert written(text, rankings, said, among) == {"A( kitchen);B( bedroom)"}


def test_a_function_that_can_use_the_amounts_that_are_said_is_preferred() -> None:
    among = (STOP, MOVE)
    said: dict[str, Said] = {"stop": {}, "move": {"shelf": "3"}}
    assert written("halt at 3", [likely(*among, among=among)], said, among) == {"B( 3)"}


@pytest.mark.parametrize(
    ("text", "said", "source"),
    [
        ("a bit brighter", "up", "level = get_level()\nset_level(level=min(100, max(0, round(level + 10, 9))))\n"),
        ("darker please", "down", "level = get_level()\nset_level(level=min(100, max(0, round(level - 10, 9))))\n"),
        (
            "brighter by 25 percent",
            "up 25 percent",
            "level = get_level()\nset_level(level=min(100, max(0, round(level + 25, 9))))\n",
        ),
        (
            "reduce it by 5 percent",
            "down 5 percent",
            "level = get_level()\nset_level(level=min(100, max(0, round(level - 5, 9))))\n",
        ),
        ("set it to 25 percent", "25 percent", "set_level(level=25.0)\n"),
    ],
)  # fmt: skip
def test_a_value_may_be_relative_to_the_present_one(text: str, said: str, source: str) -> None:
    answer, _ = answered(text, [likely(DIM)], {"set_level": {"level": said}})
    assert answer.source == source


@pytest.mark.parametrize(
    ("text", "pointed", "source"),
    [
        ("double the brightness", "up", "round(level + level * 1, 9)"),
        ("twice as bright as it is", "up", "round(level + level * 1, 9)"),
        ("3 times what it is", "up", "round(level + level * 2, 9)"),
        ("half as bright", "down", "round(level - level * 0.5, 9)"),
        # Whatever the reader has pointed at: there is one thing that these words can mean.
        ("halve it", "up", "round(level - level * 0.5, 9)"),
        ("a third less light", "down", "round(level - level * 0.33333333333, 9)"),
        ("a fifth more light", "down", "round(level + level * 0.2, 9)"),
    ],
)
def test_a_multiple_changes_the_present_value_by_it(text: str, pointed: str, source: str) -> None:
    answer, _ = answered(text, [likely(DIM)], {"set_level": {"level": pointed}})
    assert source in answer.source


def test_twice_as_slow_is_half_as_fast() -> None:
    answer, _ = answered("twice as dark", [likely(DIM)], {"set_level": {"level": "down twice"}})
    assert "round(level - level * 0.5, 9)" in answer.source


@pytest.mark.parametrize("text", ["double espresso", "half past 7", "do it twice", "3 times"])
def test_other_multiples_change_nothing(text: str) -> None:
    assert not any(each.unit == MULTIPLE for each in prepare(text).quantities)


@pytest.mark.parametrize(("text", "way"), [("a bit brighter", "up"), ("darker please", "down")])
def test_an_optional_value_may_be_relative_without_an_amount(text: str, way: str) -> None:
    level = replace(DIM.parameters[0], required=False)
    among = (FunctionSignature("set_level", DIM.description, (level,)),)
    ranked = [likely(*among, among=among)]
    assert written(text, ranked, {"set_level": {"level": way}}, among) == {f"A( {way})"}
    assert written(text, ranked, {"set_level": {}}, among) == {"A( _)"}


def test_no_more_calls_are_made_than_a_program_may_have() -> None:
    text = "go to shelf 1 , 2 , 3 , 4 , 5 , 6 , 7 , 8 and 9"
    said: dict[str, Said] = {"move": {"shelf": tuple("123456")}}
    calls = narrow(Request(prepare(text), FUNCTIONS), [likely(MOVE)] * 9, readings(text, said))
    assert isinstance(calls, list)
    assert [call.values for call in calls] == [((number,),) for number in "123456"]
    several = tuple(FunctionSignature(f"act_{letter}", "Acts.") for letter in LETTERS)
    everything: dict[str, Said] = {one.name: {} for one in several}
    text = " , ".join(f"do {one.name}" for one in several)
    rankings = [likely(one, among=several) for one in several]
    (program,) = admitted(
        narrowed_grammar(
            _calls(narrow(Request(prepare(text), several), rankings, readings(text, everything, several))),
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
    calls = _calls(narrow(Request(prepare(text), FUNCTIONS), rankings, readings(text, said)))
    assert len(calls) == MAXIMUM_CALLS
    assert {call.function for call in calls} == {0, 2}


def _calls(narrowed: list[NarrowedCall] | Lacking) -> list[NarrowedCall]:
    assert isinstance(narrowed, list)
    return narrowed


def test_a_short_sentence_asks_for_one_thing_only() -> None:
    # The search is torn between two, and the sentence has one clause.
    among = (STOP, REPORT)
    assert written("stop", [hints(0.5, 0.45)], {"stop": {}}, among) == {"A()"}


def test_values_that_are_as_likely_are_left_to_the_model() -> None:
    calls = _calls(
        narrow(
            Request(prepare("go to shelf 3 or else to shelf 5"), FUNCTIONS),
            [likely(MOVE)],
            readings("go to shelf 3 or else to shelf 5", {"move": {"shelf": ("3", "5")}}),
        )
    )
    assert len(calls) == 1
    assert set(calls[0].values[0]) == {"3", "5"}


def test_a_sure_program_is_more_certain_than_a_doubtful_one() -> None:
    text = "go to shelf 3 or else to shelf 5"
    sure, torn = (
        _calls(narrow(Request(prepare(text), FUNCTIONS), [likely(MOVE)], readings(text, {"move": said})))
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
        ObedientModel(), "stop", many, rankings=rankings, readings=readings("stop", {"act_2": {}}, many)
    )
    assert answer.source == "act_2()\n"


SAY = FunctionSignature("say", "Says a text.", (Parameter("text", ParameterKind.STRING),))


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("tell them : mind the step", "mind the step"),
        ('show "back soon" on the door', "back soon"),
    ],
)
def test_what_is_set_off_is_a_text_of_its_own(sentence: str, text: str) -> None:
    among = (SAY,)
    either: dict[str, Said] = {"say": {"text": (text, text.rsplit(" ", 1)[0])}}
    assert written(sentence, [likely(SAY, among=among)], either, among) == {f"A( {text})"}


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


def test_all_choices_are_offered_where_the_reader_judges() -> None:
    colours = PAINT.parameters[0]
    sentence = prepare("paint it red")
    spans = string_spans(sentence.lower)
    assert allowed_values(colours, sentence, spans, {}) == ["red"]
    assert allowed_values(colours, sentence, spans, {}, all_choices=True) == ["red", "green", "blue", "white"]
    assert Request(sentence, FUNCTIONS).values(colours) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        (r"^[A-Z]-\d$", ["a-7"]),
        ("-", ["a-7", "dock a-7", "a-7 now", "dock a-7 now"]),
        # Python knows no classes of Unicode; the check before the call does.
        (r"^\p{L}-\d$", ["dock", "a-7", "now", "dock a-7", "a-7 now", "dock a-7 now"]),
    ],
)
def test_texts_that_do_not_match_the_pattern_are_not_offered(pattern: str, values: list[str]) -> None:
    parameter = Parameter("berth", ParameterKind.STRING, pattern=pattern)
    assert Request(prepare("Dock A-7 now"), FUNCTIONS).values(parameter) == values


def test_a_request_knows_where_words_stand() -> None:
    request = Request(prepare("Blue and Red"), FUNCTIONS)
    assert request.place("blue") == 0
    assert request.place("red") == 9
    assert request.place("green") == len("blue and red")


def test_places_are_those_of_whole_words() -> None:
    request = Request(prepare("bored , go 10 by infrared , 1 and red light"), FUNCTIONS)
    lower = request.sentence.lower
    assert request.place("1") == lower.index("1 and")
    assert request.place("red") == lower.index("red light")
    for one, other in (("1", "10"), ("red", "infrared"), ("red", "bored"), ("red", "absent")):
        assert not request.overlap(one, other)
        assert not request.overlap(other, one)
    assert request.overlap("red", "red light")
    assert request.overlap("red light", "red")
    assert request.overlap("absent", "absent")
    assert request.overlap("up 10", "10")


ODD = FunctionSignature(
    "odd",
    "Does odd things.",
    (
        Parameter("name", ParameterKind.STRING, required=False, maximum_length=12),
        Parameter("is_on", ParameterKind.BOOLEAN, required=False),
        Parameter("at", ParameterKind.STRING, required=False, format="time"),
        Parameter("steps", ParameterKind.INTEGER, required=False, many=True, minimum=0, maximum=50),
        Parameter("warmth", ParameterKind.NUMBER, required=False, unit="degC", current="get_warmth"),
    ),
)
CANDIDATES = (*FUNCTIONS, ODD, PARK)
WORDS = (
    "go to shelf 3 and 5 then 99 lift 40 cm very fast slow red blue , white up 10 percent half past seven 20 degrees "
    "celsius call it 'the blue one' at 7:30 pm lab-net -4 twice before left hot cold & | ; ( ) yes no stop"
).split()


@st.composite
def read_sentences(draw: st.DrawFn) -> tuple[Sentence, list[list[Hint]], list[FunctionReading]]:
    """Sentences with a reader and a search that think of them whatever they like."""
    sentence = prepare(" ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=16))))
    random_scores = np.random.default_rng(draw(st.integers(0, 2**32)))
    spread = draw(st.sampled_from([0.1, 3.0, 30.0]))
    tokenize = Pieces()
    words = sentence_tokens(sentence.lower, tokenize)
    thoughts = []
    for function in CANDIDATES:
        tokens = function_tokens(function, tokenize)
        length = len(reader_tokens(words, tokens))
        slots = tuple(
            slot_reading(
                parameter,
                slot,
                words,
                sentence.lower,
                {kind: random_scores.normal(0, spread, length) for kind in ("first", "last", "way")},
            )
            for parameter, slot in zip(function.parameters, tokens.slots, strict=True)
        )
        thoughts.append(FunctionReading(float(random_scores.normal(4, 8)), slots))
    rankings = [
        hints(*(random_scores.dirichlet(np.full(len(CANDIDATES) + 1, 0.3))[:-1]))
        for _ in range(draw(st.integers(1, 8)))
    ]
    return sentence, rankings, thoughts


@settings(max_examples=300, deadline=None)
@given(read=read_sentences(), seed=st.integers(0, 2**32))
def test_whatever_is_left_to_the_model_decodes(
    read: tuple[Sentence, list[list[Hint]], list[FunctionReading]], seed: int
) -> None:
    sentence, rankings, thoughts = read
    narrowed = narrow(Request(sentence, CANDIDATES), rankings, thoughts)
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


def test_what_is_left_out_is_written_as_such() -> None:
    calls = _calls(
        narrow(
            Request(prepare("do odd things"), (ODD,)),
            [likely(ODD, among=(ODD,))],
            readings("do odd things", {"odd": {}}, (ODD,)),
        )
    )
    assert [call.values for call in calls] == [((LEFT_OUT,),) * 5]
