"""SQLite in trouble: held by another, on a full disk, not to be written; what was acknowledged is kept."""

from __future__ import annotations

import asyncio
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from crowd import Tally, Town, count, open_town
from disk import fill, home_inside, needs_mount, start_on_disk
from fixtures.killing import Service, Traveller, free_port
from sqlalchemy import Connection, select

import storage.engines
from storage.cases import case_of
from storage.keys import Keyring, load_keys
from storage.memory import Memory
from storage.permits import permits_of
from storage.tables import transcript

TRAVELLERS = 12
SEED = 20261124
# The service's own name for its database, and what SQLite lays beside it.
FILES = ("khaibao.db", "khaibao.db-wal", "keys.json")
HOLD = """
import sqlite3, sys, time

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@asynccontextmanager
async def held_for(seconds: float, database: Path) -> AsyncIterator[None]:
    """Another process holds the database for so long; it has let go when this ends."""
    command = [sys.executable, "-c", HOLD, str(database), str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    yield
    assert await process.wait() == 0


async def page_status(town: Town) -> int:
    """What somebody gets who opens the web chat."""
    async with town.session.get(f"{town.url}/chat/") as answer:
        return answer.status


@pytest.mark.parametrize(("patience", "seconds"), [(5.0, 3.0), (0.3, 1.5)], ids=["waits", "refuses"])
async def test_a_database_held_by_another_delays_or_refuses_and_loses_nothing(
    patience: float, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(storage.engines, "BUSY_SECONDS", patience)
    async with open_town(tmp_path / "home") as town:
        walkers = [town.walker(3001 + number) for number in range(TRAVELLERS)]
        walking = asyncio.gather(*(walker.walk(walker.says(town.clock())[:8], 0.02) for walker in walkers))
        await asyncio.sleep(0.1)
        async with held_for(seconds, tmp_path / "home" / "khaibao.db"):
            # Who reads is not held up.
            assert await page_status(town) == 200
        await walking
        await town.quiet()
        tally = await town.tally(walkers)
        busy = town.house.metrics.registry.get_sample_value("khaibao_memory_faults_total", {"kind": "MemoryBusy"}) or 0
    refused = sum(walker.repeated for walker in walkers)
    assert tally.sound
    assert tally.tried == TRAVELLERS * 8
    # Past its patience the service refuses what comes in or puts its turn off; within it nobody notices anything.
    assert bool(refused + busy) == (patience < seconds)
    with capsys.disabled():
        print(f"\nSQLite held for {seconds} s with {patience} s of patience: {tally}, refused {refused}")


def connections(connection: Connection, keys: Keyring, items: Sequence[None]) -> list[sqlite3.Connection]:
    """The driver's own connection of whoever writes."""
    held = connection.connection.dbapi_connection
    assert isinstance(held, sqlite3.Connection)
    return [held] * len(items)


async def test_a_database_that_may_not_be_written_refuses_until_it_may(tmp_path: Path) -> None:
    async with open_town(tmp_path / "home") as town:
        walker = town.walker(3001)
        await walker.walk(walker.says(town.clock())[:3])
        connection = await town.house.memory.write(connections, None)
        connection.execute("PRAGMA query_only=ON")
        going_on = asyncio.create_task(walker.walk(walker.says(town.clock())[3:6]))
        await asyncio.sleep(0.5)
        assert await page_status(town) == 200
        assert (len(walker.taken), walker.repeated > 0) == (3, True)
        assert not town.house.memory.broken
        connection.execute("PRAGMA query_only=OFF")
        await going_on
        await town.quiet()
        assert (await town.tally([walker])).sound


def rows_on_the_web(connection: Connection, keys: Keyring, traveller: Traveller) -> tuple[list[Any], list[str]]:
    """All rows of a traveller's transcript in their order, and the references of the permits."""
    known = case_of(connection, keys, "web", sha256(traveller.token.encode()).hexdigest())
    assert known is not None
    rows = connection.execute(
        select(transcript).where(transcript.c.case_id == known.case_id).order_by(transcript.c.id)
    ).all()
    return list(rows), [permit.reference for permit in permits_of(connection, keys, known.case_id)]


async def tally_in(home: Path, travellers: Sequence[Traveller]) -> Tally:
    """What the database in this home holds of what the travellers said."""
    memory, tally = Memory.open(f"sqlite:///{home / 'khaibao.db'}", load_keys(home / "keys.json")), Tally()
    try:
        for traveller in travellers:
            address = sha256(traveller.token.encode()).hexdigest()
            taken = [f"{address[:24]}/{client}" for client in traveller.acknowledged]
            rows, references = await memory.read(rows_on_the_web, traveller)
            count(tally, taken, rows, references)
            assert references == [traveller.reference]
    finally:
        await memory.close()
    return tally


def travellers_at(url: str) -> list[Traveller]:
    """Some travellers of the web chat."""
    return [Traveller(url, f"token-{n}", None, Random(f"{SEED}/{n}"), n) for n in range(TRAVELLERS)]


async def acknowledged(number: int, travellers: Sequence[Traveller], declaring: asyncio.Future[Any]) -> None:
    """Wait until so many messages were acknowledged in all."""
    while sum(len(traveller.acknowledged) for traveller in travellers) < number:
        assert not declaring.done()
        await asyncio.sleep(0.005)


@needs_mount
async def test_on_a_full_disk_the_service_refuses_and_goes_on_when_there_is_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Service(tmp_path / "home", free_port())
    travellers = travellers_at(service.url)
    start_on_disk(service, "size=24m")
    try:
        await service.ready()
        declaring = asyncio.gather(*(traveller.declare() for traveller in travellers))
        inside = home_inside(service)
        for mark in (40, 110):
            await acknowledged(mark, travellers, declaring)
            ballast = await asyncio.to_thread(fill, inside)
            await asyncio.sleep(0.7)
            ballast.unlink()
        await declaring
        for name in FILES:
            shutil.copy(inside / name, tmp_path / name)
        assert service.kill(signal.SIGTERM) == 0
    finally:
        service.kill()
    tally = await tally_in(tmp_path, travellers)
    refused = sum(traveller.repeated for traveller in travellers)
    assert tally.sound
    assert tally.permits == TRAVELLERS
    assert refused > 0
    with capsys.disabled():
        print(f"\nfull disk, twice: {tally}, refused {refused}")


@needs_mount
async def test_on_a_disk_that_may_only_be_read_the_service_does_not_start_and_says_why(tmp_path: Path) -> None:
    service = Service(tmp_path / "home", free_port())
    start_on_disk(service, "size=4m", "touch khaibao.db && mount -o remount,ro .")
    assert service.process is not None
    status = await asyncio.to_thread(service.process.wait, 30)
    told = service.output.read_text().strip()
    assert status not in (0, 1)
    assert told.startswith("khaibao: ")
    assert "\n" not in told


def limit_files(process: int, size: int) -> None:
    """Let the system refuse a process to write any file beyond this size."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def test_a_service_whose_commit_fails_stops_with_a_sentence_and_has_kept_what_it_acknowledged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Service(tmp_path / "home", free_port())
    travellers = travellers_at(service.url)
    service.start()
    try:
        await service.ready()
        declaring = asyncio.gather(*(traveller.declare() for traveller in travellers))
        await acknowledged(60, travellers, declaring)
        assert service.process is not None
        limit_files(service.process.pid, (service.home / "khaibao.db-wal").stat().st_size + 100)
        status = await asyncio.to_thread(service.process.wait, 40)
        assert status != 0
        assert "khaibao: the database: " in service.output.read_text()
        service.start()
        await service.ready()
        await declaring
        assert service.kill(signal.SIGTERM) == 0
    finally:
        service.kill()
    tally = await tally_in(service.home, travellers)
    assert tally.sound
    assert tally.permits == TRAVELLERS
    with capsys.disabled():
        print(f"\nfailing commit: {tally}, repeated {sum(traveller.repeated for traveller in travellers)}")
