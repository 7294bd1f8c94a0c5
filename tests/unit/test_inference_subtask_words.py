"""Sentences for one device are worded from what was said to all."""

from __future__ import annotations

import pytest

from inference.subtask_words import (
    SLOT,
    about_entity,
    asks_whether,
    for_device,
    for_each_device,
    moving_first,
    reports_amount,
    without_asides,
    without_courtesy,
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"check {SLOT} for space", "check shelf {shelf} for space"),
        (f"which {SLOT} are empty", "check whether shelf {shelf} is empty"),
        (f"how many {SLOT} have space", "check whether shelf {shelf} has space"),
        (f"count the empty {SLOT}", "check whether shelf {shelf} is empty"),
        (f"{SLOT} need water", "shelf {shelf} needs water"),
        (f"what are {SLOT} like and their labels", "what is shelf {shelf} like and its labels"),
        ("lock their doors", "lock the doors of shelf {shelf}"),
        ("look for oil there", "look for oil at shelf {shelf}"),
        ("close it", "close shelf {shelf}"),
    ],
)
def test_a_sentence_is_about_one_entity(text: str, sentence: str) -> None:
    assert about_entity(text, "shelf", "shelf", is_several=True) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"let {SLOT} go blank", "go blank"),
        (f"{SLOT}, report your fuel", "report your fuel"),
        (f"{SLOT} should come home", "come home"),
        (f"{SLOT} that is free should come", "come"),
        (f"stop stirring, all of you {SLOT}", "stop stirring"),
        (f"stop {SLOT}", "stop the lamp"),
        (f"how full are {SLOT}", "how full is the lamp"),
        (f"which {SLOT} are open", "check whether the lamp is open"),
        (f"ask {SLOT} how much fuel they have", "how much fuel they have"),
        (f"send {SLOT} to their base", "go to your base"),
    ],
)
def test_a_sentence_is_for_one_of_several_devices(text: str, sentence: str) -> None:
    if sentence == "go to your base":
        text = text.replace("their", "your")
    assert for_each_device(text, "lamp", is_several=True) == sentence


def test_a_device_keeps_its_name_where_something_is_done_to_it() -> None:
    assert for_device(f"dim {SLOT} to 30 percent", "lamp-4") == "dim lamp-4 to 30 percent"
    assert for_device(f"{SLOT} should dim", "lamp-4") == "dim"


def test_courtesy_and_asides_are_left_out() -> None:
    assert without_courtesy("And please could you have somebody check it?") == "check it"
    assert without_asides("charge it after its current job") == "charge it"


def test_what_must_be_so_is_asked_for() -> None:
    assert asks_whether("there is no space") == "check whether there is space"
    assert asks_whether(f"{SLOT} isn't empty") == f"check whether {SLOT} is empty"
    assert reports_amount("the temperature of tank 3 is", "") == "report the temperature of tank 3"
    assert reports_amount("it in room 3", "warm") == "check how warm it is in room 3"


def test_a_device_that_has_to_go_there_is_told_so() -> None:
    assert moving_first("is there space on shelf {shelf}", "shelf", "shelf") == (
        "move to shelf {shelf} and check whether there is space on it"
    )
    assert (
        moving_first("how full is shelf {shelf}", "shelf", "shelf") == "move to shelf {shelf}. How full is it"
    )
