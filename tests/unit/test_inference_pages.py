from __future__ import annotations

import ctypes
import mmap
import sys
from pathlib import Path

import numpy as np
import pytest

from inference import pages
from inference.pages import give_file_back, give_zeros_back

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is given back")
PAGE = mmap.PAGESIZE


def resident_bytes(address: int) -> int:
    """What is resident of the mapping that an address lies in."""
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split()[0]:
            first, last = (int(part, 16) for part in line.split()[0].split("-"))
            inside = first <= address < last
        elif inside and line.startswith("Rss:"):
            return 1024 * int(line.split()[1])
    raise AssertionError(f"no mapping holds {address:x}")


@linux
def test_pages_of_zeros_go_and_their_neighbours_stay() -> None:
    memory = mmap.mmap(-1, 64 * PAGE)
    numbers = np.frombuffer(memory, dtype=np.uint8)
    numbers[:] = 7
    start = numbers.ctypes.data
    numbers[10 : 60 * PAGE + 10] = 0
    give_zeros_back(start + 10, start + 60 * PAGE + 10)
    assert resident_bytes(start) <= 10 * PAGE
    assert (numbers[:10] == 7).all()
    assert not numbers[10 : 60 * PAGE + 10].any()
    assert (numbers[60 * PAGE + 10 :] == 7).all()


def test_less_than_a_page_stays() -> None:
    buffer = ctypes.create_string_buffer(b"x" * 100, 100)
    give_zeros_back(ctypes.addressof(buffer), ctypes.addressof(buffer) + 100)
    assert buffer.raw == b"x" * 100


@linux
def test_pages_of_a_file_go_and_come_back_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a file with spaces.gguf"
    content = np.random.default_rng(0).bytes(512 * PAGE)
    path.write_bytes(content)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as memory:
        view = np.frombuffer(memory, dtype=np.uint8)
        address = view.ctypes.data
        assert int(view[::PAGE].sum()) >= 0
        assert resident_bytes(address) == len(content)
        give_file_back(path)
        assert resident_bytes(address) == 0
        assert view.tobytes() == content
        del view


@linux
def test_what_was_written_into_a_private_copy_of_a_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * PAGE)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as memory:
        memory[:3] = b"new"
        give_file_back(path)
        assert memory[:4] == b"newa"


def test_where_nothing_can_be_given_back_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_ADVISE", None)
    memory = np.zeros(4 * PAGE, dtype=np.uint8)
    give_zeros_back(memory.ctypes.data, memory.ctypes.data + memory.nbytes)
    give_file_back(tmp_path / "absent")
    assert not memory.any()
