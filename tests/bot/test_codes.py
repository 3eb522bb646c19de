"""The ladder of code readers: which rung reads what, and that it stops in time."""

import io
import itertools

import numpy
import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from bot.certificates.specimens import folder
from bot.documents import codes
from bot.documents.codes import Code, find_codes, is_certificate
from bot.documents.pixels import open_picture
from bot.documents.qr_layout import known_modules
from tests.bench.damage import HARD
from tests.bench.drawn_codes import own_codes

GOOD = open_picture((folder() / "good.png").read_bytes())
TEXT = find_codes(GOOD)[0].text


def qr(content: str | bytes, scale: int = 6) -> Image.Image:
    out = io.BytesIO()
    segno.make_qr(content).save(out, kind="png", scale=scale, border=4)
    return Image.open(out).convert("L")


def side_by_side(*pictures: Image.Image) -> Image.Image:
    page = Image.new("L", (sum(p.width for p in pictures) + 40, max(p.height for p in pictures)), 255)
    for left, picture in zip(itertools.accumulate([0, *(p.width + 20 for p in pictures)]), pictures, strict=False):
        page.paste(picture, (left, 0))
    return page


def test_a_clean_picture_is_read_on_the_first_rung() -> None:
    (code,) = find_codes(GOOD)
    assert (code.text[:4], code.symbology, code.rung) == ("HC1:", "QR Code", "plain")
    assert code.content.decode() == code.text


@pytest.mark.parametrize(
    "damaged",
    [
        ImageOps.invert(GOOD.convert("L")),
        GOOD.rotate(180),
        GOOD.rotate(90, expand=True),
        GOOD.rotate(33, expand=True, fillcolor="white"),
        ImageOps.mirror(GOOD),
        GOOD.convert("L").point(lambda level: 90 + level // 12),
        GOOD.filter(ImageFilter.GaussianBlur(2)),
        GOOD.resize((360, 590)),
        GOOD.resize((2880, 4720)),
        Image.fromarray(
            (numpy.asarray(GOOD.convert("L")) + numpy.random.default_rng(1).normal(0, 40, (1180, 720)))
            .clip(0, 255)
            .astype("uint8")
        ),
    ],
)
def test_a_code_is_read_through_damage(damaged: Image.Image) -> None:
    assert TEXT in {code.text for code in find_codes(damaged, seconds=30)}


def test_strong_blur_is_read_on_a_later_rung() -> None:
    found = find_codes(GOOD.filter(ImageFilter.GaussianBlur(4)), seconds=30)
    assert [code.text for code in found] == [TEXT]
    assert found[0].rung in ("sharper", "finders")


def test_all_codes_of_a_picture_are_read() -> None:
    page = side_by_side(qr("https://example.org"), qr("HC1:FIRST"), qr("HC1:SECOND"))
    assert {code.text for code in find_codes(page)} == {"https://example.org", "HC1:FIRST", "HC1:SECOND"}


def test_a_code_of_another_kind_is_brought_when_there_is_no_certificate() -> None:
    (code,) = find_codes(qr("https://example.org"))
    assert code.text == "https://example.org"
    assert not is_certificate(code)


def test_bytes_that_are_no_text_come_through_whole() -> None:
    content = b"PK\x03\x04" + bytes(range(256))
    (code,) = find_codes(qr(content))
    assert code.content == content
    assert is_certificate(code)


@pytest.mark.parametrize("kind", ["Aztec", "DataMatrix", "PDF417"])
def test_other_two_dimensional_codes_are_read(kind: str) -> None:
    drawn = zxingcpp.create_barcode("HC1:OTHER", getattr(zxingcpp.BarcodeFormat, kind)).to_image(scale=6)
    page = Image.new("L", (600, 600), 255)
    page.paste(Image.fromarray(numpy.array(drawn)), (100, 100))
    assert [code.text for code in find_codes(page)] == ["HC1:OTHER"]


def test_bar_codes_of_shops_are_not_looked_for() -> None:
    drawn = zxingcpp.create_barcode("4006381333931", zxingcpp.BarcodeFormat.EAN13).to_image(scale=3)
    page = Image.new("L", (600, 400), 255)
    page.paste(Image.fromarray(numpy.array(drawn)), (100, 100))
    assert find_codes(page) == ()


def test_the_picture_in_full_size_is_the_second_rung() -> None:
    tiny = GOOD.resize((90, 148))
    found = find_codes(tiny, full=lambda: GOOD)
    assert [(code.text, code.rung) for code in found] == [(TEXT, "full")]


def test_a_picture_without_a_code_is_given_up_when_its_time_is_used_up() -> None:
    ticks = itertools.count(0, 10)
    asked: list[int] = []

    def clock() -> float:
        asked.append(next(ticks))
        return asked[-1]

    assert find_codes(Image.new("L", (400, 400), 200), clock=clock) == ()
    assert len(asked) == 2


def test_a_code_moved_blurred_and_in_grain_is_read_from_its_three_large_squares() -> None:
    code = own_codes()[16]
    content = HARD["shaken, noise, turned"](code.picture, numpy.random.default_rng(3))
    found = find_codes(Image.open(io.BytesIO(content)), seconds=60)
    assert [(one.content, one.rung) for one in found] == [(code.content, "finders")]


def test_a_certificate_in_several_codes_is_read_until_all_are_there() -> None:
    first, second = qr("shc:/1/2/" + "56" * 40), qr("shc:/2/2/" + "76" * 40)
    both = side_by_side(first, second.filter(ImageFilter.GaussianBlur(3.4)))
    assert len(find_codes(both, seconds=60)) == 2


@pytest.mark.parametrize("version", range(1, 41))
def test_the_known_patterns_of_every_version_are_those_of_drawn_codes(version: int) -> None:
    drawn = segno.make_qr("hello", version=version, error="l", boost_error=False).matrix
    modules = numpy.where(numpy.array([list(row) for row in drawn]) > 0, 1, -1)
    known = known_modules(version)
    assert (known == modules)[known != 0].all()
    assert (known != 0).sum() > 200


def test_every_rung_can_be_climbed() -> None:
    for size in ((400, 300), (1, 1), (3000, 2), (5, 5)):
        assert find_codes(Image.new("RGB", size, "grey"), clock=lambda: 0.0) == ()


def test_a_missing_second_reader_is_done_without() -> None:
    kept, codes.pyzbar = codes.pyzbar, None
    try:
        assert find_codes(Image.new("L", (200, 200), 255), clock=lambda: 0.0) == ()
        assert find_codes(GOOD)
    finally:
        codes.pyzbar = kept


@pytest.mark.parametrize("text", ["HC1:ABC", "shc:/5676", "NZCP:/1/ABC", "PK\x03\x04rest"])
def test_known_formats_are_known_by_how_they_begin(text: str) -> None:
    assert is_certificate(Code(text, text.encode(), "QR Code", "plain"))
