"""Resealing: whatever an older key sealed is sealed with the newest one, while the service runs.

A value is replaced only where it still is the value that was read, so what a turn writes meanwhile is never lost.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, LargeBinary, Select, Table, Update, bindparam, case, literal_column, select
from sqlalchemy import func as sql

from storage.cases import address_place
from storage.faults import MemoryBusy
from storage.key_file import sync_folder
from storage.keys import Keyring, Tampered, UnknownKey
from storage.memory import Memory
from storage.permits import snapshot_place
from storage.photos import PHOTO_ID, UNFINISHED, Shelf, photo_place
from storage.tables import addresses, cases, permits, transcript
from storage.transcript import content_place, shown_place

T = TypeVar("T")

# Rows that are read at once, so that no statement takes longer than a moment.
BATCH = 500
# Between two batches the database is left to the travellers for as long as a batch took, and at least so long.
REST_SECONDS = 0.01
# A database that is busy is asked again after so many seconds, so often before its caller hears of it.
BUSY_REST_SECONDS, BUSY_TRIES = 1.0, 30


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values, and the place that each of them is sealed for."""

    table: Table
    column: Column[Any]
    place: Callable[[Any], str]

    @property
    def row_id(self) -> Column[Any]:
        """The one column that names a row."""
        return next(iter(self.table.primary_key.columns))

    @property
    def name(self) -> str:
        """What the column is called in messages."""
        return f"{self.table.name}.{self.column.name}"


# ADD A SEALED COLUMN HERE; a test finds those that were forgotten.
SEALED = (
    Sealed(cases, cases.c.state, lambda row: f"cases.state:{row.id}"),
    Sealed(addresses, addresses.c.address, lambda row: address_place(row.case_id, row.channel, row.address_index)),
    Sealed(transcript, transcript.c.content, lambda row: content_place(row.case_id, row.id)),
    Sealed(transcript, transcript.c.shown, lambda row: shown_place(row.case_id, row.id)),
    Sealed(permits, permits.c.snapshot, lambda row: snapshot_place(row.case_id, row.reference)),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A value as it was read, and the same value sealed with the newest key."""

    row_id: Any
    was: bytes
    becomes: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What a stretch of rows holds: where it ends (None after the last), what is to change, what does not open."""

    last: Any
    changes: tuple[Change, ...]
    closed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many values were sealed anew, and the places of those that no key opens."""

    count: int = 0
    closed: tuple[str, ...] = ()

    def __add__(self, other: Renewed) -> Renewed:
        return Renewed(self.count + other.count, self.closed + other.closed)


def first_byte(sealed: Sealed) -> Any:
    """The byte that names the key."""
    return sql.substr(sealed.column, literal_column("1"), literal_column("1"), type_=LargeBinary)


def stretch(sealed: Sealed, *wanted: Any) -> Select[Any]:
    """What is wanted of the rows after a row, a batch at most; read in the order of the rows, by their index."""
    after = bindparam("after", type_=sealed.row_id.type)
    return select(*wanted).where(sealed.row_id > after).order_by(sealed.row_id).limit(BATCH)


def old_values(connection: Connection, keys: Keyring, sealed: Sealed, after: Any) -> Batch:
    """The next rows after this one, with what another key than the newest has sealed in them."""
    newest = bindparam("newest", type_=LargeBinary)
    old = case((first_byte(sealed) != newest, sealed.column)).label("old_value")
    plain = [column for column in sealed.table.columns if column.name in _NAMING]
    rows = connection.execute(stretch(sealed, *plain, old), {"after": after, "newest": bytes([keys.newest])}).all()
    changes, closed = [], []
    for row in rows:
        if row.old_value is None:
            continue
        place, row_id = sealed.place(row), getattr(row, sealed.row_id.name)
        try:
            changes.append(Change(row_id, row.old_value, keys.seal(place, keys.open(place, row.old_value))))
        except (Tampered, UnknownKey):
            closed.append(place)
    last = getattr(rows[-1], sealed.row_id.name) if len(rows) == BATCH else None
    return Batch(last, tuple(changes), tuple(closed))


# The columns that the places of all sealed values are made of.
_NAMING = frozenset({"id", "case_id", "channel", "address_index", "reference"})


def keys_used(connection: Connection, _keys: Keyring, sealed: Sealed, after: Any) -> tuple[Any, frozenset[int]]:
    """Where the next stretch of rows ends (None after the last), and the numbers of the keys that sealed it."""
    first = first_byte(sealed).label("first_byte")
    rows = connection.execute(stretch(sealed, sealed.row_id, first), {"after": after}).all()
    last = rows[-1][0] if len(rows) == BATCH else None
    return last, frozenset(row.first_byte[0] for row in rows if row.first_byte)


def replacing(sealed: Sealed) -> Update:
    """Put a value in the place of another, if that one is still there."""
    return (
        sealed.table.update()
        .where(sealed.row_id == bindparam("row_wanted"), sealed.column == bindparam("was"))
        .values({sealed.column: bindparam("becomes")})
    )


def put_back(
    connection: Connection, _keys: Keyring, given: Sequence[tuple[Sealed, tuple[Change, ...]]]
) -> Sequence[None]:
    """Write what nobody changed meanwhile; the version of a case stays, since it says what it said."""
    for sealed, changes in given:
        rows = [{"row_wanted": each.row_id, "was": each.was, "becomes": each.becomes} for each in changes]
        connection.execute(replacing(sealed), rows)
    return [None] * len(given)


async def renew_rows(memory: Memory) -> Renewed:
    """Go once through all sealed columns."""
    renewed = Renewed()
    for sealed in SEALED:
        after = sealed.row_id.type.python_type()
        while after is not None:
            began = time.monotonic()
            batch = await patiently(partial(memory.read, old_values, sealed, after))
            if batch.changes:
                await patiently(partial(memory.write, put_back, (sealed, batch.changes)))
                await asyncio.sleep(max(REST_SECONDS, time.monotonic() - began))
            renewed += Renewed(len(batch.changes), batch.closed)
            after = batch.last
    return renewed


async def numbers_in_use(memory: Memory) -> frozenset[int]:
    """The numbers of all keys that something in the database is sealed with."""
    used: frozenset[int] = frozenset()
    for sealed in SEALED:
        after = sealed.row_id.type.python_type()
        while after is not None:
            after, found = await patiently(partial(memory.read, keys_used, sealed, after))
            used |= found
    return used


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer of a database that may be busy with travellers for a while."""
    for _ in range(BUSY_TRIES):
        try:
            return await ask()
        except MemoryBusy:
            await asyncio.sleep(BUSY_REST_SECONDS)
    return await ask()


def files_of(shelf: Shelf) -> Iterator[tuple[Path, list[Path]]]:
    """Every folder of a shelf with its photos."""
    for folder in sorted(shelf.folder.glob("??")):
        yield folder, [path for path in sorted(folder.iterdir()) if PHOTO_ID.fullmatch(path.name)]


def renew_shelf(shelf: Shelf) -> Renewed:
    """Seal every photo anew that an older key sealed; belongs into a thread."""
    count, closed = 0, []
    for folder, paths in files_of(shelf):
        before = count
        for path in paths:
            try:
                count += renew_photo(shelf.keys, path)
            except (Tampered, UnknownKey):
                closed.append(photo_place(path.name))
        if count > before:
            sync_folder(folder)
    return Renewed(count, tuple(closed))


def renew_photo(keys: Keyring, path: Path) -> bool:
    """Seal one photo anew if an older key sealed it; one that was removed meanwhile needs nothing."""
    newest, place = bytes([keys.newest]), photo_place(path.name)
    try:
        with path.open("rb") as file:
            first, found = file.read(1), os.fstat(file.fileno())
            if first == newest:
                return False
            content = keys.seal(place, keys.open(place, first + file.read()))
    except FileNotFoundError:
        return False
    # A crash leaves it to the sweep of the shelf.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # What lies on a shelf too long is known by the time of its file.
    os.utime(unfinished, ns=(found.st_atime_ns, found.st_mtime_ns))
    try:
        if path.exists():
            unfinished.replace(path)
            return True
        unfinished.unlink()
    except FileNotFoundError:
        # The service has just started and swept the shelf; the next round finds the photo as it was.
        return True
    return False
