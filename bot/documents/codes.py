"""Finds two-dimensional codes in a picture, climbing from the quick way of looking to the laborious ones.

The first rung reads almost every picture. Each further rung prepares the picture in another way; the climb ends as
soon as a certificate is read, or when its time is used up.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy
import zxingcpp
from PIL import Image

from bot.certificates.check import UNKNOWN, format_of
from bot.documents.finding import codes_by_finders
from bot.documents.preparing import (
    WORKING_SIDE,
    Preparation,
    at_most,
    contrasted,
    evenly_lit,
    half,
    luminance,
    negative,
    quieted,
    scaled,
    sharpened,
    turned,
)

try:
    from pyzbar import pyzbar
    from pyzbar.pyzbar_error import PyZbarError
except (ImportError, OSError):
    # The system library is missing: the other readers work alone.
    pyzbar = None

BLIND_SECONDS = 0.4
"""Time for a picture in which no reader has seen so much as a corner of a code."""

SEEN_SECONDS = 5.0
"""Time for a picture in which a code was seen and could not be read."""

OTHER_SECONDS = 1.0
"""Time for a picture in which only codes of other kinds were read, such as a web address beside a certificate."""

MAX_CODES = 40
"""Codes of one picture that are kept; nobody lays more certificates side by side."""

FINDERS_SIDE = 1600
"""Pixels of the longest side when finders are looked for, which takes half a second."""

_ZIP = b"PK\x03\x04"
_CHUNK = re.compile(r"shc:/(\d)/(\d)/")

# Each further kind costs as much as QR alone, so the others have a rung of their own.
_Kinds = zxingcpp.BarcodeFormats
_Kind = zxingcpp.BarcodeFormat
_QR = _Kinds((_Kind.QRCode,))
_ALL = _Kinds((_Kind.QRCode, _Kind.Aztec, _Kind.DataMatrix, _Kind.PDF417))

# Noise passes for a damaged DataMatrix now and then; the finders of these are not seen by chance.
_SEEN = (_Kind.QRCode, _Kind.Aztec)
_QUICK = ("plain", "full")
_ALWAYS = ("plain", "full", "other kinds", "sharper", "finders")

Clock = Callable[[], float]
Points = tuple[tuple[float, float], ...]


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
class Search:
    """What a climb brought: the codes, and the corners of one that was seen, read or not, in points of the picture."""

    codes: tuple[Code, ...] = ()
    seen: Points | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """What one rung brought."""

    codes: tuple[Code, ...] = ()
    seen: Points | None = None


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
    return search(picture, clock, seconds, full).codes


def search(
    picture: Image.Image,
    clock: Clock = time.monotonic,
    seconds: float = SEEN_SECONDS,
    full: Callable[[], Image.Image] | None = None,
    quick: bool = False,
) -> Search:
    """As `find_codes`, and with it where a code was seen; with `quick` on the first rungs only."""
    began = clock()
    found: dict[bytes, Code] = {}
    seen: Points | None = None
    for rung, look in _rungs(luminance(picture), full, lambda: clock() - began > seconds):
        limit = OTHER_SECONDS if found else SEEN_SECONDS if seen else BLIND_SECONDS
        if quick and rung not in _QUICK:
            break
        if rung not in _ALWAYS and clock() - began > min(seconds, limit):
            break
        brought = look(rung)
        seen = seen or brought.seen
        for code in brought.codes[:MAX_CODES]:
            found.setdefault(code.content, code)
        if _is_enough(found.values()):
            break
    return Search(tuple(found.values())[:MAX_CODES], seen)


def is_certificate(code: Code) -> bool:
    """Whether a code is in one of the known certificate formats."""
    return code.content.startswith(_ZIP) or format_of(code.text) != UNKNOWN


def _is_enough(codes: Iterable[Code]) -> bool:
    """Whether a certificate was read; one that is spread over several codes needs all of them."""
    certificates = [code for code in codes if is_certificate(code)]
    chunks = [chunk for chunk in (_CHUNK.match(code.text) for code in certificates) if chunk]
    if len(chunks) < len(certificates):
        return True
    return bool(chunks) and len({chunk[1] for chunk in chunks}) >= int(chunks[0][2])


def _rungs(
    grey: Image.Image, full: Callable[[], Image.Image] | None, is_late: Callable[[], bool]
) -> Iterator[tuple[str, Rung]]:
    """The ladder, one rung at a time; what a rung needs is prepared when it is climbed."""
    yield "plain", partial(_zxing, grey)
    if full is not None:
        yield "full", partial(_in_full, grey, full)
    yield "other kinds", partial(_zxing, grey, kinds=_ALL)
    bounded = at_most(grey, WORKING_SIDE)
    for name, prepare in _PREPARATIONS:
        yield name, partial(_prepared, bounded, prepare=prepare, back=grey.width / bounded.width)
        if name == "sharper":
            searched = at_most(grey, FINDERS_SIDE)
            yield "finders", partial(_by_finders, searched, is_late=is_late, back=grey.width / searched.width)
            # Another reader stumbles over other codes.
            yield "contrast, zbar", partial(_zbar, contrasted(bounded))


def _in_full(grey: Image.Image, full: Callable[[], Image.Image], rung: str) -> _Look:
    large = luminance(full())
    return _zxing(large, rung, scale=max(grey.size) / max(large.size))


def _zxing(grey: Image.Image, rung: str, kinds: zxingcpp.BarcodeFormats = _QR, scale: float = 1.0) -> _Look:
    """All codes that zxing-cpp reads; `scale` leads back to the points that the caller thinks in."""
    points = numpy.asarray(grey)
    read = zxingcpp.read_barcodes(points, formats=kinds, text_mode=zxingcpp.TextMode.Plain, return_errors=True)
    codes = tuple(Code(code.text, bytes(code.bytes), str(code.format), rung) for code in read if code.valid)
    seen = next((_corners(code, scale) for code in read if code.valid or code.format in _SEEN), None)
    return _Look(codes, seen)


def _corners(code: zxingcpp.Barcode, scale: float) -> Points:
    at = code.position
    return tuple(
        (corner.x * scale, corner.y * scale) for corner in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    )


def _prepared(grey: Image.Image, rung: str, prepare: Preparation, back: float) -> _Look:
    picture = prepare(grey)
    look = _zxing(picture, rung, scale=back * grey.width / picture.width)
    # A turned picture has other corners.
    return _Look(look.codes, None) if rung.startswith("turned") else look


def _by_finders(grey: Image.Image, rung: str, is_late: Callable[[], bool], back: float) -> _Look:
    """The codes whose finders are found, each module told by what the known ones look like."""
    codes: list[Code] = []
    seen: Points | None = None
    for corners, drawn in codes_by_finders(numpy.asarray(grey)):
        seen = seen or tuple((x * back, y * back) for x, y in corners)
        codes.extend(_zxing(Image.fromarray(drawn), rung).codes)
        if any(is_certificate(code) for code in codes) or is_late():
            break
    return _Look(tuple(codes), seen)


def _zbar(grey: Image.Image, rung: str) -> _Look:
    """All QR codes that zbar reads."""
    if pyzbar is None:
        return _Look()
    try:
        read = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
    except (ValueError, PyZbarError):
        # Codes that are parts of a sequence make it raise.
        return _Look()
    return _Look(tuple(Code(_as_text(code.data), code.data, "QR Code", rung) for code in read))


def _as_text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


# In the order of what they brought on badly damaged pictures, for the time they took.
_PREPARATIONS: tuple[tuple[str, Preparation], ...] = (
    ("sharper", partial(sharpened, scale=2, radius=6, percent=500)),
    ("twice", partial(scaled, scale=2)),
    ("sharp", partial(sharpened, scale=1, radius=3, percent=300)),
    ("half", half),
    ("even", evenly_lit),
    ("sharp twice", partial(sharpened, scale=2, radius=4, percent=250)),
    ("quiet", partial(quieted, size=3)),
    ("sharp thrice", partial(sharpened, scale=3, radius=8, percent=400)),
    ("negative", negative),
    ("turned 15", partial(turned, degrees=15)),
    ("turned 45", partial(turned, degrees=45)),
)
