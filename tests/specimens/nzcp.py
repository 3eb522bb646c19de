"""Makes New Zealand COVID Passes about people that there are not, signed with a key of the caller's."""

import base64
import uuid
from datetime import UTC, datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

ISSUER = "did:web:passes.example"
KID = b"key-1"
NOT_BEFORE, EXPIRES = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2027, 3, 2, 9, tzinfo=UTC)
NUMBER = uuid.UUID("11111111-2222-4333-8444-555555555555")


def credential(person: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """The statement in a pass."""
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1"],
        "version": "1.0.0",
        "type": ["VerifiableCredential", "PublicCovidPass"],
        "credentialSubject": person or {"givenName": "Anna Maria", "familyName": "Specimen", "dob": "1990-05-14"},
        **fields,
    }


def claims(vc: dict[str, Any] | None = None, **changed: Any) -> dict[int | str, Any]:
    """The claims of a pass; `changed` (iss, nbf, exp, cti) stand in the place of the usual ones, None takes one out."""
    usual = {
        "iss": ISSUER,
        "nbf": int(NOT_BEFORE.timestamp()),
        "exp": int(EXPIRES.timestamp()),
        "cti": NUMBER.bytes,
        **changed,
    }
    names: dict[str, int] = {"iss": 1, "exp": 4, "nbf": 5, "cti": 7}
    whole: dict[int | str, Any] = {names[name]: value for name, value in usual.items() if value is not None}
    return {**whole, "vc": credential() if vc is None else vc}


def sign(key: ec.EllipticCurvePrivateKey, content: object, *, kid: object = KID, algorithm: int = -7) -> str:
    """The text of a pass with these claims."""
    protected = cbor2.dumps({4: kid, 1: algorithm})
    payload = content if isinstance(content, bytes) else cbor2.dumps(content)
    covered = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = utils.decode_dss_signature(key.sign(covered, ec.ECDSA(SHA256())))
    size = (key.curve.key_size + 7) // 8
    return text_of(cbor2.CBORTag(18, [protected, {}, payload, r.to_bytes(size, "big") + s.to_bytes(size, "big")]))


def text_of(message: object) -> str:
    """The text of a pass around a COSE message."""
    content = message if isinstance(message, bytes) else cbor2.dumps(message)
    return "NZCP:/1/" + base64.b32encode(content).decode().rstrip("=")


def make_pass(key: ec.EllipticCurvePrivateKey, issuer: str = ISSUER) -> str:
    """The text of one good pass."""
    return sign(key, claims(iss=issuer))
