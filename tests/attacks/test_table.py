"""The table of attacks names tests that exist, and every test of this folder stands in it."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
HERE = Path(__file__).parent
TABLE = (HERE / "table.txt").read_text().partition("\n\n")[2]
STANDING = {"webhooks", "secrets", "pictures", "codes", "trust", "network", "references", "rights", "text", "privacy"}
STANDING |= {"web chat", "overload", "time", "disk and database"}


def rows() -> dict[str, list[str]]:
    """The tests of each row, by its first line."""
    blocks = [block.splitlines() for block in TABLE.split("\n\n")]
    return {head: [line.strip() for line in proofs] for head, *proofs in blocks}


@cache
def names_in(path: str) -> frozenset[str]:
    """The tests of a file, by name."""
    return frozenset(TEST.findall((HERE.parent / path).read_text()))


@pytest.mark.parametrize("row", rows())
def test_every_test_that_the_table_names_exists(row: str) -> None:
    assert row.count(" | ") == 2
    proofs = rows()[row]
    for proof in proofs:
        path, _, name = proof.partition("::")
        assert name in names_in(path), proof
    assert not [proof for proof, times in Counter(proofs).items() if times > 1]


def test_every_area_that_stands_is_proven() -> None:
    assert {row.partition(" | ")[0] for row, proofs in rows().items() if proofs} == STANDING


def test_every_test_of_this_folder_stands_in_the_table() -> None:
    named = {proof for proofs in rows().values() for proof in proofs}
    paths = [f"attacks/{path.name}" for path in HERE.glob("test_*.py") if path.name != Path(__file__).name]
    assert {f"{path}::{name}" for path in paths for name in names_in(path)} - named == set()
