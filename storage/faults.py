"""What can go wrong with the memory, and which answer of which database means what."""

from __future__ import annotations

import errno
import sqlite3
from typing import NoReturn

from sqlalchemy.exc import DBAPIError


class MemoryFault(Exception):
    """The memory cannot do this now; nothing was acknowledged, and the caller refuses so that it is sent again.

    MemoryFault
    ├── MemoryBusy          somebody else holds the database
    │   └── MemoryTangled   two transactions waited for each other and this one gave way
    ├── MemoryFull          the disk is full
    ├── MemoryLost          the connection was cut, refused or closed
    └── MemoryBroken        the disk failed under a commit: whether it was kept is unknown, and the process must stop
    """


class MemoryBusy(MemoryFault):
    """Somebody else holds the database."""


class MemoryTangled(MemoryBusy):
    """Two transactions waited for each other and this one gave way; it may be tried again at once."""


class MemoryFull(MemoryFault):
    """The disk is full."""


class MemoryLost(MemoryFault):
    """The connection was cut, refused or closed; the next call connects anew."""


class MemoryBroken(MemoryFault):
    """The disk failed under a commit: whether it was kept is unknown, and the process must stop."""


# The lowest byte of an SQLite result code is the code itself; the rest tells it more precisely.
SQLITE_PRIMARY = 0xFF

# https://www.sqlite.org/rescode.html
SQLITE_FAULTS: dict[int, type[MemoryFault]] = {
    sqlite3.SQLITE_BUSY: MemoryBusy,
    sqlite3.SQLITE_LOCKED: MemoryBusy,
    sqlite3.SQLITE_FULL: MemoryFull,
    sqlite3.SQLITE_NOMEM: MemoryFull,
    sqlite3.SQLITE_IOERR: MemoryFault,
    sqlite3.SQLITE_READONLY: MemoryFault,
    sqlite3.SQLITE_CANTOPEN: MemoryFault,
    sqlite3.SQLITE_CORRUPT: MemoryFault,
    sqlite3.SQLITE_NOTADB: MemoryFault,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest beginning that is listed decides.
POSTGRES_FAULTS: dict[str, type[MemoryFault]] = {
    "08": MemoryLost,
    "25006": MemoryLost,  # read-only: we still talk to what was the primary before a failover
    "40001": MemoryTangled,
    "40P01": MemoryTangled,
    "53": MemoryBusy,
    "53100": MemoryFull,
    "53200": MemoryFull,
    "55P03": MemoryBusy,
    "57014": MemoryBusy,
    "57P": MemoryLost,
    "58": MemoryFault,
    "XX": MemoryFault,
}


def fault_of(error: DBAPIError, *, at_commit: bool = False) -> MemoryFault | None:
    """The fault behind an error of the database; None if the fault lies with what was asked of it."""
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        code = getattr(origin, "sqlite_errorcode", sqlite3.SQLITE_OK) & SQLITE_PRIMARY
        if at_commit and code == sqlite3.SQLITE_IOERR:
            return MemoryBroken(str(origin))
        kind = SQLITE_FAULTS.get(code)
        return kind(str(origin)) if kind else None
    state = getattr(origin, "sqlstate", None) or ""
    for length in (5, 3, 2):
        kind = POSTGRES_FAULTS.get(state[:length])
        if kind:
            return kind(f"the database answered {state}")
    return MemoryLost("the connection was cut") if error.connection_invalidated else None


def raise_fault(error: DBAPIError, *, at_commit: bool = False) -> NoReturn:
    """Raise the fault behind an error of the database, or the error itself if there is none."""
    fault = fault_of(error, at_commit=at_commit)
    if fault is None:
        raise error
    raise fault from error


def disk_fault(error: OSError) -> MemoryFault:
    """The fault behind an error of the file system."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return MemoryFull("the disk is full") if full else MemoryFault(f"the disk answered {error.errno}")
