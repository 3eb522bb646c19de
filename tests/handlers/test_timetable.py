"""The timetable keeps the promise about photos."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from handlers.metrics import make_metrics
from handlers.timetable import Timetable
from storage.keys import Keyring
from storage.memory import Memory
from storage.photos import PhotoMissing, PhotoRow, Shelf, photo_row, record_photo

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


async def test_a_photo_is_gone_on_its_day_and_not_before(memory: Memory, keys: Keyring, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept", keys)
    due, later = uuid4().hex, uuid4().hex
    for photo, purge_on in ((due, NOW.date()), (later, NOW.date() + timedelta(days=1))):
        shelf.put(b"pixels", photo)
        await memory.write(record_photo, PhotoRow(photo, None, NOW, purge_on, "image/jpeg", 6))
    timetable = Timetable(memory, Shelf(tmp_path / "arrived", keys), shelf, lambda: NOW, make_metrics())

    assert await timetable.purge() == 1
    assert await timetable.purge() == 0

    with pytest.raises(PhotoMissing):
        shelf.get(due)
    assert shelf.get(later) == b"pixels"
    row = await memory.read(photo_row, due)
    assert row is not None
    assert row.original_purged


async def test_recording_a_photo_twice_keeps_one(memory: Memory) -> None:
    row = PhotoRow(uuid4().hex, None, NOW, NOW.date(), "image/jpeg", 6)
    await memory.write(record_photo, row)
    await memory.write(record_photo, row)
    assert await memory.read(photo_row, row.photo_id) == row


async def test_what_a_crash_left_on_the_shelf_of_arrivals_is_removed(
    memory: Memory, keys: Keyring, tmp_path: Path
) -> None:
    arrived = Shelf(tmp_path / "arrived", keys)
    old, fresh = uuid4().hex, uuid4().hex
    for photo in (old, fresh):
        arrived.put(b"pixels", photo)
    path = next(path for path in (tmp_path / "arrived").glob("*/*") if path.name == old)
    long_ago = (NOW - timedelta(days=3)).timestamp()
    os.utime(path, (long_ago, long_ago))

    await Timetable(memory, arrived, Shelf(tmp_path / "kept", keys), lambda: NOW, make_metrics()).purge()

    with pytest.raises(PhotoMissing):
        arrived.get(old)
    assert arrived.get(fresh) == b"pixels"
