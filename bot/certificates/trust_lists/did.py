"""DID documents (W3C DID 1.0): New Zealand's, those of DIVOC's issuers, and the trust lists of the WHO network.

The WHO network (GDHCN) names domain, country and usage in the identifier: ...:trustlist:DCC:DEU:DSC#kid.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import unquote

from bot.certificates.cose import PublicKey
from bot.certificates.public_keys import base58, from_jwk, from_multibase, from_raw_ed25519
from bot.certificates.signer_certificates import key_of, subject_key_identifier
from bot.certificates.trust import (
    DIVOC,
    HCERT,
    NZCP,
    SHC,
    VDSNC,
    WHO_DDCC,
    Problem,
    TrustedKey,
    UnusableCertificate,
    UnusableKey,
    iso_country,
)
from bot.certificates.trust_lists import pem
from bot.certificates.trust_lists.origin import Found, Origin, day_in, each, text_in

_NETWORK = "trustlist"
# A key of every domain ("-") speaks for what the network began with; WHO certificates are checked with those too.
_DOMAINS = MappingProxyType(
    {"-": HCERT, "DCC": HCERT, "DDCC": WHO_DDCC, "SHC": SHC, "DIVOC": DIVOC, "ICAO": VDSNC, "VDS-NC": VDSNC}
)
_SIGNERS = MappingProxyType({VDSNC: frozenset({"DSC", "SCA", "CSCA"})})


def recognises(listed: object) -> bool:
    """Whether this is a DID document, or a list of them."""
    several = listed if isinstance(listed, list) else [listed]
    return bool(several) and all(
        isinstance(document, dict) and isinstance(document.get("verificationMethod"), list)
        and str(document.get("id", "")).startswith("did:")
        for document in several
    )  # fmt: skip


def read(listed: object, origin: Origin) -> Iterator[Found]:
    """The key of every verification method that may sign statements, or the problem with it."""
    documents: list[dict[str, Any]] = listed if isinstance(listed, list) else [cast(dict[str, Any], listed)]
    for document in documents:
        told = replace(origin, listed_on=origin.listed_on or day_in(document.get("updated")))
        asserting = _asserting(document)
        for number, method in enumerate(document["verificationMethod"], start=1):
            if isinstance(method, str):
                # A reference to another document of the network, which is imported by itself.
                continue
            name = text_in(method, "id") if isinstance(method, dict) else ""
            if not isinstance(method, dict) or not name:
                yield Problem(origin.source, str(number), "no identifier")
                continue
            whole = str(document["id"]) + name if name.startswith("#") else name
            if asserting is None or whole in asserting:
                yield from _read_method(str(document["id"]), whole, method, told)


def _asserting(document: Mapping[str, object]) -> frozenset[str] | None:
    """The methods that may make statements; None where the document leaves it open."""
    listed = document.get("assertionMethod")
    if not isinstance(listed, list):
        return None
    names = (entry.get("id") if isinstance(entry, dict) else entry for entry in listed)
    did = str(document["id"])
    return frozenset(did + name if name.startswith("#") else name for name in names if isinstance(name, str))


def _read_method(did: str, whole: str, method: dict[str, object], origin: Origin) -> Iterator[Found]:
    # The whole list has one identifier; then the controller says whose key it is.
    places = [place for place in map(_network_place, (whole, text_in(method, "controller"))) if place]
    place = next((place for place in places if place[1]), places[0] if places else None)
    if place is None:
        yield from each(origin, whole, partial(_plain_key, did, whole, method, origin))
        return
    domain, country, usage = place
    scheme = _DOMAINS.get(domain)
    if scheme is None or (origin.scheme and origin.scheme != scheme):
        return
    if usage in _SIGNERS.get(scheme, frozenset({"DSC", ""})):
        yield from each(origin, whole, partial(_network_key, whole, method, scheme, country, origin))


def _network_place(identifier: str) -> tuple[str, str, str] | None:
    """Domain, country and usage in an identifier of the WHO network; None for any other DID."""
    parts = identifier.partition("#")[0].split(":")
    if _NETWORK not in parts:
        return None
    rest = [*parts[parts.index(_NETWORK) + 1 :], "", "", ""]
    # Version 1 left the domain out: ...:trustlist:DEU.
    if len(rest[0]) == 3 and rest[0].isalpha() and rest[0] not in _DOMAINS:
        rest.insert(0, "-")
    return (rest[0] or "-").upper(), iso_country(rest[1]), rest[2].upper()


def _network_key(name: str, method: dict[str, object], scheme: str, country: str, origin: Origin) -> TrustedKey:
    jwk = method.get("publicKeyJwk")
    chain = jwk.get("x5c") if isinstance(jwk, dict) else None
    written = (text_in(jwk, "kid") if isinstance(jwk, dict) else "") or unquote(name.partition("#")[2])
    kid = _network_kid(written)
    if isinstance(chain, list) and chain and isinstance(chain[0], str):
        try:
            certificate = base64.b64decode(chain[0])
        except binascii.Error as wrong:
            raise UnusableCertificate("x5c is not Base64") from wrong
        if scheme == VDSNC:
            kid = subject_key_identifier(certificate)
        key = key_of(certificate, kid=kid, country=country, source=origin.source, scheme=scheme)
        return replace(key, listed_on=origin.listed_on)
    return TrustedKey(
        kid=kid,
        scheme=scheme,
        country=country or iso_country(origin.country),
        public_key=_public_key(method),
        source=origin.source,
        listed_on=origin.listed_on,
    )


def _network_kid(written: str) -> bytes:
    """A key identifier, which the network writes in Base64 as the EU does."""
    try:
        return base64.b64decode(written, validate=True)
    except binascii.Error as wrong:
        raise UnusableKey("the identifier is not Base64") from wrong


def _plain_key(did: str, name: str, method: dict[str, object], origin: Origin) -> TrustedKey:
    """A key of a document of its own; New Zealand names it by its fragment, DIVOC by the whole identifier."""
    scheme = origin.scheme or (NZCP if "nzcp" in did else DIVOC)
    fragment = name.partition("#")[2]
    return TrustedKey(
        kid=(name if scheme == DIVOC or not fragment else fragment).encode(),
        scheme=scheme,
        country=iso_country(origin.country) or ("NZ" if scheme == NZCP else ""),
        public_key=_public_key(method),
        source=origin.source,
        issuer=origin.issuer or did,
        listed_on=origin.listed_on,
    )


def _public_key(method: Mapping[str, object]) -> PublicKey:
    """The key of a verification method, in any of the forms that documents write it."""
    if "publicKeyJwk" in method:
        return from_jwk(method["publicKeyJwk"])
    if isinstance(written := method.get("publicKeyPem"), str):
        return pem.key_in(written, Origin(""))[0].public_key
    if isinstance(written := method.get("publicKeyMultibase"), str):
        return from_multibase(written)
    if isinstance(written := method.get("publicKeyBase58"), str):
        return from_raw_ed25519(base58(written))
    raise UnusableKey("a verification method without a key that is known here")
