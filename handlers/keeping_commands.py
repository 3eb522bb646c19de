"""What an operator does for keeping: back up, restore, rotate the keys, purge."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import getpass
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import get_args

from handlers.metrics import make_metrics
from handlers.service import KEY_FILE, now
from handlers.settings import Settings
from handlers.timetable import Timetable
from storage.archive import SHELVES
from storage.audit import Note, write_down
from storage.backup import back_up
from storage.keys import KeyFileTrouble, Keyring, load_keys
from storage.lock import AlreadyHeld
from storage.memory import Memory
from storage.migrate import migrate
from storage.photos import Shelf
from storage.restore import restore as restore_archive
from storage.rotation import Step, Vault, rotate

DONE = 0


def add_backup(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao backup`."""
    parser.add_argument("target", type=Path, metavar="FILE|FOLDER", help="where to put it; in a folder it is named")
    parser.add_argument(
        "--with-keys", action="store_true", help="put the key file in: who has the archive reads it all"
    )


def backup(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make an archive of the database and the photos while the service runs."""
    key_file = _own_key_file(settings)
    wanted = key_file if arguments.with_keys else None
    keys = load_keys(key_file)
    made = back_up(settings.database, settings.home, arguments.target, keys, key_file=wanted, at=now())
    asyncio.run(_note(settings, keys, "backed_up", f"{made.rows} rows, {made.photos} photos"))
    print(f"{made.path}: {made.rows} rows and {made.photos} photos.")
    if not arguments.with_keys:
        print(f"Nobody can read it without the keys of today: keep a copy of {key_file} in another place.")
    return DONE


def add_restore(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao restore`."""
    parser.add_argument("archive", type=Path, help="what `khaibao backup` made")


def restore(arguments: argparse.Namespace, settings: Settings) -> int:
    """Restore an archive into an empty home and an empty database."""
    restored = restore_archive(arguments.archive, settings.database, settings.home)
    print(f"{restored.rows} rows and {restored.photos} photos are restored into {settings.home}.")
    if not restored.opened:
        print(f"The archive has no keys: put the key file of its day to {settings.home / KEY_FILE} before a start.")
    return DONE


def add_rotate_keys(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao rotate-keys`."""
    tells = "one step only, where several machines have key files: copy the file to all of them after each"
    parser.add_argument("step", nargs="?", choices=get_args(Step), help=tells)


def rotate_keys(arguments: argparse.Namespace, settings: Settings) -> int:
    """Seal everything with a new key while the service runs, and drop the old one."""
    with _alone(settings.home):
        asyncio.run(_rotate_keys(arguments.step, settings))
    return DONE


async def _rotate_keys(step: Step | None, settings: Settings) -> None:
    async with _vault(settings) as vault:
        rotated = await rotate(vault, step)
        told = f"key {rotated.number}, {rotated.renewed} values, {rotated.dropped} dropped"
        await vault.memory.write(write_down, Note(now(), _actor(), "keys_rotated", None, told))


def purge(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Remove the photos whose day has come, once; the service does the same every hour."""
    print(f"{asyncio.run(_purge(settings))} photos are purged.")
    return DONE


async def _purge(settings: Settings) -> int:
    async with _vault(settings) as vault:
        return await Timetable(vault.memory, vault.arrived, vault.kept, now, make_metrics()).purge()


@asynccontextmanager
async def _vault(settings: Settings) -> AsyncIterator[Vault]:
    """All that is sealed in the home and the database of these settings."""
    key_file = _own_key_file(settings)
    keys = load_keys(key_file)
    await asyncio.to_thread(migrate, settings.database)
    async with _memory(settings, keys) as memory:
        arrived, kept = (Shelf(settings.home / name, keys) for name in SHELVES)
        yield Vault(key_file, keys, memory, arrived, kept)


@asynccontextmanager
async def _memory(settings: Settings, keys: Keyring) -> AsyncIterator[Memory]:
    memory = Memory.open(settings.database, keys)
    try:
        yield memory
    finally:
        await memory.close()


async def _note(settings: Settings, keys: Keyring, action: str, told: str) -> None:
    """Write into the audit, without bringing the tables up to date."""
    async with _memory(settings, keys) as memory:
        await memory.write(write_down, Note(now(), _actor(), action, None, told))


def _actor() -> str:
    return f"staff:{getpass.getuser()}"


def _own_key_file(settings: Settings) -> Path:
    """The key file; KeyFileTrouble if it is another account's, whose service could not read what this one writes."""
    key_file = settings.home / KEY_FILE
    if key_file.exists() and key_file.stat().st_uid != os.geteuid():
        raise KeyFileTrouble(f"{key_file} belongs to another account: run this as that one")
    return key_file


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """AlreadyHeld if another rotation is under way in this home."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyHeld("another rotation is under way") from error
        yield
    finally:
        os.close(descriptor)
