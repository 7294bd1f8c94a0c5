"""Gives memory back to the system that a library holds without use; where the system does not take it, it merely stays."""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Callable
from pathlib import Path

_Advise = Callable[[ctypes.c_void_p, ctypes.c_size_t, int], int]


def _advise() -> _Advise | None:
    """Return the C library's `madvise` where it is Linux's: pages that are not needed come back as they were, or as zeros."""
    if sys.platform != "linux":
        return None
    advise: _Advise = ctypes.CDLL(None).madvise
    return advise


_ADVISE = _advise()


def give_zeros_back(start: int, end: int) -> None:
    """Give back the whole pages between two addresses of memory that holds nothing but zeros, and reads as zeros afterwards."""
    first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
    last = end // mmap.PAGESIZE * mmap.PAGESIZE
    if _ADVISE is not None and last > first:
        _ADVISE(ctypes.c_void_p(first), ctypes.c_size_t(last - first), mmap.MADV_DONTNEED)


def give_file_back(path: Path) -> None:
    """Give back the pages of a file that this process maps and only reads; those that are read again come back by themselves."""
    if _ADVISE is None:
        return
    name = str(path.resolve())
    for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
        addresses, rights, *_, mapped = line.split(maxsplit=5)
        if mapped == name and "w" not in rights:
            first, last = (int(address, 16) for address in addresses.split("-"))
            _ADVISE(ctypes.c_void_p(first), ctypes.c_size_t(last - first), mmap.MADV_DONTNEED)
