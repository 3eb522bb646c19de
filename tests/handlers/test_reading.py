"""Photos read in worker processes: whatever a photo does to its worker, the next one is read."""

import asyncio
import io
import os
import shutil
import signal
import time
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import numpy
import pytest
from PIL import Image

from bot.certificates.specimens import folder
from bot.certificates.trust import TrustStore
from bot.documents.photo import read_photo
from bot.documents.photo_reading import PhotoReading
from handlers.reading import ReadingRoom, ReadingRoomClosed

AT = datetime(2026, 11, 24, tzinfo=UTC)
GOOD = (folder() / "good.png").read_bytes()


def unruly(content: bytes, trust: TrustStore, at: datetime) -> PhotoReading:
    """A reader that does what its photo says; any other photo it reads in earnest."""
    if content == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if content == b"hang":
        time.sleep(600)
    if content == b"hog":
        bytearray(16 * 1024**3)
    if content == b"who":
        return PhotoReading(str(os.getpid()))
    return read_photo(content, trust, at)


@pytest.fixture
async def room() -> AsyncIterator[ReadingRoom]:
    room = ReadingRoom([folder()], workers=1, time_limit=2.0, reader=unruly)
    yield room
    await room.close()


async def test_a_good_specimen_is_verified_in_a_worker(room: ReadingRoom) -> None:
    await room.warm()
    reading = await room.read(GOOD, AT)
    assert reading.trouble is None
    assert reading.verdict is not None
    assert (reading.verdict.outcome, reading.verdict.specimen) == ("verified", True)


async def test_after_a_crash_the_next_photo_is_read(room: ReadingRoom) -> None:
    assert (await room.read(b"crash", AT)).trouble == "crashed"
    assert (await room.read(GOOD, AT)).trouble is None


async def test_a_photo_that_hangs_is_given_up_in_time(room: ReadingRoom) -> None:
    worker = int((await room.read(b"who", AT)).trouble or 0)
    began = time.monotonic()
    assert (await room.read(b"hang", AT)).trouble == "timed_out"
    assert time.monotonic() - began < 3.5
    assert (await room.read(GOOD, AT)).trouble is None
    assert await _ended(worker)


async def test_a_photo_that_eats_memory_costs_its_worker_only(room: ReadingRoom) -> None:
    assert (await room.read(b"hog", AT)).trouble == "crashed"
    assert (await room.read(GOOD, AT)).trouble is None


def length(content: bytes) -> int:
    """Some other work of a worker."""
    if content == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    return len(content)


async def test_a_worker_does_other_work_within_the_same_limits(room: ReadingRoom) -> None:
    assert await room.ask(length, b"12345") == 5
    assert await room.ask(length, b"crash") == "crashed"
    assert await room.ask(length, bytes(21 * 1024 * 1024)) == "too_large"
    assert (await room.read(GOOD, AT)).trouble is None


async def test_a_worker_notices_that_trust_came_and_went(tmp_path: Path) -> None:
    room = ReadingRoom([tmp_path], workers=1)
    try:
        before = await room.read(GOOD, AT)
        shutil.copy(folder() / "trust.json", tmp_path / "trust.json")
        with_trust = await room.read(GOOD, AT)
        (tmp_path / "trust.json").unlink()
        after = await room.read(GOOD, AT)
    finally:
        await room.close()
    outcomes = [reading.verdict.outcome for reading in (before, with_trust, after) if reading.verdict]
    assert outcomes == ["unverified", "verified", "unverified"]


async def test_a_hundred_megapixels_in_a_few_bytes_are_declined(room: ReadingRoom) -> None:
    bomb = _png_of(10_000, 10_800)
    assert len(bomb) < 150_000
    assert (await room.read(bomb, AT)).trouble == "too_many_pixels"
    assert (await room.read(GOOD, AT)).trouble is None


async def test_a_grid_of_finders_does_not_hold_the_room_up(room: ReadingRoom) -> None:
    await room.warm()
    began = time.monotonic()
    assert (await room.read(_finder_grid(), AT)).trouble in ("timed_out", "no_code")
    assert time.monotonic() - began < 3.5
    assert (await room.read(GOOD, AT)).trouble is None


async def test_more_bytes_than_the_limit_never_reach_a_worker(room: ReadingRoom) -> None:
    assert (await room.read(bytes(21 * 1024 * 1024), AT)).trouble == "too_large"


async def test_a_worker_is_renewed_after_its_share_of_photos() -> None:
    room = ReadingRoom(workers=1, photos_per_worker=2, reader=unruly)
    try:
        first, second, third = [(await room.read(b"who", AT)).trouble for _ in range(3)]
    finally:
        await room.close()
    assert first == second != third


async def test_whoever_stops_waiting_leaves_a_fresh_worker_behind(room: ReadingRoom) -> None:
    await room.warm()
    waiting = asyncio.create_task(room.read(b"hang", AT))
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await room.read(GOOD, AT)).trouble is None


async def test_many_photos_at_once_are_all_read_by_two_workers() -> None:
    room = ReadingRoom([folder()], workers=2, reader=unruly)
    try:
        await room.warm()
        readings = await asyncio.gather(*(room.read(b"crash" if n == 5 else GOOD, AT) for n in range(12)))
    finally:
        await room.close()
    assert [reading.trouble for reading in readings] == [None] * 5 + ["crashed"] + [None] * 6


async def test_a_worker_that_died_between_photos_is_not_noticed_by_the_next(room: ReadingRoom) -> None:
    worker = int((await room.read(b"who", AT)).trouble or 0)
    os.kill(worker, signal.SIGKILL)
    assert await _ended(worker)
    assert (await room.read(GOOD, AT)).trouble is None


async def test_photos_that_wait_when_the_room_closes_are_told_so(room: ReadingRoom) -> None:
    await room.warm()
    working = asyncio.create_task(room.read(b"hang", AT))
    waiting = [asyncio.create_task(room.read(GOOD, AT)) for _ in range(3)]
    await asyncio.sleep(0.2)
    await room.close()
    assert (await working).trouble == "crashed"
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in told] == [ReadingRoomClosed] * 3


async def test_a_closed_room_takes_nothing(room: ReadingRoom) -> None:
    await room.close()
    with pytest.raises(ReadingRoomClosed):
        await room.read(GOOD, AT)


async def _ended(pid: int) -> bool:
    for _ in range(50):
        if not _runs(pid):
            return True
        await asyncio.sleep(0.1)
    return False


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and ") Z" not in state.read_text()


def _png_of(width: int, height: int) -> bytes:
    """A valid PNG of one colour with one bit a point."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return len(content).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _finder_grid() -> bytes:
    """Twelve megapixels of finder patterns with modules of one point: every reader sees codes everywhere."""
    finder = numpy.full((9, 9), 255, numpy.uint8)
    finder[1:8, 1:8] = 0
    finder[2:7, 2:7] = 255
    finder[3:6, 3:6] = 0
    grid = numpy.tile(finder, (333, 444))
    out = io.BytesIO()
    Image.fromarray(grid).save(out, "PNG")
    return out.getvalue()
