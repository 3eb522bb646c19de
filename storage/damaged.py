"""Damaged: a case that does not open as it is stored is set down for a person, and nobody else waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from storage.audit import Note, write_down
from storage.flags import DAMAGED, add_flags
from storage.keys import Keyring
from storage.tables import is_waiting, transcript


@dataclass(frozen=True, slots=True)
class Damage:
    """A case that does not open, or whose oldest waiting message does not, and the short name of the error."""

    case_id: str
    error: str
    at: datetime


PARK = (
    update(transcript)
    .where(transcript.c.case_id == bindparam("of_case"), is_waiting)
    .values(state="parked", trouble=bindparam("error"), settled_at=bindparam("now"))
)


def set_down(connection: Connection, keys: Keyring, damages: Sequence[Damage]) -> list[None]:
    """Park all that waits in these cases, as it was heard, and flag them; nothing of it is lost."""
    add_flags(connection, {each.case_id: {DAMAGED} for each in damages}, {each.case_id: each.at for each in damages})
    rows = [{"of_case": each.case_id, "error": each.error, "now": each.at} for each in damages]
    connection.execute(PARK, rows)
    write_down(connection, keys, [Note(each.at, "bot", "set_down", each.case_id, each.error) for each in damages])
    return [None] * len(damages)
