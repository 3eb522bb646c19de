"""Finds long straight lines of print in a picture, whichever way it lies.

The letters of a line stand so close that closing the gaps between them leaves one long bar for each line.
"""

from __future__ import annotations

import cv2
import numpy

from bot.documents.mrz_letters import Grey
from bot.documents.mrz_line import Points, TextLine, through

SEARCHED_SIDES = (900, 1800)
"""Pixels of the longest side of the picture in which lines are looked for: first the quick way, then small print."""

GAPS = (7, 11, 17, 27)
"""Gaps between strokes that are closed, in pixels of the searched picture: for letters of 6 to 40 pixels."""

SLIMMEST, STOUTEST, PIECE = 70.0, 9.0, 3.5
"""Length of a bar divided by its height; machine readable lines have 25 to 45, and may come in pieces."""

SHORTEST = 90.0
"""Pixels of the searched picture; letters of a shorter line cannot be told apart."""

MOST_LINES = 24
"""Lines of one picture that are looked at, the likeliest first."""

MOST_PIECES = 90
"""Bars of one size of letters that are joined to lines, the longest first."""

_STROKE = 15
_FAINTEST = 7.0
_PART_OF_INK = 0.5
_SURROUNDINGS = 22.0


def find_lines(grey: Grey, side: int = SEARCHED_SIDES[0]) -> list[TextLine]:
    """Lines of print, the longest and slimmest first, each once; a line may still stand on its head.

    They are looked for in the picture brought to a longest side of at most `side` pixels.
    """
    scale = min(1.0, side / max(grey.shape))
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    if min(size) < _STROKE:
        return []
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    strokes = _strokes(small)
    found: list[TextLine] = []
    for gap in GAPS:
        found.extend(line for line in _joined(list(_bars(strokes, gap))) if _is_slim(line))
    found.sort(key=_promise, reverse=True)
    kept: list[TextLine] = []
    for line in found:
        if len(kept) < MOST_LINES and not any(_same(line, other) for other in kept):
            kept.append(line)
    return [line.scaled(1 / scale) for line in kept]


def _strokes(grey: Grey) -> Grey:
    """What is darker than its surroundings and narrower than a letter, whatever the light."""
    quiet = cv2.GaussianBlur(grey, (0, 0), 0.8).astype(numpy.float32)
    light = cv2.GaussianBlur(quiet, (0, 0), _SURROUNDINGS) + 8
    even = numpy.clip(quiet / light * 150, 0, 255).astype(numpy.uint8)
    dark = cv2.morphologyEx(even, cv2.MORPH_BLACKHAT, _disc(_STROKE)).astype(numpy.float32)
    # Ink is darker than the waves of security printing around it.
    ink = cv2.blur(cv2.dilate(dark, _disc(_STROKE)), (41, 41))
    strokes: Grey = ((dark > numpy.maximum(_FAINTEST, _PART_OF_INK * ink)) * 255).astype(numpy.uint8)
    return strokes


def _disc(diameter: int) -> Grey:
    disc: Grey = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))
    return disc


def _bars(strokes: Grey, gap: int) -> list[TextLine]:
    """The long bars that remain when gaps of this size are closed, the longest first."""
    closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, _disc(gap))
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _disc(max(3, round(gap * 0.45))))
    count, labels, facts, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    size = numpy.maximum(facts[:, cv2.CC_STAT_WIDTH], facts[:, cv2.CC_STAT_HEIGHT])
    area = numpy.maximum(facts[:, cv2.CC_STAT_AREA], 1).astype(numpy.float64)
    y, x = numpy.nonzero(closed)
    label = labels[y, x]
    # Middle and spread of all components at once; a bar of length l spreads by l² / 12 along itself.
    mean_x, mean_y = (numpy.bincount(label, weights=way, minlength=count) / area for way in (x, y))
    off_x, off_y = x - mean_x[label], y - mean_y[label]
    spread = [
        numpy.bincount(label, weights=one * other, minlength=count) / area
        for one, other in ((off_x, off_x), (off_x, off_y), (off_y, off_y))
    ]
    values, vectors = numpy.linalg.eigh(numpy.stack([spread[0], spread[1], spread[1], spread[2]], -1).reshape(-1, 2, 2))
    high, long = numpy.sqrt(12 * numpy.maximum(values.T, 0.08))
    fits = (size > PIECE * 0.45 * gap) & (size < 60 * gap) & (area > gap * gap)
    fits &= (long > PIECE * high) & (high > 0.4 * gap) & (high < 1.9 * gap) & (area > 0.5 * long * high)
    fits[0] = False
    order = sorted(numpy.flatnonzero(fits), key=lambda place: -long[place])[:MOST_PIECES]
    return [
        _bar((mean_x[place], mean_y[place]), vectors[place][:, 1], float(long[place]), float(high[place]))
        for place in order
    ]


def _bar(middle: tuple[float, float], along: Points, length: float, capital: float) -> TextLine:
    """The straight line of one bar, from left to right."""
    if along[0] < 0 or (abs(along[0]) < 1e-3 and along[1] < 0):
        along = -along
    x, y = float(along[0]), float(along[1])
    start = (float(middle[0]) - x * length / 2, float(middle[1]) - y * length / 2)
    return TextLine(start, (x, y), length, capital)


def _is_slim(line: TextLine) -> bool:
    return line.length >= SHORTEST and STOUTEST <= line.length / line.capital <= SLIMMEST


def _joined(pieces: list[TextLine]) -> list[TextLine]:
    """Pieces that follow each other on one line put together, the longest first."""
    left = sorted(pieces, key=lambda piece: piece.length, reverse=True)
    lines: list[TextLine] = []
    while left:
        line, rest = left[0], left[1:]
        grew = True
        while grew:
            grew = False
            for piece in rest:
                if _follows(line, piece):
                    line, grew = _union(line, piece), True
                    rest = [other for other in rest if other is not piece]
                    break
        lines.append(line)
        left = rest
    return lines


def _follows(line: TextLine, piece: TextLine) -> bool:
    """Whether a piece of the same height lies on the line, a few letters before or behind it."""
    if not 0.7 < piece.capital / line.capital < 1.4 or piece.length < 2 * piece.capital:
        return False
    dot = abs(piece.along[0] * line.along[0] + piece.along[1] * line.along[1])
    if dot < 0.985:
        return False
    along, aside = line.beside(*piece.point(numpy.array([0.0, piece.length])))
    gap = max(float(along.min()) - line.length, -float(along.max()))
    return -2 * line.capital < gap < 7 * line.capital and float(numpy.abs(aside).min()) < 0.5 * line.capital


def _union(line: TextLine, piece: TextLine) -> TextLine:
    """One line through both."""
    pairs = [one.point(numpy.linspace(0, one.length, max(2, int(one.length / 8)))) for one in (line, piece)]
    x, y = (numpy.concatenate([pair[place] for pair in pairs]) for place in (0, 1))
    weight = line.length / (line.length + piece.length)
    capital = line.capital * weight + piece.capital * (1 - weight)
    return through(x, y, capital)


def _promise(line: TextLine) -> float:
    """How much a bar looks like a machine readable line: long, and slim as one of 30 to 44 letters."""
    slim = line.length / line.capital
    return line.length * min(1.0, slim / 24) * min(1.0, 52 / slim)


def _same(line: TextLine, other: TextLine) -> bool:
    """Whether two bars lie on each other."""
    along, aside = other.beside(*line.point(numpy.array([0.25, 0.5, 0.75]) * line.length))
    inside = (along > -other.capital) & (along < other.length + other.capital)
    return bool((inside & (numpy.abs(aside) < 0.6 * max(other.capital, line.capital))).sum() >= 2)
