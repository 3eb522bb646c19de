"""Overload at the doors: who waits, who reads slowly and who asks for too much costs the others nothing."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web
from fixtures.house import OpenHouse
from fixtures.webphone import WebPhone

from handlers import serving
from tests.attacks.lines import request, said_to, status_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAITING = 200
SLOW = 100


async def test_hundreds_who_wait_for_news_hold_nobody_up(open_house_on_loopback: OpenHouse) -> None:
    url = open_house_on_loopback.url
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def wait(number: int) -> int:
            headers = {"Cookie": f"khaibao=waits-{number % 20}"}
            async with session.get("/chat/messages?wait=4", headers=headers) as answer:
                return answer.status

        waiting = [asyncio.create_task(wait(number)) for number in range(WAITING)]
        await asyncio.sleep(0.1)
        async with WebPhone(url, "en") as phone:
            await phone.open()
            assert await phone.heard() is not None
        # Somebody was answered while all of them still waited.
        assert sum(task.done() for task in waiting) == 0
        assert set(await asyncio.gather(*waiting)) == {200}


@pytest.mark.parametrize("wait", ["26", "99999999999", "999999999999999999"])
async def test_nobody_may_wait_longer_than_the_limit(open_house_on_loopback: OpenHouse, wait: str) -> None:
    from handlers.channels import webchat

    assert webchat.LONGEST_WAIT <= 30
    async with aiohttp.ClientSession(open_house_on_loopback.url) as session:
        query = {"wait": wait, "thinking": "1"}
        async with session.get("/chat/messages", params=query) as answer:
            # What the page shows has changed already, so that this test need not wait either.
            assert answer.status == 200


async def test_who_sends_slowly_or_never_reads_holds_nobody_up(open_house_on_loopback: OpenHouse) -> None:
    url = open_house_on_loopback.url
    port = int(url.rpartition(":")[2])
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(SLOW)]
    try:
        for number, (_, writer) in enumerate(lines):
            half = request("POST", "/chat/messages", b"", {"Content-Length": "900", "Content-Type": "application/json"})
            never_read = request("GET", "/static/chat.js").replace(b"Connection: close\r\n", b"") * 20
            writer.write((half, half[:-30], never_read)[number % 3])
        await asyncio.sleep(0.1)
        async with WebPhone(url, "en") as phone:
            await phone.open()
            assert await phone.heard() is not None
    finally:
        for _, writer in lines:
            writer.transport.abort()


async def test_a_line_on_which_nothing_is_asked_is_closed() -> None:
    # A service that listens itself closes them after `IDLE_SECONDS`; the same server does it here in no time.
    assert serving.IDLE_SECONDS <= 120
    runner = web.AppRunner(web.Application(), access_log=None, keepalive_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        silent, half = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        half[1].write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
        async with asyncio.timeout(10):
            # The end of a line is all that is read from it.
            assert await silent[0].read() == await half[0].read() == b""
        for _, writer in (silent, half):
            writer.close()
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("path", "kind"), [("/chat/messages", "application/json"), ("/telegram/webhook", "text/plain")]
)
async def test_a_message_beyond_its_limit_is_refused_before_it_is_read(
    open_house_on_loopback: OpenHouse, path: str, kind: str
) -> None:
    headers = {"Content-Type": kind, "X-Telegram-Bot-Api-Secret-Token": "the-secret-of-the-webhook"}
    answer = await said_to(open_house_on_loopback.url, request("POST", path, b'"' * (3 * 1024**2), headers))
    assert status_of(answer) == 413
