"""The parts of a conversation that need no encoder: names, references, memory, answers to questions, and the chats of an API."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.dialogue.acts import Act, Reading
from coordinator.dialogue.dialogue import Dialogue
from coordinator.dialogue.memory import (
    CHATS_KEPT,
    MENTIONS_KEPT,
    TEXT_KEPT,
    TURNS_KEPT,
    ChatMemory,
    ChatTurn,
    Memories,
)
from coordinator.dialogue.moments import ago, moment
from coordinator.dialogue.names import Names
from coordinator.dialogue.questions import Choice, OpenQuestion, read_answer, which
from coordinator.dialogue.references import Resolved, mentions_of, resolve
from coordinator.dialogue.turn import Message, derived_chat_id, given_chat_id
from coordinator.ledger.events import Event, EventKind
from protocol.errors import InputError
from tests.coordinator_fakes import CHECK_SHELVES, GOAL, scripted, stage, vacancy
from transport.clock import FakeClock

ENTITIES = {"shelf": ["1", "2", "3", "4"], "station": ["1", "2"]}


@pytest.fixture
def names() -> Names:
    known = Names(ENTITIES)
    robots: list[Any] = [
        SimpleNamespace(
            device_id=f"robot-{number}", profile=SimpleNamespace(kind="robot", title=f"Robot {number}")
        )
        for number in range(1, 5)
    ]
    lamp: Any = SimpleNamespace(device_id="lamp-a", profile=SimpleNamespace(kind="lamp", title="Hall lamp"))
    known.learn([*robots, lamp])
    return known


@pytest.mark.parametrize(
    ("text", "stranger"),
    [
        ("Robot 9, go to shelf 1.", "robot 9"),
        ("robot 12 is broken", "robot 12"),
        ("Send robots 2 and 7 to station 1.", "robot 7"),
        ("Robot 2, go to shelf 9.", None),
        ("Ask a robot 3 times.", None),
        ("Move the robot 5 m.", None),
        ("Turn on lamp 2.", None),
        ("Bring tote 9 to station 1.", None),
    ],
)
def test_a_number_that_no_robot_has_is_noticed(names: Names, text: str, stranger: str | None) -> None:
    found = names.stranger(text)
    assert (None if found is None else found[0]) == stranger
    if found is not None:
        assert found[1] == ["robot-1", "robot-2", "robot-3", "robot-4"]


def chat(names: Names, *goals: str) -> ChatMemory:
    memory = ChatMemory("a")
    for goal in goals:
        memory.add(
            ChatTurn(chat_id="a", said=goal, act=Act.GOAL, goal=goal, mentions=mentions_of(goal, names))
        )
    return memory


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bring tote T7 to station 2.", ["tote T7", "station 2"]),
        ("Robots 2 and 3 go to shelf 1.", ["robot-2", "robot-3", "shelf 1"]),
        ("Set it to 21 degrees at 5 pm for 3 minutes.", []),
        ("Turn on the lamp in the hall.", ["lamp-a"]),
        ("Why did robot-2 fail?", ["robot-2"]),
        ("Shelves 1, 2 and 9", ["shelf 1", "shelf 2", "shelf 9"]),
        ("Is robot 99 free?", ["robot 99"]),
    ],
)
def test_what_a_sentence_names(names: Names, text: str, found: list[str]) -> None:
    assert [one.name for one in names.mentions(text)] == found


@given(st.text(max_size=300))
def test_mentions_stand_where_they_say(text: str) -> None:
    known = Names(ENTITIES)
    places = [(one.start, one.end) for one in known.mentions(text)]
    assert all(0 <= start < end <= len(text) for start, end in places)


@pytest.mark.parametrize(
    ("goals", "text", "meant"),
    [
        (["Bring tote T7 to station 2."], "Now bring it to station 1.", "Now bring tote T7 to station 1."),
        (["Bring tote T7 to station 2."], "Send robot 3 there.", "Send robot 3 to station 2."),
        (
            ["Bring tote T8 to station 1.", "Bring tote T7 to station 2."],
            "and the other one to station 1",
            "Bring tote T8 to station 1.",
        ),
        (["Check shelf 3."], "And shelf 4?", "Check shelf 4."),
        (["Check shelf 3."], "the same for shelf 2, please", "Check shelf 2."),
        (["Check shelves 1 and 2."], "Move to the second one.", "Move to shelf 2."),
        (["Check station 1."], "Check the other one.", "Check station 2."),
        (["Swap tote T1 and tote T2."], "Take them to shelf 1.", "Take tote T1 and tote T2 to shelf 1."),
        ([], "Move to shelf 2 and check it.", "Move to shelf 2 and check it."),
        (
            ["Check shelf 1."],
            "Take the red box and bring it to the dock.",
            "Take the red box and bring it to the dock.",
        ),
        (["Check shelf 1."], "It is too warm in here.", "It is too warm in here."),
        (["Check shelf 1."], "Make sure that the door is closed.", "Make sure that the door is closed."),
        (["Check shelf 1."], "Is there space on shelf 4?", "Is there space on shelf 4?"),
    ],
)
def test_a_reference_is_filled_in(names: Names, goals: list[str], text: str, meant: str) -> None:
    assert resolve(text, chat(names, *goals), names, ENTITIES) == Resolved(meant)


@pytest.mark.parametrize(
    ("goals", "text", "labels"),
    [
        ([], "Bring it to station 1.", []),
        (["Swap tote T1 and tote T2."], "Take it to station 1.", ["tote T1", "tote T2"]),
        (["Bring tote T7 to station 2."], "and the other one to station 1", []),
        (["Check shelf 3."], "Check the other one.", ["shelf 1", "shelf 2", "shelf 4"]),
        (
            ["Bring tote T1 to station 1.", "Bring tote T2 to station 1."],
            "Take them away.",
            ["tote T2 and tote T1", "tote T2"],
        ),
    ],
)
def test_what_may_be_one_of_several_is_asked(
    names: Names, goals: list[str], text: str, labels: list[str]
) -> None:
    asked = resolve(text, chat(names, *goals), names, ENTITIES)
    assert isinstance(asked, OpenQuestion)
    assert [choice.label for choice in asked.choices] == labels
    assert "{}" in asked.template


TOTES = which("Which one?", ["tote T1", "tote T2"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tote T2", "tote T2"),
        ("T1", "tote T1"),
        ("The second one.", "tote T2"),
        ("the last one please", "tote T2"),
        ("I mean tote T1", "tote T1"),
        ("neither", None),
        ("Never mind, thanks.", None),
    ],
)
def test_an_answer_is_read(text: str, value: str | None) -> None:
    answer = read_answer(TOTES, text)
    assert answer is not None
    assert answer.value == value


@pytest.mark.parametrize(
    "text", ["tote", "Check shelf 1.", "Bring tote T1 to station 2.", "", "?!", "the third one"]
)
def test_what_is_no_answer_is_none(text: str) -> None:
    assert read_answer(TOTES, text) is None


def test_yes_and_no() -> None:
    asked = OpenQuestion(
        text="Shall I?",
        choices=(Choice(label="yes", value="do"), Choice(label="no", value="x")),
        is_yes_no=True,
    )
    read = [read_answer(asked, text) for text in ("yes", "Yes please", "no", "yes, and turn left", "perhaps")]
    assert [None if one is None else one.value for one in read] == ["do", "do", "x", None, None]


def test_memory_is_bounded() -> None:
    memories = Memories()
    for number in range(CHATS_KEPT + 5):
        memories.of(f"chat-{number}").add(ChatTurn(chat_id=f"chat-{number}", said="x", act=Act.GOAL))
    assert memories.of("chat-0").last is None
    assert memories.of(f"chat-{CHATS_KEPT}").last is not None
    memory = ChatMemory("a")
    for number in range(TURNS_KEPT + 5):
        memory.add(ChatTurn(chat_id="a", said=str(number), act=Act.GOAL))
    assert [turn.said for turn in memory.newest_first()][-1] == "5"
    stored = ChatTurn(chat_id="a", said="x" * 5000, act=Act.GOAL, reply="y" * 5000).stored()
    assert len(stored["said"]) == len(stored["reply"]) == TEXT_KEPT
    assert len(stored["mentions"]) <= MENTIONS_KEPT


def test_a_turn_of_another_version_is_forgotten_and_others_are_not() -> None:
    good = ChatTurn(chat_id="a", said="hello", act=Act.GOAL).stored()
    events = [
        Event(number, 0.0, None, EventKind.CHAT_TURN, data)
        for number, data in enumerate([{"odd": 1}, good], 1)
    ]
    last = Memories(events).of("a").last
    assert last is not None
    assert (last.said, last.seq) == ("hello", 2)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "just now"),
        (40, "40 seconds ago"),
        (60, "1 minute ago"),
        (7300, "2 hours ago"),
        (9e5, "10 days ago"),
    ],
)
def test_how_long_ago(seconds: float, said: str) -> None:
    assert ago(1e9, 1e9 + seconds) == said


def test_a_moment_is_told_in_the_zone_of_the_site() -> None:
    at = 1_700_000_000.0
    assert moment(at, at + 120, ZoneInfo("Europe/Berlin")) == "2 minutes ago, at 23:13"
    assert moment(at, at + 86_400, ZoneInfo("Europe/Berlin")) == "1 day ago, at 23:13 on 2023-11-14"


def test_ids_of_chats() -> None:
    assert given_chat_id("Chat-7.b") == "Chat-7.b"
    for bad in ("", "a b", "x" * 65, "../x"):
        with pytest.raises(InputError, match="chat_id"):
            given_chat_id(bad)
    assert (
        derived_chat_id("Ada", "Hello") == derived_chat_id("Ada", "Hello") != derived_chat_id("Ben", "Hello")
    )
    given_chat_id(derived_chat_id("Ada", "Hello"))


class Taking:
    """A reader that takes every message for one act."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def read(self, text: str) -> Reading:
        return Reading(self.act, self.act, 1.0)


async def test_an_order_about_nothing_known_is_a_goal(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", lambda _: vacancy(False))
        dialogue = Dialogue(scene.coordinator, Taking(Act.STOP))
        nothing = await dialogue.take(Message("b", "Stop.", "Ada"))
        assert (nothing.goal_id, nothing.text) == (None, "Nothing is under way that could be stopped.")
        turn = await dialogue.take(Message("a", "Stop the conveyor belt.", "Ada"))
        assert turn.goal_id is not None
        assert scene.coordinator.goal(turn.goal_id).goal == "Stop the conveyor belt."


async def test_a_value_that_nobody_told_becomes_a_goal(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", lambda _: vacancy(False))
        dialogue = Dialogue(scene.coordinator, Taking(Act.ASK_ATTRIBUTE))
        turn = await dialogue.take(Message("a", "What is the battery level of robot 1?", "Ada"))
        assert turn.goal_id is not None


async def test_a_derived_chat_begins_anew_and_a_named_one_goes_on(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", lambda _: vacancy(False))
        dialogue = Dialogue(scene.coordinator, Taking(Act.GOAL))
        await dialogue.take(Message("a", "Check shelf 3.", "Ada"))
        again = await dialogue.take(Message("a", "And shelf 4?", "Ada"))
        assert "Check shelf 4" in again.preface
        anew = await dialogue.take(Message("a", "Take it to station 1.", "Ada", is_first=True))
        assert anew.text == 'What do you mean by "it"?'


async def test_goals_carry_who_gave_them_and_in_which_chat(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", lambda _: vacancy(False))
        turn = await Dialogue(scene.coordinator).take(Message("a", GOAL, "Ada"))
        goal = scene.coordinator.goal(turn.goal_id or "")
        assert (goal.by, goal.chat_id) == ("Ada", "a")
        turns = scene.coordinator.ledger.of_kind(EventKind.CHAT_TURN)
        assert [(event.data["said"], event.data["goal_id"]) for event in turns] == [(GOAL, goal.goal_id)]
