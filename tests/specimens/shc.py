"""Makes SMART Health Cards about people that there are not, signed with a key of the caller's."""

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

ISSUER = "https://cards.example/issuer"
ISSUED = datetime(2026, 3, 2, 9, tzinfo=UTC)
KID = "specimen-key"


def patient(family: str = "Specimen", given: str = "Anna Maria", birth_date: str = "1990-05-14") -> dict[str, Any]:
    """The person a card is about."""
    return {
        "resourceType": "Patient",
        "name": [{"family": family, "given": given.split()}],
        "birthDate": birth_date,
    }


def immunization(
    code: str = "208", system: str = "http://hl7.org/fhir/sid/cvx", date: str = "2026-02-03", status: str = "completed"
) -> dict[str, Any]:
    """One vaccination of the patient."""
    return {
        "resourceType": "Immunization",
        "status": status,
        "vaccineCode": {"coding": [{"system": system, "code": code}]},
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": date,
        "performer": [{"actor": {"display": "Specimen Clinic"}}],
    }


def observation(
    code: str = "94500-6", result: str = "260415000", sampled: str = "2026-03-01T08:00:00Z"
) -> dict[str, Any]:
    """One test of the patient, by LOINC, with a result in SNOMED CT."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "resource:0"},
        "effectiveDateTime": sampled,
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": result}]},
        "performer": [{"display": "Specimen Laboratory"}],
    }


def credential(*resources: dict[str, Any], issuer: str = ISSUER, **claims: Any) -> dict[str, Any]:
    """The claims of a card around these resources; without any, around a patient with two vaccinations.

    `claims` are put beside the others or in their place; None takes one out.
    """
    several = resources or (patient(), immunization(), immunization(date="2026-03-02"))
    entries = [{"fullUrl": f"resource:{place}", "resource": one} for place, one in enumerate(several)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    whole = {
        "iss": issuer,
        "nbf": ISSUED.timestamp() + 0.25,
        "vc": {
            "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
        },
        **claims,
    }
    return {name: value for name, value in whole.items() if value is not None}


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def sign(key: ec.EllipticCurvePrivateKey, content: object, **header: Any) -> str:
    """The compact signature of `content`; bytes are taken for what they are. `header` as `claims` in credential()."""
    fields = {"zip": "DEF", "alg": "ES256", "kid": KID, **header}
    fields = {name: value for name, value in fields.items() if value is not None}
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    plain = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    parts = [json.dumps(fields, separators=(",", ":")).encode(), squeeze.compress(plain) + squeeze.flush()]
    covered = ".".join(map(base64url, parts))
    r, s = utils.decode_dss_signature(key.sign(covered.encode(), ec.ECDSA(SHA256())))
    size = (key.curve.key_size + 7) // 8
    return f"{covered}.{base64url(r.to_bytes(size, 'big') + s.to_bytes(size, 'big'))}"


def digits(token: str) -> str:
    """A compact signature as the digits of a code."""
    return "".join(f"{ord(character) - 45:02d}" for character in token)


def code(token: str) -> str:
    """The text of the one code of a card."""
    return "shc:/" + digits(token)


def codes(token: str, count: int) -> list[str]:
    """The texts of the `count` codes that a card is spread over."""
    size = -(-len(token) // count)
    parts = [token[at : at + size] for at in range(0, len(token), size)]
    return [f"shc:/{place}/{len(parts)}/{digits(part)}" for place, part in enumerate(parts, start=1)]


def file(*tokens: str) -> str:
    """The text of a .smart-health-card file."""
    return json.dumps({"verifiableCredential": list(tokens)})


def make_card(key: ec.EllipticCurvePrivateKey, *resources: dict[str, Any], issuer: str = ISSUER, kid: str = KID) -> str:
    """The text of the code of one good card."""
    return code(sign(key, credential(*resources, issuer=issuer), kid=kid))
