"""Floods: a chat that writes faster than anybody can be answered is warned once, and read again when it slows down.

A message is too many if so many of its chat were heard in the minute before it, and one of them still waits for its
turn or was too many a moment ago. Too many messages are kept in the transcript like all others, but only the first of
them gets a turn, in which the chat is warned.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import Connection, bindparam, exists, literal_column, select

from storage.tables import is_waiting, transcript

# The trouble of a heard row that was too many; the mind knows it as a strange message of this kind.
TOO_MANY = "too_many"
# An album of ten photos with ten quick answers after it is still no flood.
HEARD_A_MINUTE = 20
MINUTE = timedelta(minutes=1)
# A flood is over when nothing waits and nothing came for so long; nobody reads the warning and answers sooner.
PAUSE = timedelta(seconds=3)

is_heard = transcript.c.direction == literal_column("'heard'")
was_too_many = transcript.c.trouble == literal_column(f"'{TOO_MANY}'")
LATELY = (
    select(
        transcript.c.at,
        was_too_many.label("was_too_many"),
        exists().where(transcript.c.case_id == bindparam("of_case"), is_waiting).label("waits"),
    )
    .where(transcript.c.case_id == bindparam("of_case"), is_heard)
    .order_by(transcript.c.id.desc())
    .limit(HEARD_A_MINUTE)
)


class Hearing(Enum):
    """What a message gets: a turn, a turn that warns, or none."""

    TURN = auto()
    WARNING = auto()
    NONE = auto()


class Chat:
    """What a chat said lately: when, whether any of it waits for its turn, and whether the last of it was too many."""

    def __init__(self, times: Iterable[datetime] = (), *, waits: bool = False, flooding: bool = False) -> None:
        self._times = deque(times, maxlen=HEARD_A_MINUTE)
        self._waits = waits
        self._flooding = flooding

    def hear(self, at: datetime) -> Hearing:
        """What a message of this time gets, which counts from now on."""
        full = len(self._times) == HEARD_A_MINUTE
        # What was heard in the future was written before the clock was set back.
        often = full and timedelta() <= at - self._times[0] < MINUTE
        still = self._flooding and often and at - self._times[-1] < PAUSE
        warned, self._flooding = self._flooding, often and (self._waits or still)
        self._times.append(at)
        self._waits = self._waits or not self._flooding or not warned
        if not self._flooding:
            return Hearing.TURN
        return Hearing.NONE if warned else Hearing.WARNING


def hearings(connection: Connection, arrivals: Sequence[tuple[str, bool | None, datetime]]) -> list[Hearing]:
    """What each message gets, of which the case, whether that is busy, and the time are given, in their order."""
    counts = Counter(case_id for case_id, _, _ in arrivals)
    chats = {case_id: chat_of(connection, case_id) for case_id, busy, _ in arrivals if busy or counts[case_id] > 1}
    return [chats[case_id].hear(at) if case_id in chats else Hearing.TURN for case_id, _, at in arrivals]


def chat_of(connection: Connection, case_id: str) -> Chat:
    """What the chat of a case said lately."""
    rows = connection.execute(LATELY, {"of_case": case_id}).all()
    if not rows:
        return Chat()
    return Chat((row.at for row in reversed(rows)), waits=rows[0].waits, flooding=bool(rows[0].was_too_many))
