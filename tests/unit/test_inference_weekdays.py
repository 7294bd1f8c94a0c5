"""Which days of the week a sentence names."""

from __future__ import annotations

import pytest

from inference.weekdays import days_by_choice, said_days

_SHORT = "mon tue wed thu fri sat sun".split()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("water it monday to friday at 6", "mon tue wed thu fri"),
        ("tuesdays and saturdays, 20 minutes", "tue sat"),
        ("open from thursday until saturday", "thu fri sat"),
        ("mon-fri 8:00 to 17:00", "mon tue wed thu fri"),
        ("friday through monday", "fri sat sun mon"),
        ("heat on weekdays", "mon tue wed thu fri"),
        ("weekdays and saturday at 9", "mon tue wed thu fri sat"),
        ("only at weekends", "sat sun"),
        ("every day at 7", "mon tue wed thu fri sat sun"),
        ("every day but sunday", "mon tue wed thu fri sat"),
        ("daily, except on saturdays and sundays", "mon tue wed thu fri"),
        ("monday to friday but not wednesday", "mon tue thu fri"),
        ("tues, weds and thurs", "tue wed thu"),
        ("on sat at 8", "sat"),
        ("sat and sun", "sat sun"),
        ("not on mondays, on fridays", "fri"),
        ("monday, no wait, tuesday", "tue"),
        ("friday and saturday, sorry, only sunday", "sun"),
        ("the sun is low and she sat there", ""),
        ("the monitor on the sunny side", ""),
        ("tomorrow at 8", ""),
    ],
)
def test_days_are_named_alone_in_lists_and_by_their_ends(text: str, days: str) -> None:
    assert [_SHORT[day] for day, _ in said_days(text)] == days.split()


def test_a_day_says_where_it_is_named() -> None:
    assert said_days("run on mondays")[0] == (0, (7, 14))


@pytest.mark.parametrize(
    "choices", [_SHORT, "monday tuesday wednesday thursday friday".split(), "mo di mi do fr sa so".split()]
)
def test_choices_that_are_the_days_of_a_week_are_known(choices: list[str]) -> None:
    assert list(days_by_choice(choices).values()) == choices


@pytest.mark.parametrize("choices", [["sun", "moon"], ["mon", "tue"], [*_SHORT, "holiday"], []])
def test_other_choices_are_no_days(choices: list[str]) -> None:
    assert not days_by_choice(choices)
