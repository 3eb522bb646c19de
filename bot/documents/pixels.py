"""Opens a picture that somebody sent, and makes the one form of it that is ever kept or shown.

Formats are accepted by name and every limit is checked before pixels are unpacked. Only the first frame counts.
"""

import struct
import warnings
import zlib
from io import BytesIO
from typing import ClassVar

import pi_heif
from PIL import Image, UnidentifiedImageError

from bot.documents.photo_reading import MAX_BYTES

pi_heif.register_heif_opener(thumbnails=False)

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF")
"""The formats that are opened; all others of the library stay shut. HEIF is what telephones call HEIC."""

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
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")
_BRANDS = (b"hei", b"hev", b"mif", b"msf", b"avi")
_UPRIGHT = 1
# What the decoders of these formats raise for damaged content.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    AttributeError,
    struct.error,
    zlib.error,
)


class PixelsError(ValueError):
    """The content cannot be used as a picture; `trouble` is the short name by which others speak of the reason.

    PixelsError
    ├── Empty          nothing was sent
    ├── TooLarge       more bytes than MAX_BYTES
    ├── TooManyPixels  more pixels than MAX_PIXELS or a side longer than MAX_SIDE
    ├── NotAPicture    anything else that is no picture
    ├── Corrupt        a picture or document of an accepted format, damaged or cut off
    └── PdfLocked      a PDF document that asks for a password
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


class NotAPicture(PixelsError):
    """Something that is no picture."""

    trouble = "not_a_picture"


class Corrupt(PixelsError):
    """A picture or document of an accepted format, damaged or cut off."""

    trouble = "corrupt"


class PdfLocked(PixelsError):
    """A PDF document that asks for a password."""

    trouble = "pdf_locked"


def open_picture(content: bytes, smaller: bool = False, grey: bool = False) -> Image.Image:
    """The first frame, upright, in mode L, RGB or YCbCr; raises one of the errors at the top of this file.

    With `smaller` a large picture comes at a half, a quarter or an eighth of its size, and with `grey` a JPEG comes
    without its colours: both cost far less.
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
                # Luminance is what code readers need and what JPEG stores: no colours are unpacked on the way.
                step = _step(*picture.size) if smaller else 1
                picture.draft("L" if grey else "RGB", (picture.width // step, picture.height // step))
            picture.load()
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
            raise TooManyPixels("more pixels than the limit") from wrong
        except UnidentifiedImageError as wrong:
            known = content.startswith(_MAGIC) or (content[4:8] == b"ftyp" and content[8:11] in _BRANDS)
            raise (Corrupt if known else NotAPicture)("no picture found") from wrong
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(content), formats=FORMATS) as picture:
                return picture.size
        except (*_DAMAGE, Image.DecompressionBombError):
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
    """Tell apart what is not opened at all."""
    if not content:
        raise Empty("nothing was sent")
    if len(content) > MAX_BYTES:
        raise TooLarge("more bytes than the limit")
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
    """The EXIF orientation; upright where there is none, it is damaged, or the decoder has turned the picture."""
    try:
        turned = picture.getexif().get(_ORIENTATION, _UPRIGHT)
    except _DAMAGE:
        return _UPRIGHT
    return turned if isinstance(turned, int) else _UPRIGHT


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
