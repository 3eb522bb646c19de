"""Light load: how long one traveller waits for the 200 and for the reply, beside what a commit alone takes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from array import array
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.bench.load import percentile
from tests.bench.loading import Slice, load
from tests.bench.machine import load_cores, server_cores
from tests.bench.processes import StandIn, Started, stand_in
from tests.bench.report import spread, table, write
from tests.bench.subjects import our_service

# About what one message brings into the transcript.
CONTENT = os.urandom(300)
GOAL = 2.0
# How long a calm traveller reads; what follows the reply in the database is over by then.
READING_SECONDS = 0.02


def run(out: Path, *, seconds: float = 3.0, rounds: int = 5) -> None:
    """Measure in alternating slices, and write `light.json`."""
    home = Path(tempfile.mkdtemp(prefix="light-", dir=out))
    try:
        with stand_in(home, load_cores()) as api, our_service(home / "ours", api) as server:
            load(server, api, "tourist", "delivered", 1.0, 1)
            found = [_round(server, api, home, seconds) for _ in range(rounds)]
    finally:
        shutil.rmtree(home, ignore_errors=True)
    _write(out, found)


def run_short(out: Path) -> None:
    """The same for about fifteen seconds."""
    run(out, seconds=1.0, rounds=3)


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the commit alone, a traveller who never pauses, and one who reads for a moment before each answer."""

    commit_p50_ms: float
    commit_p99_ms: float
    hasty: Slice
    calm: Slice


def _round(server: Started, api: StandIn, home: Path, seconds: float) -> Round:
    server.pause()
    commits = commit_times(home / "commits.db", seconds / 2)
    server.go_on()
    hasty = load(server, api, "tourist", "delivered", seconds, 1)
    calm = load(server, api, "tourist", "delivered", seconds, 1, ("--pause", str(READING_SECONDS)))
    return Round(percentile(commits, 0.5), percentile(commits, 0.99), hasty, calm)


def commit_times(path: Path, seconds: float) -> array[float]:
    """Seconds that each of many small transactions took, one after the other, on the core of the server."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, server_cores())
    taken = array("d")
    database = sqlite3.connect(path, isolation_level=None)
    try:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
            database.execute(statement)
        database.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, content BLOB)")
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO rows (content) VALUES (?)", (CONTENT,))
            database.execute("COMMIT")
            taken.append(time.perf_counter() - began)
    finally:
        database.close()
        os.sched_setaffinity(0, before)
    return taken


def _write(out: Path, found: list[Round]) -> None:
    hasty, calm = [one.hasty for one in found], [one.calm for one in found]
    rows = [
        ("the commit alone", _ms(one.commit_p50_ms for one in found), _ms(one.commit_p99_ms for one in found)),
        ("200, calm traveller", _ms(one.answer_p50_ms for one in calm), _ms(one.answer_p99_ms for one in calm)),
        ("reply delivered, calm", _ms(one.step_p50_ms for one in calm), _ms(one.step_p99_ms for one in calm)),
        ("200, hasty traveller", _ms(one.answer_p50_ms for one in hasty), _ms(one.answer_p99_ms for one in hasty)),
        ("reply delivered, hasty", _ms(one.step_p50_ms for one in hasty), _ms(one.step_p99_ms for one in hasty)),
    ]
    text = table(("one connection", "p50 ms", "p99 ms"), rows)
    ratios = {
        "calm": [one.calm.answer_p99_ms / one.commit_p99_ms for one in found],
        "hasty": [one.hasty.answer_p99_ms / one.commit_p99_ms for one in found],
    }
    told = ", ".join(f"{name} {spread(values)} ×" for name, values in ratios.items())
    verdict = f"p99 of the 200 beside the commit's own: {told} (goal: at most {GOAL:g})"
    write(out, "light", {"rounds": [asdict(one) for one in found], "ratios": ratios}, f"{text}\n\n{verdict}")


def _ms(values: Iterable[float]) -> str:
    return f"{median(values):.2f}"
