"""Life: a process knows who else lives, stands back when it could not be renewed, and begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fixtures.measuring import Ticking
from fixtures.storing import execute

from handlers.life import MARGIN_SECONDS, Life, Role
from storage.keys import Keyring
from storage.memory import Memory
from storage.notices import PostgresNotices
from storage.processes import LIFE_SECONDS


@pytest.fixture
async def shared(postgres_url: str, keys: Keyring) -> AsyncIterator[Memory]:
    """A memory that several processes may share."""
    memory = Memory.open(postgres_url, keys)
    yield memory
    await memory.close()


async def test_a_process_learns_how_many_deliver(shared: Memory) -> None:
    told: list[int] = []
    first = Life(shared, Role.ALL, shared=True, changed=told.append)
    await first.start()
    others = [Life(shared, role, shared=True) for role in (Role.WORKER, Role.WEB)]
    for other in others:
        await other.start()
    await first.renew()
    assert {each.role for each in first.others} == {"worker", "web"}
    await others[0].stop()
    await first.renew()
    assert told == [1, 2, 1]


async def test_a_process_that_was_not_renewed_stands_back_before_others_take_over(shared: Memory) -> None:
    clock = Ticking()
    life = Life(shared, Role.ALL, shared=True, clock=clock)
    await life.start()
    held = life.id
    clock.at += LIFE_SECONDS - MARGIN_SECONDS - 0.1
    assert life.holds(held)
    clock.at += 0.2
    assert not life.holds(held)
    assert not await life.has("purge")
    # Renewed in time it goes on as it was.
    await life.renew()
    assert life.holds(held)
    # Renewed too late it is another, though the database had not noticed.
    clock.at += LIFE_SECONDS
    await life.renew()
    assert life.alive
    assert not life.holds(held)


async def test_a_process_that_others_took_for_dead_begins_anew(shared: Memory) -> None:
    life = Life(shared, Role.ALL, shared=True, family="f-")
    await life.start()
    held = life.id
    await execute(shared, "UPDATE processes SET alive_until = now() - interval '1 second'")
    await life.renew()
    assert life.alive
    assert not life.holds(held)
    assert life.id.startswith("f-")


async def test_a_process_that_is_alone_lives_until_it_stops(memory: Memory) -> None:
    clock = Ticking()
    life = Life(memory, Role.ALL, shared=False, clock=clock)
    await life.start()
    clock.at += 10 * LIFE_SECONDS
    assert life.holds(life.id)
    await life.stop()
    assert not life.alive


async def test_notices_reach_the_others_and_come_back_after_a_cut(postgres_url: str, shared: Memory) -> None:
    heard: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
    speaker, listener = PostgresNotices(postgres_url), PostgresNotices(postgres_url)
    tasks = [
        asyncio.create_task(speaker.run(lambda *told: pytest.fail(f"heard its own {told}"))),
        asyncio.create_task(listener.run(lambda *told: heard.put_nowait(told))),
    ]

    async def tell_until_heard() -> tuple[str, str, str]:
        async with asyncio.timeout(30):
            while heard.empty():
                speaker.tell("letters", "a-case", "a-process")
                await asyncio.sleep(0.05)
        return heard.get_nowait()

    try:
        assert await tell_until_heard() == ("letters", "a-case", "a-process")
        for _ in range(2):
            await execute(shared, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'listen%'")
            await asyncio.sleep(0.2)
            while not heard.empty():
                heard.get_nowait()
            assert await tell_until_heard() == ("letters", "a-case", "a-process")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await speaker.close()
        await listener.close()
