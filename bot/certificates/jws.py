"""Compact JSON Web Signatures (RFC 7515, 3.1): taken apart, and their signatures checked with ES256.

The algorithm follows from the key and never from the message (RFC 8725, 3.1): a P-256 key means ES256 and nothing else.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from bot.certificates.cose import PublicKey
from bot.certificates.signed_json import JsonError, Object, read_object, text_in

MAX_HEADER = 2048
"""Characters of a header; a health card's has about a hundred."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_ALGORITHMS: dict[str, tuple[str, HashAlgorithm]] = {
    "secp256r1": ("ES256", SHA256()),
    "secp384r1": ("ES384", SHA384()),
    "secp521r1": ("ES512", SHA512()),
}


class JwsError(ValueError):
    """The text is not a compact JSON Web Signature."""


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A compact signature taken apart; nothing in it has been verified."""

    header: Object
    payload: bytes
    signature: bytes
    covered: bytes
    """The characters that the signature covers: header and payload as they were written."""

    @property
    def kid(self) -> str:
        return text_in(self.header, "kid")


def take_apart(text: str) -> SignedToken:
    """The parts of a compact signature; JwsError for anything else, blanks around it included."""
    found = _COMPACT.fullmatch(text)
    if not found or len(found[1]) > MAX_HEADER:
        raise JwsError("not three parts of Base64url")
    try:
        header = read_object(base64url(found[1]))
    except JsonError as wrong:
        raise JwsError("the header is not JSON") from wrong
    if not text_in(header, "alg"):
        raise JwsError("no algorithm")
    if "crit" in header:
        # Extensions that must be understood, and none is known here (RFC 7515, 4.1.11).
        raise JwsError("an extension that is not known")
    covered = text[: found.end(2)].encode("ascii")
    return SignedToken(header, base64url(found[2]), base64url(found[3]), covered)


def signed_by(token: SignedToken, key: PublicKey) -> bool:
    """Whether `key`, on P-256, made the signature; a header that names another algorithm is refused."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return False
    return token.header.get("alg") == "ES256" and signed_raw(token.signature, token.covered, key)


def algorithm_of(key: PublicKey) -> str:
    """The algorithm of RFC 7518, 3.4 that goes with the curve of a key; "" where there is none."""
    return _ALGORITHMS.get(key.curve.name, ("", SHA256()))[0] if isinstance(key, ec.EllipticCurvePublicKey) else ""


def signed_raw(signature: bytes, content: bytes, key: PublicKey) -> bool:
    """Whether `key` signed `content` by ECDSA, the signature being r and s at full length (RFC 7518, 3.4)."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _ALGORITHMS:
        return False
    size = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        return False
    r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
    try:
        key.verify(utils.encode_dss_signature(r, s), content, ec.ECDSA(_ALGORITHMS[key.curve.name][1]))
    except InvalidSignature:
        return False
    return True


def base64url(text: str, *, padded: bool = False) -> bytes:
    """The bytes of Base64url (RFC 4648, 5), written in the one proper way; `padded` allows for `=` at its end."""
    bare = text.rstrip("=") if padded else text
    try:
        content = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise JwsError("not Base64url") from wrong
    # Bits to spare at the end could be set to anything; a second writing of the same bytes is refused.
    if base64.urlsafe_b64encode(content).decode().rstrip("=") != bare:
        raise JwsError("not proper Base64url")
    return content
