"""Says what is wrong with a photo in which no certificate could be read, and marks the place in the photo itself."""

from math import hypot

import cv2
import numpy
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from bot.documents.codes import Points, Search
from bot.documents.finders import Finder, Grey, corners_of_codes, find_finders
from bot.documents.photo_reading import Advice, Box, Trouble
from bot.documents.pixels import reencode
from bot.documents.preparing import at_most, luminance

LOOKED_AT = 1280
"""Pixels of the longest side that is looked at."""

DARK = 70
"""Levels: where even the light modules of a code are darker, the photo was taken in too little light."""

GLARE = 250
"""Level from which a point is washed out."""

GLARE_SHARE = 0.06
"""Of the code's area; the washed-out share from which glare is the trouble."""

LEAST_MODULE = 2.6
"""Points a module; with less, code readers guess."""

SMALL_SIDE = 170
"""Points of a patch like a code without visible corners; a smaller one is too far away."""

FAR_OUT_OF_FOCUS = 4.5
"""Points; how wide the sharpest edges of a picture may be. With more, no code shows in it at all."""

FLAT = 40
"""Levels between the dark and the light of a picture; with less there is nothing to judge focus by."""

EDGE = 0.32
"""Of a module; how wide the blur may be. With more, light modules between dark ones disappear."""

_PER_FINDER = 7.0
_LIKELY = 0.7  # Correlation of what is most likely a finder; by chance little gets there.
_PLAIN = 0.78  # Correlation of a finder that nobody would doubt.
_NEAR_EDGE = 24
_LEAST_PATCH = 60
_DIM = 0.45


def coach(picture: Image.Image, found: Search) -> Advice:
    """The one most helpful thing to say about a picture in which no certificate could be read."""
    grey = at_most(luminance(picture), LOOKED_AT)
    points, scale = numpy.asarray(grey), picture.width / grey.width
    if found.codes:
        return Advice("other_code", _scaled(_around(found.seen, 1 / scale, points), scale))
    dark, light = find_finders(points)
    finders = dark if sum(one.alike for one in dark[:3]) >= sum(one.alike for one in light[:3]) else light
    three = next(corners_of_codes([one for one in finders if one.alike > _LIKELY]), None)
    if three is None:
        trouble, box = _without_corners(points, finders, found.seen, scale)
    else:
        box = _box_of(three, points)
        trouble = _what_hides(points, box, sum(one.side for one in three) / 3 / _PER_FINDER)
    return Advice(trouble, _scaled(box, scale))


def mark(picture: Image.Image, advice: Advice) -> bytes:
    """The traveller's own picture as a fresh JPEG, all but the place in question dimmed and a frame around it."""
    shown = picture.convert("RGB")
    if advice.box is None:
        return reencode(shown)
    width = max(4, max(shown.size) // 160)
    left, top, right, bottom = advice.box
    frame = (left - width, top - width, right + width, bottom + width)
    hole = Image.new("L", shown.size, round(255 * _DIM))
    ImageDraw.Draw(hole).rounded_rectangle(frame, radius=4 * width, fill=255)
    hole = hole.filter(ImageFilter.BoxBlur(width / 4))
    shown = Image.composite(shown, Image.new("RGB", shown.size, (20, 22, 26)), hole)
    draw = ImageDraw.Draw(shown)
    # A light line within a dark one is seen on any picture, and beside any background.
    draw.rounded_rectangle(_grown(frame, width), radius=5 * width, outline=(20, 22, 26), width=3 * width)
    draw.rounded_rectangle(frame, radius=4 * width, outline=(255, 196, 0), width=width)
    return reencode(shown)


def _without_corners(
    points: Grey, finders: list[Finder], seen: Points | None, scale: float
) -> tuple[Trouble, Box | None]:
    """Where no three corners stand together: cut off at the edge, too small, in the dark, or nothing there."""
    textured = _textured_box(points)
    if _light_level(points) < DARK:
        return "too_dark", textured
    if textured is not None:
        if _share_washed_out(points, textured) > GLARE_SHARE and _paper(points) < GLARE:
            return "glare", textured
        plain = any(one.alike > _LIKELY for one in finders)
        if plain and _at_edge(textured, points, _NEAR_EDGE):
            return "cut_off", textured
        if not plain and max(textured[2] - textured[0], textured[3] - textured[1]) < SMALL_SIDE:
            return "too_small", textured
    # A plain table around a card has no edges, and would make sharp print look blurred.
    left, top, right, bottom = textured or (0, 0, points.shape[1], points.shape[0])
    looked_at = points[top:bottom, left:right]
    if float(numpy.ptp(numpy.percentile(looked_at, (5, 95)))) > FLAT and _edge_width(looked_at) > FAR_OUT_OF_FOCUS:
        return "blurred", textured
    if seen is not None:
        return "unclear", _around(seen, 1 / scale, points)
    if len([one for one in finders if one.alike > _PLAIN]) >= 2 and textured is not None:
        return "unclear", textured
    return "no_code", None


def _what_hides(points: Grey, box: Box, module: float) -> Trouble:
    """What is wrong with a code whose place is known."""
    left, top, right, bottom = box
    inside = points[top:bottom, left:right]
    if _at_edge(box, points):
        return "cut_off"
    if float(numpy.percentile(inside, 90)) < DARK:
        return "too_dark"
    if _share_washed_out(points, box) > GLARE_SHARE and _paper(points) < GLARE:
        return "glare"
    if module < LEAST_MODULE:
        return "too_small"
    return "blurred" if _edge_width(inside) > EDGE * module else "unclear"


def _box_of(three: tuple[Finder, Finder, Finder], points: Grey) -> Box:
    """Around the code that three corners belong to, as a parallelogram, within the picture."""
    first, second, third = three
    corners = [first, second, third]
    xs = [one.x for one in corners] + [second.x + third.x - first.x]
    ys = [one.y for one in corners] + [second.y + third.y - first.y]
    grow = max(one.side for one in corners) * 0.65
    return _within((min(xs) - grow, min(ys) - grow, max(xs) + grow, max(ys) + grow), points)


def _around(seen: Points | None, scale: float, points: Grey) -> Box | None:
    if seen is None:
        return None
    xs, ys = [x * scale for x, _ in seen], [y * scale for _, y in seen]
    return _within((min(xs), min(ys), max(xs), max(ys)), points)


def _within(box: tuple[float, float, float, float], points: Grey) -> Box:
    height, width = points.shape
    left, top = (round(max(0.0, box[0])), round(max(0.0, box[1])))
    return left, top, max(left + 1, round(min(width, box[2]))), max(top + 1, round(min(height, box[3])))


def _scaled(box: Box | None, scale: float) -> Box | None:
    if box is None:
        return None
    left, top, right, bottom = (round(side * scale) for side in box)
    return left, top, right, bottom


def _grown(box: Box, by: int) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _at_edge(box: Box, points: Grey, near: int = 1) -> bool:
    height, width = points.shape
    return box[0] <= near or box[1] <= near or box[2] >= width - near or box[3] >= height - near


def _paper(points: Grey) -> float:
    """How light the picture is where it is not washed out: three quarters of its points are darker."""
    return float(numpy.percentile(points, 75))


def _light_level(points: Grey) -> float:
    return float(numpy.percentile(cv2.blur(points, (9, 9)), 98))


def _share_washed_out(points: Grey, box: Box) -> float:
    """The share of the box that is washed out in patches; single white points are only contrast."""
    left, top, right, bottom = box
    inside = points[top:bottom, left:right]
    size = max(3, min(inside.shape) // 14)
    white = cv2.erode((inside >= GLARE).astype(numpy.uint8), numpy.ones((size, size)))
    return float(cv2.dilate(white, numpy.ones((size, size))).mean())


def _textured_box(points: Grey) -> Box | None:
    """Around the largest patch that changes between dark and light all over, as codes do."""
    if min(points.shape) < _LEAST_PATCH:
        return None
    small = cv2.resize(points, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(numpy.float32)
    rough: NDArray[numpy.float32] = cv2.blur(numpy.abs(cv2.Laplacian(small, cv2.CV_32F)), (21, 21))
    mask = (rough > max(4.0, float(rough.max()) * 0.4)).astype(numpy.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    best = max(range(1, count), key=lambda index: int(stats[index, cv2.CC_STAT_AREA]))
    left, top, width, height = (4 * int(side) for side in stats[best, :4])
    if not 0.5 < width / height < 2 or hypot(width, height) < 60:
        return None
    return _within((left, top, left + width, top + height), points)


def _edge_width(inside: Grey) -> float:
    """How wide the steepest edges are, in points, as the sigma of the blur: the rise beside the steepness."""
    soft = cv2.GaussianBlur(inside, (0, 0), 0.8).astype(numpy.float32)
    steep = numpy.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8))
    rise = float(numpy.percentile(soft, 95) - numpy.percentile(soft, 5))
    steepest = float(numpy.percentile(steep, 97))
    # An edge softened by a Gaussian is steepest in its middle: rise / (sigma * sqrt(2 pi)).
    return rise / max(steepest, 0.1) / 2.507
