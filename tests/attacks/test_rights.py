"""Rights: every route of the application, tried with no cookie, a stranger's and a made-up one, gives nothing away."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from fixtures.house import OpenHouse
from fixtures.webphone import WebPhone

from bot.certificates.specimens import folder
from handlers.pages.site import HEADERS
from storage.cases import case_of
from storage.photos import PhotoRow, kept_photo, marked_photo, record_photo

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKED = "Keller-of-the-first-case"
GOOD = (folder() / "good.png").read_bytes()
FOREIGN = {"Origin": "https://evil.example"}

# What whoever is not the owner of a case gets, by route: the status, or how each route is open to everybody.
OPEN = "open to everybody, and without a word of any case"
OWN = "about the caller's own case alone"
RULES: dict[tuple[str, str], tuple[str, int]] = {
    ("GET", "/"): (OPEN, 302),
    ("GET", "/static/{name}"): (OPEN, 404),
    ("GET", "/healthz"): (OPEN, 200),
    ("GET", "/readyz"): (OPEN, 200),
    ("GET", "/metrics"): ("for machines with a token or on this machine", 404),
    ("POST", "/telegram/webhook"): ("for whoever knows the secret", 403),
    ("GET", "/chat/"): (OWN, 200),
    ("GET", "/chat/messages"): (OWN, 200),
    ("POST", "/chat/messages"): (OWN, 200),
    ("POST", "/chat/files"): (OWN, 200),
    ("GET", "/chat/pictures/{row}"): (OWN, 404),
    ("GET", "/chat/marked/{photo}"): (OWN, 404),
}


def routes_of(app: web.Application) -> Iterator[tuple[str, str]]:
    """Every method and path that the application answers."""
    for resource in app.router.resources():
        inner = getattr(resource, "_app", None)
        if inner is not None:
            yield from routes_of(inner)
        else:
            yield from ((route.method, resource.canonical) for route in resource if route.method != "HEAD")


@dataclass
class Case:
    """A traveller with a photo, and everything that must stay theirs."""

    phone: WebPhone
    pictures: list[str]
    rows: list[int] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def case(open_house_on_loopback: OpenHouse) -> AsyncIterator[Case]:
    """A traveller whose case holds marked words and a photo."""
    async with WebPhone(open_house_on_loopback.url, "en") as phone:
        await phone.open()
        await phone.heard()
        for word in ("yes", MARKED):
            await phone.text(word)
            await phone.heard()
        await phone.document(GOOD, f"{MARKED}.png", "image/png")
        await phone.heard()
        async with phone._session.get("/chat/messages?after=0") as answer:
            told = (await answer.json())["messages"]
        await phone.unheard()
        yield Case(phone, [one["file"]["url"] for one in told if one["file"]], [one["id"] for one in told])


async def test_every_route_has_a_rule_and_every_rule_a_route(open_house_on_loopback: OpenHouse) -> None:
    assert set(routes_of(open_house_on_loopback.house.app)) == set(RULES)


@pytest.mark.parametrize("cookie", [None, "", "guessed", "stranger", '"; path=/', "../../etc/passwd", "\u202e"])
@pytest.mark.parametrize("route", RULES, ids=" ".join)
async def test_whoever_is_not_the_owner_gets_nothing_of_a_case(
    open_house_on_loopback: OpenHouse, case: Case, route: tuple[str, str], cookie: str | None
) -> None:
    method, path = route
    rule, status = RULES[route]
    headers = {} if cookie is None else {"Cookie": f"khaibao={cookie}"}
    async with aiohttp.ClientSession(open_house_on_loopback.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        for row in case.rows if "{row}" in path else [0]:
            body: dict[str, Any] = {}
            if method == "POST":
                body = {"json": {"id": "r1", "open": {}}} if not path.endswith("files") else {"data": _form()}
            filled = path.replace("{row}", str(row)).replace("{name}", "none.css").replace("{photo}", "0" * 32)
            async with session.request(method, filled, headers=headers, allow_redirects=False, **body) as answer:
                content = await answer.read()
                assert answer.status == status, rule
                assert MARKED.encode() not in content
                assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def _form() -> aiohttp.FormData:
    form = aiohttp.FormData({"id": "r2"})
    form.add_field("file", b"", filename="a.png")
    return form


async def test_the_owner_has_the_picture_and_nobody_else(open_house_on_loopback: OpenHouse, case: Case) -> None:
    assert case.pictures
    async with WebPhone(open_house_on_loopback.url, "en") as stranger:
        await stranger.open()
        await stranger.heard()
        for url in case.pictures:
            async with stranger._session.get(url) as answer:
                assert answer.status == 404


async def test_a_marked_picture_is_shown_to_the_owner_and_to_nobody_else(
    open_house_on_loopback: OpenHouse, case: Case
) -> None:
    house, photo = open_house_on_loopback.house, marked_photo(kept_photo("somebody", 1))
    known = await house.memory.read(case_of, "web", case.phone.address)
    assert known is not None
    house.timetable.kept.put(b"a marked picture", photo)
    row = PhotoRow(photo, known.case_id, open_house_on_loopback.clock(), date(2099, 1, 1), "image/jpeg", 16)
    await house.memory.write(record_photo, row)
    async with WebPhone(open_house_on_loopback.url, "en") as stranger:
        await stranger.open()
        await stranger.heard()
        for phone, status in ((case.phone, 200), (stranger, 404)):
            async with phone._session.get(f"/chat/marked/{photo}") as answer:
                assert answer.status == status


async def test_the_address_in_the_database_is_no_key_to_the_conversation(
    open_house_on_loopback: OpenHouse, case: Case
) -> None:
    headers = {"Cookie": f"khaibao={case.phone.address}"}
    async with aiohttp.request("GET", f"{open_house_on_loopback.url}/chat/messages?after=0", headers=headers) as answer:
        assert (await answer.json())["messages"] == []


async def test_an_update_of_telegram_reaches_no_case_of_the_web_chat(
    open_house_on_loopback: OpenHouse, case: Case
) -> None:
    opened = open_house_on_loopback
    update = {"update_id": 9_000_001, "message": {"message_id": 1, "date": 1795478400, "text": "edit"}}
    update["message"] |= {"chat": {"id": case.phone.address, "type": "private"}}  # type: ignore[operator]
    async with aiohttp.ClientSession(opened.url) as session:
        secret = {"X-Telegram-Bot-Api-Secret-Token": "the-secret-of-the-webhook"}
        async with session.post("/telegram/webhook", json=update, headers=secret) as answer:
            assert answer.status == 200
    assert await case.phone.unheard() == []


# ---- other websites


async def test_what_another_website_posts_is_refused_and_says_nothing(
    open_house_on_loopback: OpenHouse, case: Case
) -> None:
    session = case.phone._session
    elsewhere = [
        FOREIGN,
        {"Origin": "null"},
        {"Origin": open_house_on_loopback.url + ".evil.example"},
        {"Origin": open_house_on_loopback.url.replace("http:", "https:")},
        # Without an origin, the browser's own word on where a request comes from counts.
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        FOREIGN | {"Sec-Fetch-Site": "same-origin"},
        FOREIGN | {"X-Forwarded-Host": "evil.example"},
        FOREIGN | {"Referer": open_house_on_loopback.url},
    ]
    for headers in elsewhere:
        for path, body in (
            ("/chat/messages", {"json": {"id": "x1", "text": "restart"}}),
            ("/chat/files", {"data": _form()}),
        ):
            async with session.post(path, headers=headers, **body) as answer:
                told = await answer.json()
                assert (answer.status, told["error"]["code"]) == (403, "foreign_origin"), headers
                assert "Set-Cookie" not in answer.headers
    assert await case.phone.unheard() == []


@pytest.mark.parametrize("said", [{}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_own_page_and_programs_without_an_origin_may_post(
    open_house_on_loopback: OpenHouse, said: dict[str, str]
) -> None:
    url, message = f"{open_house_on_loopback.url}/chat/messages", {"id": "o1", "open": {}}
    async with aiohttp.request("POST", url, json=message, headers=said) as answer:
        assert answer.status == 200
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_no_other_website_may_ask_what_it_may_do(open_house_on_loopback: OpenHouse) -> None:
    asked = FOREIGN | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with aiohttp.ClientSession(open_house_on_loopback.url) as session:
        for _, path in RULES:
            async with session.options(re.sub(r"{\w+}", "1", path), headers=asked) as answer:
                assert answer.status in (404, 405)
                assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_an_error_that_nobody_foresaw_has_the_headers_and_tells_nothing() -> None:
    from aiohttp.test_utils import TestClient, TestServer

    from handlers.pages import site

    async def fails(_request: web.Request) -> web.Response:
        raise RuntimeError(MARKED)

    app = site.application()
    app.router.add_get("/fails", fails)
    async with TestClient(TestServer(app)) as client:
        for accept in ("text/html", "application/json", "*/*"):
            async with client.get("/fails", headers={"Accept": accept}) as answer:
                assert answer.status == 500
                assert MARKED not in await answer.text()
                assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_every_answer_of_the_protocol_is_json_that_no_page_can_take_for_a_script(
    open_house_on_loopback: OpenHouse, case: Case
) -> None:
    async with case.phone._session.get("/chat/messages?after=0&callback=alert") as answer:
        assert answer.content_type == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert isinstance(json.loads(await answer.text()), dict)
