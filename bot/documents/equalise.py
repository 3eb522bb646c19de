"""Reads the modules of a straightened code by learning from its known patterns what blur and noise have done to it."""

import cv2
import numpy
from numpy.typing import NDArray

from bot.documents.qr_layout import known_modules, modules
from bot.documents.straighten import MARGIN, POINTS_PER_MODULE, Straight

ROUNDS = 4
"""How often what was read is learnt from in turn."""

QUIET = 4
"""White modules around what is drawn."""

Floats = NDArray[numpy.float32]


def redraw(straight: Straight) -> NDArray[numpy.uint8]:
    """The code drawn cleanly, a point a module, as far as its modules could be told; with a quiet zone."""
    side = modules(straight.version)
    known = known_modules(straight.version)
    told = _told(straight, known)
    black = numpy.where(known != 0, known, numpy.where(told > 0, 1, -1)) > 0
    drawn = numpy.full((side + 2 * QUIET, side + 2 * QUIET), 255, numpy.uint8)
    drawn[QUIET:-QUIET, QUIET:-QUIET][black] = 0
    return drawn


def _told(straight: Straight, known: NDArray[numpy.int8]) -> Floats:
    """For each module how black (above 0) or white (below 0) it is."""
    even = _evenly_lit(straight.points)
    near = _neighbourhoods(even, len(known), reach=1)
    labels = known.ravel().astype(numpy.float32)
    told = near @ _learnt(near, labels, labels != 0)
    wide = _neighbourhoods(even, len(known), reach=2)
    for _ in range(ROUNDS):
        sure = (labels != 0) | (numpy.abs(told) > 0.4)
        guess = numpy.where(labels != 0, labels, numpy.sign(told))
        told = wide @ _learnt(wide, guess, sure)
    return told.reshape(known.shape)


def _learnt(features: Floats, labels: Floats, which: NDArray[numpy.bool_]) -> Floats:
    """Weights that turn a neighbourhood into black or white, by least squares over the modules that are known."""
    chosen = features[which]
    square = chosen.T @ chosen
    calm = 0.02 * float(numpy.trace(square)) / len(square)
    square[numpy.diag_indices_from(square)] += calm
    weights: Floats = numpy.linalg.solve(square, chosen.T @ labels[which])
    return weights


def _evenly_lit(points: Floats) -> Floats:
    """Each point beside the light and the contrast around it; black is above 0."""
    around = 12 * POINTS_PER_MODULE + 1
    light = cv2.blur(points, (around, around))
    spread = numpy.sqrt(cv2.blur((points - light) ** 2, (around, around)).clip(0)) + 2
    even: Floats = ((light - points) / spread).clip(-3, 3)
    return even


def _neighbourhoods(even: Floats, side: int, reach: int) -> Floats:
    """A row a module: the picture in it and around it, in half modules, and 1."""
    half = POINTS_PER_MODULE // 2
    smooth = cv2.blur(even, (half, half), anchor=(0, 0))
    margin = MARGIN * POINTS_PER_MODULE
    steps = range(-2 * reach, 2 * reach + 1)
    columns = []
    for down in steps:
        for across in steps:
            top = margin + (POINTS_PER_MODULE - half) // 2 + down * half
            left = margin + (POINTS_PER_MODULE - half) // 2 + across * half
            last = POINTS_PER_MODULE * (side - 1) + 1
            columns.append(smooth[top : top + last : POINTS_PER_MODULE, left : left + last : POINTS_PER_MODULE].ravel())
    columns.append(numpy.ones(side * side, numpy.float32))
    return numpy.column_stack(columns)
