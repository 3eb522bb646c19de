"""A ConversationHandler in memory whose reply rides back on the answer to the webhook: nothing is sent.

python -m tests.bench.baselines.ptb_body --port 8080 --api http://127.0.0.1:9000
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.ext import Application

from tests.bench.baselines.door import Place, is_telegram, open_door, place, reply_in_body
from tests.bench.baselines.ptb_form import Context, conversation

_said: ContextVar[list[str]] = ContextVar("said")


async def say(update: Update, context: Context, text: str) -> None:
    """Keep the message for the answer."""
    _said.get().append(text)


async def nothing() -> None:
    """Nothing more is to be done for an update."""


def serve(
    where: Place, application: Application[Any, Any, Any, Any, Any, Any], after: Callable[[], Awaitable[None]]
) -> None:
    """Serve the form of this application; `after` is awaited before an update is answered."""

    async def running(_: web.Application) -> AsyncIterator[None]:
        async with application:
            yield

    async def receive(request: web.Request) -> web.Response:
        if not is_telegram(request):
            return web.Response(status=403)
        update = Update.de_json(await request.json(), application.bot)
        said: list[str] = []
        _said.set(said)
        await application.process_update(update)
        await after()
        return reply_in_body(update.effective_chat.id, said[0]) if said else web.Response()

    open_door(where, receive, running)


def main(where: Place) -> None:
    """Serve the form in memory."""
    application = Application.builder().token(where.token).base_url(f"{where.api}/bot").updater(None).build()
    application.add_handler(conversation(say))
    serve(where, application, nothing)


if __name__ == "__main__":
    main(place())
