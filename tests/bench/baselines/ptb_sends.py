"""What people write with python-telegram-bot: a ConversationHandler in memory that answers with `send_message`.

The webhook puts updates into the application's queue, as in the library's own example of a custom webhook; with
`process` it awaits `process_update` instead, so that many updates are handled at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web
from telegram import Update
from telegram.ext import Application

from tests.bench.baselines.door import Place, is_telegram, open_door, place
from tests.bench.baselines.ptb_form import Context, conversation


async def say(update: Update, context: Context, text: str) -> None:
    """Send a message."""
    await context.bot.send_message(update.effective_chat.id, text)


def main(where: Place, *, process: bool) -> None:
    """Serve the form."""
    application = Application.builder().token(where.token).base_url(f"{where.api}/bot").updater(None).build()
    application.add_handler(conversation(say))

    async def running(_: web.Application) -> AsyncIterator[None]:
        async with application:
            await application.start()
            yield
            await application.stop()

    async def receive(request: web.Request) -> web.Response:
        if not is_telegram(request):
            return web.Response(status=403)
        update = Update.de_json(await request.json(), application.bot)
        if process:
            await application.process_update(update)
        else:
            await application.update_queue.put(update)
        return web.Response()

    open_door(where, receive, running)


if __name__ == "__main__":
    main(place(), process=False)
