from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.items import Item
from evals.number_words import NUMBER_WORDS, number_words
from evals.paper_arguments import write_items
from evals.things import thing_of
from inference.text import prepare

ITEMS = [Item.model_validate(item) for item in write_items(240)]


def test_a_quarter_of_the_sentences_has_each_number_of_arguments() -> None:
    assert Counter(len(item.expected[0].arguments) for item in ITEMS) == {1: 60, 2: 60, 3: 60, 4: 60}


def test_no_two_sentences_are_alike_and_each_run_writes_the_same() -> None:
    assert len({item.utterance for item in ITEMS}) == len(ITEMS)
    assert [Item.model_validate(item) for item in write_items(240)] == ITEMS


def test_devices_can_be_described_and_values_lie_in_range() -> None:
    for item in ITEMS:
        assert thing_of(item.devices[0]).left_out == ()
        (call,) = item.expected
        schemas = item.devices[0].actions[0].arguments
        assert call.arguments.keys() == schemas.keys()
        for name, value in call.arguments.items():
            assert schemas[name]["minimum"] <= value <= schemas[name]["maximum"]


def test_every_value_is_said_in_digits_or_in_words() -> None:
    for item in ITEMS:
        said = {quantity.value for quantity in prepare(item.utterance).quantities}
        assert said >= set(item.expected[0].arguments.values()), item.utterance


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "zero"),
        (26, "twenty-six"),
        (40, "forty"),
        (105, "one hundred and five"),
        (3040, "three thousand and forty"),
        (-2.25, "minus two point two five"),
        (12_345, "twelve thousand three hundred and forty-five"),
    ],
)
def test_numbers_are_said_as_people_do(value: float, said: str) -> None:
    assert number_words(value, use_and=True) == said


@given(st.integers(-999_999, 999_999))
def test_numbers_are_said_in_known_words_and_differ(number: int) -> None:
    said = number_words(number)
    assert set(said.replace("-", " ").split()) <= NUMBER_WORDS
    assert said != number_words(number + 1 if number < 999_999 else 0)


def test_what_is_too_large_to_be_said_is_refused() -> None:
    with pytest.raises(ValueError, match="below a million"):
        number_words(1_000_000)
