"""The timetable: what is done again and again. Photos are purged on their day, and what was withdrawn is looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.certificates.trust_files import LiveTrust
from bot.vietnam import VIETNAM
from handlers.metrics import Metrics
from handlers.reopening import reopen_all, withdrawn_keys
from storage.audit import Note, write_down
from storage.certificates import Reopened
from storage.faults import MemoryFault
from storage.memory import Memory
from storage.photos import Shelf, due_photos, mark_purged

# Promises are counted in days, so looking once an hour keeps them.
BETWEEN_ROUNDS = timedelta(hours=1)
# A photo that arrived is read within seconds; one that lies there so long was left by a crash, and read again since.
LEFT_BEHIND = timedelta(days=2)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timetable:
    """Purges kept photos on their day, and arrived ones that a crash left behind.

    With trusted keys to compare with, declarations that rest on one which is withdrawn by now go to a person.
    """

    memory: Memory
    arrived: Shelf
    kept: Shelf
    now: Callable[[], datetime]
    metrics: Metrics
    trust: LiveTrust | None = None

    async def run(self, is_ours: Callable[[], Awaitable[bool]]) -> None:
        """One round after the other until cancelled; of several processes one alone has this duty."""
        while True:
            try:
                if await is_ours():
                    await self.purge()
                    await self.reopen()
            except MemoryFault as fault:
                self.metrics.memory_failed(fault)
                log.warning("round_postponed", error=type(fault).__name__)
            await asyncio.sleep(BETWEEN_ROUNDS.total_seconds())

    async def purge(self) -> int:
        """Remove every photo whose day has come, for good; how many there were."""
        now = self.now()
        due = await self.memory.read(due_photos, now.astimezone(VIETNAM).date())
        for photo in due:
            # The file goes first: a crash in between leaves a row that is purged once more, never a photo.
            await asyncio.to_thread(self.kept.remove, photo)
            await self.memory.write(mark_purged, photo)
        await asyncio.to_thread(self.arrived.forget, now - LEFT_BEHIND)
        if due:
            await self.memory.write(write_down, Note(now, "bot", "photos_purged", None, str(len(due))))
            log.info("photos_purged", count=len(due))
        return len(due)

    async def reopen(self) -> Reopened:
        """Send to a person what rests on a key that is withdrawn by now, whoever withdrew it, and when."""
        if self.trust is None:
            return Reopened()
        keys = withdrawn_keys(await asyncio.to_thread(self.trust.now))
        reopened = await reopen_all(self.memory, "bot", self.now(), keys=keys)
        if reopened:
            log.info("declarations_reopened", count=reopened.permits + reopened.drafts)
        return reopened
