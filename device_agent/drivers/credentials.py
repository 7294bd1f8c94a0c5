"""Credentials for a machine: which one a security definition wants, taken from the environment."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from protocol.errors import InputError

VARIABLE_PREFIX = "PARLEY_CREDENTIAL_"
"""An environment variable is called this and the definition's name, in capitals."""

Place = Literal["header", "query", "cookie"]
_SCHEMES = "nosec, basic, bearer, apikey"
_PLACES: Mapping[str, Place] = {"header": "header", "auto": "header", "query": "query", "cookie": "cookie"}
_WHAT = {"basic": "user:password", "bearer": "the token", "apikey": "the key"}


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves to a machine that this agent may call it.

    Attributes:
        scheme: "basic", "bearer" or "apikey".
        place: where it stands in a request.
        name: of the header, parameter or cookie.
        secret: as it stands in the environment: `user:password`, a token, or a key.
    """

    scheme: str
    place: Place
    name: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """What is sent."""
        if self.scheme == "basic":
            return f"Basic {base64.b64encode(self.secret.encode()).decode()}"
        return f"Bearer {self.secret}" if self._is_authorization else self.secret

    @property
    def _is_authorization(self) -> bool:
        return self.scheme == "bearer" and self.place == "header" and self.name.lower() == "authorization"


def variable_of(definition: str) -> str:
    """Return the environment variable that holds the credential for a security definition."""
    return VARIABLE_PREFIX + re.sub(r"\W", "_", definition).upper()


def credentials_of(
    names: Sequence[str], definitions: Mapping[str, Mapping[str, Any]], environment: Mapping[str, str]
) -> tuple[Credential, ...]:
    """Return the credentials that satisfy all of these security definitions.

    Raises:
        InputError: a definition is of a kind that is not spoken here, or its credential is missing.
    """
    found = (_credential(name, definitions.get(name, {}), environment) for name in names)
    return tuple(credential for credential in found if credential is not None)


def _credential(
    name: str, definition: Mapping[str, Any], environment: Mapping[str, str]
) -> Credential | None:
    scheme = definition.get("scheme")
    field_of = f"securityDefinitions.{name}"
    if scheme == "nosec":
        return None
    if scheme not in _WHAT:
        raise InputError(f"{field_of}.scheme", scheme, f"one of {_SCHEMES}")
    usual = "query" if scheme == "apikey" else "header"
    stated = str(definition.get("in", usual))
    if stated not in _PLACES or (scheme == "basic" and _PLACES[stated] != "header"):
        allowed = "header" if scheme == "basic" else "header, query or cookie"
        raise InputError(f"{field_of}.in", stated, allowed)
    sent_as = str(definition.get("name") or ("" if scheme == "apikey" else "Authorization"))
    if not sent_as:
        raise InputError(f"{field_of}.name", None, "the name of the header, parameter or cookie")
    variable = variable_of(name)
    secret = environment.get(variable)
    if not secret or (scheme == "basic" and ":" not in secret):
        shown = None if not secret else "a text without a colon"
        raise InputError(variable, shown, _WHAT[scheme], remedy="Set this environment variable.")
    return Credential(scheme, _PLACES[stated], sent_as, secret)
