"""Descriptions from addresses and files, and the names that devices get from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from device_agent.drivers.td_source import device_id_of, get_description
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import InputError, OperatorError
from tests.forms_kit import action, thing

ADDRESS = "http://kiosk:8080/things/kiosk"
KIOSK = thing({"serve": action("serve")})


async def fetched(reply: Callable[[httpx.Request], httpx.Response]) -> ThingDescription:
    return await get_description(ADDRESS, transport=httpx.MockTransport(reply))


@pytest.mark.parametrize(
    "content_type", ["application/td+json", "application/json", "text/plain; charset=utf-8"]
)
async def test_a_description_is_fetched_whatever_its_type_is_called(content_type: str) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept"].startswith("application/td+json")
        return httpx.Response(200, text=json.dumps(KIOSK), headers={"content-type": content_type})

    assert (await fetched(reply)).base == "http://kiosk/"


async def test_one_without_a_base_is_relative_to_where_it_came_from() -> None:
    document = {name: value for name, value in KIOSK.items() if name != "base"}

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/things/kiosk":
            return httpx.Response(302, headers={"Location": "/moved/kiosk"})
        return httpx.Response(200, json=document)

    assert (await fetched(reply)).base == "http://kiosk:8080/moved/kiosk"


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (
            httpx.Response(404),
            f"{ADDRESS} answers 404 Not Found where a Thing Description should be. Check the address.",
        ),
        (httpx.Response(200, text="<html>"), f"{ADDRESS}: line 1 column 1 is "),
        (httpx.Response(200, json={"title": "Kiosk"}), f'{ADDRESS}: $["@context"] is None; allowed: a value'),
        (
            httpx.Response(200, json=["http://kiosk:8080/a", "http://kiosk:8080/b"]),
            "There is a list of them: http://kiosk:8080/a, ",
        ),
        (httpx.Response(200, json=[]), "allowed: the address of one Thing Description."),
        (httpx.Response(200, text="[" * 200_000), "allowed: JSON (RFC 8259)"),
        (httpx.Response(200, content=b"1" * 3_000_000), "allowed: at most 1048576 bytes"),
        (httpx.Response(200, json=KIOSK | {"parley:safeAction": "halt"}), '$["parley:safeAction"] is '),
    ],
    ids=["404", "html", "incomplete", "list", "empty list", "deep", "long", "check"],
)
async def test_what_is_no_description_is_said_with_its_address(response: httpx.Response, said: str) -> None:
    with pytest.raises(OperatorError) as caught:
        await fetched(lambda _: response)
    assert said in str(caught.value)


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout("")])
async def test_an_address_where_nobody_is_is_said(error: httpx.HTTPError) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(OperatorError, match="No Thing Description can be had from") as caught:
        await fetched(fail)
    assert caught.value.remedy == "Start the machine, or check the address."


async def test_a_file_will_do(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.td.json"
    file.write_text(json.dumps(KIOSK))
    assert (await get_description(str(file))).title == "Kiosk"
    with pytest.raises(InputError, match=r"none\.json"):
        await get_description(str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ({"title": "Corner Coffee Machine"}, "corner-coffee-machine"),
        ({"title": "  Kühlschrank №2 (Küche) "}, "refrigerator-no2-kitchen"),
        ({"title": "冰箱", "titles": {"en": "Fridge"}}, "fridge"),
        ({"title": "冰箱2"}, "refrigerator-2"),
        ({"title": "…", "id": "urn:dev:ops:32473-Fridge-7"}, "32473-fridge-7"),
        ({"title": "x" * 100}, "x" * 64),
    ],
)
def test_a_device_is_called_after_its_english_title(terms: dict[str, Any], name: str) -> None:
    assert device_id_of(load(KIOSK | terms)) == name


def test_a_device_without_letters_must_be_given_a_name() -> None:
    with pytest.raises(InputError, match="--device-id"):
        device_id_of(load(KIOSK | {"title": "…"}))
