"""The seam between the choice of a form and the protocols that carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from device_agent.drivers.forms import Form
from device_agent.drivers.port import DriverError
from firmware_api_specs.parameters import Sent
from firmware_api_specs.thing_description import Action
from protocol.errors import ErrorCode

UNREADABLE = "The machine's answer cannot be read."


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an affordance, apart from the form that carries it.

    Attributes:
        action: what is called; its output says what the answer looks like.
        sent: the checked arguments.
        timeout_seconds: how long an answer is waited for.
        follow_ups: the first usable form for "queryaction" and "cancelaction", where there is one.
    """

    action: Action
    sent: Sent
    timeout_seconds: float
    follow_ups: Mapping[str, Form] = field(default_factory=dict)


class NotReachedError(DriverError):
    """The machine could not be reached, so nothing has happened; another form may be tried."""

    default_code = ErrorCode.CALL_FAILED

    def __init__(self) -> None:
        super().__init__("The machine cannot be reached.")


class AnswerLostError(DriverError):
    """The order may have arrived, but no answer came: nobody knows whether it was carried out."""

    default_code = ErrorCode.UNKNOWN_OUTCOME

    def __init__(self, message: str = "The connection to the machine broke before it answered.") -> None:
        super().__init__(message)


class Binding(Protocol):
    """Carries out calls by the forms of some protocols."""

    schemes: frozenset[str]
    """The schemes of the addresses it can use."""

    def unfit(self, form: Form, action: Action) -> str | None:
        """Say why a form of one of its schemes cannot be used, or return None."""
        ...

    async def carry_out(self, form: Form, call: Call) -> Any:
        """Run one call to its end and return the machine's JSON result.

        Raises:
            NotReachedError: nothing was sent.
            AnswerLostError: nobody knows what happened.
            DriverError: the machine said no, or its answer cannot be read.
        """
        ...

    async def stop_running(self) -> None:
        """Tell the machine to give up whatever it was told to do and has not ended. Never raises."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
