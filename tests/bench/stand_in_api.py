"""A very fast stand-in of the Bot API in a process of its own: it answers, counts, and tells who was written to.

    python -m tests.bench.stand_in_api PORT NEWS_PORT

Whoever connects to NEWS_PORT is told the chat of every message that was sent or edited, a line each. A server that is
measured without delivery may connect there as well and write such lines itself; they are passed on to all others.
`GET /counts` gives the counts as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from typing import Final, cast

HOST: Final = "127.0.0.1"
# JSON, a form, and a form with parts: `"chat_id": 1`, `chat_id=1`, and a name, headers, an empty line and the value.
CHAT: Final = re.compile(rb'chat_id(?:=|"\s*:\s*"?|"\r\n(?:[^\r\n]+\r\n)*\r\n)(-?\d+)')
LENGTH: Final = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
SHOWING: Final = (b"sendMessage", b"editMessageText")
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
MESSAGE: Final = (
    b'{"ok":true,"result":{"message_id":%d,"date":1795478400,"chat":{"id":%b,"type":"private"},'
    b'"from":{"id":123456,"is_bot":true,"first_name":"bot"},"text":"-"}}'
)
ME: Final = (
    b'{"ok":true,"result":{"id":123456,"is_bot":true,"first_name":"bot","username":"stand_in_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
)
YES: Final = b'{"ok":true,"result":true}'


class Counts:
    """What was called how often, how many messages each chat got, and who listens for news of them."""

    def __init__(self) -> None:
        self.calls: Counter[bytes] = Counter()
        self.deliveries: Counter[bytes] = Counter()
        self.listeners: set[asyncio.Transport] = set()
        self.sent = 0
        self._news: list[bytes] = []

    def deliver(self, chat: bytes) -> int:
        """Count a message to a chat and tell the listeners soon; gives the number of the message."""
        self.sent += 1
        self.deliveries[chat] += 1
        self.tell(chat + b"\n")
        return self.sent

    def tell(self, lines: bytes) -> None:
        """Pass lines on to the listeners, those of one round of the loop together."""
        if not self._news:
            asyncio.get_running_loop().call_soon(self._flush)
        self._news.append(lines)

    def _flush(self) -> None:
        news = b"".join(self._news)
        self._news.clear()
        for listener in self.listeners:
            listener.write(news)

    def as_json(self) -> bytes:
        """The counts."""
        calls = {name.decode(): count for name, count in self.calls.items()}
        counts = {"calls": calls, "messages": self.sent, "chats": len(self.deliveries)}
        return json.dumps(counts).encode()


class Wire(asyncio.Protocol):
    """One connection of a bot."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._held = self._held + data if self._held else data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._held) < whole:
                return
            target = self._held.split(b" ", 2)[1]
            body = self._answer(target, self._held[end + 4 : whole])
            self._held = self._held[whole:]
            self._transport.write(HEAD % (len(body), body))

    def _answer(self, target: bytes, body: bytes) -> bytes:
        counts = self._counts
        if target == b"/counts":
            return counts.as_json()
        path, _, query = target.partition(b"?")
        method = path.rpartition(b"/")[2]
        counts.calls[method] += 1
        if method in SHOWING and (chat := CHAT.search(body) or CHAT.search(query)):
            return MESSAGE % (counts.deliver(chat[1]), chat[1])
        return ME if method == b"getMe" else YES


class News(asyncio.Protocol):
    """One listener, or a server that tells of steps that it took without delivering."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From now on it hears of every message."""
        self._transport = cast(asyncio.Transport, transport)
        self._counts.listeners.add(self._transport)

    def data_received(self, data: bytes) -> None:
        """Whoever tells does not listen."""
        self._counts.listeners.discard(self._transport)
        self._counts.tell(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._counts.listeners.discard(self._transport)


async def serve(port: int, news_port: int) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    counts = Counts()
    api = await loop.create_server(lambda: Wire(counts), HOST, port)
    news = await loop.create_server(lambda: News(counts), HOST, news_port)
    async with api, news:
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
