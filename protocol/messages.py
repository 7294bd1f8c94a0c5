"""The messages that travel between coordinator and devices, version 1.

Every message is a frozen pydantic model with unknown fields forbidden. Times are Unix seconds (UTC). A message that a
person should be able to read carries a `sentence`. Nothing here may carry a function or argument name of a device.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from protocol.errors import ErrorCode, MessageError
from protocol.text import SENTENCE_LIMIT, clean_sentence

PROTOCOL_VERSION: Final = 1
MAXIMUM_MESSAGE_BYTES = 64 * 1024
MAXIMUM_TOKEN_CHARACTERS = 128
IDENTIFIER_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
MAXIMUM_CLOSED_PLACES = 100
MAXIMUM_STANDING = 500
MAXIMUM_COUNTER = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly; it also fits into a database's integer."""


def _readable(text: str) -> str:
    """Clean a text; what a person could not see any of is no text."""
    cleaned = clean_sentence(text)
    if not cleaned:
        raise PydanticCustomError("unreadable_text", "at least one character that can be read")
    return cleaned


def _common_noun(text: str) -> str:
    """Clean a kind. Plans and prompts name devices by it, so it must not be mistaken for their punctuation."""
    kind = _readable(text)
    if not re.fullmatch(r"\w[\w '-]*", kind):
        raise PydanticCustomError("no_common_noun", "letters, digits, spaces, hyphens and apostrophes")
    return kind


Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN)]
Sentence = Annotated[
    str, StringConstraints(min_length=1, max_length=SENTENCE_LIMIT), AfterValidator(_readable)
]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_readable)]
Kind = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_common_noun)]
Counter = Annotated[int, Field(ge=0, le=MAXIMUM_COUNTER)]
Label = Annotated[str, StringConstraints(max_length=SENTENCE_LIMIT), AfterValidator(clean_sentence)]
Scalar = bool | int | float | Label


class Message(BaseModel):
    """Base of every wire message."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    v: Literal[1] = PROTOCOL_VERSION


class PresenceStatus(StrEnum):
    """Whether a device's agent is reachable."""

    ONLINE = "online"
    OFFLINE = "offline"
    LOST = "lost"


class Presence(Message):
    """Retained; `lost` is published by the broker as last will. A late will of an older session is ignored by number."""

    device_id: Identifier
    session: Counter
    status: PresenceStatus
    at: float


class Profile(Message):
    """Retained: what a device says of itself, in plain language. Never names its API."""

    device_id: Identifier
    title: ShortText
    kind: Kind = Field(description="What the device is, a common noun: 'robot', 'door', 'access point'.")
    description: Sentence
    abilities: tuple[Sentence, ...] = Field(
        max_length=64, description="What it can do, one plain sentence each."
    )


class Finding(BaseModel):
    """One thing a device measured or saw, in plain words.

    `what` names it ("vacant space", "battery level"); `present` answers yes or no where the finding is of that kind;
    `value` (with `unit`) carries the amount or detail. A list is a list of labels, for example free positions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    what: ShortText
    present: bool | None = None
    value: Scalar | tuple[Scalar, ...] | None = None
    unit: Annotated[Label, Field(max_length=32)] | None = None


class Attributes(Message):
    """Retained: what a device measures of itself and around it, in plain words, such as its battery level and its place.

    A message holds everything that the device tells; what is missing is not known any more.
    """

    device_id: Identifier
    session: Counter
    attributes: tuple[Finding, ...] = Field(max_length=64)
    at: float


class Subtask(Message):
    """One plain sentence for one device."""

    subtask_id: Identifier
    goal_id: Identifier
    device_id: Identifier
    sentence: Sentence
    epoch: Counter
    issued_at: float
    timeout_seconds: float = Field(gt=0, description="After this many seconds the coordinator stops waiting.")


class ControlCommand(StrEnum):
    """What a coordinator may ask of an agent besides work."""

    POLL = "poll"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    APPROVE = "approve"
    DENY = "deny"


_DECISIONS = frozenset({ControlCommand.APPROVE, ControlCommand.DENY})


class Control(Message):
    """What a coordinator asks of an agent besides work.

    Without `subtask_id` a command is about whatever runs. `approve` and `deny` answer one question, `approval_id`, and say
    who decided, `by`.
    """

    control_id: Identifier
    device_id: Identifier
    command: ControlCommand
    epoch: Counter
    subtask_id: Identifier | None = None
    approval_id: Identifier | None = None
    by: ShortText | None = None

    @model_validator(mode="after")
    def _answers_a_question(self) -> Self:
        if (self.command in _DECISIONS) != (self.approval_id is not None):
            raise PydanticCustomError(
                "approval_id", "approval_id with approve and deny, and with nothing else"
            )
        return self


class ReportStatus(StrEnum):
    """The paper's completed / ongoing / not executable, and the ends it leaves out."""

    IDLE = "idle"
    QUEUED = "queued"
    ONGOING = "ongoing"
    PAUSED = "paused"
    AWAITING_APPROVAL = "awaiting_approval"
    COMPLETED = "completed"
    NOT_EXECUTABLE = "not_executable"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether a subtask with this status will not change again."""
        return self not in {
            ReportStatus.IDLE,
            ReportStatus.QUEUED,
            ReportStatus.ONGOING,
            ReportStatus.PAUSED,
            ReportStatus.AWAITING_APPROVAL,
        }


class Approval(BaseModel):
    """A question to a person: may the device do something dangerous? Not answered in time means no."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    approval_id: Identifier
    question: Sentence
    expires_at: float


class StateVisit(BaseModel):
    """One stay in a state of the subtask's state machine."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    state: ShortText
    seconds: float = Field(ge=0)


class Report(Message):
    """What a device says happened. `subtask_id` is None in the answer to a poll while idle."""

    report_id: Identifier
    device_id: Identifier
    session: Counter
    subtask_id: Identifier | None = None
    status: ReportStatus
    sentence: Sentence
    findings: tuple[Finding, ...] = Field(default=(), max_length=64)
    error_code: ErrorCode | None = None
    model_calls: Counter = Field(default=0, description="Language-model calls this subtask has cost so far.")
    prompt_tokens: Counter = Field(default=0, description="Tokens that those calls have read.")
    completion_tokens: Counter = Field(default=0, description="Tokens that those calls have written.")
    model_seconds: float = Field(
        default=0.0, ge=0, description="How long the agent has waited for those calls."
    )
    is_repeatable: bool | None = Field(
        default=None,
        description="Whether the program only looks, so that it does no harm to run it again or elsewhere; None: not known yet.",
    )
    has_begun: bool | None = Field(
        default=None,
        description="In a final report: False when it never began and never will; None: not said.",
    )
    approval: Approval | None = Field(default=None, description="Set while the status is awaiting_approval.")
    visits: tuple[StateVisit, ...] = Field(
        default=(),
        max_length=256,
        description="In a final report: the states the run went through, in order.",
    )
    in_reply_to: Identifier | None = Field(
        default=None, description="The control_id of the poll that is answered."
    )
    at: float


class EnrolmentRequest(Message):
    """A device asks to join; the token is the one-time secret printed by `parley enroll`."""

    request_id: Identifier
    device_id: Identifier
    token: str | None = Field(default=None, max_length=MAXIMUM_TOKEN_CHARACTERS)
    profile: Profile


class EnrolmentReply(Message):
    """Accepted or refused, and why."""

    request_id: Identifier
    device_id: Identifier
    accepted: bool
    sentence: Sentence
    error_code: ErrorCode | None = None


class EmergencyStop(Message):
    """Retained: while `engaged`, every machine of the site is at rest and no agent takes work. No epoch: anyone may stop."""

    engaged: bool
    by: ShortText
    at: float


class CoordinatorPresence(Message):
    """Retained: which coordinator owns the site. A higher epoch replaces a lower one."""

    epoch: Counter
    status: PresenceStatus
    at: float


class ClosedPlace(BaseModel):
    """A part of the site that nobody is to drive into. `area`: west, south, east, north in metres, where the site says so."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ShortText
    sentence: Sentence
    area: tuple[float, float, float, float] | None = None


class TrafficNotice(Message):
    """Retained, for whatever leads machines on their ways: all places out of use, and who is to stand where it is.

    It replaces the one before. `standing` may leave devices out where it would be too long: each is told for itself as well.
    """

    epoch: Counter
    closed: Annotated[tuple[ClosedPlace, ...], Field(max_length=MAXIMUM_CLOSED_PLACES)] = ()
    standing: Annotated[tuple[Identifier, ...], Field(max_length=MAXIMUM_STANDING)] = ()
    at: float


AnyMessage = (
    Presence
    | Profile
    | Attributes
    | Subtask
    | Control
    | Report
    | EnrolmentRequest
    | EnrolmentReply
    | EmergencyStop
    | CoordinatorPresence
    | TrafficNotice
)
M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """Serialise a message to UTF-8 JSON."""
    return message.model_dump_json(exclude_none=True).encode()


def decode(kind: type[M], payload: bytes, *, source: str | None = None) -> M:
    """Parse and check one message.

    Raises:
        MessageError: not JSON, too large, another version, or a field that is wrong; the error names the field, the
            value and what is allowed.
    """
    if len(payload) > MAXIMUM_MESSAGE_BYTES:
        raise MessageError(
            "payload",
            f"{len(payload)} bytes",
            f"at most {MAXIMUM_MESSAGE_BYTES} bytes",
            source=source,
            code=ErrorCode.TOO_LARGE,
        )
    try:
        message = kind.model_validate_json(payload)
    except ValidationError as error:
        _check_version(payload, source)
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "payload"
        is_missing = first["type"] == "missing"
        value, allowed = ("missing", "a value") if is_missing else (first.get("input"), first["msg"])
        raise MessageError(field, value, allowed, source=source) from error
    if "v" not in message.model_fields_set:
        _check_version(payload, source)
    return message


def _check_version(payload: bytes, source: str | None) -> None:
    """Refuse what is no message at all, or one of another version; asked only of what cannot be read otherwise."""
    try:
        data: Any = json.loads(payload)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise MessageError(
            "payload", payload[:80].decode(errors="replace"), "one JSON object in UTF-8", source=source
        ) from error
    if not isinstance(data, dict):
        raise MessageError("payload", data, "one JSON object", source=source)
    if data.get("v") != PROTOCOL_VERSION:
        raise MessageError(
            "v",
            data.get("v"),
            f"{PROTOCOL_VERSION}, the only protocol version spoken here",
            source=source,
            code=ErrorCode.VERSION_UNSUPPORTED,
            remedy="Run the same Parley version on both sides.",
        )
