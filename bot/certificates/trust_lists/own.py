"""The normalised list that `khaibao trust import` writes: one JSON file for each source, quick to load."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from bot.certificates.public_keys import from_spki, to_spki
from bot.certificates.trust import ALL_KINDS, SCHEMES, TrustedKey, UnusableKey
from bot.certificates.trust_lists.origin import Found, Origin, day_in, each, text_in

FORM = "khaibao-trust-1"
"""What stands under `form` in such a file."""


def recognises(listed: object) -> bool:
    """Whether this is a list written here."""
    return isinstance(listed, dict) and listed.get("form") == FORM and isinstance(listed.get("keys"), list)


def read(listed: object, origin: Origin) -> Iterator[Found]:
    """The key of every entry, or the problem with it."""
    if not isinstance(listed, dict):
        return
    source, listed_on = text_in(listed, "source") or origin.source, day_in(listed.get("listed_on"))
    told = Origin(source, listed_on=listed_on)
    for number, entry in enumerate(listed["keys"], start=1):
        yield from each(told, str(number), partial(_key, entry, told))


def write(source: str, listed_on: str, keys: Iterable[TrustedKey]) -> bytes:
    """The file for these keys of one source; the same keys give the same bytes."""
    entries = sorted((_entry(key) for key in keys), key=lambda entry: json.dumps(entry, sort_keys=True))
    whole = {"form": FORM, "source": source, "listed_on": listed_on, "keys": entries}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"


def _entry(key: TrustedKey) -> dict[str, object]:
    entry: dict[str, object] = {
        "kid": base64.b64encode(key.kid).decode(),
        "scheme": key.scheme,
        "country": key.country,
        "key": base64.b64encode(to_spki(key.public_key)).decode(),
    }
    if key.issuer:
        entry["issuer"] = key.issuer
    if key.usages != ALL_KINDS:
        entry["usages"] = sorted(key.usages)
    if key.valid_from:
        entry["from"] = key.valid_from.isoformat()
    if key.valid_until:
        entry["until"] = key.valid_until.isoformat()
    if key.revoked:
        entry["revoked"] = sorted(key.revoked)
    return entry | {name: True for name in ("withdrawn", "specimen") if getattr(key, name)}


def _key(entry: object, origin: Origin) -> TrustedKey:
    if not isinstance(entry, dict) or entry.get("scheme") not in SCHEMES:
        raise UnusableKey("not an entry of a known scheme")
    usages = entry.get("usages")
    try:
        kinds = ALL_KINDS if usages is None else frozenset(kind for kind in ALL_KINDS if kind in usages)
        return TrustedKey(
            kid=base64.b64decode(entry["kid"], validate=True),
            scheme=entry["scheme"],
            country=text_in(entry, "country"),
            public_key=from_spki(base64.b64decode(entry["key"], validate=True)),
            usages=kinds,
            valid_from=_moment(entry, "from"),
            valid_until=_moment(entry, "until"),
            withdrawn=entry.get("withdrawn") is True,
            source=origin.source,
            specimen=entry.get("specimen") is True,
            issuer=text_in(entry, "issuer"),
            listed_on=origin.listed_on,
            revoked=frozenset(map(str, entry.get("revoked", ()))),
        )
    except UnusableKey:
        raise
    except (ValueError, TypeError, KeyError) as wrong:
        raise UnusableKey("an entry that is damaged") from wrong


def _moment(entry: dict[str, object], name: str) -> datetime | None:
    text = entry.get(name)
    if text is None:
        return None
    found = datetime.fromisoformat(text) if isinstance(text, str) else None
    if found is None or found.tzinfo is None:
        raise UnusableKey(f"no time with its zone under {name}")
    return found
