"""Draws pieces of machine readable lines, spoiled as photos spoil them, with the place of every letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bot.documents.mrz_letters import CAPITAL, CHARACTERS, FRAME, HEIGHT, NOTHING, evened

OCR_B = "/usr/share/fonts/opentype/ocr-b/"
OTHERS = "/usr/share/fonts/truetype/"
# Debian's fonts-ocr-b, in three cuts; the others keep the network from clinging to one drawing of a letter.
FONTS = (
    (OCR_B + "OCRB.otf", 0.52),
    (OCR_B + "OCRBS.otf", 0.34),
    (OCR_B + "OCRBL.otf", 0.06),
    (OTHERS + "liberation/LiberationMono-Bold.ttf", 0.04),
    (OTHERS + "dejavu/DejaVuSansMono.ttf", 0.04),
)
DRAWN_CAPITAL = 44
WIDTH = 320
REACH = 0.3  # of the distance of two letters: so near to its middle, the network shall name it
Plane = NDArray[numpy.float32]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The letters of one font at DRAWN_CAPITAL, 0 paper to 1 ink, each in a box as wide as three letters."""

    ink: dict[str, Plane]
    pitch: float
    base: int


@cache
def glyphs(path: str) -> Glyphs:
    """The letters of a font, drawn once."""
    size = 60
    for _ in range(4):
        box = ImageFont.truetype(path, size).getbbox("H")
        size = round(size * DRAWN_CAPITAL / (box[3] - box[1]))
    font = ImageFont.truetype(path, size)
    pitch = font.getlength("H")
    box = font.getbbox("H")
    ink = {}
    for letter in CHARACTERS:
        picture = Image.new("L", (round(3 * pitch), 2 * DRAWN_CAPITAL))
        ImageDraw.Draw(picture).text((pitch, DRAWN_CAPITAL // 2 - box[1]), letter, font=font, fill=255)
        ink[letter] = numpy.asarray(picture, dtype=numpy.float32) / 255
    return Glyphs(ink, pitch, DRAWN_CAPITAL // 2)


def some_text(chance: Generator, length: int) -> str:
    """Letters as they follow each other in machine readable lines: names, numbers, fillers."""
    text = ""
    while len(text) < length:
        kind, run = chance.random(), int(chance.integers(1, 9))
        if kind < 0.22:
            text += "<" * (run if chance.random() < 0.5 else int(chance.integers(1, 3)))
        elif kind < 0.45:
            text += "".join(chance.choice(list("0123456789"), run))
        elif kind < 0.8:
            text += "".join(chance.choice(list(CHARACTERS[11:]), run))
        else:
            text += "".join(chance.choice(list("O0Q8B6G5S2Z1IJ7TDUVYMNHKXW3"), run))
    return text[:length]


def some_piece(chance: Generator) -> tuple[Plane, NDArray[numpy.int64]]:
    """A piece of a line of HEIGHT rows and WIDTH columns, as the network sees it, and the class of every frame."""
    paths, weights = zip(*FONTS, strict=True)
    font = glyphs(paths[chance.choice(len(FONTS), p=weights)])
    stretch = float(chance.uniform(0.84, 1.22))  # distance of letters, in heights of a capital
    capital = CAPITAL * float(chance.uniform(0.84, 1.16))
    pitch = capital * stretch * (1 if chance.random() < 0.9 else float(chance.uniform(0.9, 1.1)))
    count = int(WIDTH / pitch) + 3
    text = some_text(chance, count)
    begin, end = _gap_at_an_end(chance, count)
    text = "".join(letter if begin <= place < end else " " for place, letter in enumerate(text))
    ink, centres = _line_of_ink(chance, font, text, stretch)
    ink = _pressed(chance, ink)
    scale = capital / DRAWN_CAPITAL
    squeeze = pitch / (stretch * capital)
    matrix = _placed(chance, scale, squeeze, ink.shape)
    piece = _seen(chance, ink, matrix)
    middle = ink.shape[0] / 2
    classes = numpy.full(WIDTH // FRAME, NOTHING, dtype=numpy.int64)
    middles = (numpy.arange(WIDTH // FRAME) + 0.5) * FRAME
    for letter, centre in zip(text, centres, strict=True):
        if letter != " ":
            x = matrix[0, 0] * centre + matrix[0, 1] * middle + matrix[0, 2]
            classes[numpy.abs(middles - x) <= REACH * pitch] = CHARACTERS.index(letter)
    return piece, classes


def _gap_at_an_end(chance: Generator, count: int) -> tuple[int, int]:
    kind = chance.random()
    if kind < 0.2:
        return int(chance.integers(1, 7)), count
    if kind < 0.4:
        return 0, count - int(chance.integers(1, 7))
    return (0, 0) if kind < 0.44 else (0, count)


def _line_of_ink(chance: Generator, font: Glyphs, text: str, stretch: float) -> tuple[Plane, list[float]]:
    """The line with parts of its neighbours above and below, and the middle of every letter from left to right."""
    pitch = stretch * DRAWN_CAPITAL
    high = 5 * DRAWN_CAPITAL
    ink = numpy.zeros((high, round(pitch * (len(text) + 3))), dtype=numpy.float32)
    apart = DRAWN_CAPITAL * float(chance.uniform(1.75, 2.6))
    rows = [(high / 2, text)]
    if chance.random() < 0.6:
        rows.append((high / 2 - apart, some_text(chance, len(text))))
    if chance.random() < 0.6:
        rows.append((high / 2 + apart, some_text(chance, len(text))))
    jitter = float(chance.uniform(0, 0.03)) * DRAWN_CAPITAL
    centres: list[float] = []
    for middle, row in rows:
        shift = 0.0 if row is text else float(chance.uniform(-0.5, 0.5)) * pitch
        for place, letter in enumerate(row):
            centre = (place + 1.5) * pitch + shift + float(chance.normal(0, 1)) * jitter
            if row is text:
                centres.append(centre)
            if letter != " ":
                top = middle - DRAWN_CAPITAL + float(chance.normal(0, 1)) * jitter
                _stamp(ink, font.ink[letter], centre - font.ink[letter].shape[1] / 2, top)
    return ink, centres


def _stamp(ink: Plane, glyph: Plane, left: float, top: float) -> None:
    x, y = round(left), round(top)
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(ink.shape[1], x + glyph.shape[1]), min(ink.shape[0], y + glyph.shape[0])
    if x1 > x0 and y1 > y0:
        part = ink[y0:y1, x0:x1]
        numpy.maximum(part, glyph[y0 - y : y1 - y, x0 - x : x1 - x], out=part)


def _pressed(chance: Generator, ink: Plane) -> Plane:
    """Strokes thicker or thinner, edges rough, parts of the ink missing."""
    size = int(chance.integers(0, 4))
    kind = chance.random()
    if size and kind < 0.6:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size + 1, size + 1))
        ink = cv2.dilate(ink, kernel) if kind < 0.35 else cv2.erode(ink, kernel)
    if chance.random() < 0.3:
        rough = cv2.GaussianBlur(chance.random(ink.shape, dtype=numpy.float32), (0, 0), 2.2)
        rough = (rough - rough.mean()) / (rough.std() + 1e-6)
        ink = numpy.clip(ink * (1 - 0.35 * float(chance.random()) * numpy.clip(rough, 0, 2)), 0, 1)
    return ink


def _placed(chance: Generator, scale: float, squeeze: float, shape: tuple[int, ...]) -> NDArray[numpy.float64]:
    """From the drawn line to the piece: turned and sheared a little, not quite in the middle."""
    angle = numpy.deg2rad(float(chance.normal(0, 1.0)))
    shear = float(chance.normal(0, 0.06))
    turn = numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
    linear = turn @ numpy.array([[scale * squeeze, shear * scale], [0, scale]])
    centre = numpy.array([shape[1] / 2, shape[0] / 2])
    wanted = numpy.array([WIDTH / 2 + chance.uniform(-9, 9), HEIGHT / 2 + chance.normal(0, 1.3)])
    return numpy.hstack([linear, (wanted - linear @ centre)[:, None]])


def _seen(chance: Generator, ink: Plane, matrix: NDArray[numpy.float64]) -> Plane:
    """The piece as a camera sees it, brought to the network's size, evened."""
    # The camera's own pixels: a capital of 6 to 26 of them.
    seen = float(numpy.exp(chance.uniform(numpy.log(6.5), numpy.log(26)))) / CAPITAL
    margin = 8
    wide, high = round((WIDTH + 2 * margin) * seen), round((HEIGHT + 2 * margin) * seen)
    moved = matrix.copy()
    moved[:, 2] += margin
    moved *= seen
    shrink = numpy.hypot(moved[0, 0], moved[1, 0])
    soft = cv2.GaussianBlur(ink, (0, 0), max(0.3, 0.42 / shrink))
    small = cv2.warpAffine(soft, moved, (wide, high), flags=cv2.INTER_LINEAR)
    capital = CAPITAL * seen
    paper = _paper(chance, wide, high, capital)
    dark = float(chance.uniform(0.05, 0.5))
    picture = paper * (1 - small * (1 - dark))
    picture = _lit(chance, picture)
    picture = _unsharp(chance, picture, capital)
    noise = float(chance.choice([0, 2, 5, 9, 15, 24])) / 255 * min(1.0, capital / 10)
    picture = picture + chance.standard_normal(picture.shape, dtype=numpy.float32) * noise
    grey = numpy.clip(picture * 255, 0, 255).astype(numpy.uint8)
    if chance.random() < 0.55:
        quality = int(chance.integers(22, 90))
        grey = cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
    flags = cv2.INTER_CUBIC if seen < 1 else cv2.INTER_AREA
    large = cv2.resize(grey, (WIDTH + 2 * margin, HEIGHT + 2 * margin), interpolation=flags)
    return evened(large[margin:-margin, margin:-margin].astype(numpy.float32))


def _paper(chance: Generator, wide: int, high: int, capital: float) -> Plane:
    """Paper with the fine lines, waves and clouds of security printing."""
    y, x = numpy.mgrid[0:high, 0:wide].astype(numpy.float32)
    paper = numpy.full((high, wide), float(chance.uniform(0.55, 1.0)), dtype=numpy.float32)
    for _ in range(int(chance.integers(0, 4))):
        length = capital * float(numpy.exp(chance.uniform(numpy.log(0.25), numpy.log(3))))
        angle = float(chance.uniform(0, numpy.pi))
        bend = float(chance.uniform(0, 1.5)) * capital
        bent = y + bend * numpy.sin(x / (capital * float(chance.uniform(0.8, 6))) + float(chance.uniform(0, 6)))
        wave = numpy.sin((x * numpy.cos(angle) + bent * numpy.sin(angle)) * (2 * numpy.pi / max(2.2, length)))
        if chance.random() < 0.5:
            wave = (wave > float(chance.uniform(0.3, 0.9))) * -1.0
        paper += (wave * float(chance.uniform(0.0, 0.11))).astype(numpy.float32)
    if chance.random() < 0.5:
        clouds = chance.random((max(2, high // 8), max(2, wide // 8)), dtype=numpy.float32) - 0.5
        paper += cv2.resize(clouds, (wide, high), interpolation=cv2.INTER_CUBIC) * float(chance.uniform(0, 0.3))
    if chance.random() < 0.12:
        # The edge of the page, a finger or the table beside the line.
        edge = float(chance.choice([-1, 1])) * (y - high / 2) + float(chance.normal(0, 0.06)) * (x - wide / 2)
        paper = numpy.where(edge > capital * float(chance.uniform(0.65, 0.9)), float(chance.uniform(0.1, 1)), paper)
    return paper.astype(numpy.float32)


def _lit(chance: Generator, picture: Plane) -> Plane:
    """Light that falls unevenly: slopes, the edge of a shadow, glare, little light."""
    high, wide = picture.shape
    y, x = numpy.mgrid[0:high, 0:wide].astype(numpy.float32)
    if chance.random() < 0.4:
        picture = picture * (1 + float(chance.uniform(-0.5, 0.5)) * (x / wide - 0.5))
    if chance.random() < 0.25:
        slope = float(chance.normal(0, 0.6))
        edge = (x - wide * float(chance.random()) + slope * (y - high / 2)) / float(chance.uniform(0.5, 14))
        picture = picture * (1 - float(chance.uniform(0.2, 0.65)) / (1 + numpy.exp(-numpy.clip(edge, -30, 30))))
    if chance.random() < 0.2:
        spot = ((x - wide * chance.random()) / (wide * chance.uniform(0.05, 0.3))) ** 2
        spot += ((y - high * chance.random()) / (high * chance.uniform(0.3, 1.5))) ** 2
        picture = picture + float(chance.uniform(0.2, 0.75)) * numpy.exp(-spot)
    if chance.random() < 0.25:
        picture = picture * float(chance.uniform(0.15, 0.6))
    return numpy.clip(picture, 0, 1).astype(numpy.float32)


def _unsharp(chance: Generator, picture: Plane, capital: float) -> Plane:
    """Out of focus, or moved."""
    kind = chance.random()
    if kind < 0.4:
        return cv2.GaussianBlur(picture, (0, 0), 0.2 + capital * float(chance.uniform(0.0, 0.13)))
    if kind < 0.58:
        length = max(2, round(capital * float(chance.uniform(0.08, 0.42))))
        angle = float(chance.uniform(0, numpy.pi))
        kernel = numpy.zeros((2 * length + 1, 2 * length + 1), dtype=numpy.float32)
        away = (round(length / 2 * numpy.cos(angle)), round(length / 2 * numpy.sin(angle)))
        cv2.line(kernel, (length - away[0], length - away[1]), (length + away[0], length + away[1]), 1.0)
        return cv2.filter2D(picture, -1, kernel / kernel.sum())
    return picture
