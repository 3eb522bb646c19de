"""Figures: what the database tells of the work that waits and of where travellers stand, without a personal word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Update, func, select

from storage.keys import Keyring
from storage.tables import addresses, cases, is_flagged, is_unsent, is_waiting, transcript


@dataclass(frozen=True, slots=True)
class Queue:
    """How many rows wait, and since when the oldest of them does."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Standings:
    """How much waits for a turn and for delivery, and how many cases staff should look at."""

    waiting: Queue
    unsent: Queue
    flagged: int


@dataclass(frozen=True, slots=True)
class Stage:
    """So many cases stand at this question, in this language and on this channel."""

    question: str | None
    language: str
    channel: str
    cases: int


# Rows that wait are few, and the partial indexes find them.
WAITING = select(func.count(), func.min(transcript.c.at)).where(is_waiting)
UNSENT = select(func.count(), func.min(transcript.c.at)).where(is_unsent)
FLAGGED = select(func.count()).select_from(cases).where(is_flagged)
# A traveller who is reached on two channels counts on both.
FUNNEL = (
    select(cases.c.question, cases.c.language, addresses.c.channel, func.count())
    .join(addresses, addresses.c.case_id == cases.c.id)
    .group_by(cases.c.question, cases.c.language, addresses.c.channel)
)
# It takes the lock, the log and the disk that every write takes, and changes no row.
TOUCH: Update = cases.update().where(cases.c.id == "").values(version=cases.c.version)


def standings(connection: Connection, _keys: Keyring) -> Standings:
    """How much waits now."""
    waiting, unsent = (Queue(*connection.execute(statement).one()) for statement in (WAITING, UNSENT))
    return Standings(waiting, unsent, connection.scalar(FLAGGED) or 0)


def funnel(connection: Connection, _keys: Keyring) -> list[Stage]:
    """How many cases stand at each question, by language and channel."""
    return [Stage(*row) for row in connection.execute(FUNNEL)]


def touch(connection: Connection, _keys: Keyring, probes: Sequence[None]) -> list[None]:
    """Write nothing, durably: whoever gets an answer knows that the database takes writes."""
    connection.execute(TOUCH)
    return [None] * len(probes)
