"""Draws experiment 1 as the paper draws its Fig. 16: success and time over the number of robots, in plain SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.experiment1_rows import Summary, System
from benchmarks.experiment1_table import PAPER, PaperPoint

_WIDTH, _HEIGHT = 380, 260
_LEFT, _TOP, _RIGHT, _BOTTOM = 60, 40, 20, 46
_GAP = 20
_LEGEND = 92
_COLOURS = {
    System.PARLEY: "#0b6e4f",
    System.PARLEY_PROCESSES: "#2a9d8f",
    System.CENTRAL: "#b3430f",
    System.CENTRAL_SITE: "#6b5ca5",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel: points of number of robots and value."""

    points: Sequence[tuple[float, float]]
    colour: str
    is_paper: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes. `ticks` are the values written on the vertical one; on a logarithmic one they are above 0."""

    title: str
    lines: Sequence[Line]
    ticks: Sequence[float]
    is_logarithmic: bool = False

    def height(self, value: float) -> float:
        """Return how high a value stands, 0 (bottom) to 1 (top)."""
        low, high = self.ticks[0], self.ticks[-1]
        if self.is_logarithmic:
            value, low, high = math.log(max(value, low)), math.log(low), math.log(high)
        return min(1.0, max(0.0, (value - low) / (high - low)))


def picture(summaries: Sequence[Summary], factor: float) -> str:
    """Draw success and modelled time (a processor per device, world included) of all sizes up to ten robots."""
    small = [one for one in summaries if one.robots <= max(PAPER)]
    slowest = max((one.slow_in_world for one in small), default=1.0)
    panels = [
        Panel(
            "Right answers, %",
            [
                *_lines(small, lambda one: 100 * (one.right.share or 0.0)),
                *_paper(lambda p: (p.success_distributed, p.success_central)),
            ],
            (0, 20, 40, 60, 80, 100),
        ),
        Panel(
            f"Seconds to the answer, processors x {factor:g} slower",
            [
                *_lines(small, lambda one: one.slow_in_world),
                *_paper(lambda p: (p.seconds_distributed, p.seconds_central)),
            ],
            _powers(slowest),
            is_logarithmic=True,
        ),
    ]
    width, height = 2 * _WIDTH + _GAP, _HEIGHT + _LEGEND
    drawn = "".join(_panel(panel, place * (_WIDTH + _GAP)) for place, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="sans-serif" font-size="12" fill="#222">\n'
        "<title>Experiment 1: right answers and time over the number of robots</title>\n"
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n{drawn}{_legend()}</svg>\n'
    )


def _lines(summaries: Sequence[Summary], value: Callable[[Summary], float]) -> list[Line]:
    return [
        Line([(one.robots, value(one)) for one in summaries if one.system is system], colour)
        for system, colour in _COLOURS.items()
    ]


def _paper(values: Callable[[PaperPoint], tuple[float, float]]) -> list[Line]:
    """Return the paper's two systems: this project's architecture, then the centralised one."""
    colours = (_COLOURS[System.PARLEY], _COLOURS[System.CENTRAL])
    return [
        Line([(robots, values(point)[place]) for robots, point in PAPER.items()], colour, is_paper=True)
        for place, colour in enumerate(colours)
    ]


def _powers(highest: float) -> tuple[float, ...]:
    """Return ticks from 1 to at least `highest`, and to what the paper has measured."""
    most = max(highest, *(point.seconds_central for point in PAPER.values()))
    return tuple(10.0**power for power in range(math.ceil(math.log10(most)) + 1))


def _panel(panel: Panel, left: float) -> str:
    most = max(PAPER)

    def x(robots: float) -> float:
        return left + _LEFT + (robots - 1) / (most - 1) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - panel.height(value) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [f'<text x="{left + _LEFT}" y="22" font-weight="bold">{escape(panel.title)}</text>']
    parts += [
        f'<line x1="{x(1):.1f}" x2="{x(most):.1f}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#ddd"/>'
        f'<text x="{x(1) - 10:.1f}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        for tick in panel.ticks
    ]
    parts += [
        f'<text x="{x(robots):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{robots}</text>'
        for robots in range(1, most + 1)
    ]
    parts.append(f'<text x="{x(5.5):.1f}" y="{_HEIGHT - 10}" text-anchor="middle">robots = shelves</text>')
    parts += [_drawn(line, [(x(robots), y(value)) for robots, value in line.points]) for line in panel.lines]
    return "".join(f"{part}\n" for part in parts)


def _drawn(line: Line, places: Sequence[tuple[float, float]]) -> str:
    style = ' stroke-dasharray="2 5"' if line.is_paper else ""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    fill = "#fff" if line.is_paper else line.colour
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{fill}" stroke="{line.colour}"/>' for x, y in places
    )
    return f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="2"{style}/>{dots}'


def _legend() -> str:
    rows = [
        *((str(system), Line([], colour)) for system, colour in _COLOURS.items()),
        (
            "the paper, LLMind 2.0 (other models and machines)",
            Line([], _COLOURS[System.PARLEY], is_paper=True),
        ),
        ("the paper, LLMind 1.0", Line([], _COLOURS[System.CENTRAL], is_paper=True)),
    ]
    parts = []
    for number, (name, line) in enumerate(rows):
        column, row = divmod(number, 3)
        left, middle = _LEFT + column * (_WIDTH + _GAP), _HEIGHT + 16 + 24 * row
        parts.append(_drawn(line, [(left, middle), (left + 30, middle)]))
        parts.append(f'<text x="{left + 40}" y="{middle + 4}">{escape(name)}</text>')
    return "".join(f"{part}\n" for part in parts)
