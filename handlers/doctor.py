"""`khaibao doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import argparse
import importlib
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.certificates.trust import all_keys
from bot.certificates.trust_files import load_trust
from handlers.service import KEY_FILE, now, trust_folders
from handlers.settings import Settings
from handlers.trust_folder import trust_folder
from storage.faults import MemoryFault
from storage.keys import KeyTrouble, load_keys
from storage.migrate import is_current

OLD_DAYS = 30
"""Days after which a list of keys wants looking after."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at; without what is `needed` the service does not start."""

    thing: str
    well: bool
    told: str
    needed: bool = False


def run(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Print every sign; status 1 when something that is needed is missing."""
    signs = [sign for examine in _EXAMINATIONS for sign in examine(settings)]
    for sign in signs:
        mark = "ok     " if sign.well else "MISSING" if sign.needed else "lacking"
        print(f"{mark}  {sign.thing}: {sign.told}")
    return 0 if all(sign.well or not sign.needed for sign in signs) else 1


def _python(_settings: Settings) -> Iterator[Sign]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Sign("Python", sys.version_info >= (3, 11), f"{version}, SQLite {sqlite3.sqlite_version}", needed=True)


def _libraries(_settings: Settings) -> Iterator[Sign]:
    try:
        importlib.import_module("pyzbar.pyzbar")
        there = True
    except (ImportError, OSError):
        there = False
    told = "codes are read by zxing-cpp and pyzbar" if there else "install libzbar0; zxing-cpp reads codes alone"
    yield Sign("libzbar", there, told)
    yield _reader_of_text()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    yield Sign("Chromium", browser is not None, browser or "install chromium; only the browser tests need it")


def _reader_of_text() -> Sign:
    """Whether paper cards can be read; what reads them is loaded here for once, as a worker would."""
    from bot.documents.paper_lines import NoReader, load_reader

    try:
        load_reader()
    except NoReader as missing:
        return Sign("Paper cards", False, f"{missing}; cards without a code are kept, but not read")
    return Sign("Paper cards", True, "their text is read for whoever looks at them")


def _home(settings: Settings) -> Iterator[Sign]:
    path = settings.home / KEY_FILE
    if not path.exists():
        yield Sign("Home", True, f"{settings.home} has no keys yet; the first start makes them")
        return
    try:
        load_keys(path)
        yield Sign("Home", True, f"{settings.home}, keys in order", needed=True)
    except KeyTrouble as trouble:
        yield Sign("Home", False, str(trouble), needed=True)


def _database(settings: Settings) -> Iterator[Sign]:
    kind = "PostgreSQL" if settings.database_url else "SQLite in the home folder"
    try:
        current = is_current(settings.database)
    except (MemoryFault, OSError) as fault:
        yield Sign("Database", False, f"{kind} does not answer: {type(fault).__name__}", needed=True)
        return
    yield Sign("Database", current, f"{kind}, {'up to date' if current else 'run `khaibao migrate` or `serve`'}")


def _trust(settings: Settings) -> Iterator[Sign]:
    for folder in trust_folders(settings):
        store = load_trust(folder)
        told = f"{len(store.keys)} keys, {len(store.problems)} entries not readable"
        yield Sign(f"Trust list {folder.name}", bool(store.keys), told)
        oldest = min((key.listed_on for key in all_keys(store) if key.listed_on), default=None)
        if oldest:
            days = (now().date() - oldest).days
            yield Sign(f"Trust list {folder.name}", days <= OLD_DAYS, f"the oldest list is {days} days old")
    if not trust_folder(settings).is_dir():
        yield Sign("Trust list", False, "no list of keys; bring one in with `khaibao trust import`")


def _platforms(settings: Settings) -> Iterator[Sign]:
    there = settings.telegram_token is not None
    how = "by webhook" if settings.public_url else "by polling, as there is no public address"
    yield Sign("Telegram", there, how if there else "no token: the service runs as a demonstration with the web chat")


_EXAMINATIONS: tuple[Callable[[Settings], Iterator[Sign]], ...] = (
    _python,
    _libraries,
    _home,
    _database,
    _trust,
    _platforms,
)
