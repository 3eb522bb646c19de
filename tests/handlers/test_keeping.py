"""Keeping: what an operator does beside a running service, and travellers who notice nothing of it."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from fixtures.killing import COOKIE, Message, Service, Traveller, declaration, free_port
from fixtures.sealing import check, declare, opened
from pydantic import SecretStr

from bot.certificates.specimens import folder
from handlers import keeping_commands as keeping
from handlers.settings import Settings
from storage.keys import KeyFileTrouble, load_keys, make_keys
from storage.lock import AlreadyHeld
from storage.migrate import migrate
from storage.photos import PhotoMissing, PhotoRow, record_photo
from storage.resealing import numbers_in_use
from storage.rotation import rotate
from storage.tables import audit

GOOD = (folder() / "good.png").read_bytes()
# The service looks at its key file once a second when it seals.
PATIENCE = 3.0


def settings_of(home: Path, url: str | None = None) -> Settings:
    """The settings of a home; without a URL its database is SQLite."""
    return Settings(_env_file=None, home=home, database_url=SecretStr(url) if url else None)


def run(
    add: Callable[[argparse.ArgumentParser], None] | None,
    command: Callable[[argparse.Namespace, Settings], int],
    settings: Settings,
    *words: str,
) -> int:
    """Run a command as the command line does."""
    parser = argparse.ArgumentParser()
    if add:
        add(parser)
    return command(parser.parse_args(words), settings)


@dataclass
class Talk:
    """A traveller who says one thing after the other, wherever the service is."""

    token: str
    says: list[Message | bytes]
    said: int = 0
    last: int = 0
    heard: list[str] = field(default_factory=list)

    async def go_on(self, url: str, until: int) -> None:
        """Say what is not said yet, up to this many, each after the answer to the one before."""
        headers = {"Cookie": f"{COOKIE}={self.token}"}
        async with aiohttp.ClientSession(url, headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as session:
            for message in self.says[self.said : until]:
                await self._say(session, message)
                self.said += 1

    async def _say(self, session: aiohttp.ClientSession, message: Message | bytes) -> None:
        if isinstance(message, bytes):
            form = aiohttp.FormData({"id": uuid4().hex})
            form.add_field("file", message, filename="certificate.png", content_type="image/png")
            posted = session.post("/chat/files", data=form)
        else:
            posted = session.post("/chat/messages", json={"id": uuid4().hex} | message)
        async with posted as answer:
            assert answer.status == 200, await answer.text()
            row = (await answer.json())["heard"]
        async with asyncio.timeout(60):
            while self.last <= row:
                async with session.get(f"/chat/messages?after={self.last}&wait=10") as answer:
                    news = await answer.json()
                self.heard += [each["text"] for each in news["messages"] if each["from"] == "bot"]
                self.last = max([self.last, *(each["id"] for each in news["messages"] if each["from"] == "bot")])


def talk(photo: bytes | None = None) -> Talk:
    """A tourist who has said nothing yet."""
    return Talk(uuid4().hex, declaration("Mia Keller", "C01X00T47", datetime.now(UTC), photo))


def url_of(kind: str, request: pytest.FixtureRequest, name: str) -> str | None:
    """The URL of a database without tables, or None for SQLite in the home."""
    return str(request.getfixturevalue(name)) if kind == "postgres" else None


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgres"), ("postgres", "sqlite")])
async def test_a_service_on_a_restored_home_goes_on_with_every_talk(
    source: str, target: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    one = settings_of(tmp_path / "one", url_of(source, request, "empty_postgres_url"))
    other = settings_of(tmp_path / "other", url_of(target, request, "empty_postgres_url"))
    done, midway, never = talk(GOOD), talk(GOOD), talk()
    service = Service(one.home, free_port(), one.database_url and one.database_url.get_secret_value())
    service.start()
    try:
        await service.ready()
        await asyncio.gather(done.go_on(service.url, 99), midway.go_on(service.url, 9), never.go_on(service.url, 1))
        words = [str(tmp_path / "saved.tar"), "--with-keys"]
        assert await asyncio.to_thread(run, keeping.add_backup, keeping.backup, one, *words) == 0
        # What is said after the backup is not in it.
        await never.go_on(service.url, 3)
    finally:
        service.kill()
    assert await asyncio.to_thread(run, keeping.add_restore, keeping.restore, other, str(tmp_path / "saved.tar")) == 0
    service = Service(other.home, free_port(), other.database_url and other.database_url.get_secret_value())
    service.start()
    try:
        await service.ready()
        done.says.append({"text": "status"})
        await asyncio.gather(done.go_on(service.url, 99), midway.go_on(service.url, 99))
        assert service.kill(signal.SIGTERM) == 0
    finally:
        service.kill()
    reference = done.heard[-2]
    assert "VN" in reference or "-" in reference
    assert any(word in done.heard[-1] for word in reference.split() if word.count("-") == 2)
    assert any(word.count("-") == 2 for word in midway.heard[-1].split())
    assert "are restored" in capsys.readouterr().out


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_travellers_notice_nothing_of_a_rotation(
    database: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(tmp_path / "home", url_of(database, request, "empty_postgres_url"))
    service = Service(settings.home, free_port(), settings.database_url and settings.database_url.get_secret_value())
    service.start()
    travellers: list[Traveller] = []
    key_file = settings.home / "keys.json"
    try:
        await service.ready()
        early = talk(GOOD)
        await early.go_on(service.url, 99)
        stop = asyncio.Event()

        async def declare_one_after_the_other(start: int) -> None:
            number = start
            while not stop.is_set():
                photo = GOOD if number % 3 == 0 else None
                traveller = Traveller(service.url, f"token-{number}", photo, Random(number), number)
                travellers.append(traveller)
                await traveller.declare()
                number += 10

        declaring = [asyncio.create_task(declare_one_after_the_other(n)) for n in range(5)]
        async with opened(settings.database, key_file) as vault:
            rotated = await rotate(vault, patience=PATIENCE, tell=lambda _told: None)
            stop.set()
            await asyncio.gather(*declaring)
            assert await numbers_in_use(vault.memory) == {2}
        assert rotated.dropped == 1
        # Nobody has the old key any more: not the file, and not the service that starts from it.
        service.kill()
        service.start()
        await service.ready()
        early.says.append({"text": "status"})
        await early.go_on(service.url, 99)
        assert service.kill(signal.SIGTERM) == 0
    except BaseException as wrong:
        wrong.add_note(service.output.read_text()[-4000:])
        raise
    finally:
        service.kill()
    assert all(traveller.reference for traveller in travellers)
    assert sum(traveller.repeated for traveller in travellers) == 0
    assert early.heard[-1].count("-") >= 2
    assert load_keys(key_file).numbers == {2}
    log = service.output.read_text()
    assert "turn_failed" not in log
    assert "postponed" not in log
    with capsys.disabled():
        print(f"\n{database}: {rotated.renewed} values renewed beside {len(travellers)} whole declarations")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home where the service has run."""
    settings = settings_of(tmp_path / "home")
    settings.home.mkdir()
    make_keys(settings.home / "keys.json")
    migrate(settings.database)
    return settings


async def notes(settings: Settings) -> list[tuple[str, str, str]]:
    """What the audit holds."""
    async with opened(settings.database, settings.home / "keys.json") as vault:
        rows = await vault.memory.read(lambda connection, _keys: connection.execute(audit.select()).all())
    return [(row.actor.partition(":")[0], row.action, row.note) for row in rows]


def test_a_backup_without_keys_says_what_else_to_keep(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(keeping.add_backup, keeping.backup, settings, str(tmp_path)) == 0
    told = capsys.readouterr().out
    assert ".tar: 0 rows and 0 photos." in told
    assert f"keep a copy of {settings.home / 'keys.json'}" in told
    assert asyncio.run(notes(settings)) == [("staff", "backed_up", "0 rows, 0 photos")]
    [archive] = tmp_path.glob("*.tar")
    there = settings_of(tmp_path / "there")
    assert run(keeping.add_restore, keeping.restore, there, str(archive)) == 0
    assert f"key file of its day to {there.home / 'keys.json'}" in capsys.readouterr().out


def test_without_a_key_file_nothing_is_made(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home")
    settings.home.mkdir()
    for add, command, words in (
        (keeping.add_backup, keeping.backup, [str(tmp_path)]),
        (keeping.add_rotate_keys, keeping.rotate_keys, []),
        (None, keeping.purge, []),
    ):
        with pytest.raises(KeyFileTrouble, match="no key file"):
            run(add, command, settings, *words)
    assert list(settings.home.iterdir()) == []


ROTATE = """
import asyncio, sys
from pathlib import Path
from handlers.keeping_commands import _vault
from handlers.settings import Settings
from storage.rotation import rotate

async def main():
    async with _vault(Settings(_env_file=None, home=Path(sys.argv[1]))) as vault:
        await rotate(vault, patience=0)

asyncio.run(main())
"""


async def test_a_rotation_that_is_killed_again_and_again_ends_well(settings: Settings) -> None:
    key_file, chance = settings.home / "keys.json", Random(7)
    async with opened(settings.database, key_file) as vault:
        photos = [await declare(vault, number) for number in range(200)]
    while 1 in load_keys(key_file).numbers:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ROTATE, str(settings.home), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        # It says so when its key seals; then it is killed somewhere in its work, and now and then let live.
        while await process.stdout.readline():
            await asyncio.sleep(chance.random() * 0.4)
            if process.returncode is None and chance.random() < 0.7:
                process.kill()
        await process.wait()
    async with opened(settings.database, key_file) as vault:
        assert await numbers_in_use(vault.memory) == {2}
        for number, photo in enumerate(photos):
            await check(vault, number, photo)


def test_one_step_of_a_rotation(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(keeping.add_rotate_keys, keeping.rotate_keys, settings, "announce") == 0
    assert "does not seal yet" in capsys.readouterr().out
    assert load_keys(settings.home / "keys.json").numbers == {1, 2}
    assert asyncio.run(notes(settings)) == [("staff", "keys_rotated", "key 1, 0 values, 0 dropped")]


def test_two_rotations_at_once_are_refused(settings: Settings) -> None:
    with keeping._alone(settings.home), pytest.raises(AlreadyHeld, match="rotation"):
        run(keeping.add_rotate_keys, keeping.rotate_keys, settings)
    assert load_keys(settings.home / "keys.json").numbers == {1}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another account")
def test_another_accounts_home_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    os.chown(settings.home / "keys.json", 65534, 65534)
    for add, command, words in (
        (keeping.add_backup, keeping.backup, [str(tmp_path)]),
        (keeping.add_rotate_keys, keeping.rotate_keys, []),
        (None, keeping.purge, []),
    ):
        with pytest.raises(KeyFileTrouble, match="another account"):
            run(add, command, settings, *words)


def test_purge_removes_what_is_due_and_says_how_many(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    today = datetime.now(UTC).date()
    due, later = uuid4().hex, uuid4().hex

    async def fill() -> None:
        async with opened(settings.database, settings.home / "keys.json") as vault:
            for photo, day in ((due, today - timedelta(days=1)), (later, today + timedelta(days=5))):
                vault.kept.put(b"x", photo)
                row = PhotoRow(photo, None, datetime.now(UTC), day, "image/jpeg", 1)
                await vault.memory.write(record_photo, row)

    async def left() -> dict[str, Any]:
        async with opened(settings.database, settings.home / "keys.json") as vault:
            with pytest.raises(PhotoMissing):
                vault.kept.get(due)
            return {"later": vault.kept.get(later)}

    asyncio.run(fill())
    assert run(None, keeping.purge, settings) == 0
    assert run(None, keeping.purge, settings) == 0
    told = capsys.readouterr().out
    assert "1 photos are purged.\n" in told
    assert "0 photos are purged.\n" in told
    assert asyncio.run(left()) == {"later": b"x"}
