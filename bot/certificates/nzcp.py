"""New Zealand COVID Passes (technical specification v1): text that begins with NZCP:/1/.

The text is Base32 (RFC 4648, 6, without padding) of a COSE_Sign1 message (RFC 9052) by ES256 around CWT claims
(RFC 8392). A pass says who may pass and until when; it tells neither of vaccinations nor of tests.
"""

import base64
import binascii
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from bot.certificates import cbor, cose
from bot.certificates.judging import judge, numeric_date, validity
from bot.certificates.signed_json import MAX_FIELD
from bot.certificates.statements import day
from bot.certificates.trust import NZCP, TrustedKey, TrustStore, find_keys
from bot.certificates.verdict import Subject, Verdict

FORMAT = "nzcp"
SCHEME = NZCP
PREFIX, PREFIX_V1 = "NZCP:/", "NZCP:/1/"

MAX_TEXT = 4296
"""Characters of a code; no QR code holds more."""

COUNTRY = "NZ"
CLAIM_ISSUER, CLAIM_EXPIRES, CLAIM_NOT_BEFORE, CLAIM_IDENTIFIER, CLAIM_CREDENTIAL = 1, 4, 5, 7, "vc"
_TYPES = ("VerifiableCredential", "PublicCovidPass")
_VERSION = "1.0.0"

Group = Mapping[int | str, cbor.Value]


class NzcpError(ValueError):
    """The text is no pass.

    NzcpError
    ├── TooLarge   the text is longer than any code
    └── Malformed  one of the layers is damaged
    """


class TooLarge(NzcpError):  # names in the tree say what happened
    """The text is longer than any code."""


class Malformed(NzcpError):
    """One of the layers is damaged."""


@dataclass(frozen=True, slots=True)
class _Claims:
    """The claims of a pass as far as they could be read; `whole` is false where they are not a proper pass."""

    issuer: str
    not_before: datetime | None
    expires_at: datetime | None
    subject: Subject | None
    identifier: str
    whole: bool


def recognises(text: str) -> bool:
    """Whether a text begins like a pass, of whichever version."""
    return text.lstrip("\ufeff \r\n\t").startswith(PREFIX)


def check(text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on one pass at the moment `at`; every text gives one, none raises."""
    text = text.strip("\ufeff \r\n\t")
    if text.startswith(PREFIX) and not text.startswith(PREFIX_V1):
        return Verdict("unverified", "unknown_format", FORMAT)
    try:
        message = cose.take_apart(unwrap(text))
        payload = cbor.decode(message.payload)
    except TooLarge:
        return Verdict("unreadable", "too_large", FORMAT)
    except (NzcpError, cose.CoseError, cbor.CborError):
        return Verdict("unreadable", "malformed", FORMAT)
    if not isinstance(payload, dict):
        return Verdict("unreadable", "malformed", FORMAT)
    claims = _read_claims(payload)
    verdict = Verdict(
        outcome="unverified",
        reason="malformed",
        format=FORMAT,
        issuer=claims.issuer,
        country=COUNTRY,
        kid=base64.b64encode(message.kid).decode(),
        subject=claims.subject,
        issued_at=claims.not_before,
        expires_at=claims.expires_at,
        validity=validity(claims.not_before, claims.expires_at, at),
        identifier=claims.identifier or "sha256:" + hashlib.sha256(message.payload).hexdigest(),
    )
    named = find_keys(trust, SCHEME, message.kid) if message.kid else ()
    # A key identifier is only the end of an address whose beginning is the issuer (specification, 6).
    keys = tuple(key for key in named if key.issuer.partition("#")[0] == claims.issuer != "")
    return judge(
        verdict,
        keys,
        lambda key: _on_p256(key) and cose.signed_by(message, key.public_key),
        lambda signers: signers[0] if claims.whole else "malformed",
        at,
    )


def unwrap(text: str) -> bytes:
    """The COSE message in a text of version 1; raises TooLarge or Malformed."""
    if len(text) > MAX_TEXT:
        raise TooLarge("text too long")
    if not text.startswith(PREFIX_V1):
        raise Malformed("no NZCP:/1/ at the beginning")
    bare = text.removeprefix(PREFIX_V1)
    try:
        content = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except (binascii.Error, ValueError) as wrong:
        raise Malformed("not Base32") from wrong
    if base64.b32encode(content).decode().rstrip("=") != bare:
        raise Malformed("not proper Base32")
    return content


def _read_claims(payload: Group) -> _Claims:
    not_before, expires_at = (_moment(payload.get(claim)) for claim in (CLAIM_NOT_BEFORE, CLAIM_EXPIRES))
    issuer, identifier = payload.get(CLAIM_ISSUER), payload.get(CLAIM_IDENTIFIER)
    name = f"urn:uuid:{uuid.UUID(bytes=identifier)}" if isinstance(identifier, bytes) and len(identifier) == 16 else ""
    credential = payload.get(CLAIM_CREDENTIAL)
    credential = credential if isinstance(credential, dict) else {}
    subject = _subject(credential)
    kinds = credential.get("type")
    proper = isinstance(kinds, list) and all(kind in kinds for kind in _TYPES)
    proper = proper and credential.get("version") == _VERSION and bool(name)
    return _Claims(
        issuer=issuer.strip()[:MAX_FIELD] if isinstance(issuer, str) else "",
        not_before=not_before,
        expires_at=expires_at,
        subject=subject,
        identifier=name,
        whole=proper and subject is not None and not_before is not None and expires_at is not None,
    )


def _subject(credential: Group) -> Subject | None:
    """The person of a PublicCovidPass; the family name may be absent, the given name and day of birth may not."""
    person = credential.get("credentialSubject")
    if not isinstance(person, dict):
        return None
    family, given, born = (_text(person, name) for name in ("familyName", "givenName", "dob"))
    birth_date = day(born)
    return Subject(family=family, given=given, birth_date=birth_date) if given and birth_date else None


def _text(group: Group, name: str) -> str:
    value = group.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in value[:MAX_FIELD]).strip()


def _moment(value: cbor.Value) -> datetime | None:
    """A NumericDate, which the specification asks to be a whole number."""
    return numeric_date(value) if isinstance(value, int) else None


def _on_p256(key: TrustedKey) -> bool:
    """The specification knows no other algorithm than ES256 on P-256."""
    return isinstance(key.public_key, ec.EllipticCurvePublicKey) and isinstance(key.public_key.curve, ec.SECP256R1)
