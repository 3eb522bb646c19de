"""What a VDS-NC says: the person, and vaccinations (type icao.vacc) or a test (type icao.test)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.certificates import health_codes
from bot.certificates.signed_json import Object, count_in, group_in, list_in, text_in
from bot.certificates.statements import day
from bot.certificates.trust import iso_country
from bot.certificates.verdict import Event, EventKind, Subject

MAX_EVENTS = 60
"""Doses of one seal that are kept."""

_KINDS: dict[str, EventKind] = {"icao.vacc": "vaccination", "icao.test": "test"}
_TESTS = {"MOLECULAR(PCR)": health_codes.NUCLEIC_ACID, "ANTIGEN": health_codes.RAPID_ANTIGEN}
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Content:
    """The message of a seal as far as it could be read; `whole` is false where it is not one proper statement."""

    issuer: str = ""
    """Three-letter code of the country."""
    kind: EventKind = "vaccination"
    subject: Subject | None = None
    events: tuple[Event, ...] = ()
    identifier: str = ""
    latest: str = ""
    """The last day that the seal tells of, ISO 8601; "" where it tells of none."""
    whole: bool = False


def read(zone: Object) -> Content:
    """The message in the data zone of a seal."""
    header, message = group_in(zone, "hdr"), group_in(zone, "msg")
    issuer, kind = text_in(header, "is"), _KINDS.get(text_in(header, "t"))
    subject = _subject(group_in(message, "pid"))
    events = tuple(_vaccinations(message, issuer) if kind == "vaccination" else _tests(message) if kind else ())
    scheme = "utci" if kind == "test" else "uvci"
    number = text_in(message, scheme)
    return Content(
        issuer=issuer,
        kind=kind or "vaccination",
        subject=subject,
        events=events[:MAX_EVENTS],
        identifier=f"{scheme}:{iso_country(issuer)}:{number.upper()}" if number and issuer else "",
        latest=max((event.date for event in events), default=""),
        whole=bool(kind and issuer and number and subject and events) and header.get("v") == _VERSION,
    )


def _subject(person: Object) -> Subject | None:
    """The person; as in a machine readable zone two blanks part the family name from the given ones."""
    value = person.get("n")
    if not isinstance(value, str) or not text_in(person, "n"):
        return None
    parts = [text_in({"n": part}, "n") for part in re.split(" {2,}", value.strip(), maxsplit=1)]
    family, given = parts if len(parts) == 2 else (parts[0], "")
    return Subject(family=family, given=given, birth_date=day(text_in(person, "dob")))


def _vaccinations(message: Object, issuer: str) -> Iterator[Event]:
    """One event for every dose (`vd`) of every vaccine (`ve`)."""
    number = text_in(message, "uvci")
    for vaccine in list_in(message, "ve"):
        known = health_codes.vaccine_by_code(health_codes.ICD11, text_in(vaccine, "des"))
        known = health_codes.joined(known, health_codes.vaccine_by_name(text_in(vaccine, "nam")))
        named = text_in(vaccine, "dis")
        for dose in list_in(vaccine, "vd"):
            yield Event(
                kind="vaccination",
                disease=health_codes.disease_by_code(named) if named else known.disease,
                product=known.product or text_in(vaccine, "nam"),
                manufacturer=known.manufacturer,
                vaccine=known.vaccine,
                dose=count_in(dose, "seq"),
                date=day(text_in(dose, "dvc")),
                country=iso_country(text_in(dose, "ctr")),
                issuer=text_in(dose, "adm") or issuer,
                certificate_id=number,
            )


def _tests(message: Object) -> Iterator[Event]:
    """The one test: who took the sample (`sp`), when (`dat`), and what came of it (`tr`)."""
    place, times, result = (group_in(message, name) for name in ("sp", "dat", "tr"))
    if not result:
        return
    conducted, sampled = text_in(result, "tc"), text_in(times, "sc")
    yield Event(
        kind="test",
        date=day(sampled),
        test_type=_TESTS.get("".join(conducted.upper().split()), conducted),
        test_name=conducted,
        test_result=health_codes.result_of(text_in(result, "r")),
        test_centre=text_in(place, "spn"),
        sample_time=sampled,
        country=iso_country(text_in(place, "ctr")),
        certificate_id=text_in(message, "utci"),
    )
