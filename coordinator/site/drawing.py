"""Draws the places of a site with letters and numbers, as a plan seen from above: north is up. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.site.model import Point, Site

# A character of a terminal is about twice as high as it is wide.
_WIDTH_TO_HEIGHT = 2.0
_MAXIMUM_LINES = 24


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan.

    Attributes:
        lines: from north to south, all of the same width.
        metres_per_character: its scale, from west to east; downwards a line is twice as many.
        letters: what stands for which kind.
        hidden: labels that another one stands in the way of.
    """

    lines: tuple[str, ...]
    metres_per_character: float
    letters: dict[str, str]
    hidden: tuple[str, ...]


def draw(site: Site, *, width: int = 72) -> Drawing | None:
    """Draw everything whose point is given; None where that is nothing.

    Args:
        site: what to draw.
        width: of the plan, in characters.
    """
    letters = _letters(list(site.kinds))
    points = [
        (f"{letters[kind]}{entity.id}", entity.at)
        for kind, members in site.kinds.items()
        for entity in members
        if entity.at is not None
    ]
    if not points:
        return None
    everything: list[Point] = [point for _, point in points]
    for zone in site.zones.values():
        if zone.area is not None:
            everything += [zone.area[:2], zone.area[2:]]
    west, east = min(x for x, _ in everything), max(x for x, _ in everything)
    south, north = min(y for _, y in everything), max(y for _, y in everything)
    longest = max(len(label) for label, _ in points)
    scale = max(
        (east - west) / max(1, width - longest),
        (north - south) / (_MAXIMUM_LINES - 1) / _WIDTH_TO_HEIGHT,
        1e-6 if east > west or north > south else 1.0,
    )
    columns = round((east - west) / scale) + longest
    rows = [[" "] * columns for _ in range(round((north - south) / scale / _WIDTH_TO_HEIGHT) + 1)]
    hidden = [
        label
        for label, (x, y) in points
        if not _put(rows[round((north - y) / scale / _WIDTH_TO_HEIGHT)], round((x - west) / scale), label)
    ]
    lines = tuple("".join(row).rstrip().ljust(columns) for row in rows)
    return Drawing(lines, scale, {letter: kind for kind, letter in letters.items()}, tuple(hidden))


def _put(row: list[str], column: int, label: str) -> bool:
    """Write a label where nothing stands; returns whether there was room."""
    end = column + len(label)
    if any(character != " " for character in row[max(0, column - 1) : end + 1]):
        return False
    row[column:end] = label
    return True


def _letters(kinds: list[str]) -> dict[str, str]:
    """Return for each kind the shortest beginning that no other kind has."""
    return {
        kind: next(
            (
                kind[:length]
                for length in range(1, len(kind) + 1)
                if sum(other.startswith(kind[:length]) for other in kinds) == 1
            ),
            kind,
        )
        for kind in kinds
    }
