"""WHO digital documentation of COVID-19 certificates (DDCC:VS and DDCC:TR, core data sets of 2021 and 2022).

They come in the EU's wrapping, HC1:, and their claims stand at the top level of the CWT instead of in a container.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.certificates import cbor, cose
from bot.certificates.health_codes import (
    SYSTEMS,
    Vaccine,
    disease_by_code,
    joined,
    result_of,
    test_by_loinc,
    vaccine_by_code,
    vaccine_by_name,
)
from bot.certificates.judging import first_for, judge, validity
from bot.certificates.statements import day
from bot.certificates.trust import HCERT, WHO_DDCC, TrustedKey, TrustStore, find_keys, iso_country
from bot.certificates.verdict import Event, Subject, Verdict

FORMAT = "who-ddcc"
SCHEME = WHO_DDCC

MAX_TEXT = 300
"""Characters of one field."""

MAX_DOSES = 99

_VACCINATION, _TEST = frozenset({"vaccine", "brand"}), frozenset({"test", "pathogen"})

Claims = Mapping[int | str, cbor.Value]


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when a CWT says that it holds."""

    since: datetime | None = None
    until: datetime | None = None


def recognises(claims: Claims) -> bool:
    """Whether the claims of a CWT are those of a vaccination or test at the top level."""
    return isinstance(claims.get("name"), str) and bool((_VACCINATION | _TEST) & claims.keys())


def check(message: cose.SignedMessage, claims: Claims, life: Life, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on a CWT with these claims at the moment `at`; every one gives a verdict, none raises."""
    event = _event(claims)
    subject = Subject(given=_text(claims, "name"), birth_date=day(_text(claims, "birthDate")))
    since, until = life.since or _midnight(claims, "valid_from"), life.until or _midnight(claims, "valid_until", ends=1)
    verdict = Verdict(
        outcome="unverified",
        reason="malformed",
        format=FORMAT,
        issuer=event.issuer,
        country=event.country,
        kid=base64.b64encode(message.kid).decode(),
        subject=subject if subject.given else None,
        events=(event,),
        issued_at=since,
        expires_at=until,
        validity=validity(since, until, at),
        identifier="sha256:" + hashlib.sha256(message.payload).hexdigest(),
    )
    whole = verdict.subject is not None and bool(event.date)
    return judge(
        verdict,
        _keys(trust, message.kid),
        lambda key: cose.signed_by(message, key.public_key),
        lambda signers: first_for([event.kind], signers) if whole else "malformed",
        at,
    )


def _keys(trust: TrustStore, kid: bytes) -> tuple[TrustedKey, ...]:
    """Keys of the WHO's network, and of the EU's: their members sign both kinds of certificate with one key."""
    return (*find_keys(trust, WHO_DDCC, kid), *find_keys(trust, HCERT, kid)) if kid else ()


def _event(claims: Claims) -> Event:
    inner = claims.get("test")
    if isinstance(inner, dict) or "pathogen" in claims:
        return _test(claims, inner if isinstance(inner, dict) else claims)
    system, code = _coded(claims, "vaccine")
    brand_system, brand = _coded(claims, "brand")
    kind = vaccine_by_code(system, code) if code else Vaccine()
    # A brand is a code of some list or a name; both say more than the kind of vaccine.
    named = vaccine_by_code(brand_system, brand) if brand_system else vaccine_by_name(brand)
    vaccine = joined(kind, named if named is not None and named.product and named.disease else None)
    return Event(
        kind="vaccination",
        disease=disease_by_code(_coded(claims, "disease")[1]) or vaccine.disease,
        product=vaccine.product or brand,
        manufacturer=vaccine.manufacturer or _coded(claims, "manufacturer")[1] or _coded(claims, "ma_holder")[1],
        vaccine=vaccine.vaccine or code,
        dose=_count(claims, "dose"),
        doses=_count(claims, "total_doses"),
        date=day(_text(claims, "date")),
        country=_country(claims),
        issuer=_text(claims, "pha") or _text(claims, "centre"),
        certificate_id=_text(claims, "hcid"),
    )


def _test(claims: Claims, test: Claims) -> Event:
    taken = _text(test, "date") or _text(test, "sample_datetime")
    system, kind = _coded(test, "type")
    return Event(
        kind="test",
        disease=disease_by_code(_coded(test, "pathogen")[1]),
        date=day(taken),
        test_type=test_by_loinc(kind) or kind if system in ("loinc", "") else kind,
        test_name=_coded(test, "brand")[1],
        test_result=result_of(_coded(test, "result")[1]),
        test_centre=_text(test, "centre"),
        sample_time=taken,
        country=_country(test) or _country(claims),
        issuer=_text(claims, "pha") or _text(test, "centre"),
        certificate_id=_text(claims, "hcid"),
    )


def _country(claims: Claims) -> str:
    return iso_country(_coded(claims, "country")[1])


def _coded(claims: Claims, name: str) -> tuple[str, str]:
    """A code with the short name of its system; a bare text is a code of no system."""
    value = claims.get(name)
    if isinstance(value, dict):
        return SYSTEMS.get(_text(value, "system"), ""), _text(value, "code")
    return "", _text(claims, name)


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value.strip()[:MAX_TEXT] if isinstance(value, str) else ""


def _count(claims: Claims, name: str) -> int | None:
    value = claims.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= MAX_DOSES else None  # type: ignore[return-value,operator]


def _midnight(claims: Claims, name: str, ends: int = 0) -> datetime | None:
    """The beginning of a whole day in a claim, or of the day `ends` days after it."""
    try:
        found = datetime.fromisoformat(_text(claims, name)[:10]).date() + timedelta(ends)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(found, time(), UTC)
