"""Make the ledger's tables, and take over what a SQLite file of the layout before Alembic holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None

_LAYOUT_BEFORE_ALEMBIC = 1
_LAYOUT = 2
# What stood in the file then, and stands in the table of the same name now. The site was not in the file.
_COLUMNS = {
    "settings": "name, value",
    "events": "seq, at, goal_id, kind, data",
    "tokens": "hash, device_id, expires_at, used_by",
    "enrolled": "device_id, token_hash, profile, at",
}


def upgrade() -> None:
    """Make the tables, and fill them from the old ones where there are some."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    has_old = is_sqlite and _layout(connection) == _LAYOUT_BEFORE_ALEMBIC
    if has_old:
        op.drop_index("events_by_goal", "events")
        op.drop_index("events_by_kind", "events")
        for table in _COLUMNS:
            op.rename_table(table, f"old_{table}")
    _make()
    if has_old:
        site = context.config.attributes["site"]
        for table, columns in _COLUMNS.items():
            copy = f"INSERT INTO {table} (site, {columns}) SELECT :site, {columns} FROM old_{table}"  # noqa: S608
            connection.execute(sa.text(copy), {"site": site})
            op.drop_table(f"old_{table}")
    if is_sqlite:
        # Versions of Parley from before Alembic look at this number and refuse the file.
        connection.exec_driver_sql(f"PRAGMA user_version={_LAYOUT}")


def _layout(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _make() -> None:
    op.create_table(
        "settings",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("goal_id", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("events_by_goal", "events", ["site", "goal_id", "seq"])
    op.create_index("events_by_kind", "events", ["site", "kind", "seq"])
    op.create_table(
        "tokens",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("device_id", sa.Text),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("used_by", sa.Text),
    )
    op.create_table(
        "enrolled",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("device_id", sa.Text, primary_key=True),
        sa.Column("token_hash", sa.Text),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
