"""Backup: taken while the service runs, restored into either database, and never half, foreign or changed."""

import asyncio
import io
import json
import os
import shutil
import stat
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fixtures.sealing import ASKED, check, declare, opened
from fixtures.storing import files_no_longer_than, hear, outcome, work_of
from sqlalchemy import Connection, select

from storage.archive import KEYS, MANIFEST, BackupTrouble, BadArchive, CannotBackUp, CannotRestore, kind_of, read_value
from storage.audit import Note, write_down
from storage.backup import Made, back_up
from storage.cases import case_of
from storage.faults import MemoryLost
from storage.keys import Keyring, UnknownKey, load_keys, make_keys
from storage.photos import Shelf, kept_photo
from storage.restore import Restored, restore
from storage.settling import settle
from storage.tables import metadata

NOW = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
PAIRS = [(source, target) for source in ("sqlite", "postgres") for target in ("sqlite", "postgres")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with keys, where the service has run; on SQLite its database lies beside it."""
    home = tmp_path / "home"
    home.mkdir()
    make_keys(home / KEYS)
    return home


def target_url(kind: str, request: pytest.FixtureRequest, home: Path) -> str:
    """Where to restore: a file in the home, or a database without tables."""
    return str(request.getfixturevalue("empty_postgres_url")) if kind == "postgres" else f"sqlite:///{home}/khaibao.db"


def saved(url: str, home: Path, target: Path, *, with_keys: bool = True) -> Made:
    """A backup of this home."""
    keys = load_keys(home / KEYS)
    return back_up(url, home, target, keys, key_file=home / KEYS if with_keys else None, at=NOW)


async def save(url: str, home: Path, target: Path, *, with_keys: bool = True) -> Made:
    """A backup of this home, made in a thread, since it runs a loop of its own."""
    return await asyncio.to_thread(saved, url, home, target, with_keys=with_keys)


async def restored(path: Path, url: str, home: Path) -> Restored:
    """An archive restored in a thread."""
    return await asyncio.to_thread(restore, path, url, home)


def all_rows(connection: Connection, _keys: Keyring) -> dict[str, Sequence[Any]]:
    """Everything that the database holds."""
    tables = metadata.sorted_tables
    return {table.name: connection.execute(select(table).order_by(*table.primary_key)).all() for table in tables}


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
            for row in (row for row in mine if row.state == "waiting"):
                assert vault.arrived.get(row.external_id.partition("/")[2]) == b"arrived"
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


def text_of(path: Path) -> str:
    """What a file holds."""
    return path.read_text()


def rewrite(path: Path, content: str) -> None:
    """Put another content into a file."""
    path.write_text(content)


def mode_of(path: Path) -> int:
    """Who may read a file."""
    return path.stat().st_mode


def listing(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def contents(path: Path) -> dict[str, bytes]:
    """The parts of an archive."""
    with tarfile.open(path) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]


def names(path: Path) -> list[str]:
    """The names of the parts of an archive."""
    return list(contents(path))


def packed(path: Path, entries: Sequence[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """An archive of these entries."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for entry, content in entries:
            tar.addfile(entry, io.BytesIO(content))
    return path


def plain(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    """A plain file as an archive has it."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    return entry, content


@pytest.fixture
def made(sqlite_url: str, home: Path, tmp_path: Path) -> Made:
    """A small archive."""

    async def fill() -> None:
        async with opened(sqlite_url, home / KEYS) as vault:
            await declare(vault, 1)

    asyncio.run(fill())
    return saved(sqlite_url, home, tmp_path / "saved.tar")


def refused(path: Path, there: Path, trouble: type[Exception], match: str | None = None) -> None:
    """The archive is refused, and nothing of it is left."""
    with pytest.raises(trouble, match=match):
        restore(path, f"sqlite:///{there}/khaibao.db", there)
    assert listing(there) == [LOCK_NAME]


EVIL = "photos/ab/" + "ab" * 16


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/tmp/evil",
        "photos/../../evil",
        "photos/ab/../../../evil",
        "photos/ab/" + "cd" * 16,
        EVIL + "\n",
        EVIL.upper(),
        "khaibao.db",
        "database/001-cases-000000.jsonl/x",
        "database/001-../cases-000000.jsonl",
        "serving.lock",
        ".keys.json",
        "keys.json/",
    ],
)
def test_a_name_that_no_archive_has_is_refused(name: str, made: Made, tmp_path: Path) -> None:
    entries = [plain(*each) for each in contents(made.path).items()]
    path = packed(tmp_path / "evil.tar", [*entries[:-1], plain(name, b"x"), entries[-1]])
    refused(path, tmp_path / "there", BadArchive)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_devices_and_folders_are_refused(kind: bytes, made: Made, tmp_path: Path) -> None:
    entry = tarfile.TarInfo(EVIL)
    entry.type, entry.linkname = kind, "/etc/passwd"
    entries = [plain(*each) for each in contents(made.path).items()]
    refused(packed(tmp_path / "evil.tar", [(entry, b""), *entries]), tmp_path / "there", BadArchive, "no place")


def changed(change: Callable[[dict[str, bytes]], None], made: Made, path: Path) -> Path:
    """An archive with something changed in it."""
    parts = contents(made.path)
    change(parts)
    return packed(path, [plain(*each) for each in parts.items()])


def without_manifest(parts: dict[str, bytes]) -> None:
    del parts[MANIFEST]


def without_a_part(parts: dict[str, bytes]) -> None:
    del parts[next(iter(parts))]


def with_one_more(parts: dict[str, bytes]) -> None:
    parts[EVIL] = b"x"


def with_a_changed_part(parts: dict[str, bytes]) -> None:
    name = next(name for name in parts if "-cases-" in name)
    parts[name] = parts[name].replace(b'"en"', b'"vi"')


def with_a_changed_photo(parts: dict[str, bytes]) -> None:
    name = next(name for name in parts if name.startswith("photos/"))
    parts[name] = parts[name][:-1] + b"x"


def with_a_changed_manifest(parts: dict[str, bytes]) -> None:
    parts[MANIFEST] = parts[MANIFEST].replace(b'"at":"2026', b'"at":"2027')


def with_a_manifest_of_something_else(parts: dict[str, bytes]) -> None:
    parts[MANIFEST] = b'{"format": 1}'


def with_a_broken_manifest(parts: dict[str, bytes]) -> None:
    parts[MANIFEST] = b"[" * 100_000


@pytest.mark.parametrize(
    "change",
    [
        without_manifest,
        without_a_part,
        with_one_more,
        with_a_changed_part,
        with_a_changed_photo,
        with_a_changed_manifest,
        with_a_manifest_of_something_else,
        with_a_broken_manifest,
    ],
)
def test_a_changed_archive_is_refused(change: Callable[[dict[str, bytes]], None], made: Made, tmp_path: Path) -> None:
    refused(changed(change, made, tmp_path / "changed.tar"), tmp_path / "there", BadArchive)


def test_a_part_that_comes_twice_is_refused(made: Made, tmp_path: Path) -> None:
    entries = [plain(*each) for each in contents(made.path).items()]
    refused(packed(tmp_path / "twice.tar", [entries[0], *entries]), tmp_path / "there", BadArchive, "no place")


def test_a_part_that_is_too_long_is_refused_before_it_is_read(made: Made, tmp_path: Path) -> None:
    entries = [plain(*each) for each in contents(made.path).items()]
    entry = tarfile.TarInfo(EVIL)
    entry.size = 1 << 40
    path = packed(tmp_path / "long.tar", entries)
    with path.open("rb+") as file:
        # A header that claims a terabyte, in the place of the first one.
        file.write(entry.tobuf(tarfile.GNU_FORMAT))
    refused(path, tmp_path / "there", BadArchive)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_an_archive_that_was_cut_off_is_refused(share: float, made: Made, tmp_path: Path) -> None:
    content = made.path.read_bytes()
    made.path.write_bytes(content[: int(len(content.rstrip(b"\0")) * share)])
    refused(made.path, tmp_path / "there", BadArchive)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b" + bytes(100), b"PK\3\4", os.urandom(5000)])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "saved.tar").write_bytes(content)
    refused(tmp_path / "saved.tar", tmp_path / "there", BadArchive)


def resealed(keys: Keyring, manifest: dict[str, Any], **changes: Any) -> bytes:
    """A manifest with something changed by somebody who has the keys."""
    from storage.archive import as_json, manifest_seal

    changed = {name: value for name, value in (manifest | changes).items() if name != "seal"}
    return as_json(changed | {"seal": manifest_seal(keys, changed)})


@pytest.mark.parametrize("changes", [{"format": 2}, {"revision": "9999"}])
def test_an_archive_of_a_later_release_is_refused(
    changes: dict[str, Any], made: Made, home: Path, tmp_path: Path
) -> None:
    def change(parts: dict[str, bytes]) -> None:
        parts[MANIFEST] = resealed(load_keys(home / KEYS), json.loads(parts[MANIFEST]), **changes)

    refused(changed(change, made, tmp_path / "later.tar"), tmp_path / "there", CannotRestore, "later release")


def test_a_home_that_is_not_empty_is_left_alone(made: Made, home: Path) -> None:
    before = listing(home)
    with pytest.raises(CannotRestore, match="not empty"):
        restore(made.path, f"sqlite:///{home}/khaibao.db", home)
    assert listing(home) == before


def test_a_home_where_a_service_runs_is_left_alone(made: Made, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    with hold(there), pytest.raises(AlreadyHeld):
        restore(made.path, f"sqlite:///{there}/khaibao.db", there)


async def test_a_database_that_is_not_empty_is_left_alone(postgres_url: str, home: Path, tmp_path: Path) -> None:
    async with opened(postgres_url, home / KEYS) as vault:
        photo = await declare(vault, 1)
        made = await save(postgres_url, home, tmp_path / "saved.tar")
        with pytest.raises(CannotRestore, match="not empty"):
            await restored(made.path, postgres_url, tmp_path / "there")
        await check(vault, 1, photo)


def test_what_a_killed_restore_left_is_in_nobodys_way(made: Made, tmp_path: Path) -> None:
    there = tmp_path / "there"
    (there / "restoring" / "photos").mkdir(parents=True)
    restore(made.path, f"sqlite:///{there}/khaibao.db", there)
    assert listing(there) == ["arrived", "keys.json", "khaibao.db", "photos", "serving.lock"]
    assert stat.S_IMODE((there / KEYS).stat().st_mode) == 0o600


def test_an_archive_is_never_written_over(sqlite_url: str, home: Path, tmp_path: Path) -> None:
    (tmp_path / "saved.tar").write_text("precious")
    with pytest.raises(CannotBackUp, match="there already"):
        saved(sqlite_url, home, tmp_path / "saved.tar")
    assert text_of(tmp_path / "saved.tar") == "precious"


def test_in_a_folder_the_archive_is_named_after_its_time(sqlite_url: str, home: Path, tmp_path: Path) -> None:
    assert saved(sqlite_url, home, tmp_path).path == tmp_path / "khaibao-20261124T030405Z.tar"


def test_a_disk_that_refuses_leaves_no_archive(made: Made, sqlite_url: str, home: Path, tmp_path: Path) -> None:
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


def test_what_is_not_of_its_kind_is_refused() -> None:
    for kind, value in [("integer", "1"), ("integer", True), ("boolean", 1), ("text", 5), ("bytes", "!"), ("time", 5)]:
        with pytest.raises(BackupTrouble):
            read_value(kind, value)
