"""Makes certificates in the first Israeli form about people that there are not, signed with a key of the caller's."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


def vaccinated(**fields: Any) -> dict[str, Any]:
    """What a certificate of vaccination says; `fields` stand in the place of the usual ones."""
    dose = {"vv": "Pfizer", "vt": "covid19", "vb": "S1", "vc": "208", "o": "Specimen Clinic", "c": "ISR"}
    return {
        "id": "01/IL/SPECIMEN0001#AAAA",
        "et": 3,
        "c": "IL MOHEC",
        "ct": 6,
        "g": "Anna Maria",
        "f": "Specimen",
        "idp": "00000000",
        "b": "1990-05-14",
        "e": "2027-03-02 00:00:00",
        "a": "2026-03-09",
        "d1": {"d": "2026-03-02", **dose},
        "d2": {"d": "2026-02-03", **dose},
        **fields,
    }


def recovered(**fields: Any) -> dict[str, Any]:
    """What a certificate of recovery says."""
    whole = vaccinated(ct=3, r="2026-02-20", a="0001-01-01", o="Specimen Clinic", **fields)
    return {name: value for name, value in whole.items() if name not in ("d1", "d2")}


def sign(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, content: object) -> str:
    """The text of a certificate; text is taken as it stands."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(text.encode(), padding.PKCS1v15(), SHA256())
    else:
        signature = key.sign(text.encode(), ec.ECDSA(SHA256()))
    return f"{base64.b64encode(signature).decode()}#{text}"


def make_certificate(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """The text of one good certificate."""
    return sign(key, vaccinated())
