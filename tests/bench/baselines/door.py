"""What every baseline has at its door: the arguments, the check of the secret, and an aiohttp application that runs."""

from __future__ import annotations

import argparse
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.bench.walks import SECRET, TOKEN

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # the name of a header


@dataclass(frozen=True, slots=True)
class Place:
    """Where a baseline serves, where the Bot API is, and where its files may lie."""

    port: int
    api: str
    home: Path
    redis: str
    token: str = TOKEN


def place() -> Place:
    """The place that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api", required=True)
    parser.add_argument("--home", type=Path, default=Path())
    parser.add_argument("--redis", default="redis://127.0.0.1:6379")
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    return Place(given.port, given.api, given.home, given.redis)


def is_telegram(request: web.Request) -> bool:
    """Whether the request carries the secret."""
    return hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), SECRET)


def reply_in_body(chat: int, text: str) -> web.Response:
    """A reply that rides back on the answer to the webhook."""
    return web.json_response({"method": "sendMessage", "chat_id": chat, "text": text})


def open_door(
    where: Place,
    receive: Callable[[web.Request], Awaitable[web.StreamResponse]],
    *around: Callable[[web.Application], Any],
) -> None:
    """Serve the webhook until the process is ended; `around` are contexts of the application."""
    app = web.Application()
    app.router.add_post(PATH, receive)
    app.cleanup_ctx.extend(around)
    web.run_app(app, host="127.0.0.1", port=where.port, access_log=None, print=lambda *_: None)
