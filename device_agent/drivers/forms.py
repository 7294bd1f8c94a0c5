"""The forms of a Thing Description: where one operation goes, in which words, and the address for given values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import uritemplate

from device_agent.drivers.contents import JSON
from device_agent.drivers.credentials import Credential
from firmware_api_specs.forms import operations, template_variables

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_EXPRESSION = re.compile(r"\{[^{}]*\}")
# Not known to the standard library, whose joining would leave a path alone.
_MQTT = ("mqtt:", "mqtts:")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to carry out one operation.

    Attributes:
        operation: "invokeaction", "readproperty", "queryaction" or "cancelaction".
        href: the address, a URI template; absolute where the description has a base.
        content_type: of what is sent.
        response_content_type: of what comes back.
        credentials: what the machine wants to see.
        terms: the whole form.
    """

    operation: str
    href: str
    content_type: str
    response_content_type: str
    credentials: tuple[Credential, ...]
    terms: Mapping[str, Any]

    @property
    def scheme(self) -> str:
        """The protocol: "http", "mqtts" and so on; empty where the address is relative."""
        return urlsplit(self.href).scheme.lower() if _SCHEME.match(self.href) else ""

    @property
    def origin(self) -> str:
        """Scheme, host and port: what can be reached or not."""
        return origin_of(self.href)


def forms_for(
    forms: Iterable[Mapping[str, Any]], operation: str, *, usual: str, base: str | None
) -> list[Form]:
    """List the forms of one operation, in their order, with absolute addresses and without credentials.

    Args:
        forms: of one affordance.
        operation: the one that is wanted.
        usual: what a form without `op` is for.
        base: what relative addresses are relative to.
    """
    found = []
    for terms in forms:
        if operation not in operations(terms, usual):
            continue
        content_type = str(terms.get("contentType", JSON))
        response = terms.get("response")
        answered = response.get("contentType") if isinstance(response, Mapping) else None
        href = absolute(str(terms.get("href", "")), base)
        found.append(Form(operation, href, content_type, str(answered or content_type), (), terms))
    return found


def absolute(href: str, base: str | None) -> str:
    """Return an address, perhaps a template, resolved against `base`."""
    if _SCHEME.match(href) or not base:
        return href
    if base.lower().startswith(_MQTT):
        return f"{base.rstrip('/')}/{href.lstrip('/')}"
    return urljoin(base, href)


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, which may be a template."""
    parts = urlsplit(_EXPRESSION.sub("", address))
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"


def expand(template: str, variables: Mapping[str, Any]) -> str:
    """Put values into a template (RFC 6570) and return the address.

    Raises:
        ValueError: a value that the address needs is missing, or one would lead to another host or up the path.
    """
    names = template_variables(template)
    missing = [name for name, is_needed in names.items() if is_needed and variables.get(name, "") == ""]
    if missing:
        raise ValueError(f"{', '.join(missing)} is missing for {template}")
    if not names:
        return template
    # Templates may write names percent-encoded; the library takes them as they are written.
    written = {name for name in uritemplate.variables(template)}  # noqa: C416 - its own kind of set
    values = {name: _text(variables[unquote(name)]) for name in written if unquote(name) in variables}
    address = uritemplate.expand(template, values)
    if origin_of(address) != origin_of(template):
        raise ValueError(f"a value would lead from {template} to another host")
    if not {".", ".."}.isdisjoint(unquote(urlsplit(address).path).split("/")):
        raise ValueError(f"a value would lead up the path of {template}")
    return address


def _text(value: Any) -> Any:
    """Write a value, or what a list or object holds, as the text that stands in an address."""
    if isinstance(value, list | tuple):
        return [_text(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _text(member) for name, member in value.items()}
    return value if isinstance(value, str) else json.dumps(value)
