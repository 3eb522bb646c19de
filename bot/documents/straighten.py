"""Lays the grid of a QR code over a picture of it: from its three large squares, then along its small ones."""

from dataclasses import dataclass
from math import hypot

import cv2
import numpy
from numpy.typing import NDArray

from bot.documents.finders import Finder, Grey
from bot.documents.qr_layout import LARGEST, SMALLEST, alignment_middles, known_modules, modules

POINTS_PER_MODULE = 4
"""How finely the straightened code is sampled."""

MARGIN = 2
"""Modules around the straightened code."""

LEAST_CERTAINTY = 0.05
"""Of the lines of alternating modules; three squares by chance have less."""

_VERSIONS_AROUND = 3
_LEAST_ALIKE = 0.45
"""Correlation from which a small square counts as found."""

_REACH = 2.0
"""Modules around the expected place in which a small square is looked for."""

Floats = NDArray[numpy.float64]


@dataclass(frozen=True, slots=True)
class Straight:
    """A code as if photographed from above; `points` has POINTS_PER_MODULE points a module and MARGIN around."""

    version: int
    points: NDArray[numpy.float32]
    certainty: float
    """How well the lines of alternating modules are seen: 1 is perfect, 0 chance."""
    corners: tuple[tuple[float, float], ...]
    """Where the code lies in the picture, clockwise from its top left."""


def straighten(grey: Grey, corners: tuple[Finder, Finder, Finder]) -> Straight | None:
    """The code between three finders: top left, top right, bottom left; None where there seems to be none."""
    soft = cv2.GaussianBlur(grey, (0, 0), max(0.3, corners[0].side / 7 / 6)).astype(numpy.float32)
    likely = _likely_version(corners)
    tries = range(max(SMALLEST, likely - _VERSIONS_AROUND), min(LARGEST, likely + _VERSIONS_AROUND) + 1)
    certainty, version = max((_timing(soft, version, _from_finders(version, corners)), version) for version in tries)
    if certainty < LEAST_CERTAINTY:
        return None
    grid = _from_finders(version, corners)
    for _ in range(2):
        middles, seen = _along_small_squares(grey, version, grid)
        grid = _fitted(grid, middles, seen)
    points = _sampled(grey, version, grid, _bend(middles, seen, grid))
    side = modules(version)
    lie = _placed(grid, numpy.array([[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]]))
    return Straight(version, points, certainty, tuple((float(x), float(y)) for x, y in lie))


def _likely_version(corners: tuple[Finder, Finder, Finder]) -> int:
    first, second, third = corners
    across = hypot(second.x - first.x, second.y - first.y) / (first.side + second.side)
    down = hypot(third.x - first.x, third.y - first.y) / (first.side + third.side)
    return min(max(SMALLEST, round((14 * (across + down) / 2 + 7 - 17) / 4)), LARGEST)


def _from_finders(version: int, corners: tuple[Finder, Finder, Finder]) -> Floats:
    """The homography from modules (column, row) to the picture.

    Under a homography areas shrink with the third power of the denominator, so that the sides of the finders tell the
    denominators at their middles, and three points with denominators fix all eight numbers.
    """
    side = modules(version)
    middles = numpy.array([[3.5, 3.5, 1], [side - 3.5, 3.5, 1], [3.5, side - 3.5, 1]])
    weights = numpy.array([(one.side / corners[0].side) ** (-2 / 3) for one in corners])
    targets = numpy.array([[one.x, one.y, 1.0] for one in corners]) * weights[:, None]
    return numpy.linalg.solve(middles, targets).T


def _placed(grid: Floats, places: Floats) -> Floats:
    """Where modules (column, row) lie in the picture."""
    lifted = numpy.column_stack([places, numpy.ones(len(places))]) @ grid.T
    return lifted[:, :2] / lifted[:, 2:]


def _timing(soft: NDArray[numpy.float32], version: int, grid: Floats) -> float:
    """How well the two lines of alternating modules are seen where this version would have them."""
    side = modules(version)
    along = numpy.arange(8, side - 8) + 0.5
    still = numpy.full_like(along, 6.5)
    expected = numpy.where(numpy.arange(8, side - 8) % 2 == 0, -1.0, 1.0)
    alike = []
    for places in (numpy.column_stack([along, still]), numpy.column_stack([still, along])):
        best = 0.0
        for shift in (-0.6, -0.3, 0.0, 0.3, 0.6):
            aside = numpy.array([[0.0, shift]]) if places[0, 1] == 6.5 else numpy.array([[shift, 0.0]])
            at = _placed(grid, places + aside).astype(numpy.float32)
            seen = cv2.remap(soft, at[:, None, 0], at[:, None, 1], cv2.INTER_LINEAR)[:, 0]
            best = max(best, _correlation(seen - _smoothed(seen), expected))
        alike.append(best)
    return float(sum(alike) / 2)


def _smoothed(line: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    smoothed: NDArray[numpy.float32] = cv2.blur(line[:, None], (1, 9))[:, 0]
    return smoothed


def _correlation(seen: NDArray[numpy.float32], expected: Floats) -> float:
    seen = seen - seen.mean()
    size = float(numpy.linalg.norm(seen) * numpy.linalg.norm(expected))
    return float(seen @ expected) / size if size else 0.0


def _along_small_squares(grey: Grey, version: int, grid: Floats) -> tuple[Floats, Floats]:
    """The finders and all small squares that are found, the nearest to a finder first.

    Their middles in modules (column, row), and where these lie in the picture.
    """
    side = modules(version)
    finders = [(3, 3), (3, side - 4), (side - 4, 3)]
    known = known_modules(version)
    squares = sorted(
        alignment_middles(version), key=lambda one: min(hypot(one[0] - at[0], one[1] - at[1]) for at in finders)
    )
    middles, seen = numpy.zeros((0, 2)), numpy.zeros((0, 2))
    for row, column in [*finders, *squares]:
        place = numpy.array([column + 0.5, row + 0.5])
        expected = _expected(grid, place, middles, seen)
        found = _find_square(grey, grid, known, (row, column), expected)
        if found is None and (row, column) in finders:
            found = _placed(grid, place[None])[0]
        if found is not None:
            middles, seen = numpy.vstack([middles, place]), numpy.vstack([seen, found])
    return middles, seen


def _expected(grid: Floats, place: Floats, middles: Floats, seen: Floats) -> Floats:
    """By how many points the picture departs from the grid here, going by the squares found so far.

    A plane is laid through the departures; near squares weigh more, and the fewer there are the flatter it lies.
    """
    if not len(middles):
        return numpy.zeros(2)
    off = seen - _placed(grid, middles)
    apart = (middles - place) / 25
    weights = 1 / (0.02 + (apart**2).sum(axis=1))
    terms = numpy.column_stack([numpy.ones(len(apart)), apart])
    calm = numpy.diag([1e-3, 1.5, 1.5])
    plane = numpy.linalg.solve(terms.T @ (terms * weights[:, None]) + calm, terms.T @ (off * weights[:, None]))
    expected: Floats = plane[0]
    return expected


def _fitted(grid: Floats, middles: Floats, seen: Floats) -> Floats:
    """The homography through what was found; as it was where nothing was found far from the three finders."""
    if len(middles) < 4 or middles.min(axis=1).max() < 0.6 * middles.max():
        return grid
    fitted, _ = cv2.findHomography(middles, seen, 0)
    return grid if fitted is None or not numpy.isfinite(fitted).all() else fitted


def _find_square(
    grey: Grey, grid: Floats, known: NDArray[numpy.int8], at: tuple[int, int], expected: Floats
) -> Floats | None:
    """Where a pattern around this module really lies; None when it is not seen near the expected place."""
    row, column = at
    fine = 4
    # A finder has a ring more than the small squares have.
    reach = 3 if known[row - 3, column] and known[row, column - 3] and known[row, column + 3] else 2
    top, left = row - reach, column - reach
    piece = known[top : row + reach + 1, left : column + reach + 1]
    mask = cv2.GaussianBlur(
        cv2.resize(-piece.astype(numpy.float32), None, fx=fine, fy=fine, interpolation=cv2.INTER_NEAREST),
        (0, 0),
        fine * 0.5,
    )
    rows = numpy.arange(top - _REACH, top + piece.shape[0] + _REACH, 1 / fine) + 0.5 / fine
    columns = numpy.arange(left - _REACH, left + piece.shape[1] + _REACH, 1 / fine) + 0.5 / fine
    across, down = numpy.meshgrid(columns, rows)
    places = _placed(grid, numpy.column_stack([across.ravel(), down.ravel()])) + expected
    lie = places.astype(numpy.float32)
    size = across.shape
    window = cv2.remap(
        grey, lie[:, 0].reshape(size), lie[:, 1].reshape(size), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(numpy.float32)
    alike = cv2.matchTemplate(cv2.GaussianBlur(window, (0, 0), fine * 0.25), mask, cv2.TM_CCOEFF_NORMED)
    # Of two places that look alike the nearer one is right more often.
    away = numpy.hypot(*numpy.indices(alike.shape) - (numpy.array(alike.shape)[:, None, None] - 1) / 2) / fine
    liked = alike - 0.05 * away
    best = numpy.unravel_index(int(liked.argmax()), alike.shape)
    if alike[best] < _LEAST_ALIKE:
        return None
    shift = (numpy.array(best) + _between(alike, best) - (numpy.array(alike.shape) - 1) / 2) / fine
    found: Floats = _placed(grid, numpy.array([[column + 0.5 + shift[1], row + 0.5 + shift[0]]]))[0] + expected
    return found


def _between(alike: NDArray[numpy.float32], best: tuple[numpy.intp, ...]) -> Floats:
    """Where between the points the top of a parabola lies, down and across."""
    row, column = int(best[0]), int(best[1])
    shift = numpy.zeros(2)
    if 0 < row < alike.shape[0] - 1 and 0 < column < alike.shape[1] - 1:
        for axis, (before, after) in enumerate(
            ((alike[row - 1, column], alike[row + 1, column]), (alike[row, column - 1], alike[row, column + 1]))
        ):
            bend = float(before - 2 * alike[row, column] + after)
            shift[axis] = 0.5 * float(before - after) / bend if bend < -1e-6 else 0.0
    return shift.clip(-0.5, 0.5)


def _bend(middles: Floats, seen: Floats, grid: Floats) -> Floats | None:
    """How paper that is not flat departs from the grid: a polynomial over the modules, as found at the squares."""
    if len(middles) < 8:
        return None
    scale = float(middles.max())
    off = seen - _placed(grid, middles)
    terms = _terms(middles / scale, len(middles))
    # Few squares bear few bends; the weight keeps the polynomial calm where there are none.
    calm = numpy.diag([1e-3] * terms.shape[1])
    return numpy.vstack([numpy.linalg.solve(terms.T @ terms + calm, terms.T @ off), [[scale, len(middles)]]])


def _terms(places: Floats, squares: int) -> Floats:
    degree = 4 if squares >= 24 else 3 if squares >= 13 else 2
    x, y = places[:, 0] * 2 - 1, places[:, 1] * 2 - 1
    return numpy.column_stack([x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)])


def _sampled(grey: Grey, version: int, grid: Floats, bend: Floats | None) -> NDArray[numpy.float32]:
    side = (modules(version) + 2 * MARGIN) * POINTS_PER_MODULE
    line = (numpy.arange(side) + 0.5) / POINTS_PER_MODULE - MARGIN
    across, down = numpy.meshgrid(line, line)
    places = numpy.column_stack([across.ravel(), down.ravel()])
    at = _placed(grid, places)
    if bend is not None:
        at = at + _terms(places.clip(0, modules(version)) / bend[-1, 0], int(bend[-1, 1])) @ bend[:-1]
    at32 = at.astype(numpy.float32).reshape(side, side, 2)
    levels = grey.astype(numpy.float32)
    points: NDArray[numpy.float32] = cv2.remap(
        levels, at32[..., 0], at32[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return points
