"""Posts that attack the doors: the service refuses them with a plain status, stores nothing, and goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from fixtures.house import OpenHouse
from fixtures.telegram_stand_in import Phone

from handlers.channels.telegram import WEBHOOK_PATH
from handlers.channels.telegram_door import SECRET_HEADER
from handlers.pages import site
from tests.attacks.hostile_pictures import bomb
from tests.attacks.lines import request, said_to, status_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "the-secret-of-the-webhook"
MEGABYTE = 1024**2
DEEP = b"[" * 100_000
JSON = {"Content-Type": "application/json"}
TO_TELEGRAM = {SECRET_HEADER: SECRET, **JSON}


async def lives(opened: OpenHouse) -> None:
    """The service answers as if nothing had been."""
    assert status_of(await said_to(opened.url, request("GET", "/healthz"))) == 200


# ---- the secret


@pytest.mark.parametrize(
    "secret",
    [b"", b" ", b"\xff\xfe", "bí-mật".encode(), b"\xed\xa0\x80", SECRET.encode() + b"\xa0", SECRET.encode()[:-1], b"*"],
)
async def test_the_secret_is_compared_byte_for_byte(open_house_on_loopback: OpenHouse, secret: bytes) -> None:
    update = json.dumps({"update_id": 1}).encode()
    answer = await said_to(
        open_house_on_loopback.url, request("POST", WEBHOOK_PATH, update, {SECRET_HEADER: secret, **JSON})
    )
    assert status_of(answer) == 403
    assert SECRET.encode() not in answer


async def test_the_secret_in_another_place_opens_nothing(open_house_on_loopback: OpenHouse) -> None:
    url = open_house_on_loopback.url
    for path, headers in (
        (f"{WEBHOOK_PATH}?{SECRET_HEADER}={SECRET}", {}),
        (f"{WEBHOOK_PATH}?secret_token={SECRET}", {}),
        (WEBHOOK_PATH, {"Authorization": f"Bearer {SECRET}"}),
        (WEBHOOK_PATH, {"Cookie": f"{SECRET_HEADER}={SECRET}"}),
        (WEBHOOK_PATH, {SECRET_HEADER + "s": SECRET}),
    ):
        assert status_of(await said_to(url, request("POST", path, b"{}", headers | JSON))) == 403
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        assert status_of(await said_to(url, request(method, WEBHOOK_PATH, b"{}", TO_TELEGRAM))) == 405


async def test_of_two_secrets_a_wrong_first_one_is_not_helped_by_a_right_second(
    open_house_on_loopback: OpenHouse,
) -> None:
    twice = request("POST", WEBHOOK_PATH, b"{}", {SECRET_HEADER: f"wrong\r\n{SECRET_HEADER}: {SECRET}"})
    assert status_of(await said_to(open_house_on_loopback.url, twice)) in (400, 403)


# ---- replay


async def test_an_old_body_that_comes_again_is_taken_once_whatever_else_it_says(
    open_house_on_loopback: OpenHouse,
) -> None:
    opened = open_house_on_loopback
    phone = Phone(opened.stand_in, 66_001)
    assert await phone.text("/start") == 200
    await phone.reply()
    before, old = len(phone.screen), opened.stand_in.updates[-1]
    forged = json.loads(json.dumps(old))
    forged["message"]["text"] = "/restart"
    async with aiohttp.ClientSession(opened.url) as session:
        for body in (old, old, forged):
            async with session.post(WEBHOOK_PATH, json=body, headers={SECRET_HEADER: SECRET}) as answer:
                assert answer.status == 200
    assert await phone.text("help") == 200
    await phone.reply()
    # Of four posts, one new message was answered.
    assert len(phone.screen) == before + 1


# ---- bodies


BODIES = {
    "100,000 deep": DEEP,
    "a megabyte 100,000 deep": DEEP + b" " * (MEGABYTE - 200_000) + b"]" * 100_000,
    "a megabyte of maps": b'{"a":' * 100_000 + b" " * (MEGABYTE - 500_000),
    "a megabyte of quotes": b'"' + b"\\u0022" * 170_000 + b'"',
    "a number of a million digits": b"1" * (MEGABYTE - 1),
    "not a number": b"NaN",
    "half a character": b'{"id": "\xed\xa0\x80"}',
    "UTF-16": '{"id": "a"}'.encode("utf-16"),
    "an address": b"http://127.0.0.1/",
    "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "a pickle": b"\x80\x04\x95\x1f\x00\x00\x00cos\nsystem\n(S'true'\ntR.",
}


LET_GO = ("UTF-16", "half a character")


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", [WEBHOOK_PATH, "/chat/messages"])
async def test_a_body_that_is_no_message_is_refused_and_the_service_lives(
    open_house_on_loopback: OpenHouse, path: str, name: str
) -> None:
    answer = await said_to(open_house_on_loopback.url, request("POST", path, BODIES[name], TO_TELEGRAM))
    # Telegram's door reads two of them as updates of no known kind, and lets those go.
    assert status_of(answer) in ((200, 400) if name in LET_GO and path == WEBHOOK_PATH else (400,))
    await lives(open_house_on_loopback)


@pytest.mark.parametrize("kind", ["nonsense", "hex", "utf-7", "idna", "punycode", "unicode_escape", "undefined", ""])
async def test_what_a_body_says_of_its_letters_makes_no_trouble(open_house_on_loopback: OpenHouse, kind: str) -> None:
    body = b'{"id": "charset", "text": "hi"}'
    for path in ("/chat/messages", WEBHOOK_PATH):
        headers = TO_TELEGRAM | {"Content-Type": f"application/json; charset={kind}"}
        assert status_of(await said_to(open_house_on_loopback.url, request("POST", path, body, headers))) == 200


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/html", "multipart/form-data", "application/x-www-form-urlencoded"]
)
async def test_a_form_of_another_website_cannot_dress_as_a_message(
    open_house_on_loopback: OpenHouse, kind: str
) -> None:
    # A page elsewhere can post these kinds without asking the browser's leave first.
    body = b'{"id": "simple", "text": "hi"}'
    answer = await said_to(open_house_on_loopback.url, request("POST", "/chat/messages", body, {"Content-Type": kind}))
    assert status_of(answer) == 415


async def test_of_two_equal_keys_the_last_counts_everywhere(open_house_on_loopback: OpenHouse) -> None:
    async with aiohttp.ClientSession(open_house_on_loopback.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        body = b'{"id": "first", "id": "second", "text": "one", "text": "two"}'
        async with session.post("/chat/messages", data=body, headers=JSON) as answer:
            assert answer.status == 200
        async with session.get("/chat/messages?wait=5") as answer:
            told = (await answer.json())["messages"][0]
    assert (told["client"], told["text"]) == ("second", "two")


@pytest.mark.parametrize("path", [WEBHOOK_PATH, "/chat/messages", "/chat/files"])
@pytest.mark.parametrize("coding", ["deflate", "gzip", "br", "zstd", "nonsense"])
async def test_a_body_that_inflates_to_a_gigabyte_is_refused(
    open_house_on_loopback: OpenHouse, path: str, coding: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = TO_TELEGRAM | {"Content-Encoding": coding}
    if path == "/chat/files":
        headers |= {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await said_to(open_house_on_loopback.url, request("POST", path, bomb(40), headers))
    assert status_of(answer) in (400, 413)
    await lives(open_house_on_loopback)
    if coding in ("deflate", "gzip"):
        assert not [record for record in caplog.records if record.levelname == "ERROR"]


# ---- forms

PART = b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\nv\r\n'
FORMS = {
    "twenty thousand parts": PART * 20_000 + b"--x--\r\n",
    "a part with no end of heads": b"--x\r\n" + b"X-Head: 1\r\n" * 20_000 + b"\r\n\r\n--x--\r\n",
    "a head of a megabyte": b"--x\r\nX-Head: " + b"a" * MEGABYTE + b"\r\n\r\n\r\n--x--\r\n",
    "a line of two megabytes before it": b"a" * 2 * MEGABYTE + b"\r\n--x--\r\n",
    "nothing but the boundary": b"--x\r\n" * 50_000,
    "a form in a form": b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 500,
    "a part in another coding": PART.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!")
    + b"--x--",
    "no form at all": b"\0" * MEGABYTE,
    "cut off": FILE % b"a.png",
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_that_is_none_is_refused_and_the_service_lives(
    open_house_on_loopback: OpenHouse, name: str
) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/mixed; boundary=x"):
        sent = request("POST", "/chat/files", FORMS[name], {"Content-Type": kind})
        answer = await said_to(open_house_on_loopback.url, sent)
        assert status_of(answer) == 400, answer[:300]
        assert b"sentence" in answer
    await lives(open_house_on_loopback)


# ---- lines


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Head: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Head: a\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Head : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Head: a\x00b\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"\0" * 70_000,
        b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    ],
)
async def test_a_request_that_is_malformed_is_refused_without_a_second_one_slipping_in(
    open_house_on_loopback: OpenHouse, head: bytes
) -> None:
    behind = request("GET", "/healthz")
    answer = await said_to(open_house_on_loopback.url, head + behind)
    assert status_of(answer) in (400, 415)
    assert answer.count(b"HTTP/1.1 200") == 0
    await lives(open_house_on_loopback)


@pytest.mark.parametrize("path", [WEBHOOK_PATH, "/chat/messages", "/chat/files"])
async def test_a_body_that_drips_is_given_up(
    open_house_on_loopback: OpenHouse, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "LOOK_SECONDS", 0.2)
    headers = TO_TELEGRAM | {"Content-Length": "100000"}
    if path == "/chat/files":
        headers |= {"Content-Type": "multipart/form-data; boundary=x"}
    whole = request("POST", path, FILE % b"a.png", headers)
    answer = await said_to(open_house_on_loopback.url, whole, *[b"a"] * 50, pause=0.05)
    # The line is closed either way; with more bytes under way the refusal may not come through.
    assert status_of(answer) in (408, 0)
    await lives(open_house_on_loopback)


async def test_a_body_without_end_is_given_up(
    open_house_on_loopback: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(site, "MOST_BYTES", MEGABYTE)
    monkeypatch.setattr(site, "LEAST_BYTES", 1)
    head = request("POST", "/chat/files", b"", {"Content-Type": "multipart/form-data; boundary=x"})
    head = head.replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    line = b"8000\r\n" + (b"\r\n" * 0x4000) + b"\r\n"
    answer = await said_to(open_house_on_loopback.url, head, *[line] * 120, pause=0.002)
    # The line is closed either way; with more bytes under way the refusal may not come through.
    assert status_of(answer) in (408, 0)
    await lives(open_house_on_loopback)


async def test_a_line_that_is_cut_in_the_middle_of_a_body_is_no_error(
    open_house_on_loopback: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    where = open_house_on_loopback.url.rpartition(":")[2]
    for path in (WEBHOOK_PATH, "/chat/messages", "/chat/files"):
        headers: dict[str, Any] = TO_TELEGRAM | {"Content-Length": "1000"}
        if path == "/chat/files":
            headers |= {"Content-Type": "multipart/form-data; boundary=x"}
        _, writer = await asyncio.open_connection("127.0.0.1", int(where))
        writer.write(request("POST", path, b"--x\r\n", headers))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
    await asyncio.sleep(0.1)
    await lives(open_house_on_loopback)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
