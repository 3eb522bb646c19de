"""Privacy: what was to be forgotten is gone, also from what comes back out of a backup."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from fixtures.archiving import NOW, home_with_keys, restored, save
from fixtures.house import OpenHouse
from fixtures.webphone import WebPhone

from bot.certificates.specimens import folder
from bot.messages import Sent, Typed
from handlers.channels.webchat import CHANNEL
from handlers.metrics import make_metrics
from handlers.timetable import Timetable
from storage.archive import KEYS
from storage.cases import case_of
from storage.keys import load_keys
from storage.memory import Memory
from storage.migrate import migrate
from storage.photos import PhotoMissing, PhotoRow, Shelf, record_photo
from storage.transcript import entries

GOOD = (folder() / "good.png").read_bytes()


@pytest.mark.asyncio(loop_scope="session")
async def test_of_a_traveller_who_declines_not_a_word_and_not_a_file_is_kept(open_house_on_loopback: OpenHouse) -> None:
    house = open_house_on_loopback.house
    async with WebPhone(open_house_on_loopback.url, "en") as phone:
        await phone.open()
        await phone.heard()
        await phone.text("I am Mia Keller, C01X00T47")
        await phone.heard()
        await phone.document(GOOD, "passport-of-mia.png", "image/png")
        await phone.heard()
        await phone._post({"press": "consent:no"})
        await phone.heard()
        known = await house.memory.read(case_of, CHANNEL, phone.address)
        assert known is not None
        held = await house.memory.read(entries, known.case_id, 0)
        heard = [entry.incoming for entry in held if entry.direction == "heard"]
        assert len(heard) == 4
        assert not [each for each in heard if isinstance(each, Typed | Sent)]
        assert "Keller" not in repr(known.case)
        assert "Keller" not in repr(held)
        async with phone._session.get("/chat/messages?after=0") as answer:
            told = await answer.text()
    assert "Keller" not in told
    assert "passport-of-mia" not in told
    desk = house.turns._desk
    assert not [path for path in desk.arrived.folder.rglob("*") if path.is_file()]


async def test_what_was_purged_since_a_backup_is_purged_again_after_it_is_restored(tmp_path: Path) -> None:
    home, photo = home_with_keys(tmp_path), uuid4().hex
    url, day = f"sqlite:///{home}/khaibao.db", NOW.date() + timedelta(days=30)
    migrate(url)
    await _keep(url, home, photo, day)
    made = await save(url, home, tmp_path / "saved.tar")
    assert await _purged(url, home, day) == 1
    there = tmp_path / "there"
    await restored(made.path, f"sqlite:///{there}/khaibao.db", there)
    shelf = Shelf(there / "photos", load_keys(there / KEYS))
    assert shelf.get(photo) == b"pixels"
    assert await _purged(f"sqlite:///{there}/khaibao.db", there, day) == 1
    with pytest.raises(PhotoMissing):
        shelf.get(photo)


async def _keep(url: str, home: Path, photo: str, day: date) -> None:
    keys = load_keys(home / KEYS)
    memory = Memory.open(url, keys)
    Shelf(home / "photos", keys).put(b"pixels", photo)
    await memory.write(record_photo, PhotoRow(photo, None, NOW, day, "image/jpeg", 6))
    await memory.close()


async def _purged(url: str, home: Path, day: date) -> int:
    keys = load_keys(home / KEYS)
    memory, shelf = Memory.open(url, keys), Shelf(home / "photos", keys)
    later = NOW + (day - NOW.date())
    purged = await Timetable(memory, Shelf(home / "arrived", keys), shelf, lambda: later, make_metrics()).purge()
    await memory.close()
    return purged
