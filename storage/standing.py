"""Standing: whether anything waits for its turn, and whether there is anything at all."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, exists, func, select

from storage.keys import Keyring
from storage.tables import cases, is_waiting, transcript

ANYBODY = select(exists().select_from(cases))
FIRST = select(func.min(transcript.c.id)).where(transcript.c.case_id == bindparam("case_wanted"), is_waiting)


def has_cases(connection: Connection, _keys: Keyring) -> bool:
    """Whether anybody has ever written."""
    return bool(connection.scalar(ANYBODY))


def has_waiting(connection: Connection, _keys: Keyring, case_id: str) -> bool:
    """Whether a message of this case still waits for its turn."""
    return first_waiting(connection, _keys, case_id) is not None


def first_waiting(connection: Connection, _keys: Keyring, case_id: str) -> int | None:
    """The row of the first message of this case that still waits for its turn."""
    found: int | None = connection.scalar(FIRST, {"case_wanted": case_id})
    return found
