"""Opening what was sent: each trouble has its name, and nothing but pixels comes through."""

import base64
import io
import warnings
import zlib

import numpy
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.documents.photo_reading import MAX_BYTES
from bot.documents.pixels import KEPT_SIDE, PixelsError, full_size, open_picture, reencode

GPS = 0x8825
# Drawn by `drawn()` and encoded once: no encoder of this format is at hand.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAA"
    "AAAERAAAEAAQAAAAABoQABAAAAAAAAACMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAA"
    "AADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkA"
    "AAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAA"
    "AAAoY2xhcAAAADwAAAABAAAAKAAAAAH////8AAAAAv///+gAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAC"
    "ttZGF0AAAAHygBrxmA9wNb/8/f1lr/53gzmUO8VKhArQ1zAdNcp6Q="
)


def drawn(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """A picture whose left half is black and whose right half is white."""
    points = numpy.full((height, width), 255, numpy.uint8)
    points[:, : width // 2] = 0
    return Image.fromarray(points).convert(mode)


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)  # type: ignore[arg-type]
    return out.getvalue()


def trouble_of(content: bytes) -> str:
    with pytest.raises(PixelsError) as caught:
        open_picture(content)
    return caught.value.trouble


def png_of(width: int, height: int, rows: bytes) -> bytes:
    """A PNG with one bit a point that claims this size, whatever its rows hold."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return len(content).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF"])
def test_the_accepted_formats_open(form: str) -> None:
    picture = open_picture(saved(drawn(), form, **({"lossless": True} if form == "WEBP" else {})))
    assert picture.size == (60, 40)
    grey = picture.convert("L")
    assert grey.getpixel((5, 20)) < 20 < 235 < grey.getpixel((55, 20))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_png_opens_as_grey_or_colour(mode: str) -> None:
    if mode == "I;16":
        source = Image.fromarray(numpy.asarray(drawn(mode="L")).astype(numpy.uint16) * 257)
    else:
        source = drawn().convert(mode)
    picture = open_picture(saved(source, "PNG"))
    assert picture.mode in ("L", "RGB")
    grey = picture.convert("L")
    assert grey.getpixel((5, 20)) < 20 < 235 < grey.getpixel((55, 20))


def test_a_cmyk_jpeg_opens_in_colour() -> None:
    assert open_picture(saved(drawn(mode="CMYK"), "JPEG")).mode == "RGB"


def test_what_is_transparent_becomes_white_paper() -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert open_picture(saved(clear, "PNG")).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", "empty"),
        (b"hello", "not_a_picture"),
        (b"\0" * 100, "not_a_picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "corrupt"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "corrupt"),
        (HEIC[:-60], "corrupt"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "not_a_picture"),
        (bytes(MAX_BYTES + 1), "too_large"),
        (b"\xff\xd8\xff\xe0 and no more", "corrupt"),
        (b"\x89PNG\r\n\x1a\n", "corrupt"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not_a_picture"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X", "corrupt"),
    ],
)
def test_what_is_no_picture_is_told_apart(content: bytes, trouble: str) -> None:
    assert trouble_of(content) == trouble


@pytest.mark.parametrize("form", ["BMP", "ICO", "PPM", "TGA"])
def test_formats_that_are_not_named_stay_shut(form: str) -> None:
    assert trouble_of(saved(drawn(), form)) == "not_a_picture"


def test_what_telephones_call_heic_opens() -> None:
    grey = open_picture(HEIC).convert("L")
    assert grey.size == (60, 40)
    assert grey.getpixel((5, 20)) < 30 < 225 < grey.getpixel((55, 20))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_every_format_stands_upright(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = open_picture(saved(drawn(), form, exif=exif)).convert("L")
    assert picture.size == (40, 60)
    assert picture.getpixel((20, 5)) < 30 < 225 < picture.getpixel((20, 55))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_cut_off_is_corrupt(form: str) -> None:
    noise = Image.fromarray(numpy.random.default_rng(1).integers(0, 255, (200, 200, 3), numpy.uint8))
    content = saved(noise, form)
    assert trouble_of(content[: len(content) // 2]) == "corrupt"


@pytest.mark.parametrize(
    "content",
    [
        png_of(10_000, 10_800, bytes(1251 * 10_800)),
        png_of(100_000, 100_000, b""),
        png_of(7_100, 7_100, b""),
        png_of(20_001, 1, b""),
        saved(Image.new("L", (7_100, 7_100)), "JPEG"),
        b"RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\x3f\x00\xff\x3f\x00",
        b"RIFF\x16\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00",
    ],
)
def test_more_pixels_than_the_limit_are_never_unpacked(content: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert trouble_of(content) == "too_many_pixels"


def test_only_the_first_of_many_frames_counts() -> None:
    frames = [Image.new("L", (8, 8), 255 * (n % 2)) for n in range(500)]
    content = saved(frames[1], "GIF", save_all=True, append_images=frames)
    assert open_picture(content).convert("L").getpixel((4, 4)) == 255


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_comes_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(saved(drawn(), "JPEG", exif=exif))
    assert picture.size == ((40, 60) if orientation >= 5 else (60, 40))


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"])
def test_damaged_metadata_do_not_spoil_a_picture(exif: bytes) -> None:
    assert open_picture(saved(drawn(), "JPEG", exif=exif)).size == (60, 40)


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (10.0, 45.0, 1.0)
    jpeg = saved(drawn(), "JPEG", exif=exif, comment=b"SECRET comment", icc_profile=b"SECRET profile", xmp=b"SECRET")
    notes = PngInfo()
    notes.add_text("Comment", "SECRET note")
    polyglot = jpeg + b"<html><script>SECRET</script>"
    assert b"SECRET" in jpeg
    for content in (jpeg, polyglot, saved(drawn(), "PNG", pnginfo=notes, exif=exif)):
        kept = reencode(open_picture(content))
        assert b"SECRET" not in kept
        assert b"Exif" not in kept
        again = Image.open(io.BytesIO(kept))
        assert (again.format, dict(again.getexif())) == ("JPEG", {})
        assert not {"comment", "icc_profile", "exif", "xmp"} & set(again.info)


@pytest.mark.parametrize(
    ("size", "kept"), [((60, 40), (60, 40)), ((5000, 100), (KEPT_SIDE, 40)), ((9000, 1), (2000, 1))]
)
def test_what_is_kept_is_no_larger_than_reading_needs(size: tuple[int, int], kept: tuple[int, int]) -> None:
    assert Image.open(io.BytesIO(reencode(Image.new("RGB", size)))).size == kept


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_large_picture_is_unpacked_smaller_for_reading(form: str) -> None:
    content = saved(drawn(4000, 3000), form)
    assert open_picture(content, smaller=True).size == (2000, 1500)
    assert open_picture(content).size == (4000, 3000) == full_size(content)


def test_the_size_of_what_is_no_picture_is_nothing() -> None:
    assert full_size(b"hello") == (0, 0)
