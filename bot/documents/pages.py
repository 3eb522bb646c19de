"""Opens the pages of a PDF document as pictures; nothing in it is ever run, followed or unpacked."""

from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
from PIL import Image

from bot.documents.photo_reading import MAX_BYTES
from bot.documents.pixels import Corrupt, PdfLocked, TooLarge

MAX_PAGES = 12
"""Pages that are looked at; certificates stand on the first ones."""

DRAFT_SIDE, FULL_SIDE = 1760, 3500
"""Pixels of the longer side: about 150 and 300 dots an inch of an A4 page, whatever size the document claims."""

_LEAST_SIDE = 1.0
_WRONG_PASSWORD, _UNKNOWN_LOCK = 4, 5
_BEGINNING = 1024


class Document:
    """An opened PDF document; pages are counted from 0."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self.pages = len(document)

    def picture(self, page: int, side: int = DRAFT_SIDE, grey: bool = False) -> Image.Image:
        """The page as a picture whose longer side has `side` pixels; raises Corrupt."""
        try:
            opened = self._document[page]
            width, height = opened.get_size()
            if min(width, height) < _LEAST_SIDE:
                raise Corrupt("a page without a size")
            # A strip is drawn smaller still, so that no side shrinks to nothing and none grows without bound.
            drawn = opened.render(scale=side / max(width, height), grayscale=grey, may_draw_forms=False)
            picture: Image.Image = drawn.to_pil().convert("L" if grey else "RGB")
            drawn.close()
            opened.close()
        except (pypdfium2.PdfiumError, ValueError, OverflowError) as wrong:
            raise Corrupt("a damaged page") from wrong
        return picture


def is_pdf(content: bytes) -> bool:
    """Whether the content begins like a PDF document; readers allow some bytes before the beginning."""
    return b"%PDF-" in content[:_BEGINNING] and not content.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF"))


@contextmanager
def open_document(content: bytes) -> Iterator[Document]:
    """The document while it is looked at; raises TooLarge, PdfLocked or Corrupt."""
    if len(content) > MAX_BYTES:
        raise TooLarge("more bytes than the limit")
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as wrong:
        locked = wrong.err_code in (_WRONG_PASSWORD, _UNKNOWN_LOCK)
        raise (PdfLocked if locked else Corrupt)("the document does not open") from wrong
    try:
        opened = Document(document)
        if not opened.pages:
            raise Corrupt("a document without pages")
        yield opened
    finally:
        document.close()
