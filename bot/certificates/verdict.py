"""What checking one certificate found out, whatever its format.

A verdict is *verified* only when a trusted key signed the content, that key may sign such a statement, and the
content has the form that its format asks for. Being out of date is a fact beside that and not a failure of the check:
it stands in `validity`. Nothing here refuses anybody: an unverified or unreadable certificate goes to a person.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar, get_args

Outcome = Literal["verified", "unverified", "unreadable"]
Validity = Literal["valid", "expired", "not_yet_valid"]
EventKind = Literal["vaccination", "test", "recovery"]
Reason = Literal[
    "ok",
    "issuer_unknown",
    "key_withdrawn",
    "revoked",
    "signature_wrong",
    "key_not_for_this_use",
    "not_yet_valid",
    "expired",
    "malformed",
    "too_large",
    "unknown_format",
    "no_code",
]

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class Subject:
    """The person a certificate names, as its issuer wrote them; any part may be empty."""

    family: str = ""
    given: str = ""
    family_icao: str = ""
    given_icao: str = ""
    birth_date: str = ""
    """ISO 8601, as precise as the issuer knew it: "1990-05-14", "1990-05", "1990" or empty."""


@dataclass(frozen=True, slots=True)
class Event:
    """One vaccination, test or recovery; codes are those of the EU value sets, dates are ISO 8601 text."""

    kind: EventKind
    disease: str = ""
    product: str = ""
    manufacturer: str = ""
    vaccine: str = ""
    dose: int | None = None
    doses: int | None = None
    date: str = ""
    """Day of vaccination, of the test sample, or of the first positive test."""
    test_type: str = ""
    test_name: str = ""
    test_result: str = ""
    test_centre: str = ""
    sample_time: str = ""
    recovered_from: str = ""
    recovered_until: str = ""
    country: str = ""
    issuer: str = ""
    certificate_id: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one check; what an unverified certificate claims is kept for the person who looks at it."""

    outcome: Outcome
    reason: Reason
    format: str
    issuer: str = ""
    country: str = ""
    """ISO 3166 code; of the trusted key where the signature is good, else what the certificate claims."""
    kid: str = ""
    """Key identifier in Base64, as trust lists write it."""
    subject: Subject | None = None
    events: tuple[Event, ...] = ()
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    validity: Validity = "valid"
    identifier: str = ""
    """The same for the same content, however its signature or wrapping is rewritten."""
    specimen: bool = False
    """True when the key that verified it is marked as a specimen: good for trying, never for entering."""


def keep(verdict: Verdict) -> dict[str, object]:
    """A verdict as plain values that JSON can hold; `recall` is the way back."""
    kept: dict[str, object] = asdict(verdict)
    kept["events"] = [asdict(event) for event in verdict.events]
    kept["issued_at"] = verdict.issued_at.isoformat() if verdict.issued_at else None
    kept["expires_at"] = verdict.expires_at.isoformat() if verdict.expires_at else None
    return kept


def recall(kept: Mapping[str, object]) -> Verdict:
    """The verdict that `keep` put away; raises ValueError when it is none. Fields of a later version are ignored."""
    subject, events = kept.get("subject"), kept.get("events")
    return Verdict(
        outcome=_one_of(kept.get("outcome"), get_args(Outcome)),
        reason=_one_of(kept.get("reason"), get_args(Reason)),
        format=_text(kept, "format"),
        issuer=_text(kept, "issuer"),
        country=_text(kept, "country"),
        kid=_text(kept, "kid"),
        subject=_recall_subject(subject) if isinstance(subject, Mapping) else None,
        events=tuple(_recall_event(event) for event in events if isinstance(event, Mapping))
        if isinstance(events, list | tuple)
        else (),
        issued_at=_time(kept, "issued_at"),
        expires_at=_time(kept, "expires_at"),
        validity=_one_of(kept.get("validity", "valid"), get_args(Validity)),
        identifier=_text(kept, "identifier"),
        specimen=kept.get("specimen") is True,
    )


def _recall_subject(kept: Mapping[str, object]) -> Subject:
    return Subject(
        family=_text(kept, "family"),
        given=_text(kept, "given"),
        family_icao=_text(kept, "family_icao"),
        given_icao=_text(kept, "given_icao"),
        birth_date=_text(kept, "birth_date"),
    )


def _recall_event(kept: Mapping[str, object]) -> Event:
    return Event(
        kind=_one_of(kept.get("kind"), get_args(EventKind)),
        disease=_text(kept, "disease"),
        product=_text(kept, "product"),
        manufacturer=_text(kept, "manufacturer"),
        vaccine=_text(kept, "vaccine"),
        dose=_number(kept, "dose"),
        doses=_number(kept, "doses"),
        date=_text(kept, "date"),
        test_type=_text(kept, "test_type"),
        test_name=_text(kept, "test_name"),
        test_result=_text(kept, "test_result"),
        test_centre=_text(kept, "test_centre"),
        sample_time=_text(kept, "sample_time"),
        recovered_from=_text(kept, "recovered_from"),
        recovered_until=_text(kept, "recovered_until"),
        country=_text(kept, "country"),
        issuer=_text(kept, "issuer"),
        certificate_id=_text(kept, "certificate_id"),
    )


def _one_of(value: object, words: tuple[Word, ...]) -> Word:
    for word in words:
        if value == word:
            return word
    raise ValueError(f"expected one of {', '.join(words)}")


def _text(kept: Mapping[str, object], name: str) -> str:
    value = kept.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")
    return value


def _number(kept: Mapping[str, object], name: str) -> int | None:
    value = kept.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"{name} is not a whole number")
    return value


def _time(kept: Mapping[str, object], name: str) -> datetime | None:
    value = kept.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a time")
    return datetime.fromisoformat(value).astimezone(UTC)
