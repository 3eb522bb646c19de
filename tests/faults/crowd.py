"""A crowd of travellers on Telegram, who repeat what was not taken, as the platform does, and see what is answered.

async with open_town(tmp_path) as town:
    walkers = [town.walker(1001 + number) for number in range(40)]
    await asyncio.gather(*(walker.declare() for walker in walkers))
    tally = await town.tally(walkers)       # what became of every message, as the database tells it
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from fixtures.killing import declaration
from fixtures.telegram_stand_in import Phone, Shown, TelegramStandIn
from pydantic import SecretStr
from sqlalchemy import Connection, select

from handlers.channels.telegram import WEBHOOK_PATH, telegram_channel
from handlers.channels.telegram_door import SECRET_HEADER
from handlers.service import House, now, open_house
from handlers.settings import Settings
from storage.cases import case_of
from storage.keys import Keyring
from storage.memory import Memory
from storage.permits import permits_of
from storage.tables import transcript

SECRET = "the-secret-of-the-webhook"
# A message that is not taken comes again after so many seconds, and is given up after so many in all.
REPEAT_SECONDS = 0.1
PATIENCE_SECONDS = 30.0
_REFERENCE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b")

Update = dict[str, Any]


def message(phone: Phone, said: dict[str, Any]) -> Update:
    """An update with what a client of the web chat would post: a text, a press, or the opening."""
    stand_in, person = phone.stand_in, {"id": phone.chat_id, "is_bot": False, "first_name": "Linh"}
    person["language_code"] = "en"
    chat = {"id": phone.chat_id, "type": "private", "first_name": "Linh"}
    head = {"message_id": stand_in.number(), "date": int(time.time()), "chat": chat}
    if "press" in said:
        bearer = head | {"message_id": phone.screen[-1].id if phone.screen else 1, "text": "?"}
        query = {"id": str(stand_in.number()), "from": person, "chat_instance": "1", "data": said["press"]}
        return {"update_id": stand_in.number(), "callback_query": query | {"message": bearer}}
    content = {"text": "/start"} if "open" in said else said
    return {"update_id": stand_in.number(), "message": head | {"from": person} | content}


def external_id(update: Update) -> str:
    """What the transcript calls this update."""
    query = update.get("callback_query")
    return f"{update['update_id']}/{query['message']['message_id']}" if query else str(update["update_id"])


@dataclass
class Walker:
    """A traveller: `taken` are the ids of its updates that the service acknowledged, in order."""

    phone: Phone
    town: Town
    taken: list[str] = field(default_factory=list)
    repeated: int = 0

    async def say(self, said: str | dict[str, Any]) -> None:
        """Say something, over and over until it is taken."""
        update = message(self.phone, {"text": said} if isinstance(said, str) else said)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.town.post(update) != 200:
                self.repeated += 1
                await asyncio.sleep(REPEAT_SECONDS)
        self.taken.append(external_id(update))

    async def reply(self) -> Shown:
        """The next message that the bot shows."""
        return await self.phone.reply(PATIENCE_SECONDS)

    async def walk(self, says: Iterable[Any], pause: float = 0.0) -> None:
        """Say one thing after the other, each after an answer to the one before."""
        for said in says:
            await self.say(said)
            await self.reply()
            await asyncio.sleep(pause)

    def says(self, today: datetime) -> list[Any]:
        """A whole declaration from the opening to the submission."""
        number = self.phone.chat_id
        return declaration(f"Mia Keller {'abcdefghij'[number % 10]}", f"C01X{number % 100_000:05}", today, None)

    async def declare(self, pause: float = 0.0) -> None:
        """Say a whole declaration."""
        await self.walk(self.says(self.town.clock()), pause)

    @property
    def reference(self) -> str | None:
        """The reference that this traveller's screen shows."""
        found = [_REFERENCE.search(shown.text) for shown in self.phone.screen]
        return next((one.group() for one in reversed(found) if one), None)


@dataclass
class Tally:
    """What became of the messages: acknowledged, lost, taken twice, unanswered; unsent letters, permits doubled."""

    tried: int = 0
    lost: int = 0
    doubled: int = 0
    unanswered: int = 0
    unsent: int = 0
    permits: int = 0
    doubled_permits: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, doubled, or left undone."""
        return not (self.lost or self.doubled or self.unanswered or self.unsent or self.doubled_permits)

    def __str__(self) -> str:
        return (
            f"tried {self.tried:,}, survived {self.tried - self.lost:,}, lost {self.lost}, doubled {self.doubled}, "
            f"unanswered {self.unanswered}, unsent {self.unsent}, permits {self.permits}"
        )


def rows_of(connection: Connection, keys: Keyring, address: str) -> tuple[list[Any], list[str]]:
    """All rows of a traveller's transcript in their order, and the references of the permits."""
    known = case_of(connection, keys, "telegram", address)
    if known is None:
        return [], []
    rows = connection.execute(
        select(transcript).where(transcript.c.case_id == known.case_id).order_by(transcript.c.id)
    ).all()
    return list(rows), [permit.reference for permit in permits_of(connection, keys, known.case_id)]


def count(tally: Tally, taken: list[str], rows: list[Any], references: list[str]) -> None:
    """Add what became of one traveller's messages."""
    heard = [row for row in rows if row.direction == "heard"]
    ids, answers = [row.external_id for row in heard], Counter(row.replies_to for row in rows if row.replies_to)
    tally.tried += len(taken)
    tally.lost += len(set(taken) - set(ids))
    tally.doubled += len(ids) - len(set(ids)) + sum(number > 1 for number in answers.values())
    tally.unanswered += sum(row.state != "done" or row.id not in answers for row in heard)
    tally.unsent += sum(row.direction != "heard" and row.state == "unsent" for row in rows)
    tally.permits += len(references)
    tally.doubled_permits += max(0, len(references) - 1)


@dataclass(frozen=True)
class Town:
    """An open house, the platform beside it, and a session to post updates with."""

    house: House
    url: str
    stand_in: TelegramStandIn
    session: aiohttp.ClientSession
    clock: Callable[[], datetime]

    def walker(self, chat_id: int) -> Walker:
        """A traveller with a telephone."""
        return Walker(Phone(self.stand_in, chat_id), self)

    async def post(self, update: Update) -> int:
        """Post an update to the webhook once; its status, 0 if there was no answer."""
        try:
            async with self.session.post(
                self.url + WEBHOOK_PATH, json=update, headers={SECRET_HEADER: SECRET}
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, OSError):
            return 0

    async def quiet(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until nothing waits for its turn or its delivery."""
        async with asyncio.timeout(seconds):
            while await self.house.memory.read(undone):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def stand_in_has(self, method: str) -> None:
        """Wait until the platform of this house has been called for this."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.stand_in.called(method):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def tally(self, walkers: Iterable[Walker]) -> Tally:
        """What became of everything that these travellers said."""
        return await tally_of(self.house.memory, walkers)


async def tally_of(memory: Memory, walkers: Iterable[Walker]) -> Tally:
    """What this memory holds of everything that these travellers said."""
    tally = Tally()
    for walker in walkers:
        count(tally, walker.taken, *await memory.read(rows_of, str(walker.phone.chat_id)))
    return tally


def undone(connection: Connection, _keys: Keyring) -> bool:
    """Whether anything waits for its turn or its delivery."""
    waits = select(transcript.c.id).where(transcript.c.state.in_(("waiting", "unsent"))).limit(1)
    return connection.scalar(waits) is not None


@asynccontextmanager
async def open_town(
    home: Path,
    database_url: str | None = None,
    api: str | None = None,
    clock: Callable[[], datetime] = now,
    **more: Any,
) -> AsyncIterator[Town]:
    """Open a house whose Telegram has no limit of messages a second; `api` stands before the stand-in if given.

    What `more` there is goes to `open_house`.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with (
        TelegramStandIn() as stand_in,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        settings = Settings(
            _env_file=None,
            home=home,
            public_url=url,
            database_url=SecretStr(database_url) if database_url else None,
            photo_workers=1,
            telegram_token=SecretStr(stand_in.token),
            telegram_secret=SecretStr(SECRET),
        )
        async with open_house(settings, clock, **more) as house:
            house.channels["telegram"] = telegram_channel(
                session, stand_in.token, api=api or stand_in.url, secret=SECRET, rate=0
            )
            runner = web.AppRunner(house.app, access_log=None, shutdown_timeout=0.2)
            await runner.setup()
            await web.SockSite(runner, listening).start()
            looking = asyncio.create_task(house.look_around())
            try:
                yield Town(house, url, stand_in, session, clock)
            finally:
                looking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await looking
                await runner.cleanup()
