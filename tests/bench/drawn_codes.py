"""Codes to be damaged: of every density that certificates come in, and real ones where they are at hand."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy
import zxingcpp
from numpy.random import Generator
from PIL import Image

from bot.certificates import base45

SEED = 20261124
TESTDATA = Path(__file__).parents[3] / "shared" / "testdata"
# As in the table of the goals: fifty-two of the European kind, two of New Zealand, six dense ones.
_DENSE_FILES = (
    "nzcp/valid/nzcp.png",
    "nzcp/invalid/nzcp-expired-payload.png",
    "shc/test-example-00-g-qr-code-inflated-to-v22.png",
    "shc/test-example-00-g-qr-code-0-single_qr_segment.png",
    "vdsnc/aus_specimen_qr.png",
    "divoc/india_dummy_qr.png",
    "who-ddcc/DEMO-DDCC-QR1.png",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A clean picture of a code with its quiet zone, in grey, and what it holds."""

    name: str
    picture: Image.Image
    content: bytes


def own_codes() -> list[Drawn]:
    """Sixty codes with content drawn by lot: 52 HCERT, 2 NZCP, 2 SMART, 1 VDS-NC, 2 DIVOC and 1 dense HCERT."""
    chance = numpy.random.default_rng(SEED)
    return [_drawn(name, content, level) for name, content, level in _contents(chance)]


def real_codes() -> list[Drawn]:
    """Certificates of the test data beside the project, one a country and more until there are sixty; else none."""
    if not TESTDATA.exists():
        return []
    lines = (TESTDATA / "dcc" / "qa" / "expected.jsonl").read_text("utf-8").splitlines()
    entries = sorted((json.loads(line) for line in lines), key=lambda one: str(one["path"]))
    seen: dict[str, int] = {}
    for entry in entries:
        entry["turn"] = seen[entry["country"]] = seen.get(entry["country"], -1) + 1
    ordered = sorted(entries, key=lambda one: int(one["turn"]))
    found = [_real(TESTDATA / name) for name in _DENSE_FILES]
    wanted = 60 - sum(one is not None for one in found)
    european = (one for one in (_real(TESTDATA / str(entry["path"])) for entry in ordered) if one is not None)
    return [*islice(european, wanted), *(one for one in found if one is not None)]


def _contents(chance: Generator) -> Iterator[tuple[str, str | bytes, str]]:
    for number in range(52):
        length = 240 + 5 * number
        yield f"hcert {number}", "HC1:" + base45.encode(chance.bytes(length)), "Q" if number % 3 else "M"
    for number in range(2):
        yield f"nzcp {number}", "NZCP:/1/" + _letters(chance, string.ascii_uppercase + "234567", 370), "Q"
    for number, digits in enumerate((1700, 2390)):
        yield f"shc {number}", "shc:/" + _letters(chance, string.digits, digits), "L"
    payload = {"data": {"hdr": {"is": "AUS"}, "msg": _letters(chance, string.ascii_letters, 800)}, "sig": "x" * 86}
    yield "vdsnc", json.dumps(payload, separators=(",", ":")), "M"
    for number, length in enumerate((950, 1300)):
        yield f"divoc {number}", b"PK\x03\x04" + chance.bytes(length), "L"
    yield "hcert dense", "HC1:" + base45.encode(chance.bytes(700)), "Q"


def _letters(chance: Generator, alphabet: str, length: int) -> str:
    return "".join(chance.choice(list(alphabet), length))


def _drawn(name: str, content: str | bytes, level: str) -> Drawn:
    held = content if isinstance(content, bytes) else content.encode()
    return Drawn(name, _picture(zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level=level)), held)


def _picture(code: zxingcpp.Barcode) -> Image.Image:
    drawn = numpy.array(code.to_image(scale=8, add_quiet_zones=False))
    picture = Image.new("L", (drawn.shape[1] + 64, drawn.shape[0] + 64), 255)
    picture.paste(Image.fromarray(drawn), (32, 32))
    return picture


def _real(path: Path) -> Drawn | None:
    """The code cut out of its picture and drawn anew from what it holds."""
    with Image.open(path) as opened:
        picture = opened.convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    read = zxingcpp.read_barcodes(numpy.asarray(paper.convert("L")), formats=zxingcpp.BarcodeFormat.QRCode)
    if not read:
        return None
    return Drawn(str(path.relative_to(TESTDATA)), _picture(read[0]), bytes(read[0].bytes))


def other_code(chance: Generator) -> Image.Image:
    """A code that is no certificate: a web address."""
    address = f"https://example.org/{chance.integers(10**6)}"
    return _picture(zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode))
