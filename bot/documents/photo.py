"""Reads one photo of a certificate: pixels, codes and verdict; the one function that a worker process runs."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PIL import Image

from bot.certificates.check import check
from bot.certificates.trust import TrustStore
from bot.certificates.verdict import Verdict
from bot.documents.codes import find_codes
from bot.documents.pixels import PixelsError, full_size, open_picture, reencode

_OUTCOMES = ("verified", "unverified", "unreadable")


@dataclass(frozen=True, slots=True)
class PhotoReading:
    """What one photo brought.

    `trouble` is None when a certificate could be read, verified or not; else "no_code", "unknown_code", or the short
    name of what was wrong with the picture (see bot.documents.pixels) or with the worker (see handlers.reading).
    """

    trouble: str | None
    verdict: Verdict | None = None
    picture: bytes | None = None
    """The picture encoded anew; the only form that may be kept or shown."""
    rung: str | None = None
    """Which rung of the ladder read the code."""
    width: int = 0
    height: int = 0


def read_photo(content: bytes, trust: TrustStore, at: datetime) -> PhotoReading:
    """Read a photo at the moment `at`; the best certificate of several counts. Raises MemoryError and nothing else."""
    try:
        picture = open_picture(content, smaller=True)
        width, height = _upright(full_size(content), picture)
        # A small code in a large picture needs all the pixels there are.
        full = partial(open_picture, content) if width > picture.width else None
        codes, kept = find_codes(picture, full=full), reencode(picture)
    except PixelsError as wrong:
        return PhotoReading(wrong.trouble)
    verdicts = sorted(((check(code.text, trust, at), code) for code in codes), key=lambda pair: _rank(pair[0]))
    if not verdicts:
        return PhotoReading("no_code", None, kept, None, width, height)
    verdict, code = verdicts[0]
    trouble = "unknown_code" if verdict.outcome == "unreadable" else None
    return PhotoReading(trouble, verdict, kept, code.rung, width, height)


def _upright(size: tuple[int, int], picture: Image.Image) -> tuple[int, int]:
    """The full size as the picture stands after it was turned."""
    width, height = size
    return (height, width) if (width > height) != (picture.width > picture.height) else size


def _rank(verdict: Verdict) -> tuple[int, bool, bool, bool]:
    """Lower is better: verified before unverified before unreadable, valid before expired, real before specimen."""
    return (
        _OUTCOMES.index(verdict.outcome),
        verdict.validity != "valid",
        verdict.specimen,
        verdict.reason == "unknown_format",
    )
