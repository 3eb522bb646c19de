"""SMART Health Cards (specification 1.4.0): codes that begin with shc:/, files, and bare signatures.

A card is a compact JSON Web Signature (RFC 7515) by ES256 over raw DEFLATE (RFC 1951) of a credential around a FHIR
bundle. The signer's key is bound to the issuer that the card names; its algorithm follows from the key (RFC 8725, 3.1).
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.certificates import fhir, jws, shc_codes, shc_revocation
from bot.certificates.hcert import Malformed, TooLarge, inflate
from bot.certificates.judging import first_for, judge, numeric_date, validity
from bot.certificates.signed_json import JsonError, Object, group_in, list_in, read_object, text_in
from bot.certificates.trust import SHC, TrustedKey, TrustStore, find_keys
from bot.certificates.verdict import Event, Reason, Subject, Verdict

FORMAT = "shc"
SCHEME = SHC

HEALTH_CARD = "https://smarthealth.cards#health-card"
"""The type that every card has (specification, "Data Model")."""

_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\s*")
# What is worse comes later: of several cards in one file the worst tells.
_OUTCOMES, _VALIDITIES = ("verified", "unverified", "unreadable"), ("valid", "not_yet_valid", "expired")


@dataclass(frozen=True, slots=True)
class _Claims:
    """The claims of a card as far as they could be read; `whole` is false where they are not one proper statement."""

    issuer: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    rid: str = ""
    subject: Subject | None = None
    events: tuple[Event, ...] = ()
    whole: bool = False


def recognises(text: str) -> bool:
    """Whether a text has the form of a health card: a code, one chunk of it, a file, or a bare signature."""
    text = text.lstrip("\ufeff \r\n\t")
    if text.startswith("{"):
        return '"verifiableCredential"' in text[: shc_codes.MAX_TEXT]
    return text.startswith(shc_codes.PREFIX) or bool(_TOKEN.fullmatch(text, 0, shc_codes.MAX_TEXT))


def check(text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on one code, file or signature at the moment `at`; every text gives one, none raises.

    Several cards in one file are as good as the worst of them. Where they are of several people, the verdict tells of
    one person only; to hear of each, check what `shc_codes.tokens_in` gives one by one.
    """
    try:
        tokens = shc_codes.tokens_in(text)
    except shc_codes.TooLong:
        return Verdict("unreadable", "too_large", FORMAT)
    except shc_codes.CodeError:
        return Verdict("unreadable", "malformed", FORMAT)
    verdicts = [_check_card(token, trust, at) for token in tokens]
    return verdicts[0] if len(verdicts) == 1 else _together(verdicts)


def _check_card(text: str, trust: TrustStore, at: datetime) -> Verdict:
    try:
        token = jws.take_apart(text)
        if token.header.get("zip") != "DEF":
            raise Malformed("not compressed")
        payload = inflate(token.payload, -zlib.MAX_WBITS)
        credential = read_object(payload)
    except TooLarge:
        return Verdict("unreadable", "too_large", FORMAT)
    except (jws.JwsError, Malformed, JsonError):
        return Verdict("unreadable", "malformed", FORMAT)
    claims = _read_claims(credential)
    verdict = Verdict(
        outcome="unverified",
        reason="malformed",
        format=FORMAT,
        issuer=claims.issuer,
        kid=token.kid,
        subject=claims.subject,
        events=claims.events,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
        validity=validity(claims.issued_at, claims.expires_at, at),
        identifier="sha256:" + hashlib.sha256(payload).hexdigest(),
    )
    named = find_keys(trust, SCHEME, token.kid.encode()) if token.kid else ()
    # Identifiers are unique within an issuer only, and any issuer could list any key's identifier.
    keys = tuple(key for key in named if key.issuer and key.issuer.rstrip("/") == claims.issuer.rstrip("/"))
    return judge(
        verdict,
        keys,
        lambda key: jws.signed_by(token, key.public_key),
        lambda signers: _chosen(claims, signers),
        at,
    )


def _read_claims(credential: Object) -> _Claims:
    claims = _Claims(
        issuer=text_in(credential, "iss"),
        issued_at=numeric_date(credential.get("nbf")),
        expires_at=numeric_date(credential.get("exp")),
    )
    statement = group_in(credential, "vc")
    claims = replace(claims, rid=text_in(statement, "rid"))
    try:
        subject, events = fhir.read_bundle(group_in(group_in(statement, "credentialSubject"), "fhirBundle"))
    except fhir.BundleError:
        return claims
    proper = HEALTH_CARD in list_in(statement, "type") and claims.issued_at is not None
    # An end that cannot be read is an end all the same.
    proper = proper and (claims.expires_at is not None or "exp" not in credential)
    return replace(claims, subject=subject, events=events, whole=proper)


def _chosen(claims: _Claims, signers: Sequence[TrustedKey]) -> TrustedKey | Reason:
    """The first signer that may sign this; no signer where the issuer has revoked the card."""
    if not claims.whole or claims.issued_at is None:
        return "malformed"
    if any(shc_revocation.is_revoked(claims.rid, claims.issued_at, key.revoked) for key in signers):
        return "revoked"
    return first_for((event.kind for event in claims.events), signers)


def _together(verdicts: list[Verdict]) -> Verdict:
    """One verdict on the cards of one file: that of the worst, with what all cards of its person tell."""
    worst = max(verdicts, key=lambda verdict: _OUTCOMES.index(verdict.outcome))
    same = [verdict for verdict in verdicts if verdict.subject == worst.subject]
    return replace(
        worst,
        events=tuple(dict.fromkeys(event for verdict in same for event in verdict.events))[: fhir.MAX_EVENTS],
        validity=max((verdict.validity for verdict in same), key=_VALIDITIES.index),
        identifier=_joint_identifier(same),
        specimen=any(verdict.specimen for verdict in same),
    )


def _joint_identifier(verdicts: list[Verdict]) -> str:
    """The same for the same cards, whatever their order; "" where one of them could not be read."""
    identifiers = sorted({verdict.identifier for verdict in verdicts})
    if not all(identifiers) or len(identifiers) == 1:
        return identifiers[0]
    return "sha256:" + hashlib.sha256("\n".join(identifiers).encode()).hexdigest()
