"""The web chat: a page for phones, and the JSON protocol under `/chat/` that it and any program can speak."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from aiohttp import web

from bot.documents.photo_reading import MAX_BYTES
from bot.messages import PRESS_LIMIT, Incoming, Opened, Pressed, Sent, Typed
from bot.words.catalog import SOURCE_LANGUAGE, Words, language_for
from handlers.bells import Bells
from handlers.channels import webchat_words as say
from handlers.channels.channel import NoFile, Shipment
from handlers.channels.webchat_form import Refusal, client_id, read_body, read_form, storable
from handlers.channels.webchat_view import SPECIMENS, chrome, news, view
from handlers.pages.site import same_origin, templates
from storage.cases import case_of
from storage.faults import MemoryFault
from storage.memory import Memory
from storage.photos import PhotoMissing, Shelf, kept_photo, photo_row
from storage.transcript import Arrival, Taken

CHANNEL = "web"
COOKIE = "khaibao"
# A traveller who comes back within half a year finds the conversation.
COOKIE_SECONDS = 180 * 24 * 3600
# The longest message taken in; the dialogue itself wants far less.
LONGEST_TEXT = 4096
# How long a question for news may be kept waiting.
LONGEST_WAIT = 25.0
# The bell may not be heard from another process; what it wrote is found by looking this often.
LOOK_AGAIN = 2.0
# A form around a file is not much larger than the file.
BODY_LIMIT = MAX_BYTES + 64 * 1024


@dataclass(frozen=True, slots=True)
class WebChat:
    """The web chat's door; what is said is shown as soon as the transcript has it, for browsers fetch it there."""

    memory: Memory
    arrived: Shelf
    kept: Shelf
    words: Words
    bells: Bells
    take: Callable[[Arrival], Awaitable[Taken]]
    now: Callable[[], datetime]
    demonstration: bool
    public_url: str | None = None
    name: str = CHANNEL

    async def show(self, shipment: Shipment) -> str | None:
        """Nothing is to be sent: the browser asks."""
        return None

    async def fetch(self, platform_file: str) -> bytes:
        """Files of the web chat come with their bytes and are never fetched."""
        raise NoFile("the web chat has no files elsewhere")

    def application(self) -> web.Application:
        """The routes under `/chat/`."""
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[self._told])
        app.router.add_get("/", self._page)
        app.router.add_post("/messages", self._hear)
        app.router.add_post("/files", self._hear_file)
        app.router.add_get("/messages", self._news)
        app.router.add_get("/pictures/{row:[0-9]{1,18}}", self._picture)
        app.router.add_get("/marked/{photo:[0-9a-f]{32}}", self._marked)
        if self.demonstration:
            app.router.add_get("/specimens/{name}", self._specimen)
        return app

    @web.middleware
    async def _told(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Say in the traveller's language why something is refused."""
        try:
            if request.method == "POST" and not same_origin(request, self.public_url):
                raise Refusal(403, "foreign_origin", say.FOREIGN_ORIGIN)
            return await handler(request)  # type: ignore[no-any-return]
        except Refusal as refusal:
            return self._refused(request, refusal)
        except web.HTTPRequestEntityTooLarge:
            return self._refused(request, Refusal(413, "too_large", say.FILE_TOO_LARGE))
        except MemoryFault:
            return self._refused(request, Refusal(503, "try_again", say.TRY_AGAIN))

    def _refused(self, request: web.Request, refusal: Refusal) -> web.Response:
        sentence = self.words.say(refusal.sentence, _language(request))
        headers = {"Retry-After": "2"} if refusal.status == 503 else {}
        body = {"error": {"code": refusal.code, "sentence": sentence}}
        return web.json_response(body, status=refusal.status, headers=headers)

    async def _page(self, request: web.Request) -> web.Response:
        language = _language(request)
        token = request.cookies.get(COOKIE)
        known = await self.memory.read(case_of, CHANNEL, _address(token)) if token else None
        if known:
            language = known.case.language
        held = chrome(self.words, language, self.demonstration)
        page = templates.get_template("chat.html").render(**held, chrome=held)
        response = web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})
        self._remember(request, response, token or _new_token())
        return response

    async def _hear(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise Refusal(415, "not_json", say.NOT_UNDERSTOOD)
        try:
            # JSON is UTF-8 (RFC 8259, 8.1), whatever else a client says.
            body = json.loads(await read_body(request))
        except (ValueError, RecursionError):
            raise Refusal(400, "not_json", say.NOT_UNDERSTOOD) from None
        return await self._take(request, *_read_message(body))

    async def _hear_file(self, request: web.Request) -> web.Response:
        if not request.content_type.startswith("multipart/"):
            raise Refusal(415, "not_multipart", say.NOT_UNDERSTOOD)
        client, name, content = await read_form(request)
        photo = uuid4().hex
        await asyncio.to_thread(self.arrived.put, content, photo)
        sent = Sent(photo, None, name, len(content))
        return await self._take(request, client, sent)

    async def _take(self, request: web.Request, client: str, message: Incoming) -> web.Response:
        token = request.cookies.get(COOKIE) or _new_token()
        address = _address(token)
        language = message.language if isinstance(message, Opened) else None
        arrival = Arrival(
            channel=CHANNEL,
            external_id=f"{address[:24]}/{client}",
            address=address,
            message=message,
            at=self.now(),
            language=language_for(language) or _language(request),
        )
        taken = await self.take(arrival)
        # Whoever waits for news of an address that had no case yet hears that there is one.
        self.bells.ring(address)
        if taken.row is None and isinstance(message, Sent) and message.photo:
            await asyncio.to_thread(self.arrived.remove, message.photo)
        response = web.json_response({"heard": taken.row})
        self._remember(request, response, token)
        return response

    async def _news(self, request: web.Request) -> web.Response:
        after, wait = _number(request, "after"), min(_number(request, "wait"), LONGEST_WAIT)
        token = request.cookies.get(COOKIE)
        address = _address(token) if token else ""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        found = await self.memory.read(news, CHANNEL, address, after)
        # What the page shows now; a program that does not say learns of a change from here on.
        was_thinking = request.query["thinking"] == "1" if "thinking" in request.query else found.thinking
        with self.bells.listen(found.case_id or address) as bell:
            while not found.entries and found.thinking == was_thinking and (left := until - loop.time()) > 0:
                if self.bells.closed:
                    break  # The house closes: the page asks again, and another process or the next start answers.
                # Listened before it is read, so that nothing rings unheard between the two.
                bell.clear()
                found = await self.memory.read(news, CHANNEL, address, after)
                if not found.entries and found.thinking == was_thinking:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(bell.wait(), min(left, LOOK_AGAIN))
        spoken = request.query.get("language")
        answer = view(found, self.words, after, _language(request), said_in=spoken)
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    async def _picture(self, request: web.Request) -> web.Response:
        case_id = await self._case_id(request)
        return await self._kept(kept_photo(case_id, int(request.match_info["row"])))

    async def _marked(self, request: web.Request) -> web.Response:
        photo, case_id = request.match_info["photo"], await self._case_id(request)
        row = await self.memory.read(photo_row, photo)
        if row is None or row.case_id != case_id:
            raise web.HTTPNotFound
        return await self._kept(photo)

    async def _case_id(self, request: web.Request) -> str:
        """The case of whoever asks; 404 without one."""
        token = request.cookies.get(COOKIE)
        known = await self.memory.read(case_of, CHANNEL, _address(token)) if token else None
        if known is None:
            raise web.HTTPNotFound
        return known.case_id

    async def _kept(self, photo: str) -> web.Response:
        """A picture that was kept and belongs to whoever asks; 404 if it is gone."""
        try:
            picture = await asyncio.to_thread(self.kept.get, photo)
        except PhotoMissing:
            raise web.HTTPNotFound from None
        headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
        return web.Response(body=picture, content_type="image/jpeg", headers=headers)

    async def _specimen(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in SPECIMENS:
            raise web.HTTPNotFound
        return web.FileResponse(SPECIMENS[name].path)

    def _remember(self, request: web.Request, response: web.Response, token: str) -> None:
        secure = request.secure or (self.public_url or "").startswith("https://")
        response.set_cookie(
            COOKIE, token, max_age=COOKIE_SECONDS, path="/chat", httponly=True, samesite="Lax", secure=secure
        )


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _address(token: str) -> str:
    """The address is a digest: who reads the database cannot take over a conversation."""
    return sha256(token.encode()).hexdigest()


def _language(request: web.Request) -> str:
    """The language that the page speaks or the browser prefers, else English."""
    wanted = [request.query.get("language", "")]
    wanted += [part.partition(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]
    return next((ours for one in wanted if (ours := language_for(one))), SOURCE_LANGUAGE)


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Refusal(400, "not_a_number", say.NOT_UNDERSTOOD)
    return int(text)


def _read_message(body: Any) -> tuple[str, Incoming]:
    """The client's id and the message of a posted body; Refusal if it is none."""
    match body:
        case {"id": str(client), "text": str(text)} if text.strip():
            if len(text) > LONGEST_TEXT:
                raise Refusal(413, "too_long", say.TEXT_TOO_LONG)
            message: Incoming = Typed(storable(text))
        case {"id": str(client), "press": str(press)} if 0 < len(press.encode("utf-8", "replace")) <= PRESS_LIMIT:
            message = Pressed(storable(press))
        case {"id": str(client), "open": {} as opened}:
            message = Opened(_short(opened.get("language")), _short(opened.get("start")))
        case _:
            raise Refusal(400, "not_a_message", say.NOT_UNDERSTOOD)
    return client_id(client), message


def _short(held: Any) -> str | None:
    return storable(held) if isinstance(held, str) and len(held) <= 64 else None
