"""The keys that certificates are checked against, and how they are read from a folder of trust lists.

Three shapes of file are read: lists of document signers in JSON as the EU gateway publishes them, with Base64
certificates in `rawData`, and single certificates as PEM or DER. A list or an entry may carry `"specimen": true` or
`"withdrawn": true`, and a list may name withdrawn key identifiers under `"withdrawn"`.
A file or entry that cannot be used becomes a problem in the store and hides no other.
"""

import base64
import binascii
import hashlib
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from asn1crypto import pem
from asn1crypto import x509 as lenient_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import ExtensionOID, NameOID

from bot.certificates.cose import PublicKey
from bot.certificates.verdict import EventKind

HCERT = "hcert"

MAX_FILE_BYTES = 32 * 1024 * 1024
"""Bytes of one trust file; the largest published list has 3 MB."""

MAX_CERTIFICATE_BYTES = 64 * 1024
"""Bytes of one signer certificate; real ones stay under 3 kB."""

# Extended key usages of the eHealth Network, DCC technical specification volume 1; issuers use two families of them.
_USAGE_FAMILIES = ("1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1.")
_USAGE_KINDS: Mapping[str, EventKind] = MappingProxyType({"1": "test", "2": "vaccination", "3": "recovery"})
_STRICT_REFUSALS = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
ALL_KINDS: frozenset[EventKind] = frozenset(("vaccination", "test", "recovery"))

# Two codes that health lists use beside those of ISO 3166.
_ISO_CODES = MappingProxyType({"EL": "GR", "UK": "GB"})


class TrustError(ValueError):
    """A trust file or an entry in it cannot be used.

    TrustError
    ├── UnreadableFile       the file cannot be opened, is too large, or is none of the known shapes
    └── UnusableCertificate  an entry holds no certificate with a key that can be used
    """


class UnreadableFile(TrustError):  # names in the tree say what happened
    """The file cannot be opened, is too large, or is none of the known shapes."""


class UnusableCertificate(TrustError):
    """An entry holds no certificate with a key that can be used."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One key that may sign, and what for."""

    kid: bytes
    scheme: str
    country: str
    public_key: PublicKey
    usages: frozenset[EventKind] = ALL_KINDS
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    withdrawn: bool = False
    source: str = ""
    specimen: bool = False
    issuer: str = ""
    """What a certificate of this signer calls its issuer, where its format names one: an address or a DID."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a trust file that could not be used."""

    source: str
    entry: str
    trouble: str


@dataclass(frozen=True, slots=True)
class TrustStore:
    """All trusted keys by key identifier; several issuers may share one identifier."""

    keys: Mapping[bytes, tuple[TrustedKey, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def find_keys(store: TrustStore, scheme: str, kid: bytes) -> tuple[TrustedKey, ...]:
    """Every key of a scheme that carries this identifier."""
    return tuple(key for key in store.keys.get(kid, ()) if key.scheme == scheme)


def build_store(keys: Iterable[TrustedKey], problems: Iterable[Problem] = ()) -> TrustStore:
    """A store of these keys."""
    by_kid: dict[bytes, tuple[TrustedKey, ...]] = {}
    for key in keys:
        by_kid[key.kid] = (*by_kid.get(key.kid, ()), key)
    return TrustStore(by_kid, tuple(problems))


def join_stores(*stores: TrustStore) -> TrustStore:
    """One store with the keys and problems of all."""
    keys = [key for store in stores for several in store.keys.values() for key in several]
    return build_store(keys, [problem for store in stores for problem in store.problems])


def load_trust(folder: Path) -> TrustStore:
    """The store of all trust files directly in `folder`, read in the order of their names; never raises for a file."""
    keys: list[TrustedKey] = []
    problems: list[Problem] = []
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as wrong:
        return TrustStore(problems=(Problem(folder.name, "", wrong.strerror or "cannot be read"),))
    for path in paths:
        if path.suffix.lower() not in (".json", ".pem", ".der", ".crt", ".cer"):
            continue
        try:
            for found in _read_file(path):
                (keys if isinstance(found, TrustedKey) else problems).append(found)  # type: ignore[arg-type]
        except TrustError as wrong:
            problems.append(Problem(path.name, "", str(wrong)))
    return build_store(keys, problems)


def key_of(
    certificate: bytes, *, kid: bytes = b"", country: str = "", source: str = "", specimen: bool = False
) -> TrustedKey:
    """The trusted key of one DER certificate; without `kid` the first 8 bytes of its SHA-256, as the EU does it."""
    if len(certificate) > MAX_CERTIFICATE_BYTES:
        raise UnusableCertificate("certificate too large")
    try:
        signer = _read_strictly(certificate)
    except _STRICT_REFUSALS:
        signer = _read_leniently(certificate)
    if not isinstance(signer.key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise UnusableCertificate("a key of a kind that certificates do not use")
    return TrustedKey(
        kid=kid or hashlib.sha256(certificate).digest()[:8],
        scheme=HCERT,
        country=country or iso_country(signer.country),
        public_key=signer.key,
        usages=_usages(signer.purposes),
        valid_from=signer.since,
        valid_until=signer.until,
        source=source,
        specimen=specimen,
    )


def iso_country(code: str) -> str:
    """A country code as ISO 3166 has it: EL is Greece and UK is the United Kingdom."""
    code = code.strip().upper()
    return _ISO_CODES.get(code, code)


def _read_file(path: Path) -> Iterator[TrustedKey | Problem]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadableFile("file too large")
        content = path.read_bytes()
    except OSError as wrong:
        raise UnreadableFile(wrong.strerror or "cannot be read") from wrong
    if path.suffix.lower() == ".json":
        yield from _read_list(path.name, content)
        return
    certificates = [content]
    if b"-----BEGIN" in content:
        try:
            certificates = [der for kind, _, der in pem.unarmor(content, multiple=True) if kind == "CERTIFICATE"]
        except ValueError as wrong:
            raise UnreadableFile("not a PEM file") from wrong
    for number, certificate in enumerate(certificates, start=1):
        try:
            yield key_of(certificate, source=path.name)
        except TrustError as wrong:
            yield Problem(path.name, str(number), str(wrong))


def _read_list(source: str, content: bytes) -> Iterator[TrustedKey | Problem]:
    try:
        listed = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise UnreadableFile("not JSON") from wrong
    whole: Mapping[str, Any] = listed if isinstance(listed, dict) else {"certificates": listed}
    entries, withdrawn = whole.get("certificates"), whole.get("withdrawn", ())
    if not isinstance(entries, list):
        raise UnreadableFile("no list of certificates")
    withdrawn = frozenset(kid for kid in withdrawn if isinstance(kid, str)) if isinstance(withdrawn, list) else ()
    for number, entry in enumerate(entries, start=1):
        try:
            key = _read_entry(source, entry)
        except TrustError as wrong:
            name = entry.get("kid") if isinstance(entry, dict) else None
            yield Problem(source, name if isinstance(name, str) else str(number), str(wrong))
            continue
        yield replace(
            key,
            specimen=key.specimen or whole.get("specimen") is True,
            withdrawn=key.withdrawn or base64.b64encode(key.kid).decode() in withdrawn,
        )


def _read_entry(source: str, entry: object) -> TrustedKey:
    if not isinstance(entry, dict):
        raise UnusableCertificate("not an entry with fields")
    kid, country, raw = (entry.get(name, "") for name in ("kid", "country", "rawData"))
    if not isinstance(kid, str) or not isinstance(country, str) or not isinstance(raw, str) or not raw:
        raise UnusableCertificate("kid, country or rawData missing or not text")
    try:
        certificate, identifier = base64.b64decode(raw), base64.b64decode(kid, validate=True)
    except binascii.Error as wrong:
        raise UnusableCertificate("not Base64") from wrong
    key = key_of(certificate, kid=identifier, country=iso_country(country), source=source)
    return replace(key, specimen=entry.get("specimen") is True, withdrawn=entry.get("withdrawn") is True)


@dataclass(frozen=True, slots=True)
class _Signer:
    """What a certificate says of its holder."""

    key: object
    country: str
    purposes: tuple[str, ...]
    since: datetime
    until: datetime


def _read_strictly(certificate: bytes) -> _Signer:
    """The signer in a certificate; one of _STRICT_REFUSALS where the strict parser declines it."""
    with warnings.catch_warnings():
        # Real signers have negative serial numbers and the like; the library warns, the key is good.
        warnings.simplefilter("ignore")
        parsed = x509.load_der_x509_certificate(certificate)
        countries = parsed.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
        purposes: tuple[str, ...] = ()
        try:
            usage = parsed.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value
            if isinstance(usage, x509.ExtendedKeyUsage):
                purposes = tuple(oid.dotted_string for oid in usage)
        except x509.ExtensionNotFound:
            pass
        country = str(countries[0].value) if countries else ""
        return _Signer(parsed.public_key(), country, purposes, parsed.not_valid_before_utc, parsed.not_valid_after_utc)


def _read_leniently(certificate: bytes) -> _Signer:
    """The signer by the tolerant parser: some real certificates have extensions that the strict one refuses."""
    try:
        parsed = lenient_x509.Certificate.load(certificate)
        body = parsed["tbs_certificate"]
        since, until = (body["validity"][edge].native for edge in ("not_before", "not_after"))
        usage, country = parsed.extended_key_usage_value, parsed.subject.native.get("country_name", "")
        return _Signer(
            key=load_der_public_key(body["subject_public_key_info"].dump()),
            country=country if isinstance(country, str) else "",
            purposes=() if usage is None else tuple(purpose.dotted for purpose in usage),
            since=since.astimezone(UTC),
            until=until.astimezone(UTC),
        )
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm) as wrong:
        raise UnusableCertificate("not a certificate with a usable key") from wrong


def _usages(oids: Iterable[str]) -> frozenset[EventKind]:
    """The kinds of event a signer may sign; one that names none of the known usages may sign all."""
    kinds = {
        _USAGE_KINDS[oid.removeprefix(family)]
        for oid in oids
        for family in _USAGE_FAMILIES
        if oid.startswith(family) and oid.removeprefix(family) in _USAGE_KINDS
    }
    return frozenset(kinds) or ALL_KINDS
