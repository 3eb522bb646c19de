"""Hostile codes: signed certificates that were bent at every layer."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from bot.certificates import base45, cose, hcert
from bot.certificates.trust import ALL_KINDS, HCERT, TrustedKey, TrustStore, build_store
from tests.specimens.make_specimens import COUNTRY, EXPIRES, ISSUED, statement

AT: Final = datetime(2026, 11, 24, tzinfo=UTC)
# What `check` forgives before and after a text that was copied by hand.
AROUND: Final = "\ufeff \r\n\t"
# The order of P-256 (SEC 2, 2.4.2): with s, n - s is as good a signature.
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Parts = list[Any]


@dataclass(frozen=True)
class Signed:
    """A sound certificate: its text, and what of it a signature covers."""

    text: str
    protected: bytes
    payload: bytes


def signature_of(key: PrivateKey, protected: bytes, payload: bytes) -> bytes:
    """What COSE puts under a message (RFC 9053, 2.1; RFC 8230, 2)."""
    covered = cbor2.dumps(["Signature1", protected, b"", payload])
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(covered, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    r, s = utils.decode_dss_signature(key.sign(covered, ec.ECDSA(SHA256())))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def wrap(message: Any) -> str:
    """The text around a message, which may be bytes or something to encode."""
    content = message if isinstance(message, bytes) else cbor2.dumps(message)
    return hcert.PREFIX + base45.encode(zlib.compress(content, 1))


def signed(key: PrivateKey, payload: bytes, protected: Mapping[Any, Any], beside: Mapping[Any, Any] = {}) -> Signed:
    """A certificate over these bytes with these headers."""
    head = cbor2.dumps(dict(protected))
    parts = [head, dict(beside), payload, signature_of(key, head, payload)]
    return Signed(wrap(cbor2.CBORTag(18, parts)), head, payload)


def claims(content: Any, **more: Any) -> bytes:
    """The claims around a statement; `issuer`, `issued` and `expires` in place of the usual ones."""
    issuer = more.get("issuer", COUNTRY)
    issued, expires = more.get("issued", int(ISSUED.timestamp())), more.get("expires", int(EXPIRES.timestamp()))
    return cbor2.dumps({1: issuer, 6: issued, 4: expires, -260: {1: content}})


@dataclass(frozen=True)
class Signers:
    """Signers of this run, the store that trusts them, and one certificate of each."""

    elliptic: ec.EllipticCurvePrivateKey
    rsa: rsa.RSAPrivateKey
    store: TrustStore
    certificates: tuple[Signed, ...]

    @property
    def key(self) -> TrustedKey:
        """The trusted key of the elliptic signer."""
        return self.store.keys[b"elliptic"][0]


@lru_cache(maxsize=1)
def signers() -> Signers:
    """Made once: an RSA key takes a moment."""
    elliptic, other = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    usual = TrustedKey(b"elliptic", HCERT, COUNTRY, elliptic.public_key(), ALL_KINDS)
    store = build_store([usual, replace(usual, kid=b"rsa", public_key=other.public_key())])
    payload = claims(statement("Specimen", "Anna Maria", "1990-05-14", "ANNA0001"))
    both = (
        signed(elliptic, payload, {1: cose.ES256, 4: b"elliptic"}),
        signed(other, payload, {1: cose.PS256}, {4: b"rsa"}),
    )
    return Signers(elliptic, other, store, both)


def content_of(text: str) -> tuple[bytes, bytes]:
    """What of a readable code the signature covers: its protected header and its payload."""
    message = cose.take_apart(hcert.unwrap(text.lstrip(AROUND)))
    return message.protected, message.payload


# ---- codes that were bent


def bend_bytes(chance: Random, content: bytes) -> bytes:
    """Bytes flipped, replaced, cut out, doubled, put in or cut off, at one to three places."""
    bent = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(bent) + 1), chance.randint(1, 8)
        match chance.randrange(6):
            case 0 | 1 if at < len(bent):
                bent[at] ^= 1 << chance.randrange(8)
            case 2 if at < len(bent):
                bent[at] = chance.randrange(256)
            case 3:
                del bent[at : at + length]
            case 4:
                bent[at:at] = bent[at : at + length] or chance.randbytes(length)
            case _:
                del bent[max(1, len(bent) - length) :]
        bent = bent or bytearray(1)
    return bytes(bent)


def _bend_text(chance: Random, text: str) -> str:
    """Characters replaced, put in, left out or exchanged."""
    letters = list(text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(letters))
        match chance.randrange(4):
            case 0:
                letters[at] = chance.choice("0123456789ABCXYZ $%*+-./:aä\0\u202e\ud800")
            case 1:
                letters.insert(at, chance.choice("0AZ :\n\ufeff"))
            case 2:
                del letters[at]
            case _:
                other = chance.randrange(len(letters))
                letters[at], letters[other] = letters[other], letters[at]
    return "".join(letters)


def _bend_packing(chance: Random, text: str) -> str:
    return hcert.PREFIX + base45.encode(bend_bytes(chance, base45.decode(text[len(hcert.PREFIX) :])))


def _bend_message(chance: Random, text: str) -> str:
    return wrap(bend_bytes(chance, _unwrapped(text)))


def _bend_part(chance: Random, text: str) -> str:
    """One of the four parts of the message bent, the rest whole and the CBOR around it sound."""
    parts = parts_of(text)
    place = chance.choice((0, 2, 3))
    parts[place] = bend_bytes(chance, parts[place])
    return wrap(cbor2.CBORTag(18, parts))


def _bend_beside(chance: Random, text: str) -> str:
    """Only what no signature covers: the unprotected header, the tags around, and the twin of the signature."""
    parts = parts_of(text)
    for _ in range(chance.randint(1, 2)):
        parts[1] = dict(parts[1]) | {
            chance.choice((1, 4, 33, "x")): chance.choice((cose.ES256, cose.PS256, 0, b"rsa", b"elliptic", "y"))
        }
    if len(parts[3]) == 64 and chance.random() < 0.5:
        parts[3] = twin(parts[3])
    shapes: tuple[Callable[[Parts], Any], ...] = (
        lambda inner: inner,
        lambda inner: cbor2.CBORTag(18, inner),
        lambda inner: cbor2.CBORTag(61, cbor2.CBORTag(18, inner)),
        lambda inner: cbor2.CBORTag(98, inner),
    )
    return wrap(chance.choice(shapes)(parts))


def _bend_claims(chance: Random, text: str) -> str:
    """Another statement under the old signature: another person, another day, another issuer."""
    parts = parts_of(text)
    payload = cbor2.loads(parts[2])
    said = payload[-260][1]
    match chance.randrange(5):
        case 0:
            said["nam"]["fnt"] = chance.choice(("NGUYEN", "KELLER", ""))
        case 1:
            said["dob"] = f"19{chance.randrange(10, 89)}-05-14"
        case 2:
            payload[4] = chance.choice((2**62, 1e300, "never", None))
        case 3:
            payload[1] = chance.choice(("VN", "DE", "", 7))
        case _:
            said["v"][0]["dn"] = chance.randrange(3, 9)
    parts[2] = cbor2.dumps(payload)
    return wrap(cbor2.CBORTag(18, parts))


LAYERS: Final[Mapping[str, Callable[[Random, str], str]]] = {
    "text": _bend_text,
    "base45": _bend_packing,
    "zlib": _bend_message,
    "part": _bend_part,
    "unsigned": _bend_beside,
    "claims": _bend_claims,
}


def parts_of(text: str) -> Parts:
    """The four parts of the message in a text."""
    return list(_opened(text))


@lru_cache(maxsize=4)
def _unwrapped(text: str) -> bytes:
    """The message in a text; the same few sound ones are bent a million times."""
    return hcert.unwrap(text)


@lru_cache(maxsize=4)
def _opened(text: str) -> tuple[Any, ...]:
    return tuple(cbor2.loads(_unwrapped(text)).value)


def twin(signature: bytes) -> bytes:
    """The other signature that ECDSA on P-256 takes for the same content."""
    return signature[:32] + (ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
