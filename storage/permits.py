"""Permits: issued once for a declaration, found by their reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from bot.permit.permit import Permit
from storage.keys import Keyring
from storage.statements import padded
from storage.tables import permits


@dataclass(frozen=True, slots=True)
class FoundPermit:
    """A permit, and the case that it was issued to."""

    permit: Permit
    case_id: str


ADD = insert(permits)
BY_REFERENCE = select(permits).where(permits.c.reference == bindparam("reference_wanted"))
BY_BOTH = BY_REFERENCE.where(permits.c.passport_index.in_(bindparam("indexes", expanding=True)))
BY_CASE = select(permits).where(permits.c.case_id == bindparam("case_wanted")).order_by(permits.c.declaration)


def passport_index(keys: Keyring, number: str) -> bytes:
    """The blind index of a passport's number, however it was spaced or capitalised."""
    return keys.blind("permits.passport", "".join(number.split()).upper())


def record_permits(connection: Connection, keys: Keyring, issued: Sequence[tuple[str, Permit]]) -> None:
    """Record permits with their cases; IntegrityError if a declaration has one already."""
    rows = [
        {
            "reference": permit.reference,
            "case_id": case_id,
            "declaration": permit.declaration,
            "issued_at": permit.issued_at,
            "passport_index": passport_index(keys, permit.passport_number),
            "snapshot": keys.seal_json(
                snapshot_place(case_id, permit.reference), [permit.passport_number, dict(permit.snapshot)]
            ),
        }
        for case_id, permit in issued
    ]
    if rows:
        connection.execute(ADD, rows)


def snapshot_place(case_id: str, reference: str) -> str:
    """The place for which a snapshot is sealed."""
    return f"permits.snapshot:{case_id}/{reference}"


def find_permit(connection: Connection, keys: Keyring, reference: str) -> FoundPermit | None:
    """The permit with this reference, if it was issued."""
    row = connection.execute(BY_REFERENCE, {"reference_wanted": reference}).one_or_none()
    return FoundPermit(read_permit(keys, row), row.case_id) if row else None


def look_up_permit(connection: Connection, keys: Keyring, reference: str, numbers: Iterable[str]) -> FoundPermit | None:
    """The permit with this reference, if it was issued for a passport with one of these numbers.

    Whether the reference or the number is wrong, the work is the same: one statement, and nothing is opened.
    """
    indexes = sorted(passport_index(keys, number) for number in numbers)
    if not indexes:
        return None
    row = connection.execute(BY_BOTH, {"reference_wanted": reference, "indexes": padded(indexes)}).one_or_none()
    return FoundPermit(read_permit(keys, row), row.case_id) if row else None


def permits_of(connection: Connection, keys: Keyring, case_id: str) -> list[Permit]:
    """The permits of a case in the order of its declarations."""
    return [read_permit(keys, row) for row in connection.execute(BY_CASE, {"case_wanted": case_id})]


def read_permit(keys: Keyring, row: Any) -> Permit:
    """The permit of a row."""
    passport_number, snapshot = keys.open_json(snapshot_place(row.case_id, row.reference), row.snapshot)
    return Permit(
        reference=row.reference,
        declaration=row.declaration,
        issued_at=row.issued_at,
        passport_number=passport_number,
        snapshot=snapshot,
    )
