"""Power cuts on SQLite: the files are photographed before every transaction, and put together as a disk may leave them.

What was synced is there. Of all that was written since, in sectors of 512 bytes, a disk may have kept any part, in any
order, and the length of a file may be the old, the new, or anything between. Two phases follow each other: first the
log is written and synced (the transaction is acknowledged after that), then, now and then, the log is folded into the
file while the whole log stays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy import Connection, Engine, event

SECTOR = 512
# The name of the one thread that writes SQLite; between its transactions nothing is under way.
WRITER = "memory-write"


@dataclass(frozen=True, slots=True)
class Disk:
    """The two files at a moment when all of them is synced."""

    file: bytes
    log: bytes


@dataclass(frozen=True, slots=True)
class Moment:
    """A transaction: the disk before and after it, and what had been promised to whom before."""

    before: Disk
    after: Disk
    promised: dict[str, tuple[str, ...]]


@dataclass
class Camera:
    """Photographs the files of a database before every transaction of this process, and keeps every nth pair."""

    database: Path
    promised: Callable[[], dict[str, tuple[str, ...]]]
    every: int
    moments: list[Moment] = field(default_factory=list)
    transactions: int = 0
    _last: tuple[Disk, dict[str, tuple[str, ...]]] | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Photograph as long as this lasts."""
        event.listen(Engine, "begin", self._photograph)
        try:
            yield
        finally:
            event.remove(Engine, "begin", self._photograph)

    def _photograph(self, connection: Connection) -> None:
        # A house of other tests may still write to its own database beside this one.
        if not threading.current_thread().name.startswith(WRITER) or connection.engine.url.database != str(
            self.database
        ):
            return
        self.transactions += 1
        if self._last is not None:
            before, promised = self._last
            self.moments.append(Moment(before, self._now(), promised))
            self._last = None
        elif self.transactions % self.every == 0:
            # What is promised is asked first: the files hold at least that much.
            promised = self.promised()
            self._last = (self._now(), promised)

    def _now(self) -> Disk:
        log = self.database.with_name(f"{self.database.name}-wal")
        return Disk(self.database.read_bytes(), log.read_bytes() if log.exists() else b"")


def cut(moment: Moment, chance: Random) -> Disk:
    """The disk as a power cut within the transaction may leave it."""
    if moment.before.file != moment.after.file and chance.random() < 0.5:
        # The log is whole and synced, and is being folded into the file.
        return Disk(torn(moment.before.file, moment.after.file, chance), moment.after.log)
    return Disk(moment.before.file, torn(moment.before.log, moment.after.log, chance))


def torn(old: bytes, new: bytes, chance: Random) -> bytes:
    """The old content with some of the new sectors: a beginning, or any of them; never less than the old has."""
    length = chance.choice((len(old), len(new), chance.randrange(min(len(old), len(new)), max(len(old), len(new)) + 1)))
    length = max(length, len(old))
    mixed = bytearray(old.ljust(length, b"\0"))
    share, up_to = chance.random(), chance.randrange(len(new) + 1)
    in_order = chance.random() < 0.5
    for place in range(0, min(length, len(new)), SECTOR):
        if new[place : place + SECTOR] == old[place : place + SECTOR]:
            continue
        if in_order and place + SECTOR > up_to:
            # The write that was under way when the power went may end within a sector.
            end = min(up_to, length)
            mixed[place:end] = new[place:end]
            break
        if in_order or chance.random() < share:
            end = min(place + SECTOR, length, len(new))
            mixed[place:end] = new[place:end]
    return bytes(mixed)


def lay_out(disk: Disk, folder: Path) -> Path:
    """Write the files into a folder that has none; where the database is. The index beside the log is never synced."""
    folder.mkdir()
    database = folder / "khaibao.db"
    database.write_bytes(disk.file)
    database.with_name(f"{database.name}-wal").write_bytes(disk.log)
    return database
