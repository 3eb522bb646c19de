"""EU digital COVID certificates and their kin: text that begins with HC1: (eHealth Network, HCERT specification 1.0.5).

The text is Base45 (RFC 9285) of zlib (RFC 1950) of a COSE_Sign1 message (RFC 9052) around CWT claims (RFC 8392).
Each layer is bounded, and each signer's key is bound to its country and to the kinds of event it may sign.
"""

import base64
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.certificates import base45, cbor, cose, ddcc
from bot.certificates.judging import judge, numeric_date, validity
from bot.certificates.statements import StatementError, read_events, read_subject
from bot.certificates.trust import HCERT, TrustedKey, TrustStore, find_keys, iso_country
from bot.certificates.verdict import Event, Reason, Subject, Verdict

PREFIX, LIGHT_PREFIX = "HC1:", "LT1:"
FORMAT, EXEMPTION_FORMAT, LIGHT_FORMAT = "hcert", "hcert-exemption", "hcert-light"
SCHEME = HCERT

MAX_TEXT = 8192
"""Characters of a code; the largest QR code holds 4,296."""

MAX_INFLATED = 64 * 1024
"""Bytes after decompression; a real certificate has under 2 kB."""

CLAIM_ISSUER, CLAIM_EXPIRES, CLAIM_ISSUED, CLAIM_HCERT, HCERT_V1 = 1, 4, 6, -260, 1

CLAIM_LIGHT = -250
"""Switzerland's light certificate: a name and nothing of health, for use inside the country."""

_GROUPS = frozenset(("v", "t", "r"))
_MEDICAL_EXEMPTION = "medicalexemption"

# Issuers whose certificates are signed with a key of the country they belong to.
_SIGNED_BY = {"GG": "GB", "GI": "GB", "JE": "GB", "IM": "GB", "FO": "DK", "GL": "DK", "AX": "FI"}
_ISSUED_UNDER = {"AW": "NL", "CW": "NL", "SX": "NL", "MC": "FR", "NC": "FR", "PF": "FR", "WF": "FR", "PM": "FR"}
_BELONGS_TO = {**_SIGNED_BY, **_ISSUED_UNDER}

# What trust lists write for signers that are no country's own: test operators and international bodies.
_NO_ONE_COUNTRY = frozenset({"DX", "WW", "XX", "ZZ"})


class HcertError(ValueError):
    """The text is no health certificate.

    HcertError
    ├── TooLarge   text or decompressed content beyond the limits
    └── Malformed  one of the layers is damaged
    """


class TooLarge(HcertError):  # names in the tree say what happened
    """Text or decompressed content is beyond the limits."""


class Malformed(HcertError):
    """One of the layers is damaged."""


@dataclass(frozen=True, slots=True)
class _Claims:
    """The claims of a CWT as far as they could be read; `whole` is false where they are not one proper statement."""

    issuer: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    subject: Subject | None = None
    events: tuple[Event, ...] = ()
    whole: bool = False
    exempt: bool = False
    """Whether it exempts from a vaccination or test instead of stating one."""


def recognises(text: str) -> bool:
    """Whether a text begins like one of these certificates."""
    return text.startswith((PREFIX, LIGHT_PREFIX))


def check(text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on one HC1: text at the moment `at`; every text gives one, none raises."""
    try:
        message = cose.take_apart(unwrap(text))
        payload = _payload(message)
    except TooLarge:
        return Verdict("unreadable", "too_large", FORMAT)
    except (HcertError, cose.CoseError):
        return Verdict("unreadable", "malformed", FORMAT)
    if payload.get(CLAIM_HCERT) is None:
        return _check_other(message, payload, trust, at)
    claims = _read_claims(payload)
    verdict = Verdict(
        outcome="unverified",
        reason="malformed",
        format=FORMAT,
        issuer=claims.issuer,
        country=_claimed_country(claims),
        kid=base64.b64encode(message.kid).decode(),
        subject=claims.subject,
        events=claims.events,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
        validity=validity(claims.issued_at, claims.expires_at, at),
        identifier=_identifier(claims, message.payload),
    )
    keys = find_keys(trust, HCERT, message.kid) if message.kid else ()
    verdict = judge(
        verdict,
        keys,
        lambda key: cose.signed_by(message, key.public_key),
        lambda signers: _chosen(claims, signers),
        at,
    )
    if claims.exempt and verdict.reason in ("ok", "malformed"):
        # A good signature under something that no rule of entry knows: a person reads it.
        return replace(verdict, outcome="unverified", reason="unknown_format", format=EXEMPTION_FORMAT)
    return verdict


def _check_other(
    message: cose.SignedMessage, payload: Mapping[int | str, cbor.Value], trust: TrustStore, at: datetime
) -> Verdict:
    """The verdict on a CWT in the same wrapping that is no EU certificate."""
    if ddcc.recognises(payload):
        life = ddcc.Life(numeric_date(payload.get(CLAIM_ISSUED)), numeric_date(payload.get(CLAIM_EXPIRES)))
        return ddcc.check(message, payload, life, trust, at)
    container = payload.get(CLAIM_LIGHT)
    name = ddcc.FORMAT if container is None else LIGHT_FORMAT
    verdict = Verdict("unverified", "unknown_format", name, identifier=_hash(message.payload))
    statement = container.get(HCERT_V1) if isinstance(container, dict) else None
    try:
        return replace(verdict, subject=read_subject(statement)) if isinstance(statement, dict) else verdict
    except StatementError:
        return verdict


def unwrap(text: str) -> bytes:
    """The COSE message in an HC1: text; raises TooLarge or Malformed."""
    if len(text) > MAX_TEXT:
        raise TooLarge("text too long")
    if not recognises(text):
        raise Malformed("no HC1: at the beginning")
    try:
        # Copied text brings line ends along; a blank is a Base45 character and stays.
        compressed = base45.decode(text[len(PREFIX) :].strip("\r\n\t"))
    except base45.Base45Error as wrong:
        raise Malformed("not Base45") from wrong
    return inflate(compressed)


def inflate(compressed: bytes, wbits: int = zlib.MAX_WBITS) -> bytes:
    """Decompress at most MAX_INFLATED bytes; raises TooLarge or Malformed."""
    stream = zlib.decompressobj(wbits)
    try:
        content = stream.decompress(compressed, MAX_INFLATED + 1)
    except zlib.error as wrong:
        raise Malformed("not zlib") from wrong
    if len(content) > MAX_INFLATED:
        raise TooLarge("decompressed content too large")
    if not stream.eof or stream.unused_data:
        raise Malformed("the compressed content ends too early or too late")
    return content


def _payload(message: cose.SignedMessage) -> Mapping[int | str, cbor.Value]:
    try:
        payload = cbor.decode(message.payload)
    except cbor.CborError as wrong:
        raise Malformed("the claims are not CBOR") from wrong
    if not isinstance(payload, dict):
        raise Malformed("the claims are not a map")
    return payload


def _read_claims(payload: Mapping[int | str, cbor.Value]) -> _Claims:
    issuer = payload.get(CLAIM_ISSUER)
    claims = _Claims(
        issuer=issuer.strip()[:100] if isinstance(issuer, str) else "",
        issued_at=numeric_date(payload.get(CLAIM_ISSUED)),
        expires_at=numeric_date(payload.get(CLAIM_EXPIRES)),
    )
    container = payload.get(CLAIM_HCERT)
    statement = container.get(HCERT_V1) if isinstance(container, dict) else None
    if not isinstance(statement, dict):
        return claims
    try:
        claims = replace(claims, subject=read_subject(statement))
        claims = replace(claims, events=read_events(statement))
    except StatementError:
        return claims
    # One event in a certificate: with two, nobody can tell which one the key's usage was checked for.
    return replace(claims, whole=len(claims.events) == 1, exempt=_is_exemption(statement, claims.events))


def _is_exemption(statement: Mapping[int | str, cbor.Value], events: tuple[Event, ...]) -> bool:
    """Whether a statement exempts: in a group of its own kind, or as Switzerland does it, as a test of that type."""
    kinds = {event.test_type.casefold().replace("-", "") for event in events}
    others = [value for name, value in statement.items() if name not in _GROUPS]
    return _MEDICAL_EXEMPTION in kinds or (not events and any(isinstance(value, list) and value for value in others))


def _chosen(claims: _Claims, signers: Sequence[TrustedKey]) -> TrustedKey | Reason:
    """The first signer that may sign this, or why the first may not."""
    if not claims.whole:
        return "malformed"
    found = [(_fits(claims, key), key) for key in signers]
    return next((key for reason, key in found if reason == "ok"), found[0][0])


def _fits(claims: _Claims, key: TrustedKey) -> Reason:
    """Whether the key that signed may sign this: its kinds of event and its country.

    The time of issue is not held against the key's own life: issuers write the day of the event there (FJ, IL), and
    a key that has ended makes the certificate expired anyway.
    """
    if claims.events[0].kind not in key.usages:
        return "key_not_for_this_use"
    claimed, country = _country_of(claims.issuer), iso_country(key.country)
    # Some issuers write the name of an office there, and some signers belong to no one country.
    if not claimed or not country or country in _NO_ONE_COUNTRY:
        return "ok"
    return "ok" if country in (claimed, _BELONGS_TO.get(claimed)) else "key_not_for_this_use"


def _country_of(issuer: str) -> str:
    """The country in an `iss` claim such as "DE", "CH BAG" or "EL"; "" where it names none."""
    first = issuer.split(maxsplit=1)[0] if issuer.strip() else ""
    return iso_country(first) if len(first) == 2 and first.isascii() and first.isalpha() else ""


def _claimed_country(claims: _Claims) -> str:
    return _country_of(claims.issuer) or (iso_country(claims.events[0].country) if claims.events else "")


def _identifier(claims: _Claims, payload: bytes) -> str:
    """The certificate's own identifier with its country, else the hash of what was signed."""
    event = claims.events[0] if len(claims.events) == 1 else None
    if event is None or not event.certificate_id:
        return _hash(payload)
    name = event.certificate_id.upper().removeprefix("URN:UVCI:")
    return f"uvci:{_claimed_country(claims)}:{name}"


def _hash(payload: bytes) -> str:
    return "sha256:" + hashlib.sha256(payload).hexdigest()
