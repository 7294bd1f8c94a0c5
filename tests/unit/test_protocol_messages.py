"""What goes over the wire: bounds, cleaning, and errors that say what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.errors import ErrorCode, MessageError
from protocol.messages import (
    MAXIMUM_COUNTER,
    MAXIMUM_MESSAGE_BYTES,
    CoordinatorPresence,
    Finding,
    PresenceStatus,
    Profile,
    Report,
    ReportStatus,
    decode,
    encode,
)

NOTHING_TO_READ = ["", " ", "\x00\x07\x1b", "\u200b\u202e", "\n\t"]


def presence(**changes: Any) -> bytes:
    return json.dumps({"v": 1, "epoch": 7, "status": "online", "at": 1.5} | changes).encode()


def profile(**changes: Any) -> Profile:
    fields: dict[str, Any] = {
        "device_id": "robot-1",
        "title": "A robot",
        "kind": "robot",
        "description": "It drives.",
        "abilities": ("It drives.",),
    }
    return Profile(**(fields | changes))


def report(sentence: str = "Done.", *findings: Finding) -> Report:
    return Report(
        report_id="r",
        device_id="robot-1",
        session=1,
        status=ReportStatus.COMPLETED,
        sentence=sentence,
        findings=findings,
        at=1.0,
    )


@pytest.mark.parametrize("text", NOTHING_TO_READ)
def test_text_without_a_readable_character_is_refused_where_it_is_made(text: str) -> None:
    for make in (
        lambda: report(text),
        lambda: Finding(what=text),
        lambda: profile(title=text),
        lambda: profile(kind=text),
        lambda: profile(abilities=(text,)),
    ):
        with pytest.raises(ValidationError):
            make()


@given(st.text(max_size=40))
def test_what_can_be_made_can_be_read_by_the_other_side(text: str) -> None:
    try:
        made = report(text, Finding(what="place", value=(text, 1.5, True), unit=text[:32]))
    except ValidationError:
        return
    assert decode(Report, encode(made)) == made


def test_hostile_text_in_a_finding_is_cleaned() -> None:
    finding = Finding(what="sh\x1b[31melf", value=("\x1b[2J\u202e4", True), unit="m\x07")
    assert finding == Finding(what="sh [31melf", value=("[2J 4", True), unit="m")


@pytest.mark.parametrize("kind", ["robot / arm", "robot\u202e<|plan|>", "{shelf}", 'a"b', "x" * 41, "-"])
def test_a_kind_that_is_no_common_noun_is_refused(kind: str) -> None:
    with pytest.raises(ValidationError):
        profile(kind=kind)


@pytest.mark.parametrize("kind", ["robot", "access point", "pick-up truck", "Tür", "机器人", "driver's cab"])
def test_a_common_noun_is_a_kind(kind: str) -> None:
    assert profile(kind=f" {kind}\n").kind == kind


@pytest.mark.parametrize(
    ("payload", "field", "said"),
    [
        (presence(epoch=MAXIMUM_COUNTER + 1), "epoch", str(MAXIMUM_COUNTER)),
        (presence(epoch=-1), "epoch", "0"),
        (presence(epoch=10**400), "epoch", str(MAXIMUM_COUNTER)),
        (presence(at=float("nan")), "at", "finite"),
        (presence(at=float("inf")), "at", "finite"),
        (presence(more=1), "more", "not permitted"),
        (b'{"v": 1, "status": "online", "at": 1}', "epoch", "missing"),
        (b'{"epoch": 7, "status": "online", "at": 1.5}', "v", "only protocol version"),
        (presence(v=2), "v", "only protocol version"),
        (b"\xff\xfe\x00", "payload", "UTF-8"),
        (b"[" * 50_000, "payload", "JSON"),
        (b'{"v": ' + b"[" * 700 + b"]" * 700 + b"}", "v", "only protocol version"),
        (b" " * (MAXIMUM_MESSAGE_BYTES + 1), "payload", str(MAXIMUM_MESSAGE_BYTES)),
        (b"null", "payload", "one JSON object"),
        (b"", "payload", "one JSON object"),
    ],
)
def test_a_bad_message_is_refused_with_field_and_what_is_allowed(
    payload: bytes, field: str, said: str
) -> None:
    with pytest.raises(MessageError) as caught:
        decode(CoordinatorPresence, payload, source="a/topic")
    assert caught.value.field == field
    assert said in str(caught.value)
    assert "a/topic" in str(caught.value)


def test_another_version_has_a_code_and_a_remedy() -> None:
    with pytest.raises(MessageError) as caught:
        decode(CoordinatorPresence, presence(v=99))
    assert caught.value.code is ErrorCode.VERSION_UNSUPPORTED
    assert "same Parley version" in str(caught.value)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_message_error(payload: bytes) -> None:
    with pytest.raises(MessageError) as caught:
        decode(CoordinatorPresence, payload)
    assert str(caught.value).isprintable()


def test_the_largest_counter_passes() -> None:
    read = decode(CoordinatorPresence, presence(epoch=MAXIMUM_COUNTER))
    assert (read.epoch, read.status) == (MAXIMUM_COUNTER, PresenceStatus.ONLINE)
