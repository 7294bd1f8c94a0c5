"""Hostile programs: escapes, which want something they were not given, and bombs, which want too much of it."""
