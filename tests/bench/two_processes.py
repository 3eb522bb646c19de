"""Two processes on one PostgreSQL: what they could carry together beside one, load, stand-in and database counted out.

On a machine of two cores the load would take the second process's core, so all services share one core here and their
processor time for a step is compared: two processes with a core each carry twice what one core carries of them. They
are measured with the travellers of one shared between them, when fewer turns go into each transaction, and with as many
travellers each as one had, which is what a second process is for.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.bench.loading import Slice, load
from tests.bench.machine import load_cores
from tests.bench.postgres import postgres
from tests.bench.processes import StandIn, Started, stand_in
from tests.bench.report import spread, table, write
from tests.bench.subjects import our_service

GOAL = 1.6
CONNECTIONS = 32


def run(out: Path, *, seconds: float = 4.0, rounds: int = 4) -> None:
    """Measure one and two in alternating slices, and write `two_processes.json`."""
    homes = Path(tempfile.mkdtemp(prefix="two-", dir=out))
    try:
        with ExitStack() as stack:
            api = stack.enter_context(stand_in(homes, load_cores()))
            database = stack.enter_context(postgres(homes / "postgres"))
            first = stack.enter_context(our_service(homes / "first", api, database=database))
            second_home = homes / "second"
            second_home.mkdir()
            # Both must be able to read what the other wrote.
            shutil.copy2(homes / "first" / "keys.json", second_home)
            second = stack.enter_context(our_service(second_home, api, database=database))
            found = [_round(api, first, second, seconds) for _ in range(rounds + 1)][1:]
    finally:
        shutil.rmtree(homes, ignore_errors=True)
    _write(out, found)


def run_short(out: Path) -> None:
    """The same for about twenty seconds."""
    run(out, seconds=2.0, rounds=2)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round measured: all slices of one process, and of two at once."""

    alone: list[Slice]
    shared: list[Slice]
    both: list[Slice]

    def ratio(self, two: Sequence[Slice]) -> float:
        """How much more two processes with a core each would carry."""
        return 2 * cost(self.alone) / cost(two)


def cost(slices: Sequence[Slice]) -> float:
    """Processor milliseconds of a step, over all processes."""
    return sum(one.cpu_ms * one.steps for one in slices) / sum(one.steps for one in slices)


def _round(api: StandIn, first: Started, second: Started, seconds: float) -> Round:
    second.pause()
    alone = _load_all(api, [first], seconds, CONNECTIONS)
    second.go_on()
    shared = _load_all(api, [first, second], seconds, CONNECTIONS // 2)
    return Round(alone, shared, _load_all(api, [first, second], seconds, CONNECTIONS))


def _load_all(api: StandIn, servers: Sequence[Started], seconds: float, each: int) -> list[Slice]:
    """Load all of them at once, each over so many connections."""
    with ThreadPoolExecutor(len(servers)) as threads:
        loads = [threads.submit(load, one, api, "tourist", "delivered", seconds, each, doubles=True) for one in servers]
        return [one.result() for one in loads]


def _write(out: Path, found: Sequence[Round]) -> None:
    rows = [
        _row("one process", [one.alone for one in found], "1"),
        _row("two, sharing its travellers", [one.shared for one in found], _ratio(found, "shared")),
        _row("two, with as many each", [one.both for one in found], _ratio(found, "both")),
    ]
    head = ("PostgreSQL", "CPU ms a step", "steps/s on the shared core", "sent twice", "with a core each")
    kept = [{name: [*map(asdict, getattr(one, name))] for name in ("alone", "shared", "both")} for one in found]
    write(out, "two_processes", {"rounds": kept}, f"{table(head, rows)}\n\nGoal: at least {GOAL:g} ×.")


def _ratio(found: Sequence[Round], which: str) -> str:
    """The ratios of all rounds."""
    return spread([one.ratio(getattr(one, which)) for one in found])


def _row(name: str, rounds: Sequence[Sequence[Slice]], ratio: str) -> tuple[str, ...]:
    doubled = sum(one.doubled for slices in rounds for one in slices)
    rate = median(sum(one.steps_a_second for one in slices) for slices in rounds)
    return name, f"{median(map(cost, rounds)):.2f}", f"{rate:,.0f}", f"{doubled}", ratio
