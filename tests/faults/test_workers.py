"""Photos that hang, crash or hog their worker: who sent them gets a sentence, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

import aiohttp
import pytest
from crowd import Town, Walker, open_town

from bot.certificates.trust import TrustStore
from bot.documents.photo import read_photo
from bot.documents.photo_reading import PhotoReading
from handlers import service
from handlers.reading import ReadingRoom

TALKERS = 20
TIME_LIMIT = 1.0
HOG = 64 * 1024**3
UNRULY = (b"hang", b"crash", b"hog")


def unruly(content: bytes, trust: TrustStore, at: datetime) -> PhotoReading:
    """A reader that does what its photo says."""
    if content == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if content == b"hang":
        time.sleep(600)
    if content == b"hog":
        bytearray(HOG)
    return read_photo(content, trust, at)


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A house whose one worker is at the mercy of photos."""
    monkeypatch.setattr(service, "ReadingRoom", partial(ReadingRoom, time_limit=TIME_LIMIT, reader=unruly))
    async with open_town(tmp_path / "home") as town:
        await town.house.reading.warm()
        yield town


async def waits_of(walker: Walker, says: list[object]) -> list[float]:
    """How long each answer took."""
    waits = []
    for said in says:
        began = time.monotonic()
        await walker.walk([said])
        waits.append(time.monotonic() - began)
    return waits


async def answer_to_photo(walker: Walker, content: bytes) -> str:
    """Go as far as the question for a certificate, send this as a photo, and read what is said to it."""
    says = walker.says(walker.town.clock())
    await walker.walk(says[:-2])
    async with aiohttp.ClientSession():
        walker.town.stand_in.deliver_to(f"{walker.town.url}/telegram/webhook", "the-secret-of-the-webhook")
        assert await walker.phone.photo(content) == 200
    return (await walker.reply()).text


async def test_nobody_waits_for_a_photo_that_hangs_crashes_or_hogs(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    senders = [town.walker(6001 + number) for number in range(len(UNRULY))]
    talkers = [town.walker(6101 + number) for number in range(TALKERS)]
    calm = [
        wait for waits in await asyncio.gather(*(waits_of(one, ["/help"] * 4) for one in talkers)) for wait in waits
    ]
    photos = [asyncio.create_task(answer_to_photo(*each)) for each in zip(senders, UNRULY, strict=True)]
    await asyncio.sleep(0.5)
    waits: list[float] = []
    while not all(photo.done() for photo in photos):
        found = await asyncio.gather(*(waits_of(one, ["/help"]) for one in talkers))
        waits += [wait for waits in found for wait in waits]
        await asyncio.sleep(0.05)
    sentences = [await photo for photo in photos]
    await town.quiet()
    tally = await town.tally([*senders, *talkers])
    assert len(waits) >= TALKERS
    # Who waits behind a photo waits as long as it is given; a busy machine may hold a few up as long by itself.
    assert sum(wait >= TIME_LIMIT for wait in waits) <= len(waits) // 20
    assert median(waits) < 5 * max(median(calm), 0.02)
    assert all(len(sentence) > 20 for sentence in sentences)
    assert not any(
        word in sentence.casefold() for sentence in sentences for word in ("crash", "timed", "worker", "error")
    )
    assert tally.sound
    with capsys.disabled():
        print(
            f"\nworkers: {tally}; {len(waits)} answers beside a hanging, a crashing and a hogging photo: median "
            f"{1000 * median(waits):.0f} ms, longest {1000 * max(waits):.0f} ms (calm: {1000 * median(calm):.0f}, "
            f"{1000 * max(calm):.0f}); told: {sentences[0]!r}"
        )
