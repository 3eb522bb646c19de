"""Telegram as a channel: dressed messages become messages with buttons under them, and files are fetched.

python-telegram-bot owns the rare calls and the errors, and nothing of the conversation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.commands import MENU
from bot.words.catalog import LANGUAGES, SOURCE_LANGUAGE, Words
from handlers.channels.channel import CannotOpen, Shipment
from handlers.channels.telegram_calls import Calls, make_calls
from handlers.channels.telegram_look import bearer_of, keyboard_of, split_text, whole_text
from handlers.channels.telegram_request import API, MESSAGES_A_SECOND, AiohttpRequest, fetch_file, make_bot, trouble_of


# CannotOpen
# ├── WrongToken   Telegram does not know the bot's token
# └── NoSecret     the webhook would be open to anybody
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
UPDATE_KINDS: Final = ("message", "edited_message", "callback_query", "my_chat_member")


@dataclass(frozen=True, slots=True)
class Telegram:
    """The door to travellers who write on Telegram; `telegram_channel` makes one."""

    bot: Bot = field(repr=False)
    request: AiohttpRequest = field(repr=False)
    calls: Calls = field(repr=False)
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
        parts = split_text(whole_text(shipment.dressed))
        keyboard = keyboard_of(shipment.dressed)
        bearer = bearer_of(shipment) if len(parts) == 1 and not shipment.picture else None
        if bearer and await self.calls.edit(shipment.address, bearer, parts[0], keyboard):
            return str(bearer)
        if shipment.picture:
            # Before its words, which tell of it and may be longer than a caption.
            await self.calls.picture(shipment.address, shipment.picture)
        for part in parts[:-1]:
            await self.calls.send(shipment.address, part)
        return str(await self.calls.send(shipment.address, parts[-1], keyboard))

    def set_rate(self, rate: float) -> None:
        """From now on this many messages a second, 0 for no limit: processes of one bot share what Telegram grants."""
        self.calls.pace.set_rate(rate)

    async def fetch(self, platform_file: str) -> bytes:
        """The bytes of a file that was sent; raises Later or NoFile."""
        return await fetch_file(self.bot, self.request, platform_file)


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
    bot = make_bot(request, token, api)
    return Telegram(bot, request, make_calls(session, bot.base_url, rate), secret.encode() if secret else None)


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
