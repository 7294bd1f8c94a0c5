"""Tests of every room. A package, so that the repository root is importable without an installation."""
