"""Turns: the messages that wait for one, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from bot.case import Case
from bot.messages import Incoming, Strange, recall_incoming
from storage.cases import address_place, open_case
from storage.floods import TOO_MANY
from storage.keys import Keyring
from storage.statements import padded
from storage.tables import Time, addresses, cases, is_waiting, transcript
from storage.transcript import Arrival, Noted, Taken, content_place, note


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
        transcript.c.trouble,
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
    """Take every arrival in, with its work made of what is at hand, so that its turn need not look again."""
    return [
        Received(Taken(noted.case.case_id, noted.row), fresh_work(keys, noted, arrival))
        for noted, arrival in zip(note(connection, keys, arrivals), arrivals, strict=True)
    ]


def fresh_work(keys: Keyring, noted: Noted, arrival: Arrival) -> Work | None:
    """The work of an arrival that was just taken in, unless it came before or something waits before it."""
    if noted.row is None or not noted.next:
        return None
    found = noted.case
    return Work(
        case_id=found.case_id,
        version=found.version,
        case=open_case(keys, found.case_id, found.state),
        channel=arrival.channel,
        row=noted.row,
        message=arrival.message,
        external_id=arrival.external_id,
        # Opened although the arrival carries it: it opens for its own case alone, so none can be given to another.
        address=keys.open_text(address_place(found.case_id, arrival.channel, noted.index), found.address),
        at=arrival.at,
        attempts=0,
    )


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
        message=Strange(TOO_MANY) if row.trouble == TOO_MANY else read_message(keys, row),
        external_id=row.external_id,
        address=keys.open(address_place(row.case_id, row.channel, row.address_index), row.address).decode(),
        at=row.at,
        attempts=row.attempts,
    )


def read_message(keys: Keyring, row: Any) -> Incoming:
    """The message of a row."""
    return recall_incoming(keys.open_json(content_place(row.case_id, row.id), row.content))


def waiting_cases(
    connection: Connection, _keys: Keyring, before: datetime, limit: int, now: datetime | None = None
) -> list[str]:
    """Cases with messages of before a time that wait for a turn, the one that waits longest first."""
    latest = now or datetime.max.replace(tzinfo=UTC)
    return list(connection.scalars(WAITING, {"before": before, "now": latest, "most": limit}))
