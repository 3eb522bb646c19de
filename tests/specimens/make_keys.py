"""Keys in the ways that trust lists write them, and master lists of authorities, made anew for each run."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, cms, core
from asn1crypto import x509 as lenient_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from bot.certificates.trust_lists.icao import MASTER_LIST

EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
EDWARDS = ed25519.Ed25519PrivateKey.generate()
ED_BYTES = EDWARDS.public_key().public_bytes_raw()


def b64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def jwk(**more: object) -> dict[str, object]:
    """The elliptic key as a JSON Web Key."""
    numbers = EC.public_key().public_numbers()
    x, y = (b64url(part.to_bytes(32, "big")) for part in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "kid": "one"} | more


def pem_of(key: Any) -> str:
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def to_base58(content: bytes) -> str:
    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    text, number = "", int.from_bytes(content, "big")
    while number:
        number, place = divmod(number, 58)
        text = letters[place] + text
    return text


def authority(key: Any = EC, country: str = "UT", serial: int = 1) -> bytes:
    """A signing authority's certificate in DER, with a subject key identifier."""
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


def master_list(*certificates: bytes, key: Any = EC, change: str = "") -> bytes:
    """A master list (ICAO 9303-12, 9) signed by its own first certificate."""
    signer = lenient_x509.Certificate.load(certificates[0])
    contents = core.SetOf(spec=core.Any, contents=b"".join(certificates))
    inner = core.Integer(0).dump() + b"\x31" + contents.dump()[1:]
    listed = b"\x30\x82" + len(inner).to_bytes(2, "big") + inner
    told = hashlib.sha256(listed + (b"x" if change == "digest" else b"")).digest()
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [MASTER_LIST]},
            {"type": "message_digest", "values": [told]},
        ]
    )
    covered = attributes.dump() + (b"x" if change == "signature" else b"")
    if isinstance(key, rsa.RSAPrivateKey):
        algorithm = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
        signature = key.sign(covered, padding.PKCS1v15(), SHA256())
    else:
        algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        signature = key.sign(covered, ec.ECDSA(SHA256()))
    serial = signer.serial_number + (change == "signer")
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": MASTER_LIST, "content": listed},
            "certificates": [signer],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier(
                        {"issuer_and_serial_number": {"issuer": signer.issuer, "serial_number": serial}}
                    ),
                    "digest_algorithm": {"algorithm": "sha256"},
                    "signed_attrs": attributes,
                    "signature_algorithm": algorithm,
                    "signature": signature,
                }
            ],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def spelled_out(change: str = "") -> bytes:
    """A P-256 key whose curve is written out in full, with one thing about the curve changed."""
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    start = ec.derive_private_key(2 if change == "base" else 1, ec.SECP256R1()).public_key()
    a = prime - (1 if change == "a" else 3)
    point = EC.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    base = start.public_bytes(
        Encoding.X962, PublicFormat.CompressedPoint if change == "compressed" else PublicFormat.UncompressedPoint
    )

    def der(tag: int, *parts: bytes) -> bytes:
        content = b"".join(parts)
        size = len(content)
        head = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
        return bytes([tag]) + head + content

    def whole(number: int) -> bytes:
        return core.Integer(number).dump()

    parameters = der(
        0x30,
        whole(1),
        der(0x30, core.ObjectIdentifier("1.2.840.10045.1.1").dump(), whole(prime)),
        der(0x30, der(0x04, a.to_bytes(32, "big")), der(0x04, (b + (change == "b")).to_bytes(32, "big"))),
        der(0x04, base),
        whole(order - 2 if change == "order" else order),
        b"" if change == "bare" else whole(2 if change == "cofactor" else 1),
    )
    algorithm = der(0x30, core.ObjectIdentifier("1.2.840.10045.2.1").dump(), parameters)
    return der(0x30, algorithm, der(0x03, b"\0", point))
