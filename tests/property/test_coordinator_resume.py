"""A goal that is cut off after any event is gone on with rightly: nothing ended is done again, nothing accepted is forgotten."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.allocator import Assignment
from coordinator.goal_state import GoalState, assignments_as_data, begin, fold
from coordinator.ledger.events import Event, EventKind
from coordinator.past import Past, under_way
from coordinator.plan_data import plan_as_data
from coordinator.records import ExecutionRecord, Outcome
from inference.plan import PlanStep
from protocol.messages import ReportStatus

GOAL_ID = "goal-1"
STEPS = (
    PlanStep("each", "look at shelf {shelf}", entity="shelf", kind="robot"),
    PlanStep("every", "rest", kind="robot", follows=False),
)
HEARD = [Outcome.COMPLETED, Outcome.NOT_EXECUTABLE, Outcome.FAILED]
UNHEARD = [Outcome.SILENT, Outcome.LOST]
ACTS = [
    ("goal", "paused"),
    ("goal", "resumed"),
    ("goal", "cancelled"),
    ("subtask", "paused"),
    ("subtask", "cancelled"),
]


class History:
    """Writes what a coordinator might write of one goal, one event after another."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.events: list[Event] = []
        self._draw = draw
        self._subtasks = 0

    def add(self, kind: EventKind, data: dict[str, Any]) -> None:
        number = len(self.events) + 1
        # As it comes back from a database.
        self.events.append(Event(number * 3, 1e9 + number, GOAL_ID, kind, json.loads(json.dumps(data))))

    def write(self) -> None:
        """Write a whole goal."""
        draw = self._draw
        steps = STEPS[: draw(st.integers(1, 2))]
        self.add(
            EventKind.GOAL_ACCEPTED, {"goal": "Look.", "by": "Ann", "priority": draw(st.integers(-5, 5))}
        )
        lines = ["a step"] * len(steps)
        tokens = {"model_calls": 1, "prompt_tokens": 2, "completion_tokens": 3}
        self.add(EventKind.GOAL_PLANNED, {"steps": lines, "plan": plan_as_data(steps), **tokens})
        for step in range(len(steps)):
            self._write_step(step, draw(st.integers(1, 4)))
        end: dict[str, Any] = {"status": "completed", "answer": "Done.", "error_code": None, "claims": []}
        self.add(EventKind.GOAL_ENDED, end)

    def _write_step(self, step: int, width: int) -> None:
        draw = self._draw
        assignments = [
            Assignment(step, index, f"Look at {index}.", kind="robot", device_id=f"robot-{index}")
            for index in range(width)
        ]
        data = {"step": step, "assignments": assignments_as_data(assignments)}
        self.add(EventKind.STEP_EXPANDED, data)
        waiting = {assignment.index: assignment for assignment in assignments}
        open_ids: dict[int, str] = {}
        tries: dict[int, int] = {}
        while waiting:
            index = draw(st.sampled_from(sorted(waiting)))
            if index not in open_ids:
                self._subtasks += 1
                tries[index] = tries.get(index, 0) + 1
                open_ids[index] = f"{GOAL_ID}-{self._subtasks}"
                self.add(EventKind.SUBTASK_ASSIGNED, self._about(waiting[index], open_ids[index]))
                continue
            about = {"subtask_id": open_ids[index], "device_id": f"robot-{index}"}
            match draw(st.sampled_from(["end", "end", "sent", "report", "act"])):
                case "sent":
                    self.add(EventKind.SUBTASK_SENT, about)
                case "report":
                    status = draw(st.sampled_from([ReportStatus.ONGOING, ReportStatus.PAUSED])).value
                    repeatable = draw(st.sampled_from([None, True, False]))
                    report = {"status": status, "sentence": "At it.", "is_repeatable": repeatable}
                    self.add(EventKind.REPORT, {**about, **report})
                case "act":
                    what, did = draw(st.sampled_from(ACTS))
                    identity = GOAL_ID if what == "goal" else open_ids[index]
                    act = {"what": what, "id": identity, "did": did, "by": "Ben", "sentence": "Ben did it."}
                    self.add(EventKind.OPERATOR, act)
                case _:
                    outcome = draw(st.sampled_from([*HEARD, *UNHEARD]))
                    moves = outcome in UNHEARD and tries[index] == 1 and draw(st.booleans())
                    self.add(
                        EventKind.SUBTASK_ENDED,
                        ExecutionRecord(
                            step=step,
                            index=index,
                            sentence="Look.",
                            outcome=outcome,
                            subtask_id=open_ids.pop(index),
                            device_id=f"robot-{index}",
                            is_reassigned=moves,
                        ).stored(),
                    )
                    if not moves:
                        del waiting[index]

    def _about(self, assignment: Assignment, subtask_id: str) -> dict[str, Any]:
        return {
            "subtask_id": subtask_id,
            "device_id": assignment.device_id,
            "sentence": assignment.sentence,
            "step": assignment.step,
            "index": assignment.index,
            "issued_at": 1e9,
            "timeout_seconds": 60.0,
        }


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    history = History(draw)
    history.write()
    return history.events


@st.composite
def cut_off(draw: st.DrawFn) -> list[Event]:
    events = draw(histories())
    return events[: draw(st.integers(1, len(events)))]


@settings(max_examples=150, deadline=None)
@given(histories())
def test_a_state_that_is_kept_up_to_date_equals_one_that_is_folded_anew(events: list[Event]) -> None:
    state: GoalState = begin(events[0])
    for number, event in enumerate(events[1:], start=2):
        state.take(event)
        state.take(event)  # once more changes nothing
        assert state == fold(events[:number])
    assert state.is_final


@settings(max_examples=300, deadline=None)
@given(cut_off())
def test_what_was_cut_off_is_gone_on_with_where_it_stood(events: list[Event]) -> None:
    state = fold(events)
    assert state is not None, "an accepted goal is not forgotten"
    past = Past(state)
    ended = {event.data["subtask_id"] for event in events if event.kind is EventKind.SUBTASK_ENDED}
    assigned = [event.data["subtask_id"] for event in events if event.kind is EventKind.SUBTASK_ASSIGNED]
    recalled = {subtask.subtask_id for _, subtask in under_way(state)}
    assert recalled == set(assigned) - ended, (
        "whatever was given out and has no end is asked about, and nothing else"
    )
    for event in events:
        if event.kind is not EventKind.STEP_EXPANDED:
            continue
        step = past.step(event.data["step"])
        assert step is not None
        places = [
            *(assignment.index for assignment, _ in step.ended),
            *(assignment.index for assignment in step.under_way),
            *(assignment.index for assignment in step.left),
        ]
        assert sorted(places) == list(range(len(event.data["assignments"]))), "each is in one place"
        names = [past.take_open(assignment) for assignment in step.under_way]
        assert set(names) <= recalled
        assert [past.take_open(assignment) for assignment in step.under_way] == [None] * len(names)
        for assignment, record in step.ended:
            assert (record.step, record.index) == (assignment.step, assignment.index)
            assert not record.is_reassigned


@settings(max_examples=100, deadline=None)
@given(cut_off())
def test_what_people_ordered_last_holds_after_a_restart(events: list[Event]) -> None:
    state = fold(events)
    assert state is not None
    acts = [
        event.data["did"]
        for event in events
        if event.kind is EventKind.OPERATOR and event.data["what"] == "goal"
    ]
    pauses = [did for did in acts if did != "cancelled"]
    assert (state.paused_by == "Ben") == (pauses[-1:] == ["paused"])
    assert (state.cancelled is not None) == ("cancelled" in acts)
