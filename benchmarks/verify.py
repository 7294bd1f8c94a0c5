"""What checking a program costs before it runs: the verifier beside the type check and beside one call of a driver.

    python -m benchmarks.verify [--rounds 300] [--json]

The device is the bundled ceiling lamp with a simulated machine that answers at once. The programs are those that the
language model writes (one call a line) and one with all that the verifier follows. The three are timed in turn in every
round, so that whatever else this machine does weighs on all alike; only the ratios say something of another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import firmware_api_specs
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.modes import automaton_of
from device_agent.signatures import signatures
from device_agent.stubs import stubs
from firmware_api_specs.loader import load
from fsm.verifier import verify
from sandbox.session import DEFAULT_LIMITS, type_check
from transport.clock import SystemClock

SPEC = Path(firmware_api_specs.__file__).parent / "examples" / "ceiling_lamp.td.json"
PROGRAMS = {
    "one call": "setze_helligkeit(stufe=5)\n",
    "six calls": """\
setze_helligkeit(stufe=5)
drehe_kopf(rasten=2)
pruefe_anwesenheit()
drehe_kopf(rasten=-2)
setze_helligkeit(stufe=1)
schalte_aus()
""",
    "everything": """\
def look(places):
    for place in places:
        if place > 4:
            return False
        drehe_kopf(rasten=place)
        if pruefe_anwesenheit() == "BELEGT":
            return True
    return False

setze_helligkeit(stufe=3)
try:
    seen = look([1, 2, 3]) or look([-1, -2])
except RuntimeError:
    seen = False
finally:
    drehe_kopf(rasten=0)
warm = [temperatur_kopf() for _ in range(3)]
while seen and max(warm) < 60:
    setze_helligkeit(stufe=9, verlauf="sanft")
    warm.append(temperatur_kopf())
    if pruefe_anwesenheit() == "LEER":
        break
else:
    schalte_aus()
""",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Median times for one program."""

    program: str
    lines: int
    verify_seconds: float
    type_check_seconds: float
    driver_call_seconds: float


def measure(rounds: int) -> list[Cost]:
    """Time every program `rounds` times."""
    description = load(SPEC)
    automaton = automaton_of(description)
    danger = {each.name: each.action.danger for each in description.affordances()}
    typing = stubs(signatures(description))
    driver = SimulatedDriver(description, SystemClock())
    costs: list[Cost] = []
    with (
        asyncio.Runner() as runner,
        Progress(transient=True, console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("programs", total=len(PROGRAMS) * rounds)
        for name, source in PROGRAMS.items():

            def checked(source: str = source) -> object:
                return verify(
                    source, automaton, automaton.modes, danger=danger, maximum_calls=DEFAULT_LIMITS.calls
                )

            def typed(source: str = source) -> object:
                return type_check(source, typing)

            # The first one starts the worker. A program with mistakes would be something else to measure.
            if typed() or checked():
                raise AssertionError(name)
            times: list[tuple[float, float, float]] = []
            for _ in range(rounds):
                times.append((_timed(checked), _timed(typed), runner.run(_timed_call(driver))))
                progress.advance(task)
            medians = [statistics.median(column) for column in zip(*times, strict=True)]
            costs.append(Cost(name, len(source.splitlines()), *medians))
    return costs


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _timed_call(driver: SimulatedDriver) -> float:
    began = time.perf_counter()
    await driver.call("setze_helligkeit", {"stufe": 5})
    return time.perf_counter() - began


def table_of(costs: list[Cost]) -> Table:
    """Compare the three."""
    table = Table("program", "lines", "verify", "type check", "driver call", "verify / type", "verify / call")
    for column in table.columns[1:]:
        column.justify = "right"
    for cost in costs:
        table.add_row(
            cost.program,
            str(cost.lines),
            f"{1000 * cost.verify_seconds:.2f} ms",
            f"{1000 * cost.type_check_seconds:.1f} ms",
            f"{1000 * cost.driver_call_seconds:.3f} ms",
            f"{cost.verify_seconds / cost.type_check_seconds:.3f}",
            f"{cost.verify_seconds / cost.driver_call_seconds:.0f}",
        )
    return table


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=300, help="how often each program is checked")
    parser.add_argument("--json", action="store_true", help="print the times in one line of JSON at the end")
    arguments = parser.parse_args()
    costs = measure(arguments.rounds)
    Console().print(table_of(costs))
    print("Times are medians; the ratios are those of verify to a type check, and to a call of the driver.")
    if arguments.json:
        print(json.dumps([asdict(cost) for cost in costs]))


if __name__ == "__main__":
    main()
