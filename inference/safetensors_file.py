"""Reads weights in the safetensors format."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

_KINDS = {"F32": "<f4", "F16": "<f2", "I8": "i1"}


def read_safetensors(
    content: bytes, only: Collection[str] | None = None
) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    """Return the tensors of floats and bytes in a safetensors file by name, as floats, and its metadata.

    `only` names those that are wanted, where the others would take memory for nothing.

    The format: eight bytes with the length of a JSON header, the header with types, shapes and offsets, the data.
    """
    header_length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + header_length])
    data = memoryview(content)[8 + header_length :]
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] in _KINDS and (only is None or name in only):
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[begin:end], dtype=_KINDS[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = values.astype(np.float32)
    return tensors, metadata


def changes(stored: Mapping[str, NDArray[np.float32]]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield what a file of trained weights adds to pretrained ones, by the name of the weight.

    It is stored as two thin matrices whose product it is (`NAME.up`, `NAME.down`, for `NAME.weight`), or as whole numbers
    and a scale for each row (`NAME.change`, `NAME.scale`).
    """
    for key in stored:
        name, _, part = key.rpartition(".")
        if part == "up":
            yield f"{name}.weight", stored[key] @ stored[f"{name}.down"]
        elif part == "change":
            yield f"{name}.weight", stored[key] * stored[f"{name}.scale"]
