"""How Telegram's updates come in: by the webhook or, in development, by polling; acknowledged only once taken."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from telegram.error import InvalidToken, TelegramError

from handlers.channels.telegram import UPDATE_KINDS, WEBHOOK_PATH, NoSecret, Telegram, WrongToken
from handlers.channels.telegram_request import raw_updates
from handlers.channels.telegram_updates import UNREADABLE, understand
from storage.faults import MemoryFault
from storage.keys import KeyTrouble
from storage.transcript import Arrival

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header

BODY_LIMIT: Final = 1024**2
"""Bytes of one webhook request; a real update is a few thousand."""

POLL_SECONDS: Final = 30.0
"""Seconds that Telegram holds a poll open while nothing comes."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between polls at most while Telegram or the memory is out of reach."""

Take = Callable[[Arrival], Awaitable[object]]
"""What becomes of an arrival: it is acknowledged when this has returned, and comes again if this raises."""

log = logging.getLogger(__name__)


def routes(telegram: Telegram, take: Take) -> list[web.RouteDef]:
    """The webhook; NoSecret if the channel was made without one."""
    secret = telegram.secret
    if not secret:
        raise NoSecret

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, secret):
            return web.Response(status=403)
        try:
            raw = json.loads(await _body(request))
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(raw, dict):
            return web.Response(status=400)
        try:
            await _pass_on(raw, take)
        except (MemoryFault, KeyTrouble) as fault:
            log.warning("an update was not taken and will come again: %s", type(fault).__name__)
            return web.Response(status=503)
        if not (query := _query_id(raw)):
            return web.Response()
        # Answering in the response saves a call; it only stops the spinner on the button.
        return web.json_response({"method": "answerCallbackQuery", "callback_query_id": query})

    return [web.post(WEBHOOK_PATH, receive)]


async def poll(telegram: Telegram, take: Take, *, wait: float = POLL_SECONDS, pause: float = 1.0) -> None:
    """Ask for updates until cancelled, for development: one consumer per token. Raises WrongToken.

    `wait` is in seconds for Telegram to hold a poll open, `pause` after the first failure; it doubles with each.
    """
    offset, length, webhook = 0, pause, True
    while True:
        try:
            if webhook:
                await telegram.bot.delete_webhook(drop_pending_updates=False)
                webhook = False
            for raw in await raw_updates(telegram.bot, telegram.request, offset, wait, UPDATE_KINDS):
                await _pass_on(raw, take)
                offset = int(raw["update_id"]) + 1
                if query := _query_id(raw):
                    with contextlib.suppress(TelegramError):
                        await telegram.bot.answer_callback_query(query)
            length = pause
        except InvalidToken as error:
            raise WrongToken from error
        except (TelegramError, MemoryFault) as trouble:
            log.warning("polling pauses for %.0f s: %s", length, type(trouble).__name__)
            await asyncio.sleep(length)
            length = min(2 * length, LONGEST_PAUSE)


async def _pass_on(raw: dict[str, Any], take: Take) -> None:
    """Take what an update says; one that cannot be read is let go, for Telegram would repeat it for ever."""
    try:
        arrival = understand(raw, datetime.now(UTC))
    except UNREADABLE as error:
        log.warning("an update of Telegram could not be read: %s", type(error).__name__)
        return
    if arrival:
        await take(arrival)


def _query_id(raw: dict[str, Any]) -> str | None:
    """The id of the tap that an update tells of, which wants an answer."""
    query = raw.get("callback_query")
    found = query.get("id") if isinstance(query, dict) else None
    return found if isinstance(found, str) else None


async def _body(request: web.Request) -> bytes:
    """The body of a request; 413 as soon as it is known to be too long, whatever the application allows elsewhere."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(body))
    return bytes(body)
