"""The dashboard's HTML: what it says, what it leaves out, and that nothing from outside is more than text in it."""

from __future__ import annotations

import itertools
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api import Api
from dashboard.conversations import Conversation, Conversations, Exchange, messages
from dashboard.device_page import inside
from dashboard.flow import SHOWN_SUBTASKS, flow
from dashboard.html import battery, clock
from dashboard.inspection import Inspection
from dashboard.lists import (
    SHOWN_DEVICES,
    condition_list,
    device_list,
    goal_list,
    notice_list,
    question_list,
    standing_list,
)
from dashboard.live import Live
from dashboard.states import MOVES, STATES, machine
from dashboard.transcript import line_of, transcript
from dashboard.views import (
    ApprovalInfo,
    ClosureInfo,
    ConditionsInfo,
    DeviceInfo,
    GoalInfo,
    Notice,
    StandingInfo,
    StandstillInfo,
    SubtaskInfo,
)
from fsm.subtask import TABLE, SubtaskState
from protocol.messages import Finding

API = Api(lambda: "http://127.0.0.1:1")
EVIL = "<script>alert('x')</script>\"'&"


class Tags(HTMLParser):
    """The tags of a piece of HTML, in order, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def device(name: str, **fields: Any) -> DeviceInfo:
    return DeviceInfo(device_id=name, **{"status": "online", "title": "Robot", **fields})


def goal(**fields: Any) -> GoalInfo:
    return GoalInfo(**{"goal_id": "goal-1", "goal": "Look.", "status": "running", **fields})


def subtask(number: int, status: str = "completed", **fields: Any) -> SubtaskInfo:
    return SubtaskInfo(
        **{
            "subtask_id": f"s{number}",
            "device_id": "robot-1",
            "sentence": "Look.",
            "status": status,
            **fields,
        }
    )


def everything(text: str) -> str:
    """Every piece of HTML that the pages show, with the same text from outside in each field."""
    seen = Inspection(
        subtask_id="s", sentence=text, functions=(text,), verdicts=(text,), program=text, states=(text,), report=text
    )  # fmt: skip
    full = goal(
        goal_id=text, goal=text, answer=text, plan=(text,), status=text,
        subtasks=(subtask(1, sentence=text, said=text, device_id=text, status=text),),
    )  # fmt: skip
    said = {"kind": "report", "at": 0.0, "device_id": text, "sentence": text}
    line = line_of(said)
    return "".join(
        (
            device_list(Live(API), [device(text, title=text, doing=text)], "/ui"),
            goal_list([full], "/ui"),
            standing_list(
                [StandingInfo(standing_id=text, text=text, status="active", when=text, broken=(text,))]
            ),
            notice_list([Notice(seq=1, at=0.0, sentence=text)]),
            question_list([ApprovalInfo(approval_id=text, device_id=text, question=text, expires_at=0.0)]),
            flow(full, {}, "/ui"),
            machine([text], is_over=True),
            inside(seen),
            transcript([line] if line is not None else []),
            messages(Conversation(API, "chat-0", [Exchange(text, f"{text}\n\n{text}", is_over=True)])),
        )
    )


PLAIN = Tags(everything("x"))


@given(st.text(max_size=10), st.text("<>\"'&=/ aonclick-!", max_size=20))
def test_text_from_outside_is_nothing_but_text(any_text: str, markup: str) -> None:
    found = Tags(everything(f"x{any_text}{markup}{EVIL}"))
    assert set(found.found) <= set(PLAIN.found)
    assert found.attributes <= PLAIN.attributes


def test_devices_that_need_a_person_come_first_and_a_word_finds_them() -> None:
    live = Live(API)
    devices = [
        device("robot-1"),
        device("robot-2", doing="Look at shelf 2."),
        device("robot-3", status="offline"),
        device("robot-4", waiting="It asks something."),
        device("robot-5", paused_by="Anna"),
    ]
    text = Tags(device_list(live, devices, "/ui")).text
    order = [part[0] for part in text.split("robot-")[1:]]
    assert order == ["4", "3", "5", "2", "1"]
    assert "“Look at shelf 2.”" in text
    assert "robot-2" in (found := device_list(live, devices, "/ui", wanted=" Working "))
    assert "robot-1" not in found
    assert "called so" in device_list(live, devices, "/ui", wanted="lorry")
    assert "No device has joined" in device_list(live, [], "/ui")


def test_of_a_thousand_devices_a_page_shows_some_and_counts_the_rest() -> None:
    devices = [device(f"robot-{number}") for number in range(1000)]
    html = device_list(Live(API), devices, "/ui")
    assert html.count("<li") == SHOWN_DEVICES
    assert f"{1000 - SHOWN_DEVICES} more" in html


@pytest.mark.parametrize(
    ("percent", "is_low", "width"),
    [(None, False, ""), (19.9, True, "20%"), (20, False, "20%"), (140, False, "100%")],
)
def test_a_battery_is_drawn_and_said(percent: float | None, is_low: bool, width: str) -> None:
    html = battery(percent)
    assert ("low" in html) is is_low
    assert width in html
    assert (percent is None) == (html == "")


def test_a_device_s_battery_is_read_from_what_it_tells() -> None:
    told = (Finding(what="Battery level", value=55, unit="%"),)
    assert device("robot-1", attributes=told).battery_percent == 55
    assert (
        device("robot-1", attributes=(Finding(what="battery level", value="full"),)).battery_percent is None
    )


def test_a_goal_says_how_far_it_is_and_then_how_long_it_took() -> None:
    under_way = goal_list([goal(subtasks=(subtask(1), subtask(2, "ongoing")))], "/ui")
    assert "1 of 2 done" in under_way
    ended = goal_list([goal(status="completed", seconds=2.25, answer="Shelf 3.")], "/ui")
    assert "2.2 s" in ended
    assert "Shelf 3." in ended


def test_a_standing_goal_has_the_buttons_that_make_sense() -> None:
    active = standing_list([StandingInfo(standing_id="standing-1", text="Look.", status="active", fired=3)])
    assert 'data-act="standing pause" data-of="standing-1"' in active
    assert "standing resume" not in active
    assert "done 3 times" in active
    paused = standing_list(
        [StandingInfo(standing_id="standing-1", text="Look.", status="given_up", reason="Why.")]
    )
    assert "standing resume" in paused
    assert "given up" in paused
    assert "Why." in paused


def test_a_question_is_answered_by_buttons_that_say_what_about() -> None:
    html = question_list(
        [ApprovalInfo(approval_id="a1", device_id="lamp", question="May I?", expires_at=0.0)]
    )
    assert 'data-act="approve" data-of="a1" aria-label="Allow: May I?"' in html
    assert 'data-act="deny"' in html


def test_subtasks_stand_below_the_step_that_they_were_assigned_for() -> None:
    html = flow(
        goal(plan=("Fetch it.", "Bring it."), subtasks=(subtask(1), subtask(2, "failed", said="No way."))),
        {"s1": 0, "s2": 1},
        "/ui",
    )
    first, second = html.split('data-key="step1"')
    assert 'data-key="s1"' in first
    assert 'data-key="s2"' in second
    assert "No way." in second
    assert "It is being planned" in flow(goal(), {}, "/ui")


def test_of_very_many_subtasks_those_that_are_not_done_are_drawn() -> None:
    many = tuple(
        subtask(number, "completed" if number else "failed") for number in range(SHOWN_SUBTASKS + 40)
    )
    html = flow(goal(plan=("Look.",), subtasks=many), {}, "/ui")
    assert f"{SHOWN_SUBTASKS + 39} completed, 1 failed" in html.replace(
        "1 failed, 99 completed", "99 completed, 1 failed"
    )
    assert html.count('class="sub ') == 1


def test_the_drawn_state_machine_is_the_one_that_runs() -> None:
    assert set(STATES) == {state.value for state in SubtaskState}
    possible = {(row.source.value, row.target.value) for row in TABLE}
    assert set(MOVES) <= possible


def test_the_present_state_is_lit_and_the_way_is_told() -> None:
    html = machine(["start", "verifying", "verifying", "postprocessing_in_progress"], is_over=False)
    assert html.count('"state lit"') == 1
    assert '"state lit" data-key="postprocessing_in_progress"' in html
    assert html.count('"state seen"') == 2
    # A way that is not always drawn is drawn when it was taken.
    assert 'data-key="verifying-postprocessing_in_progress"' in html
    assert "start → verifying (2 times) → postprocessing in progress" in html
    assert "Now in: postprocessing in progress" in html
    assert "It has not begun." in machine([], is_over=False)


@given(st.lists(st.sampled_from(sorted(STATES)), max_size=30))
def test_any_way_can_be_drawn(states: list[str]) -> None:
    html = machine(states, is_over=False)
    taken = {move for move in itertools.pairwise(states) if move[0] != move[1]}
    assert html.count("move taken") == len(taken)


def test_a_goal_s_events_are_a_conversation() -> None:
    events: list[dict[str, Any]] = [
        {"kind": "goal_accepted", "at": 1.0, "goal": "Look.", "by": "Anna"},
        {"kind": "goal_planned", "at": 2.0, "steps": ["a", "b"]},
        {"kind": "subtask_assigned", "at": 2.0, "subtask_id": "s", "device_id": "robot-1", "step": 0},
        {"kind": "subtask_sent", "at": 3.0, "device_id": "robot-1", "sentence": "Go."},
        {"kind": "approval_requested", "at": 4.0, "device_id": "robot-1", "question": "May I?"},
        {"kind": "approval_ended", "at": 5.0, "device_id": "robot-1", "sentence": "Anna allowed it."},
        {"kind": "subtask_ended", "at": 6.0, "device_id": "robot-1", "said": None, "reason": "it broke"},
        {"kind": "goal_ended", "at": 7.0, "answer": "Done."},
    ]
    said = [(line.speaker, line.text) for event in events if (line := line_of(event)) is not None]
    assert said == [
        ("Anna", "Look."),
        ("coordinator", "The plan: 1. a 2. b"),
        ("coordinator to robot-1", "Go."),
        ("robot-1", "May I?"),
        ("coordinator", "Anna allowed it."),
        ("robot-1", "it broke"),
        ("coordinator", "Done."),
    ]


def test_steps_come_before_the_answer_and_are_folded_after_it() -> None:
    under_way = Exchange("Look.", "Sent to robot-1: Look.\nrobot-1: Don")
    assert (under_way.steps, under_way.answer) == ("Sent to robot-1: Look.", "robot-1: Don")
    over = Exchange("Look.", "Sent to robot-1: Look.\nrobot-1: Done.\n\nAll is well.", is_over=True)
    assert (over.steps, over.answer) == ("Sent to robot-1: Look.\nrobot-1: Done.", "All is well.")
    two_lines = Exchange("Hello", 'Answer "yes"\nor no.', is_over=True)
    assert two_lines.answer == 'Answer "yes"\nor no.'
    html = messages(Conversation(API, "chat-0", [over]))
    assert "2 steps on the way" in html


def test_conversations_have_names_that_only_tabs_make_up_and_the_oldest_are_forgotten() -> None:
    known = Conversations(API)
    first = known.of("chat-000000000000")
    assert known.of("chat-000000000000") is first
    for number in range(1, 201):
        known.of(f"chat-{number:012x}")
    assert known.of("chat-000000000000") is not first
    with pytest.raises(ValueError, match="goal-1"):
        known.of("goal-1")


def test_a_moment_is_written_as_a_time_of_day() -> None:
    assert clock(None) == "?"
    assert len(clock(0.0).split(":")) == 3


def test_what_is_out_of_use_and_what_stands_still_each_have_their_button() -> None:
    assert condition_list(ConditionsInfo()) == ""
    everything = StandstillInfo(
        standstill_id="standstill-1", name="everything", by="Ben", at=1.0, devices=("robot-1", "robot-2")
    )
    shown = condition_list(
        ConditionsInfo(
            closed=(ClosureInfo(place="aisle B", by=EVIL, at=0.0),),
            out_of_reach=("aisle B", *(f"shelf {number}" for number in range(1, 15))),
            standstills=(everything,),
        )
    )
    tags = Tags(shown)
    assert tags.found.count("button") == 2
    assert "script" not in tags.found
    assert 'data-act="place reopen" data-of="aisle B" aria-label="In use again: aisle B"' in shown
    assert 'data-act="standstill resume" data-of="standstill-1" aria-label="Carry on: everything"' in shown
    for part in ("Aisle B is out of use", "Everything stands still", "robot-1, robot-2", "Ben"):
        assert part in tags.text
    assert "shelf 1, shelf 2" in tags.text, "what is closed itself is not told twice"
    assert tags.text.count("aisle B") == 0
    assert "shelf 12 and 2 more" in tags.text
    nobody = condition_list(ConditionsInfo(standstills=(everything.model_copy(update={"devices": ()}),)))
    assert "no device" in Tags(nobody).text
