"""Results as JSON in a file, and as a table for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.machine import describe


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first column is text, all others are figures."""
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """The median, with the least and the most behind it."""
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def write(out: Path, name: str, found: dict[str, Any], text: str) -> None:
    """Keep what was found, and show it."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    (out / f"{name}.json").write_text(json.dumps({"at": when, "machine": describe(), **found}, indent=1) + "\n")
    print(f"\n{text}\n", flush=True)
