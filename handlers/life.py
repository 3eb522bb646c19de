"""Life: this process tells the database that it lives, learns who else does, and knows when it must stand back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum
from uuid import uuid4

import structlog

from storage.faults import MemoryFault
from storage.memory import Memory
from storage.processes import LIFE_SECONDS, Duty, Process, begin, end, lay_down, live_on, take_up

# A process tells so often that it lives.
RENEW_SECONDS = 5.0
# So long before others may take its letters it begins no delivery any more, for one takes time.
MARGIN_SECONDS = 4.0
# A duty that somebody else has is asked for again after so many seconds.
DUTY_SECONDS = 2.0

log = structlog.get_logger()


class Role(StrEnum):
    """What a process does: take messages in and serve pages (web), take turns and deliver (worker), or all of it."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"

    @property
    def takes_in(self) -> bool:
        """Whether it takes messages in and serves pages."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Whether it takes turns and delivers."""
        return self is not Role.WEB


class Life:
    """The present life of this process; each begins under an id of its own and ends when it could not be renewed.

    Where nobody else shares the database (`shared` is False) it never ends. `changed` is called with the number of
    processes that deliver, this one included, whenever that was learnt anew. The ids of all its lives begin with its
    `family`, by which a supervisor can end them.
    """

    def __init__(
        self,
        memory: Memory,
        role: Role,
        *,
        shared: bool,
        family: str = "",
        changed: Callable[[int], None] = lambda _workers: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = ""
        self.role = role
        self.others: tuple[Process, ...] = ()
        self._memory = memory
        self._shared = shared
        self._family = family
        self._changed = changed
        self._clock = clock
        self._until = 0.0
        self._hurry = asyncio.Event()

    @property
    def alive(self) -> bool:
        """Whether what this process holds is certainly still its own."""
        return bool(self.id) and (not self._shared or self._clock() < self._until - MARGIN_SECONDS)

    def holds(self, carrier: str | None) -> bool:
        """Whether this is the id of the present life, and it goes on."""
        return carrier == self.id and self.alive

    async def start(self) -> None:
        """Begin a life under a new id; a MemoryFault if the database cannot be told."""
        began, new = self._clock(), f"{self._family}{uuid4().hex}"
        living = await self._memory.write(begin, Process(new, self.role))
        self.id = new
        self._lived(began, living)

    async def renew(self) -> None:
        """Live on, or begin anew if the others take this process for dead by now."""
        began = self._clock()
        living = await self._memory.write(live_on, self.id)
        if living and began < self._until:
            self._lived(began, living)
        else:
            log.warning("life_begins_anew")
            await self.start()

    async def run(self) -> None:
        """Live on until cancelled."""
        while self._shared:
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._hurry.wait()
            except TimeoutError:
                pass
            self._hurry.clear()
            try:
                await self.renew()
            except MemoryFault as fault:
                log.warning("life_not_renewed", error=type(fault).__name__)
                await asyncio.sleep(RENEW_SECONDS / 10)
                self._hurry.set()
        await asyncio.Event().wait()

    def hurry(self) -> None:
        """Somebody came or went: learn now who lives."""
        self._hurry.set()

    async def stop(self) -> None:
        """End this life, so that others take over at once what is left; if nobody can be told they learn it in time."""
        try:
            await self._memory.write(end, self.id)
        except MemoryFault as fault:
            log.warning("end_not_told", error=type(fault).__name__)
        self.id = ""

    async def has(self, duty: str) -> bool:
        """Whether this duty is with this process now; it is unless another has it that lives."""
        return self.alive and await self._memory.write(take_up, Duty(duty, self.id))

    async def wait_for(self, duty: str) -> str:
        """Wait until this duty is with this process; the id of the life that has it."""
        while True:
            try:
                life = self.id
                if await self.has(duty):
                    return life
            except MemoryFault as fault:
                log.warning("duty_not_asked_for", error=type(fault).__name__)
            await asyncio.sleep(DUTY_SECONDS)

    async def lay_down(self, duty: str) -> None:
        """Let others have this duty."""
        await self._memory.write(lay_down, Duty(duty, self.id))

    def _lived(self, since: float, living: tuple[Process, ...]) -> None:
        # Counted from before the database was asked: its own count began later.
        self._until = since + LIFE_SECONDS
        self.others = tuple(each for each in living if each.id != self.id)
        self._changed(sum(Role(each.role).works for each in living))
