"""The audit: who did what to which case, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from storage.keys import Keyring
from storage.tables import audit


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was done; the note holds no personal word."""

    at: datetime
    actor: str
    action: str
    case_id: str | None
    note: str = ""


ADD = insert(audit)
OF_CASE = select(audit).where(audit.c.case_id == bindparam("case_wanted")).order_by(audit.c.id)


def write_down(connection: Connection, _keys: Keyring, notes: Sequence[Note]) -> list[None]:
    """Write the notes down for good."""
    if notes:
        rows = [
            {"at": each.at, "actor": each.actor, "action": each.action, "case_id": each.case_id, "note": each.note}
            for each in notes
        ]
        connection.execute(ADD, rows)
    return [None] * len(notes)


def notes_of(connection: Connection, _keys: Keyring, case_id: str) -> list[Note]:
    """What was done to a case, in order."""
    rows = connection.execute(OF_CASE, {"case_wanted": case_id})
    return [Note(row.at, row.actor, row.action, row.case_id, row.note) for row in rows]
