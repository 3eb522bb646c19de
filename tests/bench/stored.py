"""What is stored: the cost of a step beside a thousand declarations, and beside very many."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import median

from tests.bench.filling import fill, sizes
from tests.bench.loading import Slice, load
from tests.bench.machine import load_cores
from tests.bench.processes import StandIn, Started, stand_in
from tests.bench.report import spread, table, write
from tests.bench.subjects import our_service

FEW = 1_000
# Messages of each declaration that was stored; a real one has 44, and takes the disk five times as much.
MESSAGES = 8
GOAL = 1.3


def run(out: Path, *, many: int = 200_000, messages: int = MESSAGES, seconds: float = 4.0, rounds: int = 5) -> None:
    """Measure both in alternating slices, and write `stored.json`."""
    home = Path(tempfile.mkdtemp(prefix="stored-", dir=out))
    try:
        with ExitStack() as stack:
            api = stack.enter_context(stand_in(home, load_cores()))
            filled = {number: _filled(home / str(number), api, number, messages) for number in (FEW, many)}
            servers = {number: stack.enter_context(our_service(home / str(number), api)) for number in filled}
            found = _measure(servers, api, seconds, rounds)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    _write(out, many, filled, found)


def run_short(out: Path) -> None:
    """The same with fewer declarations and slices."""
    run(out, many=10_000, seconds=1.5, rounds=3)


def run_million(out: Path) -> None:
    """The same with a million declarations, for which the disk wants some 10 GB."""
    run(out, many=1_000_000)


def _filled(home: Path, api: StandIn, declarations: int, messages: int) -> dict[str, int]:
    """A home with so many declarations; one is made by a traveller, and the others are its copies."""
    with our_service(home, api) as server:
        load(server, api, "tourist", "delivered", 30.0, 1, ("--travellers", "1"))
    fill(home / "khaibao.db", declarations - 1, messages)
    return sizes(home / "khaibao.db")


def _measure(servers: dict[int, Started], api: StandIn, seconds: float, rounds: int) -> dict[int, list[Slice]]:
    found: dict[int, list[Slice]] = {number: [] for number in servers}
    for server in servers.values():
        load(server, api, "tourist", "delivered", 2.0)
        server.pause()
    for _ in range(rounds):
        for number, server in servers.items():
            server.go_on()
            found[number].append(load(server, api, "tourist", "delivered", seconds))
            server.pause()
    return found


def _write(out: Path, many: int, filled: dict[int, dict[str, int]], found: dict[int, list[Slice]]) -> None:
    rows = [
        (
            f"{number:,}",
            f"{filled[number]['transcript']:,}",
            f"{filled[number]['bytes'] / 1e6:,.0f}",
            f"{median(one.steps_a_second for one in slices):,.0f}",
            f"{median(one.cpu_ms for one in slices):.2f}",
        )
        for number, slices in found.items()
    ]
    times = [few.steps_a_second / more.steps_a_second for few, more in zip(found[FEW], found[many], strict=True)]
    costs = [more.cpu_ms / few.cpu_ms for few, more in zip(found[FEW], found[many], strict=True)]
    text = table(("stored declarations", "messages", "file, MB", "steps/s", "CPU ms"), rows)
    told = (
        f"A step beside {many:,} takes {spread(times)} × the time and {spread(costs)} × the CPU of one beside {FEW:,}"
    )
    slices_kept = {str(number): [asdict(one) for one in slices] for number, slices in found.items()}
    kept = {
        "filled": {str(number): each for number, each in filled.items()},
        "slices": slices_kept,
        "times": times,
        "costs": costs,
    }
    write(out, "stored", kept, f"{text}\n\n{told} (goal: at most {GOAL:g}).")
