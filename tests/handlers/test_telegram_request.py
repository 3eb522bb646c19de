"""The wire to Telegram: what goes out, what its failures mean, and that the token stays in the house."""

import asyncio
import io
import json
import logging
import traceback
from collections.abc import AsyncIterator

import aiohttp
import pytest
from fixtures.telegram_stand_in import Phone, TelegramStandIn
from telegram.error import InvalidToken, NetworkError, TimedOut

from handlers.channels.channel import Blocked, ChannelTrouble, Dressed, Later, NoFile, Refused, Shipment
from handlers.channels.telegram import Telegram, WrongToken, telegram_channel
from handlers.channels.telegram_request import ANSWER_LIMIT, FILE_LIMIT, AiohttpRequest

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
    return telegram_channel(session, stand_in.token, api=stand_in.url)


@pytest.fixture
def phone(stand_in: TelegramStandIn) -> Phone:
    return Phone(stand_in, 1001)


async def test_a_call_without_files_goes_out_as_json(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    await telegram.show(HELLO)
    (sent,) = stand_in.called("sendMessage")
    assert (sent["text"], sent["link_preview_options"]) == ("Hello", {"is_disabled": True})


async def test_a_call_with_a_file_goes_out_as_a_form(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    with pytest.raises(InvalidToken):  # The stand-in knows no such call, which Telegram says as of a wrong token.
        await telegram.bot.send_document(1001, io.BytesIO(b"%PDF"), filename="permit.pdf", caption="Here")
    ((method, form),) = stand_in.calls
    assert (method, form["chat_id"], form["caption"]) == ("sendDocument", "1001", "Here")
    assert form["document"] == ("permit.pdf", b"%PDF")


async def show(telegram: Telegram) -> ChannelTrouble:
    with pytest.raises(ChannelTrouble) as raised:
        await telegram.show(HELLO)
    return raised.value


async def test_too_many_messages_are_put_off_as_long_as_telegram_says(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    stand_in.upset(status=429, retry_after=17, description="Too Many Requests: retry after 17")
    trouble = await show(telegram)
    assert isinstance(trouble, Later)
    assert trouble.seconds == 17
    await telegram.show(HELLO)
    assert [shown.text for shown in phone.screen] == ["Hello"]


@pytest.mark.parametrize(
    ("status", "description", "meant"),
    [
        (500, "Internal Server Error", Later),
        (502, "Bad Gateway", Later),
        (429, "Too Many Requests", Later),
        (401, "Unauthorized", Later),
        (403, "Forbidden: bot was blocked by the user", Blocked),
        (403, "Forbidden: user is deactivated", Blocked),
        (400, "Bad Request: chat not found", Blocked),
        (400, "Bad Request: message text is empty", Refused),
        (409, "Conflict: terminated", Refused),
    ],
)
async def test_what_telegram_answers_has_a_meaning(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone, status: int, description: str, meant: type
) -> None:
    stand_in.upset(status=status, description=description)
    trouble = await show(telegram)
    assert type(trouble) is meant
    assert getattr(trouble, "seconds", None) is None


async def test_a_traveller_who_blocks_the_bot_and_one_who_never_wrote_are_left_alone(
    telegram: Telegram, phone: Phone
) -> None:
    phone.blocks = True
    assert isinstance(await show(telegram), Blocked)
    with pytest.raises(Blocked):
        await telegram.show(Shipment("2002", HELLO.dressed))


async def test_a_cut_line_is_tried_again_later(stand_in: TelegramStandIn, telegram: Telegram, phone: Phone) -> None:
    stand_in.upset(drop=True)
    assert isinstance(await show(telegram), Later)


async def test_nobody_listening_is_tried_again_later(session: aiohttp.ClientSession, stand_in: TelegramStandIn) -> None:
    telegram = telegram_channel(session, stand_in.token, api="http://127.0.0.1:9")
    assert isinstance(await show(telegram), Later)
    with pytest.raises(Later):
        await telegram.open()


async def test_a_slow_answer_times_out(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    stand_in.upset(slow=0.5)
    with pytest.raises(TimedOut):
        await telegram.bot.get_me(read_timeout=0.05)


@pytest.mark.parametrize("page", ["<html>", "[]", "{}", '{"ok": true}', "[" * 100_000, '"\ud83d"'])
@pytest.mark.parametrize("status", [200, 404, 500])
async def test_an_answer_that_is_not_telegrams_is_tried_again_later(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone, page: str, status: int
) -> None:
    stand_in.upset(status=status, page=page.encode("utf-8", "replace").decode())
    assert isinstance(await show(telegram), Later)


async def test_an_answer_without_end_is_not_read_to_its_end(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    stand_in.upset(page="x" * (ANSWER_LIMIT + 1))
    with pytest.raises(NetworkError):
        await telegram.bot.get_me()


async def test_a_redirect_is_not_followed(stand_in: TelegramStandIn, telegram: Telegram, phone: Phone) -> None:
    stand_in.upset(location=f"{stand_in.url}/bot{stand_in.token}/getMe")
    assert isinstance(await show(telegram), Later)
    assert stand_in.calls == []


@pytest.mark.parametrize("page", ["Cannot POST {url}", '{{"description": 7, "parameters": [], "where": "{url}"}}'])
async def test_no_error_repeats_the_token(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stand_in.upset(status=502, page=page.format(url=f"/bot{stand_in.token}/sendMessage"))
    stand_in.upset(drop=True)
    stand_in.upset(status=429, retry_after=3)
    stand_in.upset(status=200, page=page.format(url=f"/bot{stand_in.token}/sendMessage"))
    told = [repr(telegram)]
    for _ in range(4):
        trouble = await show(telegram)
        told += traceback.format_exception(trouble)
    assert stand_in.token not in "".join(told) + caplog.text


async def test_a_talk_leaves_neither_token_nor_words_in_any_log(
    stand_in: TelegramStandIn, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    telegram = telegram_channel(session, stand_in.token, api=stand_in.url)
    await telegram.open()
    phone = Phone(stand_in, 1001)
    await telegram.show(Shipment("1001", Dressed("Passport C1234567", (), (("do:back", "Back"),), "en")))
    await phone.photo(b"pixels")
    await telegram.fetch(stand_in.updates[-1]["message"]["photo"][1]["file_id"])
    await telegram.close()
    assert phone.screen
    assert stand_in.token not in caplog.text
    assert "C1234567" not in caplog.text


async def test_a_wrong_token_is_said_in_plain_words_without_naming_it(
    stand_in: TelegramStandIn, session: aiohttp.ClientSession
) -> None:
    wrong = "654321:another_token-ABCDEFGHIJKLMNOPQRSTUVWX"
    telegram = telegram_channel(session, wrong, api=stand_in.url)
    with pytest.raises(WrongToken) as raised:
        await telegram.open()
    error: BaseException | None = raised.value
    while error:
        assert wrong not in str(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("token", ["", "x", "123:a b", "123:abc\n", "123:abc/../../bot1:x"])
async def test_what_cannot_be_a_token_is_refused_before_it_is_sent_anywhere(
    session: aiohttp.ClientSession, token: str
) -> None:
    with pytest.raises(WrongToken):
        telegram_channel(session, token)


async def test_a_file_is_fetched(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    stand_in.files["photos/file_1.jpg"] = b"pixels"
    assert await telegram.fetch("id-photos/file_1.jpg") == b"pixels"


async def test_a_file_that_is_gone_is_no_file(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    with pytest.raises(NoFile):
        await telegram.fetch("id-photos/none.jpg")
    stand_in.files["a"] = b"pixels"
    stand_in.upset(method="file", status=404)
    with pytest.raises(NoFile):
        await telegram.fetch("id-a")


@pytest.mark.parametrize("tells_sizes", [True, False])
async def test_a_file_beyond_the_limit_is_no_file_whether_telegram_says_so_or_not(
    stand_in: TelegramStandIn, telegram: Telegram, tells_sizes: bool
) -> None:
    stand_in.tells_sizes = tells_sizes
    stand_in.files["a"] = bytes(FILE_LIMIT + 1)
    stand_in.files["b"] = bytes(FILE_LIMIT)
    with pytest.raises(NoFile):
        await telegram.fetch("id-a")
    assert len(await telegram.fetch("id-b")) == FILE_LIMIT


async def test_a_file_without_end_is_let_go(session: aiohttp.ClientSession, stand_in: TelegramStandIn) -> None:
    stand_in.files["a"] = bytes(1000)
    request = AiohttpRequest(session)
    url = f"{stand_in.url}/file/bot{stand_in.token}/a"
    assert len(await request.download(url, 1000)) == 1000
    with pytest.raises(NoFile):
        await request.download(url, 999)


async def test_a_file_elsewhere_is_not_fetched(stand_in: TelegramStandIn, telegram: Telegram) -> None:
    stand_in.files["secret"] = b"secret"
    stand_in.files["a"] = b"pixels"
    stand_in.upset(method="file", location=f"{stand_in.url}/file/bot{stand_in.token}/secret")
    with pytest.raises(NoFile):
        await telegram.fetch("id-a")
    for path in ("../bot1:x/secret", "/etc/hostname"):
        answer = {"ok": True, "result": {"file_id": "F", "file_unique_id": "U", "file_path": path}}
        stand_in.upset(method="getFile", page=json.dumps(answer))
        with pytest.raises(NoFile):
            await telegram.fetch("id-a")


@pytest.mark.parametrize("method", ["getFile", "file"])
@pytest.mark.parametrize("status", [429, 500, 502])
async def test_a_file_that_cannot_be_had_now_is_fetched_later(
    stand_in: TelegramStandIn, telegram: Telegram, method: str, status: int
) -> None:
    stand_in.files["a"] = b"pixels"
    stand_in.upset(method=method, status=status)
    with pytest.raises(Later):
        await telegram.fetch("id-a")
    # Asking for a file changes nothing, so the HTTP client itself asks once more on a fresh line.
    stand_in.upset(method=method, drop=True, times=2 if method == "file" else 1)
    with pytest.raises(Later):
        await telegram.fetch("id-a")
    assert await telegram.fetch("id-a") == b"pixels"
