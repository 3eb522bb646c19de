"""The service: builds the house, opens the doors, and closes them again."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import structlog
from aiohttp import web

import locales
from bot.certificates import specimens
from bot.words.catalog import Words, load_words
from handlers.bells import Bells
from handlers.channels.channel import Channel, Later
from handlers.channels.webchat import CHANNEL as WEB
from handlers.channels.webchat import WebChat
from handlers.courier import Courier
from handlers.metrics import Figures, Metrics, make_metrics
from handlers.pages import site
from handlers.pages.health import Health
from handlers.reading import ReadingRoom
from handlers.settings import Settings
from handlers.timetable import Timetable
from handlers.turn import Desk, Turns
from storage.faults import MemoryBroken, MemoryFault
from storage.keys import KEY_SIZE, KeyFileTrouble, Keyring, load_keys, make_keys
from storage.letters import Letter
from storage.lock import hold
from storage.memory import Memory
from storage.migrate import migrate
from storage.photos import Shelf
from storage.standing import has_cases

LOCALES = Path(locales.__path__[0])
# Listening on every address of the machine; people on it open the loopback address.
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104
if TYPE_CHECKING:
    from handlers.channels.telegram import Telegram

KEY_FILE = "keys.json"
# What others left in the database is looked for this often.
LOOK_SECONDS = 1.0
# Telegram is asked again so many seconds after it was out of reach.
TELEGRAM_REST = 5.0
# A clean stop waits so long for turns and letters under way; the rest is found again at the next start.
STOP_SECONDS = 10.0

log = structlog.get_logger()
_DESK = web.AppKey("desk", Desk)


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
    return make_keys(path)


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
    chosen = (settings.trust,) if settings.trust else ()
    return (*chosen, specimens.folder()) if settings.demonstration else chosen


@dataclass(frozen=True, slots=True)
class House:
    """What runs: the web application, and the work that looks for what was left undone."""

    app: web.Application
    turns: Turns
    courier: Courier
    memory: Memory
    channels: dict[str, Channel]
    words: Words
    telegram: Telegram | None
    reading: ReadingRoom
    timetable: Timetable
    metrics: Metrics

    async def look_around(self) -> None:
        """Find what a crash, a pause or another process left, over and over; this is the truth, wakes only hurry it."""
        while not self.memory.broken:
            try:
                await self.turns.find_waiting()
                await self.courier.find_unsent()
            except MemoryFault as fault:
                self.metrics.memory_failed(fault)
                log.warning("memory_does_not_answer", error=type(fault).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def run_telegram(self, public_url: str | None) -> None:
        """Open Telegram's door, as soon as Telegram can be reached, and poll where there is no public address."""
        if self.telegram is None:
            return
        reached = False
        while not reached:
            reached = await self._open_telegram(self.telegram, public_url)
        if public_url is None:
            from handlers.channels.telegram_door import poll

            await poll(self.telegram, self.turns.take)

    async def _open_telegram(self, telegram: Telegram, public_url: str | None) -> bool:
        from handlers.channels.telegram import introduce

        try:
            await telegram.open()
            await introduce(telegram, self.words, public_url)
        except Later:
            log.warning("telegram_out_of_reach", seconds=TELEGRAM_REST)
            await asyncio.sleep(TELEGRAM_REST)
            return False
        self.channels[telegram.name] = telegram
        return True

    async def close(self) -> None:
        """Finish what is under way, within the time limit."""
        await self.turns.close(STOP_SECONDS / 2)
        await self.courier.close(STOP_SECONDS / 2)


@asynccontextmanager
async def open_house(settings: Settings, clock: Callable[[], datetime] = now) -> AsyncIterator[House]:
    """Build everything from the settings; what was opened is closed in order. Tests bring a clock of their own."""
    async with AsyncExitStack() as stack:
        memory = await stack.enter_async_context(open_memory(settings))
        keys = await keys_of(settings)
        arrived, kept = Shelf(settings.home / "arrived", keys), Shelf(settings.home / "photos", keys)
        await asyncio.to_thread(lambda: (arrived.sweep(), kept.sweep()))
        metrics = make_metrics()
        reading = ReadingRoom(trust_folders(settings), settings.photo_workers)
        stack.push_async_callback(reading.close)
        words, bells = load_words(LOCALES), Bells()
        channels: dict[str, Channel] = {}
        courier = Courier(memory, channels, words, clock, metrics, delivered=bells.ring)

        def settled(case_id: str, letters: Sequence[Letter] | None) -> None:
            bells.ring(case_id)
            courier.call(case_id, letters)

        desk = Desk(memory, arrived, kept, reading, words, channels, clock, metrics, settings.photo_days)
        turns = Turns(desk, settled)
        webchat = WebChat(
            memory, arrived, kept, words, bells, turns.take, clock, settings.demonstration, settings.public_url
        )
        channels[WEB] = webchat
        app = site.application()
        app.add_subapp("/chat/", webchat.application())
        app.add_routes(_health(settings, memory, metrics, clock).routes())
        telegram = await _telegram(settings, stack)
        if telegram is not None and settings.public_url:
            from handlers.channels.telegram_door import routes

            app.add_routes(routes(telegram, turns.take))
        timetable = Timetable(memory, arrived, kept, clock, metrics)
        house = House(app, turns, courier, memory, channels, words, telegram, reading, timetable, metrics)
        stack.push_async_callback(house.close)
        yield house


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


async def serve(settings: Settings) -> None:
    """Serve until a signal asks to stop; AlreadyHeld if another process serves from the same home."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    with hold(settings.home):
        async with open_house(settings) as house:
            runner = web.AppRunner(house.app, access_log=None, shutdown_timeout=STOP_SECONDS)
            await runner.setup()
            await web.TCPSite(runner, settings.host, settings.port, reuse_address=True).start()
            _announce(settings, runner)
            _spare_the_collector()
            await _until_stopped(house, settings, stop)
            await runner.cleanup()


def _spare_the_collector() -> None:
    """Look for cycles seldom, and never among what was built at the start: turns make next to none, and each such
    search would hold up every traveller."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _until_stopped(house: House, settings: Settings, stop: asyncio.Event) -> None:
    """Run until a signal asks to stop, the disk breaks, or something fails that must not pass in silence."""
    asides = {
        asyncio.create_task(house.reading.warm()),
        asyncio.create_task(house.run_telegram(settings.public_url)),
    }
    lasting = {
        asyncio.create_task(house.look_around()),
        asyncio.create_task(house.timetable.run()),
        asyncio.create_task(stop.wait()),
    }
    waiting = lasting | asides
    try:
        while not any(task.done() for task in lasting):
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        if house.memory.broken:
            raise MemoryBroken("the disk failed under a commit; start again once it is mended")
    finally:
        for task in lasting | asides:
            task.cancel()


def _announce(settings: Settings, runner: web.AppRunner) -> None:
    host, port = runner.addresses[0][:2]
    address = settings.public_url or f"http://{'127.0.0.1' if host in EVERYWHERE else host}:{port}"
    print(f"Khaibao is open. The web chat: {address}/chat/", flush=True)
    if settings.demonstration:
        print("No platform's token is set, so this is a demonstration with specimen certificates.", flush=True)
