"""Both databases that a ledger can be in: what its tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordinator.ledger.database import DATABASE_NAME, LedgerAddress

BOTH = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


def address_of(kind: str, request: pytest.FixtureRequest, folder: Path, site: str) -> LedgerAddress:
    """Return where a test's own site is. PostgreSQL is started by the first test that needs it."""
    if kind == "sqlite":
        return LedgerAddress.of_file(folder / DATABASE_NAME, site)
    return LedgerAddress.parse(request.getfixturevalue("postgresql"), site)
