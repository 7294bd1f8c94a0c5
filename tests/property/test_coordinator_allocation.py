"""Allocation: everything is assigned once, to fitting devices, and nobody gets two more than another."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.allocator import Assignment, Fleet, Progress, expand, fill, natural, placeholders, spread
from coordinator.fleet import LOW_BATTERY_PERCENT, DeviceState, state_of
from coordinator.goal_state import assignments_as_data
from coordinator.site import Geography, Site, Spot
from inference.plan import PlanStep
from protocol.messages import Finding

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


states = st.builds(
    DeviceState,
    spot=st.none() | st.builds(Spot, at=st.tuples(st.floats(0, 50), st.floats(0, 50))),
    battery_percent=st.none() | st.floats(0, 100),
    queued=st.integers(0, 3),
    declined=st.sampled_from([frozenset(), frozenset({"go to shelf #"})]),
)


@given(entities.filter(bool), st.dictionaries(st.sampled_from("abcde"), states, min_size=1), st.data())
@settings(deadline=None, max_examples=60)
def test_whatever_is_known_everything_is_given_once_and_to_the_able_only(
    ids: list[str], known: dict[str, DeviceState], data: st.DataObject
) -> None:
    kinds = {name: data.draw(st.sampled_from(["robot", "door"])) for name in known}
    by_kind = {kind: [name for name in known if kinds[name] == kind] for kind in ("robot", "door")}
    at = data.draw(
        st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=len(ids), max_size=len(ids))
    )
    site = Site.from_mapping(
        {"entities": {"shelf": [{"id": name, "at": point} for name, point in zip(ids, at, strict=True)]}}
    )
    fleet = Fleet(by_kind, states=known, geography=Geography(site))
    asked = [
        Assignment(0, index, f"Go to shelf {name}.", kind="robot", entity_kind="shelf", entity_id=name)
        for index, name in enumerate(ids)
    ]
    given_out = spread(asked, fleet)
    assert [(one.index, one.sentence) for one in given_out] == [(one.index, one.sentence) for one in asked]
    chosen = {one.device_id for one in given_out}
    if not by_kind["robot"]:
        assert chosen == {None}
        return
    assert chosen <= set(by_kind["robot"])

    def rank(name: str) -> tuple[bool, bool]:
        level = known[name].battery_percent
        return bool(known[name].declined), level is not None and level < LOW_BATTERY_PERCENT

    best = min(map(rank, by_kind["robot"]))
    assert all(rank(name or "") == best for name in chosen)
    turns = Counter((one.device_id, one.turn) for one in given_out)
    assert set(turns.values()) == {1}
    assert spread(asked, fleet) == given_out
    assert assignments_as_data(given_out)[0]["sentence"] == f"Go to shelf {ids[0]}."


def finding(what: str, value: object, unit: str | None = None) -> dict[str, Finding]:
    return {what: Finding(what=what, value=value, unit=unit)}  # type: ignore[arg-type]


def test_what_a_device_tells_is_read_and_what_cannot_be_read_counts_for_nothing() -> None:
    geography = Geography(Site.from_mapping({"entities": {"shelf": [{"id": "3", "at": [1, 2]}]}}))
    home = Spot("home")
    told = {
        **finding("battery level", 15, "percent"),
        **finding("position", "Shelf 3"),
        **finding("load", 2.5, "kg"),
    }
    state = state_of(told, home=home, geography=geography, queued=2)
    assert (state.spot, state.battery_percent, state.load, state.queued) == (
        Spot("shelf 3", (1, 2)),
        15,
        2.5,
        2,
    )
    assert state.is_low
    assert state_of(finding("position", (3.0, 4.0), "meter")).spot == Spot(at=(3.0, 4.0))
    for wrong in (
        finding("position", "the moon"),
        finding("position", (3.0,)),
        finding("position", ("a", "b")),
        finding("position", (3.0, 4.0), "foot"),
        finding("battery level", 0.5, "V"),
        finding("battery level", "full"),
        finding("battery level", value=True),
    ):
        assert state_of(wrong, home=home, geography=geography) == DeviceState(spot=home)


def test_a_step_that_does_not_follow_is_done_where_an_earlier_one_failed() -> None:
    progress = Progress()
    (first,) = expand(0, STEP, {"shelf": ["1"]}, Fleet({"robot": ["robot-1"]}), progress)
    progress.note(first, None, is_completed=False)
    anyway = PlanStep("each", "Go to {shelf}.", entity="shelf", kind="robot", follows=False)
    (second,) = expand(1, anyway, {"shelf": ["1"]}, Fleet({"robot": ["robot-1"]}), progress)
    assert (second.device_id, second.problem) == ("robot-1", None)
