"""Seals paused programs, so that only those this agent wrote itself, for this very call, are ever taken up again.

A sealed snapshot, all numbers big-endian:

    8 bytes   magic "PARLEYSN"
    2 bytes   version of this format
    2 bytes   length, then the version of the interpreter that wrote the snapshot
    2 bytes   length, then the context: which subtask and call it belongs to
    n bytes   the snapshot itself
    32 bytes  HMAC-SHA256 over everything before it

The key stays on the machine, in a file that only its owner can read. Who can read that file can forge snapshots.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import struct
import tempfile
from pathlib import Path

import pydantic_monty as monty

from protocol.errors import InputError, OperatorError, shorten
from sandbox.errors import SnapshotRefusedError

KEY_BYTES = 32
_MAGIC = b"PARLEYSN"
_FORMAT_VERSION = 1
_HEADER = struct.Struct(f">{len(_MAGIC)}sHHH")
_TAG_BYTES = hashlib.sha256().digest_size
_LONGEST_FIELD = 0xFFFF


class SnapshotSealer:
    """Seals and opens snapshots with one key.

    Args:
        key: 32 random bytes; `load_or_create_key` gives them.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise InputError("key", f"{len(key)} bytes", f"exactly {KEY_BYTES} bytes")
        self._key = key

    def seal(self, payload: bytes, context: str) -> bytes:
        """Return `payload` bound to `context`, such as a subtask's and a call's id (at most 65,535 bytes of UTF-8)."""
        interpreter, bound = monty.__version__.encode(), _context_bytes(context)
        header = _HEADER.pack(_MAGIC, _FORMAT_VERSION, len(interpreter), len(bound))
        body = header + interpreter + bound + payload
        return body + self._tag(body)

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the payload that `seal` was given with the same key and context.

        Raises:
            SnapshotRefusedError: anything is not as `seal` left it; the text says what, and what to do.
        """
        if len(sealed) < _HEADER.size + _TAG_BYTES:
            raise SnapshotRefusedError(
                f"The snapshot is cut short: {len(sealed)} bytes, fewer than the smallest has."
            )
        magic, version, interpreter_length, context_length = _HEADER.unpack_from(sealed)
        if magic != _MAGIC:
            raise SnapshotRefusedError(
                f"This is no snapshot: it starts with {shorten(magic)} instead of {_MAGIC!r}."
            )
        if version != _FORMAT_VERSION:
            raise SnapshotRefusedError(
                f"The snapshot has format version {version}; this program reads version {_FORMAT_VERSION}.",
                remedy="Start the version of the agent that wrote it, or look at the machine and give the order anew.",
            )
        body, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(body)):
            raise SnapshotRefusedError(
                "The snapshot's seal is broken: its bytes were changed, or another key sealed it.",
                remedy="Restore the agent's key file if it was replaced; otherwise look at the machine, then give "
                "the order anew.",
            )
        # From here on everything is as `seal` wrote it.
        interpreter_end = _HEADER.size + interpreter_length
        context_end = interpreter_end + context_length
        interpreter = body[_HEADER.size : interpreter_end].decode()
        if interpreter != monty.__version__:
            raise SnapshotRefusedError(
                f"The snapshot was written by interpreter {interpreter}; this is {monty.__version__}.",
                remedy=f"Install pydantic-monty {interpreter}, or look at the machine and give the order anew.",
            )
        bound = body[interpreter_end:context_end]
        if bound != _context_bytes(context):
            raise SnapshotRefusedError(
                f"The snapshot belongs to {shorten(bound.decode(errors='replace'))}, not to {shorten(context)}.",
            )
        return body[context_end:]

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)


def load_or_create_key(path: Path) -> bytes:
    """Read the key of this machine, or make one; the file belongs to its owner alone (mode 0600).

    Raises:
        InputError: the file is not a key, or others may read it.
        OperatorError: it can be neither read nor written.
    """
    try:
        if not path.exists():
            _create_key(path)
        return _read_key(path)
    except OSError as error:
        raise OperatorError(
            f"The key file {path} cannot be used: {error.strerror or error}.",
            remedy="Make the folder writable for the user the agent runs as.",
        ) from error


def _create_key(path: Path) -> None:
    """Write a key whole or not at all; when another process is faster, its key stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
    finally:
        Path(name).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_key(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        key = file.read(KEY_BYTES + 1)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            "mode",
            f"{mode:04o}",
            "0600",
            source=str(path),
            remedy=f"Others could have read the key: delete {path}, and a new one is made; paused runs are lost.",
        )
    if len(key) != KEY_BYTES:
        raise InputError(
            "key",
            f"{len(key)} bytes" if len(key) < KEY_BYTES else f"more than {KEY_BYTES} bytes",
            f"exactly {KEY_BYTES} bytes",
            source=str(path),
            remedy=f"Restore {path} from a backup, or delete it, and a new one is made; paused runs are lost.",
        )
    return key


def _context_bytes(context: str) -> bytes:
    bound = context.encode("utf-8", "surrogatepass")
    if len(bound) > _LONGEST_FIELD:
        raise InputError("context", f"{len(bound)} bytes", f"at most {_LONGEST_FIELD} bytes")
    return bound
