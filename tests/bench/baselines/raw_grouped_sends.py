"""The limit with delivery: the grouped writer, and the reply sent through an aiohttp client after COMMIT."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from tests.bench.baselines.door import Place, is_telegram, open_door, place
from tests.bench.baselines.raw_grouped import Writer, read


def main(where: Place) -> None:
    """Serve the form."""
    writer = Writer(where.home / "grouped.db")
    client = web.AppKey("client", aiohttp.ClientSession)

    async def running(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as app[client]:
            yield

    async def receive(request: web.Request) -> web.Response:
        if not is_telegram(request):
            return web.Response(status=403)
        update, chat, text = read(await request.read())
        said = await writer.step(update, chat, text)
        if said:
            message = {"chat_id": chat, "text": said}
            async with request.app[client].post(f"{where.api}/bot{where.token}/sendMessage", json=message) as answer:
                await answer.read()
        return web.Response()

    open_door(where, receive, running)


if __name__ == "__main__":
    main(place())
