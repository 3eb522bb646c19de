"""Finds the three large squares of a QR code in pictures that are too blurred or noisy for code readers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import exp, hypot, log

import cv2
import numpy
from numpy.typing import NDArray

Grey = NDArray[numpy.uint8]
Floats = NDArray[numpy.float32]

_POINTS = 2.0
"""Points of a module in the picture as it is made smaller and smaller; two are enough to know a finder by."""

_SMALLEST, _LARGEST, _STEP = 2.2, 16.0, 1.16
"""Modules that are looked for, in points of the picture, and by how much the picture shrinks each time."""

_TURNS = range(0, 90, 18)
_SIDE = 19
"""Points of the drawn finder; odd, so that it has a middle."""

_RADIUS = 4.6
"""Modules around the middle that count: the finder, and some of the white around it."""

_ALIKE = 0.6
"""Correlation from which a place counts."""

_PLACES = 60
"""Places of one size that are looked at further."""

_MOST_FINDERS = 14
"""Squares that are combined in threes."""

_GRAIN = 3.0
"""Levels of light and dark that count as none, so that a blank wall is like nothing."""


@dataclass(frozen=True, slots=True)
class Finder:
    """One large square: its middle and the length of its side, in points of the picture, and how surely it is one."""

    x: float
    y: float
    side: float
    alike: float = 1.0


def find_finders(grey: Grey) -> tuple[list[Finder], list[Finder]]:
    """All places that look like the finder pattern of ISO/IEC 18004, 6.3.3, the surest first.

    Those that are dark on light, and those that are light on dark.
    """
    dark: list[Finder] = []
    light: list[Finder] = []
    module = _SMALLEST
    while module < _LARGEST:
        scale = _POINTS / module
        smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if min(smaller.shape) < _SIDE:
            break
        for places, likeness in zip((dark, light), _likeness(smaller), strict=True):
            places += [Finder(x / scale, y / scale, 7 * module, alike) for x, y, alike in _peaks(likeness)]
        module *= _STEP
    return _gathered(dark), _gathered(light)


def corners_of_codes(finders: Sequence[Finder]) -> Iterator[tuple[Finder, Finder, Finder]]:
    """Top left, top right and bottom left of what may be one code, the likeliest first."""
    fits = []
    for first, second, third in permutations(finders, 3):
        across = (second.x - first.x, second.y - first.y)
        down = (third.x - first.x, third.y - first.y)
        long, high = hypot(*across), hypot(*down)
        turn = across[0] * down[1] - across[1] * down[0]
        sides = sorted(one.side for one in (first, second, third))
        # A code stands right-handed, its corner is about square, and its finders are about alike.
        if turn <= 0.6 * long * high or max(long, high) > 1.7 * min(long, high) or sides[2] > 1.6 * sides[0]:
            continue
        if min(long, high) < 1.9 * sides[1]:
            continue
        lean = abs(across[0] * down[0] + across[1] * down[1]) / (long * high)
        doubt = lean + abs(log(long / high)) + log(sides[2] / sides[0])
        doubt += 4 * (3 - first.alike - second.alike - third.alike)
        fits.append((doubt, (first, second, third)))
    for _, corners in sorted(fits, key=lambda fit: fit[0]):
        yield corners


@cache
def _drawings() -> tuple[Floats, ...]:
    """The finder at each turn, blurred as photos are, with mean 0 and length 1 within the disc."""
    fine = 16
    drawn = numpy.full((11 * fine, 11 * fine), 1.0, numpy.float32)
    for ring, level in ((2, 0.0), (3, 1.0), (4, 0.0)):
        drawn[ring * fine : -ring * fine, ring * fine : -ring * fine] = level
    drawn = cv2.GaussianBlur(drawn, (0, 0), 0.55 * fine)
    disc = _disc()
    made = []
    for degrees in _TURNS:
        matrix = cv2.getRotationMatrix2D((5.5 * fine - 0.5, 5.5 * fine - 0.5), degrees, _POINTS / fine)
        matrix[:, 2] += (_SIDE - 1) / 2 - (5.5 * fine - 0.5)
        small = cv2.warpAffine(drawn, matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR, borderValue=1.0)
        small = (small - (small * disc).sum() / disc.sum()) * disc
        made.append(small / numpy.linalg.norm(small))
    return tuple(made)


@cache
def _disc() -> Floats:
    away = numpy.hypot(*(numpy.indices((_SIDE, _SIDE)) - (_SIDE - 1) / 2))
    disc: Floats = (away <= _RADIUS * _POINTS).astype(numpy.float32)
    return disc


def _likeness(smaller: Grey) -> tuple[Floats, Floats]:
    """Normalised correlation with the finder around each point, the best of all turns; and with its negative."""
    levels = smaller.astype(numpy.float32) - 128
    disc = _disc()
    count = float(disc.sum())
    total, squares = _summed(levels, disc), _summed(levels * levels, disc)
    size = numpy.sqrt(numpy.maximum(squares - total * total / count, 0) + count * _GRAIN**2)
    most = _summed(levels, _drawings()[0])
    least = most.copy()
    for drawing in _drawings()[1:]:
        one = _summed(levels, drawing)
        numpy.maximum(most, one, out=most)
        numpy.minimum(least, one, out=least)
    return (most / size).astype(numpy.float32), (-least / size).astype(numpy.float32)


def _summed(levels: Floats, weights: Floats) -> Floats:
    summed: Floats = cv2.filter2D(levels, cv2.CV_32F, weights, borderType=cv2.BORDER_REPLICATE)
    return summed


def _peaks(likeness: Floats) -> list[tuple[float, float, float]]:
    """Where the likeness is highest around: across, down (in points, from the corner) and how much."""
    rows, columns = numpy.nonzero((likeness >= cv2.dilate(likeness, numpy.ones((5, 5)))) & (likeness > _ALIKE))
    alike = likeness[rows, columns]
    best = numpy.argsort(-alike)[:_PLACES]
    return [(float(columns[i]) + 0.5, float(rows[i]) + 0.5, float(alike[i])) for i in best]


def _gathered(places: Sequence[Finder]) -> list[Finder]:
    """Places that are one and the same finder, seen in several sizes, as one: the size lies between them."""
    groups: list[list[Finder]] = []
    for one in sorted(places, key=lambda place: -place.alike):
        near = next((group for group in groups if _is_near(group[0], one)), None)
        if near is None:
            groups.append([one])
        elif abs(log(near[0].side / one.side)) < 0.25:
            near.append(one)
    return [_middle(group) for group in groups[:_MOST_FINDERS]]


def _is_near(first: Finder, other: Finder) -> bool:
    return hypot(first.x - other.x, first.y - other.y) < 0.5 * first.side


def _middle(group: Sequence[Finder]) -> Finder:
    weights = [(one.alike - _ALIKE + 0.02) ** 2 for one in group]
    side = exp(sum(weight * log(one.side) for weight, one in zip(weights, group, strict=True)) / sum(weights))
    return Finder(group[0].x, group[0].y, side, group[0].alike)
