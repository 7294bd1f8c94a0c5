"""Drives a machine by the forms of its Thing Description: checks what is sent, chooses a form, checks what comes back."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from device_agent.drivers.binding import UNREADABLE, AnswerLostError, Binding, Call, NotReachedError
from device_agent.drivers.credentials import Credential, credentials_of
from device_agent.drivers.forms import Form, forms_for
from device_agent.drivers.port import DriverError
from firmware_api_specs.forms import texts
from firmware_api_specs.loader import load
from firmware_api_specs.schema import ArgumentError, check_arguments, result_problem
from firmware_api_specs.thing_description import Affordance, ThingDescription
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError

logger = logging.getLogger(__name__)

RESTING_SECONDS = 30.0
"""A host that could not be reached is tried last for so long."""
READING_SECONDS = 10.0
SAFE_SECONDS = 5.0
_SPOKEN = "http, https, mqtt and mqtts"


@dataclass(frozen=True, slots=True)
class Target:
    """How one callable is reached: its usable forms, in the order of the description."""

    affordance: Affordance
    forms: tuple[Form, ...]
    follow_ups: Mapping[str, Form]

    @property
    def is_repeatable(self) -> bool:
        """Whether doing it twice is as good as once."""
        action = self.affordance.action
        return action.safe or action.idempotent


class FormsDriver:
    """Calls a machine by the first form that fits and answers.

    A form whose host cannot be reached is passed over, and tried last for a while. Where an order may have arrived and
    no answer came, another form is tried only if the action is safe or idempotent. How long a call may take is the
    executor's business: it cancels a call that takes too long.

    `description` is the machine's API without what no form reaches: no program should be written that would call it.

    Args:
        description: the machine's API.
        bindings: the protocols to use.
        clock: for how long a host is left alone.
        environment: where credentials are; that of this process when None.

    Raises:
        InputError: a callable lacks nothing but a credential, no callable can be reached, or the action for bringing the
            machine to rest cannot.
    """

    def __init__(
        self,
        description: ThingDescription,
        bindings: Sequence[Binding],
        clock: Clock,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.description = description
        self._bindings = {scheme: binding for binding in bindings for scheme in binding.schemes}
        self._clock = clock
        self._environment = os.environ if environment is None else environment
        self._resting: dict[str, float] = {}
        self._targets, out_of_reach = self._find_targets()
        if not self._targets:
            told = "; ".join(f"{name}: {why}" for name, why in out_of_reach.items())
            raise InputError(
                "forms",
                "none that can be used",
                f"at least one, by {_SPOKEN}",
                remedy=f"{told}." if told else "There is no action or property to call.",
            )
        if out_of_reach:
            self.description = _without(description, out_of_reach)
            # Without some names, others may be written differently in programs.
            self._targets, _ = self._find_targets()
        self._safe = self._safe_target()

    async def __aenter__(self) -> Self:
        if self._safe is None:
            logger.warning(
                "%s cannot be brought to rest from here: its description names no parley:safeAction.",
                self.description.title,
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        for binding in self._each_binding():
            await binding.aclose()

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run one function to its end and return its JSON result.

        Raises:
            DriverError: the arguments do not fit the description, and nothing was sent; or the machine said no, could
                not be reached, or answered with something that its description does not promise. With code
                `unknown_outcome` nobody knows whether the order was carried out.
        """
        target = self._targets.get(name)
        if target is None:
            raise DriverError("The machine does not do this.", code=ErrorCode.CALL_FAILED)
        action = target.affordance.action
        try:
            check_arguments(action, arguments)
        except ArgumentError as error:
            logger.warning("A call is not made: %s", error)
            is_range = error.code is ErrorCode.OUT_OF_RANGE
            raise DriverError(
                "A value lies outside what the machine allows."
                if is_range
                else "The order does not fit the machine.",
                code=ErrorCode.OUT_OF_RANGE if is_range else ErrorCode.CALL_FAILED,
            ) from error
        seconds = action.timeout_seconds
        if target.affordance.kind == "property":
            seconds = min(seconds, READING_SECONDS)
        result = await self._try_forms(target, arguments, seconds, is_repeatable=target.is_repeatable)
        if problem := result_problem(action.output, result):
            # The text names fields of the machine's answer, so it stays in the local log.
            logger.warning("%s answered with something else than described: %s", name, problem)
            raise DriverError(UNREADABLE, code=ErrorCode.CALL_FAILED)
        return result

    async def make_safe(self) -> None:
        """Bring the machine to rest; a machine that cannot be told is logged, never raised.

        What still goes on is cancelled at the same time: a machine that is slow to say so must not put off its rest.
        """
        cancelling = [binding.stop_running() for binding in self._each_binding()]
        await asyncio.gather(*cancelling, self._carry_out_safe_action())

    async def _carry_out_safe_action(self) -> None:
        if self._safe is None:
            return
        try:
            # Coming to rest twice does no harm, whatever the description says of the action.
            result = await self._try_forms(self._safe, {}, SAFE_SECONDS, is_repeatable=True)
        except DriverError as error:
            logger.error("The machine could not be brought to rest: %s", error)  # noqa: TRY400
            return
        if failure := self._safe.affordance.action.failure(result):
            logger.error("The machine was told to come to rest. %s", failure)

    async def _try_forms(
        self, target: Target, arguments: Mapping[str, Any], seconds: float, *, is_repeatable: bool
    ) -> Any:
        action = target.affordance.action
        assert action.parameters is not None  # noqa: S101 - only callables become targets
        call = Call(action, action.parameters.sort(arguments), seconds, target.follow_ups)
        last: DriverError = NotReachedError()
        for form in self._in_order(target.forms):
            try:
                result = await self._bindings[form.scheme].carry_out(form, call)
            except NotReachedError as error:
                self._resting[form.origin] = self._clock.monotonic() + RESTING_SECONDS
                last = error
            except AnswerLostError as error:
                if not is_repeatable:
                    raise
                last = DriverError(error.message, code=ErrorCode.CALL_FAILED)
            else:
                self._resting.pop(form.origin, None)
                return result
        raise last

    def _in_order(self, forms: Sequence[Form]) -> list[Form]:
        """Put the hosts that could not be reached lately last."""
        now = self._clock.monotonic()
        return sorted(forms, key=lambda form: self._resting.get(form.origin, now) > now)

    def _each_binding(self) -> list[Binding]:
        return list(dict.fromkeys(self._bindings.values()))

    def _find_targets(self) -> tuple[dict[str, Target], dict[str, str]]:
        """Find the usable forms of every callable; where there are none say why, under its name in the description.

        Raises:
            InputError: there would be one, if only its credential were there.
        """
        targets: dict[str, Target] = {}
        out_of_reach: dict[str, str] = {}
        for affordance in self.description.affordances():
            forms, lacking, reasons = self._usable(affordance, affordance.action.operation)
            if forms:
                targets[affordance.name] = Target(affordance, tuple(forms), self._follow_ups(affordance))
            elif lacking is not None:
                raise lacking
            else:
                out_of_reach[affordance.key] = "; ".join(reasons) or "it has no form for this"
        return targets, out_of_reach

    def _follow_ups(self, affordance: Affordance) -> dict[str, Form]:
        """Return the forms that ask how far an action is, and that cancel it."""
        if affordance.kind == "property":
            return {}
        usable = {later: self._usable(affordance, later)[0] for later in ("queryaction", "cancelaction")}
        if affordance.action.synchronous is False and not usable["queryaction"]:
            logger.warning(
                "%s goes on after it was answered, and no form asks how far it is: it counts as done when the machine "
                "has accepted it.",
                affordance.key,
            )
        return {later: forms[0] for later, forms in usable.items() if forms}

    def _usable(
        self, affordance: Affordance, operation: str
    ) -> tuple[list[Form], InputError | None, list[str]]:
        """Return the forms that can be used, the first missing credential of others, and why the rest cannot."""
        usable: list[Form] = []
        lacking: InputError | None = None
        reasons: list[str] = []
        for form in self._forms(affordance, operation):
            binding = self._bindings.get(form.scheme)
            if binding is None:
                reasons.append(
                    f"{form.scheme or 'a relative address without a base'} is not one of {_SPOKEN}"
                )
                continue
            try:
                ready = replace(form, credentials=self._credentials(form))
            except InputError as error:
                lacking = lacking or error
                continue
            if reason := binding.unfit(ready, affordance.action):
                reasons.append(reason)
            else:
                usable.append(ready)
        return usable, lacking, list(dict.fromkeys(reasons))

    def _forms(self, affordance: Affordance, operation: str) -> list[Form]:
        """List the forms of an operation, usable or not."""
        action = affordance.action
        return forms_for(action.forms, operation, usual=action.operation, base=self.description.base)

    def _credentials(self, form: Form) -> tuple[Credential, ...]:
        names = texts(form.terms.get("security", self.description.security)) or ()
        return credentials_of(names, self.description.security_definitions, self._environment)

    def _safe_target(self) -> Target | None:
        """Return how the machine is brought to rest, if its description says so.

        Raises:
            InputError: no form reaches the action for it.
        """
        key = self.description.safe_action
        for target in self._targets.values():
            if target.affordance.kind == "action" and target.affordance.key == key:
                return target
        if key is not None:
            raise InputError("parley:safeAction", key, "an action with a form that can be used")
        return None


def _without(description: ThingDescription, out_of_reach: Mapping[str, str]) -> ThingDescription:
    document = description.document
    for name, why in out_of_reach.items():
        logger.warning("%s cannot be called: %s.", name, why)
        for group in ("actions", "properties"):
            document.get(group, {}).pop(name, None)
    return load(document)
