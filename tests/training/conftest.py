"""These tests need PyTorch and the runs that `make test-training` makes first; `make test` leaves them out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if "TINY_RUN" in os.environ else ["test_*.py"]


@pytest.fixture(scope="session")
def tiny_run() -> Path:
    """Folder of the finished tiny run."""
    return Path(os.environ["TINY_RUN"])


@pytest.fixture(scope="session")
def tiny_encoder() -> Path:
    """Folder of the encoder's tuning."""
    return Path(os.environ["TINY_ENCODER"])


@pytest.fixture(scope="session")
def tiny_reader() -> Path:
    """Folder of the reader's tuning."""
    return Path(os.environ["TINY_READER"])


@pytest.fixture(scope="session")
def encoder_wheel() -> Path:
    """The package that carries the encoder."""
    return Path(os.environ["ENCODER_WHEEL"])
