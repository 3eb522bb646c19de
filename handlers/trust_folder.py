"""The folder of trusted keys: where it is, and how a file in it is replaced so that no reader ever sees half of one."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bot.certificates.trust import UnreadableFile
from bot.certificates.trust_files import read_bytes
from bot.certificates.trust_lists import withdrawals
from handlers.settings import Settings
from storage.key_file import sync_folder

FOLDER = "trust"
"""In the home folder, where the settings name no other."""


def trust_folder(settings: Settings) -> Path:
    """Where the operator's lists of trusted keys lie, whether or not there are any yet."""
    return settings.trust or settings.home / FOLDER


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in its place in one step, safe from a power cut when this returns; OSError if the disk refuses."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Readers pass over names that begin with a point.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def read_withdrawals(folder: Path) -> withdrawals.WithdrawalFile:
    """The withdrawals of a folder, an empty file where there is none; UnreadableFile where it is damaged."""
    path = folder / withdrawals.FILE
    if not path.exists():
        return withdrawals.empty()
    try:
        return withdrawals.read(json.loads(read_bytes(path)))
    except (ValueError, RecursionError) as wrong:
        raise UnreadableFile("the file of withdrawals is damaged") from wrong
