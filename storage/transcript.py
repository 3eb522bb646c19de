"""The transcript: what was heard is taken in once, and all that was heard and said can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.messages import Incoming, Said, keep_incoming, recall_incoming, recall_said
from storage.cases import FoundCase, Newcomer, address_index, find_cases, open_cases
from storage.floods import TOO_MANY, Hearing, hearings
from storage.keys import Keyring
from storage.statements import insert_yielding, next_rows, padded, yielding
from storage.tables import transcript


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it came in by a channel: the platform's id of it, and the address that it came from."""

    channel: str
    external_id: str
    address: str
    message: Incoming
    at: datetime
    language: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Where an arrival went; `row` is None if it had come before and fell away."""

    case_id: str
    row: int | None


@dataclass(frozen=True, slots=True)
class Noted:
    """An arrival in the transcript, and where it went; it is `next` if nothing of its case waits before it."""

    index: bytes
    case: FoundCase
    row: int | None
    next: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a transcript: `incoming`, `said`, or the `text` of staff; `shown` is what was really sent."""

    row: int
    direction: str
    channel: str
    at: datetime
    incoming: Incoming | None
    said: Said | None
    text: str | None
    shown: str | None
    external_id: str | None
    state: str
    platform_id: str | None
    trouble: str | None


HEAR = yielding(transcript, "channel", "external_id")
PRESENT = select(transcript.c.id).where(transcript.c.id.in_(bindparam("rows", expanding=True)))
ENTRIES = (
    select(transcript)
    .where(transcript.c.case_id == bindparam("case_id"), transcript.c.id > bindparam("after"))
    .order_by(transcript.c.id)
    .limit(bindparam("most"))
)


def content_place(case_id: str, row: int) -> str:
    """The place for which the content of a row is sealed."""
    return f"transcript.content:{case_id}/{row}"


def shown_place(case_id: str, row: int) -> str:
    """The place for which the text that was really shown is sealed."""
    return f"transcript.shown:{case_id}/{row}"


def new_row(
    keys: Keyring, row: int, case_id: str, channel: str, direction: str, content: Any, at: datetime
) -> dict[str, Any]:
    """A row of the transcript that still waits for its turn or its delivery."""
    return {
        "id": row,
        "case_id": case_id,
        "channel": channel,
        "external_id": None,
        "direction": direction,
        "content": keys.seal_json(content_place(case_id, row), content),
        "at": at,
        "state": "waiting" if direction == "heard" else "unsent",
        "attempts": 0,
        "replies_to": None,
    }


def take_in(connection: Connection, keys: Keyring, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Take every arrival into the case of its address, which is opened if it is new; a repeated one falls away."""
    return [Taken(noted.case.case_id, noted.row) for noted in note(connection, keys, arrivals)]


def note(connection: Connection, keys: Keyring, arrivals: Sequence[Arrival]) -> list[Noted]:
    """Take every arrival in as `take_in` does, and tell what was found on the way."""
    indexes = [address_index(keys, arrival.channel, arrival.address) for arrival in arrivals]
    by_index = cases_of(connection, keys, indexes, arrivals)
    found = [by_index[index] for index in indexes]
    given = hearings(
        connection, [(case.case_id, case.busy, arrival.at) for case, arrival in zip(found, arrivals, strict=True)]
    )
    numbers = next_rows(connection, len(arrivals))
    rows = [
        heard_row(keys, number, case.case_id, arrival, hearing)
        for number, case, arrival, hearing in zip(numbers, found, arrivals, given, strict=True)
    ]
    present = add_rows(connection, numbers, rows)
    behind = {case.case_id for case in found if case.busy}
    noted = []
    for index, number, case in zip(indexes, numbers, found, strict=True):
        noted.append(Noted(index, case, number if number in present else None, case.case_id not in behind))
        if number in present:
            behind.add(case.case_id)
    return noted


def cases_of(
    connection: Connection, keys: Keyring, indexes: Sequence[bytes], arrivals: Sequence[Arrival]
) -> dict[bytes, FoundCase]:
    """The case of each arrival by the blind index of its address; it is opened if it is new."""
    found = find_cases(connection, indexes)
    newcomers: dict[bytes, Newcomer] = {}
    for index, arrival in zip(indexes, arrivals, strict=True):
        if index not in found:
            newcomers.setdefault(index, Newcomer(arrival.channel, arrival.address, arrival.language, arrival.at))
    return found | open_cases(connection, keys, newcomers) if newcomers else found


def add_rows(connection: Connection, numbers: Sequence[int], rows: list[dict[str, Any]]) -> set[int]:
    """Add rows of what was heard; the numbers of those that had not come before."""
    # Two processes that take the same updates in the same order do not wait for each other in a circle.
    rows.sort(key=lambda row: (row["channel"], row["external_id"], row["id"]))
    if insert_yielding(connection, HEAR, rows):
        return set(numbers)
    return set(connection.scalars(PRESENT, {"rows": padded(numbers)}))


def heard_row(keys: Keyring, row: int, case_id: str, arrival: Arrival, hearing: Hearing) -> dict[str, Any]:
    """A row of the transcript for what was heard."""
    return {
        **new_row(keys, row, case_id, arrival.channel, "heard", keep_incoming(arrival.message), arrival.at),
        "external_id": arrival.external_id,
        "state": "done" if hearing is Hearing.NONE else "waiting",
        "settled_at": arrival.at if hearing is Hearing.NONE else None,
        "trouble": None if hearing is Hearing.TURN else TOO_MANY,
    }


def entries(connection: Connection, keys: Keyring, case_id: str, after: int = 0, limit: int = 200) -> list[Entry]:
    """The messages of a case after a row, oldest first."""
    rows = connection.execute(ENTRIES, {"case_id": case_id, "after": after, "most": limit})
    return [read_entry(keys, row) for row in rows]


def read_entry(keys: Keyring, row: Any) -> Entry:
    """The message of a row."""
    content = keys.open_json(content_place(row.case_id, row.id), row.content)
    shown = keys.open_text(shown_place(row.case_id, row.id), row.shown) if row.shown else None
    return Entry(
        row=row.id,
        direction=row.direction,
        channel=row.channel,
        at=row.at,
        incoming=recall_incoming(content) if row.direction == "heard" else None,
        said=recall_said(content) if row.direction == "said" else None,
        text=content["text"] if row.direction == "staff" else None,
        shown=shown,
        external_id=row.external_id,
        state=row.state,
        platform_id=row.platform_id,
        trouble=row.trouble,
    )
