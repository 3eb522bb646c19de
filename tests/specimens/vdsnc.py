"""Makes VDS-NC seals about people that there are not, under a signing authority of the caller's own."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

COUNTRY, ISSUER = "XX", "XXX"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
FOR_SEALS, FOR_SERVERS = "2.23.136.1.1.14.2", "1.3.6.1.5.5.7.3.1"
DOCUMENT_TYPES = x509.ObjectIdentifier("2.23.136.1.1.6.2")

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """A country's signing authority of one run."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def identifier(self) -> bytes:
        """Its subject key identifier."""
        return x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()).digest


@dataclass(frozen=True, slots=True)
class Signer:
    """A signer of seals."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes


def _named(country: str, name: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, country), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    return x509.Name(parts)


def make_authority(key: PrivateKey | None = None, country: str = COUNTRY) -> Authority:
    """A new authority with its self-signed certificate."""
    key = key or ec.generate_private_key(ec.SECP384R1())
    name = _named(country, "Specimen CSCA")
    built = _between(x509.CertificateBuilder().subject_name(name).issuer_name(name), SINCE, UNTIL)
    built = built.public_key(key.public_key()).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    return Authority(key, built.sign(key, SHA256()))


def make_signer(
    authority: Authority,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    purposes: tuple[str, ...] = (FOR_SEALS,),
    types: tuple[str, ...] = ("NV", "NT"),
    signs: bool = True,
    is_authority: bool = False,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    names_authority: bool = True,
    digest: HashAlgorithm | None = None,
    pss: bool = False,
) -> Signer:
    """A signer that the authority certified; every argument makes it another than usual."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    extensions: list[tuple[x509.ExtensionType, bool]] = [(_key_usage(signs), True), *extra]
    if purposes:
        extensions.append((x509.ExtendedKeyUsage([x509.ObjectIdentifier(purpose) for purpose in purposes]), True))
    if types:
        extensions.append((x509.UnrecognizedExtension(DOCUMENT_TYPES, _document_types(types)), False))
    if names_authority:
        identifier = x509.AuthorityKeyIdentifier(authority.identifier, None, None)
        extensions.append((identifier, False))
    if is_authority:
        extensions.append((x509.BasicConstraints(ca=True, path_length=None), True))
    built = x509.CertificateBuilder().subject_name(_named(COUNTRY, "Specimen Seals"))
    built = _between(built.issuer_name(authority.certificate.subject), since, until).public_key(key.public_key())
    for extension, critical in extensions:
        built = built.add_extension(extension, critical)
    mode = padding.PSS(padding.MGF1(SHA256()), 32) if pss else None
    certificate = built.sign(authority.key, digest or SHA256(), rsa_padding=mode)
    return Signer(key, certificate.public_bytes(Encoding.DER))


def _between(builder: x509.CertificateBuilder, since: datetime, until: datetime) -> x509.CertificateBuilder:
    return builder.not_valid_before(since).not_valid_after(until).serial_number(x509.random_serial_number())


def _key_usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, not signs, False, False, False, False, False, False)


def _document_types(types: tuple[str, ...]) -> bytes:
    listed = b"".join(b"\x13" + bytes([len(name)]) + name.encode() for name in types)
    inner = b"\x02\x01\x00\x31" + bytes([len(listed)]) + listed
    return b"\x30" + bytes([len(inner)]) + inner


def vaccination(number: str = "VXX0001", issuer: str = ISSUER, **message: Any) -> dict[str, Any]:
    """The signed zone of a proof of vaccination."""
    doses = [
        {"dvc": "2026-02-03", "seq": 1, "ctr": issuer, "adm": "Specimen Clinic", "lot": "S1"},
        {"dvc": "2026-03-02", "seq": 2, "ctr": issuer, "adm": "Specimen Clinic", "lot": "S2"},
    ]
    return {
        "hdr": {"t": "icao.vacc", "v": 1, "is": issuer},
        "msg": {
            "uvci": number,
            "pid": {"n": "SPECIMEN  ANNA MARIA", "dob": "1990-05-14", "sex": "F", "i": "P0000001"},
            "ve": [{"des": "XM68M6", "nam": "Comirnaty", "dis": "RA01.0", "vd": doses}],
            **message,
        },
    }


def examined(result: str = "negative", conducted: str = "molecular(PCR)", issuer: str = ISSUER) -> dict[str, Any]:
    """The signed zone of a proof of testing."""
    return {
        "hdr": {"t": "icao.test", "v": 1, "is": issuer},
        "msg": {
            "utci": "TXX0001",
            "pid": {"n": "SPECIMEN  ANNA MARIA", "dob": "1990-05-14", "dt": "P", "dn": "P0000001"},
            "sp": {"spn": "Specimen Laboratory", "ctr": issuer, "cd": {"p": "+000000", "e": "", "a": ""}},
            "dat": {"sc": "2026-03-01T08:00:00Z", "ri": "2026-03-01T20:00:00Z"},
            "tr": {"tc": conducted, "r": result, "m": "nasopharyngeal"},
        },
    }


def seal(signer: Signer, zone: dict[str, Any], *, algorithm: str = "", altered: dict[str, Any] | None = None) -> str:
    """The text of a seal; with `altered` that is put in place of the zone after signing."""
    size = (signer.key.curve.key_size + 7) // 8
    name, digest = {32: ("ES256", SHA256()), 48: ("ES384", SHA384()), 66: ("ES512", SHA512())}[size]
    r, s = utils.decode_dss_signature(signer.key.sign(rfc8785.dumps(zone), ec.ECDSA(digest)))
    signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    signed = {"alg": algorithm or name, "cer": _written(signer.certificate), "sigvl": _written(signature)}
    return json.dumps({"data": zone if altered is None else altered, "sig": signed})


def _written(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def make_seal(authority: Authority) -> str:
    """The text of one good proof of vaccination under an authority."""
    return seal(make_signer(authority), vaccination())
