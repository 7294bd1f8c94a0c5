"""Opens Chroma as this project uses it: no telemetry, no embedder of its own, and imported only when it is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from inference.ports import ModelError

# Chroma's default parameters find only half of the neighbours in large collections.
HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}


def open_chroma(directory: Path | None, what: str, origin: str) -> Any:
    """Open a Chroma client; the import alone takes seconds.

    Args:
        directory: where to keep what it holds, made when missing; None forgets it when the client is closed. Such
            clients of one process share one store, so their collections need names of their own.
        what: what people call that which is kept there, for the error: "The API index".
        origin: what it is built anew from: "the descriptions".

    Raises:
        ModelError: the directory cannot be used.
    """
    with _without_grpc():
        import chromadb  # noqa: PLC0415 takes seconds
        from chromadb.config import Settings  # noqa: PLC0415

    settings = Settings(anonymized_telemetry=False)
    if directory is None:
        return chromadb.EphemeralClient(settings)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(directory, settings)
    # Chroma reports an unusable directory with whatever its database raised.
    except Exception as error:
        raise ModelError(
            f"{what} in {directory} cannot be opened ({error}).",
            f"Make the directory writable, or delete it: it is built anew from {origin}.",
        ) from error


def find_collection(client: Any, name: str) -> Any:
    """Return a collection of a client that `open_chroma` gave, None when there is none of this name."""
    from chromadb.errors import NotFoundError  # noqa: PLC0415 takes seconds

    try:
        return client.get_collection(name, embedding_function=None)
    except NotFoundError:
        return None


_TRACE_EXPORTER = "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"


@contextmanager
def _without_grpc() -> Iterator[None]:
    """Let Chroma be imported without gRPC: 12 MB of every agent, for traces of Chroma's own that nobody has it send."""
    if "chromadb" in sys.modules or _TRACE_EXPORTER in sys.modules:
        yield
        return
    absent = ModuleType(_TRACE_EXPORTER)
    absent.OTLPSpanExporter = None  # type: ignore[attr-defined]
    sys.modules[_TRACE_EXPORTER] = absent
    try:
        yield
    finally:
        del sys.modules[_TRACE_EXPORTER]


def storable(text: str) -> str:
    """Replace lone surrogates, which JSON can carry but no UTF-8 can."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
