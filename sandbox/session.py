"""Runs one generated program, call by call, in a worker process that has nothing but its device's functions.

What is covered: no file, network, environment, clock, randomness, import or attribute of the host can be reached; time,
memory, recursion, output, number and shape of calls are limited; a worker that dies is replaced and this process lives on.
What is not covered: the worker process has no system-call filter of its own (docs/security.md says more). The
interpreter is a Python subset: no `yield`, no inheritance, no `del`, and neither `eval` nor `exec`.

A program can swallow an exception that `fail` raises in it. To stop a program for certain, `close` the session.

A program that waits for a call holds a worker. `dump` turns it into bytes and gives the worker back; `restore_session`
takes it up again, also in another process, with everything it has used of its limits. Those bytes are code: load none
that did not come out of a `SnapshotSealer` (sandbox/seal.py).
"""

from __future__ import annotations

import atexit
import json
import math
import os
import signal
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, NoReturn, Self

import pydantic_monty as monty

from protocol.errors import shorten
from protocol.text import clean_sentence
from sandbox.errors import (
    ORDER_ANEW,
    ForbiddenError,
    LimitExceededError,
    ProgramError,
    SandboxUnavailableError,
    SnapshotRefusedError,
)

_MAXIMUM_WORKERS = 256
_WORKER_WAIT_SECONDS = 30.0
_MAXIMUM_DEPTH_OF_ARGUMENTS = 8
# The largest whole numbers that still fit a floating-point number, which is what most devices and JSON readers have.
_MAXIMUM_BITS = 1023
_OUTPUT_BYTES = 10_000
_TYPE_CHECK_SECONDS = 1.0
_MAXIMUM_MISTAKES = 20
# How the worker's end reads when its own memory limit ended it, rather than the program's.
_WORKER_ENDED = "MemoryError: the worker exceeded its memory limit"
# Clock, sleep and randomness come back to us as host calls, which are refused like any other.
_NO_SYSTEM: monty.OSPolicy = {"datetime": "call_host", "sleep": "call_host", "random_start": "call_host"}
# What a check of the program's text has not seen must not run: a text that is evaluated would be just that.
_NO_HIDDEN_CODE: dict[str, Any] = {"eval": None, "exec": None}
_LIMIT_NAMES = ("MemoryError", "TimeoutError", "RecursionError", "RuntimeError: suspension limit")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use at most. Waiting for a call's result costs nothing.

    Attributes:
        seconds: computing time of the whole program.
        memory_bytes: heap, which bounds allocations too.
        recursion_depth: nested calls of functions the program defines.
        calls: calls to the device.
        source_bytes: length of the program in UTF-8.
        argument_bytes: length of one call's arguments when written as JSON.
        dump_bytes: length of the paused program as `dump` gives it.
    """

    seconds: float = 1.0
    memory_bytes: int = 16 * 1024 * 1024
    recursion_depth: int = 50
    calls: int = 32
    source_bytes: int = 16 * 1024
    argument_bytes: int = 16 * 1024
    dump_bytes: int = 1024 * 1024


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class PendingCall:
    """The program is paused at a call to its device; `call_id` counts from 1."""

    call_id: int
    name: str
    positional: tuple[Any, ...]
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """The program ran to its end."""


class _Pool:
    """The workers of this process, started at first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: monty.Monty | None = None

    def get(self) -> monty.Monty:
        with self._lock:
            if self._pool is None:
                pool = monty.Monty(
                    min_processes=1, max_processes=_MAXIMUM_WORKERS, checkout_timeout=_WORKER_WAIT_SECONDS
                )
                try:
                    pool.__enter__()
                except (OSError, RuntimeError, monty.MontyError) as error:
                    raise SandboxUnavailableError(
                        f"The sandbox worker does not start: {clean_sentence(str(error))}",
                        remedy="Reinstall the package pydantic-monty, or point MONTY_BIN at its worker.",
                    ) from error
                self._pool = pool
                atexit.register(self.close)
            return self._pool

    def close(self) -> None:
        with self._lock:
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
                self._pool = None


_pool = _Pool()


def open_session(
    source: str, function_names: Collection[str], limits: Limits = DEFAULT_LIMITS
) -> SandboxSession:
    """Take a worker for one program; nothing runs before `start`.

    Raises:
        LimitExceededError: the source is too long.
        SandboxUnavailableError: no worker could be had.
    """
    if len(source.encode(errors="replace")) > limits.source_bytes:
        raise LimitExceededError(f"The program is longer than {limits.source_bytes} bytes.")
    return SandboxSession(source, frozenset(function_names), limits)


def restore_session(
    dump: bytes, function_names: Collection[str], limits: Limits = DEFAULT_LIMITS
) -> SandboxSession:
    """Take a worker for a program that `SandboxSession.dump` paused; it stands at the same call, which is `pending`.

    Args:
        dump: what `dump` gave, unchanged: the interpreter does not defend itself against forged ones.
        function_names: the functions it may go on calling.
        limits: those it was started with. What it has used of them stays used.

    Raises:
        SnapshotRefusedError: the dump is damaged, or was made under other limits or functions.
        SandboxUnavailableError: no worker could be had.
    """
    header, state = _parse_dump(dump, limits)
    session = SandboxSession(None, frozenset(function_names), limits)
    session.load(header, state)
    return session


@dataclass(frozen=True, slots=True)
class DumpHeader:
    """What the interpreter's own dump does not hold.

    Attributes:
        calls: calls made so far, with the pending one.
        output_bytes_left: what the program may still print.
    """

    calls: int
    output_bytes_left: int


class SandboxSession:
    """One program in one worker.

    Methods block for at most the program's time limit and a second; they may be called from any thread, one at a time,
    and `close` beside any other. After an error, or the end of the program, the worker is given back.
    """

    def __init__(self, source: str | None, function_names: frozenset[str], limits: Limits) -> None:
        self._source = source
        self._functions = function_names
        self._limits = limits
        self._calls = 0
        self._output = monty.CollectString(_OUTPUT_BYTES)
        self._output_bytes_left = _OUTPUT_BYTES
        self._paused: monty.FunctionSnapshot | None = None
        self._pending: PendingCall | None = None
        self._computing = False
        self._closing = threading.Lock()
        self._worker: monty.MontySession | None = _checkout(limits)
        self._worker_process = self._worker.worker_pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> PendingCall | Finished:
        """Run the program up to its first call.

        Raises:
            ProgramError: the program is wrong, reached outside, or exceeded a limit.
        """
        worker, source = self._worker, self._source
        if worker is None or source is None:
            raise RuntimeError("a session is started once")
        self._source = None
        return self._turn(
            lambda: worker.feed_start(source, inputs=_NO_HIDDEN_CODE, print_callback=self._output)
        )

    def load(self, header: DumpHeader, state: bytes) -> None:
        """Stand where a dump was taken, in place of `start`. For `restore_session`, which says what can go wrong."""
        worker = self._worker
        if worker is None:
            raise RuntimeError("the session is closed")
        self._calls = header.calls - 1
        self._output_bytes_left = header.output_bytes_left
        self._output = monty.CollectString(header.output_bytes_left)
        try:
            self._classify(worker.load_snapshot(state, print_callback=self._output))
        except ProgramError as error:
            # Its text names functions of the device, and this error's text is for people.
            raise SnapshotRefusedError(
                "The paused program waits for a call that this device does not know or allow."
            ) from error
        except (monty.MontyError, ValueError, RuntimeError) as error:
            raise SnapshotRefusedError(
                f"The paused program cannot be read: {clean_sentence(str(error), 200)}"
            ) from error
        finally:
            if self._pending is None:
                self.close()

    @property
    def pending(self) -> PendingCall:
        """The call at which the program stands.

        Raises:
            RuntimeError: it stands at none.
        """
        if self._pending is None:
            raise RuntimeError("no call is pending")
        return self._pending

    def dump(self) -> bytes:
        """Turn the paused program into bytes for `restore_session`, and give the worker back: the session is closed.

        Raises:
            RuntimeError: no call is pending.
            LimitExceededError: the program holds too much to be kept.
        """
        paused = self._paused
        if paused is None:
            raise RuntimeError("no call is pending")
        printed = len(self._output.output.encode(errors="replace"))
        header = {
            "calls": self._calls,
            "output_bytes_left": max(0, self._output_bytes_left - printed),
            "limits": asdict(self._limits),
        }
        try:
            state: bytes = self._compute(paused.dump)
        finally:
            self.close()
        dump = json.dumps(header).encode() + b"\n" + state
        if len(dump) > self._limits.dump_bytes:
            raise LimitExceededError(
                f"The program holds {len(dump)} bytes at a call; at most {self._limits.dump_bytes} can be kept."
            )
        return dump

    def resume(self, value: Any) -> PendingCall | Finished:
        """Answer the pending call with a JSON value and run up to the next call.

        Raises:
            ProgramError: as for `start`.
        """
        try:
            _Gate("The result", self._limits.memory_bytes).admit(value)
        except ProgramError:
            self.close()
            raise
        return self._answer({"return_value": value})

    def fail(self, message: str) -> PendingCall | Finished:
        """Raise `RuntimeError(message)` at the pending call. The program may catch it and go on.

        Raises:
            ProgramError: as for `start`; also when the program does not catch the exception.
        """
        return self._answer({"exception": RuntimeError(clean_sentence(message))})

    def close(self) -> None:
        """Give the worker back; what the program still had to do is never done.

        May be called at any time and from any thread, and does not wait: a program that computes is killed.
        """
        with self._closing:
            worker, self._worker, self._paused, self._pending = self._worker, None, None, None
        if worker is None:
            return
        if self._computing and self._worker_process is not None:
            # It would compute on up to its limit; the pool replaces a worker that is gone.
            with suppress(ProcessLookupError):
                os.kill(self._worker_process, signal.SIGKILL)
        worker.__exit__(None, None, None)

    def _answer(self, result: Any) -> PendingCall | Finished:
        paused, self._paused, self._pending = self._paused, None, None
        if self._worker is None or paused is None:
            raise RuntimeError("no call is pending")
        return self._turn(lambda: paused.resume(result))

    def _turn(self, run: Callable[[], Any]) -> PendingCall | Finished:
        try:
            reached = self._classify(self._compute(run))
        except BaseException:
            self.close()
            raise
        if isinstance(reached, Finished):
            self.close()
        return reached

    def _compute(self, run: Callable[[], Any]) -> Any:
        self._computing = True
        try:
            reached = _translated(run)
        except Exception as error:
            if (
                self._worker is None
            ):  # closed meanwhile: the worker died under it, or was gone before it began
                raise ProgramError("The program was stopped.") from error
            raise
        finally:
            self._computing = False
        if self._worker is None:
            raise ProgramError("The program was stopped.")
        return reached

    def _classify(self, snapshot: Any) -> PendingCall | Finished:
        if isinstance(snapshot, monty.MontyComplete):
            return Finished()
        if isinstance(snapshot, monty.NameLookupSnapshot):
            self._forbid(f"the name {clean_sentence(snapshot.variable_name, 60)!r} has no value")
        if not isinstance(snapshot, monty.FunctionSnapshot):
            self._forbid("waiting for something other than a call is not possible")
        name = str(snapshot.function_name)
        if snapshot.is_os_function or snapshot.object_id is not None or name not in self._functions:
            self._forbid(f"{clean_sentence(name, 60)!r} is not one of the functions of this device")
        self._calls += 1
        if self._calls > self._limits.calls:
            raise LimitExceededError(f"The program makes more than {self._limits.calls} calls.")
        positional, arguments = tuple(snapshot.args), dict(snapshot.kwargs)
        gate = _Gate(f"An argument of {name}", self._limits.argument_bytes)
        for value in (*positional, *arguments, *arguments.values()):
            gate.admit(value)
        self._paused = snapshot
        self._pending = PendingCall(self._calls, name, positional, arguments)
        return self._pending

    def _forbid(self, what: str) -> NoReturn:
        allowed = ", ".join(sorted(self._functions)) or "none"
        raise ForbiddenError(f"The program may only call its functions ({allowed}): {what}.")


def type_check(source: str, stubs: str) -> list[str]:
    """Check `source` against Python stubs; return a line for each of the first mistakes, none when it is right.

    The checker runs in the worker and the program is left there at its first call, so it must not have any effect
    before that; it cannot, since nothing but calls leaves the worker.

    Raises:
        LimitExceededError: the source is too long, or too much for the checker: whether it is right is not known.
        SandboxUnavailableError: no worker could be had.
    """
    limits = Limits(seconds=_TYPE_CHECK_SECONDS)
    if len(source.encode(errors="replace")) > limits.source_bytes:
        raise LimitExceededError(f"The program is longer than {limits.source_bytes} bytes.")
    worker = _checkout(limits, stubs=stubs)
    try:
        worker.feed_start(source, print_callback=monty.CollectString(_OUTPUT_BYTES))
    except monty.MontyTypingError as error:
        lines = [line for line in error.display().splitlines() if line.strip()][:_MAXIMUM_MISTAKES]
        return [clean_sentence(line).replace("main.py:", "line ", 1) for line in lines]
    except monty.MontySyntaxError as error:
        return [clean_sentence(f"invalid syntax: {error}")]
    except monty.MontyCrashedError as error:
        raise LimitExceededError("The program is too much for the type checker.") from error
    except monty.MontyRuntimeError as error:
        if str(error).startswith(_WORKER_ENDED):
            raise LimitExceededError("The program is too much for the type checker.") from error
        return []  # the types are right; what the program does wrong shows when it runs
    finally:
        worker.__exit__(None, None, None)
    return []


def _checkout(limits: Limits, *, stubs: str | None = None) -> monty.MontySession:
    allowed: monty.ResourceLimits = {
        "max_feed_duration_secs": limits.seconds,
        "max_memory": limits.memory_bytes,
        "max_recursion_depth": limits.recursion_depth,
        # One more than the calls, so that it is we who count and who can say which limit it was.
        "max_suspensions": limits.calls + 1,
        "max_total_sleep_secs": 0.0,
    }
    session = _pool.get().checkout(
        limits=allowed,
        os_policy=_NO_SYSTEM,
        type_check=stubs is not None,
        type_check_stubs=stubs,
        type_check_format="concise",
    )
    try:
        return session.__enter__()
    except (OSError, TimeoutError, monty.MontyError) as error:
        raise SandboxUnavailableError(
            f"No sandbox worker is free: {clean_sentence(str(error))}", remedy="Run fewer programs at a time."
        ) from error


def _parse_dump(dump: bytes, limits: Limits) -> tuple[DumpHeader, bytes]:
    """Part the header from the interpreter's state."""
    line, _, state = dump.partition(b"\n")
    try:
        header = json.loads(line)
        parsed = DumpHeader(int(header["calls"]), int(header["output_bytes_left"]))
        dumped_limits = header["limits"]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise SnapshotRefusedError("The paused program is damaged: its header cannot be read.") from error
    if dumped_limits != asdict(limits):
        raise SnapshotRefusedError(
            f"The paused program was started under other limits ({shorten(dumped_limits, 300)}) than those of now "
            f"({asdict(limits)}).",
            remedy=f"Start the version of the agent that started it, or: {ORDER_ANEW}",
        )
    return parsed, state


def _translated(run: Callable[[], Any]) -> Any:
    try:
        return run()
    except monty.MontyCrashedError as error:
        raise LimitExceededError("The program took its worker down, so it was stopped.") from error
    except monty.MontySyntaxError as error:
        raise ProgramError(f"The program cannot be parsed: {clean_sentence(str(error), 200)}") from error
    except monty.MontyRuntimeError as error:
        text = clean_sentence(str(error), 200)
        if text.startswith(_LIMIT_NAMES):
            raise LimitExceededError(f"The program exceeded a limit: {text}") from error
        raise ProgramError(f"The program stopped with an error: {text}") from error
    except monty.MontyError as error:
        raise ProgramError(f"The program could not go on: {clean_sentence(str(error), 200)}") from error


class _Gate:
    """Lets only JSON values pass, in either direction, and no more than a number of bytes.

    A list that holds another one a thousand times, which holds another one a thousand times, is small in the worker
    and endless to whoever walks or prints it. So every value is paid for before it is looked at, each time it is met.

    Args:
        what: passes, for the text of errors.
        most_bytes: what all values together may take when written as JSON.
    """

    def __init__(self, what: str, most_bytes: int) -> None:
        self._what = what
        self._most_bytes = most_bytes
        self._left = most_bytes

    def admit(self, value: Any, depth: int = 0) -> None:
        """Let one value pass.

        Raises:
            ProgramError: it is no JSON value, or one that not every receiver can hold.
            LimitExceededError: it is too long.
        """
        if depth > _MAXIMUM_DEPTH_OF_ARGUMENTS:
            raise ProgramError(f"{self._what} is nested more than {_MAXIMUM_DEPTH_OF_ARGUMENTS} deep.")
        kind = type(value)
        if value is None or kind is bool:
            self._pay(len("false"))
        elif kind is str:
            self._admit_text(value)
        elif kind is int or kind is float:
            self._admit_number(value)
        elif kind is list or kind is tuple:
            self._pay(len("[]") + len(value))
            for item in value:
                self.admit(item, depth + 1)
        elif kind is dict and all(type(key) is str for key in value):
            self._pay(len("{}") + 2 * len(value))
            for key, item in value.items():
                self._admit_text(key)
                self.admit(item, depth + 1)
        else:
            raise ProgramError(f"{self._what} is a {kind.__name__}; only JSON values can pass.")

    def _admit_number(self, number: float) -> None:
        if isinstance(number, int) and number.bit_length() > _MAXIMUM_BITS:
            raise ProgramError(f"{self._what} is a whole number of more than {_MAXIMUM_BITS} bits.")
        if not math.isfinite(number):
            raise ProgramError(f"{self._what} is not a finite number.")
        self._pay(len(repr(number)))

    def _admit_text(self, text: str) -> None:
        self._pay(len(text))
        try:
            encoded = text.encode()
        except UnicodeEncodeError as error:
            raise ProgramError(f"{self._what} holds half a character (a lone surrogate).") from error
        self._pay(len(encoded) - len(text) + len('""'))

    def _pay(self, amount_bytes: int) -> None:
        self._left -= amount_bytes
        if self._left < 0:
            raise LimitExceededError(f"{self._what} is longer than {self._most_bytes} bytes.")
