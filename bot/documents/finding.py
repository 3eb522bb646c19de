"""Codes found by their three large squares: located, straightened and drawn anew, for a code reader to decode."""

from collections.abc import Iterator
from itertools import islice

import cv2
import numpy

from bot.documents.equalise import redraw
from bot.documents.finders import Finder, Grey, corners_of_codes, find_finders
from bot.documents.straighten import straighten

TRIES = 3
"""Threes of squares that are followed up."""

POINTS = 3
"""Points a module of what is drawn."""

Corners = tuple[tuple[float, float], ...]


def codes_by_finders(grey: Grey) -> Iterator[tuple[Corners, Grey]]:
    """The corners of each likely code, clockwise from its top left, and the code drawn cleanly."""
    for way, finders in zip((grey, 255 - grey), find_finders(grey), strict=True):
        for three in islice(corners_of_codes(finders), TRIES):
            drawn = _drawn(way, three)
            if drawn is not None:
                yield drawn


def _drawn(grey: Grey, three: tuple[Finder, Finder, Finder]) -> tuple[Corners, Grey] | None:
    # Three squares that belong to no code can ask for grids that no picture has.
    with numpy.errstate(all="ignore"):
        try:
            straight = straighten(grey, three)
            if straight is not None:
                return straight.corners, redraw(straight).repeat(POINTS, 0).repeat(POINTS, 1)
        except (cv2.error, numpy.linalg.LinAlgError):
            pass
    return None
