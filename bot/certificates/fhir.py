"""What a FHIR bundle (HL7 FHIR R4) in a health card says: one patient, immunizations, and results of tests.

The form is that of the implementation guide "SMART Health Cards: Vaccination & Testing" 1.0.0, read with patience for
what other issuers leave out or add.
"""

from collections.abc import Iterator, Mapping

from bot.certificates import health_codes
from bot.certificates.signed_json import Json, Object, count_in, group_in, list_in, text_in
from bot.certificates.statements import day
from bot.certificates.verdict import Event, Subject

MAX_ENTRIES = 200
"""Resources in one bundle; a whole life of vaccinations has some sixty."""

MAX_EVENTS = 60
"""Events of one card that are kept."""

_FINAL = ("final", "amended", "corrected")


class BundleError(ValueError):
    """The bundle is no health statement about one person."""


def read_bundle(bundle: Object) -> tuple[Subject | None, tuple[Event, ...]]:
    """The person and the events in a bundle; BundleError where it is about several people or no bundle at all.

    A bundle may leave its patient out; what it says is then said of nobody, and no event is taken from it.
    """
    entries = list_in(bundle, "entry")
    if bundle.get("resourceType") != "Bundle" or not 0 < len(entries) <= MAX_ENTRIES:
        raise BundleError("not a bundle")
    resources = [group_in(entry, "resource") for entry in entries]
    patients = [
        (text_in(entry, "fullUrl"), resource)
        for entry, resource in zip(entries, resources, strict=True)
        if resource.get("resourceType") == "Patient"
    ]
    if not patients:
        return None, ()
    if len(patients) > 1:
        raise BundleError("several patients")
    address, patient = patients[0]
    for resource in resources:
        _about(resource, address)
    return _subject(patient), tuple(event for resource in resources for event in _events(resource))[:MAX_EVENTS]


def _about(resource: Object, address: str) -> None:
    """BundleError where a resource is said to be about somebody else than the patient of the bundle."""
    for name in ("patient", "subject"):
        reference = text_in(group_in(resource, name), "reference")
        if reference and address and reference != address:
            raise BundleError("about somebody else")


def _subject(patient: Object) -> Subject:
    names = [name for name in list_in(patient, "name") if isinstance(name, dict)]
    if not names:
        raise BundleError("no name")
    official = next((name for name in names if name.get("use") in ("official", "usual")), names[0])
    family, given = text_in(official, "family"), _words(official, "given")
    if not family and not given:
        family = text_in(official, "text")
    if not family and not given:
        raise BundleError("an empty name")
    return Subject(family=family, given=given, birth_date=day(text_in(patient, "birthDate")))


def _words(group: Object, name: str) -> str:
    return " ".join(word for word in list_in(group, name) if isinstance(word, str)).strip()[:300]


def _events(resource: Object) -> Iterator[Event]:
    match resource.get("resourceType"):
        # What was refused, or entered by mistake, is no vaccination.
        case "Immunization" if resource.get("status") == "completed":
            yield _vaccination(resource)
        case "Observation" if resource.get("status") in _FINAL:
            yield from _test(resource)


def _vaccination(resource: Object) -> Event:
    vaccine = None
    for system, code in _codings(resource.get("vaccineCode")):
        known = health_codes.vaccine_by_code(system, code)
        # Several codes say the same in several systems: the first that is known counts.
        if vaccine is None or (known.disease and not vaccine.disease):
            vaccine = known
    vaccine = vaccine or health_codes.Vaccine(product=text_in(resource.get("vaccineCode"), "text"))
    protocol = next(iter(list_in(resource, "protocolApplied")), None)
    return Event(
        kind="vaccination",
        disease=vaccine.disease,
        product=vaccine.product,
        manufacturer=vaccine.manufacturer,
        vaccine=vaccine.vaccine,
        dose=count_in(protocol, "doseNumberPositiveInt"),
        doses=count_in(protocol, "seriesDosesPositiveInt"),
        date=day(text_in(resource, "occurrenceDateTime") or text_in(resource, "occurrenceString")),
        issuer=_performer(resource),
    )


def _test(resource: Object) -> Iterator[Event]:
    """A test with a result in words or codes; measures such as a blood count are no statement about an illness."""
    result = next((code for _, code in _codings(resource.get("valueCodeableConcept"))), "")
    result = result or text_in(group_in(resource, "valueCodeableConcept"), "text") or text_in(resource, "valueString")
    codings = list(_codings(resource.get("code")))
    if not result or not codings:
        return
    system, code = next(
        (found for found in codings if found[0] == health_codes.LOINC and health_codes.test_by_loinc(found[1])),
        codings[0],
    )
    kind = health_codes.test_by_loinc(code) if system == health_codes.LOINC else ""
    sampled = text_in(resource, "effectiveDateTime") or text_in(group_in(resource, "effectivePeriod"), "start")
    yield Event(
        kind="test",
        disease=health_codes.COVID_19 if kind else "",
        date=day(sampled),
        test_type=kind or health_codes.kept(system, code),
        test_name=health_codes.kept(system, code),
        test_result=health_codes.result_of(result),
        test_centre=_performer(resource),
        sample_time=sampled,
    )


def _codings(concept: Json) -> Iterator[tuple[str, str]]:
    """System (by its short name, "" where unknown) and code of every coding of a concept."""
    for coding in list_in(concept, "coding"):
        if isinstance(coding, Mapping) and (code := text_in(coding, "code")):
            yield health_codes.SYSTEMS.get(text_in(coding, "system"), ""), code


def _performer(resource: Object) -> str:
    """The name of who vaccinated or tested, where it stands in the resource itself."""
    for performer in list_in(resource, "performer"):
        if name := text_in(group_in(performer, "actor"), "display") or text_in(performer, "display"):
            return name
    return ""
