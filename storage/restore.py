"""Restore: an archive becomes a home folder and a database again, whole or not at all.

Nothing of an archive is believed before its manifest, its hashes and its names are checked, and no path is taken from
it. The tables are made as the archive's release had them, filled, and then brought up to date by the migrations.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from storage.archive import (
    ARCHIVE_FORMAT,
    DATABASE,
    KEYS,
    KINDS,
    MANIFEST,
    MANIFEST_LIMIT,
    PART_LIMIT,
    SHELVES,
    BadArchive,
    CannotRestore,
    manifest_seal,
    read_value,
)
from storage.backup import sequence_of
from storage.engines import read_url
from storage.faults import fault_of
from storage.keys import Keyring, UnknownKey, load_keys
from storage.lock import LOCK_NAME, hold
from storage.migrate import config_of_steps, over, upgrade
from storage.resealing import SEALED, keys_used
from storage.tables import metadata

# Everything is built in this folder of the home and moved into place at the end; a restore that was killed left it.
BUILDING = "restoring"
# The name of every part that an archive may have; what is no digit or letter here never comes from the archive.
PHOTO_PART = re.compile(rf"(?:{'|'.join(SHELVES)})/([0-9a-f]{{2}})/\1[0-9a-f]{{30}}")
TABLE_PART = re.compile(rf"{DATABASE}/[0-9]{{3}}-[a-z_]{{1,60}}-[0-9]{{6}}\.jsonl")
NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
# A database that has any of these is not empty.
OURS = frozenset(metadata.tables) | {"alembic_version"}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and whether its keys were at hand, so that it was tried whether they open it."""

    rows: int
    photos: int
    opened: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive whose manifest and names are in order; parts are checked when they are read."""

    tar: tarfile.TarFile
    entries: dict[str, tarfile.TarInfo]
    manifest: dict[str, Any]

    def part(self, name: str) -> bytes:
        """A part as it was packed; BadArchive if it is not."""
        content = read_entry(self.tar, self.entries[name], PART_LIMIT)
        if sha256(content).hexdigest() != self.manifest["parts"][name]:
            raise BadArchive(f"{name} is not as it was packed")
        return content

    def parts(self, shape: re.Pattern[str]) -> Iterator[str]:
        """The names of this shape, in the order in which they were packed."""
        return (name for name in self.entries if shape.fullmatch(name))


def restore(path: Path, url: str, home: Path) -> Restored:
    """Restore an archive into a home without anything but perhaps a key file, and into a database without tables."""
    file = sqlite_file(url)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_empty(home, file)
    with hold(home):
        return build(path, url, home, file)


def build(path: Path, url: str, home: Path, file: Path | None) -> Restored:
    """Build everything in a folder of the home, then move it into place."""
    building = home / BUILDING
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    try:
        with tarfile.open(path, "r:") as tar:
            archive = read_archive(tar)
            keys = place_keys(archive, home, building)
            if keys is not None:
                check_seal(archive, keys)
            photos = sum(unpack_photo(archive, name, building) for name in archive.parts(PHOTO_PART))
            rows = over(built_url(url, building), lambda connection: load(connection, archive, keys))
        # One call for all files is much faster than one for each.
        os.sync()
        move_into_place(building, home, file)
        os.sync()
    except tarfile.TarError as error:
        raise BadArchive(f"{path} is no archive, or a damaged one") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Restored(rows, photos, keys is not None)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    read = read_url(url)
    return Path(read.database or "") if read.get_backend_name() == "sqlite" else None


def built_url(url: str, building: Path) -> str:
    """Where the database is built: SQLite beside everything else, PostgreSQL where it stays."""
    return url if sqlite_file(url) is None else f"sqlite:///{(building / DATABASE).resolve()}"


def check_empty(home: Path, file: Path | None) -> None:
    """CannotRestore if anything lies where the archive goes; a key file may lie there already."""
    there = sorted(path.name for path in home.iterdir() if path.name not in (KEYS, BUILDING, LOCK_NAME))
    if there:
        raise CannotRestore(f"{home} is not empty: {', '.join(there[:5])}")
    if file is not None and file.exists():
        raise CannotRestore(f"{file} is there already")


def read_archive(tar: tarfile.TarFile) -> Archive:
    """An archive whose names are all known, whose parts are plain files of bearable length, and whose manifest fits."""
    entries: dict[str, tarfile.TarInfo] = {}
    for entry in tar:
        known = entry.name in (MANIFEST, KEYS) or PHOTO_PART.fullmatch(entry.name) or TABLE_PART.fullmatch(entry.name)
        if not known or not entry.isreg() or entry.name in entries:
            raise BadArchive(f"{entry.name!r:.80} has no place in an archive")
        entries[entry.name] = entry
    listed = entries.pop(MANIFEST, None)
    if listed is None:
        raise BadArchive("the archive has no manifest: it was never finished, or is none of this program")
    try:
        manifest = json.loads(read_entry(tar, listed, MANIFEST_LIMIT))
    except (ValueError, RecursionError) as error:
        raise BadArchive("the manifest cannot be read") from error
    match manifest:
        case {"format": int(form), "revision": str(), "counters": dict(), "parts": dict(parts), "seal": str()}:
            if form != ARCHIVE_FORMAT:
                raise CannotRestore(f"the archive has format {form}, which a later release made")
            if set(parts) != set(entries):
                raise BadArchive("parts are missing, or stand there without being listed")
            return Archive(tar, entries, manifest)
    raise BadArchive("the manifest is none of this program")


def read_entry(tar: tarfile.TarFile, entry: tarfile.TarInfo, limit: int) -> bytes:
    """The bytes of an entry; BadArchive if it is too long or not all there."""
    if entry.size > limit:
        raise BadArchive(f"{entry.name} is too long")
    stream = tar.extractfile(entry)
    content = stream.read() if stream else b""
    if len(content) != entry.size:
        raise BadArchive(f"{entry.name} is not all there")
    return content


def place_keys(archive: Archive, home: Path, building: Path) -> Keyring | None:
    """The keys that lie in the home, else those of the archive, else none."""
    if (home / KEYS).exists():
        return load_keys(home / KEYS)
    if KEYS not in archive.entries:
        return None
    write(building / KEYS, archive.part(KEYS))
    return load_keys(building / KEYS)


def check_seal(archive: Archive, keys: Keyring) -> None:
    """BadArchive unless whoever made the manifest had these keys."""
    manifest = {name: value for name, value in archive.manifest.items() if name != "seal"}
    if manifest_seal(keys, manifest) != archive.manifest["seal"]:
        raise BadArchive("the archive was made with other keys, or somebody changed it")


def unpack_photo(archive: Archive, name: str, building: Path) -> int:
    """Lay a photo onto its shelf, still sealed; 1."""
    path = building / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(path, archive.part(name))
    return 1


def write(path: Path, content: bytes) -> None:
    """A new file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def load(connection: Connection, archive: Archive, keys: Keyring | None) -> int:
    """Make the tables of the archive's release, fill them, and bring them up to date; how many rows there are."""
    there = sorted(OURS & set(inspect(connection).get_table_names()))
    if there:
        raise CannotRestore(f"the database is not empty: it has {', '.join(there[:5])}")
    config = config_of_steps()
    config.attributes["connection"] = connection
    revision = archive.manifest["revision"]
    try:
        ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError as error:
        raise CannotRestore(f"the archive has tables of a later release ({revision})") from error
    command.upgrade(config, revision)
    try:
        rows = sum(load_part(connection, archive.part(name)) for name in archive.parts(TABLE_PART))
    except DBAPIError as error:
        raise fault_of(error) or BadArchive("what the archive holds does not fit its own tables") from error
    upgrade(connection)
    set_counters(connection, archive.manifest["counters"])
    if keys is not None:
        open_some(connection, keys)
    return rows


def load_part(connection: Connection, content: bytes) -> int:
    """Insert the rows of a part; how many there are."""
    head, *lines = content.split(b"\n")
    try:
        match json.loads(head):
            case {"table": str(table), "columns": [*columns]}:
                kinds = dict(columns)
                rows = [json.loads(line) for line in lines]
            case _:
                raise BadArchive("a part does not say of which table it is")
    except (ValueError, TypeError, RecursionError) as error:
        raise BadArchive("a part cannot be read") from error
    if not all(NAME.fullmatch(name) for name in (table, *kinds)) or not set(kinds.values()) <= set(KINDS):
        raise BadArchive("a part names what no table has")
    if rows:
        target = sa.table(table, *(sa.column(name, KINDS[kind]) for name, kind in kinds.items()))
        connection.execute(sa.insert(target), [read_row(kinds, row) for row in rows])
    return len(rows)


def read_row(kinds: dict[str, str], row: list[Any]) -> dict[str, Any]:
    """A row as the database takes it."""
    if not isinstance(row, list) or len(row) != len(kinds):
        raise BadArchive("a row has not as many values as its table")
    return {name: read_value(kind, value) for (name, kind), value in zip(kinds.items(), row, strict=True)}


def set_counters(connection: Connection, given: dict[str, int]) -> None:
    """Let new rows have numbers that no row ever had."""
    for table in metadata.sorted_tables:
        highest = given.get(table.name)
        if not isinstance(highest, int) or highest < 1:
            continue
        values = {"table_wanted": table.name, "highest": highest}
        if connection.dialect.name == "sqlite":
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table_wanted"), values)
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:table_wanted, :highest)"), values)
        elif sequence := sequence_of(connection, table):
            wanted = {"sequence": sequence, "highest": highest}
            connection.execute(text("SELECT setval(CAST(:sequence AS text)::regclass, :highest)"), wanted)


def open_some(connection: Connection, keys: Keyring) -> None:
    """KeyTrouble unless these are the keys of what stands in the database; of each kind of value one is opened."""
    for sealed in SEALED:
        row = connection.execute(sa.select(sealed.table).where(sealed.column.is_not(None)).limit(1)).one_or_none()
        if row is not None:
            keys.open(sealed.place(row), getattr(row, sealed.column.name))
        after = sealed.row_id.type.python_type()
        while after is not None:
            after, used = keys_used(connection, keys, sealed, after)
            if not used <= keys.numbers:
                raise UnknownKey(f"key {max(used - keys.numbers)}, which sealed {sealed.name}, is not in the key file")


def move_into_place(building: Path, home: Path, file: Path | None) -> None:
    """Move all that was built; the database last, since a home with one counts as a home."""
    for name in (KEYS, *SHELVES):
        if (building / name).exists():
            (building / name).rename(home / name)
    if file is not None:
        os.sync()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(building / DATABASE, file)
