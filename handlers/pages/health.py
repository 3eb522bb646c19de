"""Health for machines: whether the process lives, whether it can take messages, and how it fares in figures."""

from __future__ import annotations

import asyncio
import hmac
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from handlers.metrics import Figures, Metrics
from storage.faults import MemoryFault
from storage.figures import touch
from storage.memory import Memory

# A database that takes longer for a write cannot keep up with travellers.
READY_SECONDS = 1.0
# Below this many bytes of room the next hour of photos may not fit.
ROOM_BYTES = 200 * 1024 * 1024
# Whoever asks more often gets the same answer, so that nobody can make the disk busy by asking.
READY_KEPT_SECONDS = 1.0
# Names under which this machine reaches itself; a page of elsewhere that a browser was lured to has another.
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True)
class Health:
    """Answers what machines ask; without a token the metrics are for this machine alone, and for nobody behind a proxy.

    A proxy on this machine makes everybody look as if they were on it, so with a public address a token is wanted.
    """

    memory: Memory
    metrics: Metrics
    figures: Figures
    home: Path
    token: str | None
    public: bool
    clock: Callable[[], float] = time.monotonic
    room: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    _next: float = field(default=0.0, init=False)
    _lacks: tuple[str, ...] = field(default=(), init=False)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def routes(self) -> list[web.RouteDef]:
        """Where machines ask."""
        return [
            web.get("/healthz", self.lives),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.measured),
        ]

    async def lives(self, _request: web.Request) -> web.Response:
        """The process lives; if this is not answered, it should be started anew."""
        return web.json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 if messages can be taken, else 503 with what is in the way."""
        lacks = await self.lacks()
        return web.json_response({"status": "lacking" if lacks else "ok", "lacks": lacks}, status=503 if lacks else 200)

    async def measured(self, request: web.Request) -> web.Response:
        """The metrics as text, for whoever has the token, or without one for this machine."""
        if self.token is None:
            if self.public or not is_own(request):
                raise web.HTTPNotFound
        elif not has_token(request, self.token):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        await self.figures.refresh()
        return web.Response(body=self.metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def lacks(self) -> tuple[str, ...]:
        """The short names of what is in the way of taking messages."""
        async with self._looking:
            if self.clock() >= self._next:
                self._lacks = await self._look()
                self._next = self.clock() + READY_KEPT_SECONDS
        return self._lacks

    async def _look(self) -> tuple[str, ...]:
        if self.memory.broken:
            return ("disk_failed",)
        lacks = []
        if await asyncio.to_thread(self.room, self.home) < ROOM_BYTES:
            lacks.append("room")
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self.memory.write(touch, None)
        except (MemoryFault, TimeoutError) as trouble:
            if isinstance(trouble, MemoryFault):
                self.metrics.memory_failed(trouble)
            lacks.append("database")
        return tuple(lacks)


def is_own(request: web.Request) -> bool:
    """Whether a request comes from this machine and was meant for it."""
    try:
        return ip_address(request.remote or "").is_loopback and request.url.host in OWN_NAMES
    except ValueError:
        return False


def has_token(request: web.Request, token: str) -> bool:
    """Whether a request carries the token; compared in constant time."""
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(given, f"Bearer {token}".encode())
