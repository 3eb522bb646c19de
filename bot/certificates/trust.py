"""The keys that certificates are checked against, how one is looked up, and what was withdrawn.

How keys are read from files stands in `trust_files`, and each shape of list has its own file in `trust_lists`.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from babel.core import get_global

from bot.certificates.cose import PublicKey
from bot.certificates.verdict import EventKind

HCERT, WHO_DDCC, SHC, NZCP, VDSNC, DIVOC, ISRAEL = "hcert", "who-ddcc", "shc", "nzcp", "vdsnc", "divoc", "israel"

SCHEMES = (HCERT, WHO_DDCC, SHC, NZCP, VDSNC, DIVOC, ISRAEL)
"""Every scheme that a key may belong to; a key of one scheme never speaks for another by itself."""

ALL_KINDS: frozenset[EventKind] = frozenset(("vaccination", "test", "recovery"))

# Two codes that health lists use beside those of ISO 3166.
_ISO_CODES = MappingProxyType({"EL": "GR", "UK": "GB"})


class TrustError(ValueError):
    """A trust file or an entry in it cannot be used.

    TrustError
    ├── UnreadableFile       the file cannot be opened, is too large, or is none of the known shapes
    ├── UnusableCertificate  an entry holds no certificate with a key that can be used
    └── UnusableKey          an entry holds no public key of a kind that certificates use
    """


class UnreadableFile(TrustError):  # names in the tree say what happened
    """The file cannot be opened, is too large, or is none of the known shapes."""


class UnusableCertificate(TrustError):
    """An entry holds no certificate with a key that can be used."""


class UnusableKey(TrustError):
    """An entry holds no public key of a kind that certificates use."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One key that may sign, and what for."""

    kid: bytes
    """Identifier as its scheme has it; one that is text (SMART, NZ, DIVOC) stands here in UTF-8."""
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
    listed_on: date | None = None
    """The day of the list that the key was taken from."""
    revoked: frozenset[str] = frozenset()
    """Entries of the key's revocation list, where its scheme has one (SMART Health Cards, "Revocation")."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a trust file that could not be used."""

    source: str
    entry: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Keys and single certificates that an operator took out of trust; certificates only by their keyed hashes."""

    salt: bytes = b""
    keys: frozenset[bytes] = frozenset()
    certificates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TrustStore:
    """All trusted keys by key identifier; several issuers may share one identifier."""

    keys: Mapping[bytes, tuple[TrustedKey, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    withdrawals: tuple[Withdrawals, ...] = ()


def find_keys(store: TrustStore, scheme: str, kid: bytes) -> tuple[TrustedKey, ...]:
    """Every key of a scheme that carries this identifier."""
    return tuple(key for key in store.keys.get(kid, ()) if key.scheme == scheme)


def keys_of_issuer(store: TrustStore, scheme: str, issuer: str) -> tuple[TrustedKey, ...]:
    """Every key of a scheme that belongs to this issuer, whatever its identifier."""
    several = (key for keys in store.keys.values() for key in keys)
    return tuple(key for key in several if key.scheme == scheme and key.issuer == issuer)


def all_keys(store: TrustStore) -> tuple[TrustedKey, ...]:
    """Every key in a store."""
    return tuple(key for keys in store.keys.values() for key in keys)


def build_store(
    keys: Iterable[TrustedKey], problems: Iterable[Problem] = (), withdrawals: Iterable[Withdrawals] = ()
) -> TrustStore:
    """A store of these keys; a key that an operator withdrew is marked so, whichever list it came from."""
    withdrawn = tuple(withdrawals)
    gone = frozenset(kid for several in withdrawn for kid in several.keys)
    by_kid: dict[bytes, tuple[TrustedKey, ...]] = {}
    for key in keys:
        marked = replace(key, withdrawn=True) if key.kid in gone and not key.withdrawn else key
        by_kid[key.kid] = (*by_kid.get(key.kid, ()), marked)
    return TrustStore(by_kid, tuple(problems), withdrawn)


def join_stores(*stores: TrustStore) -> TrustStore:
    """One store with the keys, problems and withdrawals of all."""
    return build_store(
        [key for store in stores for key in all_keys(store)],
        [problem for store in stores for problem in store.problems],
        [several for store in stores for several in store.withdrawals],
    )


def is_withdrawn(store: TrustStore, identifier: str) -> bool:
    """Whether an operator withdrew the one certificate with this identifier."""
    return bool(identifier) and any(
        certificate_hash(several.salt, identifier) in several.certificates
        for several in store.withdrawals
        if several.certificates
    )


def certificate_hash(salt: bytes, identifier: str) -> str:
    """The keyed hash under which a withdrawn certificate is kept, in hex (HMAC-SHA256, RFC 2104)."""
    return hmac.new(salt, identifier.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def iso_country(code: str) -> str:
    """A country code as ISO 3166 has it, from two letters or three: EL is Greece and UK is the United Kingdom."""
    code = code.strip().upper()
    if len(code) == 3:
        return _two_letters(code)
    return _ISO_CODES.get(code, code)


def _two_letters(code: str) -> str:
    """The two-letter code of a three-letter one (ISO 3166-1, as CLDR lists them); an unknown one stays as it is."""
    known = get_global("territory_aliases").get(code)
    return str(known[0]) if known else code
