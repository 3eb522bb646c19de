"""What travellers send on Telegram: an update becomes an arrival, or nothing.

It is read from the JSON as it came: python-telegram-bot builds objects of every field, for fifteen times the cost, and
is asked only about the rare messages in which nothing is found that a traveller sends.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from telegram.constants import ChatType

from bot.messages import Incoming, Opened, Pressed, Sent, Strange, Typed
from bot.words.catalog import SOURCE_LANGUAGE, language_for
from handlers.channels.telegram_request import is_a_note
from storage.transcript import Arrival

# What an update raises whose fields are not of the kinds that Telegram documents.
UNREADABLE: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError)

LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999 in seconds since 1970; a message of a later date is not from Telegram."""

STRANGE_KINDS: Final = {
    "voice": "voice",
    "audio": "voice",
    "video_note": "voice",
    "video": "video",
    "animation": "video",
    "sticker": "sticker",
    "location": "place",
    "venue": "place",
    "contact": "contact",
}

COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]+)?(?:\s+(.*))?", re.DOTALL)


Json = dict[str, Any]


def understand(update: Json, at: datetime) -> Arrival | None:
    """The update as an arrival, or None for what nobody said to the bot alone; one of UNREADABLE if it is odd."""
    query, edited = _part(update, "callback_query"), _part(update, "edited_message")
    message = _part(query, "message") if query is not None else _part(update, "message")
    if message is None and query is None:
        message = edited
    if message is None:
        return None
    number, address, private = _head(message)
    if not private:
        return None
    language = _language(message if query is None else query)
    external_id = str(_whole(update.get("update_id")))
    incoming: Incoming | None
    if query is not None:
        external_id = f"{external_id}/{number}"
        incoming = Pressed(_plain(query["data"])) if query.get("data") is not None else None
    elif message is edited:
        # A place that is shared live edits its message every few seconds, and nobody wrote anything.
        incoming = Strange("edited") if _part(edited, "location") is None else None
    else:
        incoming = _incoming(message, language, update)
    if incoming is None:
        return None
    return Arrival("telegram", external_id, address, incoming, at, language or SOURCE_LANGUAGE)


def _head(message: Json) -> tuple[int, str, bool]:
    """The number of a message, the chat in which it stands, and whether nobody else is there."""
    number, chat = _whole(message["message_id"]), message["chat"]
    if not 0 <= _whole(message["date"]) <= LAST_SECOND:
        raise ValueError("not a date")
    return number, str(_whole(chat["id"])), chat["type"] == ChatType.PRIVATE


def _language(whole: Json) -> str | None:
    """The language of ours that serves whoever wrote or tapped, if their telephone says which it speaks."""
    writer = _part(whole, "from")
    code = writer.get("language_code") if writer is not None else None
    return None if code is None else language_for(_plain(code))


def _incoming(message: Json, language: str | None, update: Json) -> Incoming | None:
    """What a message says; None for what Telegram itself notes in a chat, such as a message that was pinned."""
    if (text := message.get("text")) is not None:
        return _written(_plain(text), language)
    if photo := message.get("photo"):
        largest = max(photo, key=lambda size: _whole(size["width"]) * _whole(size["height"]))
        return Sent(None, _plain(largest["file_id"]), size=_whole(largest.get("file_size") or 0))
    for name, kind in STRANGE_KINDS.items():
        if _part(message, name) is not None:
            return Strange(kind)
    if (document := _part(message, "document")) is not None:
        name = _plain(document.get("file_name") or "")
        return Sent(None, _plain(document["file_id"]), name, _whole(document.get("file_size") or 0))
    return None if is_a_note(update) else Strange("other")


def _written(text: str, language: str | None) -> Incoming:
    """What a text says: a command, with the name of the bot left out, or an answer."""
    if not (command := COMMAND.fullmatch(text)):
        return Typed(text)
    name, rest = command.groups()
    if name.casefold() == "start":
        return Opened(language, rest)
    return Typed(f"/{name} {rest}" if rest else f"/{name}")


def _part(whole: Json, name: str) -> Json | None:
    """An object within an object, None if it is not there; TypeError if something else is."""
    part = whole.get(name)
    if part is not None and not isinstance(part, dict):
        raise TypeError("not an object")
    return part


def _whole(value: object) -> int:
    """The value, which must be a whole number; TypeError if not."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def _plain(value: object) -> str:
    """The value, which must be text; TypeError if not. Halves of a character, which no database takes, are replaced."""
    if not isinstance(value, str):
        raise TypeError("not text")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
