"""The coach names what spoils a photo, and marks the place in the traveller's own picture."""

import io

import numpy
import pytest
from PIL import Image

from bot.documents.coach import coach, mark
from bot.documents.codes import search
from bot.documents.photo_reading import Advice
from bot.documents.pixels import open_picture
from tests.bench.coaching import SPOILT
from tests.bench.damage import sent
from tests.bench.drawn_codes import own_codes

CODE = own_codes()[20]
MIDDLE = (640, 480)


def advice_on(trouble: str) -> Advice:
    content = sent(SPOILT[trouble](CODE.picture, numpy.random.default_rng(5)))
    picture = open_picture(content, grey=True)
    return coach(picture, search(picture))


@pytest.mark.parametrize("trouble", ["no_code", "blurred", "glare", "cut_off", "too_dark", "other_code"])
def test_what_spoils_a_photo_is_named(trouble: str) -> None:
    assert advice_on(trouble).trouble == trouble


@pytest.mark.parametrize("trouble", ["glare", "other_code"])
def test_the_place_is_that_of_the_code(trouble: str) -> None:
    box = advice_on(trouble).box
    assert box is not None
    left, top, right, bottom = box
    assert left < MIDDLE[0] < right
    assert top < MIDDLE[1] < bottom
    assert right - left < 900


def test_nothing_is_marked_where_there_is_no_place() -> None:
    picture = Image.new("RGB", (200, 100), (180, 190, 200))
    marked = Image.open(io.BytesIO(mark(picture, Advice("no_code"))))
    assert marked.size == (200, 100)
    assert numpy.ptp(numpy.asarray(marked), axis=(0, 1)).max() < 8


@pytest.mark.parametrize("background", [0, 255])
def test_the_place_is_framed_and_all_else_dimmed(background: int) -> None:
    picture = Image.new("L", (800, 600), background)
    marked = Image.open(io.BytesIO(mark(picture, Advice("blurred", (300, 200, 500, 400)))))
    points = numpy.asarray(marked.convert("RGB")).astype(int)
    assert abs(points[300, 400] - background).max() < 12
    assert points[20, 20].max() < 140
    row = points[300, 260:301]
    assert any(red > 180 and blue < 110 for red, _, blue in row)
    assert row.min() < 60


def test_the_marked_picture_carries_nothing_but_pixels() -> None:
    picture = Image.new("RGB", (300, 300), "white")
    picture.info["comment"] = b"SECRET"
    marked = mark(picture, Advice("glare", (10, 10, 90, 90)))
    assert b"SECRET" not in marked
    assert marked.startswith(b"\xff\xd8")
    assert Image.open(io.BytesIO(marked)).getexif() == {}


def test_odd_pictures_are_spoken_of_too() -> None:
    for size in ((1, 1), (3000, 2), (5, 900)):
        picture = Image.new("L", size, 128)
        assert coach(picture, search(picture, clock=lambda: 0.0)).trouble in ("no_code", "too_dark", "unclear")
