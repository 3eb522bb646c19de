"""The archive of a backup: its parts, its manifest, and how values of the database stand in it.

It is a tar of plain files: the rows of each table in pieces of JSON lines as one moment of the database had them, the
sealed photos, if wanted the key file, and last a manifest with the SHA-256 of every other part. What is sealed in the
database is sealed in the archive. Every value tells its kind, so either database reads what the other has written.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, String
from sqlalchemy.types import TypeEngine

from storage.keys import Keyring
from storage.tables import Time


class BackupTrouble(Exception):
    """A backup cannot be made or restored.

    BackupTrouble
    ├── CannotBackUp     there is nothing to back up here, or something is in the way
    ├── BadArchive       it is no archive of this program, it is damaged, or somebody changed it
    └── CannotRestore    something is here already, or the archive comes from a later release
    """


class CannotBackUp(BackupTrouble):
    """There is nothing to back up here, or something is in the way."""


class BadArchive(BackupTrouble):
    """It is no archive of this program, it is damaged, or somebody changed it."""


class CannotRestore(BackupTrouble):
    """Something is here already, or the archive comes from a later release."""


ARCHIVE_FORMAT = 1
MANIFEST, KEYS = "manifest.json", "keys.json"
DATABASE = "database"
# The two folders of photos in the home folder: as they arrived, and as they are kept.
SHELVES = ("arrived", "photos")
# No part is longer; a photo has 20 MB at most, and a row far less.
PART_LIMIT = 64 * 1024 * 1024
# The manifest has a line of about a hundred bytes for each photo.
MANIFEST_LIMIT = 512 * 1024 * 1024
# What the manifest's seal is made for; only who has the keys can make it.
SEAL_PURPOSE = "backup.manifest"

# The kinds of values that tables hold, by the name that the archive gives them.
KINDS: dict[str, type[TypeEngine[Any]]] = {
    "boolean": Boolean,
    "integer": Integer,
    "bytes": LargeBinary,
    "time": Time,
    "date": Date,
    "text": String,
}


def kind_of(column: Column[Any]) -> str:
    """The kind of a column's values; CannotBackUp if the archive has no name for it."""
    for name, kind in KINDS.items():
        if isinstance(column.type, kind):
            return name
    raise CannotBackUp(f"{column} holds a kind of values that no archive has")


def keep_value(value: Any) -> Any:
    """A value as JSON; the kind of its column tells how to read it."""
    match value:
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
    return value


def read_value(kind: str, kept: Any) -> Any:
    """The value that `keep_value` wrote; BadArchive if it is none of this kind."""
    if kept is None:
        return None
    try:
        match kind:
            case "bytes":
                return base64.b64decode(kept, validate=True)
            case "time":
                return datetime.fromisoformat(kept)
            case "date":
                return date.fromisoformat(kept)
    except (ValueError, TypeError) as error:
        raise BadArchive(f"{kept!r:.40} is no {kind}") from error
    wanted = {"boolean": bool, "integer": int, "text": str}[kind]
    if type(kept) is not wanted:
        raise BadArchive(f"{kept!r:.40} is no {kind}")
    return kept


def as_json(content: Any) -> bytes:
    """JSON as it stands in archives: the same for the same content."""
    return json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode()


def manifest_seal(keys: Keyring, manifest: dict[str, Any]) -> str:
    """What only the owner of the keys can put under a manifest."""
    return keys.blind(SEAL_PURPOSE, as_json(manifest).decode()).hex()
