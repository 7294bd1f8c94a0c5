"""Numbered things that have names."""

import pytest

from inference.numbered_ends import read_numbered_ends
from inference.numbered_names import read_numbered_names, with_numbers

PUMPS = read_numbered_names("Station of four pumps. Pumps 1 and 2 well, 3 herb garden, 4 children's room.")


def test_names_are_read_with_what_is_numbered() -> None:
    assert [(one.name, one.numbers, one.noun) for one in PUMPS] == [
        ("well", (1, 2), "pump"),
        ("herb garden", (3,), "pump"),
        ("children's room", (4,), "pump"),
    ]
    assert [one.noun for one in read_numbered_names("1 = roof, 2 = cellar", "sensor")] == ["sensor", "sensor"]
    assert [one.name for one in read_numbered_names("Zone 1 is the orchard, zone 2 the lawn")] == [
        "orchard",
        "lawn",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1 is at the back, 8 in front",
        "0 is off, 3 is hottest.",
        "0 = off, 1 = low, 2 = high",
        "1 bar, 2 bar",
        "2 roof, 5 cellar",
        "1 roof",
        "Two heads.",
        "",
    ],
)
def test_what_is_said_of_numbers_is_no_name(text: str) -> None:
    assert read_numbered_names(text, "level") == ()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("start the herb garden pump", "start pump 3"),
        ("Start the pump in the herb garden please", "Start pump 3 please"),
        ("stop the well, then the kids' room", "stop pumps 1 & 2, then pump 4"),
        ('say "the well is dry"', 'say "the well is dry"'),
        ("all is wellness", "all is wellness"),
        ("start pump 3 as well", "start pump 3 as well"),
        ("pump 2 off", "pump 2 off"),
    ],
)
def test_names_become_numbers(said: str, meant: str) -> None:
    assert with_numbers(said, PUMPS) == meant


DRAWERS = read_numbered_ends("Counted from the top.", "drawer", 1, 4)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("open the top drawer", "open drawer 1"),
        ("open the lowest drawer", "open drawer 4"),
        ("lock the drawer at the bottom", "lock drawer 4"),
        ("open the second drawer from the bottom", "open drawer 3"),
        ("open it from the top", "open it from the top"),
    ],
)
def test_ends_of_what_is_counted_have_numbers(said: str, meant: str) -> None:
    assert with_numbers(said, DRAWERS) == meant


def test_ends_are_only_read_where_both_are_opposite_and_all_is_counted() -> None:
    (first, *_) = read_numbered_ends("1 is at the rear, 3 in front", "rack", 1, 3)
    assert (first.name, first.numbers) == ("back rack", (1,))
    assert read_numbered_ends("1 is at the left, 2 at the top", "rack", 1, 2) == ()
    assert read_numbered_ends("number of the rack", "rack", 1, 3) == ()
    assert read_numbered_ends("Counted from the left.", "rack", 1, None) == ()
