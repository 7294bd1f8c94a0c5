"""What must hold for every call before it reaches a machine, whoever wrote the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from device_agent.report_text import step_title
from firmware_api_specs.schema import check_arguments
from firmware_api_specs.thing_description import Affordance, ThingDescription
from fsm.flaws import Flaw, FlawKind
from protocol.errors import ErrorCode, ModelMayRetry, ReportAndStop


class DangerError(ReportAndStop):
    """The description forbids the call, whoever agrees to it."""

    default_code = ErrorCode.DANGER_FORBIDDEN


class FlawedProgramError(ModelMayRetry):
    """A program must not run; the text is for the language model and the local log, as it names functions.

    Args:
        flaws: what the verifier found, at least one.
        mistakes: what the type check found.
    """

    def __init__(self, flaws: Sequence[Flaw], mistakes: Sequence[str] = ()) -> None:
        super().__init__(" ".join([*(flaw.sentence for flaw in flaws), *mistakes]), code=code_of(flaws))
        self.flaws = tuple(flaws)


def code_of(flaws: Sequence[Flaw]) -> ErrorCode:
    """Return the wire code for a program that must not run: what is forbidden comes before other mistakes."""
    kinds = {flaw.kind for flaw in flaws}
    if FlawKind.MODE in kinds:
        return ErrorCode.MODE_FORBIDDEN
    return ErrorCode.DANGER_FORBIDDEN if FlawKind.DANGER in kinds else ErrorCode.MODEL_OUTPUT_INVALID


def check_call(description: ThingDescription, name: str, arguments: Mapping[str, Any]) -> Affordance:
    """Check one call against the device's description and return what it calls.

    Raises:
        ModelMayRetry: an unknown function, or an argument that does not fit its schema.
        DangerError: the description forbids it. What needs a person's consent is asked for before the program runs.
    """
    try:
        affordance = description.affordance(name)
    except KeyError as error:
        raise ModelMayRetry(f"{name} is not a function of this device.") from error
    check_arguments(affordance.action, arguments)
    if affordance.action.danger == "forbid":
        raise DangerError(f"{step_title(description, name)} is forbidden on this device.")
    return affordance
