"""Kills: the whole service dies at random moments, and nothing that it acknowledged is lost or doubled."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fixtures.killing import Service, Traveller, declare_under_fire, free_port
from sqlalchemy import Connection, func, select

from bot.certificates.specimens import folder
from storage.cases import case_of
from storage.keys import Keyring, load_keys
from storage.memory import Memory
from storage.permits import permits_of
from storage.tables import cases, permits, transcript

TRAVELLERS = 40
FIRST_STARTS = 6
SEED = 20261120
GOOD = (folder() / "good.png").read_bytes()


def travellers_at(url: str) -> list[Traveller]:
    """Many travellers; one in eight has a certificate to photograph."""
    return [
        Traveller(url, f"token-{number}", GOOD if number % 8 == 0 else None, Random(f"{SEED}/{number}"), number)
        for number in range(TRAVELLERS)
    ]


def stored(connection: Connection, keys: Keyring, traveller: Traveller) -> tuple[list[str], list[Any], list[Any]]:
    """What the database holds of a traveller: the ids heard in order, all rows, and the permits."""
    address = sha256(traveller.token.encode()).hexdigest()
    known = case_of(connection, keys, "web", address)
    assert known is not None
    rows = connection.execute(
        select(transcript).where(transcript.c.case_id == known.case_id).order_by(transcript.c.id)
    ).all()
    heard = [row.external_id.partition("/")[2] for row in rows if row.direction == "heard"]
    return heard, list(rows), permits_of(connection, keys, known.case_id)


def check_stored(traveller: Traveller, heard: list[str], rows: list[Any], issued: list[Any]) -> tuple[int, int]:
    """Everything that must be true of one declaration; how many messages were lost and how many doubled."""
    lost, doubled = set(traveller.acknowledged) - set(heard), len(heard) - len(set(heard))
    assert heard == traveller.acknowledged
    assert {row.state for row in rows if row.direction == "heard"} == {"done"}
    said = [row for row in rows if row.direction == "said"]
    assert {row.state for row in said} == {"sent"}
    answered = Counter(row.replies_to for row in said)
    assert answered == dict.fromkeys((row.id for row in rows if row.direction == "heard"), 1)
    # Each message is answered before the next is heard, so that the order of the talk is the order of the rows.
    assert [row.direction for row in rows] == ["heard", "said"] * len(heard)
    assert [permit.reference for permit in issued] == [traveller.reference]
    assert issued[0].passport_number == f"C01X{traveller.number:05}"
    proof = issued[0].snapshot["answers"]["certificate"]
    assert proof["have"] == ("verified" if traveller.photo else "none")
    return len(lost), doubled


def totals(connection: Connection, _keys: Keyring) -> tuple[int, int]:
    """How many cases and permits there are in all."""
    count = (connection.scalar(select(func.count()).select_from(table)) or 0 for table in (cases, permits))
    return next(count), next(count)


@pytest.mark.parametrize(("database", "kills"), [("sqlite", 6), ("postgres", 4)])
async def test_what_was_acknowledged_survives_every_kill_once(
    database: str, kills: int, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("empty_postgres_url")
    service, began = Service(tmp_path / "home", free_port(), url), time.monotonic()
    travellers = travellers_at(service.url)
    try:
        more_kills = await declare_under_fire(service, travellers, kills, Random(f"{SEED}/{database}"))
        assert service.kill(signal.SIGTERM) == 0
    except BaseException as wrong:
        wrong.add_note(service.output.read_text()[-4000:])
        raise
    finally:
        service.kill()
    memory = Memory.open(url or f"sqlite:///{service.home / 'khaibao.db'}", load_keys(service.home / "keys.json"))
    try:
        found = [(traveller, await memory.read(stored, traveller)) for traveller in travellers]
        assert await memory.read(totals) == (TRAVELLERS, TRAVELLERS)
    finally:
        await memory.close()
    faults = [check_stored(traveller, *held) for traveller, held in found]
    with capsys.disabled():
        print(
            f"\n{database}: {kills} kills at work and {more_kills} while starting, "
            f"{sum(len(traveller.acknowledged) for traveller in travellers):,} acknowledged, "
            f"{sum(traveller.repeated for traveller in travellers):,} repeated, "
            f"lost {sum(lost for lost, _ in faults)}, doubled {sum(doubled for _, doubled in faults)}, "
            f"{len(travellers)} permits in {time.monotonic() - began:.0f} s"
        )


async def test_a_service_that_is_killed_again_and_again_in_its_first_start_starts_in_the_end(tmp_path: Path) -> None:
    """Keys and tables are made in the first second, so that is where the blows fall."""
    service, chance = Service(tmp_path / "home", free_port()), Random(SEED)
    for _ in range(FIRST_STARTS):
        service.start()
        while not service.home.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        await asyncio.sleep(chance.random() * 0.6)
        service.kill()
    service.start()
    try:
        await service.ready()
    finally:
        service.kill()
