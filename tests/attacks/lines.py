"""Bare lines to the service: bytes go out as they are, and whatever comes back is given."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

LONGEST_SECONDS = 20.0


async def said_to(url: str, *parts: bytes, pause: float = 0.0) -> bytes:
    """All that the service at `url` says until it closes the line, after these bytes with a pause between them."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            heard = asyncio.ensure_future(reader.read())
            for part in parts:
                writer.write(part)
                with suppress(ConnectionError):
                    await writer.drain()
                await asyncio.wait({heard}, timeout=pause)
            with suppress(ConnectionError):
                return await heard
            return b""
    finally:
        writer.close()


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, bytes | str] = {}) -> bytes:
    """A request as it stands on the wire, after which the line is to be closed."""
    told: dict[str, bytes | str] = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body))}
    told |= headers
    lines = [
        name.encode() + b": " + (held if isinstance(held, bytes) else held.encode()) for name, held in told.items()
    ]
    return b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *lines, b"", body])


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 if there was none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0
