"""Standing: whether anything of a conversation still waits for its turn."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, exists, select

from storage.keys import Keyring
from storage.tables import is_waiting, transcript

WAITS = select(exists().where(transcript.c.case_id == bindparam("case_wanted"), is_waiting))


def has_waiting(connection: Connection, _keys: Keyring, case_id: str) -> bool:
    """Whether a message of this case still waits for its turn."""
    return bool(connection.scalar(WAITS, {"case_wanted": case_id}))
