"""The two calls that nearly every step of a talk makes: a message is sent, or edited in place.

They go straight to the wire: python-telegram-bot's methods for them cost more than all the rest of the delivery.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import BaseRequest
from yarl import URL

from handlers.channels.channel import Later, Refused
from handlers.channels.telegram_look import Keyboard
from handlers.channels.telegram_pace import Pace
from handlers.channels.telegram_request import call_timeout, trouble_of
from handlers.channels.telegram_wire import TooLong, exchange, read_answer, read_refusal

SHOWN_LIMIT: Final = 1024**2
"""Bytes of the answer to one call: Telegram repeats the message that it now shows, which is a few thousand."""

# Such short answers are not worth unpacking.
HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": BaseRequest.USER_AGENT,
}

# aiohttp names the form's own type.
FORM_HEADERS: Final = {name: value for name, value in HEADERS.items() if name != "Content-Type"}

NO_PREVIEW: Final = {"is_disabled": True}

# What python-telegram-bot makes of a status: https://core.telegram.org/bots/api#making-requests
MEANINGS: Final[Mapping[int, type[TelegramError]]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: InvalidToken,
    HTTPStatus.CONFLICT: Conflict,
}

_encode: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one bot over a session that somebody else opens and closes; `make_calls` makes one."""

    session: aiohttp.ClientSession
    pace: Pace
    send_url: URL = field(repr=False)
    edit_url: URL = field(repr=False)
    picture_url: URL = field(repr=False)
    timeout: aiohttp.ClientTimeout

    async def send(self, address: str, text: str, keyboard: Keyboard | None = None) -> int:
        """Send a message and give its id; raises Later, Blocked or Refused."""
        sent = await self._call(self.send_url, _said(address, text, keyboard))
        number = sent.get("message_id") if isinstance(sent, dict) else None
        if not isinstance(number, int):
            raise Later
        return number

    async def picture(self, address: str, jpeg: bytes) -> None:
        """Send a picture; raises Later, Blocked or Refused."""
        form = aiohttp.FormData({"chat_id": address})
        form.add_field("photo", jpeg, filename="picture.jpg", content_type="image/jpeg")
        await self._post(self.picture_url, FORM_HEADERS, form)

    async def edit(self, address: str, message_id: int, text: str, keyboard: Keyboard | None = None) -> bool:
        """Whether the message now says this; False if it is too old or gone. Raises Later or Blocked."""
        try:
            await self._call(self.edit_url, _said(address, text, keyboard) | {"message_id": message_id})
        except Refused as refused:
            return "not modified" in str(refused)
        return True

    async def _call(self, url: URL, what: dict[str, Any]) -> Any:
        """The result of a call with these parameters; raises Later, Blocked or Refused."""
        return await self._post(url, HEADERS, _encode(what).encode())

    async def _post(self, url: URL, headers: Mapping[str, str], body: bytes | aiohttp.FormData) -> Any:
        """The result of a call, made when its turn has come; raises Later, Blocked or Refused."""
        await self.pace.turn()
        try:
            status, answer = await exchange(
                self.session,
                "POST",
                url,
                headers=headers,
                timeout=self.timeout,
                most=SHOWN_LIMIT,
                data=body,
            )
            if HTTPStatus.OK <= status <= 299:
                return read_answer(answer)["result"]
            error = refusal_of(status, answer)
        except TooLong:
            error = NetworkError("Telegram's answer is too long")
        except TelegramError as caught:
            error = caught
        raise trouble_of(error)


def make_calls(session: aiohttp.ClientSession, base_url: str, rate: float) -> Calls:
    """The calls of the bot whose methods stand below an address; `rate` is in messages a second, 0 for no limit."""
    methods = "sendMessage", "editMessageText", "sendPhoto"
    send, edit, picture = (URL(f"{base_url}/{method}", encoded=True) for method in methods)
    return Calls(session, Pace(rate), send, edit, picture, call_timeout())


def refusal_of(status: int, answer: bytes) -> TelegramError:
    """The error that python-telegram-bot raises when a call is answered so."""
    description, wait = read_refusal(answer)
    if wait is not None:
        return RetryAfter(timedelta(seconds=wait))
    return MEANINGS.get(status, NetworkError)(description or f"Telegram answered {status}")


def _said(address: str, text: str, keyboard: Keyboard | None) -> dict[str, Any]:
    """What a message says, as parameters of a call."""
    said: dict[str, Any] = {"chat_id": address, "text": text, "link_preview_options": NO_PREVIEW}
    if keyboard:
        said["reply_markup"] = {"inline_keyboard": keyboard}
    return said
