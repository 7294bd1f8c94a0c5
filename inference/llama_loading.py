"""Opens GGUF files with llama.cpp quietly, and turns its failures into errors that say what to do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llama_cpp

from inference.ports import ModelError

_GGUF_MAGIC = b"GGUF"
# llama-cpp-python redirects the process's standard streams while it loads: two loads would mix them up.
_loading = threading.Lock()
# llama.cpp's own words go through this logger of llama-cpp-python.
_llama_log = logging.getLogger("llama-cpp-python")


def open_gguf(path: Path, *, what: str, remedy: str, **options: Any) -> llama_cpp.Llama:
    """Load the GGUF file of a model that writes.

    Args:
        path: the file.
        what: the file's role, to begin the error message with ("The language model").
        remedy: the sentence that tells a person what to do when the file cannot be used.
        **options: passed to `llama_cpp.Llama`.

    Raises:
        ModelError: the file is missing, is no GGUF file, or llama.cpp refuses it.
    """
    with loading_gguf(path, what, remedy):
        try:
            return llama_cpp.Llama(model_path=str(path), verbose=False, **options)
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{what} {path} cannot be loaded ({error}).", remedy) from error


@contextmanager
def loading_gguf(path: Path, what: str, remedy: str) -> Iterator[None]:
    """Be the only one who loads a file, quietly, after a look whether it is a GGUF file at all.

    Raises:
        ModelError: the file is missing or is no GGUF file.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except OSError as error:
        raise ModelError(f"{what} {path} cannot be read ({error.strerror}).", remedy) from error
    if magic != _GGUF_MAGIC:
        raise ModelError(f"{what} {path} is not a GGUF file.", remedy)
    with _loading:
        _llama_log.setLevel(logging.CRITICAL + 1)
        llama_cpp.llama_backend_init()
        try:
            yield
        finally:
            _llama_log.setLevel(logging.ERROR)
