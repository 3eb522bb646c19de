"""The web chat's door: what it takes, what it refuses and how it says so, and what it never shows to others."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from fixtures.killing import declaration
from PIL import Image

from bot import sentences as say
from bot.case import Case
from bot.certificates.specimens import folder
from bot.declaration.proof import PHOTO_TROUBLES
from bot.documents.photo_reading import MAX_BYTES
from handlers.channels import webchat_words
from handlers.channels.webchat import CHANNEL, COOKIE, LONGEST_TEXT
from handlers.channels.webchat_view import chrome
from handlers.pages.site import HEADERS, templates
from handlers.service import House, open_house
from handlers.settings import Settings
from storage.cases import case_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD = (folder() / "good.png").read_bytes()

Message = dict[str, Any]


@dataclass
class Open:
    """A house on loopback, and where its files lie."""

    house: House
    server: TestServer
    home: Path

    @property
    def origin(self) -> str:
        return f"http://{self.server.host}:{self.server.port}"

    def files(self, shelf: str) -> list[Path]:
        return [path for path in (self.home / shelf).rglob("*") if path.is_file()]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Open]:
    """One house for all tests of this file; every test brings travellers of its own."""
    home = tmp_path_factory.mktemp("home")
    async with open_house(Settings(_env_file=None, home=home, photo_workers=1)) as house:
        server = TestServer(house.app)
        await server.start_server()
        yield Open(house, server, home)
        await server.close()


@dataclass
class Phone:
    """A browser's side of the protocol: one cookie, and where it has read to."""

    open_: Open
    session: aiohttp.ClientSession
    last: int = 0
    ids: count[int] = field(default_factory=lambda: count(1))

    async def post(self, body: Any, path: str = "/chat/messages", **more: Any) -> tuple[int, Any]:
        """The status and the JSON that a post gets; bytes and forms go as they are."""
        sent = {"json": body} if isinstance(body, dict) else {"data": body}
        async with self.session.post(path, **sent, **more) as answer:
            return answer.status, await answer.json()

    async def hears(self) -> list[Message]:
        """The bot's messages until no turn is due."""
        said: list[Message] = []
        while True:
            async with self.session.get(f"/chat/messages?after={self.last}&wait=1") as answer:
                news = await answer.json()
            self.last = news["last"]
            said += [message for message in news["messages"] if message["from"] == "bot"]
            if said and not news["thinking"]:
                return said

    async def says(self, message: Message) -> str:
        """What the bot answers to a message."""
        status, _ = await self.post({"id": f"p{next(self.ids)}"} | message)
        assert status == 200
        return "\n".join(heard["text"] for heard in await self.hears())

    async def sends(self, content: bytes, name: str = "photo.png") -> str:
        """What the bot answers to a file."""
        status, told = await self.post(form(f"f{next(self.ids)}", content, name), "/chat/files")
        assert status == 200, told
        return "\n".join(heard["text"] for heard in await self.hears())

    async def case(self) -> Case:
        """How the memory holds this conversation."""
        token = next(cookie.value for cookie in self.session.cookie_jar if cookie.key == COOKIE)
        known = await self.open_.house.memory.read(case_of, CHANNEL, sha256(token.encode()).hexdigest())
        assert known is not None
        return known.case


def form(client: str, content: bytes, name: str = "photo.png") -> aiohttp.FormData:
    filled = aiohttp.FormData({"id": client})
    filled.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    return filled


async def new_phone(open_: Open, **headers: str) -> Phone:
    jar = aiohttp.CookieJar(unsafe=True)
    return Phone(open_, aiohttp.ClientSession(open_.origin, cookie_jar=jar, headers=headers))


@pytest_asyncio.fixture(loop_scope="module")
async def phone(open_: Open) -> AsyncIterator[Phone]:
    """A new traveller who has opened the chat."""
    phone = await new_phone(open_)
    await phone.says({"open": {"language": "en"}})
    yield phone
    await phone.session.close()


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(open_: Open) -> AsyncIterator[Phone]:
    """Another traveller with a cookie and a conversation of their own."""
    phone = await new_phone(open_)
    await phone.says({"open": {}})
    yield phone
    await phone.session.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def photographer(open_: Open) -> AsyncIterator[Phone]:
    """A traveller who has answered everything up to the certificate."""
    phone = await new_phone(open_)
    for message in declaration("Mia Keller", "C01X00T47", datetime.now(UTC), None)[:-2]:
        assert isinstance(message, dict)
        await phone.says(message)
    yield phone
    await phone.session.close()


def english(open_: Open, sentence: Any) -> str:
    return open_.house.words.say(sentence, "en")


# ---- what is refused


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://localhost:1"])
async def test_a_post_from_another_website_is_refused(phone: Phone, open_: Open, origin: str) -> None:
    for path in ("/chat/messages", "/chat/files"):
        status, told = await phone.post({"id": "m1", "text": "hi"}, path, headers={"Origin": origin})
        assert status == 403
        assert told["error"]["sentence"] == english(open_, webchat_words.FOREIGN_ORIGIN)


async def test_a_post_from_our_own_page_is_taken(phone: Phone, open_: Open) -> None:
    status, _ = await phone.post({"id": "own", "press": "consent:yes"}, headers={"Origin": open_.origin})
    assert status == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_a_body_that_is_not_json_is_refused(phone: Phone, kind: str) -> None:
    status, told = await phone.post(b'{"id": "m1", "text": "hi"}', headers={"Content-Type": kind})
    assert (status, told["error"]["code"]) == (415, "not_json")
    assert told["error"]["sentence"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"id": "m1", "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[]",
        b"null",
        b'{"id": "m1"}',
        b'{"text": "hi"}',
        b'{"id": "m1", "text": 5}',
        b'{"id": "m1", "text": "  "}',
        b'{"id": "m1", "press": ""}',
        b'{"id": "m1", "open": "yes"}',
        json.dumps({"id": "m1", "press": "x" * 65}).encode(),
        b'{"id": ' + b"9" * 10_000 + b', "text": "hi"}',
    ],
)
async def test_json_that_is_no_message_is_refused_and_the_service_lives(phone: Phone, body: bytes) -> None:
    status, told = await phone.post(body, headers={"Content-Type": "application/json"})
    assert status == 400
    assert told["error"]["sentence"]
    assert (await phone.session.get("/healthz")).status == 200


@pytest.mark.parametrize("client", ["", "../up", "a b", "x" * 65, "é", "a/b", 7, None, ["m1"]])
async def test_an_id_that_is_none_is_refused(phone: Phone, client: Any) -> None:
    status, told = await phone.post({"id": client, "text": "hi"})
    assert (status, told["error"]["code"]) in ((400, "wrong_id"), (400, "not_a_message"))


@pytest.mark.parametrize("language", ["en", "vi"])
async def test_a_text_that_is_too_long_is_refused_in_the_travellers_language(
    phone: Phone, open_: Open, language: str
) -> None:
    headers = {"Accept-Language": language}
    status, told = await phone.post({"id": "long", "text": "x" * (LONGEST_TEXT + 1)}, headers=headers)
    assert status == 413
    assert told["error"]["sentence"] == open_.house.words.say(webchat_words.TEXT_TOO_LONG, language)
    assert (await phone.post({"id": "long", "text": "x" * LONGEST_TEXT}))[0] == 200


@pytest.mark.parametrize("query", ["after=x", "after=-1", "wait=1.5", "after=٣", "after=" + "9" * 40])
async def test_a_question_for_news_with_a_wrong_number_is_refused(phone: Phone, query: str) -> None:
    async with phone.session.get(f"/chat/messages?{query}") as answer:
        assert answer.status == 400


async def test_an_unknown_button_gets_a_sentence(phone: Phone, open_: Open) -> None:
    assert english(open_, say.UNKNOWN_BUTTON) in await phone.says({"press": "nothing:at-all"})


@pytest.mark.parametrize("text", ["a\ud800b", "nul\x00byte", "\u202egnp.exe", "𝔘🏳️‍🌈" * 500, "{x.__class__} %s {0}"])
async def test_any_text_at_all_gets_an_answer(phone: Phone, text: str) -> None:
    assert await phone.says({"text": text})


# ---- files


def png_of_zeros(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel that holds nothing but zeros."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(((width + 7) // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def half_a_jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((640, 480), 80).save(out, "JPEG")
    return out.getvalue()[: len(out.getvalue()) // 2]


BOMB = png_of_zeros(12_000, 9_000)
BAD_FILES = [
    ("empty.jpg", b"", "empty"),
    ("half.jpg", half_a_jpeg(), "corrupt"),
    ("bomb.png", BOMB, "too_many_pixels"),
    ("paper.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "corrupt"),
    ("photo.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200), "corrupt"),
    ("notes.txt", b"just some words", "not_a_picture"),
    ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_a_picture"),
]


async def test_the_bomb_is_small_on_the_wire_and_vast_in_memory() -> None:
    assert len(BOMB) < 14_000


@pytest.mark.parametrize(("name", "content", "trouble"), BAD_FILES, ids=[name for name, _, _ in BAD_FILES])
async def test_a_file_that_cannot_be_used_gets_a_sentence_and_the_draft_stays(
    photographer: Phone, open_: Open, name: str, content: bytes, trouble: str
) -> None:
    before = await photographer.case()
    assert english(open_, PHOTO_TROUBLES[trouble]) in await photographer.sends(content, name)
    assert (await photographer.case()).answers == before.answers


async def test_a_file_over_the_limit_is_refused_with_a_sentence_and_the_draft_stays(
    photographer: Phone, open_: Open
) -> None:
    before = await photographer.case()
    for size in (MAX_BYTES + 1, 21 * 1024 * 1024 + MAX_BYTES):
        status, told = await photographer.post(form("large", bytes(size)), "/chat/files")
        assert status == 413
        assert told["error"]["sentence"] == english(open_, webchat_words.FILE_TOO_LARGE)
    assert await photographer.case() == before


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x", {"Content-Type": "text/plain"}, 415),
        (b"x", {"Content-Type": "multipart/form-data"}, 400),
        (b"garbage", {"Content-Type": "multipart/form-data; boundary=b"}, 400),
        (aiohttp.FormData({"id": "m1"}, default_to_multipart=True), {}, 400),
    ],
)
async def test_a_form_that_is_not_whole_is_refused(
    phone: Phone, body: Any, headers: dict[str, str], status: int
) -> None:
    got, told = await phone.post(body, "/chat/files", headers=headers)
    assert got == status
    assert told["error"]["sentence"]


async def test_a_photo_before_consent_is_not_kept(phone: Phone, open_: Open) -> None:
    kept, arrived = open_.files("photos"), open_.files("arrived")
    assert english(open_, say.CONSENT_NO_PHOTO) in await phone.sends(GOOD)
    assert (open_.files("photos"), open_.files("arrived")) == (kept, arrived)


async def test_a_photo_after_consent_is_kept_encoded_anew_and_sealed(photographer: Phone, open_: Open) -> None:
    before = set(open_.files("photos"))
    assert "genuine" in await photographer.sends(GOOD)
    (kept,) = set(open_.files("photos")) - before
    assert not kept.read_bytes().startswith((b"\xff\xd8", b"\x89PNG"))
    assert open_.files("arrived") == []


async def test_a_repeated_id_is_taken_once(phone: Phone, open_: Open) -> None:
    first = await phone.post({"id": "once", "press": "consent:yes"})
    again = await phone.post({"id": "once", "press": "consent:no"})
    assert first[1]["heard"] is not None
    assert again == (200, {"heard": None})
    await phone.hears()
    assert (await phone.case()).consent is not None
    await phone.post(form("file", GOOD), "/chat/files")
    assert (await phone.post(form("file", GOOD), "/chat/files")) == (200, {"heard": None})
    await phone.hears()
    assert open_.files("arrived") == []


# ---- what others see


async def messages_of(phone: Phone) -> list[Message]:
    async with phone.session.get("/chat/messages?after=0") as answer:
        return list((await answer.json())["messages"])


async def test_another_cookie_reads_neither_messages_nor_pictures(photographer: Phone, stranger: Phone) -> None:
    await photographer.sends(GOOD)
    mine = await messages_of(photographer)
    picture = next(message["file"]["url"] for message in reversed(mine) if message["file"])
    async with photographer.session.get(picture) as answer:
        assert (answer.status, answer.content_type) == (200, "image/jpeg")
        assert "private" in answer.headers["Cache-Control"]
    for other in (stranger, await new_phone(stranger.open_)):
        async with other.session.get(picture) as answer:
            assert answer.status == 404
        assert not {message["id"] for message in mine} & {message["id"] for message in await messages_of(other)}
        async with other.session.get(picture, headers={"Cookie": f"{COOKIE}=guessed"}) as answer:
            assert answer.status == 404
        if other is not stranger:
            await other.session.close()


async def test_the_same_ids_of_two_travellers_are_two_messages(phone: Phone, stranger: Phone) -> None:
    assert (await phone.post({"id": "same", "text": "hi"}))[1]["heard"] is not None
    assert (await stranger.post({"id": "same", "text": "hi"}))[1]["heard"] is not None


# ---- headers, cookie and page

ROUTES = [
    ("GET", "/", 302),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/metrics", 200),
    ("GET", "/static/chat.css", 200),
    ("GET", "/static/none.css", 404),
    ("GET", "/static/..%2fsite.py", 404),
    ("GET", "/chat/", 200),
    ("PUT", "/chat/", 405),
    ("GET", "/chat/messages", 200),
    ("GET", "/chat/messages?after=x", 400),
    ("POST", "/chat/messages", 415),
    ("POST", "/chat/files", 415),
    ("GET", "/chat/pictures/1", 404),
    ("GET", "/chat/pictures/x", 404),
    ("GET", f"/chat/marked/{'0' * 32}", 404),
    ("GET", "/chat/specimens/good.png", 200),
    ("GET", "/chat/specimens/trust.json", 404),
    ("GET", "/nowhere", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), ROUTES)
async def test_every_answer_carries_the_security_headers(open_: Open, method: str, path: str, status: int) -> None:
    phone = await new_phone(open_)
    async with phone.session.request(method, path, allow_redirects=False) as answer:
        assert answer.status == status
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    await phone.session.close()


async def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_the_headers_are_tried_on_every_route(open_: Open) -> None:
    tried = {path.partition("?")[0] for _, path, _ in ROUTES}
    resources: list[Any] = list(open_.house.app.router.resources())
    shown = []
    for resource in resources:
        inner = getattr(resource, "_app", None)
        shown += [one.canonical for one in inner.router.resources()] if inner else [resource.canonical]
    for canonical in shown:
        assert any(path.startswith(canonical.partition("{")[0]) for path in tried), canonical


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_websites(open_: Open) -> None:
    phone = await new_phone(open_)
    async with phone.session.get("/chat/") as answer:
        morsel = answer.cookies[COOKIE]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/chat")
    assert len(morsel.value) >= 43
    await phone.session.close()


async def test_behind_https_the_cookie_is_secure_and_the_public_address_is_ours(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path, public_url="https://declare.example", photo_workers=1)
    async with open_house(settings) as house:
        server = TestServer(house.app)
        await server.start_server()
        phone = await new_phone(Open(house, server, tmp_path))
        async with phone.session.get("/chat/") as answer:
            assert answer.cookies[COOKIE]["secure"] is True
        own = await phone.post({"id": "m1", "open": {}}, headers={"Origin": "https://declare.example"})
        foreign = await phone.post({"id": "m2", "open": {}}, headers={"Origin": "https://declare.example.evil.example"})
        assert (own[0], foreign[0]) == (200, 403)
        await phone.session.close()
        await server.close()


@pytest.mark.parametrize("language", ["en", "vi"])
async def test_the_page_is_in_the_language_of_the_browser(open_: Open, language: str) -> None:
    phone = await new_phone(open_, **{"Accept-Language": f"{language},en;q=0.5"})
    async with phone.session.get("/chat/") as answer:
        page = await answer.text()
    assert answer.content_type == "text/html"
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'<html lang="{language}" dir="ltr">' in page
    assert open_.house.words.say(webchat_words.PAGE["write_here"], language) in page
    await phone.session.close()


async def test_the_page_is_in_the_language_that_the_traveller_chose(phone: Phone) -> None:
    await phone.says({"press": "do:language-vi"})
    async with phone.session.get("/chat/", headers={"Accept-Language": "en"}) as answer:
        assert '<html lang="vi"' in await answer.text()


async def test_what_travellers_write_comes_back_as_text_and_never_in_the_page(phone: Phone) -> None:
    script = "<script>alert('x')</script><img src=x onerror=alert(1)>"
    await phone.says({"press": "consent:yes"})
    await phone.says({"text": script})
    await phone.sends(b"", '"><script>alert(2)</script>.png')
    async with phone.session.get("/chat/messages?after=0") as answer:
        assert answer.content_type == "application/json"
        told = await answer.json()
    assert script in [message["text"] for message in told["messages"]]
    async with phone.session.get("/chat/") as answer:
        assert "alert(" not in await answer.text()


async def test_the_page_escapes_every_word_it_shows(open_: Open) -> None:
    held = chrome(open_.house.words, "en", demonstration=True)
    hostile = '</script><script>alert(1)</script>" onload="alert(2)'
    held["words"] = dict.fromkeys(held["words"], hostile)
    held["specimens"] = [{"name": hostile, "label": hostile, "url": hostile}]
    page = templates.get_template("chat.html").render(**held, chrome=held)
    assert "<script>alert" not in page
    assert '" onload="' not in page
    assert page.count("</script>") == page.count("<script")
