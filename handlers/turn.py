"""The one route that every message takes, whichever door it came in by."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.dialogue import take_turn
from bot.documents.photo_reading import PhotoReading
from bot.look_up import asked_for
from bot.messages import Heard, Pictured, Sent, Typed
from bot.permit.permit import Permit
from bot.permit.reference import make_reference
from bot.vietnam import VIETNAM
from bot.words.catalog import Words
from bot.world import World
from handlers.channels.channel import Channel, Later, NoFile
from handlers.guesses import Guesses
from handlers.life import Life
from handlers.metrics import Metrics
from handlers.reading import ReadingRoom
from handlers.rounds import Rounds
from storage.damaged import Damage, set_down
from storage.faults import MemoryFault
from storage.keys import Tampered
from storage.memory import Memory
from storage.permits import look_up_permit
from storage.photos import PhotoMissing, PhotoRow, Shelf, kept_photo, marked_photo, record_photo
from storage.settling import Outcome, Settled, Trip, settle, trip
from storage.transcript import Arrival, Taken, take_in
from storage.turns import Work, next_works, receive, waiting_cases

# How many cases with waiting messages are looked up at once.
WAITING_AT_ONCE = 500
# What is newer is most likely being seen to by whoever took it in, in this process or another.
LEFT_ALONE = timedelta(seconds=2)
# After a fault of the memory a case is seen to again so many seconds later.
REST_AFTER_FAULT = 1.0

log = structlog.get_logger()


class Elsewhere(Exception):
    """Another process reads this photo already, and sees to its case."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a turn needs around it; photos lie on one shelf as they arrived, and on another as they are kept."""

    memory: Memory
    life: Life
    arrived: Shelf
    kept: Shelf
    reading: ReadingRoom
    words: Words
    channels: Mapping[str, Channel]
    now: Callable[[], datetime]
    metrics: Metrics
    photo_days: int
    guesses: Guesses = field(default_factory=Guesses)


class Turns:
    """Takes messages in, and takes a turn for each, one case at a time."""

    def __init__(self, desk: Desk, settled: Callable[[str, Settled], None]) -> None:
        self._desk = desk
        self._settled = settled
        # Most turns need no reference, and drawing one takes a tenth of their time.
        self._spare = make_reference(secrets.randbelow)
        self._rounds: Rounds[Work] = Rounds(self._visit)

    async def take(self, arrival: Arrival) -> Taken:
        """Write an arrival into the transcript; it is durable when this returns, and its turn comes by itself."""
        try:
            received = await self._desk.memory.write(receive, arrival)
        except Tampered as error:
            # What was heard is kept although its case does not open, or the platform would repeat it for ever.
            taken = await self._desk.memory.write(take_in, arrival)
            await self._set_down(taken.case_id, error)
            return taken
        if received.taken.row is not None:
            self._rounds.call(received.taken.case_id, received.work)
        return received.taken

    async def find_waiting(self, older: timedelta = LEFT_ALONE) -> None:
        """Call every case that has messages waiting: left by a crash, or written by another process."""
        now = self._desk.now()
        for case_id in await self._desk.memory.read(waiting_cases, now - older, WAITING_AT_ONCE, now):
            self._rounds.call(case_id)

    def call(self, case_id: str) -> None:
        """Another process took a message of this case in."""
        self._rounds.call(case_id)

    def is_thinking(self, case_id: str) -> bool:
        """Whether a turn of this case is being taken."""
        return self._rounds.is_under_way(case_id)

    async def close(self, seconds: float) -> None:
        """Finish the turns under way."""
        await self._rounds.close(seconds)

    async def _visit(self, case_id: str, ready: Work | None) -> None:
        memory = self._desk.memory
        try:
            if ready is not None and await self._attempt(ready):
                return
            while not memory.broken and (work := await memory.look(next_works, case_id)) is not None:
                await self._attempt(work)
        except Elsewhere:
            return  # Whoever reads the photo takes all that waits behind it.
        except Tampered as error:
            await self._set_down(case_id, error)

    async def _set_down(self, case_id: str, error: Tampered) -> None:
        """A case that does not open goes to a person, with all that waits in it."""
        await self._desk.memory.write(set_down, Damage(case_id, type(error).__name__, self._desk.now()))
        self._desk.metrics.turn_failed(parked=True)
        log.error("case_does_not_open", case=case_id, error=type(error).__name__)

    async def _attempt(self, work: Work) -> bool:
        """Whether the turn was taken; one that fails for any reason at all is counted, and parked in the end."""
        try:
            return await self._take(work)
        except Elsewhere:
            raise
        except (MemoryFault, Later) as error:
            self._desk.metrics.turn_postponed()
            if isinstance(error, MemoryFault):
                self._desk.metrics.memory_failed(error)
            log.warning("turn_postponed", case=work.case_id, error=type(error).__name__)
            await asyncio.sleep(REST_AFTER_FAULT)
        except Exception as error:
            log.exception("turn_failed", case=work.case_id, error=type(error).__name__)
            parked = await self._desk.memory.write(trip, Trip(work.row, type(error).__name__, self._desk.now()))
            self._desk.metrics.turn_failed(parked=parked)
        return False

    async def _take(self, work: Work) -> bool:
        """One turn; where others serve as well, only one process reads a photo, for that takes long."""
        life = self._desk.life
        if not (isinstance(work.message, Sent) and life.others):
            return await self._turn(work)
        duty = f"photo {work.row}"
        if not await life.has(duty):
            raise Elsewhere
        try:
            return await self._turn(work)
        finally:
            with contextlib.suppress(MemoryFault):
                await life.lay_down(duty)

    async def _turn(self, work: Work) -> bool:
        """Read what was sent, think, and write all that follows in one transaction."""
        desk, began = self._desk, time.perf_counter()
        heard = await self._read(work)
        now = desk.now()
        found = await self._found(heard)
        world = World(now, self._spare, desk.words, found, desk.photo_days, desk.guesses.are_too_many())
        turn = take_turn(work.case, heard, world)
        if turn.issued:
            # Between looking at the spare reference and here nobody else ran.
            self._spare = make_reference(secrets.randbelow)
        outcome = Outcome(
            work=work,
            case=turn.case,
            question=turn.stage,
            flags=turn.flags,
            said=turn.said,
            permit=turn.issued,
            at=now,
            audit=("permit_issued",) if turn.issued else (),
            forget=turn.forget,
            carrier=desk.life.id if desk.life.alive else None,
        )
        if isinstance(heard, Pictured) and heard.photo not in turn.unwanted:
            await self._keep(heard.photo, heard.reading.picture, work, now)
            if heard.marked in {said.picture for said in turn.said}:
                await self._keep(marked_photo(heard.photo), heard.reading.marked, work, now)
        settled = await desk.memory.write(settle, outcome)
        if not settled:
            desk.metrics.turn_retaken()
            return False  # The case moved meanwhile; nothing was said, and the turn is taken again.
        if turn.case.look_ups > work.case.look_ups:
            desk.guesses.add()
        desk.metrics.turn_taken(time.perf_counter() - began, permit=turn.issued is not None)
        self._settled(work.case_id, settled)
        if isinstance(work.message, Sent) and work.message.photo:
            await asyncio.to_thread(desk.arrived.remove, work.message.photo)
        return True

    async def _read(self, work: Work) -> Heard:
        if not isinstance(work.message, Sent):
            return work.message
        photo = kept_photo(work.case_id, work.row)
        try:
            content = await self._fetch(work.message, work.channel)
        except (PhotoMissing, NoFile):
            return Pictured(photo, PhotoReading("missing"))
        began = time.perf_counter()
        reading = await self._desk.reading.read(content, self._desk.now())
        self._desk.metrics.photo_read(reading, time.perf_counter() - began)
        return Pictured(photo, reading, marked_photo(photo) if reading.marked else None)

    async def _fetch(self, sent: Sent, channel: str) -> bytes:
        if sent.photo:
            return await asyncio.to_thread(self._desk.arrived.get, sent.photo)
        return await self._desk.channels[channel].fetch(sent.platform or "")

    async def _keep(self, photo: str, picture: bytes | None, work: Work, now: datetime) -> None:
        if picture is None:
            return
        await asyncio.to_thread(self._desk.kept.put, picture, photo)
        purge_on = now.astimezone(VIETNAM).date() + timedelta(days=self._desk.photo_days)
        row = PhotoRow(photo, work.case_id, now, purge_on, "image/jpeg", len(picture))
        await self._desk.memory.write(record_photo, row)

    async def _found(self, heard: Heard) -> Permit | None:
        asked = asked_for(heard.text) if isinstance(heard, Typed) else None
        if asked is None:
            return None
        found = await self._desk.memory.read(look_up_permit, asked.reference, asked.numbers)
        return found.permit if found else None
