"""What an EU health certificate says: the person and the one event, read from its payload (DCC schema 1.0.0 to 1.3.3).

Issuers bend the schema in many harmless ways: blanks around codes, missing groups written as null, doses as 2.0, days
with a time of midnight. These are straightened here; what does not fit at all is left empty or refused.
"""

import re
from collections.abc import Mapping

from bot.certificates.cbor import Value
from bot.certificates.verdict import Event, EventKind, Subject

MAX_TEXT = 300
"""Characters of one field; the schema says 80, real issuers go a little beyond."""

MAX_DOSES = 99
"""The schema says 9; nobody has had a hundred doses."""

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}|XX)(?:-([0-9]{2}|XX))?)?(?![0-9-])")
_GROUPS: tuple[tuple[str, EventKind], ...] = (("v", "vaccination"), ("t", "test"), ("r", "recovery"))

Group = Mapping[int | str, Value]


class StatementError(ValueError):
    """The payload is no health statement about one person and one event."""


def read_subject(payload: Group) -> Subject:
    """The person named in a payload; StatementError where there is no name at all."""
    names = payload.get("nam")
    if not isinstance(names, dict):
        raise StatementError("no name")
    subject = Subject(
        family=_text(names, "fn"),
        given=_text(names, "gn"),
        family_icao=_text(names, "fnt"),
        given_icao=_text(names, "gnt"),
        birth_date=day(_text(payload, "dob")),
    )
    if not (subject.family or subject.given or subject.family_icao or subject.given_icao):
        raise StatementError("an empty name")
    return subject


def read_events(payload: Group) -> tuple[Event, ...]:
    """All events in a payload, in the order vaccination, test, recovery; StatementError for a group of another form."""
    events = []
    for name, kind in _GROUPS:
        group = payload.get(name)
        if group is None:
            continue
        if not isinstance(group, list):
            raise StatementError("a group that is not a list")
        for entry in group:
            if not isinstance(entry, dict):
                raise StatementError("an event that is not a map")
            events.append(_event(kind, entry))
    return tuple(events)


def day(text: str) -> str:
    """The day, month or year at the start of an ISO 8601 text, as precise as it is; "" where there is none."""
    found = _DAY.match(text.strip().upper())
    if not found:
        return ""
    year, month, day_of_month = found.groups()
    if month in (None, "XX", "00"):
        return str(year)
    return f"{year}-{month}" if day_of_month in (None, "XX", "00") else f"{year}-{month}-{day_of_month}"


def _event(kind: EventKind, entry: Group) -> Event:
    happened = {"vaccination": "dt", "test": "sc", "recovery": "fr"}[kind]
    return Event(
        kind=kind,
        disease=_text(entry, "tg"),
        product=_text(entry, "mp"),
        # In tests `ma` names the test device and not a manufacturer of vaccines, but it is a code all the same.
        manufacturer=_text(entry, "ma"),
        vaccine=_text(entry, "vp"),
        dose=_count(entry, "dn"),
        doses=_count(entry, "sd"),
        date=day(_text(entry, happened)),
        test_type=_text(entry, "tt"),
        test_name=_text(entry, "nm"),
        test_result=_text(entry, "tr"),
        test_centre=_text(entry, "tc"),
        sample_time=_text(entry, "sc"),
        recovered_from=day(_text(entry, "df")),
        recovered_until=day(_text(entry, "du")),
        country=_text(entry, "co").upper(),
        issuer=_text(entry, "is"),
        certificate_id=_text(entry, "ci"),
    )


def _text(group: Group, name: str) -> str:
    """A text field without blanks around it; issuers have left them in codes (upstream's special cases)."""
    value = group.get(name)
    return value.strip()[:MAX_TEXT] if isinstance(value, str) else ""


def _count(group: Group, name: str) -> int | None:
    """A number of doses; issuers have written 2.0 for 2."""
    value = group.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= MAX_DOSES and value == int(value) else None
