"""Shows a run to a person: a live table on a terminal, one line for each event elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from protocol.text import clean_sentence

_STATE_STYLES = {
    "completed": "green",
    "failed": "red",
    "not executable": "red",
    "dead": "bold red",
    "silent": "red",
}
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one robot just now."""

    robot_id: str
    brand: str
    sentence: str = ""
    program: str = ""
    state: str = "waiting"


class Screen:
    """Rows of robots that change while a goal runs. Use it as a context manager around each goal.

    Args:
        console: where to write.
        brands: the robots in order, and whose make each is.
    """

    def __init__(self, console: Console, brands: dict[str, str]) -> None:
        self._console = console
        self._rows = {robot_id: Row(robot_id, brand) for robot_id, brand in brands.items()}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._rows = {robot_id: Row(robot_id, row.brand) for robot_id, row in self._rows.items()}
        if self._console.is_terminal:
            self._live = Live(self._table(), console=self._console, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.update(self._table(), refresh=True)
            self._live.stop()
            self._live = None

    def say(self, text: str | Text) -> None:
        """Print one paragraph above the table."""
        self._console.print(text, soft_wrap=not self._console.is_terminal, highlight=False)

    def plan(self, sentences: list[str]) -> None:
        """Show what the coordinator decided to ask for."""
        self.say(Text.assemble(("Plan   ", "bold"), "; ".join(map(clean_sentence, sentences))))

    def sent(self, robot_id: str, sentence: str) -> None:
        """A sentence went to a robot."""
        self._change(robot_id, "◀", sentence=clean_sentence(sentence), program="", state="asked")

    def wrote(self, robot_id: str, program: str) -> None:
        """A robot's agent wrote a program."""
        self._change(robot_id, "✎", program=_one_line(program), state="running")

    def state(self, robot_id: str, state: str) -> None:
        """A robot's state machine has moved on; only a table has room for that."""
        row = self._rows.get(robot_id)
        if row is not None and self._live is not None:
            self._rows[robot_id] = replace(row, state=state.replace("_", " "))
            self._live.update(self._table())

    def ended(self, robot_id: str, state: str, sentence: str) -> None:
        """A robot reported how it went."""
        text = state.replace("_", " ")
        if self._live is not None:
            text = f"{text}: {clean_sentence(sentence)}"
        self._change(robot_id, "▶", state=text, line=clean_sentence(sentence))

    def died(self, robot_id: str) -> None:
        """A fault was injected: the robot is gone."""
        self._change(robot_id, "✖", state="dead", line="killed: its process is gone")

    def _change(
        self,
        robot_id: str,
        mark: str,
        *,
        line: str | None = None,
        sentence: str | None = None,
        program: str | None = None,
        state: str | None = None,
    ) -> None:
        row = self._rows.get(robot_id)
        if row is None:
            return
        changes = {"sentence": sentence, "program": program, "state": state}
        self._rows[robot_id] = replace(
            row, **{key: value for key, value in changes.items() if value is not None}
        )
        if self._live is not None:
            self._live.update(self._table())
            return
        style = _style(state or "")
        text = Text.assemble((f"{robot_id:<9}", "bold"), (f"{row.brand:<12}", "cyan"), f"{mark} ")
        self.say(text.append(line or program or sentence or "", style=style))

    def _table(self) -> Table:
        table = Table(expand=False, show_lines=False, width=min(self._console.width, _WIDTH + 30))
        table.add_column("robot", no_wrap=True, style="bold")
        table.add_column("brand", no_wrap=True, style="cyan")
        table.add_column("was asked", ratio=3)
        table.add_column("wrote and runs", ratio=3, overflow="fold")
        table.add_column("state", ratio=3)
        for row in self._rows.values():
            state = Text(row.state, style=_style(row.state))
            table.add_row(
                row.robot_id, row.brand, Text(row.sentence), Text(row.program, style="magenta"), state
            )
        return table


def _style(state: str) -> str:
    return _STATE_STYLES.get(state.partition(":")[0], "")


def _one_line(program: str) -> str:
    return "; ".join(line.strip() for line in program.splitlines() if line.strip())
