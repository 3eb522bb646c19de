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
from handlers.metrics import Metrics
from handlers.rounds import Rounds
from storage import letters
from storage.faults import MemoryFault
from storage.letters import Delivery, Due, GiveUp, Letter, PutOff
from storage.memory import Memory

# A platform that does not say when is tried again after so many seconds, doubled each time up to the longest.
FIRST_REST = 1.0
LONGEST_REST = 300.0
# What is newer is most likely being carried by whoever settled its turn, in this process or another.
LEFT_ALONE = timedelta(seconds=2)
# How many cases with unsent letters are looked up at once.
UNSENT_AT_ONCE = 500

log = structlog.get_logger()


class Courier:
    """Delivers the unsent letters of each case, oldest first; at least once, and never out of order."""

    def __init__(
        self,
        memory: Memory,
        channels: Mapping[str, Channel],
        words: Words,
        now: Callable[[], datetime],
        metrics: Metrics,
        delivered: Callable[[str], None],
    ) -> None:
        self._memory = memory
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
        now = self._now()
        for case_id in await self._memory.read(letters.unsent_cases, now, UNSENT_AT_ONCE, now - older):
            self._rounds.call(case_id)

    async def close(self, seconds: float) -> None:
        """Finish the deliveries under way."""
        await self._rounds.close(seconds)

    async def _visit(self, case_id: str, ready: Sequence[Letter] | None) -> None:
        try:
            if ready is None:
                # A rest that has passed has passed, wherever the clock was set meanwhile.
                now = max(self._now(), self._rested.pop(case_id, self._now()))
                ready = await self._memory.look(letters.letters, Due(case_id, now))
            for letter in ready:
                if not await self._deliver(letter):
                    return
        except MemoryFault as fault:
            # What is not marked is found by the next look for unsent letters.
            self._metrics.memory_failed(fault)
            log.warning("delivery_not_recorded", case=case_id, error=type(fault).__name__)

    async def _deliver(self, letter: Letter) -> bool:
        """Whether the next letter of this case may go."""
        channel = self._channels.get(letter.channel)
        if channel is None:
            return False  # The channel is not open in this process; the letter waits for one where it is.
        if letter.unwanted:
            await self._memory.write(letters.give_up, GiveUp(letter.row, "blocked", self._now()))
            return True
        dressed, began = self._dress(letter), time.perf_counter()
        try:
            platform_id = await channel.show(Shipment(letter.address, dressed, letter.replies_to))
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
        await self._memory.write(
            letters.mark_sent, Delivery(letter.row, letter.case_id, platform_id, shown, self._now())
        )
        self._delivered(letter.case_id)
        return True

    def _dress(self, letter: Letter) -> Dressed:
        if letter.said is not None:
            return dress(letter.said, self._words, letter.language)
        return Dressed(letter.text or "", (), (), letter.language)

    async def _put_off(self, letter: Letter, later: Later) -> None:
        rest = later.seconds or min(FIRST_REST * 2**letter.attempts, LONGEST_REST)
        not_before = self._now() + timedelta(seconds=rest)
        log.warning("delivery_put_off", case=letter.case_id, channel=letter.channel, seconds=rest)
        await self._memory.write(letters.put_off, PutOff(letter.row, not_before, "later"))
        asyncio.get_running_loop().call_later(rest, self._rest_over, letter.case_id, not_before)

    def _rest_over(self, case_id: str, not_before: datetime) -> None:
        self._rested[case_id] = not_before
        self._rounds.call(case_id)
