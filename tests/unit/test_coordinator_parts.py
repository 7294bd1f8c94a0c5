"""Messages that ask and order at once are cut apart; goals of several steps are not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.dialogue.acts import Act, ActReader, Reading
from coordinator.dialogue.parts import Part, parts_of, rest
from inference.settings import InferenceSettings, open_encoder

FREE = "which robots are free"


def read(text: str) -> Reading:
    """Take whatever has these words for the question who is free, and what asks how long for a likely one."""
    if FREE in text.lower():
        return Reading(Act.ASK_FREE, Act.ASK_FREE, 1.0)
    return Reading(Act.GOAL, Act.ASK_WHEN if "how long" in text else Act.GOAL, 0.4)


def cut(text: str) -> list[tuple[str, str]]:
    return [(part.act.value, part.of(text)) for part in parts_of(text, read)]


def test_a_question_is_cut_off_what_is_to_be_done() -> None:
    assert cut("Bring T7 to station 2 and tell me which robots are free.") == [
        ("goal", "Bring T7 to station 2"),
        ("ask_free", "tell me which robots are free."),
    ]
    assert cut("Which robots are free? Bring T7 to station 2, and then charge.") == [
        ("ask_free", "Which robots are free?"),
        ("goal", "Bring T7 to station 2, and then charge."),
    ]


def test_beside_a_sure_question_a_likely_one_is_believed() -> None:
    assert [act for act, _ in cut("Which robots are free and how long will it take?")] == [
        "ask_free",
        "ask_when",
    ]
    assert len(cut("Clean the floor and how long will it take?")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Check shelf 3 and then charge.",
        "If T7 is there, bring it here and tell me which robots are free.",
        "Every hour check the door and tell me which robots are free.",
        "Go to shelf 3 and tell me which robots are free there.",
        'Say "open it and tell me which robots are free" to everybody.',
        "Which robots are free and have a full battery?",
        "Which robots are free and the nearest?",
        "which robots are free",
        "",
    ],
)
def test_what_belongs_together_stays_whole(text: str) -> None:
    assert parts_of(text, read)[0].of(text) == text.strip(" ,;")


def test_what_is_not_answered_is_said_as_it_was() -> None:
    text = "Bring T7 to station 2 and tell me which robots are free. Then open the door, please."
    parts = parts_of(text, read)
    question = next(part for part in parts if part.act is Act.ASK_FREE)
    assert rest(text, parts, {question}) == "Bring T7 to station 2 and Then open the door, please"
    assert rest(text, parts, set()) == text.rstrip(".")
    assert rest(text, parts, set(parts)) == ""


@given(
    st.lists(
        st.sampled_from(["which robots are free", "bring T7", "and", ",", ".", "?", "then", '"', "it"]),
        max_size=12,
    )
)
def test_parts_are_in_order_and_lose_no_word(words: list[str]) -> None:
    text = " ".join(words)
    parts = parts_of(text, read)
    assert all(before.end <= after.start for before, after in pairwise(parts))
    if len(parts) > 1:
        lost = text
        for part in reversed(parts):
            lost = lost[: part.start] + lost[part.end :]
        assert "free" not in lost
        assert "T7" not in lost


@pytest.fixture(scope="module")
def reader() -> ActReader:
    opened = ActReader.open(open_encoder(InferenceSettings.from_environment()))
    assert opened is not None
    return opened


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("Where is T7 and which robots are free?", [Act.ASK_PLACE, Act.ASK_FREE]),
        ("What are you doing and how long will it take?", [Act.ASK_ACTIVITY, Act.ASK_WHEN]),
        ("Bring T7 to station 2 and tell me which robots are free.", [Act.GOAL, Act.ASK_FREE]),
        ("Could you bring T3 to station 1 and say who is free right now?", [Act.GOAL, Act.ASK_FREE]),
        ("Open the dock door and let me know where robot 3 is.", [Act.GOAL, Act.ASK_PLACE]),
        ("Close the door, and what can the drone do?", [Act.GOAL, Act.ASK_ABILITY]),
        ("Go to shelf 3 and tell me what is on it.", [Act.GOAL]),
        ("Count the boxes on shelf 2 and tell me how many there are.", [Act.GOAL]),
        ("Find T5 and tell me where it is.", [Act.GOAL]),
    ],
)
def test_messages_are_cut_where_people_would_cut_them(reader: ActReader, text: str, acts: list[Act]) -> None:
    parts: list[Part] = parts_of(text, reader.read)
    assert [part.act for part in parts] == acts
