"""Flags: the reasons to look at a case, and how those are changed that the memory itself has found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, bindparam, case, func, literal_column, select, update

from storage.cases import joined, parted
from storage.statements import Swift
from storage.tables import Time, cases

# A turn failed so often that its message was parked.
TURN_FAILED = "turn_failed"
# The certificate was shown for another passport as well.
CERTIFICATE_USED_TWICE = "certificate_used_twice"
# The certificate, or the key that signed it, was taken out of trust after it had been checked.
CERTIFICATE_WITHDRAWN, KEY_WITHDRAWN = "certificate_withdrawn", "key_withdrawn"
# The case as it is stored does not open.
DAMAGED = "damaged"
# The mind does not know of these, so no turn takes them away: they stay until staff settle them, or their reason goes.
OF_THE_MEMORY = frozenset({TURN_FAILED, CERTIFICATE_USED_TWICE, CERTIFICATE_WITHDRAWN, KEY_WITHDRAWN, DAMAGED})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands; nobody else can change it before COMMIT."""

    version: int
    flags: str
    carrier: str | None


# Locked in the order of their ids, so that two processes do not wait for each other in a circle.
STANDING = Swift(
    select(cases.c.id, cases.c.version, cases.c.flags, cases.c.carried_by)
    .where(cases.c.id.in_(bindparam("case_ids", expanding=True)))
    .order_by(cases.c.id)
    .with_for_update(key_share=True)
)
# Since when a case has flags: they keep the time of the first until all are gone.
flagged_since = case(
    (bindparam("new_flags", type_=Text) == literal_column("''"), None),
    else_=func.coalesce(cases.c.flagged_at, bindparam("flagged_now", type_=Time)),
)
FLAG = (
    update(cases)
    .where(cases.c.id == bindparam("case_id"))
    .values(flags=bindparam("new_flags"), flagged_at=flagged_since)
)


def stand(connection: Connection, case_ids: Iterable[str]) -> dict[str, Standing]:
    """How these cases stand."""
    return {case_id: Standing(*rest) for case_id, *rest in STANDING.find(connection, "case_ids", sorted(case_ids))}


def add_flags(connection: Connection, reasons: Mapping[str, Set[str]], times: Mapping[str, datetime]) -> None:
    """Add reasons to the flags of cases, beside what the mind flagged."""
    change_flags(connection, reasons, {}, times)


def change_flags(
    connection: Connection,
    added: Mapping[str, Set[str]],
    gone: Mapping[str, Set[str]],
    times: Mapping[str, datetime],
) -> None:
    """Add reasons to the flags of cases and take others away; a case that is not there any more is passed over."""
    changes = []
    for case_id, row in stand(connection, {*added, *gone}).items() if added or gone else ():
        flags = joined((parted(row.flags) | added.get(case_id, frozenset())) - gone.get(case_id, frozenset()))
        if flags != row.flags:
            changes.append({"case_id": case_id, "new_flags": flags, "flagged_now": times[case_id]})
    if changes:
        connection.execute(FLAG, changes)
