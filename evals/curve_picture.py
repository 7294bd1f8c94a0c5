"""Draws risk over coverage as SVG, so that no drawing library is needed at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _EDGE = 640, 400, 64, 52, 20
_COLOURS = ("#0b6e99", "#c2541b", "#4a7c34", "#7a4a99", "#8a6d1a", "#555555")
_TICKS = 5
_LINE_HEIGHT = 20
_STEPS_OF_SCALE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def draw_curves(lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Return an SVG document with one line for each name.

    Args:
        lines: (coverage, risk) by name, both from 0 to 1, coverage rising.
    """
    highest = max((risk for line in lines.values() for _, risk in line), default=1.0)
    top = next(step for step in _STEPS_OF_SCALE if highest <= step)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for tick in range(_TICKS + 1):
        share = tick / _TICKS
        x, y = _x(share), _y(share * top, top)
        parts += [
            f'<path d="M{_x(0):.1f} {y:.1f}H{_x(1):.1f}M{x:.1f} {_y(0, top):.1f}V{_y(top, top):.1f}" stroke="#dddddd"/>',
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share * top:.1%}</text>',
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{share:.0%}</text>',
        ]
    parts += [
        f'<text x="{_x(0.5):.1f}" y="{_HEIGHT - 10}" text-anchor="middle">coverage: sentences acted on</text>',
        f'<text transform="translate(14 {_HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">risk: wrong among them</text>',
    ]
    for number, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        y = _EDGE + _LINE_HEIGHT * (number + 1)
        parts.append(
            f'<text x="{_LEFT + 12}" y="{y}" fill="{colour}" font-weight="bold">{escape(name)}</text>'
        )
        if line:
            parts.append(f'<path d="{_path(line, top)}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return "\n".join([*parts, "</svg>", ""])


def _path(line: Sequence[tuple[float, float]], top: float) -> str:
    first, *others = line
    start = f"M{_x(first[0]):.1f} {_y(first[1], top):.1f}"
    return start + "".join(f"L{_x(coverage):.1f} {_y(risk, top):.1f}" for coverage, risk in others)


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _EDGE)


def _y(risk: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - risk / top * (_HEIGHT - _BOTTOM - _EDGE)
