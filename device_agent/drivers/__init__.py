"""Drivers: the port, and the ways to reach a machine behind it."""
