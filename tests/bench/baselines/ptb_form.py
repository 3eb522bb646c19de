"""The form as a ConversationHandler of python-telegram-bot: a state for each question, answers in `user_data`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.ext import CommandHandler, ContextTypes, ConversationHandler, MessageHandler, filters

from tests.bench.baselines.form import QUESTIONS, THANKS

Context = ContextTypes.DEFAULT_TYPE
Say = Callable[[Update, Context, str], Awaitable[None]]


def conversation(say: Say, *, persistent: bool = False) -> ConversationHandler[Any]:
    """The form; `say` brings a message to the traveller."""

    async def start(update: Update, context: Context) -> int:
        context.user_data.clear()
        await say(update, context, QUESTIONS[0])
        return 0

    def taking(place: int) -> Callable[[Update, Context], Awaitable[int]]:
        async def take(update: Update, context: Context) -> int:
            context.user_data[place] = update.message.text
            if place + 1 == len(QUESTIONS):
                await say(update, context, THANKS)
                return ConversationHandler.END
            await say(update, context, QUESTIONS[place + 1])
            return place + 1

        return take

    text = filters.TEXT & ~filters.COMMAND
    return ConversationHandler(
        entry_points=[CommandHandler("start", start)],
        states={place: [MessageHandler(text, taking(place))] for place in range(len(QUESTIONS))},
        fallbacks=[CommandHandler("start", start)],
        name="form",
        persistent=persistent,
    )
