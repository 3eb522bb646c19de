"""An aiohttp route that reads the body and answers 200: what the web server alone costs."""

from __future__ import annotations

from aiohttp import web

from tests.bench.baselines.door import is_telegram, open_door, place


async def receive(request: web.Request) -> web.Response:
    """Answer and do nothing."""
    if not is_telegram(request):
        return web.Response(status=403)
    await request.read()
    return web.Response()


if __name__ == "__main__":
    open_door(place(), receive)
