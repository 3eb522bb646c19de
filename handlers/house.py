"""The house: what runs, and how its parts and the other processes call each other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import structlog
from aiohttp import web

from bot.words.catalog import Words
from handlers.bells import Bells
from handlers.channels.channel import Channel
from handlers.channels.webchat import CHANNEL as WEB
from handlers.courier import Courier
from handlers.life import Life, Role
from handlers.metrics import Metrics
from handlers.reading import ReadingRoom
from handlers.timetable import Timetable
from handlers.turn import Turns
from storage.faults import MemoryFault
from storage.letters import Letter
from storage.memory import Memory
from storage.notices import Notices
from storage.processes import Process
from storage.settling import Settled
from storage.transcript import Arrival, Taken, take_in

if TYPE_CHECKING:
    from handlers.channels.telegram import Telegram

# What others left in the database is looked for this often.
LOOK_SECONDS = 1.0
# A clean stop takes so long at most, of which the doors, the turns and the letters under way have each a third; what is
# not finished by then is found again by another process or at the next start.
STOP_SECONDS = 10.0
# Only one of several processes purges.
PURGING = "purge"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """What runs: the web application, and the work that looks for what was left undone."""

    app: web.Application
    turns: Turns
    courier: Courier
    memory: Memory
    life: Life
    notices: Notices
    bells: Bells
    channels: dict[str, Channel]
    words: Words
    telegram: Telegram | None
    reading: ReadingRoom
    timetable: Timetable
    metrics: Metrics

    async def look_around(self) -> None:
        """Find what a crash, a pause or another process left, over and over; this is the truth, wakes only hurry it."""
        while not self.memory.broken:
            try:
                if self.life.role.works:
                    await self.turns.find_waiting()
                    await self.courier.find_unsent()
            except MemoryFault as fault:
                self.metrics.memory_failed(fault)
                log.warning("memory_does_not_answer", error=type(fault).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def keep_times(self) -> None:
        """Do what is due on its day, as long as this process has that duty."""
        if self.life.role.works:
            await self.timetable.run(lambda: self.life.has(PURGING))
        await asyncio.Event().wait()

    async def run_telegram(self, public_url: str | None) -> None:
        """Open Telegram's door as soon as Telegram can be reached; one process looks after how updates come in."""
        if self.telegram is None:
            return
        from handlers.updates import open_channel, receive_updates

        await open_channel(self.telegram, self.channels)
        if self.life.role.takes_in:
            await receive_updates(self.telegram, self.words, public_url, self.take, self.life)

    async def take(self, arrival: Arrival) -> Taken:
        """Write an arrival into the transcript; it is durable when this returns, and its turn comes by itself."""
        if self.life.role.works:
            return await self.turns.take(arrival)
        taken = await self.memory.write(take_in, arrival)
        workers = [each for each in self.life.others if Role(each.role).works]
        if taken.row is not None and workers:
            self.notices.tell("turn", taken.case_id, worker_for(taken.case_id, workers).id)
        return taken

    def settled(self, case_id: str, settled: Settled) -> None:
        """A turn was written down: whoever carries the letters of its case is called."""
        self.bells.ring(case_id)
        carrier = settled.carrier or ""
        if settled.letters is None and any(each.id == carrier for each in self.life.others):
            self.notices.tell("letters", case_id, carrier)
        else:
            self.courier.call(case_id, settled.letters)

    def delivered(self, letter: Letter) -> None:
        """A letter arrived; of the web chat any process may hold the question that waits for it."""
        self.bells.ring(letter.case_id)
        if letter.channel == WEB and self.life.others:
            self.notices.tell("news", letter.case_id)

    def hear(self, kind: str, about: str, whom: str) -> None:
        """Another process tells something."""
        mine = whom in ("", self.life.id) and self.life.role.works
        match kind:
            case "letters" if mine:
                self.courier.call(about)
            case "turn" if mine:
                self.turns.call(about)
            case "news":
                self.bells.ring(about)
            case "lives":
                self.life.hurry()

    async def close(self) -> None:
        """Finish what is under way, within the time limit."""
        await self.turns.close(STOP_SECONDS / 3)
        await self.courier.close(STOP_SECONDS / 3)


def worker_for(case_id: str, workers: list[Process]) -> Process:
    """The same worker for every message of a case, as long as the same ones live."""
    return workers[crc32(case_id.encode()) % len(workers)]
