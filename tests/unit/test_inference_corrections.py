"""What a person takes back."""

from __future__ import annotations

import pytest

from inference.text import prepare
from inference.words import split_clauses


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        # Numbers, with the unit of whichever has one, and behind a reason.
        ("heat it to 60. On second thoughts, 65", "heat it to 65"),
        ("dim to 30 percent... actually no, go 45", "dim to 45 percent"),
        ("rest for 10, er, I meant 15 minutes", "rest for 15 minutes"),
        ("heat to 200 degrees for 10 minutes, no, 12", "heat to 200 degrees for 12 minutes"),
        ("heat to 200 degrees for 10 minutes, sorry, 210 degrees", "heat to 210 degrees for 10 minutes"),
        ("stir at 900, no, that splashes everywhere, 600", "stir at 600"),
        ("7 on the dial, actually it's late, 3 is enough", "3 on the dial"),
        ("open bays 4 and 5, sorry, 6 and 7 please", "open bays 6 and 7 please"),
        ("lift bays 4 and 5, no, 6", "lift bays 4 and 6"),
        # Times, days and labels.
        ("ring at six, sorry, six forty", "ring at 6 40"),
        ("mop on monday and tuesday, no wait, only friday", "mop on friday"),
        ("mop on tuesday, er, monday", "mop on monday"),
        ("heat to 60 uh 65 degrees", "heat to 65 degrees"),
        ("mop on monday, er, tuesday and friday", "mop on monday, er, tuesday and friday"),
        ("mop on monday, um, 3 times", "mop on monday, um, 3 times"),
        ("axis X2 to 50... I mean X4", "axis X4 to 50"),
        ("park in bay C, sorry, D! definitely not C", "park in bay D"),
        # Phrases that begin alike, and single words.
        ("pan to the left, no, my mistake, to the right", "pan to the right"),
        ("feed the hens, no, the ducks", "feed the ducks"),
        ("start the front one, no sorry, mine's the one at the back", "start the one at the back"),
        ("water the beds now... actually wait, the kids are playing there, just the lawn", "water the lawn"),
        ("make the hall red, no wait, white", "make the hall white"),
        ("put jazz on, actually blues, I'm tired of jazz", "put blues on, I'm tired of jazz"),
        ("fan on in the hall, uh no, where we eat i mean", "fan on where we eat"),
        ("single latte, no wait, she wants a mocha", "a mocha"),
        # Texts and orders.
        ('show "Open" at the gate, no scrap that, it has to say "Closed"', 'show "Closed" at the gate'),
        ("open the valve, no wait, close it", "close the valve"),
        ("start the fan and open bay 2, scrap that, open bay 3", "start the fan and open bay 3"),
        ("start the mixer, scrap that, empty the bowl", "empty the bowl"),
    ],
)
def test_what_is_taken_back_is_not_read(said: str, meant: str) -> None:
    assert prepare(said).text == meant


@pytest.mark.parametrize(
    "said",
    [
        "that noise drives me mad, no more of it please",
        "stop, no, wait",
        "hang on a second, the tray has tipped, stop there",
        "go due east, and I mean the true pole",
        "stop right now, I mean it",
        "turn it down, sorry, mate",
        "sorry to bother you, but dim lamp 3 to 20",
        "it's freezing in here, actually, so set it to 22",
        "how many watts is it actually using?",
        "switch to 20, no more than that",
        "close the blind, no music please",
        'say "no, sorry, 7" out loud',
        "set the gamma correction to 2",
        "charge to 80, no need to hurry, and lock the port",
        "no, leave the door, just lock it",
        "lamp 3 on, make it 40 percent",
    ],
)
def test_other_uses_of_the_same_words_cut_nothing(said: str) -> None:
    assert prepare(said).text == said


def test_the_clauses_of_a_corrected_sentence_are_those_that_are_meant() -> None:
    assert split_clauses(prepare("set it to forty, no, sixty, and lock it").text) == [
        "set it to 60",
        "lock it",
    ]
