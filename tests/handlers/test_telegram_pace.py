"""The pace of messages: nobody is passed over, and a new rate holds for those who wait already."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from handlers.channels.telegram_pace import Pace


async def started(pace: Pace, count: int, order: list[int]) -> Sequence[asyncio.Task[None]]:
    """So many who want to send, each having asked for a turn."""

    async def send(number: int) -> None:
        await pace.turn()
        order.append(number)

    tasks = [asyncio.create_task(send(number)) for number in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def let_go(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_without_a_limit_nobody_waits() -> None:
    order: list[int] = []
    await started(Pace(0), 1000, order)
    assert order == list(range(1000))


@pytest.mark.parametrize(("rate", "at_once"), [(5, 5), (1, 1), (0.01, 1)])
async def test_a_seconds_worth_goes_at_once_and_the_rest_waits(rate: float, at_once: int) -> None:
    order: list[int] = []
    tasks = await started(Pace(rate), at_once + 3, order)
    assert order == list(range(at_once))
    await let_go(tasks)


async def test_those_who_wait_go_in_the_order_in_which_they_came() -> None:
    order: list[int] = []
    pace = Pace(200)
    async with asyncio.timeout(10):
        await asyncio.gather(*await started(pace, 230, order))
    assert order == list(range(230))


async def test_a_faster_rate_holds_for_those_who_wait() -> None:
    order: list[int] = []
    pace = Pace(0.01)
    tasks = await started(pace, 20, order)
    pace.set_rate(1000)
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)
    assert order == list(range(20))


async def test_without_a_limit_from_now_on_all_who_wait_go() -> None:
    order: list[int] = []
    pace = Pace(0.01)
    tasks = await started(pace, 20, order)
    pace.set_rate(0)
    await asyncio.gather(*tasks)
    assert order == list(range(20))


@pytest.mark.parametrize("before", [0, 1000])
async def test_a_slower_rate_holds_at_once(before: float) -> None:
    order: list[int] = []
    pace = Pace(before)
    pace.set_rate(0.01)
    tasks = await started(pace, 3, order)
    assert order == [0]
    pace.set_rate(0.02)
    await asyncio.sleep(0)
    assert order == [0]
    await let_go(tasks)


async def test_who_gives_up_waiting_takes_nobodys_turn() -> None:
    order: list[int] = []
    pace = Pace(0.01)
    tasks = await started(pace, 4, order)
    await let_go(tasks[1:3])
    pace.set_rate(1000)
    async with asyncio.timeout(10):
        await tasks[3]
    assert order == [0, 3]
