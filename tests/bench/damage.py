"""What telephones, chats and printers do to a code: a clean one goes in, a JPEG as it is sent comes out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Final

import cv2
import numpy
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

CHAT: Final = (1280, 960)
LARGE: Final = (4032, 3024)
PAPER: Final = 226
SHARE: Final = 0.7
"""Of the shorter side of the photo, what the code takes."""

Points = NDArray[numpy.float64]
Damage = Callable[[Image.Image, Generator], bytes]


def scene(code: Image.Image, size: tuple[int, int] = CHAT, share: float = SHARE) -> Image.Image:
    """A photo of this size with the code in the middle and lines of print around it."""
    width, height = size
    side = round(min(size) * share)
    paper = Image.new("L", size, PAPER)
    draw = ImageDraw.Draw(paper)
    step = max(4, height // 40)
    for top in range(step, height - step, step):
        for left in range(step, width - step, step * 3):
            draw.line((left, top, left + step * 2 + top % step, top), fill=120, width=max(1, step // 5))
    drawn = code.resize((side, side), Image.Resampling.LANCZOS if side < code.width else Image.Resampling.NEAREST)
    drawn = drawn.point(lambda level: 25 + level * (PAPER - 25) // 255)
    paper.paste(drawn, ((width - side) // 2, (height - side) // 2))
    return paper


def sent(picture: Image.Image, quality: int = 80) -> bytes:
    """The picture as JPEG."""
    out = BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def chat_photo(picture: Image.Image, quality: int = 80) -> Image.Image:
    """Made small enough for a chat, as chats do."""
    smaller = picture.copy()
    smaller.thumbnail((1280, 1280), Image.Resampling.BICUBIC)
    out = BytesIO()
    smaller.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("L")


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    """Held turned; nothing of the code is lost."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=degrees % 90 == 0, fillcolor=PAPER)


def tilted(picture: Image.Image, chance: Generator, strength: float = 0.12) -> Image.Image:
    """Photographed from the side: the corners move inwards by up to this share of each side."""
    width, height = picture.size
    corners = numpy.float32([[0, 0], [width, 0], [width, height], [0, height]])
    inwards = numpy.float32([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (width, height)
    moved = (corners + inwards * chance.uniform(0, strength, (4, 2))).astype(numpy.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    bent = cv2.warpPerspective(numpy.asarray(picture), matrix, (width, height), flags=cv2.INTER_AREA, borderValue=PAPER)
    return Image.fromarray(bent)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def shaken(picture: Image.Image, length: int, degrees: float) -> Image.Image:
    """Moved while the shutter was open."""
    kernel = numpy.zeros((length, length), numpy.float32)
    kernel[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), degrees, 1)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return Image.fromarray(cv2.filter2D(numpy.asarray(picture), -1, kernel / kernel.sum()))


def noisy(picture: Image.Image, chance: Generator, strength: float = 35) -> Image.Image:
    """Grain of a small sensor."""
    return _levels(numpy.asarray(picture) + chance.normal(0, strength, picture.size[::-1]))


def dark(picture: Image.Image, chance: Generator) -> Image.Image:
    """Taken in little light: a fifth of the levels, and grain."""
    return _levels(numpy.asarray(picture) * 0.2 + 12 + chance.normal(0, 4, picture.size[::-1]))


def shaded(picture: Image.Image, chance: Generator) -> Image.Image:
    """A shadow across the page, and a lamp mirrored in it."""
    width, height = picture.size
    down, across = numpy.mgrid[0:height, 0:width]
    angle = chance.uniform(0, 2 * numpy.pi)
    along = (across / width - 0.5) * numpy.cos(angle) + (down / height - 0.5) * numpy.sin(angle)
    light = 0.62 + 0.38 / (1 + numpy.exp(-along * 14))
    middle = chance.uniform(0.3, 0.7, 2)
    far = ((across / width - middle[0]) ** 2 + (down / height - middle[1]) ** 2) / 0.02
    return _levels(numpy.asarray(picture) * light + 90 * numpy.exp(-far))


def _levels(points: Points) -> Image.Image:
    return Image.fromarray(points.clip(0, 255).astype(numpy.uint8))


def _page(code: Image.Image, _: Generator) -> bytes:
    return sent(chat_photo(scene(code, (2480, 3508), 0.36)))


def _in_the_dark_mode(code: Image.Image, _: Generator) -> bytes:
    screen = Image.new("L", (1170, 2532), 18)
    card = scene(code, (1050, 1050), 0.82)
    screen.paste(card, (60, 500))
    return sent(chat_photo(screen))


EASY: Final[dict[str, Damage]] = {
    "A4 page as chat photo": _page,
    "JPEG quality 30": lambda code, chance: sent(scene(code), 30),
    "turned 7°": lambda code, chance: sent(turned(scene(code), 7)),
    "turned 33°": lambda code, chance: sent(turned(scene(code), 33)),
    "turned 90°": lambda code, chance: sent(turned(scene(code), 90)),
    "perspective": lambda code, chance: sent(tilted(scene(code), chance)),
    "blur 1.5": lambda code, chance: sent(blurred(scene(code), 1.5)),
    "blur 2.5": lambda code, chance: sent(blurred(scene(code), 2.5)),
    "low light": lambda code, chance: sent(dark(scene(code), chance)),
    "noise": lambda code, chance: sent(noisy(scene(code), chance)),
    "small in 12 megapixels": lambda code, chance: sent(scene(code, LARGE, 0.24)),
    "the same as chat photo": lambda code, chance: sent(chat_photo(scene(code, LARGE, 0.36))),
    "dark mode": _in_the_dark_mode,
    "inverted": lambda code, chance: sent(ImageOps.invert(scene(code))),
    "shadow and glare": lambda code, chance: sent(shaded(scene(code), chance)),
}
"""One trouble at a time."""


def _mixed(
    code: Image.Image, chance: Generator, *, share: float, blur: float, noise: float, tilt: float, quality: int
) -> bytes:
    picture = blurred(tilted(scene(code, share=share), chance, tilt), blur)
    return sent(noisy(picture, chance, noise), quality)


def _moved(code: Image.Image, chance: Generator) -> bytes:
    picture = shaken(turned(scene(code), 12), 13, chance.uniform(0, 180))
    return sent(noisy(picture, chance, 20), 60)


def _dim(code: Image.Image, chance: Generator) -> bytes:
    return sent(dark(blurred(tilted(scene(code), chance), 2.8), chance), 50)


def _curled(code: Image.Image, chance: Generator) -> bytes:
    picture = numpy.asarray(scene(code))
    height, width = picture.shape
    down, across = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    wave = 14 * numpy.sin(across / width * numpy.pi * 2 + chance.uniform(0, 6)).astype(numpy.float32)
    bent = Image.fromarray(cv2.remap(picture, across, down + wave, cv2.INTER_LINEAR, borderValue=PAPER))
    return sent(noisy(blurred(bent, 2.6), chance, 20), 60)


HARD: Final[dict[str, Damage]] = {
    "blur 2.5, noise": partial(_mixed, share=SHARE, blur=2.5, noise=25, tilt=0.05, quality=60),
    "blur 3, perspective, quality 40": partial(_mixed, share=SHARE, blur=3.0, noise=0, tilt=0.15, quality=40),
    "small, blur 1.7, noise, quality 40": partial(_mixed, share=0.4, blur=1.7, noise=10, tilt=0.08, quality=40),
    "blur 3.5, noise": partial(_mixed, share=SHARE, blur=3.5, noise=10, tilt=0.05, quality=60),
    "blur 1.8, noise, perspective": partial(_mixed, share=SHARE, blur=1.8, noise=35, tilt=0.15, quality=50),
    "shaken, noise, turned": _moved,
    "dark, blur 2.8, perspective": _dim,
    "curled, blur 2.6, noise": _curled,
}
"""Two or three troubles at once."""
