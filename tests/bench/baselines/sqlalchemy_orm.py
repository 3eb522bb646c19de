"""One transaction for each update through SQLAlchemy's ORM over aiosqlite, then the reply through an aiohttp client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import JSON, BigInteger, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from telegram import Update

from tests.bench.baselines.door import Place, is_telegram, open_door, place
from tests.bench.baselines.form import after


class Base(DeclarativeBase):
    """The base of the tables."""


class Seen(Base):
    """An update that was taken."""

    __tablename__ = "seen"
    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class Conversation(Base):
    """The answers of a chat."""

    __tablename__ = "conversations"
    chat: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    answers: Mapped[list[str]] = mapped_column(JSON)


def engine_of(where: Place) -> AsyncEngine:
    """SQLite, durable at every commit, one transaction at a time."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{where.home / 'orm.db'}", pool_size=1, max_overflow=0)

    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


async def take(session: AsyncSession, update: Update) -> str:
    """Write an answer down and give the next question."""
    session.add(Seen(update_id=update.update_id))
    conversation = await session.get(Conversation, update.effective_chat.id)
    if conversation is None:
        conversation = Conversation(chat=update.effective_chat.id, answers=[])
        session.add(conversation)
    elif update.message.text == "/start":
        conversation.answers = []
    else:
        conversation.answers = [*conversation.answers, update.message.text]
    return after(len(conversation.answers))


def main(where: Place) -> None:
    """Serve the form."""
    engine = engine_of(where)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    client = web.AppKey("client", aiohttp.ClientSession)

    async def running(app: web.Application) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with aiohttp.ClientSession() as app[client]:
            yield
        await engine.dispose()

    async def receive(request: web.Request) -> web.Response:
        if not is_telegram(request):
            return web.Response(status=403)
        update = Update.de_json(await request.json())
        try:
            async with sessions() as session, session.begin():
                text = await take(session, update)
        except IntegrityError:
            return web.Response()
        message = {"chat_id": update.effective_chat.id, "text": text}
        async with request.app[client].post(f"{where.api}/bot{where.token}/sendMessage", json=message) as answer:
            await answer.read()
        return web.Response()

    open_door(where, receive, running)


if __name__ == "__main__":
    main(place())
