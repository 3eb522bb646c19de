"""The timetable keeps the promise about photos, and finds what rests on keys that were withdrawn."""

import asyncio
import base64
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from fixtures.certified import reasons, show, verdict
from fixtures.storing import permit

from bot.certificates.trust_files import LiveTrust
from bot.certificates.trust_lists import withdrawals
from handlers.metrics import make_metrics
from handlers.timetable import Timetable
from storage.certificates import Reopened
from storage.keys import Keyring
from storage.memory import Memory
from storage.photos import PhotoMissing, PhotoRow, Shelf, photo_row, record_photo
from tests.specimens.make_specimens import Signer, make_signer

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


def text_of(kid: bytes) -> str:
    """A key's identifier as verdicts and lists write it."""
    return base64.b64encode(kid).decode()


def write_list(folder: Path, signer: Signer, *withdrawn: bytes) -> None:
    """A gateway's list of one key, which says what was withdrawn."""
    entry = {"kid": text_of(signer.kid), "country": "XX", "rawData": base64.b64encode(signer.certificate).decode()}
    listed = {"certificates": [entry], "withdrawn": [text_of(kid) for kid in withdrawn]}
    (folder / "list.json").write_text(json.dumps(listed))


async def test_a_round_reopens_what_rests_on_a_key_that_was_withdrawn_by_whatever_way(
    memory: Memory, keys: Keyring, tmp_path: Path
) -> None:
    folder = tmp_path / "trust"
    folder.mkdir()
    listed, by_hand = make_signer(), b"eight by"
    done = await show(memory, "done", verdict("A", kid=text_of(listed.kid)), "C01X00T47", permit=permit("VN-1"))
    other = await show(memory, "other", verdict("B", kid=text_of(by_hand)), "K7700021", permit=permit("VN-2"))
    shelves = Shelf(tmp_path / "arrived", keys), Shelf(tmp_path / "kept", keys)
    timetable = Timetable(memory, *shelves, lambda: NOW, make_metrics(), LiveTrust((folder,)))

    write_list(folder, listed)
    assert await timetable.reopen() == Reopened()
    # A list comes in that withdraws its key, and a file of withdrawals from another machine with one in no list.
    write_list(folder, listed, listed.kid)
    assert await timetable.reopen() == Reopened(1, 0)
    file = withdrawals.with_key(withdrawals.empty(), by_hand, "lost", "2026-11-24")
    (folder / withdrawals.FILE).write_bytes(withdrawals.write(file))
    assert await timetable.reopen() == Reopened(1, 0)
    assert await reasons(memory) == {done: ("key_withdrawn",), other: ("key_withdrawn",)}
    assert await timetable.reopen() == Reopened()


async def test_the_first_round_comes_at_the_start(memory: Memory, keys: Keyring, tmp_path: Path) -> None:
    case_id = await show(memory, "done", verdict("A", kid=text_of(b"eight by")), "C01X00T47")
    file = withdrawals.with_key(withdrawals.empty(), b"eight by", "lost", "2026-11-24")
    (tmp_path / withdrawals.FILE).write_bytes(withdrawals.write(file))
    shelves = Shelf(tmp_path / "arrived", keys), Shelf(tmp_path / "kept", keys)
    timetable = Timetable(memory, *shelves, lambda: NOW, make_metrics(), LiveTrust((tmp_path,)))

    async def ours() -> bool:
        return True

    running = asyncio.create_task(timetable.run(ours))
    while not await reasons(memory) and not running.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    running.cancel()
    assert await reasons(memory) == {case_id: ("key_withdrawn",)}
