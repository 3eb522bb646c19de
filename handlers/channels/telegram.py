"""Telegram as a channel: updates become arrivals, and dressed messages become messages with buttons under them.

python-telegram-bot owns the wire (types, calls, rate limit) and nothing of the conversation. Updates come in by the
webhook or, in development, by polling; either way one is acknowledged only after it was taken.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import ExtBot, filters

from bot.commands import MENU
from bot.messages import Incoming, Opened, Pressed, Sent, Strange, Typed
from bot.words.catalog import LANGUAGES, SOURCE_LANGUAGE, Words, language_for
from handlers.channels.channel import Dressed, Shipment
from handlers.channels.telegram_request import (
    API,
    MESSAGES_A_SECOND,
    AiohttpRequest,
    fetch_file,
    make_bot,
    raw_updates,
    trouble_of,
)
from storage.faults import MemoryFault
from storage.transcript import Arrival


# CannotOpen
# ├── WrongToken   Telegram does not know the bot's token
# └── NoSecret     the webhook would be open to anybody
class CannotOpen(Exception):
    """The channel cannot be opened as it is set up."""


class WrongToken(CannotOpen):
    """Telegram does not know the bot's token."""

    def __init__(self) -> None:
        super().__init__("Telegram does not know the bot's token; @BotFather shows the right one")


class NoSecret(CannotOpen):
    """The webhook's secret is missing, or not one that Telegram can carry: the door would be open to anybody."""

    def __init__(self) -> None:
        super().__init__("Telegram's webhook needs a secret of 1 to 256 letters, digits, _ and -")


# What a token and a secret look like: https://core.telegram.org/bots/api#authorizing-your-bot and #setwebhook
TOKEN_SHAPE: Final = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,100}")
SECRET_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")

WEBHOOK_PATH: Final = "/telegram/webhook"
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header
UPDATE_KINDS: Final = ("message", "edited_message", "callback_query", "my_chat_member")

BODY_LIMIT: Final = 1024**2
"""Bytes of one webhook request; a real update is a few thousand."""

TEXT_LIMIT: Final = 4096
"""UTF-16 units of one message, the narrowest reading of https://core.telegram.org/bots/api#sendmessage"""

LABEL_LIMIT: Final = 60
"""Characters of a button; telephones cut off what is longer than about forty."""

ROW_WIDTHS: Final = ((3, 9), (2, 17))
"""So many buttons stand side by side if none is wider than so many columns; any other stands alone."""

POLL_SECONDS: Final = 30.0
"""Seconds that Telegram holds a poll open while nothing comes."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between polls at most while Telegram or the memory is out of reach."""

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
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)

Take = Callable[[Arrival], Awaitable[object]]
"""What becomes of an arrival: it is acknowledged when this has returned, and comes again if this raises."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Telegram:
    """The door to travellers who write on Telegram; `telegram_channel` makes one."""

    bot: ExtBot[int] = field(repr=False)
    request: AiohttpRequest = field(repr=False)
    secret: bytes | None = field(repr=False)
    name: str = field(default="telegram", init=False)

    async def open(self) -> None:
        """Ask Telegram who we are; raises WrongToken, or Later if Telegram is out of reach."""
        try:
            await self.bot.initialize()
        except InvalidToken:
            known = False
        except TelegramError as error:
            raise trouble_of(error) from error
        else:
            known = True
        # Raised out here, because the text of that InvalidToken holds the token.
        if not known:
            raise WrongToken

    async def close(self) -> None:
        """Let go of what `open` took; the session belongs to somebody else."""
        await self.bot.shutdown()

    async def show(self, shipment: Shipment) -> str | None:
        """Show a message, in several if it is long, and give the id of the last; raises Later, Blocked or Refused."""
        parts = split_text(_whole_text(shipment.dressed))
        keyboard = _keyboard(shipment.dressed)
        bearer = _bearer(shipment)
        try:
            if bearer and len(parts) == 1 and await self._edit(shipment.address, bearer, parts[0], keyboard):
                return str(bearer)
            for part in parts[:-1]:
                await self.bot.send_message(shipment.address, part, link_preview_options=NO_PREVIEW)
            sent = await self.bot.send_message(
                shipment.address, parts[-1], reply_markup=keyboard, link_preview_options=NO_PREVIEW
            )
        except TelegramError as error:
            raise trouble_of(error) from error
        return str(sent.message_id)

    async def fetch(self, platform_file: str) -> bytes:
        """The bytes of a file that was sent; raises Later or NoFile."""
        return await fetch_file(self.bot, self.request, platform_file)

    async def _edit(self, address: str, bearer: int, text: str, keyboard: InlineKeyboardMarkup | None) -> bool:
        """Whether the message now says this; False if it is too old or gone, so that a new one must be sent."""
        try:
            await self.bot.edit_message_text(
                text, address, bearer, reply_markup=keyboard, link_preview_options=NO_PREVIEW
            )
        except BadRequest as error:
            return "not modified" in error.message
        return True


def telegram_channel(
    session: aiohttp.ClientSession,
    token: str,
    *,
    api: str = API,
    secret: str | None = None,
    rate: float = MESSAGES_A_SECOND,
) -> Telegram:
    """The channel over a session, before anything is asked of Telegram; raises WrongToken or NoSecret.

    `secret` is None only where updates are polled. `rate` is in messages a second, 0 for no limit.
    """
    if not TOKEN_SHAPE.fullmatch(token):
        raise WrongToken
    if secret is not None and not SECRET_SHAPE.fullmatch(secret):
        raise NoSecret
    request = AiohttpRequest(session)
    return Telegram(make_bot(request, token, api, rate), request, secret.encode() if secret else None)


async def introduce(telegram: Telegram, words: Words, public_url: str | None) -> None:
    """Tell Telegram where updates go, if there is a public address, and list the commands in every language."""
    if public_url and telegram.secret is None:
        raise NoSecret
    try:
        if public_url and telegram.secret:
            url = public_url.rstrip("/") + WEBHOOK_PATH
            await telegram.bot.set_webhook(
                url, secret_token=telegram.secret.decode(), allowed_updates=UPDATE_KINDS, drop_pending_updates=False
            )
        for language in LANGUAGES:
            menu = [(command, words.say(what, language)) for command, what in MENU.items()]
            # The source language serves everybody whose own is not here, and so is set without a language.
            code = None if language == SOURCE_LANGUAGE else language.partition("-")[0]
            await telegram.bot.set_my_commands(menu, language_code=code)
    except TelegramError as error:
        raise trouble_of(error) from error


# What travellers send.


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


# What travellers see.


def split_text(text: str, most: int = TEXT_LIMIT) -> list[str]:
    """The text in parts of at most `most` UTF-16 units, cut between paragraphs, else lines, else words."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest.encode("utf-16-le", "surrogatepass")) // 2 > most:
        fits = _room(rest, most)
        least = fits // 2
        cut = next((place for mark in ("\n\n", "\n", " ") if (place := rest.rfind(mark, least, fits + 1)) > 0), 0)
        if not cut:
            cut = fits
            # A mark above or below a letter stays with its letter.
            while cut > least + 1 and unicodedata.category(rest[cut]).startswith("M"):
                cut -= 1
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest]


def _room(text: str, most: int) -> int:
    """How many characters of the text fit into `most` UTF-16 units."""
    units = 0
    for place, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > most:
            return place
    return len(text)


def _whole_text(dressed: Dressed) -> str:
    """The text, and the rows of a summary below it."""
    rows = "\n".join(f"{label}: {value}" for label, value, _ in dressed.rows)
    return f"{dressed.text}\n\n{rows}" if rows else dressed.text


def _bearer(shipment: Shipment) -> int | None:
    """The id of the message whose button was tapped, if this one is to take its place."""
    _, _, bearer = (shipment.answers or "").partition("/")
    return int(bearer) if shipment.dressed.replaces and bearer.isdecimal() else None


def _keyboard(dressed: Dressed) -> InlineKeyboardMarkup | None:
    """The buttons, short ones side by side, and below them two in a row those that change an answer."""
    rest = [_button(press, label) for press, label in dressed.buttons]
    laid: list[Sequence[InlineKeyboardButton]] = []
    while rest:
        count = _side_by_side([_columns(button.text) for button in rest])
        laid.append(rest[:count])
        rest = rest[count:]
    changes = [_button(press, f"✎ {label}") for label, _, press in dressed.rows if press]
    laid += [changes[place : place + 2] for place in range(0, len(changes), 2)]
    return InlineKeyboardMarkup(laid) if laid else None


def _button(press: str, label: str) -> InlineKeyboardButton:
    shown = label if len(label) <= LABEL_LIMIT else label[: LABEL_LIMIT - 1].rstrip() + "…"
    return InlineKeyboardButton(shown, callback_data=press)


def _side_by_side(widths: Sequence[int]) -> int:
    """How many of the buttons that are left stand in the next row."""
    if len(widths) == 4 and max(widths) <= ROW_WIDTHS[1][1]:
        return 2
    return next((count for count, most in ROW_WIDTHS if len(widths) >= count and max(widths[:count]) <= most), 1)


def _columns(text: str) -> int:
    """How wide the text is, in the width of a Latin letter."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


# How updates come in.


def routes(telegram: Telegram, take: Take) -> list[web.RouteDef]:
    """The webhook; NoSecret if the channel was made without one."""
    secret = telegram.secret
    if not secret:
        raise NoSecret

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, secret):
            return web.Response(status=403)
        try:
            raw = json.loads(await _body(request))
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(raw, dict):
            return web.Response(status=400)
        try:
            await _pass_on(raw, take)
        except MemoryFault as fault:
            log.warning("an update was not taken and will come again: %s", type(fault).__name__)
            return web.Response(status=503)
        if not (query := _query_id(raw)):
            return web.Response()
        # Answering in the response saves a call; it only stops the spinner on the button.
        return web.json_response({"method": "answerCallbackQuery", "callback_query_id": query})

    return [web.post(WEBHOOK_PATH, receive)]


async def poll(telegram: Telegram, take: Take, *, wait: float = POLL_SECONDS, pause: float = 1.0) -> None:
    """Ask for updates until cancelled, for development: one consumer per token. Raises WrongToken.

    `wait` is in seconds for Telegram to hold a poll open, `pause` after the first failure; it doubles with each.
    """
    offset, length, webhook = 0, pause, True
    while True:
        try:
            if webhook:
                await telegram.bot.delete_webhook(drop_pending_updates=False)
                webhook = False
            for raw in await raw_updates(telegram.bot, telegram.request, offset, wait, UPDATE_KINDS):
                await _pass_on(raw, take)
                offset = int(raw["update_id"]) + 1
                if query := _query_id(raw):
                    with contextlib.suppress(TelegramError):
                        await telegram.bot.answer_callback_query(query)
            length = pause
        except InvalidToken as error:
            raise WrongToken from error
        except (TelegramError, MemoryFault) as trouble:
            log.warning("polling pauses for %.0f s: %s", length, type(trouble).__name__)
            await asyncio.sleep(length)
            length = min(2 * length, LONGEST_PAUSE)


async def _pass_on(raw: dict[str, Any], take: Take) -> None:
    """Take what an update says; one that cannot be read is let go, for Telegram would repeat it for ever."""
    try:
        arrival = understand(Update.de_json(raw), datetime.now(UTC))
    except UNREADABLE as error:
        log.warning("an update of Telegram could not be read: %s", type(error).__name__)
        return
    if arrival:
        await take(arrival)


def _query_id(raw: dict[str, Any]) -> str | None:
    """The id of the tap that an update tells of, which wants an answer."""
    query = raw.get("callback_query")
    found = query.get("id") if isinstance(query, dict) else None
    return found if isinstance(found, str) else None


async def _body(request: web.Request) -> bytes:
    """The body of a request; 413 as soon as it is known to be too long, whatever the application allows elsewhere."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(body))
    return bytes(body)
