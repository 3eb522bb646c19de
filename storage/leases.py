"""Leases: of several processes one alone carries the letters of a case, as long as it lives."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select, update

from storage.processes import is_free
from storage.statements import padded
from storage.tables import cases

# A case whose row another transaction holds is being settled there, and whoever settles it sees to its letters: waiting
# for it could only end in two processes that wait for each other.
FREE = (
    select(cases.c.id)
    .where(cases.c.id.in_(bindparam("case_ids", expanding=True)), is_free(cases.c.carried_by))
    .order_by(cases.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)
CARRY = (
    update(cases)
    .where(
        cases.c.id.in_(bindparam("case_ids", expanding=True)),
        cases.c.carried_by.is_distinct_from(bindparam("new_carrier")),
    )
    .values(carried_by=bindparam("new_carrier"))
)
MINE = (
    select(cases.c.id)
    .where(cases.c.id.in_(bindparam("case_ids", expanding=True)), cases.c.carried_by.is_not(None))
    .order_by(cases.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)


def claim(connection: Connection, case_ids: Iterable[str], carrier: str | None) -> set[str]:
    """Which of these cases this process carries now: all but those that another living process carries."""
    wanted = sorted(set(case_ids))
    free = list(connection.scalars(FREE, {"case_ids": padded(wanted), "wanted_by": carrier})) if wanted else []
    if free:
        connection.execute(CARRY, {"case_ids": padded(free), "new_carrier": carrier})
    return set(free)


def release(connection: Connection, case_ids: Iterable[str]) -> None:
    """Let anybody carry these cases; the caller carries them."""
    wanted = sorted(set(case_ids))
    mine = list(connection.scalars(MINE, {"case_ids": padded(wanted)})) if wanted else []
    if mine:
        connection.execute(CARRY, {"case_ids": padded(mine), "new_carrier": None})
