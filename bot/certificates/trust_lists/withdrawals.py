"""The file of what an operator withdrew: keys by their identifiers, certificates by keyed hashes of theirs."""

import base64
import json
import secrets
from dataclasses import dataclass

from bot.certificates.trust import UnreadableFile, Withdrawals, certificate_hash

FORM = "khaibao-withdrawals-1"
"""What stands under `form` in such a file."""

FILE = "withdrawn.json"
"""The name of the file in the trust folder."""

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One key or certificate that was withdrawn, when and why; a certificate only by the hash of its identifier."""

    withdrawn_at: str = ""
    reason: str = ""
    kid: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawalFile:
    """All withdrawals in a trust folder, and the salt of their hashes."""

    salt: bytes
    entries: tuple[Withdrawal, ...] = ()


def read(listed: object) -> WithdrawalFile:
    """The withdrawals in a file; UnreadableFile where it is damaged, for one that is skipped would trust again."""
    try:
        if not isinstance(listed, dict) or listed.get("form") != FORM:
            raise ValueError
        salt = base64.b64decode(listed["salt"], validate=True)
        entries = tuple(Withdrawal(**entry) for entry in listed["entries"])
        if len(salt) != SALT_BYTES or not all(entry.kid or entry.certificate for entry in entries):
            raise ValueError
        for entry in entries:
            base64.b64decode(entry.kid, validate=True)
            bytes.fromhex(entry.certificate)
    except (ValueError, TypeError, KeyError) as wrong:
        raise UnreadableFile("the file of withdrawals is damaged") from wrong
    return WithdrawalFile(salt, entries)


def as_withdrawals(found: WithdrawalFile) -> Withdrawals:
    """What a store needs of the file."""
    return Withdrawals(
        found.salt,
        frozenset(base64.b64decode(entry.kid) for entry in found.entries if entry.kid),
        frozenset(entry.certificate for entry in found.entries if entry.certificate),
    )


def empty() -> WithdrawalFile:
    """A file without entries and with a salt of its own."""
    return WithdrawalFile(secrets.token_bytes(SALT_BYTES))


def with_key(found: WithdrawalFile, kid: bytes, reason: str, at: str) -> WithdrawalFile:
    """The file with one key more; one that is there stays as it is."""
    return _with(found, Withdrawal(at, reason, kid=base64.b64encode(kid).decode()))


def with_certificate(found: WithdrawalFile, identifier: str, reason: str, at: str) -> WithdrawalFile:
    """The file with one certificate more; one that is there stays as it is."""
    return _with(found, Withdrawal(at, reason, certificate=certificate_hash(found.salt, identifier)))


def write(found: WithdrawalFile) -> bytes:
    """The bytes of the file."""
    entries = [
        {
            name: getattr(entry, name)
            for name in ("kid", "certificate", "reason", "withdrawn_at")
            if getattr(entry, name)
        }
        for entry in found.entries
    ]
    whole = {"form": FORM, "salt": base64.b64encode(found.salt).decode(), "entries": entries}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"


def _with(found: WithdrawalFile, added: Withdrawal) -> WithdrawalFile:
    known = {(entry.kid, entry.certificate) for entry in found.entries}
    return found if (added.kid, added.certificate) in known else WithdrawalFile(found.salt, (*found.entries, added))
