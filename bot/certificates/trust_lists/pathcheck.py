"""Registries of issuers in the shape that the PathCheck Foundation publishes: framework, identifier, key, status."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from bot.certificates.signer_certificates import subject_key_identifier
from bot.certificates.trust import (
    ALL_KINDS,
    DIVOC,
    HCERT,
    SHC,
    VDSNC,
    WHO_DDCC,
    TrustedKey,
    UnusableKey,
    iso_country,
)
from bot.certificates.trust_lists import pem
from bot.certificates.trust_lists.origin import Found, Origin, each, moment, text_in
from bot.certificates.verdict import EventKind
from bot.written.countries import OneCountry, find_country

_FRAMEWORKS = MappingProxyType({"EUDCC": HCERT, "SmartHealthCards": SHC, "ICAO": VDSNC, "DIVOC": DIVOC})
_KINDS: Mapping[str, EventKind] = MappingProxyType({"v": "vaccination", "t": "test", "r": "recovery"})


def recognises(listed: object) -> bool:
    """Whether this is a registry: frameworks that hold entries with a `didDocument`."""
    if not isinstance(listed, dict):
        return False
    groups = [listed, *(listed[name] for name in _FRAMEWORKS if isinstance(listed.get(name), dict))]
    return any(isinstance(entry, dict) and "didDocument" in entry for group in groups for entry in group.values())


def read(listed: object, origin: Origin) -> Iterator[Found]:
    """The key of every entry of a framework that is known here, or the problem with it."""
    if not isinstance(listed, dict):
        return
    if not listed.keys() & _FRAMEWORKS.keys():
        # The entries of one framework alone; those of the EU's form are the usual ones.
        listed = {next((name for name, scheme in _FRAMEWORKS.items() if scheme == origin.scheme), "EUDCC"): listed}
    for framework, scheme in _FRAMEWORKS.items():
        group = listed.get(framework)
        # WHO certificates have the EU's wrapping, and their signers stand in the same group.
        wanted = WHO_DDCC if scheme == HCERT and origin.scheme == WHO_DDCC else scheme
        if not isinstance(group, dict) or (origin.scheme and origin.scheme != wanted):
            continue
        for name, entry in group.items():
            yield from each(origin, name[:100], partial(_key, name, entry, wanted, origin))


def _key(name: str, entry: object, scheme: str, origin: Origin) -> TrustedKey:
    if not isinstance(entry, dict):
        raise UnusableKey("not an entry with fields")
    key, certificate = pem.key_in(entry.get("didDocument"), replace(origin, scheme=scheme))
    kid, issuer, country = _identified(name, scheme, certificate)
    listed = entry.get("credentialType")
    kinds = frozenset(_KINDS[kind] for kind in listed if kind in _KINDS) if isinstance(listed, list) else frozenset()
    return replace(
        key,
        kid=kid,
        issuer=issuer,
        country=country or key.country or iso_country(origin.country) or _country_named(entry.get("displayName")),
        # Where a certificate and its entry both bind the key, both hold.
        usages=(key.usages & kinds) if kinds else key.usages or ALL_KINDS,
        valid_from=key.valid_from or moment(entry.get("validFromDT")),
        valid_until=key.valid_until or moment(entry.get("validUntilDT")),
        withdrawn=text_in(entry, "status") == "revoked",
    )


def _country_named(name: object) -> str:
    """The country in a name such as "Gov of Sri Lanka"; "" where there is none for certain."""
    written = text_in(name, "en") if isinstance(name, dict) else ""
    _, of, country = written.partition("Gov of ")
    found = find_country(country.removeprefix("the "), "en") if of else None
    return found.code if isinstance(found, OneCountry) else ""


def _identified(name: str, scheme: str, certificate: bytes) -> tuple[bytes, str, str]:
    """Key identifier, issuer and country by the name of an entry."""
    if scheme == DIVOC:
        return name.encode(), name, ""
    if scheme == SHC:
        issuer, _, kid = name.rpartition("#")
        return kid.encode(), issuer.rstrip("/"), ""
    country, _, written = name.rpartition("#") if scheme == VDSNC else ("", "", name)
    try:
        identifier = base64.b64decode(written, validate=True)
    except binascii.Error as wrong:
        raise UnusableKey("the identifier is not Base64") from wrong
    if scheme == VDSNC and certificate and not identifier:
        identifier = subject_key_identifier(certificate)
    return identifier, "", iso_country(country)
