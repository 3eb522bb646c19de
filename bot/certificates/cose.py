"""COSE_Sign1 messages (RFC 9052): taken apart, and their signatures checked.

The algorithm follows from the key and never from the message: an elliptic key means ES256, an RSA key means PS256.
A message that names another algorithm is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from bot.certificates import cbor

HEADER_ALGORITHM, HEADER_KEY_ID = 1, 4
ES256, PS256 = -7, -37

MAX_SIGNATURE = 1024
"""Bytes; RSA with 8,192 bits."""

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey


class CoseError(ValueError):
    """The bytes are not a COSE_Sign1 message."""


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A COSE_Sign1 message taken apart; nothing in it has been verified."""

    protected: bytes
    payload: bytes
    signature: bytes
    algorithm: int | None
    kid: bytes


def take_apart(content: bytes) -> SignedMessage:
    """The parts of a COSE_Sign1 message: bare, tagged 18, or tagged 61 around that (RFC 9052, 4.2; RFC 8392, 6)."""
    try:
        parts = cbor.decode(content)
    except cbor.CborError as wrong:
        raise CoseError("not CBOR") from wrong
    if not isinstance(parts, list) or len(parts) != 4:
        raise CoseError("not an array of four")
    protected, unprotected, payload, signature = parts
    if not isinstance(protected, bytes) or not isinstance(unprotected, dict):
        raise CoseError("headers of the wrong kind")
    if not isinstance(payload, bytes) or not isinstance(signature, bytes) or len(signature) > MAX_SIGNATURE:
        raise CoseError("payload or signature of the wrong kind")
    signed = _header(protected)
    algorithm, kid = _first(HEADER_ALGORITHM, signed, unprotected), _first(HEADER_KEY_ID, signed, unprotected)
    if kid is not None and not isinstance(kid, bytes):
        raise CoseError("a key identifier that is not bytes")
    number = algorithm if isinstance(algorithm, int) and not isinstance(algorithm, bool) else None
    return SignedMessage(protected, payload, signature, number, kid or b"")


def signed_by(message: SignedMessage, key: PublicKey) -> bool:
    """Whether `key` made the signature, by the one algorithm that goes with its type (RFC 9053, 2.1; RFC 8230, 2)."""
    content = _signed_bytes(message)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            if message.algorithm != PS256:
                return False
            # RFC 8230 fixes the salt to the length of the hash.
            key.verify(message.signature, content, padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size), SHA256())
            return True
        if message.algorithm != ES256 or not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        # Issuers have used P-384 keys under ES256, so the curve is the key's own and the hash stays SHA-256.
        size = (key.curve.key_size + 7) // 8
        if len(message.signature) != 2 * size:
            return False
        r, s = (int.from_bytes(half, "big") for half in (message.signature[:size], message.signature[size:]))
        key.verify(utils.encode_dss_signature(r, s), content, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _header(protected: bytes) -> Mapping[int | str, cbor.Value]:
    """The protected header; no bytes at all stand for an empty one (RFC 9052, 3)."""
    if not protected:
        return {}
    try:
        header = cbor.decode(protected)
    except cbor.CborError as wrong:
        raise CoseError("the protected header is not CBOR") from wrong
    if not isinstance(header, dict):
        raise CoseError("the protected header is not a map")
    return header


def _first(name: int, *headers: Mapping[int | str, cbor.Value]) -> cbor.Value:
    """A header's value; what is signed counts before what is not."""
    for header in headers:
        if header.get(name) is not None:
            return header[name]
    return None


def _signed_bytes(message: SignedMessage) -> bytes:
    """The Sig_structure that the signature covers (RFC 9052, 4.4)."""
    context = b"Signature1"
    return b"".join(
        (
            cbor.head(4, 4),
            cbor.head(3, len(context)) + context,
            cbor.head(2, len(message.protected)) + message.protected,
            cbor.head(2, 0),
            cbor.head(2, len(message.payload)) + message.payload,
        )
    )
