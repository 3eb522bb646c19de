"""One photo from its bytes to a verdict: the specimens, many codes in one picture, and ten kinds of mutilation."""

import io
import random
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import segno
from PIL import Image

from bot.certificates import base45, hcert
from bot.certificates.check import check
from bot.certificates.specimens import folder
from bot.certificates.trust_files import load_trust
from bot.documents.codes import find_codes
from bot.documents.photo import read_photo
from bot.documents.pixels import open_picture
from tests.specimens.make_specimens import make_signer, sign, statement

AT = datetime(2026, 11, 24, tzinfo=UTC)
TRUST = load_trust(folder())
GOOD = (folder() / "good.png").read_bytes()
TEXT = find_codes(open_picture(GOOD))[0].text
SEED = 20261124

MUTATED_TEXTS, MUTATED_PICTURES = 300, 40


def specimen(name: str) -> bytes:
    return (folder() / name).read_bytes()


def page_of(*texts: str) -> bytes:
    page = Image.new("L", (60, 60), 255)
    for text in texts:
        out = io.BytesIO()
        segno.make_qr(text, error="l").save(out, kind="png", scale=4, border=6)
        drawn = Image.open(out).convert("L")
        wider = Image.new("L", (page.width + drawn.width, max(page.height, drawn.height)), 255)
        wider.paste(page, (0, 0))
        wider.paste(drawn, (page.width, 0))
        page = wider
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "trouble", "outcome", "reason", "family", "born"),
    [
        ("good.png", None, "verified", "ok", "Specimen", "1990-05-14"),
        ("another-person.png", None, "verified", "ok", "Muster", "1985-11-30"),
        ("foreign-key.png", None, "unverified", "issuer_unknown", "Specimen", "1990-05-14"),
        ("tampered.png", None, "unverified", "signature_wrong", "Specimen", "1992-05-14"),
    ],
)
def test_each_specimen_gets_the_verdict_it_was_made_for(
    name: str, trouble: str | None, outcome: str, reason: str, family: str, born: str
) -> None:
    reading = read_photo(specimen(name), TRUST, AT)
    verdict = reading.verdict
    assert verdict is not None
    assert verdict.subject is not None
    assert (reading.trouble, verdict.outcome, verdict.reason) == (trouble, outcome, reason)
    assert (verdict.subject.family, verdict.subject.birth_date) == (family, born)
    assert (verdict.specimen, verdict.validity) == (outcome == "verified", "valid")
    assert (reading.width, reading.height, reading.rung) == (720, 1180, "plain")


def test_a_blurred_specimen_is_read_by_no_rung_and_still_kept() -> None:
    reading = read_photo(specimen("blurred.jpg"), TRUST, AT)
    assert reading.advice is not None
    assert (reading.trouble, reading.verdict, reading.rung) == ("no_code", None, None)
    assert reading.picture is not None


def test_the_specimens_are_small_and_hold_no_private_key() -> None:
    for path in folder().iterdir():
        if path.suffix in (".png", ".jpg", ".json"):
            assert path.stat().st_size < 60_000
            assert b"PRIVATE" not in path.read_bytes()


def test_the_kept_picture_can_be_opened_and_read_again() -> None:
    kept = read_photo(GOOD, TRUST, AT).picture
    assert kept is not None
    assert kept.startswith(b"\xff\xd8")
    assert read_photo(kept, TRUST, AT).trouble is None


@pytest.mark.parametrize(
    ("content", "trouble"),
    [(b"", "empty"), (b"%PDF-1.4", "corrupt"), (b"hello", "not_a_picture"), (GOOD[:-2000], "corrupt")],
)
def test_a_picture_that_cannot_be_opened_names_its_trouble(content: bytes, trouble: str) -> None:
    reading = read_photo(content, TRUST, AT)
    assert (reading.trouble, reading.verdict, reading.picture) == (trouble, None, None)


def test_a_code_that_is_no_certificate_is_named_so() -> None:
    reading = read_photo(page_of("https://example.org"), TRUST, AT)
    assert (reading.trouble, reading.rung) == ("unknown_code", "plain")
    assert reading.verdict is not None
    assert reading.verdict.format == "unknown"


def test_the_best_of_several_certificates_counts() -> None:
    stranger = sign(make_signer(), statement("Muster", "Peter", "1985-11-30", "PETER"))
    for texts in ((stranger, TEXT, "https://example.org"), ("https://example.org", TEXT, stranger)):
        reading = read_photo(page_of(*texts), TRUST, AT)
        assert reading.verdict is not None
        assert (reading.verdict.outcome, reading.trouble) == ("verified", None)
    worse = read_photo(page_of("https://example.org", stranger), TRUST, AT)
    assert worse.verdict is not None
    assert (worse.verdict.outcome, worse.verdict.reason) == ("unverified", "issuer_unknown")


def test_a_turned_photo_has_the_size_of_the_upright_one() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    open_picture(GOOD).convert("RGB").save(out, "JPEG", exif=exif)
    reading = read_photo(out.getvalue(), TRUST, AT)
    assert (reading.width, reading.height, reading.trouble) == (1180, 720, None)


def test_no_mutated_text_is_verified_with_other_content() -> None:
    chance = random.Random(SEED)
    original = check(TEXT, TRUST, AT)
    message = hcert.unwrap(TEXT)
    for _ in range(MUTATED_TEXTS):
        verdict = check(_mutated_text(chance, message), TRUST, AT)
        if verdict.outcome == "verified":
            assert (verdict.subject, verdict.events, verdict.identifier) == (
                original.subject,
                original.events,
                original.identifier,
            )
            assert (verdict.issued_at, verdict.expires_at) == (original.issued_at, original.expires_at)


def test_no_mutated_picture_raises_or_is_verified_with_other_content(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    original = check(TEXT, TRUST, AT)
    jpeg = io.BytesIO()
    open_picture(GOOD).convert("RGB").save(jpeg, "JPEG", quality=50)
    webp = io.BytesIO()
    open_picture(GOOD).save(webp, "WEBP", lossless=True)
    for number in range(MUTATED_PICTURES):
        source = (GOOD, jpeg.getvalue(), webp.getvalue())[number % 3]
        reading = read_photo(_mutated_bytes(chance, source), TRUST, AT)
        if reading.verdict is not None and reading.verdict.outcome == "verified":
            assert reading.verdict.subject == original.subject


def _mutated_text(chance: random.Random, message: bytes) -> str:
    """The code with some characters changed, or with some bytes changed under an intact wrapping."""
    if chance.random() < 0.3:
        characters = list(TEXT)
        for _ in range(chance.randint(1, 4)):
            characters[chance.randrange(len(characters))] = chance.choice("0123456789ABC $%*+-./:äé\0")
        return "".join(characters)
    return "HC1:" + base45.encode(zlib.compress(_mutated_bytes(chance, message)))


def _mutated_bytes(chance: random.Random, content: bytes) -> bytes:
    """Bytes flipped, cut out, doubled or cut off."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(changed)), chance.randint(1, 8)
        match chance.randrange(5):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at] = chance.randrange(256)
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length]
            case _:
                del changed[max(1, len(changed) - length) :]
    return bytes(changed) or b"\0"
