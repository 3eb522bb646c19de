"""Our reading of updates beside python-telegram-bot's: the same on all that Telegram sends, no other one on junk."""

import copy
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import filters

from bot.messages import Incoming, Opened, Pressed, Sent, Strange, Typed
from bot.words.catalog import SOURCE_LANGUAGE, language_for
from handlers.channels.telegram_updates import STRANGE_KINDS, UNREADABLE, understand
from storage.transcript import Arrival

AT = datetime(2026, 11, 24, tzinfo=UTC)
COMMAND = re.compile(r"/(\w{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL | re.ASCII)

Json = dict[str, Any]


def understood_by_the_library(raw: Json) -> Arrival | None:
    """The arrival of an update as python-telegram-bot reads it; one of UNREADABLE if it cannot."""
    update = Update.de_json(raw)
    query = update.callback_query
    message = query.message if query else update.message or update.edited_message
    if message is None or message.chat.type != ChatType.PRIVATE:
        return None
    writer = query.from_user if query else message.from_user if isinstance(message, Message) else None
    language = language_for(writer.language_code) if writer else None
    name = f"{whole(update.update_id)}/{whole(message.message_id)}" if query else str(whole(update.update_id))
    incoming: Incoming | None
    if query:
        incoming = None if query.data is None else Pressed(plain(query.data))
    elif update.edited_message:
        incoming = None if update.edited_message.location else Strange("edited")
    else:
        incoming = said_by(update, language)
    address = str(whole(message.chat.id))
    return incoming and Arrival("telegram", name, address, incoming, AT, language or SOURCE_LANGUAGE)


def said_by(update: Update, language: str | None) -> Incoming | None:
    message = update.message
    assert message is not None
    if message.text is not None:
        if not (command := COMMAND.fullmatch(plain(message.text))):
            return Typed(plain(message.text))
        name, rest = command.groups()
        if name.casefold() == "start":
            return Opened(language, rest)
        return Typed(f"/{name} {rest}" if rest else f"/{name}")
    if message.photo:
        photo = max(message.photo, key=lambda size: size.width * size.height)
        return Sent(None, plain(photo.file_id), size=whole(photo.file_size or 0))
    for attribute, kind in STRANGE_KINDS.items():
        if getattr(message, attribute):
            return Strange(kind)
    if document := message.document:
        return Sent(None, plain(document.file_id), plain(document.file_name or ""), whole(document.file_size or 0))
    return None if filters.StatusUpdate.ALL.check_update(update) else Strange("other")


def whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def plain(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


LINH: Json = {"id": 1001, "is_bot": False, "first_name": "Linh", "language_code": "vi"}
PEOPLE: tuple[Json | None, ...] = (
    LINH,
    LINH | {"language_code": "en-GB"},
    LINH | {"language_code": "ko", "last_name": "Đỗ", "username": "linh", "is_premium": True},
    {"id": 5_000_000_000, "is_bot": True, "first_name": ""},
    None,
)
CHATS: tuple[Json, ...] = (
    {"id": 1001, "type": "private", "first_name": "Linh", "username": "linh"},
    {"id": 5_000_000_000, "type": "private"},
    {"id": -1001, "type": "group", "title": "Tour", "all_members_are_administrators": True},
    {"id": -100123, "type": "supergroup", "title": "Tour", "is_forum": True},
    {"id": -100124, "type": "channel", "title": "News"},
    {"id": 7, "type": "hologram"},
)
FILE: Json = {"file_id": "F", "file_unique_id": "U", "file_size": 4096}
SIZE: Json = FILE | {"width": 90, "height": 51}
MOVING: Json = FILE | {"width": 9, "height": 9, "duration": 3, "mime_type": "video/mp4", "thumbnail": SIZE}
PLACE: Json = {"latitude": 10.77, "longitude": 106.7, "horizontal_accuracy": 12.5}
BEFORE: Json = {"message_id": 3, "date": 1795478000, "chat": CHATS[0], "text": "hi"}
BUTTONS: Json = {"inline_keyboard": [[{"text": "Work", "callback_data": "purpose:work"}]]}

CONTENTS: tuple[Json, ...] = (
    {"text": "Nguyễn Thị Linh 😀"},
    {"text": "half \ud83d of it"},
    {"text": ""},
    {"text": "/start"},
    {"text": "/start@khaibao_bot visit-42", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]},
    {"text": "/START x\ny"},
    {"text": "/back@khaibao_bot"},
    {"text": "/language vi"},
    {"text": "/5/2020"},
    {"text": "hi", "reply_to_message": BEFORE, "quote": {"text": "h", "position": 0}},
    {"text": "hi", "forward_origin": {"type": "hidden_user", "date": 1795478000, "sender_user_name": "Minh"}},
    {"text": "see", "link_preview_options": {"url": "https://example.org"}, "via_bot": LINH | {"is_bot": True}},
    {"text": "later", "edit_date": 1795478401, "reply_markup": BUTTONS},
    {"photo": [SIZE, SIZE | {"file_id": "L", "width": 1280, "height": 960}, SIZE | {"file_id": "M", "width": 320}]},
    {"photo": [SIZE, {"file_id": "N", "file_unique_id": "N", "width": 90, "height": 51}]},
    {"photo": [SIZE], "caption": "my pass", "media_group_id": "1234567", "has_media_spoiler": True},
    {"photo": [SIZE], "media_group_id": "1234567"},
    {"photo": []},
    {"document": FILE | {"file_name": "thẻ.pdf", "mime_type": "application/pdf", "thumbnail": SIZE}},
    {"document": FILE | {"file_name": "scan.heic", "mime_type": "image/heic"}, "media_group_id": "1234567"},
    {"document": FILE | {"file_name": "a\udc00.jpg", "mime_type": "image/jpeg"}, "caption": "both sides"},
    {"document": {"file_id": "F", "file_unique_id": "U"}},
    {"voice": FILE | {"duration": 3, "mime_type": "audio/ogg"}},
    {"audio": FILE | {"duration": 300, "performer": "Trịnh", "title": "Biển", "mime_type": "audio/mpeg"}},
    {"video_note": FILE | {"duration": 3, "length": 240}},
    {"video": MOVING, "caption": "passport"},
    {"animation": MOVING, "document": MOVING},
    {"sticker": SIZE | {"type": "regular", "is_animated": False, "is_video": True, "emoji": "👍", "set_name": "S"}},
    {"location": PLACE},
    {"location": PLACE | {"live_period": 60, "heading": 90}},
    {"location": PLACE, "venue": {"location": PLACE, "title": "Bến Thành", "address": "Lê Lợi"}},
    {"contact": {"phone_number": "+84900000000", "first_name": "Linh", "user_id": 1001, "vcard": "BEGIN:VCARD"}},
    {"dice": {"emoji": "🎲", "value": 3}},
    {"game": {"title": "Chess", "description": "-", "photo": [SIZE]}},
    {
        "poll": {
            "id": "1",
            "question": "Beach?",
            "options": [{"text": "Yes", "voter_count": 0, "persistent_id": "1"}],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
    },
    {"story": {"chat": CHATS[0], "id": 5}},
    {"pinned_message": BEFORE},
    {"pinned_message": BEFORE | {"date": 0}},
    {"new_chat_members": [LINH]},
    {"left_chat_member": LINH},
    {"new_chat_title": "Tour"},
    {"new_chat_photo": [SIZE]},
    {"delete_chat_photo": True},
    {"group_chat_created": True},
    {"migrate_to_chat_id": -1002},
    {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
    {"write_access_allowed": {"from_request": True}},
    {"users_shared": {"request_id": 1, "users": [{"user_id": 5}]}},
    {"web_app_data": {"data": "x", "button_text": "y"}},
    {"video_chat_started": {}},
    {"forum_topic_closed": {}},
    {"connected_website": "example.org"},
    {"successful_payment": None},
    {"hologram": {"depth": 3}},
    {},
)


def message_of(content: Json, chat: Json, person: Json | None, date: int = 1795478400) -> Json:
    """A message in the platform's own terms."""
    message: Json = {"message_id": 7, "date": date, "chat": chat}
    return message | ({"from": person} if person else {}) | content


def updates() -> list[Json]:
    """Updates of every kind, as Telegram sends them."""
    found: list[Json] = []
    for chat in CHATS:
        for person in PEOPLE:
            for content in CONTENTS:
                found.append({"message": message_of(content, chat, person)})
                found.append({"edited_message": message_of(content | {"edit_date": 1795478401}, chat, person)})
            for asked in (CONTENTS[0] | {"reply_markup": BUTTONS}, CONTENTS[13]):
                tap = {"id": "99", "chat_instance": "1", "from": person or LINH, "data": "purpose:work"}
                found.append({"callback_query": tap | {"message": message_of(asked, chat, LINH)}})
                found.append({"callback_query": tap | {"message": {"message_id": 7, "date": 0, "chat": chat}}})
        found.append({"channel_post": message_of(CONTENTS[0], chat, None)})
        found.append({"edited_channel_post": message_of(CONTENTS[0], chat, None)})
        found.append({"business_message": message_of(CONTENTS[0], chat, LINH)})
        member = {"user": LINH, "status": "member"}
        change = {"chat": chat, "from": LINH, "date": 1, "old_chat_member": member, "new_chat_member": member}
        found.append({"my_chat_member": change})
        found.append({"chat_member": change})
        found.append({"message_reaction": {"chat": chat, "message_id": 7, "date": 1, "user": LINH} | _REACTION})
    found.append(
        {"callback_query": {"id": "99", "chat_instance": "1", "from": LINH, "data": "x", "inline_message_id": "y"}}
    )
    game = {"id": "99", "chat_instance": "1", "from": LINH, "game_short_name": "chess"}
    found.append({"callback_query": game | {"message": BEFORE | {"from": LINH}}})
    found.append({"inline_query": {"id": "99", "from": LINH, "query": "x", "offset": ""}})
    found.append({"poll_answer": {"poll_id": "1", "user": LINH, "option_ids": [0], "option_persistent_ids": ["0"]}})
    found.append({"hologram": {"depth": 3}})
    found.append({})
    return [{"update_id": number} | update for number, update in enumerate(found, 55)]


_REACTION: Json = {"old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}
UPDATES = updates()
# What may stand where something else should; and nothing at all.
JUNK = st.sampled_from([None, True, 0, -1, 10**30, 1.5, float("inf"), "", "x", "\ud83d", [], [7], {}, {"id": 7}, ...])


@pytest.mark.parametrize("kind", sorted({kind for update in UPDATES for kind in update} - {"update_id"}))
def test_every_update_of_telegram_is_read_as_the_library_reads_it(kind: str) -> None:
    read = [understand(copy.deepcopy(update), AT) for update in UPDATES if kind in update]
    assert read == [understood_by_the_library(update) for update in UPDATES if kind in update]
    assert any(read) == (kind in ("message", "edited_message", "callback_query"))


def outcome(read: Any, update: Json) -> Arrival | None:
    try:
        arrival: Arrival | None = read(update)
    except UNREADABLE:
        return None
    return arrival


@given(st.sampled_from(UPDATES), st.data())
def test_an_update_with_junk_in_it_is_let_go_or_read_as_the_library_reads_it(update: Json, data: st.DataObject) -> None:
    spoilt = copy.deepcopy(update)
    whole: Any = spoilt
    while True:
        places = list(whole) if isinstance(whole, dict) else list(range(len(whole)))
        place = data.draw(st.sampled_from(places))
        within = whole[place]
        if not (isinstance(within, dict | list) and within and data.draw(st.booleans())):
            break
        whole = within
    junk = data.draw(JUNK)
    if junk is ...:
        del whole[place]
    else:
        whole[place] = junk
    ours = outcome(lambda raw: understand(raw, AT), copy.deepcopy(spoilt))
    theirs = outcome(understood_by_the_library, json.loads(json.dumps(spoilt)))
    # The library gives up an update for a field that nobody here looks at; we read it as if that field were whole.
    assert ours is None or theirs in (None, ours)
    assert ours is None or ours.address.lstrip("-").isdecimal()


def test_a_field_that_nobody_looks_at_hides_nothing() -> None:
    person = {"id": 1001, "is_bot": "perhaps", "language_code": "vi"}
    odd = message_of({"text": "hi", "entities": 7}, {"id": 1001, "type": "private"}, person)
    assert understand({"update_id": 1, "message": odd}, AT) == Arrival("telegram", "1", "1001", Typed("hi"), AT, "vi")
