"""Secrets: after talks on both channels, with every kind of trouble, nothing that was put out names anybody or opens
anything, and what lies on the disk is closed without the keys."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import aiohttp
import pytest
from fixtures.killing import Service, Traveller, free_port
from fixtures.telegram_stand_in import Phone, TelegramStandIn

from bot.certificates.specimens import folder
from handlers.channels.telegram import WEBHOOK_PATH
from storage.archive import KEYS
from storage.keys import KEY_SIZE, Keyring, KeyTrouble, load_keys

GOOD = (folder() / "good.png").read_bytes()
SECRET, METRICS = "webhook-secret-of-these-talks", "metrics-token-of-these-talks"
COOKIE_TOKEN = "cookie-of-the-traveller-on-the-web"
MAIL, CHAT = "mia.keller@post.example", 7_300_001
# The travellers' own words, in every spelling that the program makes of them.
PERSONAL = (
    *("Mia Keller", "KELLER", "Linh", "C01X00007", "C01X00003", MAIL, "post.example", "+4915123456789"),
    *("151 23456789", "Ngô Quyền", "Metropole", "1990-05-14", "14 May 1990", "photo-of-mia", COOKIE_TOKEN, str(CHAT)),
)
# The sealed columns and what each is sealed for, for a thief to try.
SEALED = {"cases": "state", "addresses": "address", "transcript": "content", "permits": "snapshot"}


def found_in(content: bytes, words: tuple[str, ...]) -> list[str]:
    """Which words stand in the bytes, as UTF-8, as UTF-16 or as JSON escapes; capitals and small letters alike."""
    lowered = content.lower()
    forms = {word: (word.encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()) for word in words}
    return [word for word, spelled in forms.items() if any(form.lower() in lowered for form in spelled)]


async def told_on_telegram(phone: Phone, stand_in: TelegramStandIn, traveller: Traveller) -> None:
    """A whole declaration by Telegram, while the platform refuses some calls in every way that it has."""
    for number, message in enumerate(traveller.says):
        if number == 3:
            stand_in.upset(method="sendMessage", status=429, description="Too Many Requests", retry_after=1)
        if number == 5:
            stand_in.upset(method="sendMessage", status=500, description="Mia Keller C01X00003")
        if isinstance(message, bytes):
            await phone.photo(message)
        elif "open" in message:
            await phone.text("/start")
        elif "press" in message:
            await phone.tap(message["press"])
        else:
            await phone.text(message["text"])
        await phone.reply(20)


async def spoiled(service: Service, phone: Phone) -> None:
    """A message whose turn fails: somebody has changed the permit that it asks for."""
    await phone.text(f"/start {MAIL}")
    await phone.reply()
    await phone.tap("consent:yes")
    await phone.reply()
    with closing(sqlite3.connect(service.home / "khaibao.db", timeout=10)) as database, database:
        references = [reference for (reference,) in database.execute("SELECT reference FROM permits")]
        database.execute(f"UPDATE permits SET snapshot = x'01{'00' * 60}'")
    # Which of them belongs to this passport, nothing in the database says; the others open nothing.
    for reference in references:
        assert await phone.text(f"{reference} C01X00007, I am Mia Keller, {MAIL}") == 200
    for _ in range(100):
        if b"turn_failed" in service.output.read_bytes():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the changed permit failed no turn")


async def told_on_the_web(service: Service) -> str:
    """A whole declaration on the web, and much that is refused; what the metrics say in the end."""
    await Traveller(service.url, COOKIE_TOKEN, GOOD, Random(1), 7).declare()
    headers = {"Cookie": f"khaibao={COOKIE_TOKEN}"}
    async with aiohttp.ClientSession(service.url, headers=headers) as session:
        for words in (f"my mail is {MAIL}", "Mia Keller\x00\ud800", "C01X00007 " * 100):
            await session.post("/chat/messages", json={"id": f"w{len(words)}", "text": words})
        for address in (
            "/Mia%20Keller",
            f"/chat/messages?after={MAIL}",
            "/chat/pictures/C01X00007",
            "/chat/messages?language=KELLER",
        ):
            await session.get(address)
        await session.post("/chat/messages", data=f"Mia Keller {MAIL}", headers={"Content-Type": "application/json"})
        await session.post("/chat/files", data=f"Mia Keller {MAIL}", headers={"Content-Type": "multipart/form-data"})
        await session.post(
            WEBHOOK_PATH, json={"update_id": MAIL}, headers={"X-Telegram-Bot-Api-Secret-Token": "Mia Keller"}
        )
        form = aiohttp.FormData({"id": "w-photo"})
        form.add_field("file", GOOD[:2000], filename="photo-of-mia.png")
        await session.post("/chat/files", data=form)
        await session.get("/chat/messages?after=0&wait=1")
        async with session.get("/metrics") as closed:
            assert closed.status == 401
        async with session.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"}) as answer:
            assert answer.status == 200
            return await answer.text()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the talks left, after the service was killed in the middle of them; its output lies beside."""
    home = tmp_path_factory.mktemp("secrets") / "home"
    asyncio.run(_talks(home))
    return home


async def _talks(home: Path) -> None:
    port = free_port()
    async with TelegramStandIn() as stand_in:
        more = {"KHAIBAO_TELEGRAM_TOKEN": stand_in.token, "KHAIBAO_TELEGRAM_API": stand_in.url}
        more |= {"KHAIBAO_TELEGRAM_SECRET": SECRET, "KHAIBAO_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        more |= {"KHAIBAO_TRUST": str(folder()), "KHAIBAO_METRICS_TOKEN": METRICS, "KHAIBAO_PHOTO_WORKERS": "1"}
        service = Service(home, port, more=more)
        service.start()
        try:
            await service.ready()
            async with asyncio.timeout(20):
                while stand_in.webhook is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            blocked = Phone(stand_in, CHAT + 1)
            blocked.blocks = True
            await blocked.text(f"/start {MAIL}")
            teller = Traveller(service.url, "", GOOD, Random(2), 3)
            metrics, _ = await asyncio.gather(
                told_on_the_web(service), told_on_telegram(Phone(stand_in, CHAT), stand_in, teller)
            )
            await spoiled(service, Phone(stand_in, CHAT + 2))
        finally:
            # Killed, so that the write-ahead log and all other files stay as they were in the middle of work.
            service.kill()
        home.with_name("metrics").write_text(metrics)
        home.with_name("token").write_text(stand_in.token)


def test_no_output_names_anybody_or_opens_anything(home: Path) -> None:
    token = home.with_name("token").read_text()
    output = Service(home, 0).output.read_bytes()
    # It is there to be searched: the trouble of both channels was told.
    assert b"turn_failed" in output
    assert b"Tampered" in output
    secrets = (token, token.partition(":")[2], SECRET, METRICS, *PERSONAL)
    assert found_in(output, secrets) == []
    assert b"Traceback" not in output
    assert found_in(home.with_name("metrics").read_bytes(), secrets) == []
    keys = json.loads((home / KEYS).read_text())
    assert found_in(output, tuple(keys["fields"].values())) == []


def test_the_metrics_were_worth_searching(home: Path) -> None:
    metrics = home.with_name("metrics").read_text()
    assert "khaibao_" in metrics
    assert len(metrics.splitlines()) > 50


def test_a_stolen_disk_names_nobody_without_the_keys(home: Path) -> None:
    token = home.with_name("token").read_text()
    files = [path for path in home.rglob("*") if path.is_file() and path.name != KEYS]
    assert {"khaibao.db", "khaibao.db-wal"} <= {path.name for path in files}
    assert [path for path in files if "photos" in path.parts]
    for path in files:
        content = path.read_bytes()
        assert found_in(content, (*PERSONAL, token, SECRET, METRICS)) == [], path
        assert b"\xff\xd8\xff\xe0" not in content
        assert b"\x89PNG" not in content
    assert found_in("\n".join(map(str, files)).encode(), PERSONAL) == []


def test_other_keys_open_nothing_of_a_stolen_database(home: Path) -> None:
    others, own = Keyring({1: bytes(KEY_SIZE)}, bytes(KEY_SIZE)), load_keys(home / KEYS)
    with closing(sqlite3.connect(home / "khaibao.db")) as database:
        for table, column in SEALED.items():
            rows = database.execute(f"SELECT {column} FROM {table}").fetchall()
            assert rows, table
            for (sealed,) in rows:
                for keys in (others, own):
                    # Not even our own keys open it for another place than its own.
                    with pytest.raises(KeyTrouble):
                        keys.open_json("another.place:1", sealed)


def test_only_the_owner_may_read_what_matters_most(home: Path) -> None:
    private = [home / KEYS, *[path for path in (home / "photos").rglob("*") if path.is_file()]]
    assert len(private) > 1
    assert not [path for path in private if path.stat().st_mode & 0o077]
    assert not home.stat().st_mode & 0o077
