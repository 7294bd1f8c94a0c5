"""Draw the subtask machine from its table: `python -m fsm.diagram` writes the page, `--check` fails on drift."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fsm.subtask import FINAL_STATES, TABLE, Row, SubtaskState

PAGE = Path(__file__).parent.parent / "docs" / "subtask-state-machine.md"


def _arrow(row: Row) -> str:
    guard = f" [{row.guard.__name__.replace('_', ' ')}]" if row.guard else ""
    return f"    {row.source} --> {row.target}: {row.trigger}{guard}"


def mermaid() -> str:
    """Return the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {SubtaskState.START}"]
    lines += [_arrow(row) for row in TABLE]
    lines += [f"    {state} --> [*]" for state in SubtaskState if state in FINAL_STATES]
    return "\n".join(lines)


def page() -> str:
    """Return the whole documentation page."""
    rows = "\n".join(
        f"| {row.source} | {row.trigger} | {row.guard.__doc__.rstrip('.') if row.guard and row.guard.__doc__ else ''} "
        f"| {row.target} | {'; '.join(row.effects)} |"
        for row in TABLE
    )
    return (
        "# The states of a subtask\n\n"
        "Written by `python -m fsm.diagram` from the table in `fsm/subtask.py`; a test fails when the two differ.\n"
        "An event without a row is an error and changes nothing.\n\n"
        f"```mermaid\n{mermaid()}\n```\n\n"
        "| in state | on | if | goes to | and does |\n|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or with `--check` return 1 when the page on disk differs."""
    parser = argparse.ArgumentParser(prog="python -m fsm.diagram", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page differs")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page is")
    options = parser.parse_args(arguments)
    if not options.check:
        options.page.write_text(page(), encoding="utf-8")
        return 0
    if options.page.is_file() and options.page.read_text(encoding="utf-8") == page():
        return 0
    sys.stderr.write(f"{options.page} differs from the table. Run: python -m fsm.diagram\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
