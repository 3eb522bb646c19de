"""One exchange with the Bot API over the aiohttp session that all deliveries share, and what its answers say.

Every address of the Bot API holds the bot's token, so no error of the HTTP client leaves this file: what is raised
names the kind of trouble and nothing else, and carries no cause that a traceback could print.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from yarl import URL

LONGEST_WAIT: Final = 86_400.0
"""Seconds that a refusal may ask to wait; Telegram asks for minutes."""

# OSError: the system's own word for a cut line. ValueError and RuntimeError: aiohttp says with them that an address
# cannot be one, and that the session is closed.
_CUT: Final = (aiohttp.ClientError, OSError, ValueError, RuntimeError)


class TooLong(Exception):
    """What a server sends is longer than agreed."""


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str | URL,
    *,
    headers: Mapping[str, str],
    timeout: aiohttp.ClientTimeout,
    most: int,
    **body: Any,
) -> tuple[int, bytes]:
    """Status and body of one exchange that follows no redirect; `body` is for aiohttp.

    TimedOut or NetworkError if there is no answer, TooLong if it has more than `most` bytes.
    """
    try:
        async with session.request(
            method, url, headers=headers, timeout=timeout, allow_redirects=False, **body
        ) as response:
            return response.status, await _read(response, most)
    except TimeoutError:
        trouble: TelegramError = TimedOut()
    except _CUT as error:
        trouble = NetworkError(f"no answer from Telegram: {type(error).__name__}")
    # Raised out here, the error has neither cause nor context: both name the address.
    raise trouble


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole body; TooLong as soon as it is known to be longer than `most` bytes."""
    if (response.content_length or 0) > most:
        raise TooLong
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            raise TooLong
    return bytes(body)


def read_answer(payload: bytes) -> dict[str, Any]:
    """The answer as a dict that has a result; NetworkError for anything else, which is not shown to anybody."""
    answer = _dict_of(payload)
    if "result" not in answer:
        raise NetworkError("Telegram's answer cannot be read")
    return answer


def read_refusal(payload: bytes) -> tuple[str | None, float | None]:
    """Telegram's description of a refusal and the seconds to wait, as far as it gives them.

    What stands between us and Telegram may answer with a page that repeats the address, so nothing else is read.
    """
    answer = _dict_of(payload)
    description, parameters = answer.get("description"), answer.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return (
        description if isinstance(description, str) else None,
        min(wait, LONGEST_WAIT) if isinstance(wait, int | float) and wait > 0 else None,
    )


def _dict_of(payload: bytes) -> dict[str, Any]:
    """The JSON object; an empty one for anything else."""
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
