"""The form with aiogram 3: a state for each question, the answers in the store of the dispatcher."""

from __future__ import annotations

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from tests.bench.baselines.door import PATH, Place
from tests.bench.baselines.form import QUESTIONS, THANKS
from tests.bench.walks import SECRET


class Form(StatesGroup):
    """The states of the form, one a question."""

    asked = tuple(State(f"question{place}") for place in range(len(QUESTIONS)))


async def start(message: Message, state: FSMContext) -> None:
    """Begin with the first question."""
    await state.clear()
    await state.set_state(Form.asked[0])
    await message.answer(QUESTIONS[0])


def add_question(dispatcher: Dispatcher, place: int) -> None:
    """Take the answer to one question and ask the next."""

    async def take(message: Message, state: FSMContext) -> None:
        await state.update_data({f"answer{place}": message.text})
        if place + 1 == len(QUESTIONS):
            await state.set_state(None)
            await message.answer(THANKS)
            return
        await state.set_state(Form.asked[place + 1])
        await message.answer(QUESTIONS[place + 1])

    dispatcher.message.register(take, Form.asked[place], F.text)


def serve(where: Place, storage: BaseStorage) -> None:
    """Serve the form with this store; an update is answered when it has been handled."""
    bot = Bot(where.token, session=AiohttpSession(api=TelegramAPIServer.from_base(where.api)))
    dispatcher = Dispatcher(storage=storage)
    dispatcher.message.register(start, CommandStart())
    for question in range(len(QUESTIONS)):
        add_question(dispatcher, question)
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=SECRET).register(app, PATH)
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=where.port, access_log=None, print=lambda *_: None)
