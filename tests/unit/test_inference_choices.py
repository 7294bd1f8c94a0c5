"""Which choices a sentence names by their own words."""

from __future__ import annotations

import pytest

from inference.choices import (
    choices_together,
    named_choices,
    paired_choices,
    said_flag,
    speaks_of,
    unnamed_beside,
)


@pytest.mark.parametrize(
    ("choices", "text", "named"),
    [
        ("terrace greenhouse cellar", "open the vents in the greenhouses", "greenhouse"),
        ("terrace greenhouse cellar", "dim the terrace lamp", "terrace"),
        ("beep,flash,vibrate", "flashing please", "flash"),
        ("berry,nut,oat", "no berries, just oats", "oat"),
        ("north gate,south gate,barn door", "open the barn", "barn door"),
        ("north gate,south gate,barn door", "open the gate", ""),
        ("b 12,b 13", "take B12", "b 12"),
        ("upper third,centre", "in the upper 3", "upper third"),
        ("hot water,rinse", "hot and loud", ""),
        ("on,off,auto", "put it on", ""),
        ("once,daily,weekdays,weekends", "wake me monday to friday", "weekdays"),
        ("once,every day,weekdays", "wake me every day", "every day"),
        ("mon,tue,wed,thu,fri,sat,sun", "on tuesdays", "tue"),
    ],
)  # fmt: skip
def test_choices_are_named_by_their_own_words(choices: str, text: str, named: str) -> None:
    found = named_choices(choices.split(",") if "," in choices else choices.split(), text.lower())
    assert [choice for choice, naming in found.items() if not naming.is_excluded] == (
        [named] if named else []
    )


ENTITIES = [
    "light kitchen ceiling",
    "light bedroom main",
    "fan bedroom ceiling",
    "player living room tv",
    "player kitchen radio",
]


@pytest.mark.parametrize(
    ("text", "named", "is_whole"),
    [
        ("the bedroom light", "light bedroom main", False),
        ("stop the fan in the bedroom", "fan bedroom ceiling", False),
        ("put the tv in the living room on", "player living room tv", False),
        ("the kitchen radio", "player kitchen radio", False),
        ("light the kitchen ceiling", "light kitchen ceiling", True),
        # Two of them could be meant.
        ("the bedroom ceiling light", "", False),
        ("something in the kitchen", "", False),
    ],
)
def test_a_choice_is_named_by_the_words_that_no_other_has_together(
    text: str, named: str, is_whole: bool
) -> None:
    sure = {choice: naming for choice, naming in named_choices(ENTITIES, text).items() if naming.is_sure}
    assert list(sure) == ([named] if named else [])
    assert all(naming.is_whole is is_whole for naming in sure.values())


def test_a_word_that_begins_all_choices_need_not_be_said() -> None:
    found = named_choices(["cover garage door", "cover side door", "cover awning"], "open the garage door")
    assert found["cover garage door"].is_whole


def test_the_beginning_of_a_word_names_less_surely() -> None:
    found = named_choices(["pres", "rain"], "pressure and the rain")
    assert not found["pres"].is_sure
    assert found["rain"].is_sure
    assert "light" not in named_choices(["light", "lightning"], "lightning is near")


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("the porch, not the hall", "hall"),
        ("hall instead of porch", "porch"),
        ("the hall without the porch", "porch"),
        ("the hall, no wait, the porch", "hall"),
        ("light the hall. hmm no, the porch", "hall"),
        ("the hall and the porch", ""),
        ("the hall, no lamps in the porch", ""),
        ("hall on, sorry for the hurry, and the porch too", ""),
    ],
)
def test_what_is_ruled_out_or_taken_back_is_excluded(text: str, excluded: str) -> None:
    found = named_choices(["hall", "porch"], text)
    assert [choice for choice, naming in found.items() if naming.is_excluded] == excluded.split()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("only the lounge and the cellar", 1),
        ("the cellar, lounge and attic please", 1),
        ("the cellar", 0),
        ("the cellar and tell me", 0),
        ("the cellar and then stop", 0),
    ],
)
def test_parts_of_a_list_that_name_nothing_are_counted(text: str, count: int) -> None:
    at = text.index("cellar")
    assert unnamed_beside(text, [(at, at + len("cellar"))]) == count


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("shuffle", "play jazz and shuffle it", True),
        ("shuffle", "play jazz, no shuffling", False),
        ("shuffle", "shuffle off please", False),
        ("include hourly", "hour by hour please", True),
        ("rinse after", "skip the rinse", False),
        ("avoid motorways", "no motorways", True),
        ("avoid motorways", "avoid motorways", True),
        ("avoid motorways", "motorways are fine", None),
        ("shuffle", "play jazz", None),
        ("enabled", "enable it", None),
    ],
)
def test_switches_are_named_by_a_word_of_theirs(name: str, text: str, said: bool | None) -> None:
    assert said_flag(name, text) is said


@pytest.mark.parametrize(
    ("about", "text", "spoken"),
    [
        ("audio", "film it with sound", True),
        ("gradual", "go out slowly in 10 minutes", True),
        ("extra crispy", "bake it crispy", True),
        ("on time the boost: more power", "give it more power", True),
        ("prewash", "wash the towels at 60", False),
        ("only when active", "do it only now", False),
    ],
)
def test_a_word_of_a_name_or_one_like_it_speaks_of_a_switch(about: str, text: str, spoken: bool) -> None:
    assert speaks_of(about, text) is spoken


BLINDS = ["blind kitchen left", "blind kitchen right", "blind office", "lamp office desk"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("close both kitchen blinds", BLINDS[:2]),
        ("close all 3 blinds please", BLINDS[:3]),
        ("close every blind in the house", BLINDS[:3]),
        ("close all of the blinds", BLINDS[:3]),
        ("close both blinds", []),
        ("close all kitchen things", []),
        ("close both the blind and the door", []),
        ("close the blinds", []),
    ],
)
def test_choices_are_meant_together_by_a_word_that_they_share(text: str, found: list[str]) -> None:
    assert choices_together(BLINDS, "entity", text) == found


def test_a_parameter_s_own_name_stands_for_all_its_choices_unless_one_of_them_does() -> None:
    assert choices_together(["left", "right"], "side", "warm both sides") == ["left", "right"]
    assert choices_together(["left", "right", "both"], "side", "warm both sides") == []
    assert choices_together(["lights", "string lights"], "what", "all the lights off") == []
    assert choices_together(["ceiling lights", "ceiling fan"], "what", "all the ceiling lights off") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise the blind and the lamp in the office", ["blind office", "lamp office desk"]),
        ("raise the office lamp and blind", ["lamp office desk", "blind office"]),
        ("raise the blind and the lamp in the kitchen", []),
        ("raise the office blind and stop", []),
    ],
)
def test_two_choices_share_a_word_that_is_said_once(text: str, found: list[str]) -> None:
    assert paired_choices(BLINDS, text) == found


def test_a_shared_word_is_said_behind_two_rooms() -> None:
    lamps = ["kitchen light", "dining room light", "hall light"]
    assert paired_choices(lamps, "kitchen and dining room lights on") == lamps[:2]
