"""Fixtures every room's tests share. A missing broker fails loudly; nothing is skipped."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from benchmarks.postgresql import ManagedPostgresql
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from transport.broker import ManagedBroker
from transport.clock import FakeClock

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

_site_numbers = itertools.count(1)
_unit_tests = Path(__file__).parent / "unit"


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """URL of a real mosquitto that lives as long as the test run."""
    managed = ManagedBroker()
    with asyncio.Runner() as runner:
        runner.run(managed.__aenter__())
        try:
            yield managed.url
        finally:
            runner.run(managed.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a real PostgreSQL that lives as long as the test run; each test has its own `site` in it."""
    managed = ManagedPostgresql(is_synced=False)
    with asyncio.Runner() as runner:
        runner.run(managed.__aenter__())
        try:
            yield managed.url
        finally:
            runner.run(managed.__aexit__(None, None, None))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_address(request: pytest.FixtureRequest, tmp_path: Path, site: str) -> LedgerAddress:
    """A site of the test's own on either database: a test that takes this runs twice."""
    if request.param == "sqlite":
        return LedgerAddress.of_file(tmp_path / DATABASE_NAME, site)
    return LedgerAddress.parse(request.getfixturevalue("postgresql"), site)


@pytest.fixture
def site() -> str:
    """A site name no other test uses, so that tests can share the broker."""
    return f"site-{os.getpid()}-{next(_site_numbers)}"


@pytest.fixture
def clock() -> FakeClock:
    """Time that the test moves by hand."""
    return FakeClock()


@pytest.fixture(autouse=True)
def _no_real_model_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    # A unit test that would load llama.cpp fails at the import instead; mark it `model` if it really must.
    if request.path.is_relative_to(_unit_tests) and request.node.get_closest_marker("model") is None:
        monkeypatch.setitem(sys.modules, "llama_cpp", None)
