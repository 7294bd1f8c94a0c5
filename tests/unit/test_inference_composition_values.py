"""What a sentence comes to when a reader has read it: with which values the functions are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.composition import Lacking, narrow
from inference.evidence import Evidence
from inference.named_amounts import is_with_name
from inference.notation import LEFT_OUT
from inference.program_grammar import allowed_values
from inference.reading import FunctionReading, SlotReading
from inference.request import Request
from inference.shares import MULTIPLE
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from tests.composition_kit import (
    DIM,
    FUNCTIONS,
    LIFT,
    MOVE,
    ODD,
    PAINT,
    STOP,
    answered,
    evidence,
    likely,
    narrowed_calls,
    written,
)
from tests.reader_kit import Said, ScriptedReader


def test_the_right_one_of_several_numbers_is_taken() -> None:
    text = "take 2 totes of 5 kg to shelf 7"
    assert written(text, [likely(MOVE)], {"move": {"shelf": "7"}}) == {"A( 7)"}


def test_an_optional_value_that_was_not_said_is_left_out() -> None:
    assert written("lift to 40 cm", [likely(LIFT)], {"lift": {"height": "40 cm"}}) == {"B( 40 cm| _)"}
    said: dict[str, Said] = {"lift": {"height": "40 cm", "pace": "very fast"}}
    answer, _ = answered("lift to 40 cm like mad", [likely(LIFT)], said)
    assert answer.source == "lift(height=400, pace='veryFast')\n"


def test_what_is_left_out_is_written_as_such() -> None:
    calls = narrowed_calls(
        narrow(
            Request(prepare("do odd things"), (ODD,)),
            [likely(ODD, among=(ODD,))],
            evidence("do odd things", [likely(ODD, among=(ODD,))], {"odd": {}}, (ODD,)),
        )
    )
    assert [call.values for call in calls] == [((LEFT_OUT,),) * 5]


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


def test_a_list_has_no_more_items_than_the_device_takes() -> None:
    short = Parameter(
        "colours", ParameterKind.STRING, choices=PAINT.parameters[0].choices, many=True, maximum_items=2
    )
    among = (FunctionSignature("paint", "", (short,)),)
    said: dict[str, Said] = {"paint": {"colours": ("red", "white", "blue")}}
    assert written("red , white , blue", [likely(*among, among=among)], said, among) == {"A( red & white)"}


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
@pytest.mark.parametrize("doubt", [20.0, 4.0])
def test_values_go_to_the_arguments_whose_names_stand_beside_them(text: str, doubt: float) -> None:
    """A reader that has mixed them up is put right by the words of the same part of the sentence."""
    clauses = [likely(OVEN, among=(OVEN,))] * 3
    mixed: dict[str, Said] = {"set_oven": {"coreHeat": "40", "steam_share": "9", "fan_speed": "200"}}
    request = Request(prepare(text), (OVEN,))
    assert is_with_name(OVEN.parameters[2], "9", request.sentence)
    assert not is_with_name(OVEN.parameters[2], "40", request.sentence)
    sure = evidence(text, clauses, mixed, (OVEN,))
    weak = replace(
        sure,
        sentence=[_unsure_of_values(one, doubt) for one in sure.sentence],
        clauses=[[_unsure_of_values(one, doubt) for one in clause] for clause in sure.clauses],
    )
    calls = narrow(request, clauses, weak)
    assert isinstance(calls, list)
    assert [call.values for call in calls] == [(("200",), ("40",), ("9",))]


def _unsure_of_values(one: FunctionReading, doubt: float) -> FunctionReading:
    return replace(one, slots=tuple(_unsure(slot, doubt) for slot in one.slots))


def _unsure(slot: SlotReading, doubt: float) -> SlotReading:
    """Flatten what a reader is sure of: a doubt of 20 leaves about two in three, one of 4 still 99 in 100."""
    firsts, lasts = (
        shares / doubt - np.logaddexp.reduce(shares[shares > -np.inf] / doubt)
        for shares in (slot.firsts, slot.lasts)
    )
    return replace(slot, firsts=firsts, lasts=lasts, left_out=float(firsts[0]))


def test_each_part_of_a_sentence_has_its_own_values() -> None:
    room = Parameter("room", ParameterKind.STRING, required=False, choices=("kitchen", "bedroom"))
    among = (FunctionSignature("lights_on", "On.", (room,)), FunctionSignature("lights_off", "Off.", (room,)))
    text = "kitchen lights on and bedroom lights off"
    said: dict[str, Said] = {name: {"room": ("kitchen", "bedroom")} for name in ("lights_on", "lights_off")}
    rankings = [likely(one, among=among) for one in among]
    assert written(text, rankings, said, among) == {"A( kitchen);B( bedroom)"}


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


def test_an_amount_that_no_change_can_have_is_the_value() -> None:
    warmth = replace(DIM.parameters[0], minimum=35.0, maximum=45.0)
    among = (FunctionSignature("set_level", "Sets the warmth.", (warmth,)),)
    text = "they like it warmer at 42 percent"
    assert written(text, [likely(*among, among=among)], {"set_level": {"level": "up 42 percent"}}, among) == {
        "A( 42 percent)"
    }


@pytest.mark.parametrize(
    ("text", "pointed", "program"),
    [
        ("rewind 20 percent", "20 percent", "A( down 20 percent)"),
        ("skip 20 percent", "20 percent", "A( 20 percent)"),
        ("20 percent less", "up 20 percent", "A( down 20 percent)"),
    ],
)
def test_the_words_of_a_sentence_tell_which_way_a_step_goes(text: str, pointed: str, program: str) -> None:
    step = replace(DIM.parameters[0], minimum=-60.0, maximum=60.0, current=None, is_step=True)
    among = (FunctionSignature("seek", "Seeks.", (step,)),)
    assert written(text, [likely(*among, among=among)], {"seek": {"level": pointed}}, among) == {program}


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


def test_values_that_are_as_likely_are_left_to_the_model() -> None:
    calls = narrowed_calls(
        narrow(
            Request(prepare("go to shelf 3 or else to shelf 5"), FUNCTIONS),
            [likely(MOVE)],
            evidence("go to shelf 3 or else to shelf 5", [likely(MOVE)], {"move": {"shelf": ("3", "5")}}),
        )
    )
    assert len(calls) == 1
    assert set(calls[0].values[0]) == {"3", "5"}


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


def test_an_article_is_no_part_of_a_name() -> None:
    either: dict[str, Said] = {"say": {"text": ("canteen", "the canteen")}}
    assert written("announce the Canteen", [likely(SAY, among=(SAY,))], either, (SAY,)) == {"A( canteen)"}


@pytest.mark.parametrize(("choice", "is_meant"), [(-2.0, True), (-4.0, False)])
def test_a_choice_that_is_needed_may_be_meant_by_other_words(choice: float, is_meant: bool) -> None:
    function = FunctionSignature(
        "light", "", (Parameter("colour", ParameterKind.STRING, choices=("red", "blue")),)
    )
    request = Request(prepare("make it warm like a fire"), (function,))
    hinted = [likely(function, among=(function,))]
    reading = ScriptedReader({"light": {"colour": "red"}}).read(request.sentence, (function,), None)[0]
    unsure = replace(reading.slots[0], left_out=-0.1, choices={"red": choice, "blue": -9.0})
    read = Evidence.undivided([replace(reading, slots=(unsure,))], request.sentence.lower, 1)
    narrowed = narrow(request, hinted, read)
    if is_meant:
        assert [call.values for call in narrowed_calls(narrowed)] == [(("red",),)]
    else:
        assert narrowed == Lacking(0, 0)


def test_a_word_for_the_highest_value_is_no_second_one_beside_a_number() -> None:
    text = "lift the top fork to 300 , then report"
    said: dict[str, Said] = {"lift": {"height": ("300", "top")}}
    programs = written(text, [likely(LIFT)], said)
    assert isinstance(programs, set)
    assert [program.count("B(") for program in sorted(programs)] == [1, 1]


def test_a_word_for_the_highest_value_is_not_listed_with_the_number_before_it() -> None:
    bake = FunctionSignature(
        "bake",
        "Bakes.",
        (
            Parameter("fan_level", ParameterKind.INTEGER, minimum=0, maximum=9),
            Parameter("top_heat", ParameterKind.INTEGER, minimum=0, maximum=300),
        ),
    )
    said: dict[str, Said] = {"bake": {"fan_level": "3", "top_heat": "210"}}
    text = "bake with fan level 3, top heat 210"
    assert written(text, [likely(bake, among=(bake,))], said, (bake,)) == {"A( 3| 210)"}


WEEK = Parameter(
    "days", ParameterKind.STRING, choices=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), many=True
)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("ring tuesday to thursday", "['tue', 'wed', 'thu']"),
        ("ring every day", "['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']"),
        ("ring on sundays and mondays", "['sun', 'mon']"),
    ],
)
def test_days_are_those_that_are_named_whatever_a_reader_points_at(text: str, days: str) -> None:
    among = (FunctionSignature("ring", "Rings.", (WEEK,)),)
    answer, _ = answered(text, [likely(*among, among=among)], {"ring": {"days": ("wed", "sat")}}, among)
    assert answer.source == f"ring(days={days})\n"


def test_named_choices_win_over_those_that_are_only_pointed_at() -> None:
    said: dict[str, Said] = {"paint": {"colours": ("green", "red", "white")}}
    assert written("paint it red and white", [likely(PAINT)], said) == {"D( red & white)"}
    assert written("paint it red, not white", [likely(PAINT)], said) == {"D( red)"}


def test_what_is_listed_with_a_named_choice_may_be_called_otherwise() -> None:
    rooms = Parameter("rooms", ParameterKind.STRING, choices=("living", "kitchen", "hall"), many=True)
    among = (FunctionSignature("heat", "Heats.", (rooms,)),)
    said: dict[str, Said] = {"heat": {"rooms": ("living", "kitchen")}}
    ranked = [likely(*among, among=among)]
    assert written("heat the lounge and the kitchen", ranked, said, among) == {"A( kitchen & living)"}
    assert written("heat the kitchen", ranked, said, among) == {"A( kitchen)"}


@pytest.mark.parametrize(
    ("text", "pointed", "stops"),
    [
        ("call at a1, b2 and b4 in that order", "b4", "a1 & b2 & b4"),
        ("call at a1, b2 and b4 and keep quiet", "b2", "a1 & b2 & b4"),
        ("call at Leer and Emden today", "emden", "leer & emden"),
    ],
)
def test_labels_and_names_are_listed_to_both_sides(text: str, pointed: str, stops: str) -> None:
    among = (FunctionSignature("call", "Calls.", (Parameter("stops", ParameterKind.STRING, many=True),)),)
    said: dict[str, Said] = {"call": {"stops": pointed}}
    assert written(text, [likely(*among, among=among)], said, among) == {f"A( {stops})"}


def test_numbers_may_be_listed_one_after_the_other() -> None:
    rows = Parameter("rows", ParameterKind.INTEGER, minimum=1, maximum=20, many=True)
    among = (FunctionSignature("visit", "", (rows,)),)
    text = "visit 4, then 2 and then 9"
    assert written(text, [likely(*among, among=among)], {"visit": {"rows": "2"}}, among) == {"A( 4 & 2 & 9)"}


def test_a_quantity_goes_to_the_one_parameter_that_measures_such_a_thing() -> None:
    brew = FunctionSignature(
        "brew",
        "Brews.",
        (
            Parameter("heat", ParameterKind.INTEGER, unit="degC", minimum=20, maximum=100),
            Parameter("time", ParameterKind.INTEGER, unit="minute", minimum=1, maximum=60, required=False),
            Parameter("damp", ParameterKind.INTEGER, unit="percent", minimum=0, maximum=100, required=False),
        ),
    )
    ranked = [likely(brew, among=(brew,))]
    passed_over: dict[str, Said] = {"brew": {"heat": "80"}}
    assert written("80 for 5 minutes", ranked, passed_over, (brew,)) == {"A( 80| 5 minutes| _)"}
    mixed: dict[str, Said] = {
        "brew": {"heat": "80", "time": ("60 percent", "5 minutes"), "damp": "60 percent"}
    }
    assert written("80, 5 minutes, 60 percent", ranked, mixed, (brew,)) == {"A( 80| 5 minutes| 60 percent)"}


@pytest.mark.parametrize("pointed", ["20 seconds", ("20 seconds", "8 seconds")])
def test_a_quantity_with_a_unit_is_no_number_of_another_thing(pointed: str | tuple[str, ...]) -> None:
    wait = FunctionSignature(
        "hold_doors",
        "Holds the doors.",
        (
            Parameter("time", ParameterKind.INTEGER, unit="second", minimum=1, maximum=60),
            Parameter("floor", ParameterKind.INTEGER, minimum=0, maximum=12, required=False),
        ),
    )
    ranked = [likely(wait, among=(wait,))]
    said: dict[str, Said] = {"hold_doors": {"time": "20 seconds", "floor": pointed}}
    assert written("wait 20 seconds on every floor", ranked, said, (wait,)) == {"A( 20 seconds| _)"}
    on_one: dict[str, Said] = {"hold_doors": {"time": "8 seconds", "floor": ("8 seconds", "3")}}
    assert written("wait 8 seconds on 3", ranked, on_one, (wait,)) == {"A( 8 seconds| 3)"}


def test_the_ends_of_a_range_keep_their_order() -> None:
    ends = [Parameter(name, ParameterKind.STRING, format="time") for name in ("start", "end")]
    among = (FunctionSignature("open", "Opens.", tuple(ends)),)
    said: dict[str, Said] = {"open": {"start": ("8:00", "12:30"), "end": ("12:30", "8:00")}}
    answer, _ = answered("open it 8:00 till 12:30", [likely(*among, among=among)], said, among)
    assert answer.source == "open(start='08:00', end='12:30')\n"


def test_the_values_of_one_object_stand_together() -> None:
    ends = [
        member
        for end in ("source", "target")
        for member in (
            Parameter("deck", ParameterKind.INTEGER, minimum=1, maximum=11, path=(end, "deck")),
            Parameter("well", ParameterKind.STRING, path=(end, "well"), pattern="^[A-H][0-9]+$"),
        )
    ]
    among = (FunctionSignature("transfer", "Transfers.", tuple(ends)),)
    both = ("8", "2")
    said: dict[str, Said] = {
        "transfer": {"source.deck": both, "source.well": "a1", "target.deck": both, "target.well": "b1"}
    }
    answer, _ = answered("bring A1 on 2 over to B1 on 8", [likely(*among, among=among)], said, among)
    assert answer.source == "transfer(source={'deck': 2, 'well': 'A1'}, target={'deck': 8, 'well': 'B1'})\n"


def test_an_optional_switch_is_set_by_a_word_of_its_name() -> None:
    play = FunctionSignature("play", "Plays.", (Parameter("shuffle", ParameterKind.BOOLEAN, required=False),))
    request = Request(prepare("play it and shuffle"), (play,))
    assert request.flag(play.parameters[0]) is True


_NAP = FunctionSignature(
    "stop_countdown", "Stop a countdown.", (Parameter("label", ParameterKind.STRING, required=False),)
)


def test_a_label_before_the_noun_is_taken_although_the_reader_passes_it_over() -> None:
    text = "stop the sourdough countdown"
    ranked = [likely(_NAP, among=(_NAP,))]
    assert written(text, ranked, {"stop_countdown": {}}, (_NAP,)) == {"A( sourdough)"}
    assert written("stop the countdown", ranked, {"stop_countdown": {}}, (_NAP,)) == {"A( _)"}


def test_a_day_may_stand_within_a_time() -> None:
    day = Parameter("day", ParameterKind.STRING, required=False, choices=("today", "tomorrow", "sunday"))
    ring = FunctionSignature("ring", "", (Parameter("time", ParameterKind.STRING, format="time"), day))
    said: dict[str, Said] = {"ring": {"time": "7 30 tomorrow morning", "day": "tomorrow"}}
    text = "ring at 7 30 tomorrow morning"
    assert written(text, [likely(ring, among=(ring,))], said, (ring,)) == {
        "A( 7 30 tomorrow morning| tomorrow)"
    }


def test_more_of_a_value_is_not_more_of_another_that_may_be_left_out() -> None:
    level = Parameter("level", ParameterKind.INTEGER, minimum=0, maximum=100, current="level")
    fade = Parameter("fade", ParameterKind.INTEGER, required=False, minimum=0, maximum=60, current="fade")
    shine = FunctionSignature("shine", "", (level, fade))
    said: dict[str, Said] = {"shine": {"level": "up", "fade": "up"}}
    ranked = [likely(shine, among=(shine,))]
    assert written("a bit brighter", ranked, said, (shine,)) == {"A( up| _)"}
    assert written("a bit brighter and fade longer", ranked, said, (shine,)) == {"A( up| up)"}
