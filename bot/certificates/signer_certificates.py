"""Signer certificates (X.509, RFC 5280): their key, country, life and what they may sign.

Real signers have certificates that a strict parser declines; for those there is a tolerant one. The key itself is
held to the same measure in both.
"""

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from asn1crypto import x509 as lenient_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtensionOID, NameOID

from bot.certificates.cose import PublicKey
from bot.certificates.public_keys import from_spki, usable
from bot.certificates.trust import ALL_KINDS, HCERT, TrustedKey, UnusableCertificate, UnusableKey, iso_country
from bot.certificates.verdict import EventKind

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


@dataclass(frozen=True, slots=True)
class _Signer:
    """What a certificate says of its holder."""

    key: PublicKey
    country: str
    purposes: tuple[str, ...]
    since: datetime
    until: datetime


def key_of(
    certificate: bytes,
    *,
    kid: bytes = b"",
    country: str = "",
    source: str = "",
    specimen: bool = False,
    scheme: str = HCERT,
) -> TrustedKey:
    """The trusted key of one DER certificate; without `kid` the first 8 bytes of its SHA-256, as the EU does it."""
    if len(certificate) > MAX_CERTIFICATE_BYTES:
        raise UnusableCertificate("certificate too large")
    try:
        try:
            signer = _read_strictly(certificate)
        except _STRICT_REFUSALS:
            signer = _read_leniently(certificate)
    except UnusableKey as wrong:
        raise UnusableCertificate(str(wrong)) from wrong
    return TrustedKey(
        kid=kid or hashlib.sha256(certificate).digest()[:8],
        scheme=scheme,
        country=country or iso_country(signer.country),
        public_key=signer.key,
        usages=_usages(signer.purposes),
        valid_from=signer.since,
        valid_until=signer.until,
        source=source,
        specimen=specimen,
    )


def subject_key_identifier(certificate: bytes) -> bytes:
    """The subject key identifier of a certificate (RFC 5280, 4.2.1.2), or the SHA-1 of its key where it has none."""
    try:
        parsed = lenient_x509.Certificate.load(certificate)
        found = parsed.key_identifier_value
        content = found.native if found is not None else parsed.public_key["public_key"].native
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise UnusableCertificate("not a certificate with a usable key") from wrong
    # The identifier of RFC 5280 is this hash by definition; nothing rests on its strength.
    return bytes(content) if found is not None else hashlib.sha1(bytes(content), usedforsecurity=False).digest()


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
        key = usable(parsed.public_key())
        return _Signer(key, country, purposes, parsed.not_valid_before_utc, parsed.not_valid_after_utc)


def _read_leniently(certificate: bytes) -> _Signer:
    """The signer by the tolerant parser: some real certificates have extensions that the strict one refuses."""
    try:
        parsed = lenient_x509.Certificate.load(certificate)
        body = parsed["tbs_certificate"]
        since, until = (body["validity"][edge].native for edge in ("not_before", "not_after"))
        usage, country = parsed.extended_key_usage_value, parsed.subject.native.get("country_name", "")
        return _Signer(
            key=from_spki(body["subject_public_key_info"].dump()),
            country=country if isinstance(country, str) else "",
            purposes=() if usage is None else tuple(purpose.dotted for purpose in usage),
            since=since.astimezone(UTC),
            until=until.astimezone(UTC),
        )
    except UnusableKey:
        raise
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
