"""Rotation: a new key comes, all that is sealed is sealed anew with it, and the old key goes; the service runs on.

The new key stands in the key file before anything is sealed with it, and every process follows the file (see
`storage.keys`), so none meets a key that it cannot find. When nothing of the old key is left, and every process has
had its time to stop sealing with it, it is dropped. After a kill the next call goes on where this one was.

The key of the blind indexes is not rotated: values are found by their indexes only, so all of them would have to be
known at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from storage.key_file import announce_key, drop_old_keys, read_key_file, seal_with_announced
from storage.keys import Keyring
from storage.memory import Memory
from storage.photos import Shelf, photo_row
from storage.resealing import Renewed, files_of, numbers_in_use, patiently, renew_rows, renew_shelf


class RotationTrouble(Exception):
    """The rotation cannot be begun or ended; the old key stays where it is."""


# The old key stays so many seconds after the new one came: longer than the lease on the key file (LEASE_SECONDS) and
# the slowest transaction together.
PATIENCE_SECONDS = 120.0
# A photo without a row so long after it came is one that was removed while it was being sealed anew.
ORPHANED_SECONDS = 24 * 60 * 60.0
# So many places are named of those that no key opens.
NAMED = 10

# Where each machine has a key file of its own, one step is made at a time, and the file is carried to all of them
# after it: announced (the key opens), sealing (all is sealed with it), dropped (the old one is gone).
Step = Literal["announce", "seal", "drop"]


@dataclass(frozen=True, slots=True)
class Vault:
    """All that is sealed, and the key file that opens it."""

    key_file: Path
    keys: Keyring
    memory: Memory
    arrived: Shelf
    kept: Shelf


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: the number of the key that seals now, values sealed anew, and old keys dropped."""

    number: int
    renewed: int = 0
    dropped: int = 0


async def rotate(
    vault: Vault, step: Step | None = None, patience: float = PATIENCE_SECONDS, tell: Callable[[str], None] = print
) -> Rotated:
    """Make one step of a rotation, or all of them; RotationTrouble or a MemoryFault if it must be called again."""
    if step in (None, "announce"):
        await _announce(vault, whole=step is None)
    if step == "announce":
        tell("The new key is in the key file and does not seal yet.")
        return Rotated(vault.keys.newest)
    if step == "seal" and not _is_under_way(vault.key_file):
        raise RotationTrouble("no key is announced")
    number = seal_with_announced(vault.key_file)
    vault.keys.look(time.monotonic())
    tell(f"Key {number} seals from now on.")
    renewed = await _renew_until_nothing_is_old(vault, patience, tell)
    if step == "seal":
        return Rotated(number, renewed)
    await _remove_purged(vault)
    dropped = drop_old_keys(vault.key_file)
    vault.keys.look(time.monotonic())
    tell(f"{dropped} old keys are dropped." if dropped else "There was no old key.")
    return Rotated(number, renewed, dropped)


async def _announce(vault: Vault, *, whole: bool) -> None:
    if _is_under_way(vault.key_file):
        if not whole:
            raise RotationTrouble("a rotation is under way: make its next steps before another key comes")
        return  # A rotation was cut short, and is ended now.
    unknown = await numbers_in_use(vault.memory) - vault.keys.numbers
    if unknown:
        # A second key of the same number would make two keys that nobody can tell apart.
        raise RotationTrouble(
            f"the database holds what key {max(unknown)} sealed: bring the newest key file here first"
        )
    announce_key(vault.key_file)


def _is_under_way(key_file: Path) -> bool:
    kept, _ = read_key_file(key_file)
    return len(kept.fields) + len(kept.coming) > 1


async def _renew_until_nothing_is_old(vault: Vault, patience: float, tell: Callable[[str], None]) -> int:
    """Go through everything until nothing is old, the last time after every process has followed the key file."""
    ends, total = time.monotonic() + patience, 0
    while True:
        ripe = time.monotonic() >= ends
        renewed = await _renew_all(vault)
        total += renewed.count
        tell(f"{total} values are sealed anew.")
        if renewed.closed:
            places = ", ".join(renewed.closed[:NAMED])
            raise RotationTrouble(f"no key opens {len(renewed.closed)} values, so no key is dropped: {places}")
        if ripe and not renewed.count:
            return total
        if not ripe:
            await asyncio.sleep(max(0.0, ends - time.monotonic()))


async def _renew_all(vault: Vault) -> Renewed:
    renewed = await renew_rows(vault.memory)
    for shelf in (vault.arrived, vault.kept):
        renewed += await asyncio.to_thread(renew_shelf, shelf)
    return renewed


async def _remove_purged(vault: Vault) -> None:
    """Remove photos that were purged in the very moment in which they were sealed anew."""
    for _, paths in await asyncio.to_thread(lambda: list(files_of(vault.kept))):
        for path in paths:
            row = await patiently(partial(vault.memory.read, photo_row, path.name))
            if row.original_purged if row else await asyncio.to_thread(_is_orphaned, path):
                await asyncio.to_thread(vault.kept.remove, path.name)


def _is_orphaned(path: Path) -> bool:
    """Whether a photo lies there for too long to have no row; one that is being recorded now is younger."""
    return path.exists() and time.time() - path.stat().st_mtime > ORPHANED_SECONDS
