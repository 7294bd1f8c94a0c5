"""Allocation: everything is assigned once, to fitting devices, and nobody gets two more than another."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from coordinator.allocator import Fleet, Progress, expand, fill, natural, placeholders
from inference.plan import PlanStep

names = st.lists(st.integers(1, 99).map(lambda n: f"robot-{n}"), unique=True, max_size=12)
entities = st.lists(st.integers(1, 60).map(str), unique=True, max_size=30)
STEP = PlanStep("each", "Move to shelf {shelf} and check shelf {shelf}.", entity="shelf", kind="robot")


@given(entities, names, names)
def test_each_entity_is_given_once_to_a_device_of_the_kind_and_the_load_is_balanced(
    ids: list[str], robots: list[str], doors: list[str]
) -> None:
    fleet = Fleet({"robot": robots, "door": [f"door-{name}" for name in doors]})
    assignments = expand(0, STEP, {"shelf": ids}, fleet, Progress())
    assert [one.entity_id for one in assignments] == ids
    assert [one.sentence for one in assignments] == [
        f"Move to shelf {id_} and check shelf {id_}." for id_ in ids
    ]
    if not robots:
        assert all(one.device_id is None and one.problem for one in assignments)
        return
    load = Counter(one.device_id for one in assignments)
    assert set(load) <= set(robots)
    counts = [load[name] for name in robots]
    assert max(counts) - min(counts) <= 1


@given(entities.filter(bool), names, st.data())
def test_chosen_entities_are_the_only_ones(ids: list[str], robots: list[str], data: st.DataObject) -> None:
    chosen = tuple(data.draw(st.lists(st.sampled_from(ids), unique=True, min_size=1)))
    step = PlanStep("each", "Go to {shelf}.", entity="shelf", entity_ids=chosen, kind="robot")
    assignments = expand(0, step, {"shelf": ids}, Fleet({"robot": robots}), Progress())
    assert tuple(one.entity_id for one in assignments) == chosen


@given(names)
def test_every_device_of_the_kind_gets_its_own(robots: list[str]) -> None:
    step = PlanStep("every", "Report your battery level.", kind="Robot")
    assignments = expand(0, step, {}, Fleet({"robot": robots}), Progress())
    if robots:
        assert [one.device_id for one in assignments] == robots
    else:
        assert [one.device_id for one in assignments] == [None]


@given(entities, names.filter(bool), st.data())
def test_a_later_step_stays_with_the_device_and_leaves_failures_alone(
    ids: list[str], robots: list[str], data: st.DataObject
) -> None:
    fleet = Fleet({"robot": robots})
    progress = Progress()
    first = expand(0, STEP, {"shelf": ids}, fleet, progress)
    completed = {one.entity_id: data.draw(st.booleans()) for one in first}
    for one in first:
        progress.note(one, one.device_id, is_completed=completed[one.entity_id])
    gone = data.draw(st.sampled_from(robots))
    left = Fleet({"robot": [name for name in robots if name != gone]}, {gone: f"{gone} is not online"})
    before = {one.entity_id: one.device_id for one in first}
    for one in expand(1, STEP, {"shelf": ids}, left, progress):
        if not completed[one.entity_id]:
            assert one.problem == "the step before it did not succeed"
        else:
            assert one.device_id == before[one.entity_id]
            assert (one.problem is not None) == (one.device_id == gone)


@given(st.text(alphabet="abc {}", max_size=30), st.text(alphabet="0123{}", max_size=5))
def test_filling_leaves_no_placeholder_of_that_entity(sentence: str, entity_id: str) -> None:
    filled = fill(sentence + "{shelf}", "shelf", entity_id.replace("{", "").replace("}", "") or "1")
    assert "shelf" not in placeholders(filled)


@given(st.lists(st.integers(0, 10_000), unique=True))
def test_numbers_in_names_sort_as_numbers(numbers: list[int]) -> None:
    ordered = sorted((f"robot-{number}" for number in numbers), key=natural)
    assert ordered == [f"robot-{number}" for number in sorted(numbers)]
