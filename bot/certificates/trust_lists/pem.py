"""Single keys and certificates as PEM or DER, each for the scheme that its folder or its importer names."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from asn1crypto import pem

from bot.certificates.cose import PublicKey
from bot.certificates.public_keys import from_jwk, from_spki, to_spki
from bot.certificates.signer_certificates import key_of, subject_key_identifier
from bot.certificates.trust import (
    DIVOC,
    HCERT,
    ISRAEL,
    NZCP,
    SHC,
    VDSNC,
    TrustedKey,
    TrustError,
    UnreadableFile,
    UnusableKey,
    iso_country,
)
from bot.certificates.trust_lists.origin import Found, Origin, each

_CERTIFICATE, _KEY = "CERTIFICATE", "PUBLIC KEY"
_NAMED_BY_TEXT = frozenset({DIVOC, NZCP, SHC})


def read(content: bytes, origin: Origin) -> Iterator[Found]:
    """The key of every certificate or public key in a file, or the problem with it."""
    for number, (kind, der) in enumerate(_parts(content), start=1):
        yield from each(origin, str(number), partial(_key, kind, der, origin))


def key_in(document: object, origin: Origin) -> tuple[TrustedKey, bytes]:
    """The one key in PEM text or a JSON Web Key, with its certificate if it came in one; UnusableKey otherwise."""
    if isinstance(document, dict):
        return _bare(from_jwk(document), origin), b""
    if not isinstance(document, str) or len(document) > 100_000:
        raise UnusableKey("neither PEM nor a JSON Web Key")
    try:
        parts = _parts(document.encode())
    except UnreadableFile as wrong:
        raise UnusableKey(str(wrong)) from wrong
    kind, der = parts[0]
    return _key(kind, der, origin), der if kind == _CERTIFICATE else b""


def _parts(content: bytes) -> list[tuple[str, bytes]]:
    """What a file holds: the kind and the bytes of each part."""
    if b"-----BEGIN" not in content:
        return [("", content)]
    try:
        parts = [(kind, der) for kind, _, der in pem.unarmor(content, multiple=True) if kind in (_CERTIFICATE, _KEY)]
    except (ValueError, TypeError) as wrong:
        raise UnreadableFile("not a PEM file") from wrong
    if not parts:
        raise UnreadableFile("neither certificate nor public key in it")
    return parts


def _key(kind: str, der: bytes, origin: Origin) -> TrustedKey:
    """A key from DER: of a certificate, or bare where it is none."""
    if kind != _KEY:
        try:
            return _certified(der, origin)
        except TrustError as wrong:
            if kind == _CERTIFICATE:
                raise
            try:
                return _bare(from_spki(der), origin)
            except UnusableKey:
                raise wrong from None
    return _bare(from_spki(der), origin)


def _certified(der: bytes, origin: Origin) -> TrustedKey:
    scheme = origin.scheme or HCERT
    # Countries' signing authorities are found by the identifier of their key (ICAO 9303-12, 7.1).
    kid = subject_key_identifier(der) if scheme == VDSNC else b""
    key = key_of(der, kid=kid, country=iso_country(origin.country), source=origin.source, scheme=scheme)
    named = _named(origin, scheme)
    return replace(key, issuer=origin.issuer, listed_on=origin.listed_on, kid=named or key.kid)


def _bare(key: PublicKey, origin: Origin) -> TrustedKey:
    """A key without a certificate; it is named by its issuer where the scheme does so, else by its own hash."""
    scheme = origin.scheme or HCERT
    return TrustedKey(
        kid=_named(origin, scheme) or hashlib.sha256(to_spki(key)).digest()[:8],
        scheme=scheme,
        country=iso_country(origin.country) or ("IL" if scheme == ISRAEL else ""),
        public_key=key,
        source=origin.source,
        issuer=origin.issuer,
        listed_on=origin.listed_on,
    )


def _named(origin: Origin, scheme: str) -> bytes:
    """The identifier that follows from the issuer: a verification method is named whole, or by its fragment."""
    if scheme not in _NAMED_BY_TEXT or not origin.issuer:
        return b""
    return (origin.issuer if scheme == DIVOC else origin.issuer.rpartition("#")[2]).encode()
