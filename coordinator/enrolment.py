"""Who may join a site: one-time tokens of which only a hash is stored, or anyone where enrolment is open."""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import closing
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import delete, insert, select, update

from coordinator.ledger.database import Database, LedgerAddress
from coordinator.ledger.ledger import Ledger
from coordinator.ledger.migrate import migrate
from coordinator.ledger.schema import enrolled, tokens
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
    address: LedgerAddress,
    device_id: str | None = None,
    ttl_seconds: float = DEFAULT_TOKEN_LIFETIME_SECONDS,
    *,
    clock: Clock | None = None,
) -> str:
    """Create a one-time token and return it; only its SHA-256 is stored.

    Args:
        address: of the site's ledger; the coordinator may be running or not.
        device_id: the only device that may use it, or None for any.
        ttl_seconds: how long it stays valid.
        clock: where the time comes from; the system's by default.

    Raises:
        InputError: the device's name or the lifetime is wrong.
        OperatorError: the ledger cannot be opened.
    """
    if device_id is not None and not re.fullmatch(IDENTIFIER_PATTERN, device_id):
        raise InputError("device_id", device_id, "letters, digits, '.', '_' and '-', at most 64")
    if not ttl_seconds > 0:
        raise InputError("ttl_seconds", ttl_seconds, "a number above 0")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    now = (clock or SystemClock()).now()
    row = {
        "site": address.site,
        "hash": _hash(token),
        "device_id": device_id,
        "expires_at": now + ttl_seconds,
    }
    with closing(Database(address)) as database:
        migrate(database, is_owner=False)
        with database.transaction() as connection:
            connection.execute(insert(tokens).values(row))
    return token


class Enrolment:
    """Decides on enrolment requests and remembers who was let in.

    Deciding twice on the same request gives the same answer, because requests may be delivered twice: a device that
    comes back with the token it joined with is welcome, also after the token has expired. A decision is on disk when
    the ledger's `durable` has returned.

    Args:
        ledger: where tokens and enrolled devices are kept.
        clock: for the expiry of tokens.
        is_open: let devices join without a token.
    """

    def __init__(self, ledger: Ledger, clock: Clock, *, is_open: bool = False) -> None:
        self._ledger = ledger
        self._clock = clock
        self._is_open = is_open
        # Only the owner of the site lets devices in, so that what it has read once stays true.
        rows = ledger.read(
            select(enrolled.c.device_id, enrolled.c.token_hash, enrolled.c.profile).where(
                enrolled.c.site == ledger.site
            )
        )
        self._joined: dict[str, tuple[str | None, str]] = {row[0]: (row[1], row[2]) for row in rows}
        self._used: dict[str, str] = {}

    def enrolled(self) -> dict[str, Profile]:
        """Return the devices that were let in so far, with the profile each joined with."""
        profiles: dict[str, Profile] = {}
        for device_id, (_, text) in self._joined.items():
            try:
                profiles[device_id] = Profile.model_validate_json(text)
            except ValidationError:
                # Written by another version: the device has to introduce itself again.
                continue
        return profiles

    def decide(self, request: EnrolmentRequest) -> Decision:
        """Accept or refuse one request, and remember an accepted device.

        Raises:
            OperatorError: the ledger is lost or cannot be read.
        """
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
        reason = self._token_problem(name, digest)
        if reason is not None:
            return Decision(
                accepted=False, sentence=f"{name} is refused: {reason}. Run `parley enroll` for a new token."
            )
        self._used[digest] = name
        this = (tokens.c.site == self._ledger.site) & (tokens.c.hash == digest)
        self._ledger.write(update(tokens).where(this).values(used_by=name))
        self._remember(request, digest)
        return Decision(accepted=True, sentence=f"{name} is enrolled.")

    def _token_problem(self, name: str, digest: str) -> str | None:
        # Read each time: `parley enroll` writes tokens from another process.
        rows = self._ledger.read(
            select(tokens.c.device_id, tokens.c.expires_at, tokens.c.used_by).where(
                tokens.c.site == self._ledger.site, tokens.c.hash == digest
            )
        )
        if not rows:
            return "its token is unknown here"
        meant_for, expires_at, used_by = rows[0]
        if meant_for is not None and meant_for != name:
            return "its token was issued for another device"
        if used_by is not None or digest in self._used:
            return "its token was used before"
        if expires_at <= self._clock.now():
            return "its token has expired"
        return None

    def _joined_with(self, device_id: str) -> str | None:
        return self._joined.get(device_id, (None, ""))[0]

    def _remember(self, request: EnrolmentRequest, digest: str | None) -> None:
        name = request.device_id
        joined = (digest, request.profile.model_dump_json())
        if self._joined.get(name) == joined:
            # Every restart of the site has every device ask again: that is no reason to write.
            return
        self._joined[name] = joined
        row = {
            "site": self._ledger.site,
            "device_id": name,
            "token_hash": digest,
            "profile": joined[1],
            "at": self._clock.now(),
        }
        this = (enrolled.c.site == row["site"]) & (enrolled.c.device_id == name)
        self._ledger.write(delete(enrolled).where(this), insert(enrolled).values(row))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
