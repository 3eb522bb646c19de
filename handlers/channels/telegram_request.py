"""python-telegram-bot over the one aiohttp session that all deliveries share: its request seam, and the rare calls."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from telegram import Bot, Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import filters
from telegram.request import BaseRequest, RequestData
from yarl import URL

from handlers.channels.channel import Blocked, ChannelTrouble, Later, NoFile, Refused
from handlers.channels.telegram_wire import TooLong, exchange, read_answer, read_refusal

API: Final = "https://api.telegram.org"

CONNECT_SECONDS: Final = 5.0
"""Seconds to reach Telegram, a free connection of the pool included."""

WRITE_SECONDS: Final = 20.0
"""Seconds to hand a request over; generous, for one that carries a file."""

READ_SECONDS: Final = 10.0
"""Seconds without a byte of the answer."""

DOWNLOAD_SECONDS: Final = 60.0
"""Seconds for a whole file, so that a server that drips cannot hold a download open."""

ANSWER_LIMIT: Final = 32 * 1024**2
"""Bytes of one answer of the Bot API; a hundred updates are far below."""

FILE_LIMIT: Final = 20_000_000
"""Bytes of a file that the Bot API lets a bot download: https://core.telegram.org/bots/api#getfile"""

MESSAGES_A_SECOND: Final = 30
"""Messages a second that Telegram grants a bot: https://core.telegram.org/bots/faq#broadcasting-to-users"""

# The logger of python-telegram-bot that writes the token, and what travellers write, when the log is set to debug.
INDISCREET: Final = "telegram.Bot"

# What Telegram says when the traveller's account is gone or never wrote to this bot.
NOBODY_THERE: Final = ("chat not found", "user not found", "peer_id_invalid")

# python-telegram-bot warns each time it says how long to wait in whole seconds, unless this asks for a timedelta.
os.environ.setdefault("PTB_TIMEDELTA", "true")


class AiohttpRequest(BaseRequest):
    """Requests to the Bot API over a session that somebody else opens and closes."""

    __slots__ = ("_headers", "_session")

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._headers = {"User-Agent": self.USER_AGENT}

    @property
    def read_timeout(self) -> float | None:
        """Seconds without a byte of the answer, where a call does not say otherwise."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Nothing to do: the session is open."""

    async def shutdown(self) -> None:
        """Nothing to do: whoever opened the session closes it."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # counted within connect_timeout
    ) -> tuple[int, bytes]:
        """The status and the body of one call; TimedOut or NetworkError if there is no answer."""
        connect = _seconds(connect_timeout, CONNECT_SECONDS)
        write = _seconds(write_timeout, WRITE_SECONDS)
        read = _seconds(read_timeout, READ_SECONDS)
        total = None if None in (connect, write, read) else (connect or 0) + (write or 0) + (read or 0)
        timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect, sock_read=read)
        status, body = await exchange(
            self._session,
            method,
            url,
            headers=self._headers,
            timeout=timeout,
            most=ANSWER_LIMIT,
            **_body(request_data),
        )
        return status, body if HTTPStatus.OK <= status <= 299 else _plain_refusal(body)

    async def download(self, url: str, most: int) -> bytes:
        """The file at an address that the caller has checked, up to `most` bytes; raises NoFile or Later."""
        timeout = aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS, connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        trouble: ChannelTrouble
        try:
            status, body = await exchange(self._session, "GET", url, headers=self._headers, timeout=timeout, most=most)
        except TooLong:
            trouble = NoFile("the file is too large")
        except TelegramError as error:
            trouble = trouble_of(error)
        else:
            if status == HTTPStatus.OK:
                return body
            passing = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
            trouble = Later() if passing else NoFile(f"the platform answered {status}")
        raise trouble

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a dict that has a result; NetworkError for anything else, which is not shown to anybody."""
        return read_answer(payload)


def make_bot(request: AiohttpRequest, token: str, api: str) -> Bot:
    """A bot of python-telegram-bot over the request object."""
    logging.getLogger(INDISCREET).setLevel(logging.WARNING)
    return Bot(
        token,
        base_url=f"{api.rstrip('/')}/bot",
        base_file_url=f"{api.rstrip('/')}/file/bot",
        request=request,
        get_updates_request=request,
        local_mode=False,
    )


def call_timeout() -> aiohttp.ClientTimeout:
    """How long a call that carries no file may take."""
    total = CONNECT_SECONDS + WRITE_SECONDS + READ_SECONDS
    return aiohttp.ClientTimeout(
        total=total, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS
    )


async def raw_updates(
    bot: Bot, request: AiohttpRequest, offset: int, seconds: float, kinds: Sequence[str]
) -> list[Any]:
    """The updates from `offset` on, as JSON: one that cannot be read must not hide those after it.

    python-telegram-bot's own call reads them all or none, and logs them when it fails.
    """
    asked = URL(f"{bot.base_url}/getUpdates").with_query(
        offset=offset, timeout=seconds, allowed_updates=json.dumps(list(kinds))
    )
    updates = await request.post(str(asked), read_timeout=seconds + READ_SECONDS)
    return updates if isinstance(updates, list) else []


def is_a_note(update: dict[str, Any]) -> bool:
    """Whether the message is what Telegram itself notes in a chat; any error of python-telegram-bot if it is odd."""
    return bool(filters.StatusUpdate.ALL.check_update(Update.de_json(update)))


async def fetch_file(bot: Bot, request: AiohttpRequest, file_id: str) -> bytes:
    """The bytes of a file that was sent, from the Bot API's own shelf alone; raises Later or NoFile."""
    try:
        found = await bot.get_file(file_id)
    except BadRequest as error:
        raise NoFile(error.message) from error
    except TelegramError as error:
        raise trouble_of(error) from error
    if not found.file_path or (found.file_size or 0) > FILE_LIMIT:
        raise NoFile("the file is gone or too large")
    shelf, place = URL(f"{bot.base_file_url}/"), URL(found.file_path)
    if not place.absolute or place.origin() != shelf.origin() or not place.path.startswith(shelf.path):
        raise NoFile("the file is not where the platform keeps its files")
    return await request.download(found.file_path, FILE_LIMIT)


def trouble_of(error: TelegramError) -> ChannelTrouble:
    """What an error of the Bot API means for a channel.

    A token that is no longer good keeps the messages waiting: they can be sent once there is a good one.
    """
    match error:
        case RetryAfter():
            wait = error.retry_after
            return Later(wait.total_seconds() if isinstance(wait, timedelta) else float(wait))
        case Forbidden():
            return Blocked("the traveller has blocked the bot")
        # A BadRequest is a NetworkError to python-telegram-bot, so it is looked at first.
        case BadRequest() if any(said in error.message.casefold() for said in NOBODY_THERE):
            return Blocked("Telegram knows no such chat")
        case BadRequest():
            return Refused(error.message)
        case NetworkError() | InvalidToken():
            return Later()
    return Refused(error.message)


def _body(request_data: RequestData | None) -> dict[str, Any]:
    """What a request carries, as arguments of aiohttp: a form if there are files, else JSON."""
    if request_data is None:
        return {}
    if not request_data.contains_files:
        return {"json": request_data.parameters}
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return {"data": form}


def _seconds(given: Any, usual: float) -> float | None:
    """The time that a call asks for, or the usual one if it does not say."""
    if given is BaseRequest.DEFAULT_NONE:
        return usual
    return None if given is None else float(given)


def _plain_refusal(body: bytes) -> bytes:
    """A refusal with nothing in it but Telegram's description and how long to wait.

    python-telegram-bot would put any other page into the text of its error, and with it the address and the token.
    """
    description, wait = read_refusal(body)
    refusal: dict[str, Any] = {"ok": False, "result": None}
    if description is not None:
        refusal["description"] = description
    if wait is not None:
        refusal["parameters"] = {"retry_after": wait}
    return json.dumps(refusal).encode()
