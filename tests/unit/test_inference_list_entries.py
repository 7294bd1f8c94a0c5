"""What is put on a list or taken off it, and which list that is."""

from __future__ import annotations

import pytest

from inference.list_entries import list_entries
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare


def _text(name: str, *, many: bool = False) -> Parameter:
    return Parameter(name, ParameterKind.STRING, required=True, many=many)


_LIST, _ITEMS = _text("list_name"), _text("entries", many=True)
_ADD = FunctionSignature("append", "Adds things to a list.", (_LIST, _ITEMS))
_REMOVE = FunctionSignature("strike", "Removes things from a list.", (_LIST, _ITEMS))
_MAKE = FunctionSignature("new_list", "Makes a list.", (_LIST,))
_PRODUCT = _text("product")
_ORDER = FunctionSignature("add_product", "Adds a product to the order.", (_PRODUCT,))


def _found(text: str, parameter: Parameter, function: FunctionSignature) -> list[str]:
    sentence = prepare(text)
    return [sentence.lower[start:end] for start, end in list_entries(parameter, function, sentence)]


@pytest.mark.parametrize(
    ("text", "name", "entries"),
    [
        ("put screws and wood glue on my workshop list", ["workshop"], ["screws", "wood glue"]),
        ("add the sun hat to holiday", ["holiday"], ["sun hat"]),
        ("we're out of flour and yeast, put them on baking please", ["baking"], ["flour", "yeast"]),
        (
            "start a new list called garden and write seeds, soil and pots on it",
            ["garden"],
            ["seeds", "soil", "pots"],
        ),
        ("take the ladder off the garage list", [], []),
        ("add 5 eggs to groceries", ["groceries"], []),
    ],
)
def test_entries_stand_before_their_list(text: str, name: list[str], entries: list[str]) -> None:
    assert _found(text, _LIST, _ADD) == name
    assert _found(text, _ITEMS, _ADD) == entries


def test_what_is_taken_off_is_told_from_what_is_added() -> None:
    text = "add candles to party and cross the balloons off it"
    assert _found(text, _ITEMS, _ADD) == ["candles"]
    assert (_found(text, _LIST, _REMOVE), _found(text, _ITEMS, _REMOVE)) == (["party"], ["balloons"])


def test_a_new_list_has_the_name_behind_it() -> None:
    assert _found("make a list Camping and put matches on it", _LIST, _MAKE) == ["camping"]


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("add soap, towels and shampoo please", ["soap", "towels", "shampoo"]),
        ("add an oat bar to my order", ["oat bar"]),
        ("add 2 of them", []),
    ],
)
def test_without_a_list_all_that_is_added_is_an_entry(text: str, products: list[str]) -> None:
    assert _found(text, _PRODUCT, _ORDER) == products


def test_a_text_of_another_kind_is_no_entry() -> None:
    note = _text("note")
    assert _found("add salt to dinner", note, FunctionSignature("save_note", "Saves.", (note,))) == []


def test_how_much_of_it_is_left_to_another_parameter() -> None:
    amount = Parameter("amount", ParameterKind.INTEGER, required=False)
    function = FunctionSignature("add_product", "Adds a product.", (_PRODUCT, amount))
    assert _found("add a bag of rice", _PRODUCT, function) == ["rice"]
    assert _found("add a bag of rice", _PRODUCT, _ORDER) == ["bag of rice"]
