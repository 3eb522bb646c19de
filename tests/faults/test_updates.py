"""Updates that come twice, late, out of order or from two sides at once: each is taken once, and none is missing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest
from crowd import Walker, external_id, message, open_town, rows_of

TRAVELLERS = 20
COPIES = 4
CONNECTIONS = 16
SEED = 20261124


@pytest.mark.parametrize(("database", "processes"), [("sqlite", 1), ("postgres", 2)])
async def test_updates_in_any_order_and_number_are_each_taken_once(
    database: str, processes: int, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """On PostgreSQL two houses stand over one database, so that both take the same update at the same time."""
    url = None if database == "sqlite" else request.getfixturevalue("empty_postgres_url")
    chance = Random(f"{SEED}/{database}")
    async with AsyncExitStack() as stack:
        towns = [await stack.enter_async_context(open_town(tmp_path / "home", url)) for _ in range(processes)]
        town, other = towns[0], towns[-1]
        walkers = [town.walker(2001 + number) for number in range(TRAVELLERS)]
        for walker in walkers:
            # Whichever house answers, the traveller reads it on one screen.
            other.stand_in.phones[walker.phone.chat_id] = walker.phone
        copies = []
        for walker in walkers:
            updates = [message(walker.phone, said) for said in walker.says(town.clock())[:8]]
            walker.taken = [external_id(update) for update in updates]
            copies += [update for update in updates for _ in range(chance.randrange(1, COPIES + 1))]
        chance.shuffle(copies)
        statuses: list[int] = []

        async def post() -> None:
            while copies:
                update = copies.pop()
                # Twice at the same moment, to both houses where there are two.
                statuses.extend(await asyncio.gather(town.post(update), other.post(update)))

        await asyncio.gather(*(post() for _ in range(CONNECTIONS)))
        await town.quiet()
        tally = await town.tally(walkers)
        seen = sum([await check_complete(walker) for walker in walkers])
    assert set(statuses) == {200}
    assert tally.sound
    with capsys.disabled():
        print(f"\nupdates on {database}: {len(statuses):,} posted, {tally}; seen twice {seen - tally.tried}")


async def check_complete(walker: Walker) -> int:
    """Every update stands in the transcript and is answered once, in order; how many messages the screen shows."""
    rows, _ = await walker.town.house.memory.read(rows_of, str(walker.phone.chat_id))
    heard = [row.external_id for row in rows if row.direction == "heard"]
    assert sorted(heard) == sorted(walker.taken)
    said = [row for row in rows if row.direction == "said"]
    assert [row.replies_to for row in said] == [row.id for row in rows if row.direction == "heard"]
    assert {row.state for row in said} == {"sent"}
    return len(walker.phone.screen)
