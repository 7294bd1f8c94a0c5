"""Makes what a run learns from in processes of their own, ahead of a processor that would wait for it."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any, TypeVar

import torch

_T = TypeVar("_T")


def in_turns(
    make: Callable[..., Iterator[_T]], what: tuple[Any, ...], workers: int, first: int = 0
) -> Iterator[_T]:
    """Stream what `make(*what, first, stride)` yields, number by number from `first`.

    Workers take turns, and each has its next piece ready while the others' are read; each makes every `workers`th.

    Args:
        make: a function of a module, which worker processes can import.
        what: its first arguments; they are pickled.
        workers: processes; 0 makes pieces in this one, when they are asked for.
        first: how many pieces were used before.

    Raises:
        EOFError: a worker died; its own error is on standard error.
    """
    if not workers:
        yield from make(*what, first, 1)
    context = multiprocessing.get_context("spawn")
    turns = []
    for number in range(workers):
        receiver, sender = context.Pipe(duplex=False)
        arguments = (make, what, first + number, workers, sender)
        context.Process(target=_work, args=arguments, daemon=True).start()
        # Only the worker may hold this end: else its death would go unnoticed.
        sender.close()
        turns.append(receiver)
    for receiver in itertools.cycle(turns):
        yield receiver.recv()


def _work(
    make: Callable[..., Iterator[Any]], what: tuple[Any, ...], first: int, stride: int, sender: Connection
) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    torch.set_num_threads(1)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        for piece in make(*what, first, stride):
            sender.send(piece)
