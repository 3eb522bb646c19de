"""Serving: one process opens its doors, works until it is asked to stop, and finishes what it holds."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from aiohttp import web

from handlers.house import STOP_SECONDS, House
from handlers.life import Role
from handlers.service import open_house
from handlers.settings import Settings
from storage.faults import MemoryBroken
from storage.lock import Lock, hold

# Listening on every address of the machine; people on it open the loopback address.
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104
# A line on which nothing is asked for so long is closed, also one that never asked anything. Proxies keep theirs for a
# shorter time, nginx for 60 seconds.
IDLE_SECONDS = 75.0
# What a process says to the one that supervises it, once its doors are open.
READY = "ready"


class CannotServe(Exception):
    """The service cannot run as it was asked to; the message says what is wanted."""


class NeedsPostgres(CannotServe):
    """Several processes were asked for on SQLite, which only one process may serve from."""

    def __init__(self) -> None:
        super().__init__("several processes, and roles, need PostgreSQL: set KHAIBAO_DATABASE_URL")


@dataclass(frozen=True, slots=True)
class Part:
    """What this process is of the service: its role, and the name by which its supervisor knows it, if it has one."""

    role: Role = Role.ALL
    family: str = ""


WHOLE = Part()


async def serve(settings: Settings, part: Part = WHOLE) -> None:
    """Serve until a signal asks to stop; AlreadyHeld if another process serves from the same home over SQLite."""
    if part != WHOLE and not settings.shares:
        raise NeedsPostgres
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    if part.family:
        _stop_with_supervisor(loop, stop)
    with _lock(settings):
        async with open_house(settings, role=part.role, family=part.family) as house:
            runner = web.AppRunner(
                house.app, access_log=None, shutdown_timeout=STOP_SECONDS / 3, keepalive_timeout=IDLE_SECONDS
            )
            await runner.setup()
            if has_door(settings, part.role):
                shared = True if part.family else None
                await web.TCPSite(runner, settings.host, settings.port, reuse_address=True, reuse_port=shared).start()
            if part.family:
                print(READY, flush=True)
            else:
                announce(settings, part.role, runner.addresses[0][1] if runner.addresses else None)
            _spare_the_collector()
            await _until_stopped(house, settings, stop)
            house.bells.close()
            await runner.cleanup()


def has_door(settings: Settings, role: Role) -> bool:
    """Whether this role listens: a worker only where a port is set, for health and metrics."""
    return role.takes_in or "port" in settings.model_fields_set


def announce(settings: Settings, role: Role, port: int | None) -> None:
    """Say that the service is open, and where."""
    if not role.takes_in:
        print("Khaibao works; a process that takes messages in belongs to it.", flush=True)
        return
    address = settings.public_url or f"http://{'127.0.0.1' if settings.host in EVERYWHERE else settings.host}:{port}"
    print(f"Khaibao is open. The web chat: {address}/chat/", flush=True)
    if settings.demonstration:
        print("No platform's token is set, so this is a demonstration with specimen certificates.", flush=True)


def _lock(settings: Settings) -> Lock | AbstractContextManager[None]:
    """On SQLite one process alone may serve; on PostgreSQL processes on one machine share the home."""
    return nullcontext() if settings.shares else hold(settings.home)


def _stop_with_supervisor(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when the supervisor is gone: then nobody would stop this process, or start it again."""

    def heard() -> None:
        with contextlib.suppress(BlockingIOError):
            if not os.read(sys.stdin.fileno(), 1):
                loop.remove_reader(sys.stdin)
                stop.set()

    loop.add_reader(sys.stdin, heard)


def _spare_the_collector() -> None:
    """Look for cycles seldom, and never among what was built at the start: turns make next to none, and each such
    search would hold up every traveller."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _until_stopped(house: House, settings: Settings, stop: asyncio.Event) -> None:
    """Run until a signal asks to stop, the disk breaks, or something fails that must not pass in silence."""
    asides = {asyncio.create_task(house.run_telegram(settings.public_url))}
    if house.life.role.works:
        asides.add(asyncio.create_task(house.reading.warm()))
    lasting = {
        asyncio.create_task(house.look_around()),
        asyncio.create_task(house.keep_times()),
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
