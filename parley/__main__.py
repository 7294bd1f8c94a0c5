"""`python -m parley` is the same as `parley`."""

from parley.cli import app

app(prog_name="parley")
