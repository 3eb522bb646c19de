"""Reads what a traveller sent as certificate: a picture, a document or a text file, from its bytes to a verdict."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from PIL import Image

from bot.certificates.check import check_codes
from bot.certificates.trust import TrustStore
from bot.certificates.verdict import Verdict
from bot.documents.coach import coach, mark
from bot.documents.codes import SEEN_SECONDS, Code, Search, is_certificate, search
from bot.documents.mrz_reading import read_mrz
from bot.documents.pages import FULL_SIDE, MAX_PAGES, Document, is_pdf, open_document
from bot.documents.paper_reading import SECONDS as PAPER_SECONDS
from bot.documents.paper_reading import read_paper
from bot.documents.photo_reading import MAX_BYTES, PhotoReading
from bot.documents.pixels import NotAPicture, PixelsError, full_size, open_picture, reencode
from bot.documents.texts import codes_in_text

ZONE_SECONDS = 2.0
"""Time for the lines of a passport, beside that for codes."""

ALL_SECONDS = 6.0
"""Time for everything together; the text of a card has what codes and passport lines leave of it."""

LEAST_SECONDS = 1.0
"""With less time left the text of a card is not begun: a worker that is late is ended, and all is lost."""

_OUTCOMES = ("verified", "unverified", "unreadable")
_MAX_VERDICTS = 12


def read_photo(content: bytes, trust: TrustStore, at: datetime) -> PhotoReading:
    """Read a photo or file at the moment `at`; the best certificate of several counts. Raises MemoryError only."""
    until = time.monotonic() + ALL_SECONDS
    reading, show = see_photo(content, trust, at)
    if show is None:
        return reading
    try:
        picture = show()
    except PixelsError as wrong:
        # The colours may be damaged where the luminance was not.
        return PhotoReading(wrong.trouble)
    reading = replace(reading, picture=reencode(picture))
    return reading if reading.trouble is None else _helped(reading, picture, at.date(), until)


def see_photo(content: bytes, trust: TrustStore, at: datetime) -> tuple[PhotoReading, Callable[[], Image.Image] | None]:
    """The reading without its picture, and what opens the picture in colour, which can raise PixelsError."""
    try:
        if len(content) <= MAX_BYTES and is_pdf(content):
            reading, page = _read_document(content, trust, at)
            return reading, lambda: page
        return _read_picture(content, trust, at), partial(open_picture, content, smaller=True)
    except NotAPicture as wrong:
        codes = codes_in_text(content)
        return (_judged(Search(codes), trust, at) if codes else PhotoReading(wrong.trouble)), None
    except PixelsError as wrong:
        return PhotoReading(wrong.trouble), None


def _helped(reading: PhotoReading, picture: Image.Image, today: date, until: float) -> PhotoReading:
    """Where no certificate was read: the lines of a passport, else where the trouble is, or the text of a card."""
    zone = read_mrz(picture, seconds=ZONE_SECONDS)
    if zone.mrz is not None:
        return replace(reading, mrz=zone.mrz)
    reading = replace(reading, zone_unclear=zone.trouble == "unreadable")
    left = min(PAPER_SECONDS, until - time.monotonic())
    if _without_code(reading) and left > LEAST_SECONDS:
        return replace(reading, paper=read_paper(picture, today, seconds=left))
    marked = mark(picture, reading.advice) if reading.advice and reading.advice.box else None
    return replace(reading, marked=marked)


def _without_code(reading: PhotoReading) -> bool:
    """Whether no code is in sight; a picture that seems blurred in no place may be print on a plain table."""
    advice = reading.advice
    return advice is not None and advice.box is None and advice.trouble in ("no_code", "blurred")


def _read_picture(content: bytes, trust: TrustStore, at: datetime) -> PhotoReading:
    picture = open_picture(content, smaller=True, grey=True)
    width, height = _upright(full_size(content), picture)
    # A small code in a large picture needs all the pixels there are.
    full = partial(open_picture, content, grey=True) if width > picture.width else None
    found = search(picture, full=full)
    reading = replace(_judged(found, trust, at), width=width, height=height)
    if reading.trouble is None:
        return reading
    return replace(reading, advice=coach(picture, found))


def _read_document(content: bytes, trust: TrustStore, at: datetime) -> tuple[PhotoReading, Image.Image]:
    """Every page is looked at quickly; if none has a certificate, page after page more closely."""
    with open_document(content) as document:
        looked = min(document.pages, MAX_PAGES)
        page, found = _look_through(document, looked)
        picture = document.picture(page)
        reading = _judged(found, trust, at)
        if reading.trouble is not None:
            reading = replace(reading, advice=coach(picture, found))
        width, height = picture.size
        return replace(reading, width=width, height=height, pages=document.pages, page=page), picture


def _look_through(document: Document, pages: int) -> tuple[int, Search]:
    """The page with the first certificate, and all codes of all pages; else of the page with any code, or the first."""
    began = time.monotonic()
    for quick in (True, False):
        found: list[tuple[int, Search]] = []
        for page in range(pages):
            left = SEEN_SECONDS - (time.monotonic() - began)
            if found and left < 0:
                break
            certified = any(is_certificate(code) for _, one in found for code in one.codes)
            full = None if certified else partial(document.picture, page, FULL_SIDE, True)
            found.append((page, search(document.picture(page, grey=True), seconds=left, full=full, quick=quick)))
        codes = tuple(dict.fromkeys(code for _, one in found for code in one.codes))
        holding = [page for page, one in found if any(is_certificate(code) for code in one.codes)]
        if holding:
            break
    page = next(iter(holding), next((page for page, one in found if one.codes or one.seen), 0))
    return page, replace(found[page][1], codes=codes)


def _judged(found: Search, trust: TrustStore, at: datetime) -> PhotoReading:
    """The verdicts on the codes that were found, without the picture."""
    if not found.codes:
        return PhotoReading("no_code")
    pairs = [(code.text, code.content) for code in found.codes]
    verdicts = tuple(sorted(check_codes(pairs, trust, at), key=_rank))[:_MAX_VERDICTS]
    if not verdicts:
        return PhotoReading("no_code")
    trouble = "unknown_code" if verdicts[0].outcome == "unreadable" else None
    return PhotoReading(trouble, verdicts[0], None, _rung(found.codes), verdicts=verdicts)


def _rung(codes: Sequence[Code]) -> str:
    """Which rung read the certificate, or else the first code."""
    return next((code.rung for code in codes if is_certificate(code)), codes[0].rung)


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
