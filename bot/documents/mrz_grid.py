"""Lays the letters that the network saw onto the even spacing of a machine readable line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from bot.documents.mrz_letters import FRAME, NOTHING, Opinions

Floats = NDArray[numpy.float64]

FEWEST = 8
"""Letters from which a spacing is worked out."""

_SEEN = 0.5
_GROWS = 4
_BENT = 14
_OFF = 0.3
_NEAR = 0.34
_DULL = -9.0


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the letters of a line stand: the middle of letter `k` is the polynomial `middles` at `k`, in columns."""

    middles: tuple[float, ...]
    first: int
    last: int
    seen: float
    """How sure the network is on the whole that letters stand there, 0 to 1."""

    @property
    def count(self) -> int:
        """Letters from the first to the last that was seen."""
        return self.last - self.first + 1

    def at(self, letters: Floats) -> Floats:
        """The columns of these letters."""
        return numpy.asarray(numpy.polyval(self.middles, letters), dtype=numpy.float64)


def find_grid(opinions: Opinions) -> Grid | None:
    """The spacing of the letters seen; None where too few stand in a regular row."""
    centres, sure = _peaks(1.0 - numpy.exp(opinions[:, NOTHING].astype(numpy.float64)))
    if len(centres) < FEWEST:
        return None
    pitch = float(numpy.median(numpy.diff(centres)))
    run = _longest_run(centres, pitch)
    centres, sure = centres[run], sure[run]
    if len(centres) < FEWEST:
        return None
    places = numpy.concatenate([[0.0], numpy.cumsum(_steps(centres, pitch))])
    # Where blur joins two letters or tears one, the counting slips: it is begun in several places, and the count
    # that fits most letters holds.
    fits = [_fitted(centres, sure, places, part, pitch) for part in _parts(len(centres))]
    good, places, middles = max(fits, key=lambda fit: int(fit[0].sum()))
    if good.sum() < FEWEST or good.mean() < 0.7:
        return None
    first, last = int(places[good].min()), int(places[good].max())
    return Grid(tuple(map(float, middles)), first, last, float(sure[good].sum() / (last - first + 1)))


def _parts(count: int) -> list[slice]:
    """All letters, and stretches at the beginning, in the middle and at the end."""
    part = max(FEWEST, count // 3)
    begins = (0, (count - part) // 2, count - part)
    return [slice(0, count), *(slice(begin, begin + part) for begin in begins if part < count)]


def _fitted(
    centres: Floats, sure: Floats, places: Floats, part: slice, pitch: float
) -> tuple[NDArray[numpy.bool_], Floats, Floats]:
    """A spacing begun from part of the letters and grown over the rest: which it fits, their places, its polynomial."""
    whole = part.stop - part.start == len(centres)
    middles = numpy.polyfit(places[part], centres[part], 2 if whole and len(centres) >= _BENT else 1)
    good = numpy.zeros(len(centres), dtype=bool)
    reach = numpy.arange(-len(centres), 2 * len(centres) + 8)
    begin, end = part.start, part.stop
    while True:
        grid = numpy.polyval(middles, reach)
        nearest = numpy.abs(grid[None] - centres[:, None]).argmin(axis=1)
        places = reach[nearest].astype(numpy.float64)
        good = numpy.abs(grid[nearest] - centres) < _OFF * pitch
        taken = good.copy()
        taken[:begin] = taken[end:] = False
        if taken.sum() < FEWEST:
            break
        middles = numpy.polyfit(places[taken], centres[taken], 1 if taken.sum() < _BENT else 2, w=sure[taken])
        if begin == 0 and end == len(centres):
            break
        begin, end = max(0, begin - _GROWS), min(len(centres), end + _GROWS)
    return good, places, middles


def _peaks(seen: Floats) -> tuple[Floats, Floats]:
    """The middle of every run of frames in which something was seen, in columns, and how sure that is."""
    over = numpy.concatenate([[False], seen > _SEEN, [False]])
    edges = numpy.flatnonzero(over[1:] != over[:-1])
    centres, sure = [], []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        weight = seen[begin:end]
        centres.append(((numpy.arange(begin, end) + 0.5) * weight).sum() / weight.sum() * FRAME)
        sure.append(weight.max())
    return numpy.array(centres), numpy.array(sure)


def _steps(centres: Floats, pitch: float) -> Floats:
    """Letters from each centre to the next, at least one, following a spacing that changes slowly."""
    steps, local = [], pitch
    for gap in numpy.diff(centres):
        step = max(1, round(gap / local))
        local += 0.15 * (min(max(gap / step, 0.8 * local), 1.25 * local) - local)
        steps.append(step)
    return numpy.array(steps, dtype=numpy.float64)


def _longest_run(centres: Floats, pitch: float) -> slice:
    """The longest stretch without a hole of more than four letters."""
    breaks = numpy.flatnonzero(numpy.diff(centres) > 5.5 * pitch)
    begins, ends = numpy.concatenate([[0], breaks + 1]), numpy.concatenate([breaks + 1, [len(centres)]])
    best = int(numpy.argmax(ends - begins))
    return slice(int(begins[best]), int(ends[best]))


def letter_chances(opinions: Opinions, grid: Grid, first: int, count: int) -> tuple[Opinions, Floats]:
    """For `count` letters from letter `first`: logarithms of the chances of each sign, and how sure a sign is there."""
    letters = first + numpy.arange(count, dtype=numpy.float64)
    middles = grid.at(letters) / FRAME - 0.5
    pitch = numpy.abs(grid.at(letters + 0.5) - grid.at(letters - 0.5)) / FRAME
    frames = numpy.arange(len(opinions))
    weight = numpy.clip(1.0 - numpy.abs(frames[None] - middles[:, None]) / (_NEAR * 1.5 * pitch[:, None]), 0, 1)
    total = weight.sum(axis=1, keepdims=True)
    weight = weight / numpy.maximum(total, 1e-6)
    chances = numpy.maximum(opinions, _DULL)
    mixed = weight @ chances
    mixed[total[:, 0] < 1e-3] = _DULL
    there = weight @ (1.0 - numpy.exp(chances[:, NOTHING]))
    signs = mixed[:, :NOTHING]
    signs = signs - numpy.log(numpy.exp(signs).sum(axis=1, keepdims=True))
    return signs.astype(numpy.float32), there
