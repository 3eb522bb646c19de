"""Keys: they seal what is stored so that it opens only in its own place, and make indexes that tell nothing."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class KeyTrouble(Exception):
    """Something is wrong with the keys or with what they should open.

    KeyTrouble
    ├── KeyFileTrouble   the key file is missing, was there before, is open to others, or is none
    ├── UnknownKey       sealed with a key that is not in the file
    └── Tampered         changed, moved to another place, or never sealed by these keys
    """


class KeyFileTrouble(KeyTrouble):
    """The key file is missing, was there before, is open to others, or is none."""


class UnknownKey(KeyTrouble):
    """Sealed with a key that is not in the key file."""


class Tampered(KeyTrouble):
    """Changed, moved to another place, or never sealed by these keys."""


# AES-256, and HMAC-SHA256 with a key as long as its result (NIST SP 800-107, 5.3.4).
KEY_SIZE = 32
# 96 bits of chance, as NIST SP 800-38D (8.2.2) wants; one key then seals four thousand million fields.
NONCE_SIZE = 12
# One byte names the key: 255 rotations.
HIGHEST_KEY = 255
KEY_FILE_FORMAT = 1
# A platform may send half of a surrogate pair; it is kept as it came.
HALVES = "surrogatepass"
# Made once, because making one takes longer than a small message does.
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
DECODER = json.JSONDecoder()
# Neither the group nor others may read the key file.
OTHERS = 0o077
# Whoever seals looks before it whether the key file has changed, but not again within so many seconds.
LOOK_SECONDS = 1.0
# While the key file cannot be read, what is known of it is good for so many seconds. A rotation waits longer before it
# drops a key, so that no process seals with a key that nobody has any more.
LEASE_SECONDS = 20.0
# The file while it is being written anew; a crash leaves it, and the next writing starts over.
UNFINISHED = ".part"


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


class Keyring:
    """Seals with the newest key, opens with every key, and makes blind indexes with a key of their own.

    What is sealed is one byte with the number of the key, a nonce, and the ciphertext of AES-256-GCM with its tag.
    A ring from a file follows it: it looks again before it seals, and when it meets a key that it does not know, so
    a rotation in another process needs no message to this one.
    """

    __slots__ = ("_blind", "_ciphers", "_file", "_lease_ends", "_look_again", "_mark", "_sealing")

    def __init__(self, fields: Mapping[int, bytes], blind: bytes) -> None:
        self._blind = blind
        self._file: Path | None = None
        self._mark: Mark = (0, 0, 0)
        self._look_again = self._lease_ends = float("inf")
        self._take(KeyFile(fields, blind))

    @classmethod
    def of_file(cls, path: Path) -> Keyring:
        """The ring of a key file, which it follows; KeyFileTrouble if it is missing, open to others, or none."""
        kept, mark = read_key_file(path)
        ring = cls(kept.fields, kept.blind)
        ring._take(kept)
        ring._file, ring._mark = path, mark
        ring._looked(time.monotonic())
        return ring

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        return self._sealing[0][0]

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all keys that open."""
        return frozenset(self._ciphers)

    def seal(self, place: str, content: bytes) -> bytes:
        """The content sealed for its place, `table.column:row`; it will open in no other."""
        now = time.monotonic()
        if now >= self._look_again:
            self.look(now)
        prefix, cipher = self._sealing
        nonce = os.urandom(NONCE_SIZE)
        return prefix + nonce + cipher.encrypt(nonce, content, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for this place; UnknownKey or Tampered if it was not."""
        if not sealed:
            raise Tampered(f"nothing was sealed at {place}")
        cipher = self._ciphers.get(sealed[0]) or self._new_cipher(sealed[0])
        if cipher is None:
            raise UnknownKey(f"key {sealed[0]}, which sealed {place}, is not in the key file")
        try:
            return cipher.decrypt(sealed[1 : 1 + NONCE_SIZE], sealed[1 + NONCE_SIZE :], place.encode())
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"what stands at {place} was not sealed for this place") from error

    def look(self, now: float) -> None:
        """Take over what the key file holds now; KeyFileTrouble if it could not be read for longer than the lease."""
        if self._file is None:
            return
        try:
            if mark_of(os.stat(self._file)) != self._mark:
                kept, mark = read_key_file(self._file)
                self._take(kept)
                self._mark = mark
        except (OSError, KeyFileTrouble) as error:
            self._look_again = now + LOOK_SECONDS
            if now > self._lease_ends:
                raise KeyFileTrouble(f"{self._file} cannot be read any more, so nothing is sealed") from error
        else:
            self._looked(now)

    def _looked(self, now: float) -> None:
        self._look_again, self._lease_ends = now + LOOK_SECONDS, now + LEASE_SECONDS

    def _new_cipher(self, number: int) -> AESGCM | None:
        """The cipher of a key that came into the file since the last look."""
        if self._file is not None:
            self.look(time.monotonic())
        return self._ciphers.get(number)

    def _take(self, kept: KeyFile) -> None:
        check_keys(kept)
        if kept.blind != self._blind:
            raise KeyFileTrouble("these are the keys of another installation")
        ciphers = {number: AESGCM(key) for number, key in (*kept.fields.items(), *kept.coming.items())}
        # Each is one assignment, so that another thread never meets a number with the wrong cipher.
        self._ciphers: Mapping[int, AESGCM] = ciphers
        self._sealing = bytes([kept.newest]), ciphers[kept.newest]

    def seal_text(self, place: str, content: str) -> bytes:
        """The text sealed for its place."""
        return self.seal(place, content.encode("utf-8", HALVES))

    def open_text(self, place: str, sealed: bytes) -> str:
        """The text that was sealed for this place."""
        return self.open(place, sealed).decode("utf-8", HALVES)

    def seal_json(self, place: str, content: Any) -> bytes:
        """The JSON content sealed for its place."""
        return self.seal_text(place, ENCODER.encode(content))

    def open_json(self, place: str, sealed: bytes) -> Any:
        """The JSON content that was sealed for this place."""
        return DECODER.decode(self.open_text(place, sealed))

    def blind(self, purpose: str, text: str) -> bytes:
        """32 bytes that are the same for the same purpose and text, and tell nothing without the key."""
        return hmac.digest(self._blind, f"{purpose}\0{text}".encode("utf-8", HALVES), "sha256")


# What tells one state of the key file from another: its number on the disk, when it was written, and its length.
Mark = tuple[int, int, int]


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


def make_keys(path: Path) -> Keyring:
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
    return load_keys(path)


def load_keys(path: Path) -> Keyring:
    """The keys of a key file; KeyFileTrouble if it is missing, open to others, or none."""
    return Keyring.of_file(path)


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
