"""Telegram messages as travellers see them: split where they are long, edited in place, with buttons that fit."""

import asyncio
import sys
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from fixtures.telegram_stand_in import Phone, TelegramStandIn
from hypothesis import given
from hypothesis import strategies as st

from handlers.channels.channel import Blocked, Dressed, Later, Refused, Shipment
from handlers.channels.telegram import Telegram, telegram_channel
from handlers.channels.telegram_look import NARROW, TEXT_LIMIT, split_text


@pytest.fixture
async def stand_in() -> AsyncIterator[TelegramStandIn]:
    async with TelegramStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def telegram(stand_in: TelegramStandIn) -> AsyncIterator[Telegram]:
    async with aiohttp.ClientSession() as session:
        yield telegram_channel(session, stand_in.token, api=stand_in.url)


@pytest.fixture
def phone(stand_in: TelegramStandIn) -> Phone:
    return Phone(stand_in, 1001)


def shipment(
    text: str = "Why?",
    *labels: str,
    rows: tuple[tuple[str, str, str], ...] = (),
    replaces: bool = False,
    answers: str | None = None,
) -> Shipment:
    buttons = tuple((f"purpose:{place}", label) for place, label in enumerate(labels))
    return Shipment("1001", Dressed(text, rows, buttons, "en", replaces), answers)


def layout(phone: Phone) -> list[list[str]]:
    return [[label for label, _ in row] for row in phone.screen[-1].buttons]


async def test_a_message_is_shown_as_plain_text_and_its_id_is_given(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    number = await telegram.show(shipment("<b>1 * 2_3</b> https://example.org", "Yes"))
    (shown,) = phone.screen
    assert (str(shown.id), shown.text) == (number, "<b>1 * 2_3</b> https://example.org")
    assert shown.buttons == ((("Yes", "purpose:0"),),)
    (sent,) = stand_in.called("sendMessage")
    assert "parse_mode" not in sent
    assert sent["link_preview_options"] == {"is_disabled": True}


async def test_a_picture_goes_before_its_words_and_is_never_edited(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    first = await telegram.show(shipment("Send a photo.", "None"))
    again = replace(
        shipment("Blurred, here.", "Go on", replaces=True, answers=f"7/{first}"), picture=b"\xff\xd8\xff\xd9"
    )
    await telegram.show(again)
    assert phone.pictures == [b"\xff\xd8\xff\xd9"]
    assert [method for method, _ in stand_in.calls] == ["sendMessage", "sendPhoto", "sendMessage"]
    assert [shown.text for shown in phone.screen] == ["Send a photo.", "Blurred, here."]


async def test_a_picture_that_is_refused_is_reported_as_any_message(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    with pytest.raises(Refused):
        await telegram.show(replace(shipment("Blurred, here."), picture=b"not a picture"))
    phone.blocks = True
    with pytest.raises(Blocked):
        await telegram.show(replace(shipment("Blurred, here."), picture=b"\xff\xd8\xff\xd9"))


async def test_rows_stand_below_the_text_and_each_has_a_button_to_change_it(telegram: Telegram, phone: Phone) -> None:
    rows = (("Name", "NGUYEN: LINH", "edit:name"), ("Born", "1 May 1990", "edit:born"), ("Flight", "VN 11", "edit:f"))
    await telegram.show(shipment("Is this right?", "✓ Submit the declaration", "← Back", rows=rows))
    assert phone.screen[-1].text == "Is this right?\n\nName: NGUYEN: LINH\nBorn: 1 May 1990\nFlight: VN 11"
    assert layout(phone) == [["✓ Submit the declaration"], ["← Back"], ["✎ Name", "✎ Born"], ["✎ Flight"]]
    assert phone.screen[-1].buttons[2][1] == ("✎ Born", "edit:born")


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (["Yes", "No"], [["Yes", "No"]]),
        (["A", "B", "C"], [["A", "B", "C"]]),
        (["A", "B", "C", "D"], [["A", "B"], ["C", "D"]]),
        (["A", "B", "C", "D", "E"], [["A", "B", "C"], ["D", "E"]]),
        (["English", "Tiếng Việt", "← Back"], [["English", "Tiếng Việt"], ["← Back"]]),
        (["A holiday or a visit to family", "Work", "Study"], [["A holiday or a visit to family"], ["Work", "Study"]]),
        (["日本語で続ける", "中文简体"], [["日本語で続ける", "中文简体"]]),
        (["日本語で手続きを続ける", "中文"], [["日本語で手続きを続ける"], ["中文"]]),
        ([], []),
    ],
)
async def test_short_buttons_stand_side_by_side_and_long_ones_alone(
    telegram: Telegram, phone: Phone, labels: list[str], rows: list[list[str]]
) -> None:
    await telegram.show(shipment("Why?", *labels))
    assert layout(phone) == rows


def test_letters_that_are_not_looked_up_are_one_column_wide() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1)]
    narrow = [letter for letter in letters if NARROW.fullmatch(letter)]
    assert set("Nguyễn Đỗ “Linh” ← ✎ ✓ …") <= set(narrow)
    assert not [it for it in narrow if unicodedata.combining(it) or unicodedata.east_asian_width(it) in "WF"]


async def test_a_label_that_no_telephone_shows_whole_is_trimmed(telegram: Telegram, phone: Phone) -> None:
    await telegram.show(shipment("Where?", "Tan Son Nhat " * 9))
    assert phone.screen[-1].labels == [("Tan Son Nhat " * 9)[:59].rstrip() + "…"]


async def test_a_long_text_comes_in_several_messages_with_the_buttons_under_the_last(
    telegram: Telegram, phone: Phone
) -> None:
    paragraphs = [f"{number} " + "word " * 300 for number in range(6)]
    number = await telegram.show(shipment("\n\n".join(paragraphs), "Yes"))
    assert len(phone.screen) == 3
    assert [shown.labels for shown in phone.screen] == [[], [], ["Yes"]]
    assert "\n\n".join(shown.text for shown in phone.screen).split() == " ".join(paragraphs).split()
    assert [shown.text[0] for shown in phone.screen] == ["0", "2", "4"]
    assert number == str(phone.screen[-1].id)


@pytest.mark.parametrize("text", ["x" * 4096, "x" * 4097, "😀" * 4096, "ก" * 9000, "a\u0301" * 5000, "\u0301" * 5000])
async def test_text_without_a_place_to_cut_is_shown_whole_all_the_same(
    telegram: Telegram, phone: Phone, text: str
) -> None:
    await telegram.show(shipment(text))
    assert "".join(shown.text for shown in phone.screen) == text


@given(st.text(alphabet="ab \n😀\u0301ế", max_size=400), st.integers(4, 40))
def test_parts_fit_lose_no_letter_and_are_never_empty(text: str, most: int) -> None:
    parts = split_text(text, most)
    assert all(len(part.encode("utf-16-le")) // 2 <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(parts) or parts == [""]


def test_a_mark_stays_with_its_letter() -> None:
    parts = split_text("abcde\u0301fgh", 5)
    assert parts == ["abcd", "e\u0301fgh"]


def test_the_limit_is_the_platforms() -> None:
    assert [len(part) for part in split_text("x" * (TEXT_LIMIT + 1))] == [TEXT_LIMIT, 1]


async def test_a_text_that_is_empty_is_refused_for_good(telegram: Telegram, phone: Phone) -> None:
    with pytest.raises(Refused, match="text is empty"):
        await telegram.show(shipment("  "))


async def test_a_message_takes_the_place_of_the_one_whose_button_was_tapped(telegram: Telegram, phone: Phone) -> None:
    first = await telegram.show(shipment("Why?", "Work", "Study"))
    number = await telegram.show(shipment("Why? Work.", replaces=True, answers=f"88/{first}"))
    assert number == first
    (shown,) = phone.screen
    assert (shown.text, shown.labels) == ("Why? Work.", [])


async def test_showing_it_once_more_changes_nothing(telegram: Telegram, phone: Phone) -> None:
    first = await telegram.show(shipment("Why?", "Work"))
    for _ in range(2):
        assert await telegram.show(shipment("Work.", "Back", replaces=True, answers=f"88/{first}")) == first
    assert [shown.text for shown in phone.screen] == ["Work."]


@pytest.mark.parametrize("answers", ["88/4711", "88", "88/", "88/x", None])
async def test_a_message_that_is_gone_or_was_none_is_followed_by_a_new_one(
    telegram: Telegram, phone: Phone, answers: str | None
) -> None:
    await telegram.show(shipment("Why?", "Work"))
    await telegram.show(shipment("Work.", replaces=True, answers=answers))
    assert [shown.text for shown in phone.screen] == ["Why?", "Work."]


async def test_a_message_that_is_too_old_to_edit_is_followed_by_a_new_one(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    first = await telegram.show(shipment("Why?", "Work"))
    stand_in.upset(method="editMessageText", status=400, description="Bad Request: message can't be edited")
    await telegram.show(shipment("Work.", replaces=True, answers=f"88/{first}"))
    assert [shown.text for shown in phone.screen] == ["Why?", "Work."]


async def test_a_message_too_long_for_one_is_not_edited_into_another(telegram: Telegram, phone: Phone) -> None:
    first = await telegram.show(shipment("Why?", "Work"))
    await telegram.show(shipment("word " * 1000, replaces=True, answers=f"88/{first}"))
    assert [len(shown.text) > 100 for shown in phone.screen] == [False, True, True]


async def test_a_message_that_does_not_replace_is_a_new_one(telegram: Telegram, phone: Phone) -> None:
    first = await telegram.show(shipment("Why?", "Work"))
    await telegram.show(shipment("Next?", answers=f"88/{first}"))
    assert [shown.text for shown in phone.screen] == ["Why?", "Next?"]


async def test_an_edit_that_telegram_cannot_take_now_is_put_off_and_not_sent_anew(
    stand_in: TelegramStandIn, telegram: Telegram, phone: Phone
) -> None:
    first = await telegram.show(shipment("Why?", "Work"))
    stand_in.upset(status=429, retry_after=2)
    with pytest.raises(Later):
        await telegram.show(shipment("Work.", replaces=True, answers=f"88/{first}"))
    assert [shown.text for shown in phone.screen] == ["Why?"]


async def test_messages_beyond_the_rate_wait_their_turn(stand_in: TelegramStandIn, phone: Phone) -> None:
    async with aiohttp.ClientSession() as session:
        slow = telegram_channel(session, stand_in.token, api=stand_in.url, rate=1)
        await slow.show(shipment("1"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await slow.show(shipment("2"))
    assert [shown.text for shown in phone.screen] == ["1"]
