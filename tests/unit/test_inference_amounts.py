"""Numbers, amounts, shares and times as people say them."""

from __future__ import annotations

import pytest

from inference.parameter_words import said_end, way_of
from inference.quantities import Quantity
from inference.request import Request
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.values import fit_said
from inference.words import split_clauses

INTEGER, NUMBER = ParameterKind.INTEGER, ParameterKind.NUMBER


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("stir at two and a half thousand revs", 2500, "revolutions_per_minute"),
        ("pump 1,500 litres", 1500, "liter"),
        ("half a dozen rolls", 6, None),
        ("three dozen rolls", 36, None),
        ("a couple of passes", 2, None),
        ("pour a hundred and twenty ml", 120, "milliliter"),
        ("mill two hundredths of a millimetre", 0.02, "millimeter"),
        ("a quarter inch plate", 0.25, "inch"),
        ("a 2 1/2 inch plate", 2.5, "inch"),
        ("a ten-minute soak", 10, "minute"),
        ("an hour and twenty minutes", 80, "minute"),
        ("two hours 10 minutes", 130, "minute"),
        ("5 feet 6 inches", 66, "inch"),
        ("two and three quarter hours", 2.75, "hour"),
        ("minus two and a half degrees", -2.5, "degree"),
        ("away for a fortnight", 1, "fortnight"),
        ("four full days", 4, "day"),
        ("a whole week", 1, "week"),
        ("15 mins", 15, "minute"),
        ("the cellar at six below, please", -6, None),
        ("ten percentage points", 10, "percent"),
        ("code four seven one one", 4711, None),
        ("heat to two twenty", 220, None),
        ("above one eighty volts", 180, "volt"),
    ],
)
def test_an_amount_is_one_quantity(said: str, value: float, unit: str | None) -> None:
    assert [(each.value, each.unit) for each in prepare(said).quantities] == [(value, unit)]


def test_lines_that_are_counted_up_and_quoted_words_stay_apart() -> None:
    assert [each.value for each in prepare("lines one two three").quantities] == [1, 2, 3]
    assert prepare('show "half a dozen rolls"').text == 'show "half a dozen rolls"'


def test_an_amount_of_two_units_is_in_one_clause() -> None:
    assert split_clauses("soak for an hour and 20 minutes and stop") == [
        "soak for an hour and 20 minutes",
        "stop",
    ]


@pytest.mark.parametrize(
    ("said", "parameter", "value"),
    [
        ("it is two forty-nine now", Parameter("price", NUMBER, minimum=0, maximum=500), 2.49),
        ("it is two forty-nine now", Parameter("setpoint", NUMBER, minimum=0, maximum=500), 249),
        ("make it one eighty", Parameter("amount", NUMBER, minimum=0.1, maximum=20), 1.8),
        ("for 89 cents", Parameter("price", NUMBER, minimum=0, maximum=100), 0.89),
        ("for 89 cents", Parameter("price", INTEGER, minimum=0, maximum=1000, description="In cents."), 89),
        ("at 12k", Parameter("frequency", NUMBER, unit="hertz", minimum=20, maximum=20000), 12000),
        ("white at 5.6k", Parameter("white", INTEGER, unit="kelvin", minimum=2000, maximum=9000), 5600),
        ("white at 3000k", Parameter("white", INTEGER, unit="kelvin", minimum=2000, maximum=9000), 3000),
        ("as loud as it goes", Parameter("volume", INTEGER, minimum=0, maximum=20), 20),
        ("quick as you possibly can", Parameter("speed", INTEGER, minimum=1, maximum=9), 9),
        ("the gentlest setting you've got", Parameter("fan", INTEGER, minimum=1, maximum=5), 1),
        ("down to nothing", Parameter("level", INTEGER, minimum=-60, maximum=0), -60),
        ("full whack", Parameter("fan", INTEGER, minimum=1, maximum=5), 5),
        ("as cold as it'll go", Parameter("temperature", INTEGER, unit="degC", minimum=2, maximum=9), 2),
        ("as cold as it'll go", Parameter("cooling_level", INTEGER, minimum=1, maximum=5), 5),
    ],
)
def test_what_words_come_to_depends_on_the_parameter(said: str, parameter: Parameter, value: float) -> None:
    assert [fit_said(parameter, each, {}) for each in prepare(said).quantities] == [value]


def test_a_parameter_tells_which_end_a_word_means() -> None:
    grind = Parameter(
        "grind", INTEGER, minimum=1, maximum=30, description="1 is the coarsest, 30 the finest."
    )
    assert (way_of("coarser", grind), way_of("finer", grind), way_of("finer")) == (0, 1, 0)
    assert said_end("the coarsest you have", grind, 1) == 0
    gain = Parameter("gain", INTEGER, minimum=0, maximum=9, description="Higher is softer.")
    assert way_of("softer", gain) == 1
    assert way_of("redder") is None


def test_cold_light_has_more_kelvins_and_sooner_is_more_time_before() -> None:
    white = Parameter("white", INTEGER, unit="kelvin", description="Colour temperature.")
    assert (way_of("colder", white), way_of("warmer", white)) == (1, 0)
    assert (
        way_of("sooner", Parameter("lead", INTEGER, unit="minute", description="Minutes before the end."))
        == 1
    )


@pytest.mark.parametrize(
    ("said", "amount", "way"),
    [
        ("knock fifteen points off", "15", "down"),
        ("add ten to it", "10", "up"),
        ("two notches quicker", "2", "up"),
        ("three dB less gain", "3 db", "down"),
        ("two hundred more revs", "200 more revs", "up"),
        ("another fifteen degrees down", "15 degrees", "down"),
        ("set it to 15", "15", None),
    ],
)
def test_words_around_an_amount_say_which_way_it_changes(said: str, amount: str, way: str | None) -> None:
    parameter = Parameter("level", INTEGER, minimum=0, maximum=100, current="getLevel")
    request = Request(prepare(said), (FunctionSignature("setLevel", "", (parameter,)),))
    assert request.changes.usual_way(amount, parameter) == way


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("on saturdays 10 till noon", ["10:00", "12:00"]),
        ("nine to half eleven in the morning", ["09:00", "11:30"]),
        ("from 5 to 8 in the evening", ["17:00", "20:00"]),
        ("one to four at night", ["01:00", "04:00"]),
        ("eleven at night till six in the morning", ["23:00", "06:00"]),
        ("eight till ten pm", ["20:00", "22:00"]),
        ("six thirty tomorrow morning", ["06:30"]),
        ("at five to eight in the evening", ["19:55"]),
    ],
)
def test_times_of_day(said: str, times: list[str]) -> None:
    assert [time.written(with_seconds=False) for time in prepare(said).times] == times


def test_five_to_eight_is_a_span_where_two_times_are_wanted() -> None:
    begin, end = (Parameter(name, ParameterKind.STRING, format="time") for name in ("begin", "end"))
    at = Parameter("at", ParameterKind.STRING, format="time")
    sentence = prepare("open it five to eight in the evening")
    request = Request(
        sentence, (FunctionSignature("open", "", (begin, end)), FunctionSignature("ring", "", (at,)))
    )
    assert request.values(begin) == ["5", "8 in the evening"]
    assert request.values(at) == ["5 to 8 in the evening"]


def test_a_price_is_kept_beside_the_number() -> None:
    assert prepare("it costs two forty-nine").quantities == (Quantity("2 49", 249, None, 2.49),)
