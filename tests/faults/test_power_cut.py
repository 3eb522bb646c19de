"""Power cuts: wherever the power goes, all that was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any

import pytest
from crowd import Tally, Walker, count, open_town, rows_of
from fixtures.storing import execute, hear
from power import Camera, Disk, Moment, cut, lay_out
from sqlalchemy import Connection, select

from storage.keys import Keyring, load_keys
from storage.memory import Memory
from storage.tables import cases, transcript

# How many power cuts are tried; thousands take minutes.
CUTS = int(os.environ.get("KHAIBAO_POWER_CUTS", "120"))
MOMENTS = 60
TRAVELLERS = 12
SEED = 20261124
# The log is folded into the file this often (in pages), so that cuts fall into the folding as well.
FOLDED_AFTER = 120


async def moments_of_a_load(home: Path) -> tuple[list[Moment], int]:
    """Travellers declare while the disk is photographed; the moments, and how many transactions there were."""
    async with open_town(home) as town:
        await execute(town.house.memory, f"PRAGMA wal_autocheckpoint={FOLDED_AFTER}")
        walkers = [town.walker(4001 + number) for number in range(TRAVELLERS)]
        camera = Camera(home / "khaibao.db", lambda: promised_to(walkers), every=2)
        with camera.running():
            await asyncio.gather(*(walker.declare(0.002 * place) for place, walker in enumerate(walkers)))
            await town.quiet()
        assert (await town.tally(walkers)).sound
    return camera.moments, camera.transactions


def promised_to(walkers: Sequence[Walker]) -> dict[str, tuple[str, ...]]:
    """What was acknowledged to each, and last the reference that they were shown or nothing."""
    return {str(walker.phone.chat_id): (*walker.taken, walker.reference or "") for walker in walkers}


def halves(connection: Connection) -> int:
    """How many cases do not stand where their transcript says: each turn moves a case once and answers once."""
    found = 0
    for case in connection.execute(select(cases.c.id, cases.c.version)).all():
        rows = connection.execute(select(transcript).where(transcript.c.case_id == case.id)).all()
        done = {row.id for row in rows if row.state == "done"}
        answered = [row.replies_to for row in rows if row.direction == "said"]
        found += case.version != 1 + len(done) or sorted(answered) != sorted(done)
    return found


def found(
    connection: Connection, keys: Keyring, promised: dict[str, tuple[str, ...]]
) -> tuple[list[tuple[list[Any], list[str]]], int]:
    """What is there of each who was promised something, and how many cases are there by half."""
    return [rows_of(connection, keys, address) for address in promised], halves(connection)


async def after(disk: Disk, promised: dict[str, tuple[str, ...]], folder: Path, keys: Keyring) -> tuple[Tally, int]:
    """Open what the power cut left, as a new start does; what is there of the promises, and what is there by half."""
    database, tally = lay_out(disk, folder), Tally()
    memory = Memory.open(f"sqlite:///{database}", keys)
    try:
        held, by_half = await memory.read(found, promised)
        for (*taken, reference), (rows, references) in zip(promised.values(), held, strict=True):
            count(tally, taken, rows, references)
            # A permit that somebody was shown is a promise, too.
            tally.lost += bool(reference) and reference not in references
        # Life goes on.
        assert (await hear(memory, "after the cut", address="9999")).row is not None
    finally:
        await memory.close()
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    rmtree(folder)
    return tally, by_half


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Moment], int, Keyring]:
    """A load that is photographed once for all tests."""
    home = tmp_path_factory.mktemp("power") / "home"
    moments, transactions = asyncio.run(moments_of_a_load(home))
    return moments, transactions, load_keys(home / "keys.json")


async def test_whatever_was_acknowledged_before_a_power_cut_is_there_after_it(
    load: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (moments, transactions, keys), chance, total, by_half = load, Random(SEED), Tally(), 0
    folding = sum(moment.before.file != moment.after.file for moment in moments)
    assert len(moments) >= MOMENTS
    assert folding > 0
    for number in range(CUTS):
        moment = moments[number % len(moments)]
        # A folder for each: a connection that closes late takes its log away by name.
        tally, halved = await after(cut(moment, chance), moment.promised, tmp_path / f"cut-{number}", keys)
        total.tried += tally.tried
        total.lost += tally.lost
        total.doubled += tally.doubled + tally.doubled_permits
        by_half += halved
    with capsys.disabled():
        print(
            f"\npower: {CUTS:,} cuts in {len(moments)} of {transactions} transactions ({folding} while folding), "
            f"promises looked for {total.tried:,}, lost {total.lost}, doubled {total.doubled}, by half {by_half}"
        )
    assert (total.lost, total.doubled, by_half) == (0, 0, 0)


async def test_a_disk_that_did_not_keep_what_it_synced_would_be_noticed(load: Any, tmp_path: Path) -> None:
    """The trap is tried: without the log promises are lost, and this says so."""
    (moments, _, keys), lost = load, 0
    for number, moment in enumerate(moments[-5:]):
        tally, _ = await after(Disk(moment.before.file, b""), moment.promised, tmp_path / f"cut-{number}", keys)
        lost += tally.lost
    assert lost > 0
