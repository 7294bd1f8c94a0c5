"""The ledger's schema, step by step: run by Alembic when a database is opened."""
