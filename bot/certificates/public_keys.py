"""Public keys as trust lists write them: SubjectPublicKeyInfo, JSON Web Keys, Base58 and multibase.

A curve whose parameters are written out instead of named is taken for a named one only when every parameter agrees.
"""

import base64
import binascii
from collections.abc import Mapping
from functools import cache
from typing import Any

from asn1crypto import keys as lenient_keys
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from bot.certificates.cose import PublicKey
from bot.certificates.trust import UnusableKey

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
"""Shorter RSA keys can be broken; longer ones only cost time."""

MAX_KEY_BYTES = 4096
"""Bytes of one key; RSA with 8,192 bits takes 1,062."""

_CURVES: Mapping[str, type[ec.EllipticCurve]] = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
_NAMED: Mapping[str, type[ec.EllipticCurve]] = {
    "NIST224p": ec.SECP224R1,
    "NIST256p": ec.SECP256R1,
    "NIST384p": ec.SECP384R1,
    "NIST521p": ec.SECP521R1,
    "BRAINPOOLP256r1": ec.BrainpoolP256R1,
    "BRAINPOOLP384r1": ec.BrainpoolP384R1,
    "BRAINPOOLP512r1": ec.BrainpoolP512R1,
}
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MULTICODEC_ED25519, _MULTICODEC_P256 = b"\xed\x01", b"\x80\x24"


def from_spki(content: bytes) -> PublicKey:
    """The key in a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7); UnusableKey for anything that is not one we use."""
    if len(content) > MAX_KEY_BYTES:
        raise UnusableKey("key too large")
    try:
        found: object = load_der_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        found = _with_its_curve_named(content)
    return usable(found)


def to_spki(key: PublicKey) -> bytes:
    """A key as DER SubjectPublicKeyInfo, its curve named."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def usable(key: object) -> PublicKey:
    """The same key if it is of a kind and size that certificates use, else UnusableKey."""
    if isinstance(key, rsa.RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise UnusableKey(f"an RSA key of {key.key_size} bits")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return key
    raise UnusableKey("a key of a kind that certificates do not use")


def from_jwk(jwk: object) -> PublicKey:
    """The key of a JSON Web Key: EC, RSA or Ed25519 (RFC 7517; RFC 7518, 6; RFC 8037, 2)."""
    if not isinstance(jwk, Mapping):
        raise UnusableKey("not a JSON Web Key")
    try:
        match jwk.get("kty"):
            case "EC" if jwk.get("crv") in _CURVES:
                curve = _CURVES[str(jwk["crv"])]()
                return ec.EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), curve).public_key()
            case "RSA":
                return usable(rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key())
            case "OKP" if jwk.get("crv") == "Ed25519":
                return ed25519.Ed25519PublicKey.from_public_bytes(_base64url(jwk, "x"))
    except UnusableKey:
        raise
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise UnusableKey("not a sound JSON Web Key") from wrong
    raise UnusableKey("a JSON Web Key of a kind that certificates do not use")


def from_multibase(text: str) -> PublicKey:
    """The key of a `publicKeyMultibase` in Base58 with its multicodec (W3C Data Integrity, 2.3.2)."""
    content = base58(text[1:]) if text.startswith("z") else b""
    if content.startswith(_MULTICODEC_ED25519):
        return from_raw_ed25519(content[2:])
    if content.startswith(_MULTICODEC_P256):
        return _point(ec.SECP256R1(), content[2:])
    raise UnusableKey("multibase of an unknown kind")


def from_raw_ed25519(content: bytes) -> PublicKey:
    """An Ed25519 key of its 32 bytes (RFC 8032, 5.1.5)."""
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(content)
    except ValueError as wrong:
        raise UnusableKey("not an Ed25519 key") from wrong


def base58(text: str) -> bytes:
    """The bytes of Base58 text in the alphabet of Bitcoin, which DIDs use; at most a few dozen bytes."""
    if not 0 < len(text) <= 100:
        raise UnusableKey("not Base58")
    number = 0
    for character in text:
        place = _BASE58.find(character)
        if place < 0:
            raise UnusableKey("not Base58")
        number = number * 58 + place
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base64url(jwk: Mapping[Any, object], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= MAX_KEY_BYTES:
        raise UnusableKey(f"{name} missing")
    try:
        # Some lists write padding or plain Base64 there (RFC 7515, 2 has neither).
        plain = text.rstrip("=").replace("+", "-").replace("/", "_")
        return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except (ValueError, binascii.Error) as wrong:
        raise UnusableKey(f"{name} is not Base64") from wrong


def _number(jwk: Mapping[Any, object], name: str) -> int:
    return int.from_bytes(_base64url(jwk, name), "big")


def _with_its_curve_named(content: bytes) -> object:
    """The elliptic key of a SubjectPublicKeyInfo that spells its curve out (RFC 3279, 2.3.5)."""
    try:
        info = lenient_keys.PublicKeyInfo.load(content)
        if info["algorithm"]["algorithm"].native != "ec":
            raise UnusableKey("a key that cannot be read")
        parameters = info["algorithm"]["parameters"]
        if parameters.name != "specified":
            raise UnusableKey("a curve that certificates do not use")
        domain = parameters.chosen
        field, curve = domain["field_id"], domain["curve"]
        found = (
            int(field["parameters"].native),
            int.from_bytes(curve["a"].native, "big"),
            int.from_bytes(curve["b"].native, "big"),
            int(domain["order"].native),
        )
        base, point = bytes(domain["base"].native), bytes(info["public_key"].native)
        cofactor = domain["cofactor"].native
    except UnusableKey:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise UnusableKey("not a public key") from wrong
    named = _known_curves().get(found)
    if named is None or cofactor not in (None, 1) or base not in named[1]:
        raise UnusableKey("a curve of its own parameters")
    return _point(named[0], point)


def _point(curve: ec.EllipticCurve, content: bytes) -> PublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, content)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise UnusableKey("not a point of its curve") from wrong


@cache
def _known_curves() -> Mapping[tuple[int, int, int, int], tuple[ec.EllipticCurve, frozenset[bytes]]]:
    """Named curves by prime, a, b and order, each with the ways to write its base point (SEC 1, 2.3.3)."""
    # Slow to import, and only wanted when a list has such a key.
    import ecdsa.curves

    found = {}
    for known in ecdsa.curves.curves:
        if known.name in _NAMED:
            prime, start = known.curve.p(), known.generator
            size = (prime.bit_length() + 7) // 8
            x, y = (int(part).to_bytes(size, "big") for part in (start.x(), start.y()))
            writings = frozenset({b"\x04" + x + y, bytes([2 + y[-1] % 2]) + x})
            key = (prime, known.curve.a() % prime, known.curve.b() % prime, known.order)
            found[key] = (_NAMED[known.name](), writings)
    return found
