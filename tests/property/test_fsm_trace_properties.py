"""A diagram of a run, read back, is the run."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm.trace import mermaid, table
from protocol.messages import StateVisit
from tests.mermaid import parse

STATES = st.sampled_from(["start", "verifying", "paused", "function_call_result_pending", "end"])
VISITS = st.lists(
    st.builds(StateVisit, state=STATES, seconds=st.floats(min_value=0, max_value=1e6)), max_size=256
)
ODD_VISITS = st.lists(
    st.builds(
        StateVisit,
        state=st.text(min_size=1, max_size=120).filter(lambda text: any(map(str.isprintable, text.strip()))),
        seconds=st.floats(min_value=0, max_value=1e6),
    ),
    max_size=20,
)


def seconds_of(text: str) -> float:
    number, unit = text.rpartition(", ")[2].split(" ")
    return float(number) / (1000 if unit == "ms" else 1)


@given(VISITS)
def test_the_order_and_the_times_can_be_read_back(visits: list[StateVisit]) -> None:
    drawing = parse(mermaid(visits))
    names = {identity: label.partition("<br/>")[0] for identity, label in drawing.labels.items()}
    assert [names[identity] for identity in drawing.path] == [visit.state for visit in visits]
    for identity, label in drawing.labels.items():
        stays = [visit.seconds for visit in visits if visit.state == names[identity]]
        assert seconds_of(label.partition("<br/>")[2]) == pytest.approx(sum(stays), abs=0.006)
        shown = re.search(r"(\d+) visits", label)
        assert (int(shown[1]) if shown else 1) == len(stays)


@given(ODD_VISITS)
def test_whatever_a_state_is_called_the_diagram_is_well_formed(visits: list[StateVisit]) -> None:
    drawing = parse(mermaid(visits))
    assert len(drawing.path) == len(visits)
    assert len(drawing.labels) == len({visit.state for visit in visits})


@given(VISITS)
def test_a_table_has_a_line_for_each_visit_and_one_for_the_sum(visits: list[StateVisit]) -> None:
    lines = table(visits).splitlines()
    assert [line.split()[1] for line in lines[:-1]] == [visit.state for visit in visits]
    assert len({len(line) for line in lines}) == 1
