"""Photos: the sealed bytes on a shelf of files, and what is known of each in its row."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from storage.faults import disk_fault
from storage.key_file import sync_folder
from storage.keys import Keyring
from storage.statements import insert_yielding, yielding
from storage.tables import photos


class PhotoTrouble(Exception):
    """Something is wrong with a photo on the shelf.

    PhotoTrouble
    ├── PhotoMissing   it is not there, or not any more
    └── PhotoName      no photo can have this id
    """


class PhotoMissing(PhotoTrouble):
    """The photo is not on the shelf, or not any more."""


class PhotoName(PhotoTrouble):
    """No photo can have this id: an id is the hex of a UUID, so that it is never a path."""


PHOTO_ID = re.compile(r"[0-9a-f]{32}")

# A write that was cut short leaves a file with this ending, which nothing ever reads.
UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of sealed photos; every call waits for the disk and belongs into a thread."""

    folder: Path
    keys: Keyring

    def put(self, content: bytes, photo_id: str) -> None:
        """Put a photo on the shelf, safe from a power cut when this returns; a MemoryFault if the disk refuses."""
        path = self._path(photo_id)
        unfinished = path.with_suffix(UNFINISHED)
        sealed = self.keys.seal(photo_place(photo_id), content)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            sync_folder(path.parent)
            sync_folder(self.folder)
        except OSError as error:
            raise disk_fault(error) from error

    def get(self, photo_id: str) -> bytes:
        """The photo; PhotoMissing if it is not there, Tampered if it is not what was put there."""
        try:
            sealed = self._path(photo_id).read_bytes()
        except FileNotFoundError as error:
            raise PhotoMissing(photo_id) from error
        return self.keys.open(photo_place(photo_id), sealed)

    def remove(self, photo_id: str) -> None:
        """Take a photo off the shelf for good; one that is not there is gone already."""
        path = self._path(photo_id)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)

    def forget(self, before: datetime) -> int:
        """Remove photos that were put here before this time; how many there were."""
        old = [path for path in self.folder.glob("*/*") if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def sweep(self) -> int:
        """Remove what was cut short, before anything is put on the shelf; how many there were."""
        unfinished = list(self.folder.glob(f"*/*{UNFINISHED}"))
        for path in unfinished:
            path.unlink(missing_ok=True)
        return len(unfinished)

    def _path(self, photo_id: str) -> Path:
        if not PHOTO_ID.fullmatch(photo_id):
            raise PhotoName("a photo's id is 32 hexadecimal digits")
        # 256 folders keep each of them small.
        return self.folder / photo_id[:2] / photo_id


def photo_place(photo_id: str) -> str:
    """The place for which the bytes of a photo are sealed."""
    return f"photos.file:{photo_id}"


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """What is known of a photo; `certificate_index` is a blind index of the certificate in it."""

    photo_id: str
    case_id: str | None
    received_at: datetime
    purge_on: date
    media_type: str
    size: int
    certificate_index: bytes | None = None
    original_purged: bool = False


RECORD = yielding(photos, "id")
BY_ID = select(photos).where(photos.c.id == bindparam("photo_wanted"))
DUE = (
    select(photos.c.id)
    .where(photos.c.purge_on <= bindparam("today"), ~photos.c.original_purged)
    .order_by(photos.c.purge_on, photos.c.id)
)
PURGED = update(photos).where(photos.c.id == bindparam("photo_wanted")).values(original_purged=True)


def record_photo(connection: Connection, _keys: Keyring, rows: Sequence[PhotoRow]) -> list[None]:
    """Record photos that are on the shelf; one that is recorded already stays as it is."""
    insert_yielding(connection, RECORD, [photo_values(row) for row in rows])
    return [None] * len(rows)


def photo_values(row: PhotoRow) -> dict[str, Any]:
    """The columns of a photo."""
    return {
        "id": row.photo_id,
        "case_id": row.case_id,
        "received_at": row.received_at,
        "purge_on": row.purge_on,
        "media_type": row.media_type,
        "size": row.size,
        "certificate_index": row.certificate_index,
        "original_purged": row.original_purged,
    }


def photo_row(connection: Connection, _keys: Keyring, photo_id: str) -> PhotoRow | None:
    """What is known of a photo, if anything."""
    row = connection.execute(BY_ID, {"photo_wanted": photo_id}).one_or_none()
    if row is None:
        return None
    return PhotoRow(
        photo_id=row.id,
        case_id=row.case_id,
        received_at=row.received_at,
        purge_on=row.purge_on,
        media_type=row.media_type,
        size=row.size,
        certificate_index=row.certificate_index,
        original_purged=row.original_purged,
    )


def due_photos(connection: Connection, _keys: Keyring, today: date) -> list[str]:
    """The ids of photos whose day to be purged has come."""
    return list(connection.scalars(DUE, {"today": today}))


def mark_purged(connection: Connection, _keys: Keyring, photo_ids: Sequence[str]) -> list[None]:
    """Remember that the files of these photos are gone."""
    connection.execute(PURGED, [{"photo_wanted": photo_id} for photo_id in photo_ids])
    return [None] * len(photo_ids)


def kept_photo(case_id: str, row: int) -> str:
    """The id of the picture kept from a message; it follows from its row, so a turn taken again keeps no second one."""
    return sha256(f"{case_id}/{row}".encode()).hexdigest()[:32]


def marked_photo(photo: str) -> str:
    """The id of the form of a kept picture in which the place of its trouble is marked."""
    return sha256(f"{photo}/marked".encode()).hexdigest()[:32]
