"""Lists of revoked SMART Health Cards (specification 1.4.0, "Revocation"): read strictly, and looked up.

An issuer publishes one list for each of its keys. A list that is damaged says nothing for certain, so a reader of
trust lists leaves the key of a damaged list out.
"""

import re
from datetime import datetime

from bot.certificates.signed_json import JsonError, list_in, read_object

MAX_LIST = 4 * 1024 * 1024
"""Bytes of one list."""

_ENTRY = re.compile(r"([A-Za-z0-9_-]{1,24})(?:\.([0-9]{1,12}))?")


class RevocationError(ValueError):
    """The text is not a list of revoked cards for this key."""


def read_list(content: bytes, kid: str, version: int | None) -> frozenset[str]:
    """The entries of the list that belongs to the key `kid`; `version` is the key's `crlVersion`.

    An entry is a card's revocation identifier, with ".<seconds since 1970>" where only cards from before that time are
    revoked. Raises RevocationError for another key, version or method, and for entries that are wrong or stand twice.
    """
    if len(content) > MAX_LIST:
        raise RevocationError("list too large")
    try:
        listed = read_object(content)
    except JsonError as wrong:
        raise RevocationError("not JSON") from wrong
    if listed.get("kid") != kid:
        raise RevocationError("a list for another key")
    if listed.get("method") != "rid":
        raise RevocationError("a method that is not known")
    if version is not None and listed.get("ctr") != version:
        raise RevocationError("another version than the key names")
    seen: set[str] = set()
    entries = list_in(listed, "rids")
    for entry in entries:
        found = _ENTRY.fullmatch(entry) if isinstance(entry, str) else None
        if not found:
            raise RevocationError("an entry that is no identifier")
        if found[1] in seen:
            raise RevocationError("an identifier stands twice")
        seen.add(found[1])
    return frozenset(entry for entry in entries if isinstance(entry, str))


def is_revoked(rid: str, issued_at: datetime, revoked: frozenset[str]) -> bool:
    """Whether a card with the identifier `rid`, issued at that moment, is in a list."""
    if not rid or not revoked:
        return False
    if rid in revoked:
        return True
    limits = (entry.partition(".")[2] for entry in revoked if entry.startswith(rid + "."))
    return any(issued_at.timestamp() < int(limit) for limit in limits)
