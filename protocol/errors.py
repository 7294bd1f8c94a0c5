"""Errors, grouped by who must act.

ParleyError
├── ModelMayRetry        the language model may be asked once more, with the error's text
├── ReportAndStop        the subtask or goal ends; the text goes to the person
├── OperatorError        someone who runs the site must act (configuration, broker, files)
│   └── InputError       a request or file is wrong: names the field, the value and what is allowed
│       └── MessageError the same, for bytes that arrived over the wire
└── InternalError        a programmer must act

Each class of error carries a stable wire code (`ErrorCode`) and, where one exists, the remedy.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Stable codes that travel in reports and HTTP answers. Never renamed, only added to."""

    INPUT_INVALID = "input_invalid"
    MESSAGE_INVALID = "message_invalid"
    VERSION_UNSUPPORTED = "version_unsupported"
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    BUSY = "busy"
    CONFLICT = "conflict"
    BROKER_UNAVAILABLE = "broker_unavailable"
    MODEL_UNAVAILABLE = "model_unavailable"
    MODEL_OUTPUT_INVALID = "model_output_invalid"
    ENCODER_UNAVAILABLE = "encoder_unavailable"
    ENROLMENT_REFUSED = "enrolment_refused"
    NO_CAPABLE_DEVICE = "no_capable_device"
    NOT_EXECUTABLE = "not_executable"
    NEEDS_CLARIFICATION = "needs_clarification"
    OUT_OF_RANGE = "out_of_range"
    DANGER_FORBIDDEN = "danger_forbidden"
    MODE_FORBIDDEN = "mode_forbidden"
    APPROVAL_DENIED = "approval_denied"
    APPROVAL_EXPIRED = "approval_expired"
    WATCH_TRIPPED = "watch_tripped"
    EMERGENCY_STOPPED = "emergency_stopped"
    SNAPSHOT_REFUSED = "snapshot_refused"
    CALL_FAILED = "call_failed"
    CALL_TIMED_OUT = "call_timed_out"
    DEVICE_SILENT = "device_silent"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    UNKNOWN_OUTCOME = "unknown_outcome"
    INTERNAL = "internal"


class ParleyError(Exception):
    """Root of every error this project raises.

    Args:
        message: one sentence for a person.
        code: the stable wire code.
        remedy: what to do next, where that is known.
    """

    default_code = ErrorCode.INTERNAL

    def __init__(self, message: str, *, code: ErrorCode | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}" if self.remedy else self.message


class ModelMayRetry(ParleyError):  # noqa: N818 - the name says who must act
    """The model produced something unusable and may be asked once more."""

    default_code = ErrorCode.MODEL_OUTPUT_INVALID


class ReportAndStop(ParleyError):  # noqa: N818 - the name says who must act
    """The subtask or goal cannot go on; the text is for the person who asked."""

    default_code = ErrorCode.NOT_EXECUTABLE


class OperatorError(ParleyError):
    """Configuration, the broker or a file needs someone's hand."""

    default_code = ErrorCode.BROKER_UNAVAILABLE


class InputError(OperatorError):
    """A value from outside is wrong.

    Args:
        field: where the value stood, as a dotted path.
        value: the value as it came (shortened for display).
        allowed: what would have been accepted, in words.
        source: the file or topic it came from, where that helps.
    """

    default_code = ErrorCode.INPUT_INVALID

    def __init__(
        self,
        field: str,
        value: object,
        allowed: str,
        *,
        source: str | None = None,
        code: ErrorCode | None = None,
        remedy: str | None = None,
    ) -> None:
        self.field = field
        self.value = value
        self.allowed = allowed
        self.source = source
        where = f"{source}: " if source else ""
        super().__init__(f"{where}{field} is {shorten(value)}; allowed: {allowed}.", code=code, remedy=remedy)


class MessageError(InputError):
    """Bytes from the wire that are not a message of this version."""

    default_code = ErrorCode.MESSAGE_INVALID


class InternalError(ParleyError):
    """A defect in this project."""


def shorten(value: object, limit: int = 80) -> str:
    """Show a foreign value safely in one line: printable, at most `limit` characters."""
    text = repr(value) if not isinstance(value, str) else repr(value[: 2 * limit])
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
