"""DIVOC certificates of India and other users of its software: a ZIP in a code, or JSON, signed as linked data.

DIVOC gives several fields one meaning: all its dates are one predicate, so are dose and doses, so are product, batch
and number. The signature holds such values but not which is which; what can be told apart by its order is, the rest is
refused or taken for no more than a name.
"""

import base64
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.certificates import linked_data
from bot.certificates.health_codes import COVID_19, ICD11, Vaccine, joined, result_of, vaccine_by_code, vaccine_by_name
from bot.certificates.judging import accept, first_for, validity
from bot.certificates.known_contexts import LinkedDataError, UnknownContext
from bot.certificates.linked_data import SignedDocument, covers
from bot.certificates.signed_json import JsonError, Object, count_in, group_in, list_in, read_object, text_in
from bot.certificates.statements import day
from bot.certificates.trust import DIVOC, TrustedKey, TrustStore, find_keys, iso_country, keys_of_issuer
from bot.certificates.verdict import Event, EventKind, Subject, Verdict

FORMAT = "divoc"
SCHEME = DIVOC

MAX_CONTENT = 64 * 1024
"""Bytes of a code or file, and of the certificate inside; a real one has 2 kB."""

MAX_ENTRIES = 4
"""Files in the ZIP; a real one has one."""

ZIP = b"PK\x03\x04"
_NOT_A_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)
_SCHEMA, _CREDENTIALS = "https://schema.org/", "https://www.w3.org/2018/credentials#"


class DivocError(ValueError):
    """The bytes are no DIVOC certificate, or too many."""


@dataclass(frozen=True, slots=True)
class _Claims:
    """What a document claims; `whole` is false where it is not one proper statement about one person."""

    issuer: str
    subject: Subject | None
    events: tuple[Event, ...]
    issued_at: datetime | None
    expires_at: datetime | None
    whole: bool


def recognises(text: str) -> bool:
    """Whether a code's text is a ZIP, or JSON-LD with a proof."""
    if text.startswith(ZIP.decode()):
        return True
    start = text[:MAX_CONTENT]
    return start.startswith("{") and '"@context"' in start and '"proof"' in start


def check(text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on a code's text at the moment `at`; a ZIP may have lost bytes as text, `check_bytes` loses none."""
    return check_bytes(text.encode("utf-8", "replace"), trust, at)


def check_bytes(content: bytes, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on a code's bytes at the moment `at`; all bytes give one, none raises."""
    if len(content) > MAX_CONTENT:
        return Verdict("unreadable", "too_large", FORMAT)
    try:
        document = read_object(unwrap(content))
        claims = _read(document)
    except (DivocError, JsonError):
        return Verdict("unreadable", "malformed", FORMAT)
    verdict = Verdict(
        outcome="unverified",
        reason="malformed",
        format=FORMAT,
        issuer=claims.issuer,
        country=claims.events[0].country if claims.events else "",
        kid=base64.b64encode(text_in(group_in(document, "proof"), "verificationMethod").encode()).decode(),
        subject=claims.subject,
        events=claims.events,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
        validity=validity(claims.issued_at, claims.expires_at, at),
        identifier="sha256:" + hashlib.sha256(content).hexdigest(),
    )
    try:
        signed = linked_data.take_apart(document)
    except UnknownContext:
        return replace(verdict, reason="unknown_format")
    except LinkedDataError:
        return verdict
    verdict = replace(verdict, identifier=f"sha256:{signed.digest}")
    return _judge(verdict, _only_signed(claims, document, signed), signed, trust, at)


def unwrap(content: bytes) -> bytes:
    """The JSON in a code: bare, in a ZIP, or in one whose bytes were taken for letters on the way; DivocError."""
    if not content.startswith(ZIP):
        return content
    try:
        return _inner(content)
    except _NOT_A_ZIP:
        pass
    try:
        return _inner(content.decode("utf-8").encode("latin-1"))
    except _NOT_A_ZIP as wrong:
        raise DivocError("not a ZIP with a certificate in it") from wrong


def _inner(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        listed = archive.infolist()
        entry = next((entry for entry in listed if entry.filename.endswith(".json")), listed[0] if listed else None)
        if entry is None or len(listed) > MAX_ENTRIES or entry.flag_bits & 1:
            raise DivocError("no certificate in it")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DivocError("compressed in another way")
        with archive.open(entry) as file:
            inner = file.read(MAX_CONTENT + 1)
    if len(inner) > MAX_CONTENT:
        raise DivocError("too large")
    return inner


def _read(document: Object) -> _Claims:
    named = document.get("issuer")
    person = group_in(document, "credentialSubject")
    name = text_in(person, "name")
    evidence = list_in(document, "evidence")
    events = tuple(_event(entry) for entry in evidence if isinstance(entry, dict))
    return _Claims(
        issuer=named.strip()[:300] if isinstance(named, str) else text_in(group_in(document, "issuer"), "id"),
        subject=Subject(given=name, birth_date=day(text_in(person, "dob"))) if name else None,
        events=events,
        issued_at=_moment(text_in(document, "issuanceDate")),
        expires_at=_moment(text_in(document, "expirationDate")),
        whole=bool(name) and len(events) == len(evidence) == 1,
    )


def _event(entry: Object) -> Event:
    types = [kind for kind in (*list_in(entry, "type"), text_in(entry, "type")) if isinstance(kind, str)]
    kind: EventKind = "test" if any("test" in name.lower() for name in types) else "vaccination"
    name = text_in(entry, "vaccine")
    code = text_in(entry, "icd11Code")
    vaccine = joined(vaccine_by_code(ICD11, code) if code else Vaccine(), vaccine_by_name(name))
    facility = group_in(entry, "facility")
    return Event(
        kind=kind,
        disease=vaccine.disease or (COVID_19 if "covid" in text_in(entry, "prophylaxis").lower() else ""),
        product=vaccine.product or name,
        manufacturer=vaccine.manufacturer or text_in(entry, "manufacturer"),
        vaccine=vaccine.vaccine,
        dose=count_in(entry, "dose"),
        doses=count_in(entry, "totalDoses"),
        date=day(text_in(entry, "date")),
        test_result=result_of(text_in(entry, "result")),
        test_centre=text_in(facility, "name") if kind == "test" else "",
        country=iso_country(text_in(group_in(facility, "address"), "addressCountry")),
        issuer=text_in(facility, "name"),
        certificate_id=text_in(entry, "certificateId"),
    )


def _only_signed(claims: _Claims, document: Object, signed: SignedDocument) -> _Claims:
    """The claims without what the signature does not cover, and not whole where it leaves the essentials open."""
    person, evidence = group_in(document, "credentialSubject"), list_in(document, "evidence")
    entry = evidence[0] if claims.whole and isinstance(evidence[0], dict) else {}
    whom, what = text_in(person, "id") or "_", text_in(entry, "id") or "_"
    subject = claims.subject
    if subject and not covers(signed, whom, f"{_SCHEMA}date", text_in(person, "dob")):
        # The first contexts have no date of birth; one that stands there all the same is anybody's word.
        subject = replace(subject, birth_date="")
    held = (
        covers(signed, whom, f"{_SCHEMA}name", _plain(person, "name"))
        and covers(signed, what, f"{_SCHEMA}date", _plain(entry, "date"))
        and (whom == "_" or covers(signed, "_", f"{_CREDENTIALS}credentialSubject", whom))
        and (what == "_" or covers(signed, "_", f"{_CREDENTIALS}evidence", what))
    )
    return replace(claims, subject=subject, whole=claims.whole and held and _in_order(entry, signed, what))


def _in_order(entry: Object, signed: SignedDocument, what: str) -> bool:
    """Whether dates and doses stand as they can only stand: the day itself is the first, a dose is one of all.

    DIVOC gives `date`, `effectiveStart` and `effectiveUntil` one predicate and `dose` and `totalDoses` another, so
    whoever holds a certificate could exchange them under a good signature.
    """
    others = [entry[name] for name in ("effectiveStart", "effectiveUntil") if entry.get(name)]
    dates = [day(found) if isinstance(found, str) else "" for found in (entry.get("date"), *others)]
    dose, doses = entry.get("dose"), entry.get("totalDoses")
    numbers = [number for number in (dose, doses) if isinstance(number, int)]
    counted = all(covers(signed, what, f"{_SCHEMA}doseValue", str(number)) for number in numbers)
    return all(dates) and dates == sorted(dates) and counted and numbers == sorted(numbers)


def _plain(group: Object, name: str) -> str:
    value = group.get(name)
    return value if isinstance(value, str) else ""


def _judge(verdict: Verdict, claims: _Claims, signed: SignedDocument, trust: TrustStore, at: datetime) -> Verdict:
    """Try the keys of the method and of the issuer; any key that signed it and is withdrawn spoils the certificate."""
    keys = _keys(trust, claims.issuer, signed.method)
    if not keys:
        return replace(verdict, reason="issuer_unknown")
    signers = [key for key in keys if linked_data.signed_by(signed, key.public_key)]
    if not signers:
        return replace(verdict, reason="signature_wrong")
    if any(key.withdrawn for key in signers):
        return replace(verdict, reason="key_withdrawn")
    verdict = replace(verdict, subject=claims.subject)
    if not claims.whole:
        return verdict
    key = first_for([claims.events[0].kind], signers)
    if not isinstance(key, TrustedKey):
        return replace(verdict, reason=key)
    return replace(accept(verdict, key, at), kid=base64.b64encode(key.kid).decode())


def _keys(trust: TrustStore, issuer: str, method: str) -> tuple[TrustedKey, ...]:
    """The keys that may have signed: those of the method, which is signed too, and those of the issuer by its address.

    Issuers outside India have left India's method in their certificates; their keys are found by their own address.
    """
    named = find_keys(trust, SCHEME, method.encode())
    found = [*named, *(key for key in keys_of_issuer(trust, SCHEME, issuer) if key not in named)]
    own = (issuer, method, method.partition("#")[0])
    return tuple(key for key in found if not key.issuer or key.issuer in own)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
