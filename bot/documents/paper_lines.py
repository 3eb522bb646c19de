"""Finds the lines of text in a picture, whichever way it lies, and reads them.

Loading what reads takes a good half second and a hundred megabytes, so it waits for the first picture that needs it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy
from numpy.typing import NDArray
from PIL import Image

from bot.documents.paper import LONGEST_TEXT, MOST_LINES, Place

SEARCHED_SIDE = 960
"""Pixels of the longest side of the picture in which lines are looked for; they are read from the whole picture."""

LARGEST_SIDE = 3000
"""Pixels of the longest side of the picture from which lines are read; larger ones are made smaller first."""

SLIMMEST = 60
"""Length of a line divided by its height; a longer one is a rule or an edge, and would take all the time."""

LEAST_SCORE = 0.6
"""How sure the reader must be of a line, 0 to 1; below this it is mostly pattern and stains."""

MOST_LOOKED_AT = 90
"""Places that are read at most; stains and pictures among them bring no text."""

ASKED_DIRECTION = 8
"""Lines that are asked which way up they stand, the longest."""

_SMALLEST_SIDE = 32
_SAME_ROW = 0.55

Clock = Callable[[], float]
Points = NDArray[numpy.float32]
Colours = NDArray[numpy.uint8]


class NoReader(RuntimeError):
    """What reads lines of text cannot be loaded here, or does not run."""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line as read, its place in the picture, and where it stands on the card once that is upright and level."""

    text: str
    score: float
    place: Place
    left: float
    right: float
    middle: float
    height: float


def read_lines(picture: Image.Image, clock: Clock, seconds: float) -> list[PlacedLine]:
    """Lines in the order of reading; when `seconds` are over, those read by then. Raises NoReader."""
    until = clock() + seconds
    reader = load_reader()
    from rapidocr_onnxruntime.utils.infer_engine import ONNXRuntimeError

    try:
        return _lines(reader, picture, lambda: clock() > until)
    except ONNXRuntimeError as wrong:
        # Networks that loaded fail for want of memory only; the picture itself is sound.
        raise NoReader("the networks of rapidocr-onnxruntime do not run") from wrong


def _lines(reader: Any, picture: Image.Image, is_over: Callable[[], bool]) -> list[PlacedLine]:
    scale = min(1.0, LARGEST_SIDE / max(picture.size))
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.BOX)
    colours = numpy.ascontiguousarray(numpy.asarray(picture.convert("RGB"))[..., ::-1])
    corners = _find(reader, colours)
    if not corners or is_over():
        return []
    turns = _quarter_turns(reader, colours, corners)
    upright = numpy.ascontiguousarray(numpy.rot90(colours, turns))
    stands = [_ordered(_turned(quad, turns, colours)) for quad in corners]
    lines: list[PlacedLine] = []
    for index, where in _in_reading_order(stands):
        if is_over() or len(lines) == MOST_LINES:
            break
        found = _read(reader, _lifted(upright, stands[index]))
        if found:
            lines.append(PlacedLine(*found, _around(corners[index] / scale), *where))
    return lines


@cache
def load_reader() -> Any:
    """The reader with its networks, one thread each, for a worker has one core; raises NoReader."""
    try:
        from onnxruntime.capi import onnxruntime_pybind11_state as faults
        from rapidocr_onnxruntime import RapidOCR
    except (ImportError, OSError) as wrong:
        raise NoReader("rapidocr-onnxruntime is not there") from wrong
    try:
        # Lines read together are all made as wide as the widest, which costs more than reading them alone.
        return RapidOCR(
            intra_op_num_threads=1, inter_op_num_threads=1, det_limit_side_len=_SMALLEST_SIDE, rec_batch_num=1
        )
    except (OSError, faults.Fail, faults.InvalidProtobuf, faults.NoSuchFile, faults.RuntimeException) as wrong:
        raise NoReader("the networks of rapidocr-onnxruntime do not load") from wrong


def _find(reader: Any, colours: Colours) -> list[Points]:
    """The four corners of every line, in points of the picture."""
    scale = min(1.0, SEARCHED_SIDE / max(colours.shape[:2]))
    small = colours
    if scale < 1:
        small = cv2.resize(colours, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if min(small.shape[:2]) < _SMALLEST_SIDE:
        return []
    found, _ = reader.text_det(small)
    quads = [] if found is None else [numpy.asarray(quad, numpy.float32) / scale for quad in found]
    return sorted(quads, key=lambda quad: -cv2.contourArea(quad))[:MOST_LOOKED_AT]


def _quarter_turns(reader: Any, colours: Colours, corners: list[Points]) -> int:
    """How many quarter turns to the left make the card stand upright."""
    tall = sum(side if high else -side for high, side in map(_length, corners))
    turns = 1 if tall > 0 else 0
    longest = sorted(corners, key=lambda quad: -_length(quad)[1])[:ASKED_DIRECTION]
    standing = numpy.ascontiguousarray(numpy.rot90(colours, turns))
    asked = [_lifted(standing, _ordered(_turned(quad, turns, colours))) for quad in longest]
    _, told, _ = reader.text_cls(asked)
    on_its_head = sum(float(sure) if label == "180" else -float(sure) for label, sure in told)
    return turns + 2 if on_its_head > 0 else turns


def _length(quad: Points) -> tuple[bool, float]:
    """Whether the line runs up and down in the picture, and how long it is."""
    width, height = numpy.ptp(quad, axis=0)
    sides = numpy.linalg.norm(quad - numpy.roll(quad, 1, axis=0), axis=1)
    return bool(height > width), float(sides.max())


def _turned(quad: Points, turns: int, colours: Colours) -> Points:
    """The same corners after the picture was given so many quarter turns to the left."""
    height, width = colours.shape[:2]
    x, y = quad[:, 0], quad[:, 1]
    moved = ((x, y), (y, width - 1 - x), (width - 1 - x, height - 1 - y), (height - 1 - y, x))[turns]
    return numpy.stack(moved, axis=1)


def _ordered(quad: Points) -> Points:
    """The corners of an upright line from its top left one clockwise."""
    by_side = quad[numpy.argsort(quad[:, 0])]
    left = by_side[:2][numpy.argsort(by_side[:2, 1])]
    right = by_side[2:][numpy.argsort(by_side[2:, 1])]
    return numpy.stack([left[0], right[0], right[1], left[1]])


def _lifted(upright: Colours, quad: Points) -> Colours:
    """The line cut out of the picture and straightened."""
    width = max(4, round(max(numpy.linalg.norm(quad[0] - quad[1]), numpy.linalg.norm(quad[3] - quad[2]))))
    height = max(4, round(max(numpy.linalg.norm(quad[0] - quad[3]), numpy.linalg.norm(quad[1] - quad[2]))))
    straight = numpy.array([[0, 0], [width, 0], [width, height], [0, height]], numpy.float32)
    how = cv2.getPerspectiveTransform(quad.astype(numpy.float32), straight)
    lifted: Colours = cv2.warpPerspective(upright, how, (width, height), None, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
    return lifted


def _read(reader: Any, line: Colours) -> tuple[str, float] | None:
    """The text of one line without unseen signs, and how sure the reader is; None where there is hardly any."""
    if line.shape[1] > SLIMMEST * line.shape[0]:
        return None
    ((text, score),), _ = reader.text_rec([line])
    spaced = " ".join(unicodedata.normalize("NFC", str(text)).split())
    plain = "".join(sign for sign in spaced if sign.isprintable())[:LONGEST_TEXT]
    if float(score) < LEAST_SCORE or not any(sign.isalnum() for sign in plain):
        return None
    return plain, round(float(score), 3)


def _in_reading_order(stands: list[Points]) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    """Which line comes next, row by row, with its left, right, middle and height on the levelled card."""
    ups = [quad[1] - quad[0] for quad in stands]
    tilts = sorted((float(numpy.arctan2(up[1], up[0])), float(numpy.linalg.norm(up))) for up in ups)
    lengths = numpy.cumsum([length for _, length in tilts])
    tilt = tilts[int(numpy.searchsorted(lengths, lengths[-1] / 2))][0]
    cosine, sine = numpy.cos(-tilt), numpy.sin(-tilt)
    level = [quad @ numpy.array([[cosine, sine], [-sine, cosine]], numpy.float32) for quad in stands]
    placed = []
    for index, quad in enumerate(level):
        height = float(numpy.linalg.norm(quad[0] - quad[3]))
        where = (float(quad[:, 0].min()), float(quad[:, 0].max()), float(quad[:, 1].mean()), height)
        placed.append((index, where))
    placed.sort(key=lambda one: one[1][2])
    row: list[tuple[int, tuple[float, float, float, float]]] = []
    for one in placed:
        if row and one[1][2] - row[-1][1][2] > _SAME_ROW * min(one[1][3], row[-1][1][3]):
            yield from sorted(row, key=lambda each: each[1][0])
            row = []
        row.append(one)
    yield from sorted(row, key=lambda each: each[1][0])


def _around(quad: Points) -> Place:
    """The upright box around the corners."""
    left, top = quad.min(axis=0)
    right, bottom = quad.max(axis=0)
    return max(0, round(float(left))), max(0, round(float(top))), round(float(right)), round(float(bottom))
