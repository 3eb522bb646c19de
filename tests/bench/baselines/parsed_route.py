"""The bare route with the update read by python-telegram-bot: what parsing costs."""

from __future__ import annotations

from aiohttp import web
from telegram import Update

from tests.bench.baselines.door import is_telegram, open_door, place


async def receive(request: web.Request) -> web.Response:
    """Read the update and answer."""
    if not is_telegram(request):
        return web.Response(status=403)
    update = Update.de_json(await request.json())
    return web.Response(status=200 if update.message else 400)


if __name__ == "__main__":
    open_door(place(), receive)
