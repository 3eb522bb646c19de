"""Finds two-dimensional codes in a picture, climbing from the quick way of looking to the laborious ones.

The first rung reads almost every picture. Each further rung prepares the picture in another way; the climb ends as
soon as a code is found that begins like a certificate, or when its time is used up.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

try:
    from pyzbar import pyzbar
    from pyzbar.pyzbar_error import PyZbarError
except (ImportError, OSError):
    # The system library is missing: the first reader works alone.
    pyzbar = None

CERTIFICATE_PREFIXES = ("HC1:", "shc:/", "NZCP:/", "PK\x03\x04", '{"data"', '{"sig"')
"""How the codes of known certificate formats begin."""

BLIND_SECONDS = 0.7
"""Time for a picture in which no reader has seen so much as a corner of a code."""

SEEN_SECONDS = 5.0
"""Time for a picture in which a code was seen and could not be read."""

OTHER_SECONDS = 1.0
"""Time for a picture in which only codes of other kinds were read, such as a web address beside a certificate."""

MAX_CODES = 40
"""Codes of one picture that are kept; nobody lays more certificates side by side."""

WORKING_SIDE = 2000
"""Pixels of the longest side on the laborious rungs; beyond this they cost seconds and find nothing more."""

LARGEST_UPSCALE = 3200
"""Pixels of the longest side after enlarging."""

# Looking for DataMatrix costs more than for the other two together, so it has a rung of its own.
_USUAL_FORMATS = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec))
_FORMATS = zxingcpp.BarcodeFormats(
    (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec, zxingcpp.BarcodeFormat.DataMatrix)
)

_SEEN_FORMATS = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec)
_ALWAYS = ("plain", "full", "matrix")

Clock = Callable[[], float]
Preparation = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class Code:
    """One code as read."""

    text: str
    content: bytes
    """The raw bytes; codes in byte mode lose some of them as text."""
    symbology: str
    rung: str
    """Which rung of the ladder read it."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What one rung brought: codes that were read, and whether one was seen that was not."""

    codes: tuple[Code, ...] = ()
    seen: bool = False


Rung = Callable[[str], _Look]


def find_codes(
    picture: Image.Image,
    clock: Clock = time.monotonic,
    seconds: float = SEEN_SECONDS,
    full: Callable[[], Image.Image] | None = None,
) -> tuple[Code, ...]:
    """Every code of the first rung that reads a certificate, and before that whatever else was read.

    `seconds` bounds the time for starting another rung, and `clock` is asked for nothing but that budget. `full` gives
    the picture in full size where `picture` is a smaller form of it.
    """
    began = clock()
    found: dict[bytes, Code] = {}
    seen = False
    for rung, look in _rungs(_luminance(picture), full):
        limit = OTHER_SECONDS if found else SEEN_SECONDS if seen else BLIND_SECONDS
        if rung not in _ALWAYS and clock() - began > min(seconds, limit):
            break
        brought = look(rung)
        seen = seen or brought.seen
        for code in brought.codes[:MAX_CODES]:
            found.setdefault(code.content, code)
        if any(is_certificate(code) for code in found.values()):
            break
    return tuple(found.values())[:MAX_CODES]


def is_certificate(code: Code) -> bool:
    """Whether a code begins like one of the known certificate formats."""
    return code.text.startswith(CERTIFICATE_PREFIXES) or code.content.startswith(b"PK\x03\x04")


def _rungs(grey: Image.Image, full: Callable[[], Image.Image] | None) -> Iterator[tuple[str, Rung]]:
    """The ladder, one rung at a time; what a rung needs is prepared when it is climbed."""
    yield "plain", partial(_zxing, grey)
    if full is not None:
        yield "full", lambda rung: _zxing(_luminance(full()), rung)
    yield "matrix", partial(_zxing, grey, formats=_FORMATS)
    bounded = _at_most(grey, WORKING_SIDE)
    for name, prepare in _PREPARATIONS:
        yield name, partial(_zbar if name == "zbar" else _zxing, bounded, prepare=prepare)


def _zxing(
    grey: Image.Image,
    rung: str,
    prepare: Preparation | None = None,
    formats: zxingcpp.BarcodeFormats = _USUAL_FORMATS,
) -> _Look:
    """All codes that zxing-cpp reads in the picture as prepared."""
    points = numpy.asarray(prepare(grey) if prepare else grey)
    read = zxingcpp.read_barcodes(points, formats=formats, text_mode=zxingcpp.TextMode.Plain, return_errors=True)
    codes = tuple(Code(code.text, bytes(code.bytes), str(code.format), rung) for code in read if code.valid)
    # Noise passes for a damaged DataMatrix now and then; the finders of the other two are not seen by chance.
    return _Look(codes, any(not code.valid and code.format in _SEEN_FORMATS for code in read))


def _zbar(grey: Image.Image, rung: str, prepare: Preparation) -> _Look:
    """All QR codes that zbar reads in the picture as prepared."""
    if pyzbar is None:
        return _Look()
    try:
        read = pyzbar.decode(prepare(grey), symbols=[pyzbar.ZBarSymbol.QRCODE])
    except (ValueError, PyZbarError):
        # Codes that are parts of a sequence make it raise.
        return _Look(seen=True)
    return _Look(tuple(Code(_as_text(code.data), code.data, "QR Code", rung) for code in read))


def _as_text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _luminance(picture: Image.Image) -> Image.Image:
    if picture.mode == "YCbCr":
        return picture.getchannel(0)
    return picture if picture.mode == "L" else picture.convert("L")


def _at_most(grey: Image.Image, side: int) -> Image.Image:
    scale = side / max(grey.size)
    return _scaled(grey, scale) if scale < 1 else grey


def _scaled(grey: Image.Image, scale: float) -> Image.Image:
    """Enlarge or reduce, never beyond LARGEST_UPSCALE."""
    scale = min(scale, LARGEST_UPSCALE / max(grey.size))
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return grey.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)


def _sharpened(grey: Image.Image, scale: float, radius: float, percent: int) -> Image.Image:
    return _scaled(grey, scale).filter(ImageFilter.UnsharpMask(radius, percent, 0))


def _contrasted(grey: Image.Image) -> Image.Image:
    return ImageOps.autocontrast(grey, cutoff=2)


def _evenly_lit(grey: Image.Image) -> Image.Image:
    """Shadows and glare taken out: each point beside the light around it."""
    light = grey.reduce(8).filter(ImageFilter.GaussianBlur(6)).resize(grey.size, Image.Resampling.BILINEAR)
    return _contrasted(ImageChops.subtract(grey, light, offset=128))


def _quieted(grey: Image.Image, size: int) -> Image.Image:
    """Noise taken out."""
    return _scaled(grey.filter(ImageFilter.MedianFilter(size)), 2)


def _turned(grey: Image.Image, degrees: int) -> Image.Image:
    return grey.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


# In the order of what they brought on badly damaged pictures, for the time they took.
_PREPARATIONS: tuple[tuple[str, Preparation], ...] = (
    ("sharper", partial(_sharpened, scale=2, radius=6, percent=500)),
    ("twice", partial(_scaled, scale=2)),
    ("sharp", partial(_sharpened, scale=1, radius=3, percent=300)),
    ("half", partial(_scaled, scale=0.5)),
    ("even", _evenly_lit),
    ("zbar", _contrasted),
    ("sharp twice", partial(_sharpened, scale=2, radius=4, percent=250)),
    ("quiet", partial(_quieted, size=3)),
    ("sharp thrice", partial(_sharpened, scale=3, radius=8, percent=400)),
    ("third", partial(_scaled, scale=0.33)),
    ("inverted", ImageOps.invert),
    ("soft", lambda grey: grey.filter(ImageFilter.GaussianBlur(1))),
    ("turned 15", partial(_turned, degrees=15)),
    ("turned 30", partial(_turned, degrees=30)),
    ("turned 45", partial(_turned, degrees=45)),
)
