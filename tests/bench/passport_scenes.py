"""Pictures of documents as scanners and telephones make them: seven usual scenes, and harder ones."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import cv2
import numpy
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[numpy.uint8]
Scene = Callable[[Image.Image, Generator], Image.Image]


def on_a_table(
    page: Image.Image,
    chance: Generator,
    side: int,
    *,
    fills: float = 0.8,
    degrees: float = 1.5,
    perspective: float = 0.015,
) -> Image.Image:
    """A photo of `side` × 3/4 `side` pixels; the page fills so much of its width, turned and seen from aside."""
    width, height = side, side * 3 // 4
    table = _table(chance, width, height)
    scale = fills * float(chance.uniform(0.92, 1.0)) * min(width / page.width, height / page.height / 0.95)
    half = numpy.array([page.width, page.height]) * scale / 2
    corners = numpy.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    angle = numpy.deg2rad(float(chance.uniform(-1, 1)) * degrees)
    turn = numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
    corners = corners @ turn.T * (1 + chance.uniform(-perspective, perspective, (4, 2)))
    room = numpy.maximum(0, numpy.array([width, height]) / 2 - numpy.abs(corners).max(axis=0) - 4)
    corners += numpy.array([width, height]) / 2 + chance.uniform(-1, 1, 2) * room
    whole = numpy.array([(0, 0), (page.width, 0), (page.width, page.height), (0, page.height)], dtype=numpy.float32)
    matrix = cv2.getPerspectiveTransform(whole, corners.astype(numpy.float32))
    shrink = max(0.0, 1 / scale - 1)
    soft = page.filter(ImageFilter.GaussianBlur(0.45 * shrink)) if shrink > 0.3 else page
    seen = cv2.warpPerspective(numpy.asarray(soft), matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(numpy.full((page.height, page.width), 255, numpy.uint8), matrix, (width, height))
    return Image.fromarray(numpy.where(mask[..., None] > 127, seen, table))


def _table(chance: Generator, width: int, height: int) -> Pixels:
    """Wood, cloth or a plain desk."""
    colour = numpy.array([(120, 85, 55), (60, 62, 66), (200, 198, 190), (40, 70, 60)])[chance.integers(0, 4)]
    grain = chance.normal(0, 1, (height // 40 + 2, width // 4 + 2)).astype(numpy.float32)
    grain = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC) * float(chance.uniform(2, 14))
    return numpy.clip(colour + grain[..., None], 0, 255).astype(numpy.uint8)


def noisy(picture: Image.Image, chance: Generator, strength: float) -> Image.Image:
    """With the grain of a small sensor."""
    pixels = numpy.asarray(picture).astype(numpy.float32)
    grain = chance.normal(0, strength, pixels.shape[:2]).astype(numpy.float32)
    return Image.fromarray(numpy.clip(pixels + grain[..., None], 0, 255).astype(numpy.uint8))


def sent(picture: Image.Image, quality: int) -> Image.Image:
    """Through JPEG, as chats send it."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(BytesIO(out.getvalue())).convert("RGB")


def lit(picture: Image.Image, chance: Generator, *, glare: float = 0.0, shadow: float = 0.0) -> Image.Image:
    """With a round reflection low on the page and the straight edge of a shadow across it."""
    pixels = numpy.asarray(picture).astype(numpy.float32)
    height, width = pixels.shape[:2]
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    if shadow:
        slope, place = float(chance.normal(0, 0.5)), float(chance.uniform(0.3, 0.7))
        edge = numpy.clip(((x / width - place) + slope * (y / height - 0.6)) * 25, -30, 30)
        pixels *= (1 - shadow / (1 + numpy.exp(-edge)))[..., None]
    if glare:
        spot = ((x - width * chance.uniform(0.2, 0.8)) / (0.16 * width)) ** 2
        spot += ((y - height * chance.uniform(0.65, 0.85)) / (0.13 * height)) ** 2
        pixels += (255 * glare * numpy.exp(-spot))[..., None]
    return Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))


def moved(picture: Image.Image, chance: Generator, length: int) -> Image.Image:
    """Smeared by a hand that moved."""
    kernel = numpy.zeros((length, length), dtype=numpy.float32)
    slope = float(chance.uniform(-1, 1))
    for step in range(length):
        kernel[round((length - 1) / 2 + slope * (step - (length - 1) / 2)), step] = 1
    return Image.fromarray(cv2.filter2D(numpy.asarray(picture), -1, kernel / kernel.sum()))


def fingers(picture: Image.Image, chance: Generator) -> Image.Image:
    """Two fingers hold the page at its sides, beside the lines."""
    pixels = numpy.array(picture)
    height, width = pixels.shape[:2]
    for side in (0.02, 0.985):
        centre = (round(width * side), round(height * float(chance.uniform(0.4, 0.9))))
        cv2.ellipse(pixels, centre, (round(width * 0.05), round(height * 0.05)), 0, 0, 360, (205, 160, 135), -1)
    return Image.fromarray(pixels)


def scan(page: Image.Image, chance: Generator) -> Image.Image:
    """A flat-bed scan at 200 dots an inch."""
    scale = 200 / 25.4 / 16
    small = page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", (small.width + 260, small.height + 340), (250, 250, 248))
    laid = small.rotate(float(chance.uniform(-0.6, 0.6)), Image.Resampling.BICUBIC, fillcolor=(250, 250, 248))
    sheet.paste(laid, (90, 120))
    return noisy(sheet, chance, 2)


SCENES: dict[str, Scene] = {
    "scan": scan,
    "photo 1280": lambda page, chance: sent(noisy(on_a_table(page, chance, 1280), chance, 4), 80),
    "photo 2560": lambda page, chance: sent(noisy(on_a_table(page, chance, 2560), chance, 6), 85),
    "tilted": lambda page, chance: sent(
        noisy(on_a_table(page, chance, 1600, fills=0.72, degrees=16, perspective=0.05), chance, 4), 80
    ),
    "glare and shadow": lambda page, chance: sent(
        lit(noisy(on_a_table(page, chance, 1600), chance, 4), chance, glare=0.5, shadow=0.5), 80
    ),
    "blur": lambda page, chance: sent(on_a_table(page, chance, 1600).filter(ImageFilter.GaussianBlur(2.0)), 80),
    "upside down": lambda page, chance: sent(
        noisy(on_a_table(page, chance, 1600), chance, 4).transpose(Image.Transpose.ROTATE_180), 80
    ),
}
"""The seven scenes by which readers are compared."""

HARDER: dict[str, Scene] = {
    "on its side": lambda page, chance: sent(on_a_table(page, chance, 1280).transpose(Image.Transpose.ROTATE_90), 80),
    "strong perspective": lambda page, chance: sent(
        on_a_table(page, chance, 1600, fills=0.75, degrees=6, perspective=0.14), 80
    ),
    "turned 35°": lambda page, chance: sent(
        on_a_table(page, chance, 1600, fills=0.7).rotate(35, Image.Resampling.BICUBIC, expand=True, fillcolor="grey"),
        80,
    ),
    "quality 30": lambda page, chance: sent(noisy(on_a_table(page, chance, 1280), chance, 5), 30),
    "moved": lambda page, chance: sent(moved(on_a_table(page, chance, 1600), chance, 9), 75),
    "low light": lambda page, chance: sent(
        noisy(on_a_table(page, chance, 1600).point(lambda level: level * 0.22), chance, 9), 80
    ),
    "shadow of a hand": lambda page, chance: sent(lit(on_a_table(page, chance, 1280), chance, shadow=0.75), 75),
    "fingers": lambda page, chance: sent(fingers(on_a_table(page, chance, 1280, fills=0.98), chance), 75),
    "small in 12 megapixels": lambda page, chance: sent(
        noisy(on_a_table(page, chance, 4000, fills=0.3), chance, 7), 85
    ),
    "small in a chat photo": lambda page, chance: sent(noisy(on_a_table(page, chance, 1280, fills=0.5), chance, 3), 80),
}
"""Scenes beyond the comparison."""


def cut_off(page: Image.Image, chance: Generator) -> Image.Image:
    """A photo that misses the right end of the lines; nothing may be made up for it."""
    photo = on_a_table(page, chance, 1600, fills=0.97, degrees=0.5)
    return sent(photo.crop((0, 0, round(photo.width * float(chance.uniform(0.6, 0.85))), photo.height)), 80)


def take(scene: Scene, page: Image.Image, seed: int) -> Image.Image:
    """The picture of a scene; the same for the same seed."""
    return scene(page, numpy.random.default_rng(seed))
