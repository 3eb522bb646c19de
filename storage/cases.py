"""Cases: found by an address, opened for a new one, sealed and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, or_, select, update

from bot.case import Case, keep, recall
from storage.floods import is_heard, was_too_many
from storage.keys import Keyring
from storage.statements import Swift, insert_yielding, yielding
from storage.tables import addresses, cases, is_waiting, transcript


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An address that no case has yet, and what is known of who writes from it."""

    channel: str
    address: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that somebody writes to, still sealed; `busy` unless the last that was heard there had its turn."""

    case_id: str
    version: int
    state: bytes
    address: bytes
    busy: bool | None


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case as it is stored: `version` moves with every change."""

    case_id: str
    version: int
    case: Case


# Turns are taken in order, so while the last that was heard had its turn, nothing before it waits for one.
_busy = (
    select(or_(is_waiting, was_too_many))
    .where(transcript.c.case_id == cases.c.id, is_heard)
    .order_by(transcript.c.id.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0"))
    .scalar_subquery()
)
FIND = Swift(
    select(
        addresses.c.address_index,
        addresses.c.blocked_at.is_not(None),
        cases.c.id,
        cases.c.version,
        cases.c.state,
        addresses.c.address,
        _busy,
    )
    .join(cases, cases.c.id == addresses.c.case_id)
    .where(addresses.c.address_index.in_(bindparam("indexes", expanding=True)))
)
ADD_CASES = insert(cases)
ADD_ADDRESSES = yielding(addresses, "address_index")
UNBLOCK = update(addresses).where(addresses.c.address_index == bindparam("index")).values(blocked_at=None)
FORGET = delete(cases).where(cases.c.id == bindparam("forgotten"))
BY_ADDRESS = (
    select(cases.c.id, cases.c.version, cases.c.state)
    .join(addresses, addresses.c.case_id == cases.c.id)
    .where(addresses.c.address_index == bindparam("index"))
)
BY_ID = select(cases.c.id, cases.c.version, cases.c.state).where(cases.c.id == bindparam("case_id"))


def address_index(keys: Keyring, channel: str, address: str) -> bytes:
    """The blind index under which an address of a channel is found."""
    return keys.blind(f"addresses.address:{channel}", address)


def address_place(case_id: str, channel: str, index: bytes) -> str:
    """The place for which an address is sealed: it opens for no other case, channel or index."""
    return f"addresses.address:{case_id}/{channel}/{index.hex()}"


def seal_case(keys: Keyring, case_id: str, case: Case) -> bytes:
    """The case as it is stored."""
    return keys.seal_json(f"cases.state:{case_id}", keep(case))


def open_case(keys: Keyring, case_id: str, state: bytes) -> Case:
    """The case that was stored; KeyTrouble if it was not stored here."""
    return recall(keys.open_json(f"cases.state:{case_id}", state))


def find_cases(connection: Connection, indexes: Sequence[bytes]) -> dict[bytes, FoundCase]:
    """The cases by the blind indexes of their addresses; an address that writes is not blocked any more."""
    found = FIND.find(connection, "indexes", indexes)
    back = [{"index": index} for index, blocked, *_ in found if blocked]
    if back:
        connection.execute(UNBLOCK, back)
    return {index: FoundCase(*rest) for index, _, *rest in found}


def open_cases(connection: Connection, keys: Keyring, newcomers: Mapping[bytes, Newcomer]) -> dict[bytes, FoundCase]:
    """A case for every new address, by its blind index; where another process was first, the case that it opened."""
    fresh = {index: uuid4().hex for index in sorted(newcomers)}
    connection.execute(ADD_CASES, [new_case(keys, fresh[index], newcomers[index]) for index in fresh])
    rows = [new_address(keys, fresh[index], index, newcomers[index]) for index in fresh]
    insert_yielding(connection, ADD_ADDRESSES, rows)
    found = find_cases(connection, list(fresh))
    late = [{"forgotten": case_id} for index, case_id in fresh.items() if found[index].case_id != case_id]
    if late:
        connection.execute(FORGET, late)
    return found


def new_case(keys: Keyring, case_id: str, newcomer: Newcomer) -> dict[str, Any]:
    """The row of a case that was just opened."""
    case = Case(language=newcomer.language)
    return {
        "id": case_id,
        "version": 1,
        "state": seal_case(keys, case_id, case),
        "language": case.language,
        "question": None,
        "declaration": case.declaration,
        "with_person": case.with_person,
        "flags": "",
        "flagged_at": None,
        "created_at": newcomer.at,
        "updated_at": newcomer.at,
    }


def new_address(keys: Keyring, case_id: str, index: bytes, newcomer: Newcomer) -> dict[str, Any]:
    """The row of an address that just wrote for the first time."""
    place = address_place(case_id, newcomer.channel, index)
    return {
        "address_index": index,
        "channel": newcomer.channel,
        "case_id": case_id,
        "address": keys.seal_text(place, newcomer.address),
        "blocked_at": None,
    }


def case_of(connection: Connection, keys: Keyring, channel: str, address: str) -> KnownCase | None:
    """The case that is reached at this address, if there is one."""
    row = connection.execute(BY_ADDRESS, {"index": address_index(keys, channel, address)}).one_or_none()
    return KnownCase(row.id, row.version, open_case(keys, row.id, row.state)) if row else None


def case_by_id(connection: Connection, keys: Keyring, case_id: str) -> KnownCase | None:
    """The case with this id, if there is one."""
    row = connection.execute(BY_ID, {"case_id": case_id}).one_or_none()
    return KnownCase(row.id, row.version, open_case(keys, row.id, row.state)) if row else None


def joined(flags: Iterable[str]) -> str:
    """Reasons as the column `flags` holds them."""
    return " ".join(sorted(set(flags)))


def parted(flags: str) -> frozenset[str]:
    """The reasons that the column `flags` holds."""
    return frozenset(flags.split())
