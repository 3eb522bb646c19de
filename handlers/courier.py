"""The courier: carries what was said to the door it is for, in order, until the platform has it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.words.catalog import Words
from handlers.channels.channel import Blocked, Channel, Dressed, Later, Refused, Shipment, dress
from handlers.life import Life
from handlers.metrics import Metrics
from handlers.rounds import Rounds
from storage import letters
from storage.faults import MemoryFault
from storage.letters import Delivery, Due, GiveUp, Letter, PutOff
from storage.memory import Memory
from storage.photos import PhotoMissing, Shelf

# A platform that does not say when is tried again after so many seconds, doubled each time up to the longest.
FIRST_REST = 1.0
LONGEST_REST = 300.0
# A letter that was shown is noted again and again after so many seconds, doubled each time up to the longest.
FIRST_NOTE_REST = 0.05
LONGEST_NOTE_REST = 1.0
# What is newer is most likely being carried by whoever settled its turn, in this process or another.
LEFT_ALONE = timedelta(seconds=2)
# How many cases with unsent letters are looked up at once.
UNSENT_AT_ONCE = 500

log = structlog.get_logger()


class Courier:
    """Delivers the unsent letters of each case, oldest first; at least once, and never out of order.

    Of several processes one carries the letters of a case: whoever settled its turn, or found them when nobody did.
    """

    def __init__(
        self,
        memory: Memory,
        life: Life,
        kept: Shelf,
        channels: Mapping[str, Channel],
        words: Words,
        now: Callable[[], datetime],
        metrics: Metrics,
        delivered: Callable[[Letter], None],
    ) -> None:
        self._memory = memory
        self._life = life
        self._kept = kept
        self._channels = channels
        self._words = words
        self._now = now
        self._metrics = metrics
        self._delivered = delivered
        self._rested: dict[str, datetime] = {}
        self._rounds: Rounds[Sequence[Letter]] = Rounds(self._visit)

    def call(self, case_id: str, ready: Sequence[Letter] | None = None) -> None:
        """There may be letters for this case; `ready` are all that there are, where that is known."""
        self._rounds.call(case_id, ready)

    async def find_unsent(self, older: timedelta = LEFT_ALONE) -> None:
        """Call every case whose letters are due: left by a crash, put off, or written by staff."""
        if not self._life.alive:
            return
        now, me = self._now(), self._life.id
        for case_id in await self._memory.read(letters.unsent_cases, now, UNSENT_AT_ONCE, now - older, me):
            self._rounds.call(case_id)

    async def close(self, seconds: float) -> None:
        """Finish the deliveries under way."""
        await self._rounds.close(seconds)

    async def _visit(self, case_id: str, ready: Sequence[Letter] | None) -> None:
        try:
            for letter in await self._collect(case_id) if ready is None else ready:
                if not await self._deliver(letter):
                    return
        except MemoryFault as fault:
            # What is not marked is found by the next look for unsent letters.
            self._metrics.memory_failed(fault)
            log.warning("delivery_not_recorded", case=case_id, error=type(fault).__name__)

    async def _collect(self, case_id: str) -> Sequence[Letter]:
        """The letters of the case that are due, if they are ours to carry."""
        # A rest that has passed has passed, wherever the clock was set meanwhile.
        now = max(self._now(), self._rested.pop(case_id, self._now()))
        if not self._life.alive:
            return ()
        return await self._memory.write(letters.collect, Due(case_id, now, self._life.id))

    async def _deliver(self, letter: Letter) -> bool:
        """Whether the next letter of this case may go."""
        if not self._life.holds(letter.carrier):
            return False  # Others take this process for dead, and may carry the letter by now.
        channel = self._channels.get(letter.channel)
        if channel is None:
            # The channel is not open in this process; the letter waits for one where it is.
            if self._life.others:
                await self._memory.write(letters.let_go, letter.case_id)
            return False
        if letter.unwanted:
            await self._memory.write(letters.give_up, GiveUp(letter.row, "blocked", self._now()))
            return True
        dressed, began = self._dress(letter), time.perf_counter()
        picture = await self._picture(dressed.picture) if dressed.picture else None
        try:
            platform_id = await channel.show(Shipment(letter.address, dressed, letter.replies_to, picture))
        except Later as later:
            self._metrics.delivered(letter.channel, "put_off", time.perf_counter() - began)
            await self._put_off(letter, later)
            return False
        except Blocked:
            self._metrics.delivered(letter.channel, "blocked", time.perf_counter() - began)
            log.info("blocked_by_traveller", case=letter.case_id, channel=letter.channel)
            await self._memory.write(letters.block, letters.Blocked(letter.channel, letter.address, self._now()))
            return False
        except Refused as refused:
            self._metrics.delivered(letter.channel, "refused", time.perf_counter() - began)
            log.error("refused_by_platform", case=letter.case_id, channel=letter.channel, error=str(refused))
            await self._memory.write(letters.give_up, GiveUp(letter.row, "refused", self._now()))
            return True
        self._metrics.delivered(letter.channel, "sent", time.perf_counter() - began)
        shown = json.dumps(dressed.keep(), ensure_ascii=False)
        await self._note(Delivery(letter.row, letter.case_id, platform_id, shown, self._now()))
        self._delivered(letter)
        return True

    async def _note(self, delivery: Delivery) -> None:
        """Note that a letter was shown, however long it takes: what is not noted would be shown once more."""
        rest = FIRST_NOTE_REST
        while True:
            try:
                # No traveller waits for this one, and the next to write would wait for its commit.
                await self._memory.write(letters.mark_sent, delivery, patient=True)
                return
            except MemoryFault as fault:
                if self._memory.broken:
                    raise
                self._metrics.memory_failed(fault)
                log.warning("delivery_not_noted", case=delivery.case_id, error=type(fault).__name__)
            await asyncio.sleep(rest)
            rest = min(2 * rest, LONGEST_NOTE_REST)

    def _dress(self, letter: Letter) -> Dressed:
        if letter.said is not None:
            return dress(letter.said, self._words, letter.language)
        return Dressed(letter.text or "", (), (), letter.language)

    async def _picture(self, photo: str) -> bytes | None:
        """The picture that a message shows; None if its day to be purged has come, and then the words go alone."""
        try:
            return await asyncio.to_thread(self._kept.get, photo)
        except PhotoMissing:
            return None

    async def _put_off(self, letter: Letter, later: Later) -> None:
        rest = later.seconds or min(FIRST_REST * 2**letter.attempts, LONGEST_REST)
        not_before = self._now() + timedelta(seconds=rest)
        log.warning("delivery_put_off", case=letter.case_id, channel=letter.channel, seconds=rest)
        await self._memory.write(letters.put_off, PutOff(letter.row, letter.case_id, not_before, "later"))
        asyncio.get_running_loop().call_later(rest, self._rest_over, letter.case_id, not_before)

    def _rest_over(self, case_id: str, not_before: datetime) -> None:
        self._rested[case_id] = not_before
        self._rounds.call(case_id)
