"""The memory: what waits is carried together, and a fault of the disk or the connection is told."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from fixtures.storing import NOON, arrival, count_of, execute, files_no_longer_than, hear
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, StatementError

import storage.engines
from storage.engines import WrongAddress
from storage.faults import MemoryBroken, MemoryBusy, MemoryFault, MemoryFull, MemoryLost
from storage.grouping import GROUP_LIMIT
from storage.keys import Keyring
from storage.memory import Memory
from storage.transcript import entries, take_in


class Clerk:
    """Remembers which items came together."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[int]]] = []

    def first(self, connection: Connection, keys: Keyring, items: Sequence[int]) -> list[int]:
        self.calls.append(("first", list(items)))
        return [item * 2 for item in items]

    def second(self, connection: Connection, keys: Keyring, items: Sequence[int]) -> list[int]:
        self.calls.append(("second", list(items)))
        return [-item for item in items]

    def picky(self, connection: Connection, keys: Keyring, items: Sequence[int]) -> list[int]:
        if 5 in items:
            raise KeyError("five")
        return list(items)


def now_on_the_server(connection: Connection, keys: Keyring) -> int:
    """Reads something, if only a number."""
    return int(connection.scalar(text("SELECT 1")) or 0)


async def test_what_waits_is_carried_together_by_operation_in_the_order_of_arrival(memory: Memory) -> None:
    clerk = Clerk()
    first, second = clerk.first, clerk.second
    waiting = [memory.write(first, 1), memory.write(second, 2), memory.write(first, 3), memory.write(second, 4)]
    assert await asyncio.gather(*waiting) == [2, -2, 6, -4]
    assert clerk.calls == [("first", [1, 3]), ("second", [2, 4])]


async def test_a_lone_item_does_not_wait_for_company(memory: Memory) -> None:
    clerk = Clerk()
    assert [await memory.write(clerk.first, number) for number in range(3)] == [0, 2, 4]
    assert [items for _, items in clerk.calls] == [[0], [1], [2]]


async def test_a_group_has_a_limit_and_everyone_gets_a_turn(memory: Memory) -> None:
    clerk = Clerk()
    first = clerk.first
    results = await asyncio.gather(*(memory.write(first, number) for number in range(GROUP_LIMIT + 5)))
    assert results == [2 * number for number in range(GROUP_LIMIT + 5)]
    assert [len(items) for _, items in clerk.calls] == [GROUP_LIMIT, 5]


async def test_a_fault_of_the_program_fails_its_item_alone(memory: Memory) -> None:
    picky = Clerk().picky
    results = await asyncio.gather(*(memory.write(picky, number) for number in range(9)), return_exceptions=True)
    assert isinstance(results.pop(5), KeyError)
    assert results == [0, 1, 2, 3, 4, 6, 7, 8]
    assert await memory.write(picky, 1) == 1


async def test_who_stops_waiting_disturbs_nobody(memory: Memory) -> None:
    clerk = Clerk()
    first = clerk.first
    impatient = asyncio.create_task(memory.write(first, 1))
    patient = asyncio.create_task(memory.write(first, 2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 4
    assert [2] in [items[-1:] for _, items in clerk.calls]


async def test_a_closed_memory_has_finished_what_it_held_and_takes_no_more(database_url: str, keys: Keyring) -> None:
    memory = Memory.open(database_url, keys)
    held = [asyncio.create_task(memory.write(take_in, arrival(str(number)))) for number in range(50)]
    await asyncio.sleep(0)
    await memory.close()
    assert all(task.result().row for task in held)
    with pytest.raises(MemoryLost):
        await hear(memory, "late")
    again = Memory.open(database_url, keys)
    assert await count_of(again, "transcript") == 50
    await again.close()


def count_slowly(connection: Connection, keys: Keyring) -> int:
    """Reads for a while."""
    counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n"
    return int(connection.scalar(text(counting)) or 0)


async def test_a_memory_that_closes_lets_those_who_read_finish(database_url: str, keys: Keyring) -> None:
    memory = Memory.open(database_url, keys)
    reading = [asyncio.create_task(memory.read(count_slowly)) for _ in range(6)]
    await asyncio.sleep(0.02)
    impatient = reading.pop()
    impatient.cancel()
    await memory.close()
    assert [task.result() for task in reading] == [200_000] * 5
    with pytest.raises(MemoryLost):
        await memory.read(count_slowly)


async def test_reading_cannot_write(memory: Memory) -> None:
    def deleting(connection: Connection, keys: Keyring) -> None:
        connection.execute(text("DELETE FROM cases"))

    with pytest.raises((DBAPIError, MemoryFault)):
        await memory.read(deleting)


async def test_a_time_without_a_zone_is_refused(memory: Memory) -> None:
    with pytest.raises((ValueError, StatementError), match="without a zone"):
        await hear(memory, "1", at=datetime(2026, 11, 20, 12, 0))  # noqa: DTZ001 - this is what must fail
    assert await count_of(memory, "transcript") == 0


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_keep_anything_is_refused(url: str, keys: Keyring) -> None:
    with pytest.raises(WrongAddress):
        Memory.open(url, keys)


async def test_every_commit_on_sqlite_is_durable(sqlite_url: str, keys: Keyring) -> None:
    def settings(connection: Connection, keys: Keyring, items: Sequence[str]) -> list[object]:
        return [connection.scalar(text(f"PRAGMA {item}")) for item in items]

    memory = Memory.open(sqlite_url, keys)
    assert await memory.write(settings, "synchronous") == 2  # FULL
    assert await memory.write(settings, "journal_mode") == "wal"
    assert await memory.write(settings, "foreign_keys") == 1
    await memory.close()


async def test_sqlite_that_is_held_by_another_is_busy(
    tmp_path: Path, sqlite_url: str, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.engines, "BUSY_SECONDS", 0.05)
    memory = Memory.open(sqlite_url, keys)
    other = sqlite3.connect(tmp_path / "khaibao.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(MemoryBusy):
        await hear(memory, "1")
    other.execute("ROLLBACK")
    other.close()
    assert (await hear(memory, "1")).row is not None
    await memory.close()


async def test_a_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room(
    sqlite_url: str, keys: Keyring
) -> None:
    memory = Memory.open(sqlite_url, keys)
    kept = (await hear(memory, "1")).case_id
    await execute(memory, "PRAGMA max_page_count=1")  # SQLite takes this as "what you have and not a page more".
    with pytest.raises(MemoryFull):
        await hear(memory, "2", "x" * 100_000)
    assert await count_of(memory, "transcript") == 1
    assert not memory.broken
    await execute(memory, "PRAGMA max_page_count=1000000")
    assert (await hear(memory, "later")).case_id == kept
    await memory.close()


async def test_a_disk_that_fails_under_a_commit_breaks_the_memory(
    tmp_path: Path, sqlite_url: str, keys: Keyring
) -> None:
    memory = Memory.open(sqlite_url, keys)
    await hear(memory, "1")
    log = (tmp_path / "khaibao.db-wal").stat().st_size
    with files_no_longer_than(log + 100), pytest.raises(MemoryBroken):
        await hear(memory, "2")
    assert memory.broken
    # The disk is well again, but who knows what it kept: only a new process may write.
    with pytest.raises(MemoryBroken):
        await hear(memory, "3")
    await memory.close()
    again = Memory.open(sqlite_url, keys)
    assert await count_of(again, "transcript") == 1
    assert (await hear(again, "2")).row is not None
    await again.close()


async def test_a_connection_that_was_cut_is_made_again(postgres_url: str, postgres_server, keys: Keyring) -> None:
    memory = Memory.open(postgres_url, keys)
    await hear(memory, "1")
    await memory.read(now_on_the_server)
    postgres_server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'khaibao'")
    with pytest.raises(MemoryLost):
        await hear(memory, "2")
    with pytest.raises(MemoryLost):
        await memory.read(now_on_the_server)
    assert (await hear(memory, "2")).row is not None
    assert await memory.read(now_on_the_server) == 1
    await memory.close()


async def test_a_server_that_is_not_there_is_lost(tmp_path: Path, keys: Keyring) -> None:
    memory = Memory.open(f"postgresql://postgres@/x?host={tmp_path}", keys)
    with pytest.raises(MemoryLost):
        await hear(memory, "1")
    with pytest.raises(MemoryLost):
        await memory.read(now_on_the_server)
    await memory.close()


async def test_two_processes_that_are_tangled_both_get_through(postgres_url: str, keys: Keyring) -> None:
    memories = [Memory.open(postgres_url, keys) for _ in range(2)]
    for name in ("a", "b"):
        await hear(memories[0], name, address=name)
    case_ids = [(await hear(memories[0], f"{name}2", address=name)).case_id for name in ("a", "b")]

    def lock_both(connection: Connection, keys: Keyring, items: Sequence[list[str]]) -> list[bool]:
        for case_id in items[0]:
            connection.execute(text("UPDATE cases SET language = language WHERE id = :id"), {"id": case_id})
            connection.execute(text("SELECT pg_sleep(0.2)"))
        return [True] * len(items)

    ways = [case_ids, case_ids[::-1]]
    try:
        locking = (memory.write(lock_both, way) for memory, way in zip(memories, ways, strict=True))
        assert await asyncio.gather(*locking) == [True, True]
    finally:
        for memory in memories:
            await memory.close()


async def test_times_come_back_as_the_moment_they_were(memory: Memory) -> None:
    taken = await hear(memory, "1", at=datetime.fromisoformat("2026-11-20T19:00:00.123456+07:00"))
    [entry] = await memory.read(entries, taken.case_id)
    assert entry.at == NOON.replace(microsecond=123456)
    assert entry.at.utcoffset() == NOON.utcoffset()
