"""Draws the specimen certificates that stand in bot/certificates/specimens, signed with keys that are then forgotten.

Run `python tests/specimens/make_specimens.py`; every run makes new keys, and no private key is ever written.
"""

import base64
import hashlib
import json
import sys
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

import cbor2
import segno
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.certificates import base45
from bot.certificates.specimens import folder

ISSUER, COUNTRY = "Khaibao Specimen Authority", "XX"
ISSUED, EXPIRES = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2036, 3, 2, 9, tzinfo=UTC)
ENDS = datetime(2046, 1, 1, tzinfo=UTC)

WIDTH, HEIGHT = 720, 1180
INK, PAPER, BAND = "#1c2733", "#f4f6f8", "#1f5f8b"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of this run with the certificate that goes with it."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(self.certificate).digest()[:8]


def make_signer(name: str = ISSUER, country: str = COUNTRY) -> Signer:
    """A new key and its self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, country), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(ENDS)
        .sign(key, SHA256())
    )
    return Signer(key, certificate.public_bytes(Encoding.DER))


def statement(family: str, given: str, birth_date: str, number: str) -> dict[str, object]:
    """The health statement about one person, vaccinated twice."""
    event = {
        "tg": "840539006",
        "vp": "1119349007",
        "mp": "EU/1/20/1528",
        "ma": "ORG-100030215",
        "dn": 2,
        "sd": 2,
        "dt": "2026-03-02",
        "co": COUNTRY,
        "is": ISSUER,
        "ci": f"URN:UVCI:01:{COUNTRY}:SPECIMEN{number}",
    }
    names = {
        "fn": family,
        "gn": given,
        "fnt": family.upper().replace(" ", "<"),
        "gnt": given.upper().replace(" ", "<"),
    }
    return {"ver": "1.3.0", "nam": names, "dob": birth_date, "v": [event]}


def sign(signer: Signer, content: dict[str, object], altered: dict[str, object] | None = None) -> str:
    """The HC1: text of `content`; with `altered` that is put in its place after signing."""
    protected = cbor2.dumps({1: -7, 4: signer.kid})
    payload = cbor2.dumps({1: COUNTRY, 6: int(ISSUED.timestamp()), 4: int(EXPIRES.timestamp()), -260: {1: content}})
    covered = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = utils.decode_dss_signature(signer.key.sign(covered, ec.ECDSA(SHA256())))
    if altered is not None:
        payload = cbor2.dumps({1: COUNTRY, 6: int(ISSUED.timestamp()), 4: int(EXPIRES.timestamp()), -260: {1: altered}})
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
    return "HC1:" + base45.encode(zlib.compress(message, 9))


def draw(text: str, lines: tuple[str, ...]) -> Image.Image:
    """A page as a phone shows it: a title, the code, the person, and the word SPECIMEN across all but the code."""
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, WIDTH, 130), fill=BAND)
    pen.text((WIDTH / 2, 48), "Vaccination certificate", "white", ImageFont.load_default(38), anchor="mm")
    pen.text((WIDTH / 2, 98), ISSUER, "white", ImageFont.load_default(22), anchor="mm")
    code = segno.make_qr(text, error="m", boost_error=False)
    scale = 600 // code.symbol_size(border=4)[0]
    rows = [[255 - 255 * (module & 1) for module in row] for row in code.matrix_iter(scale=scale, border=4)]
    drawn = Image.new("L", (len(rows[0]), len(rows)))
    drawn.putdata([point for row in rows for point in row])
    page.paste(drawn, ((WIDTH - drawn.width) // 2, 160))
    for number, line in enumerate(lines):
        pen.text((60, 800 + 52 * number), line, INK, ImageFont.load_default(30))
    pen.text((WIDTH / 2, HEIGHT - 70), "SPECIMEN", "#c0392b", ImageFont.load_default(92), anchor="mm")
    pen.text((WIDTH / 2, 768), "SPECIMEN", "#c0392b", ImageFont.load_default(44), anchor="mm")
    return page


def save(page: Image.Image, name: str) -> None:
    if name.endswith(".jpg"):
        page.save(folder() / name, quality=60)
    else:
        page.quantize(32, dither=Image.Dither.NONE).save(folder() / name, optimize=True)


def main() -> None:
    """Write all specimens and the list with the one key that is trusted."""
    trusted, foreign = make_signer(), make_signer("Unknown Authority")
    anna = statement("Specimen", "Anna Maria", "1990-05-14", "ANNA0001")
    forged = statement("Specimen", "Anna Maria", "1992-05-14", "ANNA0001")
    peter = statement("Muster", "Peter Paul", "1985-11-30", "PETER001")
    about_anna = ("Specimen, Anna Maria", "born 1990-05-14", "EU/1/20/1528, dose 2 of 2", "vaccinated 2026-03-02")
    about_forged = (about_anna[0], "born 1992-05-14", *about_anna[2:])
    about_peter = ("Muster, Peter Paul", "born 1985-11-30", *about_anna[2:])
    good = draw(sign(trusted, anna), about_anna)
    save(good, "good.png")
    save(draw(sign(foreign, anna), about_anna), "foreign-key.png")
    save(draw(sign(trusted, anna, forged), about_forged), "tampered.png")
    save(draw(sign(trusted, peter), about_peter), "another-person.png")
    save(good.filter(ImageFilter.GaussianBlur(9)), "blurred.jpg")
    entry = {
        "certificateType": "DSC",
        "country": COUNTRY,
        "kid": base64.b64encode(trusted.kid).decode(),
        "rawData": base64.b64encode(trusted.certificate).decode(),
    }
    listed = json.dumps({"specimen": True, "certificates": [entry]}, indent=1)
    (folder() / "trust.json").write_text(listed + "\n")
    for path in sorted(folder().iterdir()):
        print(f"{path.stat().st_size:7d}  {path.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
