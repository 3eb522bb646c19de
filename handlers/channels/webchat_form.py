"""What a browser posts to the web chat, read within limits: the bytes of a message, or the form around a file."""

from __future__ import annotations

import re

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.documents.photo_reading import MAX_BYTES
from bot.words.text import Text
from handlers.channels import webchat_words as say

# The bytes of a message: far more than the longest text with all its characters written as JSON escapes.
MESSAGE_LIMIT = 1024**2
# A form has an id and a file; every further part costs time to take apart, and there is room for thousands.
MOST_PARTS = 8
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Refusal(Exception):
    """What came cannot be taken: the status, a code for programs, and a sentence for people."""

    def __init__(self, status: int, code: str, sentence: Text) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence = status, code, sentence


def client_id(client: str) -> str:
    """The client's own id of a message; Refusal if it is none."""
    if not _CLIENT_ID.fullmatch(client):
        raise Refusal(400, "wrong_id", say.NOT_UNDERSTOOD)
    return client


def storable(text: str) -> str:
    """The text without half characters and zeros, which no database can hold."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


async def read_body(request: web.Request) -> bytes:
    """The bytes of a message; Refusal as soon as they are known to be too many, however they are packed."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MESSAGE_LIMIT:
            raise Refusal(413, "too_long", say.TEXT_TOO_LONG)
    return bytes(body)


async def read_form(request: web.Request) -> tuple[str, str, bytes]:
    """The client's id, the file's name and its bytes; Refusal if the form is not whole or the file too large."""
    client, name, content = "", "", None
    try:
        form, parts = await request.multipart(), 0
        async for part in form:
            parts += 1
            if not isinstance(part, BodyPartReader) or parts > MOST_PARTS:
                raise Refusal(400, "not_a_form", say.NOT_UNDERSTOOD)
            if part.name == "id":
                client = (await part.read_chunk(128)).decode("ascii", "replace")
            elif part.name == "file":
                name = storable(part.filename or "")[-100:]
                content = await _read_file(part)
    except (ValueError, HttpProcessingError):
        # A line or a head without end: the library speaks of it as of a broken request.
        raise Refusal(400, "not_a_form", say.NOT_UNDERSTOOD) from None
    if content is None:
        raise Refusal(400, "no_file", say.NOT_UNDERSTOOD)
    return client_id(client), name, content


async def _read_file(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        content += chunk
        if len(content) > MAX_BYTES:
            raise Refusal(413, "too_large", say.FILE_TOO_LARGE)
    return bytes(content)
