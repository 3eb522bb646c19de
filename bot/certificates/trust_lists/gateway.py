"""Lists of document signers as the EU gateway publishes them: Base64 certificates in `rawData`, bare or in an object.

A list or an entry may carry `"specimen": true` or `"withdrawn": true`, and a list may name withdrawn key identifiers.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import HCERT, TrustedKey, UnusableCertificate, iso_country
from bot.certificates.trust_lists.origin import Found, Origin, each, text_in


def recognises(listed: object) -> bool:
    """Whether this is a list of certificates, bare or under `certificates`."""
    return isinstance(listed, list) or (isinstance(listed, dict) and isinstance(listed.get("certificates"), list))


def read(listed: object, origin: Origin) -> Iterator[Found]:
    """The key of every entry, or the problem with it."""
    whole: dict[str, Any] = listed if isinstance(listed, dict) else {"certificates": listed}
    withdrawn = whole.get("withdrawn")
    gone = frozenset(kid for kid in withdrawn if isinstance(kid, str)) if isinstance(withdrawn, list) else frozenset()
    for number, entry in enumerate(whole["certificates"], start=1):
        name = text_in(entry, "kid") if isinstance(entry, dict) else ""
        for found in each(origin, name or str(number), partial(_key, entry, origin)):
            if isinstance(found, TrustedKey):
                yield replace(
                    found,
                    specimen=found.specimen or whole.get("specimen") is True,
                    withdrawn=found.withdrawn or base64.b64encode(found.kid).decode() in gone,
                )
            else:
                yield found


def _key(entry: object, origin: Origin) -> TrustedKey:
    if not isinstance(entry, dict):
        raise UnusableCertificate("not an entry with fields")
    if entry.get("certificateType", "DSC") != "DSC":
        # The gateway lists authorities and the members' own access beside the signers of documents.
        raise UnusableCertificate("not a signer of documents")
    kid, country, raw = (entry.get(name, "") for name in ("kid", "country", "rawData"))
    if not isinstance(kid, str) or not isinstance(country, str) or not isinstance(raw, str) or not raw:
        raise UnusableCertificate("kid, country or rawData missing or not text")
    try:
        certificate, identifier = base64.b64decode(raw), base64.b64decode(kid, validate=True)
    except binascii.Error as wrong:
        raise UnusableCertificate("not Base64") from wrong
    key = key_of(
        certificate,
        kid=identifier,
        country=iso_country(country),
        source=origin.source,
        scheme=origin.scheme or HCERT,
        specimen=entry.get("specimen") is True,
    )
    return replace(key, withdrawn=entry.get("withdrawn") is True, listed_on=origin.listed_on)
