"""Who may join a site: one-time tokens of which only a hash is stored, or anyone where enrolment is open."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from coordinator.store import Store
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError
from protocol.messages import IDENTIFIER_PATTERN, EnrolmentRequest, Profile
from transport.clock import SystemClock

DEFAULT_TOKEN_LIFETIME_SECONDS = 3600.0
_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to an enrolment request, with its reason as a sentence."""

    accepted: bool
    sentence: str

    @property
    def error_code(self) -> ErrorCode | None:
        """The wire code of a refusal."""
        return None if self.accepted else ErrorCode.ENROLMENT_REFUSED


def issue_token(
    database: Path,
    device_id: str | None = None,
    ttl_seconds: float = DEFAULT_TOKEN_LIFETIME_SECONDS,
    *,
    clock: Clock | None = None,
) -> str:
    """Create a one-time token and return it; only its SHA-256 is stored.

    Args:
        database: the coordinator's state file; the coordinator may be running or not.
        device_id: the only device that may use it, or None for any.
        ttl_seconds: how long it stays valid.
        clock: where the time comes from; the system's by default.

    Raises:
        InputError: the device's name or the lifetime is wrong.
        OperatorError: the file cannot be opened.
    """
    if device_id is not None and not re.fullmatch(IDENTIFIER_PATTERN, device_id):
        raise InputError("device_id", device_id, "letters, digits, '.', '_' and '-', at most 64")
    if not ttl_seconds > 0:
        raise InputError("ttl_seconds", ttl_seconds, "a number above 0")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    now = (clock or SystemClock()).now()
    with Store(database) as store:
        store.connection.execute(
            "INSERT INTO tokens (hash, device_id, expires_at) VALUES (?, ?, ?)",
            (_hash(token), device_id, now + ttl_seconds),
        )
    return token


class Enrolment:
    """Decides on enrolment requests and remembers who was let in.

    Deciding twice on the same request gives the same answer, because requests may be delivered twice: a device that
    comes back with the token it joined with is welcome, also after the token has expired.

    Args:
        store: where tokens and enrolled devices are kept.
        clock: for the expiry of tokens.
        is_open: let devices join without a token.
    """

    def __init__(self, store: Store, clock: Clock, *, is_open: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._is_open = is_open

    def enrolled(self) -> dict[str, Profile]:
        """Return the devices that were let in so far, with the profile each joined with."""
        profiles: dict[str, Profile] = {}
        for device_id, text in self._store.connection.execute("SELECT device_id, profile FROM enrolled"):
            try:
                profiles[device_id] = Profile.model_validate_json(text)
            except ValidationError:
                # Written by another version: the device has to introduce itself again.
                continue
        return profiles

    def decide(self, request: EnrolmentRequest) -> Decision:
        """Accept or refuse one request, and remember an accepted device."""
        name = request.device_id
        if request.profile.device_id != name:
            return Decision(
                accepted=False,
                sentence=f"{name} is refused: its profile names {request.profile.device_id} instead.",
            )
        if request.token is None:
            return self._without_token(request)
        return self._with_token(request, _hash(request.token))

    def _without_token(self, request: EnrolmentRequest) -> Decision:
        name = request.device_id
        if not self._is_open:
            return Decision(
                accepted=False,
                sentence=f"{name} is refused: it shows no token. Run `parley enroll` and give the token to the device.",
            )
        if self._joined_with(name) is not None:
            return Decision(
                accepted=False,
                sentence=f"{name} is refused: that name joined with a token, so it must show that token or a new one.",
            )
        self._remember(request, None)
        return Decision(accepted=True, sentence=f"{name} is enrolled; enrolment is open here.")

    def _with_token(self, request: EnrolmentRequest, digest: str) -> Decision:
        name = request.device_id
        if self._joined_with(name) == digest:
            self._remember(request, digest)
            return Decision(accepted=True, sentence=f"{name} is enrolled already.")
        row = self._store.connection.execute(
            "SELECT device_id, expires_at, used_by FROM tokens WHERE hash=?", (digest,)
        ).fetchone()
        reason = self._token_problem(name, row)
        if reason is not None:
            return Decision(
                accepted=False, sentence=f"{name} is refused: {reason}. Run `parley enroll` for a new token."
            )
        with self._store.transaction():
            self._store.connection.execute("UPDATE tokens SET used_by=? WHERE hash=?", (name, digest))
            self._remember(request, digest)
        return Decision(accepted=True, sentence=f"{name} is enrolled.")

    def _token_problem(self, name: str, row: tuple[str | None, float, str | None] | None) -> str | None:
        if row is None:
            return "its token is unknown here"
        meant_for, expires_at, used_by = row
        if meant_for is not None and meant_for != name:
            return "its token was issued for another device"
        if used_by is not None:
            return "its token was used before"
        if expires_at <= self._clock.now():
            return "its token has expired"
        return None

    def _joined_with(self, device_id: str) -> str | None:
        row = self._store.connection.execute(
            "SELECT token_hash FROM enrolled WHERE device_id=?", (device_id,)
        ).fetchone()
        return row[0] if row else None

    def _remember(self, request: EnrolmentRequest, digest: str | None) -> None:
        self._store.connection.execute(
            "INSERT OR REPLACE INTO enrolled VALUES (?, ?, ?, ?)",
            (request.device_id, digest, request.profile.model_dump_json(), self._clock.now()),
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
