"""What can go wrong while a generated program runs.

ModelMayRetry
└── ProgramError            the program is wrong: syntax, types, an exception it raised
    ├── ForbiddenError      it reached for something outside its device's functions
    └── LimitExceededError  it used more time, memory, depth or calls than allowed
ReportAndStop
└── SnapshotRefusedError    a paused program is damaged, forged, or not the one that was asked for
OperatorError
└── SandboxUnavailableError the worker could not be started
"""

from protocol.errors import ErrorCode, ModelMayRetry, OperatorError, ReportAndStop

ORDER_ANEW = "Look at the machine, then give the order anew."


class ProgramError(ModelMayRetry):
    """The program is wrong; the text may name functions of the device and is for the model and the local log only."""


class ForbiddenError(ProgramError):
    """The program reached for something other than the functions it was given."""


class LimitExceededError(ProgramError):
    """The program used more than its limits allow, or took its worker down."""


class SnapshotRefusedError(ReportAndStop):
    """A paused program is not taken up again; what the machine did since is not known from it.

    Args:
        message: one sentence for a person: what is wrong with the snapshot.
        remedy: what to do next.
    """

    default_code = ErrorCode.SNAPSHOT_REFUSED

    def __init__(self, message: str, *, remedy: str = ORDER_ANEW) -> None:
        super().__init__(message, remedy=remedy)


class SandboxUnavailableError(OperatorError):
    """No worker could be had."""

    default_code = ErrorCode.INTERNAL
