"""Reads the machine readable zone in a photo of a passport, card or visa.

Lines of print are found, followed letter by letter and gathered into a zone. While its check digits do not agree, the
lines are looked at again in slightly different ways, until they do or the work allowed is used up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy
from PIL import Image

from bot.documents.mrz import Mrz
from bot.documents.mrz_deciding import LEAD, Decided, decide
from bot.documents.mrz_layout import LAYOUTS, Layout, layouts_of
from bot.documents.mrz_letters import CHARACTERS, Grey, Opinions
from bot.documents.mrz_rows import Row, chances_of
from bot.documents.mrz_zones import find_zones

SECONDS = 2.5
"""Time for starting another look; a look takes a few hundredths of a second."""

LARGEST_SIDE = 4600
"""Pixels of the longest side; larger pictures are made smaller first."""

FEWEST_CHECKS = 2
"""Check digits that must be right before anything is said to have been read."""

CLEAR_ENOUGH = 0.8
"""How clearly the signs must be seen on the whole; below this, check digits come out right by chance now and then."""

MOST_ZONES = 4
"""Lines around which a zone is looked for."""

MOST_WAYS = 3
"""Ways to lay the lines of a zone over the rows that were found."""

# So unlikely may its first letter be (natural logarithm), that a visa is still thought of: a finger may hide it.
_FAR = 7.0
# The first 28 columns of lines of 36 and of 44 letters are the same.
_LIKE_A_LONGER_ONE = 36
_LOOKS = ((1.0, 0.0), (0.93, 0.0), (1.08, 0.0), (1.0, 0.06), (1.0, -0.06), (0.96, 0.03), (1.04, -0.03))

Clock = Callable[[], float]
Trouble = Literal["no_zone", "unreadable"]


@dataclass(frozen=True, slots=True)
class MrzReading:
    """What one picture brought: the zone, or the trouble.

    "no_zone" when nothing looks like machine readable lines, "unreadable" when something does and is blurred, covered
    or cut off. `corners` are those of the zone in the picture, clockwise from the beginning of its first line.
    """

    mrz: Mrz | None
    trouble: Trouble | None = None
    corners: tuple[tuple[float, float], ...] = ()
    looks: int = 0
    clear: float = 0.0
    """How clearly the signs were seen on the whole, 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of laying the lines of a zone over rows: with which letter each begins, and how long all are."""

    rows: tuple[Row, ...]
    starts: list[int]
    width: int


def read_mrz(picture: Image.Image, clock: Clock = time.monotonic, seconds: float = SECONDS) -> MrzReading:
    """Read the zone of a picture; `seconds` bounds the work, and `clock` is asked for nothing else."""
    began = clock()
    grey, scale = _luminance(picture)
    best: Decided | None = None
    where: tuple[Row, ...] = ()
    looks, seen = 0, False
    for rows in islice(find_zones(grey, lambda: clock() - began > seconds), MOST_ZONES):
        seen = True
        for decided in _looked_at(grey, rows):
            looks += 1
            if best is None or _worth(decided) > _worth(best):
                best, where = decided, rows
            if _is_settled(best) or clock() - began > seconds:
                break
        if best is not None and (_is_settled(best) or clock() - began > seconds):
            break
    if best is None:
        return MrzReading(None, "unreadable" if seen else "no_zone", (), looks)
    if sum(check.valid for check in best.mrz.checks) < FEWEST_CHECKS or best.clear < CLEAR_ENOUGH:
        return MrzReading(None, "unreadable", (), looks)
    return MrzReading(best.mrz, None, _corners(where, scale), looks, best.clear)


def _luminance(picture: Image.Image) -> tuple[Grey, float]:
    """Brightness, and by how much the picture was made smaller."""
    grey = picture.getchannel(0) if picture.mode == "YCbCr" else picture.convert("L")
    scale = min(1.0, LARGEST_SIDE / max(grey.size))
    if scale < 1:
        grey = grey.resize(
            (max(1, round(grey.width * scale)), max(1, round(grey.height * scale))), Image.Resampling.BOX
        )
    return numpy.asarray(grey), scale


def _is_settled(decided: Decided) -> bool:
    return decided.agreed and decided.lead >= LEAD and not decided.mrz.doubts and decided.clear >= CLEAR_ENOUGH


def _worth(decided: Decided) -> tuple[int, float]:
    """More check digits right, then fewer doubts, then a longer lead."""
    right = sum(check.valid for check in decided.mrz.checks) / len(decided.mrz.checks)
    clear = decided.clear >= CLEAR_ENOUGH
    return (round(100 * right) + 100 * decided.agreed * clear - 5 * len(decided.mrz.doubts), decided.lead)


def _looked_at(grey: Grey, rows: tuple[Row, ...]) -> Iterator[Decided]:
    """Decisions on these rows, each from one more look at them than the last."""
    laid = [
        _Way(group, starts, width)
        for count in (3, 2)
        for group in (rows[start : start + count] for start in range(len(rows) - count + 1))
        for width in _widths(count, group)
        if (starts := _starts(grey, group, width)) is not None
    ]
    laid.sort(key=lambda way: abs(way.width - float(numpy.median([row.count for row in way.rows]))) - len(way.rows))
    first: list[tuple[Decided, _Way, list[Opinions]]] = []
    for way in laid[:MOST_WAYS]:
        seen = [_seen(grey, way, _LOOKS[0])]
        for layout in _layouts(way, seen[0]):
            first.append((decide(layout, seen[0]), way, seen))
            yield first[-1][0]
    if first:
        # Only the best way of laying the lines is looked at again.
        _, way, seen = max(first, key=lambda tried: _worth(tried[0]))
        for look in _LOOKS[1:]:
            seen.append(_seen(grey, way, look))
            mean = _mixed(seen)
            for layout in _layouts(way, mean):
                yield decide(layout, mean)


def _seen(grey: Grey, way: _Way, look: tuple[float, float]) -> Opinions:
    """The chances of every place of a zone laid in this way, from one look."""
    parts = [chances_of(grey, row, start, way.width, *look)[0] for row, start in zip(way.rows, way.starts, strict=True)]
    return numpy.concatenate(parts)


def _widths(count: int, group: Sequence[Row]) -> list[int]:
    """The lengths of zones with so many lines that these rows may have; noise beside them passes for letters."""
    widths = sorted({layout.width for layout in LAYOUTS.values() if layout.lines == count})
    counts = [row.count for row in group]
    return [width for width in widths if min(counts) - 4 <= width <= max(counts) + 6]


def _layouts(way: _Way, chances: Opinions) -> list[Layout]:
    """The layouts to decide by: a visa begins with V, everything else does not."""
    visa = float(chances[0].max() - chances[0, CHARACTERS.index("V")])
    other = float(chances[0].max() - numpy.delete(chances[0], CHARACTERS.index("V")).max())
    return [
        layout
        for layout in layouts_of(len(way.rows), way.width)
        if (visa if layout.kind.startswith("MRV") else other) < _FAR
    ]


def _starts(grey: Grey, group: Sequence[Row], width: int) -> list[int] | None:
    """The letters with which lines of this width begin; None where the picture ends before they do, or they go on."""
    starts = []
    for row in group:
        start, goes_on = _start(grey, row, width)
        if not _is_inside(grey, row, start, width):
            return None
        if goes_on and width == _LIKE_A_LONGER_ONE:
            return None
        starts.append(start)
    return starts


def _start(grey: Grey, row: Row, width: int) -> tuple[int, bool]:
    """The letter with which a line of this width begins, so that most of what was seen lies inside it.

    And whether letters go on behind it, as they do where a longer line was taken for a shorter one.
    """
    spare = 3
    first = min(row.first, row.last - width + 1) - spare
    count = max(row.last, row.first + width - 1) + spare - first + 1
    _, there = chances_of(grey, row, first, count)
    total = numpy.concatenate([[0.0], numpy.cumsum(there)])
    start = int(numpy.argmax(total[width:] - total[:-width]))
    return first + start, bool(there[start + width : start + width + 2].min(initial=1.0) > 0.6)


def _is_inside(grey: Grey, row: Row, start: int, width: int) -> bool:
    """Whether the picture holds the whole line and a little paper at both its ends."""
    behind = 0.9 if width == _LIKE_A_LONGER_ONE else -0.25
    x, y = row.line.point(numpy.polyval(row.middles, [start - 0.75, start + width + behind]))
    return bool(min(x.min(), y.min()) >= 0 and x.max() < grey.shape[1] and y.max() < grey.shape[0])


def _mixed(looks: Sequence[Opinions]) -> Opinions:
    """The mean of several looks, as chances that add up to one."""
    mean = numpy.mean(looks, axis=0)
    mixed: Opinions = (mean - numpy.log(numpy.exp(mean).sum(axis=1, keepdims=True))).astype(numpy.float32)
    return mixed


def _corners(rows: tuple[Row, ...], scale: float) -> tuple[tuple[float, float], ...]:
    """The zone's corners in the picture as it was given."""
    found = []
    for row, side in ((rows[0], -0.6), (rows[-1], 0.6)):
        ends = numpy.polyval(row.middles, [row.first - 0.5, row.last + 0.5])
        x, y = row.line.point(ends)
        aside = side * row.line.capital
        x, y = x - row.line.along[1] * aside, y + row.line.along[0] * aside
        found.append([(float(a) / scale, float(b) / scale) for a, b in zip(x, y, strict=True)])
    return (found[0][0], found[0][1], found[1][1], found[1][0])
