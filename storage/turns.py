"""Turns: the messages that wait for one, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from bot.case import Case
from bot.messages import Incoming, recall_incoming
from storage.cases import address_place, open_case
from storage.keys import Keyring
from storage.statements import padded
from storage.tables import Time, addresses, cases, is_waiting, transcript
from storage.transcript import Arrival, Taken, content_place, take_in


@dataclass(frozen=True, slots=True)
class Work:
    """The oldest message of a case that waits for its turn, with the case as it is stored."""

    case_id: str
    version: int
    case: Case
    channel: str
    row: int
    message: Incoming
    external_id: str | None
    address: str
    at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Received:
    """Where an arrival went, and its work if nothing of its case waits before it."""

    taken: Taken
    work: Work | None


_oldest = (
    select(func.min(transcript.c.id))
    .where(transcript.c.case_id.in_(bindparam("case_ids", expanding=True)), is_waiting)
    .group_by(transcript.c.case_id)
)
WORK = (
    select(
        transcript.c.id,
        transcript.c.case_id,
        transcript.c.channel,
        transcript.c.external_id,
        transcript.c.content,
        transcript.c.at,
        transcript.c.attempts,
        cases.c.version,
        cases.c.state.label("case_state"),
        addresses.c.address_index,
        addresses.c.address,
    )
    .join(cases, cases.c.id == transcript.c.case_id)
    .join(addresses, (addresses.c.case_id == transcript.c.case_id) & (addresses.c.channel == transcript.c.channel))
    .where(transcript.c.id.in_(_oldest))
)
WAITING = (
    select(transcript.c.case_id)
    .where(
        is_waiting,
        # What is of the future was written before the clock was set back: nobody knows how old it is.
        or_(transcript.c.at <= bindparam("before", type_=Time), transcript.c.at > bindparam("now", type_=Time)),
    )
    .group_by(transcript.c.case_id)
    .order_by(func.min(transcript.c.id))
    .limit(bindparam("most"))
)


def receive(connection: Connection, keys: Keyring, arrivals: Sequence[Arrival]) -> list[Received]:
    """Take every arrival in, and look up its work in the same transaction, so that its turn need not look again."""
    taken = take_in(connection, keys, arrivals)
    fresh = sorted({each.case_id for each in taken if each.row is not None})
    works = dict(zip(fresh, next_works(connection, keys, fresh), strict=True)) if fresh else {}
    received = []
    for each in taken:
        work = works.get(each.case_id)
        received.append(Received(each, work if work is not None and work.row == each.row else None))
    return received


def next_works(connection: Connection, keys: Keyring, case_ids: Sequence[str]) -> list[Work | None]:
    """For each case the oldest message that waits for its turn."""
    found = {row.case_id: row for row in connection.execute(WORK, {"case_ids": padded(case_ids)})}
    return [read_work(keys, found[case_id]) if case_id in found else None for case_id in case_ids]


def next_work(connection: Connection, keys: Keyring, case_id: str) -> Work | None:
    """The oldest message of the case that waits for its turn."""
    return next_works(connection, keys, [case_id])[0]


def read_work(keys: Keyring, row: Any) -> Work:
    """The work of a row with its case."""
    return Work(
        case_id=row.case_id,
        version=row.version,
        case=open_case(keys, row.case_id, row.case_state),
        channel=row.channel,
        row=row.id,
        message=recall_incoming(keys.open_json(content_place(row.case_id, row.id), row.content)),
        external_id=row.external_id,
        address=keys.open(address_place(row.case_id, row.channel, row.address_index), row.address).decode(),
        at=row.at,
        attempts=row.attempts,
    )


def waiting_cases(
    connection: Connection, _keys: Keyring, before: datetime, limit: int, now: datetime | None = None
) -> list[str]:
    """Cases with messages of before a time that wait for a turn, the one that waits longest first."""
    latest = now or datetime.max.replace(tzinfo=UTC)
    return list(connection.scalars(WAITING, {"before": before, "now": latest, "most": limit}))
