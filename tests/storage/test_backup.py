"""Backup: taken while the service runs, one moment of either database, and nothing in it can be read."""

import asyncio
import contextlib
import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from fixtures.archiving import (
    NOW,
    PAIRS,
    all_rows,
    contents,
    home_with_keys,
    listing,
    mode_of,
    names,
    restored,
    rewrite,
    save,
    saved,
    target_url,
    text_of,
)
from fixtures.sealing import ASKED, check, declare, opened
from fixtures.storing import files_no_longer_than, hear, outcome, work_of

from storage.archive import KEYS, BadArchive, CannotBackUp, kind_of
from storage.audit import Note, write_down
from storage.cases import case_of
from storage.faults import MemoryLost
from storage.keys import UnknownKey, load_keys, make_keys
from storage.lock import LOCK_NAME
from storage.photos import PhotoMissing, Shelf, kept_photo
from storage.restore import Restored
from storage.settling import settle
from storage.tables import metadata


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with keys, where the service has run; on SQLite its database lies beside it."""
    return home_with_keys(tmp_path)


@pytest.mark.parametrize(("source", "target"), PAIRS)
async def test_everything_is_there_again_in_either_database(
    source: str, target: str, request: pytest.FixtureRequest, home: Path, tmp_path: Path
) -> None:
    url = str(request.getfixturevalue(f"{source}_url"))
    async with opened(url, home / KEYS) as vault:
        photos = [await declare(vault, number) for number in range(5)]
        await vault.memory.write(write_down, Note(NOW, "staff:Ạ", "looked", None, "x"))
        before = await vault.memory.read(all_rows)
        made = await save(url, home, tmp_path / "saved.tar")
        last = await hear(vault.memory, "after", address="after")
    assert made.photos == 10
    assert made.rows == sum(len(rows) for rows in before.values())

    there = tmp_path / "there"
    into = target_url(target, request, there)
    assert await restored(made.path, into, there) == Restored(made.rows, 10, opened=True)
    async with opened(into, there / KEYS) as vault:
        assert await vault.memory.read(all_rows) == before
        for number, photo in enumerate(photos):
            await check(vault, number, photo)
        # The next message is heard, and its row has a number that none had before the backup.
        heard = await hear(vault.memory, "next", address="address 1")
        assert heard.row is not None
        assert last.row is not None
        assert heard.row >= last.row > max(row.id for row in before["transcript"])
        assert await vault.memory.write(settle, outcome(await work_of(vault.memory, heard.case_id), ASKED))


@pytest.mark.parametrize(("source", "target"), PAIRS)
async def test_a_backup_taken_under_load_is_one_moment(
    source: str,
    target: str,
    request: pytest.FixtureRequest,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = str(request.getfixturevalue(f"{source}_url"))
    stop = asyncio.Event()
    async with opened(url, home / KEYS) as vault:

        async def talk(number: int) -> None:
            while not stop.is_set():
                photo = uuid4().hex
                await asyncio.to_thread(vault.arrived.put, b"arrived", photo)
                taken = await hear(vault.memory, f"{number}/{photo}", photo, address=f"address {number}")
                work = await work_of(vault.memory, taken.case_id)
                case = replace(work.case, tries=work.case.tries + 1)
                await asyncio.to_thread(vault.kept.put, b"kept", kept_photo(work.case_id, work.row))
                assert await vault.memory.write(settle, outcome(work, ASKED, case=case))
                await asyncio.to_thread(vault.arrived.remove, photo)

        talks = [asyncio.create_task(talk(number)) for number in range(8)]
        await asyncio.sleep(0.5)
        made = await save(url, home, tmp_path / "saved.tar")
        await asyncio.sleep(0.2)
        stop.set()
        await asyncio.gather(*talks)
        written = len((await vault.memory.read(all_rows))["transcript"])

    there = tmp_path / "there"
    into = target_url(target, request, there)
    await restored(made.path, into, there)
    async with opened(into, there / KEYS) as vault:
        rows = (await vault.memory.read(all_rows))["transcript"]
        for number in range(8):
            known = await vault.memory.read(case_of, "telegram", f"address {number}")
            assert known is not None
            mine = [row for row in rows if row.case_id == known.case_id]
            done = [row for row in mine if row.state == "done"]
            assert known.case.tries == known.version - 1 == len(done) == len([r for r in mine if r.direction == "said"])
            for row in done:
                assert vault.kept.get(kept_photo(known.case_id, row.id)) == b"kept"
            # A photo that was handled within the moment of the backup may be gone already; then the bot asks again.
            waiting = [row.external_id.partition("/")[2] for row in mine if row.state == "waiting"]
            assert len(waiting) <= 1
            for photo in waiting:
                with contextlib.suppress(PhotoMissing):
                    assert vault.arrived.get(photo) == b"arrived"
    with capsys.disabled():
        print(f"\n{source} to {target}: {len(rows):,} rows saved of {written:,} that were written in the end")


async def test_a_message_whose_photo_waits_is_saved_with_it(database_url: str, home: Path, tmp_path: Path) -> None:
    async with opened(database_url, home / KEYS) as vault:
        vault.arrived.put(b"arrived", "ab" * 16)
        await save(database_url, home, tmp_path / "saved.tar")
    assert f"arrived/ab/{'ab' * 16}" in names(tmp_path / "saved.tar")


async def test_a_large_table_is_packed_in_pieces(database_url: str, home: Path, tmp_path: Path) -> None:
    async with opened(database_url, home / KEYS) as vault:
        text = "x" * 3000
        messages = (hear(vault.memory, str(number), text, address=f"{number % 5}") for number in range(2100))
        taken = await asyncio.gather(*messages)
        made = await save(database_url, home, tmp_path / "saved.tar")
    parts = [name for name in names(made.path) if "-transcript-" in name]
    assert len(parts) == 3
    there = tmp_path / "there"
    await restored(made.path, f"sqlite:///{there}/khaibao.db", there)
    async with opened(f"sqlite:///{there}/khaibao.db", there / KEYS) as vault:
        rows = (await vault.memory.read(all_rows))["transcript"]
        assert [row.id for row in rows] == sorted(each.row for each in taken if each.row)


async def test_nothing_in_the_archive_can_be_read_without_the_keys(
    database_url: str, home: Path, tmp_path: Path
) -> None:
    async with opened(database_url, home / KEYS) as vault:
        await declare(vault, 4711)
    made = await save(database_url, home, tmp_path / "saved.tar", with_keys=False)
    content = contents(made.path)
    assert KEYS not in content
    # Names, numbers, what was written and the pixels are sealed; that there was a permit is not hidden.
    whole = b"".join(content.values())
    for word in (b"my name is", b"Mustermann", b"C01X00T47", b"address 4711", b"arrived\n", b"kept\n"):
        assert word not in whole
    assert stat.S_IMODE(mode_of(made.path)) == 0o600


async def test_keys_may_be_kept_apart_and_lie_in_the_home_already(
    database_url: str, home: Path, tmp_path: Path
) -> None:
    async with opened(database_url, home / KEYS) as vault:
        photo = await declare(vault, 1)
    made = await save(database_url, home, tmp_path / "saved.tar", with_keys=False)
    there = tmp_path / "there"
    there.mkdir()
    shutil.copy2(home / KEYS, there / KEYS)
    url = f"sqlite:///{there}/khaibao.db"
    assert (await restored(made.path, url, there)).opened
    async with opened(url, there / KEYS) as vault:
        await check(vault, 1, photo)
    elsewhere = tmp_path / "elsewhere"
    assert not (await restored(made.path, f"sqlite:///{elsewhere}/khaibao.db", elsewhere)).opened


async def test_keys_that_do_not_open_it_are_refused(database_url: str, home: Path, tmp_path: Path) -> None:
    async with opened(database_url, home / KEYS) as vault:
        await declare(vault, 1)
    made = await save(database_url, home, tmp_path / "saved.tar")
    there = tmp_path / "there"
    there.mkdir()
    make_keys(there / KEYS)
    with pytest.raises(BadArchive, match="other keys"):
        await restored(made.path, f"sqlite:///{there}/khaibao.db", there)
    # The same keys after a rotation open no older backup.
    kept = json.loads(text_of(home / KEYS))
    rewrite(there / KEYS, json.dumps(kept | {"fields": {"2": kept["fields"]["1"]}}))
    with pytest.raises(UnknownKey, match="key 1"):
        await restored(made.path, f"sqlite:///{there}/khaibao.db", there)
    assert listing(there) == [KEYS, LOCK_NAME]


def test_an_archive_is_never_written_over(sqlite_url: str, home: Path, tmp_path: Path) -> None:
    (tmp_path / "saved.tar").write_text("precious")
    with pytest.raises(CannotBackUp, match="there already"):
        saved(sqlite_url, home, tmp_path / "saved.tar")
    assert text_of(tmp_path / "saved.tar") == "precious"


def test_in_a_folder_the_archive_is_named_after_its_time(sqlite_url: str, home: Path, tmp_path: Path) -> None:
    assert saved(sqlite_url, home, tmp_path).path == tmp_path / "khaibao-20261124T030405Z.tar"


def test_a_disk_that_refuses_leaves_no_archive(sqlite_url: str, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    Shelf(home / "photos", load_keys(home / KEYS)).put(bytes(200_000), uuid4().hex)
    with files_no_longer_than(100_000), pytest.raises(OSError):
        saved(sqlite_url, home, folder)
    assert listing(folder) == []


def test_a_missing_database_is_told_and_not_made(home: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotBackUp, match="no database"):
        saved(f"sqlite:///{tmp_path}/none.db", home, tmp_path / "saved.tar")
    assert not (tmp_path / "none.db").exists()


def test_a_database_without_tables_is_told(home: Path, empty_postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotBackUp, match="migrate"):
        saved(empty_postgres_url, home, tmp_path / "saved.tar")
    assert not (tmp_path / "saved.tar").exists()


def test_a_server_that_does_not_answer_is_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(MemoryLost):
        saved(f"postgresql://nobody@/x?host={tmp_path}", home, tmp_path / "saved.tar")


def test_every_column_has_a_kind() -> None:
    assert all(kind_of(column) for table in metadata.tables.values() for column in table.columns)
