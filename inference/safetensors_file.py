"""Reads weights in the safetensors format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

_FLOATS = {"F32": "<f4", "F16": "<f2"}


def read_safetensors(content: bytes) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    """Return the floating-point tensors in a safetensors file by name, and its metadata.

    The format: eight bytes with the length of a JSON header, the header with types, shapes and offsets, the data.
    """
    header_length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + header_length])
    data = memoryview(content)[8 + header_length :]
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] in _FLOATS:
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[begin:end], dtype=_FLOATS[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = values.astype(np.float32)
    return tensors, metadata


def products(adapters: Mapping[str, NDArray[np.float32]]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield what pairs of thin matrices (`NAME.down`, `NAME.up`) add to weights, by the name of the weight."""
    for name in [name.removesuffix(".up") for name in adapters if name.endswith(".up")]:
        yield f"{name}.weight", adapters[f"{name}.up"] @ adapters[f"{name}.down"]
