"""Standing: whether anything waits for its turn, and whether there is anything at all."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, exists, select

from storage.keys import Keyring
from storage.tables import cases, is_waiting, transcript

ANYBODY = select(exists().select_from(cases))
WAITS = select(exists().where(transcript.c.case_id == bindparam("case_wanted"), is_waiting))


def has_cases(connection: Connection, _keys: Keyring) -> bool:
    """Whether anybody has ever written."""
    return bool(connection.scalar(ANYBODY))


def has_waiting(connection: Connection, _keys: Keyring, case_id: str) -> bool:
    """Whether a message of this case still waits for its turn."""
    return bool(connection.scalar(WAITS, {"case_wanted": case_id}))
