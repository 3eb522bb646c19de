"""Telegram updates: what a traveller sends becomes an arrival, and everything else passes quietly."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.messages import Opened, Pressed, Sent, Strange, Typed
from handlers.channels.telegram_updates import understand
from storage.transcript import Arrival

AT = datetime(2026, 11, 24, tzinfo=UTC)
LINH: dict[str, Any] = {"id": 1001, "is_bot": False, "first_name": "Linh", "language_code": "vi"}
PRIVATE: dict[str, Any] = {"id": 1001, "type": "private", "first_name": "Linh"}
FILE: dict[str, Any] = {"file_id": "F", "file_unique_id": "U"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1795478400, "chat": PRIVATE, "from": LINH} | content


def heard(kind: str = "message", **content: Any) -> Arrival | None:
    return understand({"update_id": 55, kind: message(**content)}, AT)


def said(kind: str = "message", **content: Any) -> Any:
    arrival = heard(kind, **content)
    return arrival and arrival.message


def test_a_message_arrives_with_its_number_its_chat_and_the_language_of_the_telephone() -> None:
    assert heard(text="Nguyễn") == Arrival("telegram", "55", "1001", Typed("Nguyễn"), AT, "vi")


@pytest.mark.parametrize(("code", "language"), [("vi", "vi"), ("en-GB", "en"), ("ko", "en"), (None, "en")])
def test_a_language_that_is_not_ours_is_met_in_english(code: str | None, language: str) -> None:
    arrival = heard(text="hi", **{"from": LINH | {"language_code": code}})
    assert arrival is not None
    assert arrival.language == language


def test_a_start_carries_what_its_link_carried() -> None:
    assert said(text="/start") == Opened("vi", None)
    assert said(text="/start@khaibao_bot visit-42") == Opened("vi", "visit-42")
    assert said(text="/start", **{"from": LINH | {"language_code": "ko"}}) == Opened(None, None)


def test_a_command_arrives_as_typed_without_the_name_of_the_bot() -> None:
    assert said(text="/back") == Typed("/back")
    assert said(text="/back@khaibao_bot") == Typed("/back")
    assert said(text="/language@khaibao_bot vi") == Typed("/language vi")
    assert said(text="/5/2020") == Typed("/5/2020")


def test_half_a_character_is_replaced() -> None:
    assert said(text="a\ud83d") == Typed("a\ufffd")


def test_a_photo_is_taken_in_its_largest_size_and_its_caption_is_not_an_answer() -> None:
    sizes = [FILE | {"file_id": size, "width": width, "height": 9, "file_size": width} for size, width in SIZES]
    assert said(photo=sizes, caption="my pass") == Sent(None, "large", "", 1280)


SIZES = (("small", 90), ("large", 1280), ("middle", 320))


def test_a_file_is_taken_with_its_name() -> None:
    assert said(document=FILE | {"file_name": "thẻ.pdf", "file_size": 12}) == Sent(None, "F", "thẻ.pdf", 12)
    assert said(document=FILE) == Sent(None, "F", "", 0)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"voice": FILE | {"duration": 3}}, "voice"),
        ({"audio": FILE | {"duration": 3}}, "voice"),
        ({"video_note": FILE | {"duration": 3, "length": 240}}, "voice"),
        ({"video": FILE | {"duration": 3, "width": 9, "height": 9}}, "video"),
        ({"animation": FILE | {"duration": 3, "width": 9, "height": 9}, "document": FILE}, "video"),
        (
            {"sticker": FILE | {"type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False}},
            "sticker",
        ),
        ({"location": {"latitude": 10.7, "longitude": 106.7}}, "place"),
        ({"contact": {"phone_number": "+84900000000", "first_name": "Linh"}}, "contact"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "other"),
        ({"hologram": {"depth": 3}}, "other"),
    ],
)
def test_what_the_declaration_has_no_use_for_is_named(content: dict[str, Any], kind: str) -> None:
    assert said(**content) == Strange(kind)


def test_an_edited_message_is_no_answer() -> None:
    assert said("edited_message", text="Nguyen", edit_date=1795478401) == Strange("edited")


def test_a_place_shared_live_says_something_once_only() -> None:
    place = {"latitude": 10.7, "longitude": 106.7, "live_period": 60}
    assert said(location=place) == Strange("place")
    assert said("edited_message", location=place, edit_date=1795478401) is None


def tap(**more: Any) -> Arrival | None:
    query = {"id": "9", "from": LINH, "chat_instance": "1", "data": "purpose:work", "message": message(text="Why?")}
    return understand({"update_id": 56, "callback_query": query | more}, AT)


def test_a_tap_names_the_message_that_bears_the_button() -> None:
    assert tap() == Arrival("telegram", "56/7", "1001", Pressed("purpose:work"), AT, "vi")


def test_a_tap_on_a_message_that_telegram_no_longer_shows_still_arrives() -> None:
    arrival = tap(message={"message_id": 7, "date": 0, "chat": PRIVATE})
    assert arrival is not None
    assert (arrival.external_id, arrival.message) == ("56/7", Pressed("purpose:work"))


def test_a_tap_without_a_message_or_without_data_is_nothing() -> None:
    assert tap(message=None) is None
    assert tap(data=None, game_short_name="chess") is None


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_only_private_chats_are_heard(kind: str) -> None:
    chat = {"id": -1001, "type": kind, "title": "Tour"}
    assert said(text="hi", chat=chat) is None
    assert said("channel_post", text="hi", chat=chat) is None
    assert tap(message=message(text="Why?", chat=chat)) is None


def test_what_telegram_itself_notes_in_a_chat_is_nothing() -> None:
    assert said(pinned_message=message(text="hi")) is None
    assert said(message_auto_delete_timer_changed={"message_auto_delete_time": 86400}) is None


def test_other_kinds_of_updates_are_nothing() -> None:
    member = {"user": LINH, "status": "member"}
    blocked = {"chat": PRIVATE, "from": LINH, "date": 1, "old_chat_member": member, "new_chat_member": member}
    assert understand({"update_id": 57, "my_chat_member": blocked}, AT) is None
    assert understand({"update_id": 58, "hologram": {"depth": 3}}, AT) is None
