"""ICAO visible digital seals for non-constrained environments (VDS-NC, technical report 1.4): vaccination and test.

A seal is JSON. Its `data` is signed in canonical form (RFC 8785) by ES256, ES384 or ES512, and `sig` holds the
signature with the signer's certificate, which a country's signing authority must have signed.
"""

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

import rfc8785

from bot.certificates import jws, seal_content
from bot.certificates.judging import accept
from bot.certificates.seal_signers import SealSigner, SignerError, is_signed_by, read_signer
from bot.certificates.signed_json import JsonError, Object, group_in, read_object
from bot.certificates.trust import VDSNC, TrustedKey, TrustStore, find_keys, iso_country
from bot.certificates.verdict import Validity, Verdict

FORMAT = "vds-nc"
SCHEME = VDSNC

MAX_TEXT = 16 * 1024
"""Characters of a seal; the largest QR code holds 4,296."""


@dataclass(frozen=True, slots=True)
class _Seal:
    """A seal taken apart; nothing in it has been verified."""

    covered: bytes
    algorithm: str
    signature: bytes
    signer: SealSigner
    certificate: bytes


class SealError(ValueError):
    """The JSON is not a seal."""


def recognises(text: str) -> bool:
    """Whether a text looks like a seal: JSON with the zones of one."""
    text = text.lstrip("\ufeff \r\n\t")[:MAX_TEXT]
    return text.startswith("{") and all(zone in text for zone in ('"data"', '"hdr"', '"sig"'))


def check(text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on one seal at the moment `at`; every text gives one, none raises."""
    if len(text) > MAX_TEXT:
        return Verdict("unreadable", "too_large", FORMAT)
    try:
        whole = read_object(text.lstrip("\ufeff"))
        seal = _take_apart(whole)
    except (JsonError, SealError, jws.JwsError, SignerError):
        return Verdict("unreadable", "malformed", FORMAT)
    content = seal_content.read(group_in(whole, "data"))
    verdict = Verdict(
        outcome="unverified",
        reason="malformed",
        format=FORMAT,
        issuer=content.issuer,
        country=iso_country(content.issuer),
        kid=base64.b64encode(seal.signer.authority).decode(),
        subject=content.subject,
        events=content.events,
        expires_at=seal.signer.valid_until,
        validity=_validity(seal.signer, at),
        identifier=content.identifier or "sha256:" + hashlib.sha256(seal.covered).hexdigest(),
    )
    return _judge(verdict, content, seal, trust, at)


def _take_apart(whole: Object) -> _Seal:
    zone = group_in(whole, "sig")
    parts = [zone.get(name) for name in ("alg", "cer", "sigvl")]
    algorithm, certificate, signature = (part if isinstance(part, str) else "" for part in parts)
    if not (algorithm and certificate and signature and group_in(whole, "data")):
        raise SealError("a zone is missing")
    try:
        covered = rfc8785.dumps(whole["data"])
    except (rfc8785.CanonicalizationError, RecursionError) as wrong:
        raise SealError("no canonical form") from wrong
    content = jws.base64url(certificate, padded=True)
    return _Seal(covered, algorithm, jws.base64url(signature, padded=True), read_signer(content), content)


def _judge(verdict: Verdict, content: seal_content.Content, seal: _Seal, trust: TrustStore, at: datetime) -> Verdict:
    """Climb the chain: an authority that is trusted signed the certificate, and its key signed the seal."""
    named = find_keys(trust, SCHEME, seal.signer.authority) if seal.signer.authority else ()
    pinned = _pinned(seal, trust)
    if not named and not pinned:
        return replace(verdict, reason="issuer_unknown")
    keys = [*pinned, *(key for key in named if is_signed_by(seal.signer, key.public_key))]
    if not keys or not _is_sealed(seal):
        return replace(verdict, reason="signature_wrong")
    if any(key.withdrawn for key in keys):
        return replace(verdict, reason="key_withdrawn")
    if not content.whole:
        return verdict
    fitting = [key for key in keys if _fits(content, seal.signer, key)]
    if not fitting:
        return replace(verdict, reason="key_not_for_this_use")
    # A country renews the certificate of one key; the one that lasts longest counts.
    key = max(fitting, key=lambda key: key.valid_until.timestamp() if key.valid_until else float("inf"))
    return replace(accept(verdict, key, at), kid=base64.b64encode(key.kid).decode())


def _pinned(seal: _Seal, trust: TrustStore) -> list[TrustedKey]:
    """Trusted keys that are the signer's own: some lists name signers of seals beside the authorities."""
    named = find_keys(trust, SCHEME, hashlib.sha256(seal.certificate).digest())
    return [key for key in named if key.public_key == seal.signer.key]


def _is_sealed(seal: _Seal) -> bool:
    """Whether the signer's key made the seal, by the algorithm that goes with its curve and no other."""
    known = jws.algorithm_of(seal.signer.key)
    return bool(known) and seal.algorithm == known and jws.signed_raw(seal.signature, seal.covered, seal.signer.key)


def _fits(content: seal_content.Content, signer: SealSigner, key: TrustedKey) -> bool:
    """Whether this signer under this authority may sign such a seal: its kind, its country, and while both lived.

    A seal does not say when it was made; it was made after what it tells of. The beginning of the authority's own
    life is left alone: countries renew the certificate of a key that has signed before.
    """
    if content.kind not in signer.may_sign & key.usages:
        return False
    if key.country and iso_country(key.country) != iso_country(content.issuer):
        return False
    if key.valid_until and signer.valid_from > key.valid_until:
        return False
    return content.latest <= signer.valid_until.date().isoformat()


def _validity(signer: SealSigner, at: datetime) -> Validity:
    """A seal lives as long as its signer's certificate, which is made to outlast what it signs (Doc 9303-12, 4.1)."""
    if signer.valid_until < at:
        return "expired"
    return "not_yet_valid" if signer.valid_from > at else "valid"
