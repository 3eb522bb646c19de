"""What travellers send that is no photo: documents of several pages, and files that hold a code as text."""

import io
import json
import random

import pypdfium2
import pytest
from PIL import Image

from bot.documents.pages import MAX_PAGES
from bot.documents.photo import read_photo
from bot.documents.photo_reading import PhotoReading
from bot.documents.pixels import open_picture
from tests.bot.test_photo import AT, GOOD, TEXT, TRUST

SEED = 20261124
MUTATIONS = 80
BLANK = Image.new("RGB", (600, 800), "white")
CARD = open_picture(GOOD).convert("RGB")


def document(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    return out.getvalue()


def read(content: bytes) -> PhotoReading:
    return read_photo(content, TRUST, AT)


def outcome(reading: PhotoReading) -> str:
    return reading.verdict.outcome if reading.verdict else ""


def test_a_certificate_on_the_third_page_is_read_and_that_page_is_kept() -> None:
    reading = read(document(BLANK, BLANK, CARD, BLANK))
    assert (reading.trouble, outcome(reading), reading.pages, reading.page) == (None, "verified", 4, 2)
    assert reading.picture is not None
    assert outcome(read(reading.picture)) == "verified"


def test_a_small_code_on_a_page_is_read_from_the_page_drawn_large() -> None:
    paper = Image.new("RGB", (2480, 3508), "white")
    paper.paste(CARD.resize((300, 492)), (1000, 1500))
    assert outcome(read(document(paper))) == "verified"


def test_a_document_without_a_code_is_kept_with_its_first_page() -> None:
    reading = read(document(BLANK, BLANK))
    assert (reading.trouble, reading.page, reading.pages) == ("no_code", 0, 2)
    assert reading.picture is not None


def test_only_the_first_pages_of_a_long_document_are_looked_at() -> None:
    long = document(*[Image.new("RGB", (60, 80), "white")] * MAX_PAGES, CARD)
    assert read(long).trouble == "no_code"


def test_a_damaged_document_is_named() -> None:
    assert read(b"%PDF-1.7\n...").trouble == "corrupt"
    assert read(document(CARD)[:300]).trouble == "corrupt"


def test_a_document_that_asks_for_a_password_is_named() -> None:
    assert read(LOCKED).trouble == "pdf_locked"


@pytest.mark.parametrize("size", ["0 0", "1 200000", "999999 999999", "0.001 0.001"])
def test_a_page_of_any_size_is_drawn_within_bounds_or_refused(size: str) -> None:
    reading = read(_document_of(f"/MediaBox [0 0 {size}]"))
    assert reading.trouble in ("no_code", "corrupt")
    assert max(reading.width, reading.height) <= 4000


def test_scripts_and_actions_of_a_document_do_nothing() -> None:
    action = "/AA << /O << /S /JavaScript /JS (app.alert(1); while (true) {}) >> >>"
    assert read(_document_of(f"/MediaBox [0 0 200 200] {action}")).trouble == "no_code"


@pytest.mark.parametrize("content", [TEXT, f"  {TEXT}\n", f"\ufeff{TEXT}\r\n", f"my certificate\n{TEXT}\n"])
def test_a_text_file_with_a_certificate_is_read_like_its_code(content: str) -> None:
    reading = read(content.encode())
    assert (reading.trouble, outcome(reading), reading.rung, reading.picture) == (None, "verified", "text", None)


def test_a_health_card_file_is_known() -> None:
    card = json.dumps({"verifiableCredential": ["eyJhbGciOiJFUzI1NiJ9.e30.c2ln"]}).encode()
    reading = read(card)
    assert reading.verdict is not None
    assert reading.verdict.format == "shc"


@pytest.mark.parametrize("content", [b"hello", b"{}", b"[]", b"\xff\xfe", b"{" * 70_000, TEXT.encode() + b"\0"])
def test_other_text_is_no_picture(content: bytes) -> None:
    assert read(content).trouble == "not_a_picture"


def test_no_mutated_document_or_picture_raises() -> None:
    chance = random.Random(SEED)
    small = CARD.resize((80, 131))
    sources = [document(small, small)]
    for form in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"):
        out = io.BytesIO()
        small.save(out, form)
        sources.append(out.getvalue())
    for number in range(MUTATIONS):
        changed = bytearray(sources[number % len(sources)])
        for _ in range(chance.randint(1, 6)):
            # Headers come first, and most of what matters is there.
            at = chance.randrange(min(len(changed), chance.choice((64, 512, len(changed)))))
            changed[at] = chance.randrange(256)
        reading = read(bytes(changed[: chance.choice((len(changed), chance.randrange(1, len(changed))))]))
        assert reading.trouble is None or reading.trouble.isidentifier()


def _document_of(entries: str) -> bytes:
    parts = [
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        f"3 0 obj\n<< /Type /Page /Parent 2 0 R {entries} >>\nendobj\n".encode(),
    ]
    return b"%PDF-1.4\n" + b"".join(parts) + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


# The standard security handler with keys of zeros: no password opens it.
LOCKED = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>\nendobj\n"
    b"4 0 obj\n<< /Filter /Standard /V 1 /R 2 /P -1 /O <" + b"00" * 32 + b"> /U <" + b"00" * 32 + b"> >>\nendobj\n"
    b"trailer\n<< /Root 1 0 R /Encrypt 4 0 R /ID [<00> <00>] >>\n%%EOF\n"
)


def test_the_library_of_documents_is_the_one_without_scripts() -> None:
    assert "V8" not in pypdfium2.PDFIUM_INFO.flags
