"""Photos: sealed on the shelf, gone when purged, never a path."""

import os
from datetime import date
from pathlib import Path

import pytest
from fixtures.storing import NOON, files_no_longer_than, hear

from storage.faults import MemoryFault
from storage.keys import Keyring, Tampered
from storage.memory import Memory
from storage.photos import (
    PhotoMissing,
    PhotoName,
    PhotoRow,
    Shelf,
    due_photos,
    mark_purged,
    photo_row,
    record_photo,
)

ONE, TWO = "0f" * 16, "1e" * 16
PICTURE = b"\xff\xd8 a picture of somebody \xff\xd9" * 100


@pytest.fixture
def shelf(tmp_path: Path, keys: Keyring) -> Shelf:
    """An empty shelf."""
    return Shelf(tmp_path / "photos", keys)


def files_on(shelf: Shelf) -> list[Path]:
    """Every file on the shelf."""
    return [path for path in shelf.folder.rglob("*") if path.is_file()]


def test_what_was_put_on_the_shelf_is_got_back(shelf: Shelf) -> None:
    shelf.put(PICTURE, ONE)
    shelf.put(b"", TWO)
    assert shelf.get(ONE) == PICTURE
    assert shelf.get(TWO) == b""


def test_a_photo_is_sealed_and_only_its_owner_may_read_the_file(shelf: Shelf) -> None:
    shelf.put(PICTURE, ONE)
    [path] = files_on(shelf)
    assert b"somebody" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_changed_photo_is_noticed(shelf: Shelf) -> None:
    shelf.put(PICTURE, ONE)
    [path] = files_on(shelf)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(Tampered):
        shelf.get(ONE)


def test_a_photo_in_the_place_of_another_is_noticed(shelf: Shelf) -> None:
    shelf.put(PICTURE, ONE)
    shelf.put(b"other", TWO)
    (shelf.folder / TWO[:2] / TWO).replace(shelf.folder / ONE[:2] / ONE)
    with pytest.raises(Tampered):
        shelf.get(ONE)


def test_a_removed_photo_is_gone(shelf: Shelf) -> None:
    shelf.put(PICTURE, ONE)
    shelf.remove(ONE)
    shelf.remove(ONE)
    shelf.remove(TWO)
    assert files_on(shelf) == []
    with pytest.raises(PhotoMissing):
        shelf.get(ONE)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0F" * 16, "0f" * 15, "0f" * 16 + "\n", "/" * 32, "." * 32])
def test_an_id_is_never_a_path(shelf: Shelf, name: str) -> None:
    for call in (lambda: shelf.get(name), lambda: shelf.put(b"x", name), lambda: shelf.remove(name)):
        with pytest.raises(PhotoName):
            call()


def test_a_disk_that_refuses_leaves_no_photo(shelf: Shelf) -> None:
    with files_no_longer_than(1000), pytest.raises(MemoryFault):
        shelf.put(os.urandom(5000), ONE)
    with pytest.raises(PhotoMissing):
        shelf.get(ONE)
    assert shelf.sweep() == 1
    assert files_on(shelf) == []


async def test_a_photo_is_due_on_its_day_until_it_is_purged(memory: Memory) -> None:
    case_id = (await hear(memory, "1")).case_id
    one = PhotoRow(ONE, case_id, NOON, date(2026, 12, 1), "image/jpeg", 2800, b"\0" * 32)
    two = PhotoRow(TWO, None, NOON, date(2026, 12, 2), "application/pdf", 7)
    await memory.write(record_photo, one)
    await memory.write(record_photo, two)
    assert await memory.read(photo_row, ONE) == one
    assert await memory.read(photo_row, TWO) == two
    assert await memory.read(photo_row, "x") is None
    assert await memory.read(due_photos, date(2026, 11, 30)) == []
    assert await memory.read(due_photos, date(2026, 12, 2)) == [ONE, TWO]
    await memory.write(mark_purged, ONE)
    assert await memory.read(due_photos, date(2026, 12, 2)) == [TWO]
