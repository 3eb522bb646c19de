"""What travellers send on Telegram: an update becomes an arrival, or nothing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import filters

from bot.messages import Incoming, Opened, Pressed, Sent, Strange, Typed
from bot.words.catalog import SOURCE_LANGUAGE, language_for
from storage.transcript import Arrival

# What an update raises whose fields are not of the kinds that Telegram documents.
UNREADABLE: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError)

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


def understand(update: Update, at: datetime) -> Arrival | None:
    """The update as an arrival, or None for what nobody said to the bot alone; one of UNREADABLE if it is odd."""
    query = update.callback_query
    message = query.message if query else update.message or update.edited_message
    if message is None or message.chat.type != ChatType.PRIVATE:
        return None
    writer = query.from_user if query else message.from_user if isinstance(message, Message) else None
    language = language_for(writer.language_code) if writer else None
    external_id = str(_whole(update.update_id))
    incoming: Incoming | None
    if query:
        external_id = f"{external_id}/{_whole(message.message_id)}"
        incoming = Pressed(_plain(query.data)) if query.data is not None else None
    elif update.edited_message:
        # A place that is shared live edits its message every few seconds, and nobody wrote anything.
        incoming = None if update.edited_message.location else Strange("edited")
    else:
        incoming = _incoming(update, language)
    if incoming is None:
        return None
    address = str(_whole(message.chat.id))
    return Arrival("telegram", external_id, address, incoming, at, language or SOURCE_LANGUAGE)


def _incoming(update: Update, language: str | None) -> Incoming | None:
    """What a message says; None for what Telegram itself notes in a chat, such as a message that was pinned."""
    message = update.message
    if message is None:
        return None
    if message.text is not None:
        text = _plain(message.text)
        if not (command := COMMAND.fullmatch(text)):
            return Typed(text)
        name, rest = command.groups()
        if name.casefold() == "start":
            return Opened(language, rest)
        return Typed(f"/{name} {rest}" if rest else f"/{name}")
    if message.photo:
        photo = max(message.photo, key=lambda size: size.width * size.height)
        return Sent(None, _plain(photo.file_id), size=_whole(photo.file_size or 0))
    for attribute, kind in STRANGE_KINDS.items():
        if getattr(message, attribute):
            return Strange(kind)
    if document := message.document:
        name = _plain(document.file_name or "")
        return Sent(None, _plain(document.file_id), name, _whole(document.file_size or 0))
    return None if filters.StatusUpdate.ALL.check_update(update) else Strange("other")


def _whole(value: object) -> int:
    """The value, which must be a whole number; TypeError if not."""
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


def _plain(value: object) -> str:
    """The value, which must be text; TypeError if not. Halves of a character, which no database takes, are replaced."""
    if not isinstance(value, str):
        raise TypeError("not text")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
