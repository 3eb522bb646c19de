"""SMART Health Cards' keys: the directory snapshot of issuers with their keys, or one issuer's JSON Web Key set.

A key counts only for the issuer it is listed under: two issuers may use one key identifier.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from bot.certificates import shc_revocation
from bot.certificates.public_keys import from_jwk
from bot.certificates.trust import SHC, Problem, TrustedKey, UnusableKey, iso_country
from bot.certificates.trust_lists.origin import Found, Origin, day_in, each, text_in

_NONE: Mapping[str, object] = MappingProxyType({})


def recognises(listed: object) -> bool:
    """Whether this is a directory snapshot (`issuerInfo`) or a JSON Web Key set (`keys` with `kty`)."""
    if not isinstance(listed, dict):
        return False
    keys = listed.get("keys")
    return isinstance(listed.get("issuerInfo"), list) or (
        isinstance(keys, list) and any(isinstance(key, dict) and "kty" in key for key in keys)
    )


def read(listed: object, origin: Origin) -> Iterator[Found]:
    """The key of every issuer, or the problem with it."""
    if not isinstance(listed, dict):
        return
    origin = replace(origin, listed_on=origin.listed_on or day_in(listed.get("time")))
    if "issuerInfo" not in listed:
        yield from _of_issuer(origin.issuer, listed.get("keys"), origin)
        return
    for number, entry in enumerate(listed["issuerInfo"], start=1):
        issuer = entry.get("issuer") if isinstance(entry, dict) else None
        address = text_in(issuer, "iss") if isinstance(issuer, dict) else ""
        if not address:
            yield Problem(origin.source, str(number), "no issuer")
            continue
        yield from _of_issuer(address, entry.get("keys"), origin, _revocations(entry.get("crls")))


def _revocations(lists: object) -> dict[str, object]:
    """An issuer's revocation lists by the key that each belongs to."""
    listed = lists if isinstance(lists, list) else []
    return {text_in(one, "kid"): one for one in listed if isinstance(one, dict)}


def _of_issuer(issuer: str, keys: object, origin: Origin, revoked: Mapping[str, object] = _NONE) -> Iterator[Found]:
    if not issuer or not isinstance(keys, list):
        yield Problem(origin.source, issuer, "no issuer" if not issuer else "no list of keys")
        return
    for number, jwk in enumerate(keys, start=1):
        yield from each(origin, f"{issuer}#{number}", partial(_key, issuer, jwk, origin, revoked))


def _key(issuer: str, jwk: object, origin: Origin, revoked: Mapping[str, object]) -> TrustedKey:
    kid = text_in(jwk, "kid") if isinstance(jwk, dict) else ""
    if not kid or not isinstance(jwk, dict):
        raise UnusableKey("no key identifier")
    if jwk.get("use") not in (None, "sig"):
        raise UnusableKey("not a key for signatures")
    return TrustedKey(
        kid=kid.encode(),
        scheme=origin.scheme or SHC,
        country=iso_country(origin.country),
        public_key=from_jwk(jwk),
        source=origin.source,
        # SMART forbids the slash at the end; certificates and lists have it now and then.
        issuer=issuer.rstrip("/"),
        listed_on=origin.listed_on,
        revoked=_entries(revoked[kid], kid, jwk.get("crlVersion")) if kid in revoked else frozenset(),
    )


def _entries(listed: object, kid: str, version: object) -> frozenset[str]:
    """What a revocation list revokes; a key whose list is damaged cannot be used, for it would revoke nothing."""
    try:
        named = version if isinstance(version, int) else None
        return shc_revocation.read_list(json.dumps(listed).encode(), kid, named)
    except shc_revocation.RevocationError as wrong:
        raise UnusableKey(f"its revocation list: {wrong}") from wrong
