"""Repetitions, ranges, lists of numbers and amounts without their smaller unit go to the values that take them."""

from __future__ import annotations

import pytest

from inference.composition import narrow
from inference.number_texts import number_text, written_numbers
from inference.range_ends import end_of_range
from inference.request import Request
from inference.said_choices import SaidChoices
from inference.said_lists import ends_list
from inference.said_repetitions import counts_repetitions, said_repetitions
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from tests.composition_kit import answered, evidence, likely, narrowed_calls, written
from tests.reader_kit import Said

INTEGER, NUMBER, STRING = ParameterKind.INTEGER, ParameterKind.NUMBER, ParameterKind.STRING


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("skip to two minutes fifteen", 135, "second"),
        ("an hour twenty, please", 80, "minute"),
        ("bake for one hour forty-five at 180", 105, "minute"),
        ("rise to one metre eighty and stop", 180, "centimeter"),
        ("a ladder six foot two long", 74, "inch"),
        ("take one kilo 250 of flour", 1250, "gram"),
    ],
)
def test_the_smaller_unit_may_go_unsaid(said: str, value: float, unit: str) -> None:
    first = prepare(said).quantities[0]
    assert (first.value, first.unit) == (value, unit)


@pytest.mark.parametrize(
    "said",
    ["book two hours 10 people", "2 minutes 15, 20", "two minutes 90", "1 hour 30 percent", "1.5 hours 20"],
)
def test_other_numbers_are_no_smaller_unit(said: str) -> None:
    assert prepare(said).quantities[0].unit in {"minute", "hour"}
    assert len(prepare(said).quantities) > 1


def test_a_letter_before_a_number_names_it() -> None:
    said = prepare("paint it r 255 g 140 b 0, then wait 20 s")
    assert [(each.value, each.unit) for each in said.quantities] == [
        (255, None),
        (140, None),
        (0, None),
        (20, "second"),
    ]


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("stop after half an hour", "30"),
        ("stop in an hour and a half", "90"),
        ("stop in 2 hours", "120"),
        ("in 30 minutes", "30"),
        ("for 7200 seconds", "120"),
    ],
)
def test_an_amount_names_the_choice_that_it_comes_to(said: str, choice: str) -> None:
    minutes = Parameter("minutes", INTEGER, unit="minute", choices=(2, 30, 60, 90, 120))
    assert list(SaidChoices(prepare(said)).naming(minutes)) == [choice]


@pytest.mark.parametrize(
    "name",
    ["repeat", "passes", "copies", "times", "count", "repeat_count", "numberOfCopies", "wash_cycles", "laps"],
)
def test_some_parameters_count_repetitions(name: str) -> None:
    assert counts_repetitions(Parameter(name, INTEGER), prepare("do it twice"))


@pytest.mark.parametrize("name", ["repeat_days", "person_count", "time", "cycle_time", "counter", "portions"])
def test_other_parameters_count_no_repetitions(name: str) -> None:
    assert not counts_repetitions(Parameter(name, INTEGER), prepare("do it twice"))


def test_a_mere_count_is_of_what_the_sentence_counts() -> None:
    count = Parameter("count", INTEGER)
    assert not counts_repetitions(count, prepare("take 5 photos twice"))
    assert counts_repetitions(count, prepare("ring 4 times"))


@pytest.mark.parametrize(
    ("said", "repeated"),
    [
        ("mop the hall twice", ("twice", 2)),
        ("mop the hall four times", ("4", 4)),
        ("feed it twice a day", None),
        ("go twice as fast", None),
        ('show "think twice"', None),
    ],
)
def test_how_often_something_is_done_is_said(said: str, repeated: tuple[str, int] | None) -> None:
    assert said_repetitions(prepare(said)) == repeated


def test_repetitions_are_written_as_their_number() -> None:
    drive = FunctionSignature("drive", "Drives laps.", (Parameter("laps", INTEGER, maximum=9),))
    ranked = [likely(drive, among=(drive,))]
    assert answered("drive round twice", ranked, {"drive": {}}, (drive,))[0].source == "drive(laps=2)\n"


def test_the_items_of_a_list_are_no_values_beside_it() -> None:
    ports = Parameter("ports", INTEGER, minimum=1, maximum=24, many=True)
    join = FunctionSignature(
        "join", "Joins ports.", (ports, Parameter("group", INTEGER, minimum=1, maximum=99))
    )
    text = "put ports 4, 5 and 6 in 20"
    said: dict[str, Said] = {"join": {"ports": "4", "group": ("20", "5", "6")}}
    assert written(text, [likely(join, among=(join,))], said, (join,)) == {"A( 4 & 5 & 6| 20)"}


@pytest.mark.parametrize(("often", "laps"), [("twice", "twice"), ("3 times", "3")])
def test_repetitions_are_a_value_where_the_function_takes_one(often: str, laps: str) -> None:
    drive = FunctionSignature(
        "drive", "Drives laps.", (Parameter("laps", INTEGER, required=False, maximum=9),)
    )
    text = f"drive round {often}"
    found = narrowed_calls(
        narrow(
            Request(prepare(text), (drive,)),
            [likely(drive, among=(drive,))],
            evidence(text, [likely(drive, among=(drive,))], {"drive": {}}, (drive,)),
        )
    )
    assert [call.values for call in found] == [((laps,),)]


LOW, HIGH, GOAL = (
    Parameter(name, NUMBER, required=False, minimum=0, maximum=40)
    for name in ("target_temp_low", "target_temp_high", "temperature")
)


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("keep it between 18 and 23", "18", "23"),
        ("hold it from 18 to 23 degrees", "18", "23 degrees"),
        ("stay within 18 to 23", "18", "23"),
        ("set zone 2 to 30", None, None),
        ("between 2 and 3 or between 5 and 7", None, None),
    ],
)
def test_the_ends_of_a_range_go_to_the_pair(said: str, low: str | None, high: str | None) -> None:
    sentence = prepare(said)
    assert end_of_range(LOW, (GOAL, LOW, HIGH), sentence) == low
    assert end_of_range(HIGH, (GOAL, LOW, HIGH), sentence) == high
    assert end_of_range(GOAL, (GOAL, LOW, HIGH), sentence) is None


def test_a_function_without_a_pair_takes_no_range() -> None:
    assert end_of_range(LOW, (GOAL, LOW), prepare("keep it between 18 and 23")) is None


PAGES = Parameter("page_ranges", STRING, description="e.g. 1-5,8")


@pytest.mark.parametrize(
    ("said", "pages", "written"),
    [
        ("print pages 2 to 6 of it", "2 to 6", "2-6"),
        ("pages 1, 3 and 5 through 8 please", "1, 3 and 5 through 8", "1,3,5-8"),
        ("only page 4 twice", "4", "4"),
    ],
)
def test_a_text_of_numbers_is_written_as_described(said: str, pages: str, written: str) -> None:
    assert number_text(PAGES, prepare(said)) == pages
    assert written_numbers(PAGES, pages) == written
    assert written_numbers(Parameter("slot_range", STRING), pages) == pages


@pytest.mark.parametrize("name", ["title", "page"])
def test_other_texts_hold_no_numbers(name: str) -> None:
    assert number_text(Parameter(name, STRING), prepare("pages 2 to 6")) is None


def test_a_text_that_ends_a_list_is_two_items() -> None:
    said = prepare("buy rice, eggs and flour")
    assert ends_list("eggs and flour", ["rice"], said)
    assert not ends_list("eggs", ["rice"], said)
    assert not ends_list("mac and cheese", ["rice"], prepare("buy rice, mac and cheese and flour"))
    assert not ends_list("eggs and flour", ["rice"], prepare("buy eggs and flour with rice"))
