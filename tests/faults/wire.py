"""The wire between the bot and the platform, which goes wrong in every way that wires and platforms go wrong.

Each message that the bot sends may meet a trouble; whether the platform had taken it by then is written down, so that
it is known which messages a traveller must see twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

# What happens before the platform has seen the message: it is not delivered.
BEFORE = ("429", "500", "502 page", "nonsense", "drop", "half-open", "slow")
# What happens after the platform has taken it: it is delivered, and the bot does not hear of it.
AFTER = ("answer dropped", "answer never comes", "answer is nonsense")
# How long a half-open connection says nothing; the bot gives it up before.
SILENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Call:
    """A message that the platform took: what it said, what the platform called it, whether the bot heard so."""

    text: str
    message_id: str
    told: bool


@dataclass
class TroubledWire:
    """Stands before the platform at `url`; `share` of the messages meet a trouble, never two running in one chat."""

    share: float
    chance: Random
    platform: str = ""
    url: str = ""
    met: Counter[str] = field(default_factory=Counter)
    forbidden: Counter[int] = field(default_factory=Counter)
    taken: dict[int, list[Call]] = field(default_factory=dict)
    _spared: set[int] = field(default_factory=set)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._gone.set()
        await self._session.close()
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        params = await request.json()
        chat, trouble = int(params["chat_id"]), self._choose(int(params["chat_id"]))
        if trouble in BEFORE:
            self.met[trouble] += 1
        if trouble in BEFORE and trouble != "slow":
            return await self._fail(request, trouble)
        if trouble == "slow":
            await asyncio.sleep(0.3)
        async with self._session.post(self.platform + request.path, json=params) as answer:
            status, told = answer.status, await answer.json()
        self.forbidden[chat] += status == 403
        if status == 200:
            call = Call(params["text"], str(told["result"]["message_id"]), trouble not in AFTER)
            self.taken.setdefault(chat, []).append(call)
            if trouble in AFTER:
                self.met[trouble] += 1
                return await self._fail(request, trouble)
        return web.json_response(told, status=status)

    def _choose(self, chat: int) -> str | None:
        if chat in self._spared or self.chance.random() >= self.share:
            self._spared.discard(chat)
            return None
        self._spared.add(chat)
        return self.chance.choice((*BEFORE, *AFTER))

    async def _fail(self, request: web.Request, trouble: str) -> web.StreamResponse:
        match trouble:
            case "429":
                told: dict[str, Any] = {"ok": False, "error_code": 429, "description": "Too Many Requests"}
                return web.json_response(told | {"parameters": {"retry_after": 1}}, status=429)
            case "500":
                return web.json_response({"ok": False, "error_code": 500, "description": "Oh"}, status=500)
            case "502 page":
                return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
            case "nonsense" | "answer is nonsense":
                return web.Response(text='{"ok": tru', content_type="application/json")
            case "half-open" | "answer never comes":
                # Nothing is said, and the connection stays: the bot has to give it up by itself.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._gone.wait(), SILENCE_SECONDS)
        if request.transport:
            request.transport.abort()
        return web.Response()
