"""A line of print in a picture: where it runs, and the line lifted out of the picture, straightened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy
from numpy.typing import NDArray

from bot.documents.mrz_letters import CAPITAL, HEIGHT, Grey

_CURVE = 2
_LONG = 20

Points = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of print in pixels of the whole picture.

    It starts at `start` and runs along the unit vector `along`; `away` are the coefficients (highest power first) by
    which its middle leaves the straight line, in pixels over pixels. `capital` is the height of its letters.
    """

    start: tuple[float, float]
    along: tuple[float, float]
    length: float
    capital: float
    away: tuple[float, ...] = (0.0,)

    def point(self, distances: Points) -> tuple[Points, Points]:
        """The middle of the line at these distances from its start."""
        aside = numpy.polyval(self.away, distances)
        x = self.start[0] + self.along[0] * distances - self.along[1] * aside
        return x, self.start[1] + self.along[1] * distances + self.along[0] * aside

    def turned(self) -> TextLine:
        """The same line read from its other end."""
        x, y = self.start[0] + self.along[0] * self.length, self.start[1] + self.along[1] * self.length
        distances = numpy.linspace(0, self.length, 8)
        away = numpy.polyfit(self.length - distances, -numpy.polyval(self.away, distances), len(self.away) - 1)
        return replace(self, start=(x, y), along=(-self.along[0], -self.along[1]), away=tuple(map(float, away)))

    def beside(self, x: Any, y: Any) -> tuple[Points, Points]:
        """How far along the line points lie, and how far off its middle (to its right hand, downwards, positive)."""
        right, down = numpy.asarray(x) - self.start[0], numpy.asarray(y) - self.start[1]
        along = self.along[0] * right + self.along[1] * down
        return along, self.along[0] * down - self.along[1] * right - numpy.polyval(self.away, along)

    def scaled(self, factor: float) -> TextLine:
        """The same line in a picture so many times as large."""
        highest = len(self.away) - 1
        away = tuple(part * factor ** (1 - highest + place) for place, part in enumerate(self.away))
        start = (self.start[0] * factor, self.start[1] * factor)
        return TextLine(start, self.along, self.length * factor, self.capital * factor, away)


def through(x: Points, y: Points, capital: float) -> TextLine:
    """The gently bent line through points, from left to right."""
    points = numpy.stack([x, y], axis=1).astype(numpy.float64)
    centre = points.mean(axis=0)
    along = numpy.linalg.eigh(numpy.cov((points - centre).T))[1][:, 1]
    if along[0] < 0 or (abs(along[0]) < 1e-3 and along[1] < 0):
        along = -along
    u, v = (points - centre) @ along, (points - centre) @ numpy.array([-along[1], along[0]])
    begin, length = float(u.min()), float(u.max() - u.min())
    bent = numpy.polyfit(u - begin, v, _CURVE if length > _LONG * capital else 1)
    start = centre + along * begin
    direction = (float(along[0]), float(along[1]))
    return TextLine((float(start[0]), float(start[1])), direction, length, capital, tuple(map(float, bent)))


def lifted(grey: Grey, line: TextLine, places: Points, high: int = HEIGHT) -> Grey:
    """The line straightened to `high` rows and one column for each of `places`, distances along it.

    Its letters come out CAPITAL pixels high.
    """
    capital = line.capital
    x, y = line.point(places)
    slope = numpy.polyval(numpy.polyder(numpy.asarray(line.away)), places) if len(line.away) > 1 else 0 * places
    norm = numpy.sqrt(1 + slope * slope)
    # Across the line, where it is bent too.
    across_x = (-line.along[1] - slope * line.along[0]) / norm
    across_y = (line.along[0] - slope * line.along[1]) / norm
    rows = (numpy.arange(high) - (high - 1) / 2)[:, None] * (capital / CAPITAL)
    wanted_x, wanted_y = x[None] + across_x[None] * rows, y[None] + across_y[None] * rows
    left, top = max(0, int(wanted_x.min()) - 3), max(0, int(wanted_y.min()) - 3)
    right, bottom = int(wanted_x.max()) + 4, int(wanted_y.max()) + 4
    part = grey[top:bottom, left:right]
    if part.size == 0:
        return numpy.full((high, len(places)), 128, numpy.uint8)
    coarse = capital / CAPITAL
    if coarse > 1.4:
        part = cv2.GaussianBlur(part, (0, 0), 0.4 * coarse)
    straight: Grey = cv2.remap(
        part,
        (wanted_x - left).astype(numpy.float32),
        (wanted_y - top).astype(numpy.float32),
        cv2.INTER_LINEAR if coarse > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return straight
