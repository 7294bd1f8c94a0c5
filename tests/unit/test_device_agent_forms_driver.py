"""The driver that goes by forms: what it sends, which form it takes, what it believes, and how it brings to rest."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import pytest

from device_agent.drivers.forms_driver import RESTING_SECONDS, FormsDriver
from device_agent.drivers.port import DriverError
from protocol.errors import ErrorCode, InputError
from tests.forms_kit import Network, action, away, breaks, driver, says, sent, thing
from transport.clock import FakeClock

CUPS = {"type": "integer", "minimum": 1, "maximum": 5}
TWO_HOSTS = ("http://first/serve", "http://second/serve")


async def failing(calling: FormsDriver, name: str, **arguments: Any) -> DriverError:
    with pytest.raises(DriverError) as caught:
        await calling.call(name, arguments)
    return caught.value


# What is sent


async def test_variables_go_into_the_address_and_the_input_into_the_body(clock: FakeClock) -> None:
    serve = action(
        "rooms/{room}/serve{?cups,hot}",
        uriVariables={"room": {"type": "string"}, "cups": CUPS, "hot": {"type": "boolean"}},
        input={"type": "object", "properties": {"sugar": {"type": "integer"}}},
    )
    network = Network(kiosk=says({"ok": True}))
    async with driver(thing({"serve-drink": serve}), network, clock) as calling:
        assert await calling.call("serve_drink", {"room": "Süd 1/2", "cups": 2, "sugar": 0}) == {"ok": True}
        await calling.call("serve_drink", {"room": "a", "hot": False})
    assert network.lines == ["POST /rooms/S%C3%BCd%201%2F2/serve?cups=2", "POST /rooms/a/serve?hot=false"]
    assert [sent(request) for request in network.requests] == [{"sugar": 0}, {}]
    assert network.requests[0].headers["content-type"] == "application/json"
    assert network.requests[0].headers["accept"] == "application/json"


async def test_the_form_says_method_and_content_types(clock: FakeClock) -> None:
    forms = [
        {
            "href": "dial",
            "htv:methodName": "PUT",
            "contentType": "text/plain",
            "response": {"contentType": "text/plain"},
        }
    ]
    dial = {"description": "Dials.", "forms": forms, "input": CUPS, "output": {"type": "integer"}}
    network = Network(kiosk=lambda _: httpx.Response(200, text=" 7\n"))
    async with driver(thing({"dial": dial}), network, clock) as calling:
        assert await calling.call("dial", {"value": 3}) == 7
    assert network.lines == ["PUT /dial"]
    assert network.requests[0].content == b"3"


async def test_an_action_without_input_sends_no_body_and_a_reading_gets(clock: FakeClock) -> None:
    level = {"type": "integer", "description": "Level.", "forms": [{"href": "level", "op": ["readproperty"]}]}
    network = Network(
        kiosk=lambda request: httpx.Response(204) if request.method == "POST" else says(3)(request)
    )
    async with driver(
        thing({"rinse": action("rinse")}, properties={"level": level}), network, clock
    ) as calling:
        assert await calling.call("rinse", {}) is None
        assert await calling.call("level", {}) == 3
    assert network.lines == ["POST /rinse", "GET /level"]
    assert [request.content for request in network.requests] == [b"", b""]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"cups": 6}, ErrorCode.OUT_OF_RANGE),
        ({"cups": "two"}, ErrorCode.CALL_FAILED),
        ({"mugs": 1}, ErrorCode.CALL_FAILED),
        ({"room": ".."}, ErrorCode.OUT_OF_RANGE),
        ({"room": "../../admin"}, ErrorCode.OUT_OF_RANGE),
        ({"room": ""}, ErrorCode.OUT_OF_RANGE),
    ],
)
async def test_what_does_not_fit_is_never_sent(
    arguments: dict[str, Any], code: ErrorCode, clock: FakeClock
) -> None:
    serve = action("{room}/serve{?cups}", uriVariables={"cups": CUPS, "room": {"type": "string"}})
    network = Network(kiosk=says(None))
    async with driver(thing({"serve": serve}), network, clock) as calling:
        error = await failing(calling, "serve", **{"room": "hall", **arguments})
    assert error.code is code
    assert network.requests == []
    assert not {"cups", "room", "mugs"} & set(str(error).split())


# Which form


async def test_a_host_that_is_away_is_passed_over_and_tried_last_for_a_while(clock: FakeClock) -> None:
    network = Network(first=away, second=says(1))
    async with driver(thing({"serve": action(*TWO_HOSTS)}), network, clock) as calling:
        assert await calling.call("serve", {}) == 1
        network.replies["first"] = says(2)
        assert await calling.call("serve", {}) == 1
        assert network.hosts == ["first", "second", "second"]
        await clock.advance(RESTING_SECONDS + 1)
        assert await calling.call("serve", {}) == 2
        network.replies |= {"first": away, "second": away}
        assert (await failing(calling, "serve")).message == "The machine cannot be reached."
        network.replies |= {"second": says(3)}
        assert await calling.call("serve", {}) == 3, "with all hosts resting, each is still tried"


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_what_never_left_may_go_another_way(error: type[httpx.HTTPError], clock: FakeClock) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("")

    network = Network(first=fail, second=says(1))
    async with driver(thing({"serve": action(*TWO_HOSTS)}), network, clock) as calling:
        assert await calling.call("serve", {}) == 1


@pytest.mark.parametrize(
    "error",
    [httpx.ReadError, httpx.ReadTimeout, httpx.WriteError, httpx.WriteTimeout, httpx.RemoteProtocolError],
)
async def test_an_order_that_may_have_arrived_goes_no_other_way(
    error: type[httpx.HTTPError], clock: FakeClock
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("")

    network = Network(first=fail, second=says(1))
    async with driver(thing({"serve": action(*TWO_HOSTS)}), network, clock) as calling:
        assert (await failing(calling, "serve")).code is ErrorCode.UNKNOWN_OUTCOME
    assert network.hosts == ["first"]


@pytest.mark.parametrize("terms", [{"safe": True}, {"idempotent": True}])
async def test_what_may_be_repeated_goes_another_way(terms: dict[str, bool], clock: FakeClock) -> None:
    network = Network(first=breaks, second=says(1))
    async with driver(thing({"serve": action(*TWO_HOSTS, **terms)}), network, clock) as calling:
        assert await calling.call("serve", {}) == 1
        network.replies["second"] = breaks
        assert (await failing(calling, "serve")).code is ErrorCode.CALL_FAILED


async def test_a_reading_may_be_repeated(clock: FakeClock) -> None:
    level = {"type": "integer", "description": "Level.", "forms": [{"href": href} for href in TWO_HOSTS]}
    network = Network(first=breaks, second=says(4))
    async with driver(thing(properties={"level": level}), network, clock) as calling:
        assert await calling.call("level", {}) == 4


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (500, "fault"),
        (503, "fault"),
        (400, "did not accept"),
        (404, "did not accept"),
        (401, "let this agent in"),
    ],
)
async def test_an_answer_is_an_answer_also_when_it_is_no(status: int, told: str, clock: FakeClock) -> None:
    network = Network(first=says({"detail": "serve broke"}, status), second=says(1))
    async with driver(thing({"serve": action(*TWO_HOSTS, idempotent=True)}), network, clock) as calling:
        error = await failing(calling, "serve")
    assert told in error.message
    assert "serve" not in error.message
    assert network.hosts == ["first"]


async def test_forms_in_other_words_are_not_taken(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    forms = [
        {"href": "coap://kiosk/serve"},
        {"href": "a", "contentType": "application/cbor"},
        {"href": "b", "op": "queryaction"},
        {"href": "c", "htv:methodName": "GET"},
        {"href": "d", "response": {"contentType": "image/png"}},
        {"href": "e", "contentType": "application/vnd.kiosk+json; charset=utf-8"},
    ]
    actions = {
        "serve": {"description": "Serves.", "forms": forms, "input": {"type": "object", "properties": {}}},
        "sing": action("coap://kiosk/sing"),
    }
    network = Network(kiosk=says(1))
    with caplog.at_level(logging.WARNING):
        async with driver(thing(actions), network, clock) as calling:
            await calling.call("serve", {})
            await failing(calling, "sing")
            assert [found.key for found in calling.description.affordances()] == ["serve"]
    assert network.lines == ["POST /e"]
    assert "sing cannot be called: coap is not one of http, https, mqtt and mqtts." in caplog.messages


def test_a_machine_that_nothing_reaches_is_an_error_at_the_start(clock: FakeClock) -> None:
    with pytest.raises(
        InputError,
        match=r"forms is 'none that can be used'; allowed: at least one.* serve: coap is not one of",
    ):
        driver(thing({"serve": action("coap://kiosk/serve")}), Network(), clock)
    relative = thing({"serve": action("serve")})
    del relative["base"]
    with pytest.raises(InputError, match="a relative address without a base"):
        driver(relative, Network(), clock)


# Credentials


@pytest.mark.parametrize(
    ("definition", "secret", "header", "query"),
    [
        ({"scheme": "basic"}, "ann:s:ecret", ("authorization", "Basic YW5uOnM6ZWNyZXQ="), ""),
        ({"scheme": "bearer"}, "tok", ("authorization", "Bearer tok"), ""),
        ({"scheme": "bearer", "in": "header", "name": "X-Token"}, "tok", ("x-token", "tok"), ""),
        ({"scheme": "apikey", "in": "header", "name": "X-Key"}, "5ecret", ("x-key", "5ecret"), ""),
        ({"scheme": "apikey", "in": "cookie", "name": "key"}, "5ecret", ("cookie", "key=5ecret"), ""),
        ({"scheme": "apikey", "name": "key"}, "k&1", ("host", "kiosk"), "cups=1&key=k%261"),
    ],
)
async def test_credentials_come_from_the_environment_and_never_into_the_log(
    definition: dict[str, str],
    secret: str,
    header: tuple[str, str],
    query: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    document = thing(
        {"serve": action("serve{?cups}", uriVariables={"cups": CUPS})},
        securityDefinitions={"my-lock": definition},
        security=["my-lock"],
    )
    network = Network(kiosk=says("no", 500))
    with caplog.at_level(logging.DEBUG):
        async with driver(document, network, FakeClock(), {"PARLEY_CREDENTIAL_MY_LOCK": secret}) as calling:
            assert (await failing(calling, "serve", cups=1)).code is ErrorCode.CALL_FAILED
    (request,) = network.requests
    assert request.headers[header[0]] == header[1]
    assert request.url.query.decode() == (query or "cups=1")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("device_agent")]
    assert ours
    assert not any(secret in message or "k%261" in message for message in ours)


@pytest.mark.parametrize(
    ("definition", "environment", "said"),
    [
        (
            {"scheme": "basic"},
            {},
            "PARLEY_CREDENTIAL_LOCK is None; allowed: user:password. Set this environment variable.",
        ),
        (
            {"scheme": "basic"},
            {"PARLEY_CREDENTIAL_LOCK": "x"},
            "is 'a text without a colon'; allowed: user:password",
        ),
        (
            {"scheme": "apikey", "name": "k"},
            {"PARLEY_CREDENTIAL_LOCK": ""},
            "PARLEY_CREDENTIAL_LOCK is None; allowed: the key",
        ),
        ({"scheme": "apikey"}, {"PARLEY_CREDENTIAL_LOCK": "k"}, "securityDefinitions.lock.name is None"),
        (
            {"scheme": "basic", "in": "query"},
            {"PARLEY_CREDENTIAL_LOCK": "a:b"},
            "lock.in is 'query'; allowed: header",
        ),
        ({"scheme": "oauth2"}, {}, "lock.scheme is 'oauth2'; allowed: one of nosec, basic, bearer, apikey"),
    ],
)
def test_a_missing_credential_is_an_error_at_the_start(
    definition: dict[str, str], environment: dict[str, str], said: str, clock: FakeClock
) -> None:
    document = thing({"serve": action("serve")}, securityDefinitions={"lock": definition}, security="lock")
    with pytest.raises(InputError) as caught:
        driver(document, Network(), clock, environment)
    assert said in str(caught.value)
    assert "a:b" not in str(caught.value)


async def test_a_form_without_a_lock_is_taken_where_the_key_to_the_other_is_missing(clock: FakeClock) -> None:
    forms = [{"href": "locked", "security": ["lock"]}, {"href": "open", "security": "nosec_sc"}]
    document = thing(
        {"serve": {"description": "Serves.", "forms": forms}},
        securityDefinitions={"lock": {"scheme": "bearer"}, "nosec_sc": {"scheme": "nosec"}},
    )
    network = Network(kiosk=says(1))
    async with driver(document, network, clock) as calling:
        await calling.call("serve", {})
    assert network.lines == ["POST /open"]


# What is believed


@pytest.mark.parametrize(
    "reply",
    [
        says({"ok": "yes"}),
        says({}),
        lambda _: httpx.Response(204),
        lambda _: httpx.Response(200, text="<html>", headers={"content-type": "text/html"}),
        lambda _: httpx.Response(200, text="{", headers={"content-type": "application/json"}),
        lambda _: httpx.Response(200, text='{"ok": NaN}', headers={"content-type": "application/json"}),
        lambda _: httpx.Response(200, text="[" * 100_000, headers={"content-type": "application/json"}),
        lambda _: httpx.Response(200, content=b"\xff\xfe", headers={"content-type": "application/json"}),
    ],
    ids=["type", "missing", "nothing", "html", "broken", "nan", "deep", "bytes"],
)
async def test_an_answer_that_was_not_promised_is_no_success(reply: Any, clock: FakeClock) -> None:
    output = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    async with driver(
        thing({"serve": action("serve", output=output)}), Network(kiosk=reply), clock
    ) as calling:
        error = await failing(calling, "serve")
    assert (error.message, error.code) == ("The machine's answer cannot be read.", ErrorCode.CALL_FAILED)


async def test_an_endless_answer_is_cut(clock: FakeClock) -> None:
    network = Network(kiosk=lambda _: httpx.Response(200, content=b" " * 2_000_000))
    async with driver(thing({"serve": action("serve")}), network, clock) as calling:
        assert (await failing(calling, "serve")).message == "The machine's answer is too long."


# Actions that go on


def brewing(*states: Any, **terms: Any) -> tuple[dict[str, Any], Network]:
    """A machine whose action goes on: these are its answers to questions; and the network it stands in."""
    forms = [
        {"href": "brew"},
        {"href": "brews/{id}", "op": "queryaction"},
        {"href": "brews/{id}", "op": "cancelaction"},
    ]
    document = thing(
        {
            "brew": {
                "description": "Brews.",
                "synchronous": False,
                "forms": forms,
                "output": {"type": "integer"},
                **terms,
            }
        }
    )
    left = list(states)

    def reply(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(201, json={"id": 7, "status": "pending"})
        if request.method == "DELETE":
            return httpx.Response(204)
        state = left.pop(0)
        if isinstance(state, Exception):
            raise state
        return state if isinstance(state, httpx.Response) else httpx.Response(200, json=state)

    return document, Network(kiosk=reply)


async def ended(calling: FormsDriver, clock: FakeClock) -> Any:
    task = asyncio.create_task(calling.call("brew", {}))
    await clock.advance_until(task.done)
    return task.result()


async def test_an_action_that_goes_on_is_asked_for_until_it_has_ended(clock: FakeClock) -> None:
    document, network = brewing(
        {"status": "pending"},
        httpx.ConnectError("away"),
        httpx.ReadError("reset"),
        {"status": "running"},
        {"status": "completed", "output": 3},
    )
    async with driver(document, network, clock) as calling:
        assert await ended(calling, clock) == 3
        await calling.make_safe()
    assert network.lines == ["POST /brew", *["GET /brews/7"] * 5]
    assert 1 < clock.monotonic() < 10, "asked again after growing waits"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": "failed", "error": {"title": "no brew"}}, ErrorCode.CALL_FAILED),
        ({"status": "completed", "output": "three"}, ErrorCode.CALL_FAILED),
        (httpx.Response(404), ErrorCode.UNKNOWN_OUTCOME),
        ({"level": 3}, ErrorCode.UNKNOWN_OUTCOME),
    ],
)
async def test_an_action_that_does_not_end_well_is_no_success(
    answer: Any, code: ErrorCode, clock: FakeClock
) -> None:
    document, network = brewing({"status": "running"}, answer)
    async with driver(document, network, clock) as calling:
        with pytest.raises(DriverError) as caught:
            await ended(calling, clock)
    assert caught.value.code is code


async def test_the_answer_may_say_where_to_ask(clock: FakeClock) -> None:
    document, network = brewing({"status": "completed", "output": 1})
    inner = network.replies["kiosk"]

    def located(request: httpx.Request) -> httpx.Response:
        return (
            httpx.Response(201, headers={"Location": "/status/9"})
            if request.method == "POST"
            else inner(request)
        )

    network.replies["kiosk"] = located
    async with driver(document, network, clock) as calling:
        assert await ended(calling, clock) == 1
    assert network.lines == ["POST /brew", "GET /status/9"]


async def test_no_other_host_is_asked(clock: FakeClock) -> None:
    document, network = brewing()
    network.replies["kiosk"] = lambda _: httpx.Response(201, headers={"Location": "http://elsewhere/9"})
    async with driver(document, network, clock) as calling:
        assert (await failing(calling, "brew")).code is ErrorCode.UNKNOWN_OUTCOME
    assert network.hosts == ["kiosk"]


async def test_what_goes_on_is_cancelled_when_the_machine_is_brought_to_rest(clock: FakeClock) -> None:
    document, network = brewing(*[{"status": "running"}] * 100)
    async with driver(document, network, clock) as calling:
        task = asyncio.create_task(calling.call("brew", {}))
        await clock.advance(3)
        task.cancel()
        await asyncio.wait({task})
        await calling.make_safe()
        await calling.make_safe()
    assert network.lines.count("DELETE /brews/7") == 1
    assert network.lines[-1] == "DELETE /brews/7"


async def test_an_action_that_ends_at_once_is_not_asked_for(clock: FakeClock) -> None:
    document, network = brewing()
    network.replies["kiosk"] = says({"status": "completed", "output": 2})
    async with driver(document, network, clock) as calling:
        assert await calling.call("brew", {}) == 2


async def test_an_action_that_nobody_can_ask_for_is_told_of(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        driver(thing({"brew": action("brew", synchronous=False)}), Network(), clock)
    assert any("no form asks how far it is" in message for message in caplog.messages)


# Coming to rest


async def test_the_safe_action_brings_it_to_rest_by_whatever_form_answers(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    output = {"type": "boolean", "parley:success": True}
    document = thing({"halt-all": action(*TWO_HOSTS, output=output)}, **{"parley:safeAction": "halt-all"})
    network = Network(first=breaks, second=says(True))
    async with driver(document, network, clock) as calling:
        await calling.make_safe()
        assert network.hosts == ["first", "second"]
        assert caplog.messages[1:] == []
        network.replies["first"] = says(False)
        await calling.make_safe()
        network.replies |= {"first": away, "second": away}
        await calling.make_safe()
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == [
        "The machine was told to come to rest. The machine reported that it did not succeed.",
        "The machine could not be brought to rest: The machine cannot be reached.",
    ]


async def test_a_machine_comes_to_rest_while_it_is_slow_to_cancel_what_goes_on(clock: FakeClock) -> None:
    document, network = brewing(*[{"status": "running"}] * 100)
    document |= {"parley:safeAction": "halt"}
    document["actions"]["halt"] = action("halt")
    may_cancel, has_halted = asyncio.Event(), asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        response = network(request)
        if request.method == "DELETE":
            await may_cancel.wait()
        if network.lines[-1] == "POST /halt":
            has_halted.set()
        return response

    async with driver(document, slow, clock) as calling:
        task = asyncio.create_task(calling.call("brew", {}))
        await clock.advance(3)
        task.cancel()
        await asyncio.wait({task})
        resting = asyncio.create_task(calling.make_safe())
        async with asyncio.timeout(5):
            await has_halted.wait()
        assert not resting.done()
        may_cancel.set()
        await resting
    assert network.lines[-2:] == ["DELETE /brews/7", "POST /halt"]


async def test_a_machine_without_a_way_to_rest_is_told_of_at_the_start(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    network = Network(kiosk=says(None))
    async with driver(thing({"serve": action("serve")}), network, clock) as calling:
        await calling.make_safe()
    assert caplog.messages == [
        "Kiosk cannot be brought to rest from here: its description names no parley:safeAction."
    ]
    assert network.requests == []


def test_a_safe_action_that_nothing_reaches_is_an_error_at_the_start(clock: FakeClock) -> None:
    actions = {"serve": action("serve"), "halt": action("coap://kiosk/halt")}
    with pytest.raises(InputError, match="parley:safeAction"):
        driver(thing(actions, **{"parley:safeAction": "halt"}), Network(), clock)
