"""Opens a picture that somebody sent, and makes the one form of it that is ever kept or shown.

Formats are accepted by name and every limit is checked before pixels are unpacked. Only the first frame counts.
"""

import re
import struct
import warnings
import zlib
from io import BytesIO
from typing import ClassVar

from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""The formats that are opened; all others of the library stay shut."""

MAX_BYTES = 20 * 1024 * 1024
"""Bytes of one picture; the most that chat platforms hand over."""

MAX_PIXELS = 50_000_000
"""Pixels of one picture; the largest phone cameras in common use make 50 megapixels."""

MAX_SIDE = 20_000
"""Pixels of one side; a longer strip is no photo and upsets readers."""

KEPT_SIDE = 2000
"""Pixels of the longest side of what is kept: enough to read a page by eye."""

KEPT_QUALITY = 80
"""JPEG quality of what is kept."""

READING_SIDE = 1400
"""Pictures are unpacked smaller, but with no side under this; a code that is missed is looked for in full size."""

_ORIENTATION = 0x0112
# EXIF 2.32, 4.6.4: how the stored picture has to be turned to stand upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")
_HIGH_EFFICIENCY = re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|avif|avis)", re.DOTALL)
# What the decoders of these four formats raise for damaged content.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


class PixelsError(ValueError):
    """The content cannot be used as a picture; `trouble` is the short name by which others speak of the reason.

    PixelsError
    ├── Empty          nothing was sent
    ├── TooLarge       more bytes than MAX_BYTES
    ├── TooManyPixels  more pixels than MAX_PIXELS or a side longer than MAX_SIDE
    ├── Heic           HEIC, HEIF or AVIF: a picture, in a format not opened here
    ├── Pdf            a PDF document
    ├── NotAPicture    anything else that is no picture
    └── Corrupt        a picture of an accepted format, damaged or cut off
    """

    trouble: ClassVar[str] = "not_a_picture"


class Empty(PixelsError):  # names in the tree say what happened
    """Nothing was sent."""

    trouble = "empty"


class TooLarge(PixelsError):
    """More bytes than MAX_BYTES."""

    trouble = "too_large"


class TooManyPixels(PixelsError):
    """More pixels than MAX_PIXELS, or a side longer than MAX_SIDE."""

    trouble = "too_many_pixels"


class Heic(PixelsError):
    """HEIC, HEIF or AVIF: a picture, in a format not opened here."""

    trouble = "heic"


class Pdf(PixelsError):
    """A PDF document."""

    trouble = "pdf"


class NotAPicture(PixelsError):
    """Something that is no picture."""

    trouble = "not_a_picture"


class Corrupt(PixelsError):
    """A picture of an accepted format, damaged or cut off."""

    trouble = "corrupt"


def open_picture(content: bytes, smaller: bool = False) -> Image.Image:
    """The first frame, upright, in mode L, RGB or YCbCr; raises one of the errors at the top of this file.

    With `smaller` a large picture comes at a half, a quarter or an eighth of its size, which costs far less.
    """
    _refuse_by_bytes(content)
    with warnings.catch_warnings():
        # The library only warns between its pixel limit and twice that.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        try:
            picture = Image.open(BytesIO(content), formats=FORMATS)
            _refuse_by_size(*picture.size)
            if picture.format in ("JPEG", "MPO"):
                # Luminance is what code readers need and what JPEG stores: no colours are converted on the way.
                step = _step(*picture.size) if smaller else 1
                picture.draft("YCbCr", (picture.width // step, picture.height // step))
            picture.load()
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
            raise TooManyPixels("more pixels than the limit") from wrong
        except UnidentifiedImageError as wrong:
            raise (Corrupt if content.startswith(_MAGIC) else NotAPicture)("no picture found") from wrong
        except PixelsError:
            raise
        except _DAMAGE as wrong:
            raise Corrupt("the picture is damaged") from wrong
        turn = _TURNS.get(_orientation(picture))
        flat = _flattened(picture)
        step = _step(*flat.size) if smaller else 1
        flat = flat.reduce(step) if step > 1 else flat
        # Comments, profiles and packets end here; encoders would copy them.
        flat.info = {}
    return flat.transpose(turn) if turn is not None else flat


def full_size(content: bytes) -> tuple[int, int]:
    """Width and height as the header says, without unpacking; (0, 0) for what is no picture."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            return picture.size
    except (*_DAMAGE, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return (0, 0)


def reencode(picture: Image.Image) -> bytes:
    """A fresh JPEG of the pixels and nothing else, the longest side at most KEPT_SIDE; no metadata survives this."""
    scale = KEPT_SIDE / max(picture.size)
    kept = picture
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        kept = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    out = BytesIO()
    kept.save(out, "JPEG", quality=KEPT_QUALITY, comment=None, exif=b"", icc_profile=None, xmp=None)
    return out.getvalue()


def _refuse_by_bytes(content: bytes) -> None:
    """Tell apart what is not opened at all, by its first bytes."""
    if not content:
        raise Empty("nothing was sent")
    if len(content) > MAX_BYTES:
        raise TooLarge("more bytes than the limit")
    if _HIGH_EFFICIENCY.match(content):
        raise Heic("a HEIC picture")
    if b"%PDF-" in content[:1024] and not content.startswith(_MAGIC):
        raise Pdf("a PDF document")
    if content.startswith(b"RIFF"):
        # The WebP reader of the library makes room for the whole canvas on opening, before any size can be asked.
        _refuse_by_size(*_webp_size(content))


def _refuse_by_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise TooManyPixels("more pixels than the limit")


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height in the first chunk of a WebP file (RFC 9649); (0, 0) where it cannot be told."""
    kind, body = content[12:16], content[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return 0, 0


def _step(width: int, height: int) -> int:
    """By how much to unpack smaller: the largest of the JPEG reader's steps that leaves both sides READING_SIDE."""
    return next((step for step in (8, 4, 2) if min(width, height) // step >= READING_SIDE), 1)


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation; 1, upright, where there is none or it is damaged."""
    try:
        turned = picture.getexif().get(_ORIENTATION, 1)
    except _DAMAGE:
        return 1
    return turned if isinstance(turned, int) else 1


def _flattened(picture: Image.Image) -> Image.Image:
    """The picture in L, RGB or YCbCr; what is transparent becomes white paper, as codes are drawn for."""
    if picture.mode in ("L", "RGB", "YCbCr"):
        return picture
    if picture.mode.startswith("I"):
        # 16-bit grey: the library would clip it to white instead of scaling.
        return picture.point(lambda level: level / 256).convert("L")
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        paper = Image.new("RGB", layered.size, "white")
        paper.paste(layered, mask=layered)
        return paper
    return picture.convert("L" if picture.mode in ("1", "LA", "La") else "RGB")
