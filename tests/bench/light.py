"""Light load: how long one traveller waits for the 200 and for the reply, beside what a commit alone takes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from array import array
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.load import percentile
from tests.bench.loading import Slice, load
from tests.bench.machine import load_cores, server_cores
from tests.bench.processes import StandIn, Started, stand_in
from tests.bench.report import spread, table, write
from tests.bench.subjects import our_service

# About what one message brings into the transcript.
CONTENT = os.urandom(300)
GOAL = 2.0


def run(out: Path, *, seconds: float = 5.0, rounds: int = 5) -> None:
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
    run(out, seconds=2.0, rounds=3)


def _round(server: Started, api: StandIn, home: Path, seconds: float) -> tuple[Slice, float, float]:
    """A slice of ours, and p50 and p99 of the commit alone, in milliseconds."""
    server.pause()
    commits = commit_times(home / "commits.db", seconds / 2)
    server.go_on()
    ours = load(server, api, "tourist", "delivered", seconds, 1)
    return ours, percentile(commits, 0.5), percentile(commits, 0.99)


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


def _write(out: Path, found: list[tuple[Slice, float, float]]) -> None:
    ratios = [ours.answer_p99_ms / p99 for ours, _, p99 in found]
    rows = [
        ("the commit alone", _ms(p50 for _, p50, _ in found), _ms(p99 for _, _, p99 in found)),
        (
            "our 200, durable",
            _ms(one.answer_p50_ms for one, _, _ in found),
            _ms(one.answer_p99_ms for one, _, _ in found),
        ),
        (
            "our reply delivered",
            _ms(one.step_p50_ms for one, _, _ in found),
            _ms(one.step_p99_ms for one, _, _ in found),
        ),
    ]
    text = table(("one connection", "p50 ms", "p99 ms"), rows)
    verdict = f"p99 of the 200 beside the commit's own: {spread(ratios)} × (goal: at most {GOAL:g})"
    slices = [{"ours": asdict(ours), "commit_p50_ms": p50, "commit_p99_ms": p99} for ours, p50, p99 in found]
    write(out, "light", {"rounds": slices, "ratios": ratios}, f"{text}\n\n{verdict}")


def _ms(values: Any) -> str:
    return f"{median(values):.2f}"
