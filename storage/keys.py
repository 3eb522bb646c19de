"""Keys: they seal what is stored so that it opens only in its own place, and make indexes that tell nothing."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
from collections.abc import Mapping
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


class Keyring:
    """Seals with the newest key, opens with every key, and makes blind indexes with a key of their own.

    What is sealed is one byte with the number of the key, a nonce, and the ciphertext of AES-256-GCM with its tag.
    """

    __slots__ = ("_blind", "_ciphers", "_newest", "_prefix")

    def __init__(self, fields: Mapping[int, bytes], blind: bytes) -> None:
        if not fields or not all(0 < number <= HIGHEST_KEY for number in fields):
            raise KeyFileTrouble("there must be a key for fields, with a number from 1 to 255")
        if any(len(key) != KEY_SIZE for key in (*fields.values(), blind)):
            raise KeyFileTrouble(f"every key has {KEY_SIZE} bytes")
        self._ciphers = {number: AESGCM(key) for number, key in fields.items()}
        newest = max(fields)
        self._newest = self._ciphers[newest]
        self._prefix = bytes([newest])
        self._blind = blind

    def seal(self, place: str, content: bytes) -> bytes:
        """The content sealed for its place, `table.column:row`; it will open in no other."""
        nonce = os.urandom(NONCE_SIZE)
        return self._prefix + nonce + self._newest.encrypt(nonce, content, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for this place; UnknownKey or Tampered if it was not."""
        if not sealed:
            raise Tampered(f"nothing was sealed at {place}")
        cipher = self._ciphers.get(sealed[0])
        if cipher is None:
            raise UnknownKey(f"key {sealed[0]}, which sealed {place}, is not in the key file")
        try:
            return cipher.decrypt(sealed[1 : 1 + NONCE_SIZE], sealed[1 + NONCE_SIZE :], place.encode())
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"what stands at {place} was not sealed for this place") from error

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


def make_keys(path: Path) -> Keyring:
    """A new key file that only its owner may read, on the disk before this returns; never over one that is there."""
    fields, blind = {1: os.urandom(KEY_SIZE)}, os.urandom(KEY_SIZE)
    kept = {
        "format": KEY_FILE_FORMAT,
        "fields": {str(number): base64.b64encode(key).decode() for number, key in fields.items()},
        "blind": base64.b64encode(blind).decode(),
    }
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileTrouble(f"{path} is there already") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(kept, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return Keyring(fields, blind)


def load_keys(path: Path) -> Keyring:
    """The keys of a key file; KeyFileTrouble if it is missing, open to others, or none."""
    try:
        with path.open() as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise KeyFileTrouble(f"{path} can be read by others: chmod 600 it")
            kept = json.load(file)
    except FileNotFoundError as error:
        raise KeyFileTrouble(f"there is no key file {path}") from error
    except ValueError as error:
        raise KeyFileTrouble(f"{path} is not a key file") from error
    match kept:
        case {"format": 1, "fields": dict(fields), "blind": str(blind)}:
            try:
                read = {int(number): base64.b64decode(key, validate=True) for number, key in fields.items()}
                return Keyring(read, base64.b64decode(blind, validate=True))
            except (binascii.Error, ValueError, TypeError) as error:
                raise KeyFileTrouble(f"{path} holds a key that cannot be read") from error
    raise KeyFileTrouble(f"{path} is not a key file of this program")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
