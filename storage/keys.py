"""Keys: they seal what is stored so that it opens only in its own place, and make indexes that tell nothing."""

from __future__ import annotations

import hmac
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.key_file import (
    KEY_SIZE,
    KeyFile,
    KeyFileTrouble,
    KeyTrouble,
    Mark,
    check_keys,
    make_key_file,
    mark_of,
    read_key_file,
)

# Whoever uses the ring meets these with it.
__all__ = ["KEY_SIZE", "KeyFileTrouble", "KeyTrouble", "Keyring", "Tampered", "UnknownKey", "load_keys", "make_keys"]


class UnknownKey(KeyTrouble):
    """Sealed with a key that is not in the key file."""


class Tampered(KeyTrouble):
    """Changed, moved to another place, or never sealed by these keys."""


# 96 bits of chance, as NIST SP 800-38D (8.2.2) wants; one key then seals four thousand million fields.
NONCE_SIZE = 12
# A platform may send half of a surrogate pair; it is kept as it came.
HALVES = "surrogatepass"
# Made once, because making one takes longer than a small message does.
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
DECODER = json.JSONDecoder()
# Whoever seals looks before it whether the key file has changed, but not again within so many seconds.
LOOK_SECONDS = 1.0
# While the key file cannot be read, what is known of it is good for so many seconds. A rotation waits longer before it
# drops a key, so that no process seals with a key that nobody has any more.
LEASE_SECONDS = 20.0


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


def make_keys(path: Path) -> Keyring:
    """The keys of a new key file, which is on the disk before this returns; KeyFileTrouble if there is one already."""
    make_key_file(path)
    return load_keys(path)


def load_keys(path: Path) -> Keyring:
    """The keys of a key file; KeyFileTrouble if it is missing, open to others, or none."""
    return Keyring.of_file(path)
