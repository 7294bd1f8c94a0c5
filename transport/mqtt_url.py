"""Broker addresses as people write them: `mqtt://user:password@host:port`."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from protocol.errors import InputError

DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}
ALLOWED = "mqtt://[user:password@]host[:port] or mqtts://…"


@dataclass(frozen=True, slots=True)
class MqttUrl:
    """A parsed broker address. Its text form never shows the password."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> MqttUrl:
        """Parse an address.

        Raises:
            InputError: another scheme, no host, or a bad port.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise InputError("broker URL", _without_secret(url), ALLOWED) from error
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path not in {"", "/"}:
            raise InputError("broker URL", _without_secret(url), ALLOWED)
        return cls(
            host=parts.hostname,
            port=port or DEFAULT_PORTS[parts.scheme],
            tls=parts.scheme == "mqtts",
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    def __str__(self) -> str:
        """Return the address without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def _without_secret(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
