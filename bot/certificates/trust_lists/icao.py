"""Master lists of countries' signing authorities (CMS SignedData around a CscaMasterList, ICAO 9303-12, 9).

The signature is checked against the signer certificate that the list carries, so that damage is noticed; whether that
signer is to be believed is the operator's decision when the list is imported.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from asn1crypto import cms, core
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bot.certificates.cose import PublicKey
from bot.certificates.public_keys import from_spki
from bot.certificates.trust import VDSNC, Problem, UnreadableFile, UnusableKey
from bot.certificates.trust_lists import pem
from bot.certificates.trust_lists.origin import Found, Origin

MASTER_LIST = "2.23.136.1.1.2"
"""id-icao-cscaMasterList."""

MAX_CERTIFICATES = 5000
"""Certificates in one master list; the largest published one has about 600."""

_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(), "sha224": hashes.SHA224()}
_MISFITS = (ValueError, TypeError, KeyError, AttributeError, IndexError)


class _Certificates(core.SetOf):  # type: ignore[misc]
    # The certificates stay as bytes here: each is parsed, and may fail, by itself.
    _child_spec = core.Any


class _MasterList(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[tuple[str, Any]]] = [("version", core.Integer), ("certificates", _Certificates)]


def recognises(content: bytes) -> bool:
    """Whether these bytes begin like CMS SignedData around a master list; PEM is none."""
    return content[:1] == b"\x30" and b"\x67\x81\x08\x01\x01\x02" in content[:128]


def read(content: bytes, origin: Origin) -> Iterator[Found]:
    """The key of every certificate in a master list, or the problem with it; UnreadableFile where it is damaged."""
    certificates = _certificates(_signed_content(content))
    told = replace(origin, scheme=origin.scheme or VDSNC)
    for number, certificate in enumerate(certificates, start=1):
        for found in pem.read(certificate, told):
            yield replace(found, entry=str(number)) if isinstance(found, Problem) else found


def _certificates(content: bytes) -> list[bytes]:
    try:
        listed = [found.dump() for found in _MasterList.load(content, strict=True)["certificates"]]
    except _MISFITS as wrong:
        raise UnreadableFile("the master list in it cannot be read") from wrong
    if len(listed) > MAX_CERTIFICATES:
        raise UnreadableFile("more certificates than a master list has")
    return listed


def _signed_content(content: bytes) -> bytes:
    """What the list's signer signed; UnreadableFile where any part of the signature does not hold."""
    try:
        wrapper = cms.ContentInfo.load(content, strict=True)
        signed = wrapper["content"]
        inner = signed["encap_content_info"]
        if wrapper["content_type"].native != "signed_data" or inner["content_type"].dotted != MASTER_LIST:
            raise UnreadableFile("not a master list")
        listed = bytes(inner["content"])
        signer = signed["signer_infos"][0]
        key = from_spki(_signer_key(signed["certificates"], signer["sid"].chosen))
        if not _holds(signer, listed, key):
            raise UnreadableFile("the signature of the master list is wrong")
    except UnreadableFile:
        raise
    except (*_MISFITS, UnusableKey, UnsupportedAlgorithm) as wrong:
        raise UnreadableFile("not a master list whose signature can be checked") from wrong
    return listed


def _signer_key(certificates: Any, wanted: Any) -> bytes:
    """The SubjectPublicKeyInfo of the certificate that a signer names (RFC 5652, 5.3)."""
    for choice in certificates:
        certificate = choice.chosen
        if isinstance(wanted, cms.IssuerAndSerialNumber):
            fits = (
                certificate.serial_number == wanted["serial_number"].native and certificate.issuer == wanted["issuer"]
            )
        else:
            fits = certificate.key_identifier == wanted.native
        if fits:
            return bytes(certificate.public_key.dump())
    raise UnreadableFile("the master list lacks its signer's certificate")


def _holds(signer: Any, listed: bytes, key: PublicKey) -> bool:
    """Whether the digest and the signature over it are right (RFC 5652, 5.4)."""
    digest = signer["digest_algorithm"]["algorithm"].native
    attributes = signer["signed_attrs"]
    found = {attribute["type"].native: attribute["values"][0] for attribute in attributes}
    if hashlib.new(digest, listed).digest() != found["message_digest"].native:
        return False
    return _signed_by(key, signer, attributes.untag().dump(), digest)


def _signed_by(key: PublicKey, signer: Any, content: bytes, digest: str) -> bool:
    algorithm, signature = signer["signature_algorithm"], signer["signature"].native
    name = algorithm.signature_algo
    hashed = _HASHES[
        digest if name == "rsassa_pkcs1v15" and algorithm["algorithm"].native == name else algorithm.hash_algo
    ]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and name == "ecdsa":
            key.verify(signature, content, ec.ECDSA(hashed))
        elif isinstance(key, rsa.RSAPublicKey) and name == "rsassa_pss":
            salt = int(algorithm["parameters"]["salt_length"].native)
            key.verify(signature, content, padding.PSS(padding.MGF1(hashed), salt), hashed)
        elif isinstance(key, rsa.RSAPublicKey) and name == "rsassa_pkcs1v15":
            key.verify(signature, content, padding.PKCS1v15(), hashed)
        else:
            return False
    except InvalidSignature:
        return False
    return True
