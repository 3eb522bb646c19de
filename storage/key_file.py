"""The key file: what it holds, and how it is read and written; a power cut leaves the old one or the new one."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path


class KeyTrouble(Exception):
    """Something is wrong with the keys or with what they should open.

    KeyTrouble
    ├── KeyFileTrouble   the key file is missing, was there before, is open to others, or is none
    ├── UnknownKey       (storage.keys) sealed with a key that is not in the file
    └── Tampered         (storage.keys) changed, moved to another place, or never sealed by these keys
    """


class KeyFileTrouble(KeyTrouble):
    """The key file is missing, was there before, is open to others, or is none."""


# AES-256, and HMAC-SHA256 with a key as long as its result (NIST SP 800-107, 5.3.4).
KEY_SIZE = 32
# One byte names the key: 255 rotations.
HIGHEST_KEY = 255
KEY_FILE_FORMAT = 1
# Neither the group nor others may read the key file.
OTHERS = 0o077
# The file while it is being written anew; a crash leaves it, and the next writing starts over.
UNFINISHED = ".part"

# What tells one state of the key file from another: its number on the disk, when it was written, and its length.
Mark = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file holds: keys for fields by their number, those that only open as yet, and the key of indexes."""

    fields: Mapping[int, bytes]
    blind: bytes
    coming: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        return max(self.fields)


def mark_of(found: os.stat_result) -> Mark:
    """The mark of a file."""
    return found.st_ino, found.st_mtime_ns, found.st_size


def check_keys(kept: KeyFile) -> None:
    """KeyFileTrouble unless there is a key for fields, and all keys have their numbers and sizes."""
    numbers = [*kept.fields, *kept.coming]
    if not kept.fields or not all(0 < number <= HIGHEST_KEY for number in numbers) or len(set(numbers)) < len(numbers):
        raise KeyFileTrouble("there must be a key for fields, with a number from 1 to 255")
    if any(len(key) != KEY_SIZE for key in (*kept.fields.values(), *kept.coming.values(), kept.blind)):
        raise KeyFileTrouble(f"every key has {KEY_SIZE} bytes")


def make_key_file(path: Path) -> None:
    """A new key file that only its owner may read, on the disk before this returns; never over one that is there."""
    # Written whole beside its place and linked there: a start that is cut short leaves no half key file behind.
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    write_through(beside, KeyFile({1: os.urandom(KEY_SIZE)}, os.urandom(KEY_SIZE)))
    try:
        path.hardlink_to(beside)
    except FileExistsError as error:
        raise KeyFileTrouble(f"{path} is there already") from error
    finally:
        beside.unlink()
    sync_folder(path.parent)


def read_key_file(path: Path) -> tuple[KeyFile, Mark]:
    """What a key file holds, and its mark; KeyFileTrouble if it is missing, open to others, or none."""
    try:
        with path.open() as file:
            found = os.fstat(file.fileno())
            if found.st_mode & OTHERS:
                raise KeyFileTrouble(f"{path} can be read by others: chmod 600 it")
            kept = json.load(file)
    except FileNotFoundError as error:
        raise KeyFileTrouble(f"there is no key file {path}") from error
    except ValueError as error:
        raise KeyFileTrouble(f"{path} is not a key file") from error
    match kept:
        case {"format": 1, "fields": dict(fields), "blind": str(blind)}:
            try:
                read = KeyFile(_read_keys(fields), _read_key(blind), _read_keys(kept.get("coming", {})))
            except (binascii.Error, ValueError, TypeError, AttributeError) as error:
                raise KeyFileTrouble(f"{path} holds a key that cannot be read") from error
            check_keys(read)
            return read, mark_of(found)
    raise KeyFileTrouble(f"{path} is not a key file of this program")


def _read_keys(kept: Mapping[str, str]) -> dict[int, bytes]:
    return {int(number): _read_key(key) for number, key in kept.items()}


def _read_key(kept: str) -> bytes:
    return base64.b64decode(kept, validate=True)


def announce_key(path: Path) -> int:
    """Put a new key into the file that opens but does not seal yet; its number. One that was announced stays."""
    kept, _ = read_key_file(path)
    if not kept.coming:
        number = kept.newest + 1
        if number > HIGHEST_KEY:
            raise KeyFileTrouble(f"{path} has seen all the {HIGHEST_KEY} keys that there can be")
        kept = replace(kept, coming={number: os.urandom(KEY_SIZE)})
        replace_key_file(path, kept)
    return max(kept.coming)


def seal_with_announced(path: Path) -> int:
    """Let the announced key seal from now on, if there is one; the number of the key that seals."""
    kept, _ = read_key_file(path)
    if kept.coming:
        kept = replace(kept, fields={**kept.fields, **kept.coming}, coming={})
        replace_key_file(path, kept)
    return kept.newest


def drop_old_keys(path: Path) -> int:
    """Leave only the key that seals, when nothing is sealed with another; how many went."""
    kept, _ = read_key_file(path)
    old = len(kept.fields) - 1
    if old:
        replace_key_file(path, replace(kept, fields={kept.newest: kept.fields[kept.newest]}))
    return old


def replace_key_file(path: Path, kept: KeyFile) -> None:
    """Write the key file anew: after a power cut there is the old one or the new one, and never none."""
    check_keys(kept)
    unfinished = path.with_suffix(UNFINISHED)
    unfinished.unlink(missing_ok=True)
    write_through(unfinished, kept)
    unfinished.replace(path)
    sync_folder(path.parent)


def write_through(path: Path, kept: KeyFile) -> None:
    """Write a key file that is not there yet; only its owner may read it, and it is on the disk when this returns."""
    content = {
        "format": KEY_FILE_FORMAT,
        "fields": _as_text(kept.fields),
        **({"coming": _as_text(kept.coming)} if kept.coming else {}),
        "blind": base64.b64encode(kept.blind).decode(),
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(content, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _as_text(keys: Mapping[int, bytes]) -> dict[str, str]:
    return {str(number): base64.b64encode(key).decode() for number, key in keys.items()}


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
