"""Restore: an archive that is half, foreign, changed or out of place is refused, and nothing of it is left."""

import asyncio
import io
import json
import os
import stat
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from fixtures.archiving import contents, home_with_keys, listing, restored, save, saved
from fixtures.sealing import check, declare, opened

from storage.archive import KEYS, MANIFEST, BackupTrouble, BadArchive, CannotRestore, read_value
from storage.backup import Made
from storage.keys import Keyring, load_keys
from storage.lock import LOCK_NAME, AlreadyHeld, hold
from storage.restore import restore


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with keys, where the service has run; on SQLite its database lies beside it."""
    return home_with_keys(tmp_path)


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


def test_what_is_not_of_its_kind_is_refused() -> None:
    for kind, value in [("integer", "1"), ("integer", True), ("boolean", 1), ("text", 5), ("bytes", "!"), ("time", 5)]:
        with pytest.raises(BackupTrouble):
            read_value(kind, value)
