"""Telegram's webhook: only Telegram comes in, nothing is acknowledged before it is taken, nothing crashes."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from fixtures.telegram_stand_in import Phone, TelegramStandIn

from bot.messages import Incoming, Pressed, Typed
from bot.words.catalog import load_words
from handlers.channels.channel import Dressed, Shipment
from handlers.channels.telegram import WEBHOOK_PATH, NoSecret, Telegram, telegram_channel
from handlers.channels.telegram_door import BODY_LIMIT, SECRET_HEADER, routes
from storage.faults import MemoryBusy
from storage.transcript import Arrival

SECRET = "a-secret_of-the-webhook"
CHOICE = Shipment("1001", Dressed("Why?", (), (("purpose:work", "Work"),), "en"))
WORDS = load_words(Path(__file__).parents[2] / "locales")


@dataclass
class Taken:
    """What the door passed on; `faults` more are refused first."""

    arrivals: list[Arrival] = field(default_factory=list)
    faults: int = 0
    tries: int = 0

    async def take(self, arrival: Arrival) -> None:
        self.tries += 1
        if self.faults:
            self.faults -= 1
            raise MemoryBusy("somebody else holds the database")
        self.arrivals.append(arrival)

    @property
    def messages(self) -> list[Incoming]:
        return [arrival.message for arrival in self.arrivals]


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def stand_in() -> AsyncIterator[TelegramStandIn]:
    async with TelegramStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def telegram(stand_in: TelegramStandIn, session: aiohttp.ClientSession) -> Telegram:
    return telegram_channel(session, stand_in.token, api=stand_in.url, secret=SECRET)


@pytest.fixture
def phone(stand_in: TelegramStandIn) -> Phone:
    return Phone(stand_in, 1001)


@pytest.fixture
async def door(telegram: Telegram, taken: Taken) -> AsyncIterator[str]:
    """The public address of a bot whose webhook is open, in an application that allows longer bodies elsewhere."""
    app = web.Application(client_max_size=64 * BODY_LIMIT)
    app.add_routes(routes(telegram, taken.take))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@dataclass
class Caller:
    """Somebody who posts to the webhook."""

    session: aiohttp.ClientSession
    url: str

    async def post(self, body: bytes | str | io.BytesIO, secret: str | None = SECRET) -> int:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with self.session.post(self.url + WEBHOOK_PATH, data=body, headers=headers) as response:
            return response.status


@pytest.fixture
def caller(session: aiohttp.ClientSession, door: str) -> Caller:
    return Caller(session, door)


def update(number: Any = 1, **content: Any) -> str:
    return json.dumps({"update_id": number, "message": message(**content)})


def message(**content: Any) -> dict[str, Any]:
    chat, person = {"id": 1001, "type": "private"}, {"id": 1001, "is_bot": False, "first_name": "Linh"}
    return {"message_id": 7, "date": 1795478400, "chat": chat, "from": person, "text": "hi"} | content


async def test_an_update_is_taken_before_it_is_acknowledged(caller: Caller, taken: Taken) -> None:
    assert await caller.post(update()) == 200
    assert taken.messages == [Typed("hi")]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "bí-mật", "\udcff"])
async def test_without_the_secret_nothing_is_read(caller: Caller, taken: Taken, secret: str | None) -> None:
    assert await caller.post(update(), secret) == 403
    assert await caller.post("[" * 100_000, secret) == 403
    assert taken.tries == 0


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257, "bí-mật", "line\n"])
async def test_a_webhook_without_a_proper_secret_is_never_opened(session: aiohttp.ClientSession, secret: str) -> None:
    with pytest.raises(NoSecret):
        telegram_channel(session, "123456:token", secret=secret)


async def test_a_channel_that_polls_has_no_webhook(session: aiohttp.ClientSession, taken: Taken) -> None:
    telegram = telegram_channel(session, "123456:token")
    with pytest.raises(NoSecret):
        routes(telegram, taken.take)


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "[]", "7", "null", b"\xff\xfe"),
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 500_000 + "]" * 500_000,
        '{"update_id": ' + "9" * 5000 + "}",
    ],
)
async def test_what_is_no_update_is_refused(caller: Caller, taken: Taken, body: str | bytes) -> None:
    assert await caller.post(body) == 400
    assert await caller.post(update()) == 200
    assert taken.messages == [Typed("hi")]


async def test_a_body_beyond_the_limit_is_refused(caller: Caller, taken: Taken) -> None:
    assert await caller.post(io.BytesIO(update(text="x" * BODY_LIMIT).encode())) == 413
    assert await caller.post(io.BytesIO(b"[" * BODY_LIMIT + b"]")) == 413
    assert taken.tries == 0


async def test_the_last_of_two_equal_keys_counts(caller: Caller, taken: Taken) -> None:
    assert await caller.post(f'{{"update_id": 1, {update(2, text="two")[1:]}') == 200
    assert [arrival.external_id for arrival in taken.arrivals] == ["2"]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"update_id": 1, "hologram": {"depth": 3}}),
        json.dumps({"update_id": 1, "message_reaction": {"chat": {"id": 1, "type": "private"}}}),
        json.dumps({"update_id": 1, "poll": 7}),
        json.dumps({"update_id": 1, "message": {}}),
        json.dumps({"update_id": 1, "message": "hi"}),
        json.dumps({"message": message()}),
        "{}",
        update("1"),
        update(None),
        update(text=7),
        update(text={"a": []}),
        update(date="yesterday"),
        update(date=10**30),
        '{"update_id": 1, "message": {"message_id": 1, "date": Infinity, "chat": {"id": 1, "type": "private"}}}',
        update(chat=None),
        update(chat={"id": "1001", "type": "private"}),
        update(chat={"id": 1001, "type": ["private"]}),
        update(**{"from": {"id": 1001, "is_bot": False, "first_name": "L", "language_code": ["vi"]}}),
        update(text=None, photo=[{"file_id": "F"}]),
        update(text=None, photo="F"),
        json.dumps({"update_id": 1, "callback_query": {"id": 7, "from": {}}}),
        json.dumps({"update_id": 1, "callback_query": [7]}),
    ],
)
async def test_what_nobody_can_read_is_acknowledged_and_let_go(
    caller: Caller, taken: Taken, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await caller.post(body) == 200
    assert taken.tries == 0
    assert "Linh" not in caplog.text


@pytest.mark.parametrize(
    ("text", "depth", "status", "arrived"),
    [
        *(("hi", 100, 200, 1), ("hi", 700, 200, 1), ("hi", 3000, 400, 0)),
        # Where nothing is found that a traveller sends, the library is asked, and gives up.
        (None, 700, 200, 0),
    ],
)
async def test_answers_to_answers_to_answers_crash_nothing(
    caller: Caller, taken: Taken, text: str | None, depth: int, status: int, arrived: int
) -> None:
    nested = json.dumps(message())
    for _ in range(depth):
        nested = json.dumps(message(text=text))[:-1] + f', "reply_to_message": {nested}}}'
    assert await caller.post(f'{{"update_id": 1, "message": {nested}}}') == status
    assert len(taken.arrivals) == arrived


async def test_unknown_fields_do_no_harm(caller: Caller, taken: Taken) -> None:
    assert await caller.post(update(hologram={"depth": [[[3]]]}, text="hi")) == 200
    assert taken.messages == [Typed("hi")]


async def test_an_update_that_comes_twice_has_the_same_name_twice(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone, door: str
) -> None:
    stand_in.deliver_to(door + WEBHOOK_PATH, SECRET)
    await telegram.show(CHOICE)
    assert await phone.tap("Work") == 200
    assert await stand_in.repeat() == 200
    assert len({arrival.external_id for arrival in taken.arrivals}) == 1
    assert len(taken.arrivals) == 2


async def test_what_the_memory_cannot_take_now_is_sent_again(
    stand_in: TelegramStandIn, taken: Taken, phone: Phone, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.deliver_to(door + WEBHOOK_PATH, SECRET)
    taken.faults = 2
    assert await phone.text("my name") == 503
    assert "my name" not in caplog.text
    stand_in.tries = 2
    assert await stand_in.repeat() == 200
    assert (taken.tries, taken.messages) == (3, [Typed("my name")])


async def test_a_tap_is_answered_in_the_response(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone, door: str
) -> None:
    stand_in.deliver_to(door + WEBHOOK_PATH, SECRET)
    number = await telegram.show(CHOICE)
    await phone.tap("Work")
    assert stand_in.answered == [stand_in.updates[-1]["callback_query"]["id"]]
    (arrival,) = taken.arrivals
    assert (arrival.message, arrival.external_id.partition("/")[2]) == (Pressed("purpose:work"), number)
