"""Follows one line of letters through a picture: its exact middle, height, both ends and spacing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy
from numpy.typing import NDArray

from bot.documents.mrz_grid import Grid, find_grid, letter_chances
from bot.documents.mrz_letters import CAPITAL, LONGEST_LINE, NOTHING, Grey, Opinions, evened, read_letters
from bot.documents.mrz_line import TextLine, lifted, through

Floats = NDArray[numpy.float64]

_TALL = 56
_SLICE = 40
_EXTENSIONS = 4
_WIDTHS = 32


@dataclass(frozen=True, slots=True)
class Row:
    """A line whose letters stand at known distances: letter `k` at the polynomial `middles` at `k`."""

    line: TextLine
    middles: tuple[float, ...]
    first: int
    last: int
    seen: float

    @property
    def count(self) -> int:
        """Letters from the first to the last that was seen."""
        return self.last - self.first + 1

    @property
    def pitch(self) -> float:
        """Pixels of the picture from letter to letter, in the middle of the line."""
        middle = (self.first + self.last) / 2
        return float(numpy.polyval(self.middles, middle + 0.5) - numpy.polyval(self.middles, middle - 0.5))


def follow(grey: Grey, line: TextLine) -> Row | None:
    """The row that begins as this line, or as this line read from its other end; None where no letters stand."""
    line = _centred(grey, line)
    before = after = max(3.0 * line.capital, 0.12 * line.length)
    row: Row | None = None
    for attempt in range(_EXTENSIONS):
        places = _even_places(line, before, after)
        strip = lifted(grey, line, places)
        if attempt == 0:
            upright, turned = read_letters(strip, strip[::-1, ::-1])
            if _sureness(turned) > _sureness(upright):
                line = line.turned()
                before, after, upright = after, before, turned
                places = _even_places(line, before, after)
        else:
            upright = read_letters(strip)[0]
        grid = find_grid(upright)
        if grid is None:
            return row
        row = _row(line, places, grid)
        begin, end = grid.at(numpy.array([grid.first, grid.last], dtype=numpy.float64))
        short = 2.2 * (grid.at(numpy.array([1.0])) - grid.at(numpy.array([0.0])))[0]
        more_before, more_after = begin < short, end > len(places) - short
        if attempt == _EXTENSIONS - 1 or (attempt > 0 and not more_before and not more_after):
            break
        line = _centred(grey, _cut(row, line))
        room = 0.35 * line.length
        before = room if more_before else 2.5 * row.pitch
        after = room if more_after else 2.5 * row.pitch
    return row


def _even_places(line: TextLine, before: float, after: float) -> Floats:
    """Distances along the line, so many pixels beyond its ends, in columns of its own scale."""
    step = line.capital / CAPITAL
    count = min(LONGEST_LINE, round((before + line.length + after) / step))
    count = max(_WIDTHS, count // _WIDTHS * _WIDTHS)
    return numpy.asarray((numpy.arange(count) + 0.5) * step - before, dtype=numpy.float64)


def _sureness(opinions: Opinions) -> float:
    best = opinions[:, :NOTHING].max(axis=1)
    return float(numpy.exp(best[best > numpy.log(0.8)]).sum())


def _row(line: TextLine, places: Floats, grid: Grid) -> Row:
    """The grid in distances along the line instead of columns."""
    letters = numpy.arange(grid.first, grid.last + 1, dtype=numpy.float64)
    columns = grid.at(letters)
    distances = places[0] + (columns - 0.5) * (places[1] - places[0])
    middles = numpy.polyfit(letters, distances, len(grid.middles) - 1)
    return Row(line, tuple(map(float, middles)), grid.first, grid.last, grid.seen)


def _cut(row: Row, line: TextLine) -> TextLine:
    """The line from its first letter to its last, no longer and no shorter."""
    begin, end = numpy.polyval(row.middles, [row.first - 0.5, row.last + 0.5])
    x, y = line.point(numpy.linspace(begin, end, 40))
    return _same_way(through(x, y, line.capital), line)


def _same_way(line: TextLine, as_: TextLine) -> TextLine:
    along = line.along[0] * as_.along[0] + line.along[1] * as_.along[1]
    return line if along > 0 else line.turned()


def _centred(grey: Grey, line: TextLine) -> TextLine:
    """The line moved onto the middle of its letters, slice by slice, and given their height."""
    places = _even_places(line, 0, 0)
    strip = evened(lifted(grey, line, places, _TALL).astype(numpy.float32))
    changes = numpy.abs(numpy.diff(strip, axis=1))
    slices = max(1, changes.shape[1] // _SLICE)
    rows = numpy.stack([part.mean(axis=1) for part in numpy.array_split(changes, slices, axis=1)])
    box = numpy.ones(CAPITAL + 2) / (CAPITAL + 2)
    inside = numpy.stack([numpy.convolve(row, box, mode="same") for row in rows])
    inside -= 0.02 * inside.max() * numpy.abs(numpy.arange(_TALL) - (_TALL - 1) / 2)[None] / 4
    # All slices first move together, then each a little.
    whole = int(numpy.argmax(inside.mean(axis=0)))
    near = slice(max(0, whole - 5), whole + 6)
    offsets = near.start + numpy.argmax(inside[:, near], axis=1) - (_TALL - 1) / 2
    centres = (numpy.arange(slices) + 0.5) / slices
    degree = 2 if slices >= 8 else 1 if slices >= 3 else 0
    fitted = numpy.polyfit(centres, offsets, degree)
    off = numpy.abs(numpy.polyval(fitted, centres) - offsets)
    good = off <= max(1.5, float(numpy.median(off)) * 2)
    if good.sum() > degree:
        fitted = numpy.polyfit(centres[good], offsets[good], degree)
    distances = numpy.linspace(0, line.length, 40)
    aside = numpy.polyval(fitted, numpy.linspace(0, 1, 40)) * line.capital / CAPITAL
    x, y = line.point(distances)
    x, y = x - line.along[1] * aside, y + line.along[0] * aside
    capital = line.capital * _height(rows[:, :], numpy.polyval(fitted, centres)) / CAPITAL
    return _same_way(through(x, y, capital), line)


def _height(rows: Floats, offsets: Floats) -> float:
    """Rows of the strip that the letters fill, between three quarters and five quarters of what was thought."""
    aligned = numpy.stack([numpy.roll(row, -round(offset)) for row, offset in zip(rows, offsets, strict=True)])
    profile = numpy.median(aligned, axis=0)
    middle = _TALL // 2
    quiet = float(numpy.percentile(profile, 15))
    level = quiet + 0.4 * (float(numpy.percentile(profile[middle - 7 : middle + 7], 70)) - quiet)
    top = middle
    while top > 2 and profile[top - 1] > level:
        top -= 1
    bottom = middle
    while bottom < _TALL - 3 and profile[bottom + 1] > level:
        bottom += 1
    return float(numpy.clip(bottom - top + 1, 0.75 * CAPITAL, 1.25 * CAPITAL))


def chances_of(
    grey: Grey, row: Row, first: int, count: int, capital: float = 1.0, aside: float = 0.0
) -> tuple[Opinions, Floats]:
    """The chances of `count` letters from letter `first`, read once more with every letter as wide as the next.

    `capital` and `aside` look at the line a little larger or smaller, and a little higher or lower.
    """
    margin = 2
    columns = (count + 2 * margin) * CAPITAL
    letters = first - margin - 0.5 + (numpy.arange(columns) + 0.5) / CAPITAL
    line = replace(
        row.line,
        capital=row.line.capital * capital,
        away=(*row.line.away[:-1], row.line.away[-1] + aside * row.line.capital),
    )
    opinions = read_letters(lifted(grey, line, numpy.polyval(row.middles, letters)))[0]
    even = Grid((float(CAPITAL), (margin + 0.5) * CAPITAL), 0, count - 1, 1.0)
    return letter_chances(opinions, even, 0, count)


def beside(row: Row, aside: float) -> TextLine:
    """Where a line would stand that runs so many pixels below this one (above, where negative)."""
    begin, end = numpy.polyval(row.middles, [row.first - 0.5, row.last + 0.5])
    x, y = row.line.point(numpy.linspace(begin, end, 40))
    moved = through(x - row.line.along[1] * aside, y + row.line.along[0] * aside, row.line.capital)
    return _same_way(moved, row.line)
