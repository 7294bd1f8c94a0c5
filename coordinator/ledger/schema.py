"""The ledger's tables. Several sites may share one database: `site` stands in every key."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, MetaData, Table, Text

HEAD = "0001"
"""The newest of the migrations in `migrations/versions`: what this version of Parley reads and writes."""

metadata = MetaData()

settings = Table(
    "settings",
    metadata,
    Column("site", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("site", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("goal_id", Text),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index("events_by_goal", "site", "goal_id", "seq"),
    Index("events_by_kind", "site", "kind", "seq"),
)
tokens = Table(
    "tokens",
    metadata,
    Column("site", Text, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("device_id", Text),
    Column("expires_at", Double, nullable=False),
    Column("used_by", Text),
)
enrolled = Table(
    "enrolled",
    metadata,
    Column("site", Text, primary_key=True),
    Column("device_id", Text, primary_key=True),
    Column("token_hash", Text),
    Column("profile", Text, nullable=False),
    Column("at", Double, nullable=False),
)
