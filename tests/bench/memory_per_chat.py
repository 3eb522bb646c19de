"""Memory for each open conversation: how much the process grows while thousands of travellers begin and stay."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.loading import load
from tests.bench.machine import load_cores, resident_bytes
from tests.bench.processes import StandIn, Started, stand_in
from tests.bench.report import table, write
from tests.bench.subjects import BY_NAME, Subject, opened

NAMES = ("ptb_body", "ours")
# The opening and three answers: the conversation is open, and nothing more comes.
STEPS = 4
# More than it can take, so that the number of travellers ends the load.
SECONDS = 600.0
PARTS = 5
CACHES = (
    "The page caches of SQLite count as ours until they are full (32 MB a connection, after some 3,000 conversations)."
)


@dataclass(frozen=True, slots=True)
class Grown:
    """The resident bytes of a process after each part of the travellers."""

    each: int
    resident: tuple[int, ...]

    @property
    def bytes_each(self) -> float:
        """Bytes for a conversation, once caches are warm: the first part counts for nothing."""
        return (self.resident[-1] - self.resident[0]) / (self.each * (len(self.resident) - 1))

    @property
    def bytes_at_the_end(self) -> float:
        """Bytes for a conversation of the last part alone: what still grows when caches are full."""
        return (self.resident[-1] - self.resident[-2]) / self.each


def run(out: Path, *, conversations: int = 10_000) -> None:
    """Open so many conversations with each, and write `memory_per_chat.json`."""
    home = Path(tempfile.mkdtemp(prefix="memory-", dir=out))
    found = {}
    try:
        with stand_in(home, load_cores()) as api:
            for name in NAMES:
                with opened(BY_NAME[name], out, home, api) as server:
                    found[name] = _grow(BY_NAME[name], server, api, conversations // PARTS)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    rows = [
        (
            BY_NAME[name].title,
            f"{grown.resident[-1] / 1e6:.0f}",
            f"{grown.bytes_each:,.0f}",
            f"{grown.bytes_at_the_end:,.0f}",
        )
        for name, grown in found.items()
    ]
    head = (f"{conversations:,} open conversations", "process, MB", "bytes each", "bytes each, last fifth")
    kept = {name: {"each": grown.each, "resident": grown.resident} for name, grown in found.items()}
    write(out, "memory_per_chat", kept, f"{table(head, rows)}\n\n{CACHES}")


def run_short(out: Path) -> None:
    """The same with few conversations."""
    run(out, conversations=1_500)


def _grow(subject: Subject, server: Started, api: StandIn, each: int) -> Grown:
    resident = []
    for _ in range(PARTS):
        more = ("--travellers", str(each), "--steps", str(STEPS))
        load(server, api, subject.walk, subject.replies, SECONDS, more=more)
        resident.append(resident_bytes(server.pid))
    return Grown(each, tuple(resident))
