"""Drives a machine at one HTTP address, with the conventions of the simulated worlds where its forms say nothing."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from device_agent.drivers.contents import JSON
from device_agent.drivers.forms import Form, absolute, forms_for
from device_agent.drivers.forms_driver import FormsDriver, Target
from device_agent.drivers.http_binding import HttpBinding
from firmware_api_specs.thing_description import Action, Affordance, ThingDescription
from protocol.clock import Clock
from protocol.errors import InputError
from transport.clock import SystemClock

_SAFE = Affordance("safe", "safe", "action", Action(forms=({"href": "safe"},)), {})


class HttpDriver(FormsDriver):
    """Calls the functions of one machine at the addresses that its description's forms name.

    A form that is not HTTP stands for the usual address, `actions/NAME` or `properties/NAME`. Where the description names
    no action that brings the machine to rest, `POST <base>/safe` does.

    Args:
        description: the machine's API.
        base_url: what the forms' addresses are relative to, for example `http://10.0.0.7:8090/robots/robot-1`.
        clock: for waits; the machine's own when None.
        transport: replaces the network in tests.
        environment: where credentials are; that of this process when None.

    Raises:
        InputError: `base_url` is no HTTP address, or as for `FormsDriver`.
    """

    def __init__(
        self,
        description: ThingDescription,
        base_url: str,
        *,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise InputError("device_url", base_url, "an address that starts with http:// or https://")
        self._base = base_url.rstrip("/") + "/"
        clock = clock or SystemClock()
        super().__init__(
            description, [HttpBinding(clock, transport=transport)], clock, environment=environment
        )

    def _forms(self, affordance: Affordance, operation: str) -> list[Form]:
        action = affordance.action
        found = forms_for(action.forms, operation, usual=action.operation, base=self._base)
        spoken = [form for form in found if form.scheme in HttpBinding.schemes]
        if spoken or operation != action.operation:
            return spoken
        usual = f"{'actions' if affordance.kind == 'action' else 'properties'}/{affordance.key}"
        return [Form(operation, absolute(usual, self._base), JSON, JSON, (), {})]

    def _safe_target(self) -> Target | None:
        stated = super()._safe_target()
        return stated or Target(_SAFE, tuple(self._usable(_SAFE, "invokeaction")[0]), {})
