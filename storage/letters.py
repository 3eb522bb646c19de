"""Letters: what was said and is not yet sent, in order, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from bot.messages import Said, recall_said
from storage.cases import address_index, address_place
from storage.keys import Keyring
from storage.leases import claim, release
from storage.processes import is_free
from storage.statements import Swift, padded
from storage.tables import Time, addresses, cases, is_unsent, transcript
from storage.transcript import content_place, shown_place


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose letters are wanted as far as they are due now, by the process that would carry them."""

    case_id: str
    now: datetime
    carrier: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to send: what the bot `said` or the `text` of staff; `replies_to` is the platform's id of its cause.

    One that is `unwanted` goes to an address that has blocked us, and is not sent. `carrier` is the process that may
    send it, as long as it lives.
    """

    row: int
    case_id: str
    channel: str
    address: str
    language: str
    said: Said | None
    text: str | None
    attempts: int
    replies_to: str | None
    unwanted: bool = False
    carrier: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A letter that arrived: what the platform calls it, and the text as it was really shown."""

    row: int
    case_id: str
    platform_id: str | None
    shown: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PutOff:
    """A letter that could not be sent now: when to try again, and the short name of what was in the way."""

    row: int
    case_id: str
    not_before: datetime
    error: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A letter that cannot be sent at all, and the short name of why."""

    row: int
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Blocked:
    """An address that wants no more letters."""

    channel: str
    address: str
    at: datetime


_cause = transcript.alias("cause")
UNSENT = (
    select(
        transcript.c.id,
        transcript.c.case_id,
        transcript.c.channel,
        transcript.c.direction,
        transcript.c.content,
        transcript.c.attempts,
        transcript.c.not_before,
        cases.c.language,
        addresses.c.address_index,
        addresses.c.address,
        addresses.c.blocked_at,
        _cause.c.external_id.label("replies_to"),
    )
    .join(cases, cases.c.id == transcript.c.case_id)
    .join(addresses, (addresses.c.case_id == transcript.c.case_id) & (addresses.c.channel == transcript.c.channel))
    .outerjoin(_cause, _cause.c.id == transcript.c.replies_to)
    .where(transcript.c.case_id.in_(bindparam("case_ids", expanding=True)), is_unsent)
    .order_by(transcript.c.case_id, transcript.c.id)
)
_heads = select(func.min(transcript.c.id)).where(is_unsent).group_by(transcript.c.case_id)
UNSENT_CASES = (
    select(transcript.c.case_id)
    .join(cases, cases.c.id == transcript.c.case_id)
    .where(
        is_free(cases.c.carried_by),
        transcript.c.id.in_(_heads),
        or_(transcript.c.not_before.is_(None), transcript.c.not_before <= bindparam("now", type_=Time)),
        or_(
            transcript.c.at <= bindparam("before", type_=Time),
            # Written before the clock was set back: nobody knows how old it is.
            transcript.c.at > bindparam("now", type_=Time),
            transcript.c.direction == "staff",
        ),
    )
    .order_by(transcript.c.id)
    .limit(bindparam("most"))
)
SENT = Swift(
    update(transcript)
    .where(transcript.c.id == bindparam("row"))
    .values(
        state="sent",
        platform_id=bindparam("new_platform_id"),
        shown=bindparam("new_shown"),
        settled_at=bindparam("sent_at"),
    )
)
OFF = (
    update(transcript)
    .where(transcript.c.id == bindparam("row"), is_unsent)
    .values(attempts=transcript.c.attempts + 1, not_before=bindparam("then"), trouble=bindparam("error"))
)
FAILED = (
    update(transcript)
    .where(transcript.c.id == bindparam("row"), is_unsent)
    .values(
        state="failed",
        attempts=transcript.c.attempts + 1,
        settled_at=bindparam("failed_at"),
        trouble=bindparam("error"),
    )
)
BLOCK = update(addresses).where(addresses.c.address_index == bindparam("index")).values(blocked_at=bindparam("since"))
FAILED_THERE = (
    update(transcript)
    .where(
        transcript.c.case_id
        == select(addresses.c.case_id).where(addresses.c.address_index == bindparam("index")).scalar_subquery(),
        transcript.c.channel == bindparam("there"),
        is_unsent,
    )
    .values(state="failed", settled_at=bindparam("since"), trouble="blocked")
)


def letters(connection: Connection, keys: Keyring, wanted: Sequence[Due]) -> list[list[Letter]]:
    """For each case its unsent letters in order, up to the first that is not due: none overtakes another."""
    rows = connection.execute(UNSENT, {"case_ids": padded([due.case_id for due in wanted])})
    found = {case_id: list(mine) for case_id, mine in groupby(rows, key=lambda row: str(row.case_id))}
    return [due_letters(keys, found.get(due.case_id, ()), due.now) for due in wanted]


def collect(connection: Connection, keys: Keyring, wanted: Sequence[Due]) -> list[list[Letter]]:
    """The same for the process that carries them from now on; none where another living process does already."""
    carried: set[str] = set()
    for carrier in {due.carrier for due in wanted}:
        carried |= claim(connection, (due.case_id for due in wanted if due.carrier == carrier), carrier)
    mine = [due for due in wanted if due.case_id in carried]
    found = {}
    if mine:
        found = {due.case_id: its for due, its in zip(mine, letters(connection, keys, mine), strict=True)}
    return [[replace(letter, carrier=due.carrier) for letter in found.get(due.case_id, ())] for due in wanted]


def unsent(connection: Connection, keys: Keyring, case_id: str, now: datetime) -> list[Letter]:
    """The unsent letters of a case in order, up to the first that is not due."""
    return letters(connection, keys, [Due(case_id, now)])[0]


def due_letters(keys: Keyring, rows: Iterable[Any], now: datetime) -> list[Letter]:
    """The letters of the rows of one case, up to the first that is not due."""
    due = []
    for row in rows:
        if row.not_before is not None and row.not_before > now:
            break
        due.append(read_letter(keys, row))
    return due


def read_letter(keys: Keyring, row: Any) -> Letter:
    """The letter of a row with its address."""
    content = keys.open_json(content_place(row.case_id, row.id), row.content)
    return Letter(
        row=row.id,
        case_id=row.case_id,
        channel=row.channel,
        address=keys.open_text(address_place(row.case_id, row.channel, row.address_index), row.address),
        language=row.language,
        said=recall_said(content) if row.direction == "said" else None,
        text=content["text"] if row.direction == "staff" else None,
        attempts=row.attempts,
        replies_to=row.replies_to,
        unwanted=row.blocked_at is not None,
    )


def unsent_cases(
    connection: Connection,
    _keys: Keyring,
    now: datetime,
    limit: int,
    before: datetime | None = None,
    carrier: str | None = None,
) -> list[str]:
    """Cases with a letter that is due now and was written before a time (or by staff), the oldest first.

    Those that a living process other than this carrier carries are left to it.
    """
    these = {"now": now, "most": limit, "before": before or now, "wanted_by": carrier}
    return list(connection.scalars(UNSENT_CASES, these))


def mark_sent(connection: Connection, keys: Keyring, deliveries: Sequence[Delivery]) -> list[None]:
    """Mark letters as sent, with the text as it was really shown."""
    rows = [
        {
            "row": each.row,
            "new_platform_id": each.platform_id,
            "new_shown": keys.seal_text(shown_place(each.case_id, each.row), each.shown),
            "sent_at": each.at,
        }
        for each in sorted(deliveries, key=lambda delivery: delivery.row)
    ]
    SENT.run(connection, rows)
    return [None] * len(deliveries)


def put_off(connection: Connection, _keys: Keyring, later: Sequence[PutOff]) -> list[None]:
    """Put letters off; those behind them wait as well, and whoever is first when they are due carries them."""
    rows = [
        {"row": each.row, "then": each.not_before, "error": each.error}
        for each in sorted(later, key=lambda off: off.row)
    ]
    connection.execute(OFF, rows)
    release(connection, (each.case_id for each in later))
    return [None] * len(later)


def let_go(connection: Connection, _keys: Keyring, case_ids: Sequence[str]) -> list[None]:
    """Let anybody carry the letters of these cases, which the caller carries and cannot send."""
    release(connection, case_ids)
    return [None] * len(case_ids)


def give_up(connection: Connection, _keys: Keyring, hopeless: Sequence[GiveUp]) -> list[None]:
    """Give letters up; those behind them get their turn."""
    rows = [{"row": each.row, "error": each.error, "failed_at": each.at} for each in hopeless]
    connection.execute(FAILED, rows)
    return [None] * len(hopeless)


def block(connection: Connection, keys: Keyring, blocked: Sequence[Blocked]) -> list[None]:
    """Send nothing more to these addresses until they write again; what was on its way to them has failed."""
    rows = [
        {"index": address_index(keys, each.channel, each.address), "there": each.channel, "since": each.at}
        for each in blocked
    ]
    connection.execute(BLOCK, [{"index": row["index"], "since": row["since"]} for row in rows])
    connection.execute(FAILED_THERE, rows)
    return [None] * len(blocked)
