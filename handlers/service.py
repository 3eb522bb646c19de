"""The service: builds the house, which runs until it is closed again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

import locales
from bot.certificates import specimens
from bot.certificates.trust_files import LiveTrust
from bot.words.catalog import load_words
from handlers.bells import Bells
from handlers.channels.channel import Channel
from handlers.channels.webchat import CHANNEL as WEB
from handlers.channels.webchat import WebChat
from handlers.courier import Courier
from handlers.house import House
from handlers.life import Life, Role
from handlers.metrics import Figures, Metrics, make_metrics
from handlers.pages import site
from handlers.pages.health import Health
from handlers.reading import ReadingRoom
from handlers.settings import Settings
from handlers.timetable import Timetable
from handlers.trust_folder import trust_folder
from handlers.turn import Desk, Turns
from storage.keys import KEY_SIZE, KeyFileTrouble, Keyring, load_keys, make_keys
from storage.memory import Memory
from storage.migrate import migrate
from storage.notices import Notices, open_notices
from storage.photos import Shelf
from storage.standing import has_cases

LOCALES = Path(locales.__path__[0])
if TYPE_CHECKING:
    from handlers.channels.telegram import Telegram

KEY_FILE = "keys.json"


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def keys_of(settings: Settings) -> Keyring:
    """The keys in the home folder, made at the first start.

    KeyFileTrouble if they are gone while the database holds what only they can open: new keys would hide that.
    """
    path = settings.home / KEY_FILE
    if path.exists():
        return load_keys(path)
    memory = Memory.open(settings.database, Keyring({1: bytes(KEY_SIZE)}, bytes(KEY_SIZE)))
    try:
        if await memory.read(has_cases):
            raise KeyFileTrouble(f"the database holds declarations, but the key file {path} is missing")
    finally:
        await memory.close()
    try:
        return make_keys(path)
    except KeyFileTrouble:
        if path.exists():
            return load_keys(path)  # Another process that starts as well was first.
        raise


@asynccontextmanager
async def open_memory(settings: Settings) -> AsyncIterator[Memory]:
    """The memory of these settings, its tables brought up to date."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database)
    memory = Memory.open(settings.database, await keys_of(settings))
    try:
        yield memory
    finally:
        await memory.close()


def trust_folders(settings: Settings) -> tuple[Path, ...]:
    """Where lists of trusted keys lie: the operator's folder, and in the demonstration the specimens' own."""
    chosen = (trust_folder(settings),)
    return (*chosen, specimens.folder()) if settings.demonstration else chosen


@asynccontextmanager
async def open_house(
    settings: Settings,
    clock: Callable[[], datetime] = now,
    role: Role = Role.ALL,
    family: str = "",
    notices: Notices | None = None,
) -> AsyncIterator[House]:
    """Build everything from the settings; what was opened is closed in order. Tests bring a clock and notices."""
    async with AsyncExitStack() as stack:
        memory = await stack.enter_async_context(open_memory(settings))
        keys = await keys_of(settings)
        arrived, kept = Shelf(settings.home / "arrived", keys), Shelf(settings.home / "photos", keys)
        await asyncio.to_thread(lambda: (arrived.sweep(), kept.sweep()))
        metrics = make_metrics()
        reading = ReadingRoom(trust_folders(settings), settings.photo_workers)
        stack.push_async_callback(reading.close)
        words, bells = load_words(LOCALES), Bells()
        telegram = await _telegram(settings, stack)
        channels: dict[str, Channel] = {}
        life = Life(memory, role, shared=settings.shares, family=family, changed=_pacer(settings, telegram))
        # The house is built from its parts, and they call it.
        courier = Courier(memory, life, kept, channels, words, clock, metrics, lambda letter: house.delivered(letter))
        desk = Desk(memory, life, arrived, kept, reading, words, channels, clock, metrics, settings.photo_days)
        turns = Turns(desk, lambda case_id, settled: house.settled(case_id, settled))
        house = House(
            app=site.application(),
            turns=turns,
            courier=courier,
            memory=memory,
            life=life,
            notices=notices or open_notices(settings.database),
            bells=bells,
            channels=channels,
            words=words,
            telegram=telegram,
            reading=reading,
            timetable=Timetable(memory, arrived, kept, clock, metrics, LiveTrust(trust_folders(settings))),
            metrics=metrics,
        )
        webchat = WebChat(
            memory, arrived, kept, words, bells, house.take, clock, settings.demonstration, settings.public_url
        )
        channels[WEB] = webchat
        house.app.add_routes(_health(settings, memory, metrics, clock).routes())
        if role.takes_in:
            house.app.add_subapp("/chat/", webchat.application())
            if telegram is not None and settings.public_url:
                from handlers.channels.telegram_door import routes

                house.app.add_routes(routes(telegram, house.take))
        await stack.enter_async_context(_living(house))
        stack.push_async_callback(house.close)
        yield house


@asynccontextmanager
async def _living(house: House) -> AsyncIterator[None]:
    """Let the others know that this process lives, and hear what they tell, until all that it held is finished."""
    life, notices = house.life, house.notices
    await life.start()
    notices.tell("lives", life.id)
    tasks = [asyncio.create_task(life.run()), asyncio.create_task(notices.run(house.hear))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        # What a task died of must not pass in silence; that it was cancelled just now may.
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        await life.stop()
        await notices.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end


def _pacer(settings: Settings, telegram: Telegram | None) -> Callable[[int], None]:
    """Gives this process its share of the messages a second that the platform grants to all together."""

    def share(workers: int) -> None:
        if telegram is not None and settings.telegram_rate:
            telegram.set_rate(settings.telegram_rate / max(1, workers))

    return share


def _health(settings: Settings, memory: Memory, metrics: Metrics, clock: Callable[[], datetime]) -> Health:
    figures = Figures(metrics, memory, clock)
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    return Health(memory, metrics, figures, settings.home, token, public=settings.public_url is not None)


async def _telegram(settings: Settings, stack: AsyncExitStack) -> Telegram | None:
    """The channel, before anything is asked of Telegram; None without a token."""
    if settings.telegram_token is None:
        return None
    # Loaded only where it is wanted: it takes a third of the time that everything else takes to start.
    from handlers.channels.telegram import telegram_channel

    session = await stack.enter_async_context(aiohttp.ClientSession())
    token, secret = settings.telegram_token.get_secret_value(), settings.telegram_secret
    telegram = telegram_channel(
        session,
        token,
        api=settings.telegram_api,
        secret=secret.get_secret_value() if secret else None,
        rate=settings.telegram_rate,
    )
    stack.push_async_callback(telegram.close)
    return telegram
