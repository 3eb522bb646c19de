"""Signer certificates inside ICAO seals (Doc 9303-12; VDS-NC technical report): read, and checked against a country.

A seal carries the certificate of its signer. It counts only when a country's signing authority (CSCA) that is trusted
here signed that certificate; the certificate by itself proves nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from asn1crypto import core, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bot.certificates.cose import PublicKey
from bot.certificates.public_keys import from_spki
from bot.certificates.trust import UnusableKey
from bot.certificates.verdict import EventKind

MAX_CERTIFICATE = 4096
"""Bytes of a certificate in a seal; the largest real one has 904."""

SEAL_SIGNER = "2.23.136.1.1.14.2"
"""Extended key usage of signers of VDS-NC (technical report, 5.3)."""

DOCUMENT_TYPES = "2.23.136.1.1.6.2"
"""Extension with the types of document that a signer may sign (Doc 9303-12, 7.1.1.6)."""

_TYPES: Mapping[EventKind, str] = {"vaccination": "NV", "test": "NT"}
_UNDERSTOOD = frozenset({"key_usage", "extended_key_usage", "basic_constraints", DOCUMENT_TYPES})
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
# The library reads lazily and meets damage with whatever goes wrong first.
_DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, NotImplementedError)


class _Types(core.SetOf):  # type: ignore[misc]  # the library has no types
    _child_spec = core.PrintableString


class _DocumentTypes(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("version", core.Integer), ("types", _Types)]


class SignerError(ValueError):
    """The bytes are not a certificate that can be read."""


@dataclass(frozen=True, slots=True)
class SealSigner:
    """What the certificate in a seal says; only `is_signed_by` tells whether it is true."""

    key: PublicKey
    authority: bytes
    """Identifier of the key that is said to have signed it; empty where it names none."""
    valid_from: datetime
    valid_until: datetime
    may_sign: frozenset[EventKind]
    body: bytes
    signature: bytes
    algorithm: x509.SignedDigestAlgorithm


def read_signer(content: bytes) -> SealSigner:
    """The signer in one DER certificate; raises SignerError."""
    if len(content) > MAX_CERTIFICATE:
        raise SignerError("certificate too large")
    try:
        certificate = x509.Certificate.load(content, strict=True)
        body = certificate["tbs_certificate"]
        algorithm = certificate["signature_algorithm"]
        # What is signed must name the same algorithm as what surrounds it (RFC 5280, 4.1.1.2).
        if body["signature"].dump() != algorithm.dump():
            raise SignerError("two algorithms")
        since, until = (body["validity"][edge].native.astimezone(UTC) for edge in ("not_before", "not_after"))
        return SealSigner(
            key=from_spki(body["subject_public_key_info"].dump()),
            authority=certificate.authority_key_identifier or b"",
            valid_from=since,
            valid_until=until,
            may_sign=_may_sign(certificate),
            body=body.dump(),
            signature=bytes(certificate["signature_value"].native),
            algorithm=algorithm,
        )
    except SignerError:
        raise
    except (*_DAMAGE, UnusableKey, UnsupportedAlgorithm) as wrong:
        raise SignerError("not a certificate") from wrong


def is_signed_by(signer: SealSigner, authority: PublicKey) -> bool:
    """Whether `authority` signed the certificate: RSA (PKCS #1 v1.5 or PSS) or ECDSA, with SHA-256 or better."""
    try:
        scheme, digest = signer.algorithm.signature_algo, _HASHES[signer.algorithm.hash_algo]()
        if isinstance(authority, ec.EllipticCurvePublicKey) and scheme == "ecdsa":
            authority.verify(signer.signature, signer.body, ec.ECDSA(digest))
        elif isinstance(authority, rsa.RSAPublicKey) and scheme == "rsassa_pkcs1v15":
            authority.verify(signer.signature, signer.body, padding.PKCS1v15(), digest)
        elif isinstance(authority, rsa.RSAPublicKey) and scheme == "rsassa_pss":
            salt = signer.algorithm["parameters"]["salt_length"].native
            authority.verify(signer.signature, signer.body, padding.PSS(padding.MGF1(digest), salt), digest)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, *_DAMAGE):
        return False
    return True


def _may_sign(certificate: x509.Certificate) -> frozenset[EventKind]:
    """The kinds of seal that a certificate is for; where it says nothing of that, all.

    An authority's own certificate, one for other purposes, and one with critical extensions that are not understood
    here (RFC 5280, 4.2) may sign none.
    """
    usage, purposes = certificate.key_usage_value, certificate.extended_key_usage_value
    if certificate.ca or certificate.critical_extensions - _UNDERSTOOD:
        return frozenset()
    if usage is not None and "digital_signature" not in usage.native:
        return frozenset()
    if purposes is not None and SEAL_SIGNER not in {purpose.dotted for purpose in purposes}:
        return frozenset()
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted == DOCUMENT_TYPES:
            listed = _DocumentTypes.load(extension["extn_value"].contents, strict=True)["types"].native
            return frozenset(kind for kind, name in _TYPES.items() if name in listed)
    return frozenset(_TYPES)
