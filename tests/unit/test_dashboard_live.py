"""What the dashboard asks of the coordinator, how often, and what it makes of odd answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dashboard.acts import perform
from dashboard.api import Api, ApiError
from dashboard.conversations import WHO, Conversation
from dashboard.floor import AttributesSource, state_of
from dashboard.live import Live

ADDRESS = "http://127.0.0.1:8080"
ROBOT = {"device_id": "robot-1", "status": "online", "attributes": []}


class Site:
    """Answers like a coordinator."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "/v1/site": {"site": "main", "emergency_stop": {"engaged": False}, "goals_under_way": []},
            "/healthz": {"broker_connected": True, "problems": []},
            "/v1/devices": {"devices": [ROBOT]},
            "/v1/goals": {"goals": []},
            "/v1/approvals": {"approvals": []},
            "/v1/standing": {"standing": []},
            "/v1/site/places": {},
            "/v1/site/conditions": {"closed": [], "out_of_reach": [], "standstills": []},
        }
        self.requests: list[httpx.Request] = []
        self.is_away = False
        self.asked = asyncio.Event()

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.asked.set()
        if self.is_away:
            raise httpx.ConnectError("refused")
        answer = self.answers.get(request.url.path)
        if isinstance(answer, httpx.Response):
            return answer
        if answer is None:
            return httpx.Response(404, json={"error": {"message": "There is no such thing."}})
        return httpx.Response(200, json=answer)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def api(site: Site) -> AsyncIterator[Api]:
    opened = Api(lambda: ADDRESS)
    await opened._client.aclose()
    opened._client = httpx.AsyncClient(transport=httpx.MockTransport(site.handle))
    yield opened
    await opened.close()


async def test_the_version_grows_only_when_something_has_changed(api: Api, site: Site) -> None:
    live = Live(api)
    await live.refresh()
    first = live.version
    await live.refresh()
    assert live.version == first
    assert live.device("robot-1") is live.devices[0]
    site.answers["/v1/devices"] = {"devices": [ROBOT, {**ROBOT, "device_id": "robot-2"}]}
    await live.refresh()
    assert live.version == first + 1
    assert live.device("robot-2") is not None
    assert live.device("robot-3") is None


async def test_a_coordinator_that_is_away_is_told_and_so_is_its_return(api: Api, site: Site) -> None:
    live = Live(api)
    await live.refresh()
    site.is_away = True
    await live.refresh()
    assert "cannot be reached" in str(live.problem)
    assert live.devices, "what was known stays on the page"
    site.is_away = False
    await live.refresh()
    assert live.problem is None


async def test_answers_that_make_no_sense_are_a_problem_and_no_crash(api: Api, site: Site) -> None:
    live = Live(api)
    site.answers["/v1/devices"] = {"devices": 5}
    await live.refresh()
    assert "otherwise" in str(live.problem)


async def test_a_coordinator_that_is_not_well_says_why(api: Api, site: Site) -> None:
    body = {"broker_connected": False, "problems": ["The broker is away."]}
    site.answers["/healthz"] = httpx.Response(503, json=body)
    live = Live(api)
    await live.refresh()
    assert live.health.problems == ("The broker is away.",)
    assert live.problem is None


async def test_nobody_looking_means_nothing_asked(api: Api, site: Site) -> None:
    live = Live(api)
    live.watch()
    live.watch()
    async with asyncio.timeout(5):
        await site.asked.wait()
    live.unwatch()
    assert live._tasks
    live.unwatch()
    assert not live._tasks
    await asyncio.sleep(0)
    count = len(site.requests)
    await asyncio.sleep(0)
    assert len(site.requests) == count


async def test_what_the_coordinator_refuses_is_said_in_its_words(api: Api) -> None:
    with pytest.raises(ApiError, match="no such thing"):
        await api.read("/v1/goals/goal-1")


async def test_an_answer_that_is_no_json_is_said_with_its_number(api: Api, site: Site) -> None:
    site.answers["/v1/goals/goal-1"] = httpx.Response(502, text="<html>")
    with pytest.raises(ApiError, match="502"):
        await api.read("/v1/goals/goal-1")


async def test_a_chat_s_answer_comes_piece_by_piece(api: Api, site: Site) -> None:
    pieces = ["Sent to robot-1: Look.\n", "\nDone."]
    chunks = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in (*chunks, {"choices": []})]
    site.answers["/v1/chat/completions"] = httpx.Response(200, text="".join([*lines, "data: [DONE]\n\n"]))
    conversation = Conversation(api, "chat-000000000000")
    await conversation.say("Look.")
    assert (conversation.exchanges[0].steps, conversation.exchanges[0].answer) == (
        "Sent to robot-1: Look.",
        "Done.",
    )
    await conversation.say("And now?")
    body = json.loads(site.requests[-1].content)
    assert body["chat_id"] == "chat-000000000000"
    assert body["user"] == WHO
    # What was answered before says which question a "no" is about.
    assert [one["content"] for one in body["messages"]] == ["Look.", "Done.", "And now?"]


async def test_a_chat_that_fails_says_why(api: Api, site: Site) -> None:
    site.is_away = True
    conversation = Conversation(api, "chat-000000000000")
    await conversation.say("Look.")
    assert "cannot be reached" in conversation.exchanges[0].answer
    assert conversation.exchanges[0].is_over


@pytest.mark.parametrize(
    ("pressed", "called"),
    [
        (("goal pause", "goal-1"), ("POST", "/v1/goals/goal-1/pause", {"by": WHO})),
        (("device cancel", "robot-1"), ("POST", "/v1/devices/robot-1/cancel", {"by": WHO})),
        (("standing resume", "standing-1"), ("POST", "/v1/standing/standing-1/resume", {"by": WHO})),
        (("approve", "a1"), ("POST", "/v1/approvals/a1", {"by": WHO, "decision": "approve"})),
        (("deny", "a1"), ("POST", "/v1/approvals/a1", {"by": WHO, "decision": "deny"})),
        (("place reopen", "aisle B"), ("POST", "/v1/site/reopen", {"by": WHO, "place": "aisle B"})),
        (
            ("standstill resume", "standstill-1"),
            ("POST", "/v1/site/standstills/standstill-1/resume", {"by": WHO}),
        ),
        (("stop", ""), ("POST", "/v1/estop", {"by": WHO})),
        (("release", ""), ("DELETE", "/v1/estop", None)),
    ],
)
async def test_each_button_is_one_call(
    api: Api, site: Site, pressed: tuple[str, str], called: tuple[str, str, dict[str, str] | None]
) -> None:
    site.answers[called[1]] = {}
    await perform(api, *pressed)
    request = site.requests[-1]
    body = json.loads(request.content) if request.content else None
    assert (request.method, request.url.path, body) == called


async def test_a_name_cannot_lead_a_button_elsewhere(api: Api, site: Site) -> None:
    with pytest.raises(ApiError):
        await perform(api, "goal pause", "../../v1/estop")
    assert site.requests[-1].url.raw_path == b"/v1/goals/..%2F..%2Fv1%2Festop/pause"
    with pytest.raises(KeyError):
        await perform(api, "goal delete", "goal-1")


async def test_the_map_shows_places_with_coordinates_and_devices_that_say_where_they_are(
    api: Api, site: Site
) -> None:
    def at(name: str, value: object, **more: object) -> dict[str, object]:
        return {**ROBOT, "device_id": name, "attributes": [{"what": "Position", "value": value}], **more}

    site.answers["/v1/site/places"] = {
        "zones": {"cold store": {"area": [0, 10, 8, 16]}, "yard": {}},
        "entities": {
            "shelf": [{"id": "1", "at": [2, 2]}, {"id": "2"}],
            "Charger": [{"id": "A", "at": [-3, 1]}],
        },
        "links": [{"between": ["shelf 1", "Charger A"]}, {"between": ["shelf 1", "shelf 2"]}],
    }
    site.answers["/v1/devices"] = {
        "devices": [
            at("robot-1", [5, 40.5]),
            at("robot-2", "Shelf 1", doing="Look."),
            at("robot-3", "the moon"),
            at("robot-4", [1, 2, 3]),
            at("robot-5", ["a", "b"]),
            at("robot-6", [0, 0], status="offline"),
            at("robot-7", [0, 1], paused_by="Anna"),
            ROBOT,
        ]
    }
    live = Live(api)
    await live.refresh()
    source = AttributesSource(live)
    movers = {mover.name: mover for mover in source.state().movers}
    assert {name: (mover.at, mover.state) for name, mover in movers.items()} == {
        "robot-1": ((5.0, 40.5), "idle"),
        "robot-2": ((2.0, 2.0), "working"),
        "robot-6": ((0.0, 0.0), "lost"),
        "robot-7": ((0.0, 1.0), "stopped"),
    }
    picture = source.picture()
    assert [place.name for place in picture.places] == ["shelf 1", "Charger A"]
    assert picture.lanes == (((2.0, 2.0), (-3.0, 1.0)),)
    assert [zone.name for zone in picture.zones] == ["cold store"]
    assert picture.origin == (-5.0, -2.0)
    assert (picture.origin[0] + picture.size[0], picture.origin[1] + picture.size[1]) == (10.0, 42.5)


async def test_the_map_shows_ways_to_what_is_out_of_use_as_closed(api: Api, site: Site) -> None:
    site.answers["/v1/site/places"] = {
        "entities": {"shelf": [{"id": name, "at": [int(name), 0]} for name in "1234"]},
        "links": [
            {"between": ["shelf 1", "Shelf 2"]},
            {"between": ["shelf 2", "shelf 3"]},
            {"between": ["shelf 3", "shelf 4"], "through": "lift"},
        ],
    }
    live = Live(api)
    await live.refresh()
    assert AttributesSource(live).state().closed == ()
    site.answers["/v1/site/conditions"] = {
        "closed": [{"place": "lift", "by": "Anna", "at": 1.0}],
        "out_of_reach": ["shelf 1"],
        "standstills": [],
    }
    await live.refresh()
    assert AttributesSource(live).state().closed == (((1.0, 0.0), (2.0, 0.0)), ((3.0, 0.0), (4.0, 0.0)))
    assert live.conditions.shut() == ("lift", "shelf 1")


async def test_a_stopped_site_has_stopped_devices(api: Api, site: Site) -> None:
    site.answers["/v1/site"]["emergency_stop"] = {"engaged": True, "sentence": "Anna stopped everything."}
    live = Live(api)
    await live.refresh()
    assert state_of(live, live.devices[0]) == "stopped"


async def test_a_site_without_places_has_a_floor_nevertheless(api: Api) -> None:
    picture = AttributesSource(Live(api)).picture()
    assert picture.size[0] > 0
    assert picture.size[1] > 0
