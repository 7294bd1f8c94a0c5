"""How a parameter is called in a question."""

import pytest

from inference.parameter_names import offered, plain_name
from inference.signatures import Parameter, ParameterKind


@pytest.mark.parametrize(
    ("description", "called"),
    [
        ("The shelf number.", "shelf number"),
        ("number of copies, 1 if omitted", "number of copies"),
        ("Name of the track, e.g. Blue Moon", "name of the track"),
        ("Start of the break, HH:MM", "start of the break"),
        ("5 minutes by default", "soak time"),
        ("all rooms if left out", "soak time"),
        ("Closes by itself afterwards", "soak time"),
        ("0 is silent", "soak time"),
        ("HH:MM", "soak time"),
        ("Length of the soak as H:MM:SS", "length of the soak"),
        ("Length of the soak, ISO 8601", "length of the soak"),
        ("How long the laundry is to stand in the water before the drum turns", "soak time"),
        ("", "soak time"),
    ],
)
def test_a_description_is_a_name_only_where_it_names(description: str, called: str) -> None:
    assert plain_name(Parameter("soakTime", ParameterKind.INTEGER, description=description)) == called


def test_what_codes_mean_is_offered() -> None:
    kind = Parameter("KD", ParameterKind.STRING, choices=("A", "B", "C"))
    assert not offered(kind)
    known = Parameter("KD", ParameterKind.STRING, choices=("A", "B"), meanings=(("A", "ash"), ("B", "birch")))
    assert offered(known) == ": ash or birch"
