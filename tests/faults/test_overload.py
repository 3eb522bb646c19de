"""Overload: one chat that writes as fast as it can is warned once, and does not make the others wait."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest
from crowd import Town, Walker, external_id, message, open_town, rows_of

from storage.floods import TOO_MANY

FLOOD = 1_000
CONNECTIONS = 30
TALKERS = 30
STEPS = 5
# How many answers the flooding chat may get, in the median, while another waits for one.
TURNS_BETWEEN = 3
# The same measured in time, against the same talks without a flood beside them.
SLOWER = 4.0


@dataclass
class Waits:
    """For every answer of a talker: how long it took, and how many answers the flooding chat got meanwhile."""

    seconds: list[float] = field(default_factory=list)
    between: list[int] = field(default_factory=list)


async def talk(walker: Walker, flooding: Walker, waits: Waits) -> None:
    """Walk some steps and write down what each answer waited for."""
    for said in walker.says(walker.town.clock())[:STEPS]:
        began, shown = time.monotonic(), len(flooding.phone.screen)
        await walker.walk([said])
        waits.seconds.append(time.monotonic() - began)
        waits.between.append(len(flooding.phone.screen) - shown)


async def flood(walker: Walker, number: int = FLOOD) -> None:
    """Send so many messages over many connections, without waiting for any answer."""
    updates = [message(walker.phone, {"text": f"message {each}"}) for each in range(number)]
    walker.taken = [external_id(update) for update in updates]
    left = updates[::-1]

    async def post() -> None:
        while left:
            update = left.pop()
            while await walker.town.post(update) != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    await asyncio.gather(*(post() for _ in range(CONNECTIONS)))


async def run(town: Town, first: int, *, flooded: bool) -> tuple[Waits, list[Walker], Walker]:
    """Let the talkers talk, with or without a flood beside them."""
    talkers, flooding, waits = [town.walker(first + n) for n in range(1, TALKERS + 1)], town.walker(first), Waits()
    beside = asyncio.create_task(flood(flooding)) if flooded else None
    await asyncio.gather(*(talk(walker, flooding, waits) for walker in talkers))
    if beside:
        await beside
    await town.quiet()
    return waits, talkers, flooding


async def test_a_chat_that_floods_is_warned_once_and_does_not_hold_up_the_others(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_town(tmp_path / "home", database_url) as town:
        await run(town, 8001, flooded=False)  # Whatever is slow the first time is not measured.
        calm, _, _ = await run(town, 8101, flooded=False)
        waits, talkers, flooding = await run(town, 8201, flooded=True)
        tally = await town.tally(talkers)
        rows, _ = await town.house.memory.read(rows_of, str(flooding.phone.chat_id))
    answered = {row.replies_to for row in rows}
    heard = [row for row in rows if row.direction == "heard"]
    unread = [row for row in heard if row.trouble == TOO_MANY and row.id not in answered]
    warnings = [shown for shown in flooding.phone.screen if "too many messages" in shown.text]
    assert tally.sound
    assert Counter(row.external_id for row in heard) == Counter(flooding.taken)
    assert {row.state for row in heard} == {"done"}
    assert all(row.id in answered for row in heard if row.trouble is None)
    assert len(unread) > FLOOD / 2
    assert len(warnings) == 1
    assert median(waits.between) <= TURNS_BETWEEN
    assert median(waits.seconds) < SLOWER * median(calm.seconds)
    with capsys.disabled():
        print(
            f"\noverload: {tally}; {FLOOD} messages of one chat got {len(flooding.phone.screen)} answers, while "
            f"another waited {median(waits.between)} of them in the median, {max(waits.between)} at most; others "
            f"waited {1000 * median(waits.seconds):.0f} ms in the median, longest {1000 * max(waits.seconds):.0f} "
            f"(calm: {1000 * median(calm.seconds):.0f}, {1000 * max(calm.seconds):.0f})"
        )
