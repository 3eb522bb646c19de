"""Photos spoilt in a known way beyond reading, and what the coach says about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from bot.documents.coach import coach
from bot.documents.codes import is_certificate, search
from bot.documents.photo_reading import Advice
from bot.documents.pixels import open_picture
from tests.bench.damage import CHAT, blurred, noisy, scene, sent
from tests.bench.drawn_codes import SEED, Drawn, other_code

Spoil = Callable[[Image.Image, Generator], Image.Image]


def _no_code(code: Image.Image, chance: Generator) -> Image.Image:
    return noisy(scene(Image.new("L", (100, 100), 255)), chance, 8)


def _glare(code: Image.Image, chance: Generator) -> Image.Image:
    picture = scene(code)
    white = Image.new("L", picture.size, 0)
    left, top = 400 + int(chance.integers(0, 120)), 250 + int(chance.integers(0, 120))
    ImageDraw.Draw(white).ellipse((left, top, left + 360, top + 330), fill=255)
    white = white.filter(ImageFilter.GaussianBlur(12))
    return Image.composite(Image.new("L", picture.size, 255), picture, white)


def _cut_off(code: Image.Image, chance: Generator) -> Image.Image:
    picture = scene(code)
    cut = 380 + int(chance.integers(0, 150))
    return picture.crop((cut, 0, picture.width, picture.height))


def _too_small(code: Image.Image, chance: Generator) -> Image.Image:
    return noisy(scene(code, CHAT, 0.1), chance, 4)


def _too_dark(code: Image.Image, chance: Generator) -> Image.Image:
    points = numpy.asarray(blurred(scene(code), 3)) * 0.06 + 8 + chance.normal(0, 5, CHAT[::-1])
    return Image.fromarray(points.clip(0, 255).astype(numpy.uint8))


SPOILT: Final[dict[str, Spoil]] = {
    "no_code": _no_code,
    "blurred": lambda code, chance: blurred(scene(code), 8.5),
    "glare": _glare,
    "cut_off": _cut_off,
    "too_small": _too_small,
    "too_dark": _too_dark,
    "other_code": lambda code, chance: scene(other_code(chance), CHAT, 0.5),
}
"""By the trouble that the coach should name."""


def advice_on(trouble: str, code: Drawn, number: int) -> Advice | None:
    """What is said about this code spoilt in this way; None if a certificate was read all the same."""
    chance = numpy.random.default_rng([SEED, 7, number])
    picture = open_picture(sent(SPOILT[trouble](code.picture, chance)), grey=True)
    found = search(picture)
    return None if any(is_certificate(one) for one in found.codes) else coach(picture, found)


def confusions(codes: Sequence[Drawn]) -> dict[str, Counter[str]]:
    """For each way of spoiling what the coach said, and how often."""
    said: dict[str, Counter[str]] = {}
    for trouble in SPOILT:
        answers = [advice_on(trouble, code, number) for number, code in enumerate(codes)]
        said[trouble] = Counter(answer.trouble if answer else "read" for answer in answers)
    return said
