"""What people say of the floor is taken for what it is, in words that were not trained on; with the encoder of `make setup`."""

from __future__ import annotations

import pytest

from coordinator.dialogue.acts import Act, ActReader
from inference.settings import InferenceSettings, open_encoder

pytestmark = pytest.mark.model

SAID = {
    Act.CLOSE_PLACE: [
        "Aisle B is blocked right now.",
        "Please don't let any robot drive into aisle C, a rack has tipped over.",
        "Nobody can get through aisle A at the moment.",
        "Station 3 is out of use until further notice.",
    ],
    Act.REOPEN_PLACE: [
        "Aisle B is free again now.",
        "Corridor 2 is open again.",
        "You may use aisle C again, the rack is gone.",
        "Aisle A is passable again.",
    ],
    Act.STOP: ["Stop everything near station 1!", "All robots near shelf 4 must stop.", "Stop all robots in aisle C."],
    Act.PAUSE: ["Pause the robots in aisle C.", "Pause everything near station 3.", "Hold all robots in aisle B."],
    Act.RESUME: ["Carry on, please.", "Robot 4 works again.", "Robot 2 is fine again.", "Everything may go on now."],
    Act.REASSIGN: ["Robot 2 is broken, let somebody else do its work.", "Robot 4 has broken down, give its job to another one."],
    Act.URGENT: ["T4 is urgent.", "T7 is very urgent, please.", "T2 has top priority."],
    Act.ASK_SITE: ["Which aisles are closed?", "Is aisle C blocked?"],
    Act.GOAL: [
        "Bring tote T4 to station 2.",
        "Close the dock door.",
        "Check shelf 3 for vacant space.",
        "Send robot 2 to aisle B.",
        "Stop the conveyor belt at station 1.",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> ActReader:
    found = ActReader.open(open_encoder(InferenceSettings.from_environment()))
    assert found is not None
    return found


@pytest.mark.parametrize(("act", "text"), [(act, text) for act, texts in SAID.items() for text in texts])
def test_a_message_about_the_floor_is_taken_for_what_it_is(reader: ActReader, act: Act, text: str) -> None:
    assert reader.read(text).act is act
