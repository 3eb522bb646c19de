"""Backup: one archive of the database and the photos, taken while the service runs, from either database."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Table, bindparam, select, text
from sqlalchemy.exc import DBAPIError

from storage.archive import (
    ARCHIVE_FORMAT,
    DATABASE,
    KEYS,
    MANIFEST,
    SHELVES,
    CannotBackUp,
    as_json,
    keep_value,
    kind_of,
    manifest_seal,
)
from storage.engines import postgres_engine, read_url, sqlite_engine
from storage.faults import MemoryLost, raise_fault
from storage.key_file import sync_folder
from storage.keys import Keyring
from storage.migrate import at_head
from storage.photos import PHOTO_ID
from storage.tables import metadata

T = TypeVar("T")

# One statement reads so many rows, and a part of the archive holds so many bytes or little more.
ROWS_AT_ONCE = 1_000
PART_BYTES = 4 * 1024 * 1024
# So often the shelf of arrivals is looked through before the moment of the database is chosen.
ARRIVAL_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Made:
    """The archive that was made: where it lies, and how many rows and photos are in it."""

    path: Path
    rows: int
    photos: int


@dataclass(slots=True)
class Packing:
    """An archive being written, and the hashes of what is in it already."""

    tar: tarfile.TarFile
    at: datetime
    parts: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    photos: int = 0

    def add(self, name: str, content: bytes) -> None:
        """Add one part."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = len(content), 0o600, int(self.at.timestamp())
        self.tar.addfile(entry, io.BytesIO(content))
        self.parts[name] = sha256(content).hexdigest()


def back_up(url: str, home: Path, target: Path, keys: Keyring, *, key_file: Path | None, at: datetime) -> Made:
    """Make an archive, on the disk when this returns; with a folder for a target its name tells the time."""
    check_there(url)
    path = target / f"khaibao-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    if path.exists():
        raise CannotBackUp(f"{path} is there already")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
                packing = Packing(tar, at)
                pack(packing, url, home, keys, key_file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return Made(path, packing.rows, packing.photos)


def check_there(url: str) -> None:
    """CannotBackUp if there is no database; looking would make an empty SQLite file."""
    read = read_url(url)
    if read.get_backend_name() == "sqlite" and not Path(read.database or "").exists():
        raise CannotBackUp(f"there is no database {read.database}")


def pack(packing: Packing, url: str, home: Path, keys: Keyring, key_file: Path | None) -> None:
    """Put everything into the archive, in an order in which nothing that belongs together is parted.

    A photo that waits for its turn is removed after it, so arrivals are packed before the moment of the database and
    once more right after it. A kept photo is there before its row, so kept ones are packed after it.
    """
    arrived, kept = SHELVES
    for _ in range(ARRIVAL_ROUNDS):
        if not pack_shelf(packing, home, arrived):
            break

    def work(connection: Connection) -> tuple[str, dict[str, int]]:
        revision = check_revision(connection)
        pack_shelf(packing, home, arrived)
        for place, table in enumerate(metadata.sorted_tables):
            pack_table(packing, connection, table, place)
        return revision, counters(connection)

    revision, numbers = over_snapshot(url, work)
    pack_shelf(packing, home, kept)
    if key_file is not None:
        packing.add(KEYS, key_file.read_bytes())
    manifest = {
        "format": ARCHIVE_FORMAT,
        "at": packing.at.astimezone(UTC).isoformat(),
        "revision": revision,
        "counters": numbers,
        "parts": packing.parts,
    }
    packing.add(MANIFEST, as_json(manifest | {"seal": manifest_seal(keys, manifest)}))


def pack_shelf(packing: Packing, home: Path, shelf: str) -> int:
    """Pack the photos of a shelf that are not packed yet; how many there were. One that goes meanwhile was purged."""
    before = packing.photos
    for path in sorted((home / shelf).glob("??/*")):
        name = f"{shelf}/{path.parent.name}/{path.name}"
        if not PHOTO_ID.fullmatch(path.name) or name in packing.parts:
            continue
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        packing.add(name, content)
        packing.photos += 1
    return packing.photos - before


def check_revision(connection: Connection) -> str:
    """The migration that the tables are at; CannotBackUp unless it is the one that this release knows best."""
    if not at_head(connection):
        raise CannotBackUp("the tables are not up to date: run `khaibao migrate` first")
    return ",".join(MigrationContext.configure(connection).get_current_heads())


def pack_table(packing: Packing, connection: Connection, table: Table, place: int) -> None:
    """Pack the rows of a table in pieces; the first line of each names the table and its columns."""
    head = as_json({"table": table.name, "columns": [[column.name, kind_of(column)] for column in table.columns]})
    number, lines, size = 0, [head], 0
    for row in rows_of(connection, table):
        line = as_json([keep_value(value) for value in row])
        lines.append(line)
        size += len(line)
        packing.rows += 1
        if size >= PART_BYTES:
            packing.add(part_name(place, table, number), b"\n".join(lines))
            number, lines, size = number + 1, [head], 0
    packing.add(part_name(place, table, number), b"\n".join(lines))


def part_name(place: int, table: Table, number: int) -> str:
    """Where a piece of a table stands in the archive."""
    return f"{DATABASE}/{place:03}-{table.name}-{number:06}.jsonl"


def rows_of(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """Every row of a table in the order of its key, some at once, so that no statement takes long."""
    key = list(table.primary_key.columns)
    first = select(*table.columns).order_by(*key).limit(ROWS_AT_ONCE)
    after = [bindparam(f"after_{column.name}", type_=column.type) for column in key]
    following = first.where(after_key(key, after))
    rows = connection.execute(first).all()
    while rows:
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = {f"after_{column.name}": getattr(rows[-1], column.name) for column in key}
        rows = connection.execute(following, last).all()


def after_key(key: Sequence[Column[Any]], after: Sequence[Any]) -> Any:
    """Whether a row comes after another; keys of several columns are compared as a whole."""
    condition = key[-1] > after[-1]
    for column, value in zip(key[-2::-1], after[-2::-1], strict=True):
        condition = (column > value) | ((column == value) & condition)
    return condition


def counters(connection: Connection) -> dict[str, int]:
    """The highest number that each table has ever given to a row."""
    if connection.dialect.name == "sqlite":
        return {row.name: row.seq for row in connection.execute(text("SELECT name, seq FROM sqlite_sequence"))}
    given = {}
    for table in metadata.sorted_tables:
        if sequence := sequence_of(connection, table):
            given[table.name] = int(connection.scalar(text(f"SELECT last_value FROM {sequence}")) or 0)  # noqa: S608
    return given


def sequence_of(connection: Connection, table: Table) -> str | None:
    """What PostgreSQL calls the numbers of a table, if it gives any."""
    column = table.autoincrement_column
    if column is None:
        return None
    wanted = {"table_wanted": table.name, "column_wanted": column.name}
    found = connection.scalar(text("SELECT pg_get_serial_sequence(:table_wanted, :column_wanted)"), wanted)
    return str(found) if found else None


def over_snapshot(url: str, work: Callable[[Connection], T]) -> T:
    """What the work gives over a connection that sees one moment of the database and holds nobody up."""
    read = read_url(url)
    try:
        if read.get_backend_name() == "postgresql":
            return asyncio.run(_over_postgres(url, work))
        engine = sqlite_engine(read, reading=True)
        try:
            with engine.connect() as connection:
                return work(connection)
        finally:
            engine.dispose()
    except DBAPIError as error:
        raise_fault(error)


async def _over_postgres(url: str, work: Callable[[Connection], T]) -> T:
    engine = postgres_engine(read_url(url), reading=True)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        try:
            connection = await stack.enter_async_context(engine.connect())
        except OSError as error:
            raise MemoryLost("the database does not answer") from error
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            return await connection.run_sync(work)
