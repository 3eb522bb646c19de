"""Logs and files: after a whole talk nothing that was printed or stored says who the traveller is."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
import structlog
from fixtures.killing import Service, Traveller, free_port

from bot.certificates.specimens import folder
from handlers.logs import HIDDEN, open_logs

TOKEN = "987654321:" + "ZyXwVuTsRqPoNmLkJiHgFeDcBa9876543210"
WEBHOOK_SECRET = "webhook-secret-of-this-test"
COOKIE_TOKEN = "cookie-of-this-very-traveller"
GOOD = (folder() / "good.png").read_bytes()
# The traveller's own words, in every spelling that the program makes of them.
PERSONAL = (
    "Mia Keller",
    "KELLER",
    "C01X00007",
    "+4915123456789",
    "151 23456789",
    "Ngô Quyền",
    "Metropole",
    "1990-05-14",
    "14 May 1990",
    "photo-of-mia.png",
    COOKIE_TOKEN,
)


def found_in(content: bytes, words: tuple[str, ...]) -> list[str]:
    """Which words stand in the bytes, as UTF-8, as UTF-16 or as JSON escapes; capitals and small letters alike."""
    lowered = content.lower()
    return [
        word
        for word in words
        if any(
            form.lower() in lowered
            for form in (word.encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode())
        )
    ]


async def talk(service: Service) -> str:
    """A whole declaration with a photo, some trouble on the way, and the reference in the end."""
    traveller = Traveller(service.url, COOKIE_TOKEN, GOOD, Random(1), 7)
    await traveller.declare()
    headers = {"Cookie": f"khaibao={COOKIE_TOKEN}"}
    async with aiohttp.ClientSession(service.url, headers=headers) as session:
        await session.post("/chat/messages", json={"id": "x1", "text": "Mia Keller asks: C01X00007?"})
        await session.post("/chat/messages", data=b'{"id": "Mia Keller"', headers={"Content-Type": "application/json"})
        await session.get("/chat/messages?after=Mia+Keller&language=C01X00007")
        await session.get("/chat/pictures/Mia-Keller")
        await session.get("/Mia%20Keller/C01X00007")
        form = aiohttp.FormData({"id": "x2"})
        form.add_field("file", GOOD[:2000], filename="photo-of-mia.png")
        await session.post("/chat/files", data=form)
        await traveller._until_answered(session, "x2")
    assert traveller.reference
    return traveller.reference


async def test_after_a_whole_talk_neither_the_output_nor_the_files_say_who_it_was(tmp_path: Path) -> None:
    # A Telegram that nobody answers for: every call fails with the token in its address.
    more = {"KHAIBAO_TELEGRAM_TOKEN": TOKEN, "KHAIBAO_TELEGRAM_API": f"http://127.0.0.1:{free_port()}"}
    more |= {"KHAIBAO_TELEGRAM_SECRET": WEBHOOK_SECRET, "KHAIBAO_PUBLIC_URL": "https://declare.example"}
    more |= {"KHAIBAO_TRUST": str(folder())}
    service = Service(tmp_path / "home", free_port(), more=more)
    service.start()
    try:
        await service.ready()
        reference = await talk(service)
    finally:
        # Killed, so that the write-ahead log and all other files stay as they were in the middle of work.
        service.kill()
    output = service.output.read_bytes()
    assert b"telegram_out_of_reach" in output
    assert found_in(output, (*PERSONAL, TOKEN, TOKEN.partition(":")[2], WEBHOOK_SECRET, reference)) == []
    assert not re.search(rb"Traceback", output)
    files = [path for path in service.home.rglob("*") if path.is_file()]
    assert {"khaibao.db", "khaibao.db-wal", "keys.json"} <= {path.name for path in files}
    assert any(path.parent.parent.name == "photos" for path in files)
    assert {str(path): found_in(path.read_bytes(), (*PERSONAL, TOKEN, WEBHOOK_SECRET)) for path in files} == {
        str(path): [] for path in files
    }
    assert not any(GOOD[100:200] in path.read_bytes() for path in files)
    assert not [path for path in files if path.stat().st_mode & 0o077 and path.parent.parent.name == "photos"]
    assert not found_in("\n".join(str(path) for path in files).encode(), (*PERSONAL, reference))


async def test_every_line_that_the_service_logs_is_json(tmp_path: Path) -> None:
    more = {"KHAIBAO_TELEGRAM_TOKEN": TOKEN, "KHAIBAO_TELEGRAM_API": f"http://127.0.0.1:{free_port()}"}
    service = Service(tmp_path / "home", free_port(), more=more)
    service.start()
    try:
        await service.ready()
    finally:
        service.kill()
    logged = [line for line in service.output.read_text().splitlines() if not line.startswith("Khaibao is open.")]
    assert logged
    assert all(json.loads(line)["event"] for line in logged)


@contextmanager
def logging_to(lines: list[dict[str, Any]]) -> Iterator[None]:
    """Gather what the filter lets through; the logging of the tests is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    with redirect_stderr(StringIO()) as output:
        open_logs()
        yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    lines += map(json.loads, output.getvalue().splitlines())


def test_a_log_line_names_only_what_it_may_name() -> None:
    lines: list[dict[str, Any]] = []
    with logging_to(lines):
        structlog.get_logger("test").warning("turn_failed", case="c1", name="Mia Keller", text="C01X00007", count=3)
    assert [line.keys() for line in lines] == [{"event", "level", "timestamp", "case", "count"}]
    assert datetime.fromisoformat(lines[0]["timestamp"]).tzinfo == UTC


def test_a_token_is_hidden_wherever_it_stands() -> None:
    lines: list[dict[str, Any]] = []
    with logging_to(lines):
        logging.getLogger("some.library").warning("POST http://api.example/bot%s/getUpdates failed", TOKEN)
        logging.getLogger("some.library").error("%s", {"url": f"https://api.example/file/bot{TOKEN}/photo.jpg"})
        structlog.get_logger("test").warning("refused", url=f"https://api.example/bot{TOKEN}", error=TOKEN)
    told = json.dumps(lines)
    assert TOKEN not in told
    assert TOKEN.partition(":")[2] not in told
    assert told.count(HIDDEN) == 4


@pytest.mark.parametrize(
    "address", ["203.0.113.7", "2001:db8::7", "2001:db8:0:1:2:3:4:7", "::ffff:203.0.113.7", "fe80::beef"]
)
def test_where_somebody_writes_from_is_not_told(address: str) -> None:
    lines: list[dict[str, Any]] = []
    written = f"[{address}]:50123" if ":" in address else f"{address}:50123"
    with logging_to(lines):
        logging.getLogger("aiohttp.server").error("Error handling request from %s", address)
        logging.getLogger("aiohttp.server").error("%s sent nonsense at 12:30:59, version 3.14.5", written)
        structlog.get_logger("test").warning("refused", url=f"http://{written}/chat/", error=f"({address!r}, 443)")
    told = json.dumps([{**line, "timestamp": ""} for line in lines])
    assert address not in told
    assert address.rpartition(":")[2] not in told
    assert told.count(HIDDEN) >= 4
    assert "12:30:59, version 3.14.5" in told
    assert all(datetime.fromisoformat(line["timestamp"]).tzinfo == UTC for line in lines)


def test_of_an_exception_only_its_kind_and_its_place_are_told() -> None:
    lines: list[dict[str, Any]] = []

    def fails() -> None:
        raise ValueError("Mia Keller, C01X00007")

    with logging_to(lines):
        try:
            fails()
        except ValueError as wrong:
            structlog.get_logger("test").error("turn_failed", exc_info=wrong)
            logging.getLogger("some.library").exception("it failed")
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert all(line["place"].partition(":")[0].endswith("test_logs.py") for line in lines)
    assert "Mia" not in json.dumps(lines)
