"""Telegram's polling, and how the bot introduces itself: each update once and in order, menus in every language."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from fixtures.telegram_stand_in import Phone, TelegramStandIn

from bot.commands import MENU
from bot.messages import Incoming, Sent, Strange, Typed
from bot.words.catalog import LANGUAGES, Words, load_words
from handlers.channels.channel import Dressed, Later, Refused, Shipment
from handlers.channels.telegram import WEBHOOK_PATH, NoSecret, Telegram, WrongToken, introduce, telegram_channel
from handlers.channels.telegram_door import poll
from storage.faults import MemoryBusy
from storage.transcript import Arrival

SECRET = "a-secret_of-the-webhook"
HOME = "https://khaibao.example"
CHOICE = Shipment("1001", Dressed("Why?", (), (("purpose:work", "Work"),), "en"))
WORDS = load_words(Path(__file__).parents[2] / "locales")


@dataclass
class Taken:
    """What was passed on; `faults` more are refused first."""

    messages: list[Incoming] = field(default_factory=list)
    faults: int = 0
    tries: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, arrival: Arrival) -> None:
        self.tries += 1
        if self.faults:
            self.faults -= 1
            raise MemoryBusy("somebody else holds the database")
        self.messages.append(arrival.message)
        self.news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.messages) < count:
                await self.news.wait()
                self.news.clear()


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


async def test_an_introduction_sets_the_webhook_and_a_menu_in_every_language(
    stand_in: TelegramStandIn, telegram: Telegram
) -> None:
    await introduce(telegram, WORDS, HOME + "/")
    assert stand_in.webhook == (HOME + WEBHOOK_PATH, SECRET)
    (asked,) = stand_in.called("setWebhook")
    assert asked["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert not asked.get("drop_pending_updates")
    assert set(stand_in.menus) == {"" if language == "en" else language for language in LANGUAGES}
    for code, menu in stand_in.menus.items():
        listed = {entry["command"]: entry["description"] for entry in menu}
        assert listed == {command: WORDS.say(what, code or "en") for command, what in MENU.items()}


async def test_a_channel_without_a_secret_sets_no_webhook(session: aiohttp.ClientSession) -> None:
    with pytest.raises(NoSecret):
        await introduce(telegram_channel(session, "123456:token"), WORDS, HOME)


async def test_without_a_public_address_only_the_menus_are_set(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    await introduce(telegram, Words({}), None)
    assert {method for method, _ in stand_in.calls} == {"setMyCommands"}


async def test_an_introduction_that_telegram_refuses_says_why(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    with pytest.raises(Refused, match="https url"):
        await introduce(telegram, WORDS, "http://example.org")
    stand_in.upset(status=500)
    with pytest.raises(Later):
        await introduce(telegram, WORDS, "https://example.org")


@asynccontextmanager
async def polling(telegram: Telegram, taken: Taken) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(poll(telegram, taken.take, wait=5, pause=0.02))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, WrongToken):
            await task


async def test_polling_takes_each_update_once_and_in_order(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone
) -> None:
    async with polling(telegram, taken):
        await phone.text("one")
        await phone.photo(b"pixels")
        await phone.strange("voice")
        await phone.strange("unheard")
        await phone.edit("uno")
        await phone.document(b"%PDF", "scan.pdf")
        await taken.until(6)
    photo, document = taken.messages[1], taken.messages[5]
    assert isinstance(photo, Sent)
    assert photo.size == 6
    assert isinstance(document, Sent)
    assert document.name == "scan.pdf"
    assert taken.messages[0] == Typed("one")
    assert taken.messages[2:5] == [Strange("voice"), Strange("other"), Strange("edited")]


async def test_polling_answers_taps_itself(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone
) -> None:
    await telegram.show(CHOICE)
    stand_in.upset(method="answerCallbackQuery", status=400, description="Bad Request: query is too old")
    async with polling(telegram, taken):
        await phone.tap("Work")
        await phone.tap("Work")
        await phone.text("and on")
        await taken.until(3)
    assert stand_in.answered == [stand_in.updates[1]["callback_query"]["id"]]


async def test_polling_asks_again_for_what_was_not_taken(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone
) -> None:
    for word in ("one", "two", "three"):
        await phone.text(word)
    taken.faults = 2
    async with polling(telegram, taken):
        await taken.until(3)
    assert (taken.tries, taken.messages) == (5, [Typed("one"), Typed("two"), Typed("three")])


async def test_polling_rests_while_telegram_is_upset_and_goes_on(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone
) -> None:
    stand_in.upset(method="deleteWebhook", status=500)
    stand_in.upset(method="getUpdates", drop=True)
    stand_in.upset(method="getUpdates", status=409, description="Conflict: terminated by other getUpdates request")
    stand_in.upset(method="getUpdates", status=429, retry_after=1)
    await phone.text("hi")
    async with polling(telegram, taken):
        await taken.until(1)
    assert stand_in._upsets == []


async def test_an_update_that_nobody_can_read_does_not_hide_those_after_it(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await phone.message(text={"not": "C1234567"})
    await phone.text("hi")
    async with polling(telegram, taken):
        await taken.until(1)
    assert taken.messages == [Typed("hi")]
    assert "C1234567" not in caplog.text
    assert stand_in.token not in caplog.text


async def test_a_webhook_set_before_is_taken_down_without_losing_what_waits(
    stand_in: TelegramStandIn, telegram: Telegram, taken: Taken, phone: Phone
) -> None:
    await phone.text("hi")
    stand_in.deliver_to(HOME + WEBHOOK_PATH, SECRET)
    async with polling(telegram, taken):
        await taken.until(1)
    assert stand_in.webhook is None
    assert not stand_in.called("deleteWebhook")[0].get("drop_pending_updates")


async def test_polling_with_a_wrong_token_stops(stand_in: TelegramStandIn, session: aiohttp.ClientSession) -> None:
    telegram = telegram_channel(session, "654321:another", api=stand_in.url)
    with pytest.raises(WrongToken):
        await poll(telegram, Taken().take)
