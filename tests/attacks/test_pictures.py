"""Pictures that attack: each costs one bounded worker and a plain word, and nothing but pixels survives."""

from __future__ import annotations

import asyncio
import io
import resource
import struct
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import pytest
import pytest_asyncio
from PIL import Image

from bot.certificates.specimens import folder
from bot.certificates.trust_files import load_trust
from bot.documents.photo import read_photo
from bot.documents.photo_reading import PhotoReading
from bot.documents.pixels import KEPT_SIDE
from handlers.reading import ReadingRoom
from tests.attacks.hostile_codes import bend_bytes
from tests.attacks.hostile_pictures import (
    SECRET,
    bomb,
    finder_grid,
    frames,
    photo,
    plain_png,
    png,
    telling_photo,
    telling_png,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT = datetime(2026, 11, 24, tzinfo=UTC)
GOOD = (folder() / "good.png").read_bytes()
TRUST = load_trust(folder())
# Bytes that reading one hostile picture may take beyond what a sound one of the same size takes.
ROOM = 400 * 1024**2
BENT = 6


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room() -> AsyncIterator[ReadingRoom]:
    """One worker with memory for a large picture and no more; it has time, for the machine may be busy."""
    room = ReadingRoom([folder()], workers=1, time_limit=30.0, memory_limit=ROOM)
    await room.warm()
    yield room
    await room.close()


def is_plain(reading: PhotoReading) -> bool:
    """Whether only an encoded picture came back: a JPEG of bounded size without anything beside its pixels."""
    if reading.picture is None:
        return True
    picture = Image.open(io.BytesIO(reading.picture))
    bare = not {"exif", "comment", "icc_profile", "xmp"} & set(picture.info) and not dict(picture.getexif())
    return picture.format == "JPEG" and max(picture.size) <= KEPT_SIDE and bare and SECRET not in reading.picture


def _chunked(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)


def _tiff(width: int, height: int, offset: int = 8) -> bytes:
    """A TIFF that claims this size, whose one directory leads to itself."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    entries += [(277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 2**31)]
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", offset) + struct.pack("<H", len(entries)) + body + struct.pack("<I", 8)


ANIMATED_CANVAS = _chunked(b"VP8X", b"\x02\0\0\0" + b"\xff\x3f\x00" * 2) + _chunked(b"ANIM", bytes(6)) * 3
HUGE = {
    "108 megapixels of one colour": plain_png(10_000, 10_800),
    "a billion points and no pixels": png(2**31 - 1, 2**31 - 1, zlib.compress(b"")),
    "a strip": png(200_000, 1, zlib.compress(bytes(25_001))),
    "16-bit colour just under the limit": png(7_000, 7_000, zlib.compress(b""), depth=16, colour=6),
    "pixels that inflate to a gigabyte": png(100, 100, bomb(1024)),
    "a note that inflates to a gigabyte": plain_png(100, 100, (b"zTXt", b"Comment\0\0" + bomb(1024))),
    "an international note of a gigabyte": plain_png(100, 100, (b"iTXt", b"C\0\1\0\0\0" + bomb(1024))),
    "a profile that inflates to a gigabyte": plain_png(100, 100, (b"iCCP", b"profile\0\0" + bomb(1024))),
    "twenty thousand notes": plain_png(100, 100, *[(b"tEXt", b"Comment\0x")] * 20_000),
    "an animated PNG of a billion frames": plain_png(100, 100, (b"acTL", b"\x3f\xff\xff\xff" + bytes(4))),
    "an animated canvas of 16,384 squared": b"RIFF\xff\xff\xff\x7fWEBP" + ANIMATED_CANVAS,
    "a TIFF of four billion squared": _tiff(2**32 - 1, 2**32 - 1),
    "a TIFF that leads to itself": _tiff(100, 100),
    "a TIFF with no directory": b"MM\0*\xff\xff\xff\xff",
    "a GIF of 65,535 squared": b"GIF89a\xff\xff\xff\xff\x80\0\0"
    + bytes(6)
    + b"\x2c"
    + bytes(4)
    + b"\xff\xff\xff\xff\0\x02",
}
NO_PICTURES = {
    "SVG that fetches": b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
    "SVG with a script": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "EPS that runs": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(/etc/passwd) (r) file\n",
    "EPS in DOS dress": b"\xc5\xd0\xd3\xc6" + (30).to_bytes(4, "little") + bytes(22) + b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "HTML": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "a program": b"\x7fELF\x02\x01\x01" + bytes(100),
    "an archive": b"PK\x03\x04" + bytes(100),
    "a list of other files": b"#EXTM3U\nfile:///etc/passwd\n",
    "a Windows metafile": b"\xd7\xcd\xc6\x9a" + bytes(100),
    "a picture of X": b"#define x_width 99999\n#define x_height 99999\nstatic char x_bits[] = {\n0x00 };",
}


@pytest.mark.parametrize("name", HUGE)
async def test_a_small_file_that_opens_to_a_vast_one_is_declined_or_read_within_limits(
    room: ReadingRoom, name: str
) -> None:
    assert len(HUGE[name]) < 1_300_000
    reading = await room.read(HUGE[name], AT)
    assert reading.trouble is not None
    assert reading.trouble not in ("crashed", "timed_out")
    assert is_plain(reading)


@pytest.mark.parametrize("name", NO_PICTURES)
async def test_what_is_no_picture_is_not_opened(room: ReadingRoom, name: str) -> None:
    reading = await room.read(NO_PICTURES[name], AT)
    assert (reading.trouble, reading.picture) == ("not_a_picture", None)


@pytest.mark.parametrize(("form", "number"), [("GIF", 2_000), ("WEBP", 500), ("PNG", 1_000)])
async def test_of_an_animation_with_thousands_of_frames_one_is_read(room: ReadingRoom, form: str, number: int) -> None:
    reading = await room.read(frames(form, number), AT)
    assert (reading.trouble, reading.width, reading.height) == ("no_code", 16, 16)
    assert is_plain(reading)


@pytest.mark.parametrize("content", [telling_photo(), telling_png()], ids=["JPEG", "PNG"])
async def test_where_a_photo_was_taken_is_not_kept(room: ReadingRoom, content: bytes) -> None:
    assert SECRET in content
    reading = await room.read(content, AT)
    assert reading.picture is not None
    assert is_plain(reading)


PAGE = b"<html><script>alert('SECRET-10.7628N-106.6602E')</script></html>"


@pytest.mark.parametrize(
    "content",
    [
        photo() + PAGE,
        photo(comment=PAGE),
        photo("PNG") + b"PK\x05\x06" + PAGE,
        photo("GIF")[:-1] + b"\x21\xfe\xff" + PAGE.ljust(255)[:255] + b"\0;",
        photo("WEBP") + PAGE,
        photo()[:2] + b"\xff\xe1" + (len(PAGE) + 2).to_bytes(2, "big") + PAGE + photo()[2:],
    ],
    ids=["JPEG and page", "comment", "PNG and archive", "GIF comment", "WebP and page", "APP1"],
)
async def test_a_picture_that_is_also_a_page_is_kept_as_a_picture_alone(room: ReadingRoom, content: bytes) -> None:
    reading = await room.read(content, AT)
    assert reading.trouble == "no_code"
    assert reading.picture is not None
    assert b"<script" not in reading.picture
    assert b"PK\x05\x06" not in reading.picture
    assert is_plain(reading)


async def test_a_grid_of_finders_costs_one_worker_its_time_and_the_loop_nothing() -> None:
    hurried, ticks = ReadingRoom([folder()], workers=1, time_limit=1.5), 0
    try:
        await hurried.warm()
        reading = asyncio.ensure_future(hurried.read(finder_grid(), AT))
        while not reading.done():
            ticks += 1
            await asyncio.sleep(0.01)
        assert (await reading).trouble in ("timed_out", "no_code")
    finally:
        await hurried.close()
    # Whoever waits for something else has had a turn all the while.
    assert ticks > 10


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_bent_pictures_raise_nothing_and_are_verified_with_no_other_content(form: str) -> None:
    chance, out = Random(form), io.BytesIO()
    Image.open(io.BytesIO(GOOD)).convert("L").save(out, form)
    sound = read_photo(out.getvalue(), TRUST, AT)
    assert sound.verdict is not None
    for _ in range(BENT):
        reading = read_photo(bend_bytes(chance, out.getvalue()), TRUST, AT)
        assert is_plain(reading)
        if reading.verdict is not None and reading.verdict.outcome == "verified":
            assert (reading.verdict.subject, reading.verdict.events) == (sound.verdict.subject, sound.verdict.events)


async def test_a_worker_may_take_only_so_much_memory(room: ReadingRoom) -> None:
    # The limits above are those of the worker, not of the machine: this process has none.
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
    assert (await room.read(photo(), AT)).trouble == "no_code"
