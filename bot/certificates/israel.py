"""The first Israeli certificates (Ministry of Health, "Ramzor", 2021): "<signature in Base64>#<JSON>".

The signature is RSA PKCS #1 v1.5 (RFC 8017, 8.2) or ECDSA on P-256, both with SHA-256 and over the JSON as it stands.
A certificate names no key; those of the ministry are few and all are tried.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from bot.certificates import health_codes
from bot.certificates.cose import PublicKey
from bot.certificates.judging import first_for, judge, validity
from bot.certificates.signed_json import JsonError, Object, group_in, read_object, text_in
from bot.certificates.statements import day
from bot.certificates.trust import ISRAEL, TrustStore, all_keys, iso_country
from bot.certificates.verdict import Event, Subject, Verdict

FORMAT = "israel"
SCHEME = ISRAEL
COUNTRY = "IL"

MAX_TEXT = 8192
"""Characters of a code; no QR code holds more than 4,296."""

_BEGINNING = re.compile(r"([A-Za-z0-9+/]{80,1400}={0,2})#(?=\s{0,9}\{)")
_DOSES = ("d1", "d2", "d3", "d4")
_RECOVERED = 3
"""The certificate type (`ct`) of somebody who recovered."""
_NO_DAY = "0001-01-01"
"""What the issuer writes for a day that there is not."""


@dataclass(frozen=True, slots=True)
class _Claims:
    """What a certificate says as far as it could be read; `whole` is false where it is not one proper statement."""

    issuer: str
    identifier: str
    subject: Subject | None
    events: tuple[Event, ...]
    valid_from: datetime | None
    expires_at: datetime | None

    @property
    def whole(self) -> bool:
        """A number, a person, an event and an end: every certificate of the ministry has them."""
        return bool(self.identifier and self.subject and self.events and self.expires_at)


def recognises(text: str) -> bool:
    """Whether a text begins with a signature in Base64, a number sign and a brace."""
    return bool(_BEGINNING.match(text.lstrip("\ufeff \r\n\t")))


def check(text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on one certificate at the moment `at`; every text gives one, none raises."""
    text = text.strip("\ufeff \r\n\t")
    if len(text) > MAX_TEXT:
        return Verdict("unreadable", "too_large", FORMAT)
    found = _BEGINNING.match(text)
    try:
        signature = base64.b64decode(found[1], validate=True) if found else b""
        content = text[found.end() :].encode("utf-8") if found else b""
        claims = _read_claims(read_object(content))
    except (JsonError, binascii.Error, ValueError):
        return Verdict("unreadable", "malformed", FORMAT)
    verdict = Verdict(
        outcome="unverified",
        reason="malformed",
        format=FORMAT,
        issuer=claims.issuer,
        country=COUNTRY,
        subject=claims.subject,
        events=claims.events,
        issued_at=claims.valid_from,
        expires_at=claims.expires_at,
        validity=validity(claims.valid_from, claims.expires_at, at),
        identifier=claims.identifier or "sha256:" + hashlib.sha256(content).hexdigest(),
    )
    keys = tuple(key for key in all_keys(trust) if key.scheme == SCHEME)
    kinds = [event.kind for event in claims.events]
    return judge(
        verdict,
        keys,
        lambda key: _signed_by(signature, content, key.public_key),
        lambda signers: first_for(kinds, signers) if claims.whole else "malformed",
        at,
    )


def _read_claims(listed: Object) -> _Claims:
    number, until = text_in(listed, "id"), day(text_in(listed, "e"))
    return _Claims(
        issuer=text_in(listed, "c"),
        identifier=f"uvci:{COUNTRY}:{number.upper()}" if number else "",
        subject=_subject(listed),
        events=tuple(_events(listed, number)),
        valid_from=_moment(day(text_in(listed, "a")), time.min),
        # It holds through its last day.
        expires_at=_moment(until, time(23, 59, 59)),
    )


def _subject(listed: Object) -> Subject | None:
    family, given = (text_in(listed, latin) or text_in(listed, own) for latin, own in (("f", "fl"), ("g", "gl")))
    return Subject(family=family, given=given, birth_date=_day(listed, "b")) if family or given else None


def _events(listed: Object, number: str) -> Iterator[Event]:
    """The doses in the order of their days, whatever the order they are listed in; or the recovery."""
    doses = sorted((dose for name in _DOSES if (dose := group_in(listed, name))), key=lambda dose: _day(dose, "d"))
    for place, dose in enumerate(doses, start=1):
        vaccine = health_codes.vaccine_by_code(health_codes.CVX, text_in(dose, "vc"))
        yield Event(
            kind="vaccination",
            disease=vaccine.disease,
            product=vaccine.product,
            manufacturer=vaccine.manufacturer or text_in(dose, "vv"),
            vaccine=vaccine.vaccine,
            dose=place,
            doses=len(doses),
            date=_day(dose, "d"),
            country=iso_country(text_in(dose, "c")),
            issuer=text_in(dose, "o"),
            certificate_id=number,
        )
    if listed.get("ct") == _RECOVERED:
        yield Event(
            kind="recovery",
            disease=health_codes.COVID_19,
            recovered_from=_day(listed, "r"),
            recovered_until=_day(listed, "e"),
            date=_day(listed, "r"),
            country=COUNTRY,
            issuer=text_in(listed, "o"),
            certificate_id=number,
        )


def _day(group: Object, name: str) -> str:
    found = day(text_in(group, name))
    return "" if found == _NO_DAY else found


def _moment(text: str, hour: time) -> datetime | None:
    """A moment of a day; None where the day is no whole one or none at all."""
    if text == _NO_DAY:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), hour, UTC)
    except ValueError:
        return None


def _signed_by(signature: bytes, content: bytes, key: PublicKey) -> bool:
    """Whether `key` signed the JSON, by the one algorithm that goes with its type."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), SHA256())
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            key.verify(signature, content, ec.ECDSA(SHA256()))
            return True
    except InvalidSignature:
        pass
    return False
