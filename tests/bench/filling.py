"""Fills the service's SQLite file with declarations: one that was really made, copied under new numbers.

The copies are as large as the real one and stand in every index; they cannot be opened, for what is sealed is bound to
its row, and nothing opens them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any
from uuid import uuid4

Row = dict[str, Any]
# How many declarations are carried in one transaction.
TOGETHER = 5_000


def fill(path: Path, declarations: int, messages: int) -> None:
    """Add so many finished declarations with so many messages each; one finished declaration must be there already."""
    with sqlite3.connect(path, isolation_level=None) as database:
        database.row_factory = sqlite3.Row
        for pragma in ("synchronous=OFF", "cache_size=-500000", "foreign_keys=OFF"):
            database.execute(f"PRAGMA {pragma}")
        pattern = _pattern(database, messages)
        numbers = count(1 + database.execute("SELECT max(id) FROM transcript").fetchone()[0])
        for first in range(0, declarations, TOGETHER):
            some = [uuid4().hex for _ in range(min(TOGETHER, declarations - first))]
            database.execute("BEGIN IMMEDIATE")
            for table, rows in pattern.items():
                _copy(database, table, rows, some, numbers)
            database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("ANALYZE")
    database.close()


def _pattern(database: sqlite3.Connection, messages: int) -> dict[str, list[Row]]:
    """The rows of one finished declaration, by table."""
    case = database.execute("SELECT case_id FROM permits LIMIT 1").fetchone()["case_id"]
    found = {"cases": "id", "addresses": "case_id", "transcript": "case_id", "permits": "case_id", "audit": "case_id"}
    return {
        table: [
            dict(row) for row in database.execute(f"SELECT * FROM {table} WHERE {column} = ? LIMIT {messages}", (case,))
        ]
        for table, column in found.items()
    }


def _copy(database: sqlite3.Connection, table: str, rows: list[Row], cases: list[str], numbers: Iterator[int]) -> None:
    columns = [column for column in rows[0] if (table, column) != ("audit", "id")]
    change = CHANGES[table]
    copies = (change(case, row, numbers) for case in cases for row in rows)
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
    database.executemany(statement, ([copy[column] for column in columns] for copy in copies))


def _message(case: str, row: Row, numbers: Iterator[int]) -> Row:
    number = next(numbers)
    external = f"f{number}" if row["external_id"] else None
    return row | {"id": number, "case_id": case, "external_id": external}


CHANGES: dict[str, Callable[[str, Row, Iterator[int]], Row]] = {
    "cases": lambda case, row, _: row | {"id": case},
    "addresses": lambda case, row, _: row | {"case_id": case, "address_index": os.urandom(32)},
    "transcript": _message,
    "permits": lambda case, row, _: (
        row | {"case_id": case, "reference": f"F{case[:14].upper()}", "passport_index": os.urandom(32)}
    ),
    "audit": lambda case, row, _: row | {"case_id": case},
}


def sizes(path: Path) -> dict[str, int]:
    """Rows of each table, and the bytes of the file."""
    with sqlite3.connect(path) as database:
        rows = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in CHANGES}
    database.close()
    return dict(chain(rows.items(), [("bytes", path.stat().st_size)]))
