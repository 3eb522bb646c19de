"""Gathers rows of letters that stand below each other as the lines of a machine readable zone do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy

from bot.documents.mrz_grid import FEWEST
from bot.documents.mrz_letters import Grey
from bot.documents.mrz_line import TextLine
from bot.documents.mrz_lines import SEARCHED_SIDES, find_lines
from bot.documents.mrz_rows import Row, beside, follow

FEWEST_LETTERS = 20
"""Letters of a line from which others are looked for above and below it."""

# From line to line it is 6.35 millimetres, from letter to letter 2.54, and a capital is 2.57 high (ICAO 9303-3, 4.2).
_APART, _IN_LETTERS = 2.47, 2.5


def find_zones(grey: Grey, is_late: Callable[[], bool]) -> Iterator[tuple[Row, ...]]:
    """Groups of two to five rows of letters that stand evenly below each other, each from the first to the last.

    `is_late` is asked before each further line, and ends the search.
    """
    known: list[Row] = []
    for line in _lines(grey):
        if is_late():
            return
        if any(_lies_on(line, row) for row in known):
            continue
        row = follow(grey, line)
        if row is None or row.count < FEWEST_LETTERS or row.seen < 0.6:
            continue
        rows = _neighbours(grey, row)
        known.extend(rows)
        if len(rows) > 1:
            yield rows


def _lines(grey: Grey) -> Iterator[TextLine]:
    """Lines of print, the likeliest first; small print is looked for when all others are done with."""
    searched = 0
    for side in SEARCHED_SIDES:
        if searched < max(grey.shape):
            yield from find_lines(grey, side)
        searched = side


def _lies_on(line: TextLine, row: Row) -> bool:
    along, aside = row.line.beside(*line.point(numpy.array([line.length / 2])))
    return bool(0 < along[0] < row.line.length and abs(aside[0]) < 0.7 * row.line.capital)


def _neighbours(grey: Grey, row: Row) -> tuple[Row, ...]:
    """The row with those that stand above and below it, in order."""
    rows = [row]
    for way in (-1.0, 1.0):
        at = row
        for _ in range(2):
            found = _next(grey, at, way)
            if found is None:
                break
            rows.insert(0 if way < 0 else len(rows), found)
            at = found
    return tuple(rows)


def _next(grey: Grey, row: Row, way: float) -> Row | None:
    """The row above or below; its distance follows from the height of the letters, or else from their spacing."""
    for apart in (_APART * row.line.capital, _IN_LETTERS * row.pitch):
        found = follow(grey, beside(row, way * apart))
        if found is not None and _belongs(row, found, way):
            return found
    return None


def _belongs(row: Row, other: Row, way: float) -> bool:
    """Whether another row runs beside this one at the distance of machine readable lines, in letters as wide."""
    parallel = row.line.along[0] * other.line.along[0] + row.line.along[1] * other.line.along[1]
    _, aside = row.line.beside(*other.line.point(numpy.array([other.line.length / 2])))
    apart = way * float(aside[0]) / row.pitch
    as_wide = 0.85 < other.pitch / row.pitch < 1.18
    return parallel > 0.98 and as_wide and 1.8 < apart < 3.4 and other.count >= FEWEST and other.seen > 0.5
