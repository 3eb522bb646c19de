"""The two frequent calls beside python-telegram-bot's own: the same on the wire, and the same trouble."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from fixtures.telegram_stand_in import Phone, TelegramStandIn
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import TelegramError

from handlers.channels.channel import Blocked, ChannelTrouble, Dressed, Later, Shipment
from handlers.channels.telegram import Telegram, telegram_channel
from handlers.channels.telegram_calls import SHOWN_LIMIT
from handlers.channels.telegram_request import trouble_of

TEXT = "Tại sao? 😀\n\n<b>1 * 2_3</b>"
HELLO = Shipment("1001", Dressed("Hello", (), (), "en"))


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
    return telegram_channel(session, stand_in.token, api=stand_in.url, rate=0)


@pytest.fixture
def phone(stand_in: TelegramStandIn) -> Phone:
    return Phone(stand_in, 1001)


async def trouble(telegram: Telegram) -> ChannelTrouble:
    with pytest.raises(ChannelTrouble) as raised:
        await telegram.show(HELLO)
    return raised.value


@pytest.mark.parametrize("labels", [(), ("Work", "Du lịch 😀")])
async def test_what_goes_out_is_what_the_library_would_send(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone, labels: tuple[str, ...]
) -> None:
    keyboard = [[{"text": label, "callback_data": "a:b"}] for label in labels]
    number = await telegram.calls.send("1001", TEXT, keyboard)
    assert await telegram.calls.edit("1001", number, "Work.", keyboard)
    buttons = [[InlineKeyboardButton(label, callback_data="a:b")] for label in labels]
    dressed: dict[str, Any] = {
        "reply_markup": InlineKeyboardMarkup(buttons) if buttons else None,
        "link_preview_options": LinkPreviewOptions(is_disabled=True),
    }
    sent = await telegram.bot.send_message("1001", TEXT, **dressed)
    await telegram.bot.edit_message_text("Work.", "1001", sent.message_id, **dressed)
    ours, theirs = stand_in.calls[:2], stand_in.calls[2:]
    theirs[1][1]["message_id"] = number
    assert ours == theirs


REFUSALS = [
    (status, json.dumps({"ok": False} | answer))
    for status in (300, 400, 401, 403, 404, 409, 413, 420, 429, 500, 502, 599)
    for answer in (
        {},
        {"description": "Bad Request: chat not found"},
        {"description": "Bad Request: PEER_ID_INVALID"},
        {"description": "Bad Request: BUTTON_DATA_INVALID"},
        {"description": "Forbidden: bot was blocked by the user"},
        {"description": "Too Many Requests: retry after 17", "parameters": {"retry_after": 17}},
        {"description": "later", "parameters": {"retry_after": 0.5}},
        {"description": "now", "parameters": {"retry_after": 0}},
        {"description": 7, "parameters": [1]},
    )
]


@pytest.mark.parametrize(("status", "page"), [*REFUSALS, (200, "{}"), (201, "[]"), (502, "<html>"), (400, "<html>")])
async def test_trouble_means_what_it_means_with_the_library(
    stand_in: TelegramStandIn, telegram: Telegram, status: int, page: str
) -> None:
    stand_in.upset(status=status, page=page, times=2)
    ours = await trouble(telegram)
    with pytest.raises(TelegramError) as raised:
        await telegram.bot.send_message("1001", "Hello")
    theirs = trouble_of(raised.value)
    assert type(ours) is type(theirs)
    assert getattr(ours, "seconds", None) == getattr(theirs, "seconds", None)
    if "description" in page and "7" not in page:
        assert str(ours) == str(theirs)


@pytest.mark.parametrize("wait", ["1e999", "NaN", "-1", '"17"', "9" * 300])
async def test_a_wait_that_makes_no_sense_is_not_kept(stand_in: TelegramStandIn, telegram: Telegram, wait: str) -> None:
    stand_in.upset(status=429, page=f'{{"ok": false, "parameters": {{"retry_after": {wait}}}}}')
    found = await trouble(telegram)
    assert isinstance(found, Later)
    assert found.seconds is None or found.seconds <= 86_400


@pytest.mark.parametrize("result", ["true", "null", "[]", "{}", '{"message_id": "7"}'])
async def test_a_message_without_a_number_is_sent_again(
    stand_in: TelegramStandIn, telegram: Telegram, result: str
) -> None:
    stand_in.upset(status=200, page=f'{{"ok": true, "result": {result}}}')
    assert isinstance(await trouble(telegram), Later)


async def test_an_answer_without_end_is_not_read_to_its_end(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    stand_in.upset(page='{"ok": true, "result": {"message_id": 7}}' + " " * SHOWN_LIMIT)
    assert isinstance(await trouble(telegram), Later)


async def test_an_edit_where_nobody_is_sends_nothing_anew(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    with pytest.raises(Blocked):
        await telegram.show(Shipment("1001", Dressed("Work.", (), (), "en", replaces=True), "88/7"))
    assert [method for method, _ in stand_in.calls] == ["editMessageText"]


async def test_no_trouble_carries_a_cause(
    stand_in: TelegramStandIn, telegram: Telegram, session: aiohttp.ClientSession
) -> None:
    stand_in.upset(drop=True)
    stand_in.upset(status=200, page="x")
    stand_in.upset(status=409, description="Conflict")
    for _ in range(3):
        found = await trouble(telegram)
        assert (found.__cause__, found.__context__) == (None, None)
    await session.close()
    found = await trouble(telegram)
    assert isinstance(found, Later)
    assert stand_in.token not in "".join(traceback.format_exception(found))
    assert stand_in.token not in repr(telegram.calls)


async def test_a_new_rate_holds_for_messages_that_wait(stand_in: TelegramStandIn, phone: Phone) -> None:
    async with aiohttp.ClientSession() as session:
        telegram = telegram_channel(session, stand_in.token, api=stand_in.url, rate=0.01)
        await telegram.show(HELLO)
        waiting = asyncio.create_task(telegram.show(HELLO))
        assert (await phone.reply()).text == "Hello"
        telegram.set_rate(0)
        await waiting
    assert len(phone.screen) == 2
