"""Draws the state machine of a subtask's run: where it has been, and where it is now, lit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from dashboard.html import escaped

Box = tuple[float, float, str]
"""Where a state is drawn (its middle), and what it is called there."""

STATES: dict[str, Box] = {
    "start": (70, 130, "start"),
    "verifying": (225, 130, "verifying"),
    "awaiting_approval": (225, 35, "awaiting approval"),
    "preprocessing_in_progress": (380, 130, "preprocessing"),
    "paused": (455, 35, "paused"),
    "function_call_result_pending": (540, 130, "call pending"),
    "retrying": (615, 35, "retrying"),
    "compensating": (615, 225, "compensating"),
    "postprocessing_in_progress": (715, 130, "postprocessing"),
    "end": (895, 35, "end"),
    "failed": (895, 98, "failed"),
    "cancelled": (895, 162, "cancelled"),
    "unknown_outcome": (895, 225, "unknown outcome"),
}
MOVES: tuple[tuple[str, str], ...] = (
    ("start", "verifying"),
    ("verifying", "awaiting_approval"),
    ("awaiting_approval", "verifying"),
    ("verifying", "preprocessing_in_progress"),
    ("preprocessing_in_progress", "paused"),
    ("paused", "preprocessing_in_progress"),
    ("preprocessing_in_progress", "function_call_result_pending"),
    ("function_call_result_pending", "paused"),
    ("function_call_result_pending", "retrying"),
    ("retrying", "function_call_result_pending"),
    ("function_call_result_pending", "compensating"),
    ("compensating", "postprocessing_in_progress"),
    ("function_call_result_pending", "postprocessing_in_progress"),
    ("postprocessing_in_progress", "end"),
    ("postprocessing_in_progress", "failed"),
    ("postprocessing_in_progress", "cancelled"),
    ("postprocessing_in_progress", "unknown_outcome"),
)
"""Those that are always drawn. From every state a cancellation or a stop leads to postprocessing, too."""
_WIDTH, _HEIGHT = 965, 260
_HALF_WIDTH, _HALF_HEIGHT = 62.0, 17.0
_SHIFT = 5.0
_BEND = 48.0
_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="9" '
    'markerHeight="9" orient="auto"><path d="M0 0L8 4L0 8z"></path></marker></defs>'
)


def machine(states: Sequence[str], *, is_over: bool) -> str:
    """Return the state machine as HTML: an SVG drawing, and the way of the run in words.

    Args:
        states: those that the run has come to, oldest first; names that are not drawn are only told in words.
        is_over: whether the last one is its end.
    """
    now = states[-1] if states else ""
    taken = {move for move in itertools.pairwise(states) if move[0] != move[1]}
    drawn = [*MOVES, *sorted(move for move in taken if move not in MOVES and set(move) <= STATES.keys())]
    lines = "".join(_arrow(before, after, is_taken=(before, after) in taken) for before, after in drawn)
    boxes = "".join(_box(name, "lit" if name == now else "seen" if name in states else "") for name in STATES)
    told = f"{'Ended in' if is_over else 'Now in'}: {_said(now)}" if now else "It has not begun."
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="States of the run">'
        f'<svg class="machine" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-label="State machine. {escaped(told)}">'
        f'{_TIP}{lines}{boxes}</svg></div><p><b class="now">{escaped(told)}</b></p>'
        f'<p class="quiet small way">{escaped(_way(states))}</p>'
    )


def _way(states: Iterable[str]) -> str:
    """Tell the way in words; what follows itself is counted."""
    parts = []
    for state, again in itertools.groupby(states):
        count = len(list(again))
        parts.append(_said(state) + (f" ({count} times)" if count > 1 else ""))
    return " → ".join(parts)


def _said(state: str) -> str:
    return state.replace("_", " ")


def _box(name: str, kind: str) -> str:
    x, y, label = STATES[name]
    return (
        f'<g class="state {kind}" data-key="{name}"><rect x="{x - _HALF_WIDTH}" y="{y - _HALF_HEIGHT}" width="{2 * _HALF_WIDTH}" '
        f'height="{2 * _HALF_HEIGHT}" rx="9"></rect><text x="{x}" y="{y + 4.5}" text-anchor="middle">{escaped(label)}</text></g>'
    )


def _arrow(before: str, after: str, *, is_taken: bool) -> str:
    (x1, y1, _), (x2, y2, _) = STATES[before], STATES[after]
    kind = "move taken" if is_taken else "move"
    if (before, after) not in MOVES:
        # Past the boxes between them.
        middle = (x1 + x2) / 2, max(y1, y2) + 2 * _BEND
        start, end = (x1, y1 + _HALF_HEIGHT), (x2, y2 + _HALF_HEIGHT)
        way = f"M{start[0]:.1f} {start[1]:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
        return f'<path class="{kind}" data-key="{before}-{after}" d="{way}" marker-end="url(#tip)"></path>'
    # Two ways between the same boxes lie beside each other.
    length = math.hypot(x2 - x1, y2 - y1)
    aside = _SHIFT if (after, before) in MOVES else 0.0
    dx, dy = -(y2 - y1) / length * aside, (x2 - x1) / length * aside
    start = _edge(x1, y1, x2, y2)
    end = _edge(x2, y2, x1, y1)
    way = f"M{start[0] + dx:.1f} {start[1] + dy:.1f}L{end[0] + dx:.1f} {end[1] + dy:.1f}"
    return f'<path class="{kind}" data-key="{before}-{after}" d="{way}" marker-end="url(#tip)"></path>'


def _edge(x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
    """Return where the line from a box's middle leaves the box."""
    dx, dy = to_x - x, to_y - y
    share = min(
        _HALF_WIDTH / abs(dx) if dx else math.inf,
        _HALF_HEIGHT / abs(dy) if dy else math.inf,
    )
    return x + dx * share, y + dy * share
