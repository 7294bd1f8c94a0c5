"""What is out of use at a site: which places a sentence names, what cannot be reached, and what the site's traffic is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.records import Outcome
from coordinator.site import Site
from coordinator.site.closures import CLOSED, REOPENED, Closure, fold, places_in
from coordinator.site.geography import Geography, Spot
from protocol.errors import ErrorCode, InputError
from protocol.messages import TrafficNotice, decode
from tests.coordinator_fakes import Stage, scripted, stage
from transport.clock import FakeClock
from transport.in_process_bus import InProcessBus

HALL: dict[str, Any] = {
    "zones": {"aisle A": None, "aisle B": None, "lift": None, "hub": {"area": [0, 0, 2, 2]}},
    "entities": {
        "shelf": [
            {"id": "1", "zone": "aisle A", "at": [1, 9], "aliases": ["S1"]},
            {"id": "2", "zone": "aisle B", "at": [9, 1]},
            {"id": "13", "at": [20, 1]},
        ],
        "station": [{"id": "2", "at": [9, 9]}],
    },
    "links": [
        {"between": ["hub", "shelf 1"], "metres": 8},
        {"between": ["shelf 1", "station 2"], "metres": 8},
        {"between": ["hub", "shelf 2"], "metres": 8},
        {"between": ["shelf 2", "station 2"], "metres": 8},
        {"between": ["hub", "shelf 13"], "metres": 19, "through": "lift"},
    ],
}
SITE = Site.from_mapping(HALL)


async def notice(scene: Stage) -> TrafficNotice:
    """Read what the broker keeps for the traffic, as one does that comes later."""
    async with (
        InProcessBus(scene.broker, "traffic", clock=scene.clock) as bus,
        bus.subscribe(scene.topics.traffic) as deliveries,
    ):
        return decode(TrafficNotice, (await anext(aiter(deliveries))).payload)


def closed(*places: str) -> Geography:
    return Geography(SITE, {place: Closure(place, "Ada", 0.0) for place in places})


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Aisle B is blocked.", ["aisle B"]),
        ("Aisles A and B are blocked, as is the lift!", ["aisle A", "aisle B", "lift"]),
        ("Look at S1 and shelves 2 or 13", ["shelf 1", "shelf 2", "shelf 13"]),
        ("Go to shelf-13, then to station 2.", ["shelf 13", "station 2"]),
        ("Bring 2 totes", []),
        ("", []),
    ],
)
def test_the_places_that_a_sentence_names(text: str, places: list[str]) -> None:
    assert places_in(text, SITE) == places


@given(st.lists(st.sampled_from(sorted(set(SITE.place_names.values()))), max_size=6))
def test_every_place_is_found_by_its_own_name(names: list[str]) -> None:
    assert places_in("; ".join(names), SITE) == list(dict.fromkeys(names))


def test_what_stands_in_a_closed_zone_or_behind_a_closed_way_cannot_be_reached() -> None:
    assert closed().barrier("Check shelf 2.") is None
    assert closed("aisle B").barrier("Check shelf 2.") == "shelf 2 is in aisle B, which is out of use"
    assert closed("aisle B").barrier("Check shelf 1.") is None
    assert closed("station 2").barrier("Go to station 2.") == "station 2 is out of use"
    assert closed("lift").barrier("Check shelf 13.") == "no way leads to shelf 13 while lift is out of use"
    assert closed("lift", "aisle A").out_of_reach() == ["shelf 1", "shelf 13"]


def test_ways_go_round_what_is_closed() -> None:
    hub, station = Spot("hub", (1.0, 1.0)), Spot("station 2", (9.0, 9.0))
    assert closed().travel([hub], [station]).table()[0, 0] == 16
    site = Site.from_mapping({**HALL, "links": [{**HALL["links"][0], "metres": 30}, *HALL["links"][1:]]})
    ways = Geography(site, {"aisle B": Closure("aisle B", "Ada", 0.0)}).travel([hub], [station])
    assert ways.table()[0, 0] == 38


def test_a_device_that_is_cut_off_does_not_come_there_and_one_inside_may_leave() -> None:
    above = Spot("shelf 13", (20.0, 1.0))
    assert not closed("lift").reaches(above, "Check shelf 1.")
    assert closed("lift").reaches(above, "Check shelf 13.")
    assert closed("aisle B").reaches(Spot("shelf 2", (9.0, 1.0)), "Check shelf 1.")
    assert closed("lift").reaches(None, "Check shelf 1.")


@given(st.lists(st.tuples(st.sampled_from(["aisle A", "aisle B"]), st.booleans()), max_size=12))
def test_what_was_said_last_of_a_place_counts(acts: list[tuple[str, bool]]) -> None:
    events = [{"place": place, "did": CLOSED if shut else REOPENED, "by": "Ada"} for place, shut in acts]
    last = dict(acts)
    assert set(fold(events, range(len(events)))) == {place for place, shut in last.items() if shut}


async def test_a_closed_place_is_kept_over_a_restart_and_told_to_the_traffic(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted("each shelf 1 2 / robot / check shelf {shelf}"), clock=clock, entities=HALL
    ) as scene:
        robot = await scene.join("robot-1")
        effect = scene.coordinator.premises.close("AISLE  b", "Ada")
        assert (effect.is_new, effect.out_of_reach) == (True, ("shelf 2",))
        assert not scene.coordinator.premises.close("aisle B", "Ben").is_new
        goal = scene.coordinator.submit("Check the shelves.")
        await clock.advance_until(lambda: scene.is_over(goal.goal_id), limit_seconds=60)
        ends = {record.entity_id: record for record in scene.coordinator.goal(goal.goal_id).records}
        assert ends["1"].outcome is Outcome.COMPLETED
        assert ends["2"].reason == "shelf 2 is in aisle B, which is out of use"
        assert [one.sentence for one in robot.received] == ["Check shelf 1."]
        assert await scene.coordinator.traffic_told()
        broker = scene.broker
    async with stage(tmp_path, scripted("refuse"), clock=clock, broker=broker, entities=HALL) as scene:
        assert [one.place for one in scene.coordinator.premises.closed] == ["aisle B"]
        await clock.advance(1)
        assert [one.name for one in (await notice(scene)).closed] == ["aisle B"]
        assert scene.coordinator.premises.reopen("aisle B", "Ada") is not None
        assert scene.coordinator.premises.reopen("aisle B", "Ada") is None
        await clock.settle()
        assert (await notice(scene)).closed == ()


async def test_a_place_that_there_is_not_is_refused_by_name(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities=HALL) as scene:
        with pytest.raises(InputError) as caught:
            scene.coordinator.premises.close("aisle Q", "Ada")
        assert caught.value.code is ErrorCode.NOT_FOUND
        assert scene.coordinator.premises.closed == []
