"""Rotation: everything opens with the new key alone, and neither writers nor a kill in between lose a thing."""

import asyncio
import json
import os
import shutil
import stat
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from fixtures.sealing import ASKED, check, declare, opened
from fixtures.storing import MINUTE, NOON, converse, count_of, execute, hear, outcome, work_of
from sqlalchemy import LargeBinary

from storage.cases import case_of
from storage.key_file import announce_key, seal_with_announced
from storage.keys import LOOK_SECONDS, UnknownKey, load_keys, make_keys
from storage.photos import PhotoRow, mark_purged, record_photo
from storage.resealing import SEALED, numbers_in_use, old_values, put_back
from storage.rotation import RotationTrouble, Step, rotate
from storage.settling import settle
from storage.tables import metadata

# A ring that follows its file looks at it once a second.
LONGER_THAN_A_LOOK = 2 * LOOK_SECONDS


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key file with one key."""
    make_keys(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def text_of(path: Path) -> str:
    """What a key file holds."""
    return path.read_text()


def rewrite(path: Path, content: str) -> None:
    """Put another content into a key file."""
    path.write_text(content)


def quiet(_sentence: str) -> None:
    """Nobody listens."""


async def test_everything_opens_with_the_new_key_alone(database_url: str, key_file: Path) -> None:
    before = text_of(key_file)
    async with opened(database_url, key_file) as vault:
        photos = [await declare(vault, number) for number in range(3)]
        rotated = await rotate(vault, patience=0, tell=quiet)
        assert (rotated.number, rotated.dropped) == (2, 1)
        # A case, an address, three messages, what one showed, a permit, and two files.
        assert rotated.renewed == 3 * 9
        assert await numbers_in_use(vault.memory) == {2}
    assert set(json.loads(text_of(key_file))["fields"]) == {"2"}
    assert json.loads(text_of(key_file))["blind"] == json.loads(before)["blind"]
    async with opened(database_url, key_file) as vault:
        for number, photo in enumerate(photos):
            await check(vault, number, photo)
    rewrite(key_file, before)
    with pytest.raises(UnknownKey):
        async with opened(database_url, key_file) as vault:
            await check(vault, 0, photos[0])


async def test_a_second_rotation_follows_the_first(database_url: str, key_file: Path) -> None:
    async with opened(database_url, key_file) as vault:
        photo = await declare(vault, 7)
        for number in (2, 3):
            assert (await rotate(vault, patience=0, tell=quiet)).number == number
        await check(vault, 7, photo)
        assert vault.keys.numbers == {3}


async def test_under_load_nothing_is_lost_and_nothing_old_is_left(
    database_url: str, key_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(database_url, key_file) as service, opened(database_url, key_file) as vault:
        early = [await declare(service, number) for number in range(200)]
        case_id = (await hear(service.memory, "counted", address="counted")).case_id
        turns, stop, photos = 0, asyncio.Event(), []

        async def count() -> None:
            nonlocal turns
            while not stop.is_set():
                # A minute apart, or they would be a flood.
                await hear(service.memory, uuid4().hex, address="counted", at=NOON + turns * MINUTE)
                work = await work_of(service.memory, case_id)
                case = replace(work.case, tries=work.case.tries + 1)
                turns += bool(await service.memory.write(settle, outcome(work, ASKED, case=case)))

        async def go_on_declaring(start: int) -> None:
            number = start
            while not stop.is_set():
                photos.append((number, await declare(service, number)))
                number += 10

        writers = [asyncio.create_task(work) for work in (count(), *(go_on_declaring(1000 + n) for n in range(3)))]
        rotated = await rotate(vault, patience=LONGER_THAN_A_LOOK, tell=quiet)
        # The service goes on with a key file that has only the new key.
        await asyncio.sleep(LONGER_THAN_A_LOOK)
        stop.set()
        await asyncio.gather(*writers)
        assert service.keys.numbers == {2}
    async with opened(database_url, key_file) as vault:
        assert await numbers_in_use(vault.memory) == {2}
        known = await vault.memory.read(case_of, "telegram", "counted")
        assert known is not None
        assert known.case.tries == turns == known.version - 1
        for number, photo in (*enumerate(early), *photos):
            await check(vault, number, photo)
    with capsys.disabled():
        print(f"\n{rotated.renewed:,} values renewed beside {turns:,} turns and {len(photos)} new declarations; lost 0")


async def test_a_rotation_that_was_cut_short_goes_on_with_the_same_key(database_url: str, key_file: Path) -> None:
    async with opened(database_url, key_file) as vault:
        photos = [await declare(vault, number) for number in range(3)]
        cut = asyncio.create_task(rotate(vault, patience=60, tell=quiet))
        while await numbers_in_use(vault.memory) == {1}:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        cut.cancel()
        await asyncio.wait({cut})
        late = await declare(vault, 3)
    # What a crash leaves of a file is in nobody's way.
    key_file.with_suffix(".part").write_text("{")
    async with opened(database_url, key_file) as vault:
        assert vault.keys.numbers == {1, 2}
        assert (await rotate(vault, patience=0, tell=quiet)).number == 2
        assert vault.keys.newest == 2
    async with opened(database_url, key_file) as vault:
        assert vault.keys.numbers == {2}
        for number, photo in enumerate([*photos, late]):
            await check(vault, number, photo)


async def test_a_turn_in_between_is_not_overwritten(database_url: str, key_file: Path) -> None:
    [state] = [sealed for sealed in SEALED if sealed.name == "cases.state"]
    async with opened(database_url, key_file) as vault:
        work = await work_of(vault.memory, (await hear(vault.memory, "1")).case_id)
        announce_key(key_file)
        seal_with_announced(key_file)
        vault.keys.look(time.monotonic())
        read = await vault.memory.read(old_values, state, "")
        assert await vault.memory.write(settle, outcome(work, ASKED, case=replace(work.case, tries=5)))
        await vault.memory.write(put_back, (state, read.changes))
        known = await vault.memory.read(case_of, "telegram", "4711")
        assert known is not None
        assert (len(read.changes), known.case.tries) == (1, 5)


async def test_a_value_that_no_key_opens_keeps_the_old_key_and_is_named(database_url: str, key_file: Path) -> None:
    async with opened(database_url, key_file) as vault:
        work = await converse(vault.memory, "1", ASKED)
        await execute(vault.memory, "UPDATE cases SET state = :state", state=b"\1" + bytes(40))
        with pytest.raises(RotationTrouble, match=f"cases.state:{work.case_id}"):
            await rotate(vault, patience=0, tell=quiet)
    assert load_keys(key_file).numbers == {1, 2}


async def test_no_key_is_made_where_the_database_knows_a_newer_one(database_url: str, key_file: Path) -> None:
    before = text_of(key_file)
    async with opened(database_url, key_file) as vault:
        await declare(vault, 1)
        await rotate(vault, patience=0, tell=quiet)
    rewrite(key_file, before)
    async with opened(database_url, key_file) as vault:
        with pytest.raises(RotationTrouble, match="key 2"):
            await rotate(vault, patience=0, tell=quiet)
    assert text_of(key_file) == before


async def test_machines_with_key_files_of_their_own_make_one_step_at_a_time(database_url: str, key_file: Path) -> None:
    there = key_file.parent / "there"
    there.mkdir()
    other = there / "keys.json"
    shutil.copy2(key_file, other)

    async def step(name: Step) -> None:
        async with opened(database_url, key_file) as vault:
            await rotate(vault, name, patience=0, tell=quiet)

    async with opened(database_url, other, there) as elsewhere:
        first = await declare(elsewhere, 0)
        for number, name in enumerate[Step](("announce", "seal", "drop"), 1):
            await step(name)
            photo = await declare(elsewhere, number)
            async with opened(database_url, key_file, there) as here:
                await check(here, number, photo)
            shutil.copy2(key_file, other)
            elsewhere.keys.look(time.monotonic())
            for files in (elsewhere.arrived, elsewhere.kept):
                for each in (first, photo):
                    files.put(files.get(each), each)
            await check(elsewhere, number, photo)
        await check(elsewhere, 0, first)
        assert elsewhere.keys.numbers == {2}


async def test_steps_out_of_order_are_refused(sqlite_url: str, key_file: Path) -> None:
    async with opened(sqlite_url, key_file) as vault:
        with pytest.raises(RotationTrouble, match="no key is announced"):
            await rotate(vault, "seal", patience=0, tell=quiet)
        await rotate(vault, "announce", patience=0, tell=quiet)
        with pytest.raises(RotationTrouble, match="under way"):
            await rotate(vault, "announce", patience=0, tell=quiet)
        await rotate(vault, "seal", patience=0, tell=quiet)
        assert load_keys(key_file).numbers == {1, 2}


async def test_a_photo_that_was_purged_in_that_moment_does_not_come_back(database_url: str, key_file: Path) -> None:
    async with opened(database_url, key_file) as vault:
        purged, fresh, old = uuid4().hex, uuid4().hex, uuid4().hex
        for photo in (purged, fresh, old):
            vault.kept.put(b"x", photo)
        await vault.memory.write(record_photo, PhotoRow(purged, None, NOON, NOON.date(), "image/jpeg", 1))
        await vault.memory.write(mark_purged, purged)
        before = time.time() - timedelta(days=3).total_seconds()
        path = vault.kept.folder / old[:2] / old
        os.utime(path, (before, before))
        await rotate(vault, patience=0, tell=quiet)
        left = [found.name for found in vault.kept.folder.rglob("*") if found.is_file()]
        assert left == [fresh]


async def test_a_photo_keeps_the_time_at_which_it_came(sqlite_url: str, key_file: Path) -> None:
    async with opened(sqlite_url, key_file) as vault:
        photo, before = uuid4().hex, time.time() - 1000
        vault.arrived.put(b"x", photo)
        path = vault.arrived.folder / photo[:2] / photo
        os.utime(path, (before, before))
        assert (await rotate(vault, patience=0, tell=quiet)).renewed == 1
        assert path.stat().st_mtime == pytest.approx(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_binary_column_is_sealed_or_an_index() -> None:
    binary = {
        column for table in metadata.tables.values() for column in table.c if isinstance(column.type, LargeBinary)
    }
    forgotten = {str(column) for column in binary if not column.name.endswith("_index")} - {
        each.name for each in SEALED
    }
    assert forgotten == set()


async def test_a_batch_ends_and_the_next_goes_on(database_url: str, key_file: Path) -> None:
    async with opened(database_url, key_file) as vault:
        await asyncio.gather(*(hear(vault.memory, str(number), address=str(number % 7)) for number in range(1203)))
        assert await count_of(vault.memory, "transcript") == 1203
        assert (await rotate(vault, patience=0, tell=quiet)).renewed == 1203 + 7 + 7
