"""How Telegram's updates come in where several processes serve: one of them at a time looks after that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from bot.words.catalog import Words
from handlers.channels.channel import Channel, Later
from handlers.channels.telegram import Telegram, introduce
from handlers.channels.telegram_door import poll
from handlers.life import Life
from storage.transcript import Arrival

# Telegram is asked again so many seconds after it was out of reach.
TELEGRAM_REST = 5.0
# Whoever polls looks so often whether that is still its duty.
LOOK_SECONDS = 0.5

log = structlog.get_logger()


async def open_channel(telegram: Telegram, channels: dict[str, Channel]) -> None:
    """Open the channel, as soon as Telegram can be reached; raises WrongToken."""
    await _until_reached(telegram.open)
    channels[telegram.name] = telegram


async def receive_updates(
    telegram: Telegram, words: Words, public_url: str | None, take: Callable[[Arrival], Awaitable[object]], life: Life
) -> None:
    """Once this process has the duty for this bot, tell Telegram where updates go; without a public address poll.

    Telegram gives updates to one poller of a token only. With a public address this returns, and any process is called.
    """
    duty = f"updates of {telegram.bot.token.partition(':')[0]}"
    while True:
        mine = await life.wait_for(duty)
        await _until_reached(lambda: introduce(telegram, words, public_url))
        if public_url is not None:
            return
        await _poll_while(telegram, take, partial(life.holds, mine))


async def _poll_while(
    telegram: Telegram, take: Callable[[Arrival], Awaitable[object]], may: Callable[[], bool]
) -> None:
    """Poll until somebody else may do it; an update that is being taken is taken by both, and once."""
    polling = asyncio.create_task(poll(telegram, take))
    try:
        while may() and not polling.done():
            await asyncio.wait({polling}, timeout=LOOK_SECONDS)
        if polling.done():
            polling.result()
    finally:
        polling.cancel()


async def _until_reached(ask: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await ask()
            return
        except Later:
            log.warning("telegram_out_of_reach", seconds=TELEGRAM_REST)
            await asyncio.sleep(TELEGRAM_REST)
