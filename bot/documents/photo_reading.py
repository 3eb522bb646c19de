"""What reading a photo or file brings; it stands apart from the reading itself, which only workers load."""

from dataclasses import dataclass
from typing import Literal

from bot.certificates.verdict import Verdict
from bot.documents.mrz import Mrz
from bot.documents.paper import Paper

MAX_BYTES = 20 * 1024 * 1024
"""Bytes of one file; the most that chat platforms hand over."""

Trouble = Literal["no_code", "blurred", "glare", "cut_off", "too_small", "too_dark", "other_code", "unclear"]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Advice:
    """What is wrong, and where: left, top, right, bottom in points of the picture; None where there is no place."""

    trouble: Trouble
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class PhotoReading:
    """What one photo or file brought.

    `trouble` is None when a certificate could be read, verified or not; else "no_code", "unknown_code", or the short
    name of what was wrong with the picture (see bot.documents.pixels) or with the worker (see handlers.reading).
    """

    trouble: str | None
    verdict: Verdict | None = None
    picture: bytes | None = None
    """The picture encoded anew; the only form that may be kept or shown. None for a text file."""
    rung: str | None = None
    """Which rung of the ladder read the code."""
    width: int = 0
    height: int = 0
    pages: int = 1
    """Pages of a document; 1 for a picture."""
    page: int = 0
    """The page that is kept, counted from 0: where the certificate stands, else the first."""
    verdicts: tuple[Verdict, ...] = ()
    """All certificates of the picture, the best first; `verdict` is the first of them."""
    advice: Advice | None = None
    """What is wrong with a picture in which nothing could be read."""
    marked: bytes | None = None
    """The picture with the place of the advice marked, encoded anew; None where there is no place to mark."""
    mrz: Mrz | None = None
    """The machine readable zone of a passport, where there is one and no certificate."""
    zone_unclear: bool = False
    """Whether there seems to be such a zone that cannot be read for certain."""
    paper: Paper | None = None
    """What could be read of a picture without any code or such lines."""
