"""Certificates: which declarations show the same one, and which rest on a key or certificate that was withdrawn.

Of a certificate no more is kept here than a keyed hash of what tells it from others, and of its holder a keyed hash of
the declared passport number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, text, update

from bot.case import Case
from bot.certified import Certified, certified
from storage.audit import Note, write_down
from storage.flags import (
    CERTIFICATE_USED_TWICE,
    CERTIFICATE_WITHDRAWN,
    KEY_WITHDRAWN,
    add_flags,
    change_flags,
)
from storage.keys import Keyring
from storage.permits import passport_index
from storage.statements import padded
from storage.tables import certificates, permits

# So many declarations are reopened in one transaction, so that no traveller waits for the others of a country's key.
AT_ONCE = 200
# So many keys and certificates are looked for in one statement.
WANTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A case whose declaration shows another certificate than before, or none, or shows it for somebody else."""

    case_id: str
    case: Case
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken out of trust, and by whom: keys by identifiers in Base64, certificates by their reuse keys."""

    keys: tuple[str, ...]
    certificates: tuple[str, ...]
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reopened:
    """Declarations that now wait for a person: how many have a permit, and how many have none yet."""

    permits: int = 0
    drafts: int = 0

    def __add__(self, other: Reopened) -> Reopened:
        return Reopened(self.permits + other.permits, self.drafts + other.drafts)

    def __bool__(self) -> bool:
        return self.permits + self.drafts > 0


OF_CASES = select(certificates).where(certificates.c.case_id.in_(bindparam("case_ids", expanding=True)))
SHOWING = select(certificates).where(certificates.c.certificate_index.in_(bindparam("indexes", expanding=True)))
REMOVE = delete(certificates).where(
    certificates.c.case_id == bindparam("of_case"), certificates.c.declaration == bindparam("of_declaration")
)
ADD = insert(certificates)
# Two transactions that add the same certificate would not see each other's row; the lock lasts until COMMIT.
ONE_AFTER_THE_OTHER = text("SELECT pg_advisory_xact_lock(:number)")
TRUSTED = (
    select(
        certificates.c.case_id,
        certificates.c.declaration,
        certificates.c.certificate_index,
        permits.c.reference.is_not(None).label("has_permit"),
    )
    .join(
        permits,
        and_(permits.c.case_id == certificates.c.case_id, permits.c.declaration == certificates.c.declaration),
        isouter=True,
    )
    .where(certificates.c.reopened_at.is_(None))
    .limit(AT_ONCE)
)
BY_KEY = TRUSTED.where(certificates.c.kid.in_(bindparam("wanted", expanding=True)))
BY_CERTIFICATE = TRUSTED.where(certificates.c.certificate_index.in_(bindparam("wanted", expanding=True)))
# A declaration that shows another certificate by now does not rest on the withdrawn one.
MARK = (
    update(certificates)
    .where(
        certificates.c.case_id == bindparam("of_case"),
        certificates.c.declaration == bindparam("of_declaration"),
        certificates.c.certificate_index == bindparam("index"),
    )
    .values(reopened_at=bindparam("now"))
)


def certificate_index(keys: Keyring, certificate: str) -> bytes:
    """The blind index of a certificate by its reuse key."""
    return keys.blind("certificates.certificate", certificate)


def record_certificates(connection: Connection, keys: Keyring, shown: Sequence[Shown]) -> None:
    """Write down what these cases show now; cases that show one certificate for two passports are flagged."""
    stood = {
        (row.case_id, row.declaration): row
        for row in connection.execute(OF_CASES, {"case_ids": padded(sorted({each.case_id for each in shown}))})
    }
    added: dict[bytes, datetime] = {}
    left: dict[bytes, datetime] = {}
    changed, gone, rows = {}, [], []
    for each in shown:
        before = stood.get((each.case_id, each.case.declaration))
        now = certified(each.case)
        row = new_row(keys, each, now) if now else None
        if before is not None and row is not None and is_same(before, row):
            continue
        changed[each.case_id] = each.at
        if before is not None:
            gone.append({"of_case": each.case_id, "of_declaration": each.case.declaration})
            left[before.certificate_index] = each.at
        if row is not None:
            rows.append(row)
            added[row["certificate_index"]] = each.at
    lock_certificates(connection, {*added, *left})
    if gone:
        connection.execute(REMOVE, gone)
    if rows:
        connection.execute(ADD, rows)
    compare_holders(connection, added, left, changed)


def new_row(keys: Keyring, shown: Shown, now: Certified) -> dict[str, Any]:
    """The row of a certificate that a declaration shows."""
    return {
        "case_id": shown.case_id,
        "declaration": shown.case.declaration,
        "certificate_index": certificate_index(keys, now.certificate),
        "holder_index": passport_index(keys, now.holder) if now.holder else None,
        "kid": now.kid,
        "at": shown.at,
    }


def is_same(before: Row[Any], row: Mapping[str, Any]) -> bool:
    """Whether a row says what is known already, as when a better photo of the same certificate came."""
    return all(getattr(before, name) == row[name] for name in ("certificate_index", "holder_index", "kid"))


def lock_certificates(connection: Connection, indexes: Iterable[bytes]) -> None:
    """Let nobody else write down who shows these certificates before COMMIT; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        for index in sorted(indexes):
            connection.execute(ONE_AFTER_THE_OTHER, {"number": int.from_bytes(index[:8], signed=True)})


def compare_holders(
    connection: Connection,
    added: Mapping[bytes, datetime],
    left: Mapping[bytes, datetime],
    changed: Mapping[str, datetime],
) -> None:
    """Flag every case that shows one of the added certificates if it is shown for two passports.

    The flag goes from changed cases, and from those that show what was left, once none of theirs is shown for two; what
    staff settled comes back only with a new showing.
    """
    touched = {**left, **added}
    if not touched:
        return
    near = connection.execute(SHOWING, {"indexes": padded(sorted(touched))}).all()
    times = {**changed, **{row.case_id: touched[row.certificate_index] for row in near}}
    all_of = connection.execute(OF_CASES, {"case_ids": padded(sorted(times))}).all()
    indexes = sorted({row.certificate_index for row in all_of} | touched.keys())
    holders: dict[bytes, set[bytes]] = {}
    for row in connection.execute(SHOWING, {"indexes": padded(indexes)}):
        holders.setdefault(row.certificate_index, set()).update({row.holder_index} - {None})
    twice = {index for index, several in holders.items() if len(several) > 1}
    reason = frozenset({CERTIFICATE_USED_TWICE})
    flagged = {row.case_id: reason for row in near if row.certificate_index in twice & added.keys()}
    still = {row.case_id for row in all_of if row.certificate_index in twice}
    change_flags(connection, flagged, {case_id: reason for case_id in times if case_id not in still}, times)


def reopen(connection: Connection, keys: Keyring, withdrawn: Sequence[Withdrawn]) -> list[Reopened]:
    """Flag declarations that rest on what was withdrawn, a bounded number of them; permits stay as they are.

    Each is reopened once: call it again until it finds none. It holds `WANTED_AT_ONCE` keys and certificates at most.
    """
    return [reopen_some(connection, keys, each) for each in withdrawn]


def reopen_some(connection: Connection, keys: Keyring, withdrawn: Withdrawn) -> Reopened:
    """Reopen what rests on the keys, and on the certificates."""
    indexes = [certificate_index(keys, name) for name in withdrawn.certificates]
    by_key = connection.execute(BY_KEY, {"wanted": padded(withdrawn.keys)}).all() if withdrawn.keys else []
    by_certificate = connection.execute(BY_CERTIFICATE, {"wanted": padded(indexes)}).all() if indexes else []
    found = {(row.case_id, row.declaration): row for row in (*by_key, *by_certificate)}
    if not found:
        return Reopened()
    reasons: dict[str, set[str]] = {}
    for reason, rows in ((KEY_WITHDRAWN, by_key), (CERTIFICATE_WITHDRAWN, by_certificate)):
        for row in rows:
            reasons.setdefault(row.case_id, set()).add(reason)
    # The cases are locked before the rows of their certificates, as they are when a turn is settled.
    add_flags(connection, reasons, dict.fromkeys(reasons, withdrawn.at))
    marks = [
        {"of_case": case_id, "of_declaration": number, "index": row.certificate_index, "now": withdrawn.at}
        for (case_id, number), row in found.items()
    ]
    connection.execute(MARK, marks)
    notes = [
        Note(withdrawn.at, withdrawn.actor, "reopened", case_id, " ".join(sorted(reasons[case_id])))
        for case_id in sorted(reasons)
    ]
    write_down(connection, keys, notes)
    with_permit = sum(bool(row.has_permit) for row in found.values())
    return Reopened(with_permit, len(found) - with_permit)
