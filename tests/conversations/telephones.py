"""Telephones of both channels, alike to whoever holds them."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Protocol, Self

from fixtures.house import OpenHouse
from fixtures.telegram_stand_in import Phone
from fixtures.webphone import CHANGES, WAIT_SECONDS, Message, WebPhone, lines_of

CHANNELS = ("web", "telegram")
_LOOK_AGAIN = 0.004
_chats = count(7001)


class Telephone(Protocol):
    """What a traveller holds in the hand."""

    channel: str

    @property
    def address(self) -> str: ...
    async def open(self, start: str | None = None) -> None: ...
    async def text(self, text: str) -> None: ...
    async def tap(self, label: str) -> None: ...
    async def photo(self, content: bytes) -> None: ...
    async def document(self, content: bytes, name: str, kind: str) -> None: ...
    async def heard(self, seconds: float = WAIT_SECONDS) -> Message | None: ...
    async def unheard(self) -> list[Message]: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...


def telephone(opened: OpenHouse, channel: str, language: str) -> Telephone:
    """A new traveller's telephone, on which nothing has been said yet."""
    return WebPhone(opened.url, language) if channel == "web" else TelegramPhone(opened, language)


class TelegramPhone:
    """A chat with the bot; what it says is taken from the calls of the Bot API, so that no message is passed over."""

    channel = "telegram"

    def __init__(self, opened: OpenHouse, language: str) -> None:
        self._stand_in = opened.stand_in
        self.phone = Phone(opened.stand_in, next(_chats), language)
        self._seen = len(self._stand_in.calls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    @property
    def address(self) -> str:
        """Under what the conversation is stored."""
        return str(self.phone.chat_id)

    async def open(self, start: str | None = None) -> None:
        """Start the bot, perhaps by a link that carries something."""
        await self.text(f"/start {start}" if start else "/start")

    async def text(self, text: str) -> None:
        """Write a message."""
        assert await self.phone.text(text) == 200

    async def tap(self, label: str) -> None:
        """Tap the newest button that says this."""
        assert await self.phone.tap(label) == 200

    async def photo(self, content: bytes) -> None:
        """Send a photo."""
        assert await self.phone.photo(content) == 200

    async def document(self, content: bytes, name: str, kind: str) -> None:
        """Send a file."""
        assert await self.phone.document(content, name, kind) == 200

    async def heard(self, seconds: float = WAIT_SECONDS) -> Message | None:
        """The next message, sent or edited; None if none comes in so many seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (message := self._next()) is None and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN)
        return message

    async def unheard(self) -> list[Message]:
        """The messages that are there already and have not been heard."""
        return list(iter(self._next, None))

    def _next(self) -> Message | None:
        while self._seen < len(self._stand_in.calls):
            method, params = self._stand_in.calls[self._seen]
            self._seen += 1
            if method in ("sendMessage", "editMessageText") and str(params["chat_id"]) == self.address:
                return _message(params)
        return None


def _message(params: dict[str, object]) -> Message:
    """The message of a call; the summary stands at its end, a line for each button that changes one."""
    markup = params.get("reply_markup")
    keyboard = markup["inline_keyboard"] if isinstance(markup, dict) else []
    labels = [button["text"] for row in keyboard for button in row]
    changes = [label.removeprefix(CHANGES) for label in labels if label.startswith(CHANGES)]
    text = str(params["text"])
    body, rows = text, ""
    if changes:
        place = text.index(f"\n\n{changes[0]}: ")
        body, rows = text[:place], text[place:]
    others = tuple(label for label in labels if not label.startswith(CHANGES))
    return Message(lines_of(body), lines_of(rows), others)
