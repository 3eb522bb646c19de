"""The start: time from the command to the first message answered on the traveller's telephone."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from tests.bench.loading import CHATS_A_SLICE
from tests.bench.machine import load_cores, server_cores
from tests.bench.processes import HOST, StandIn, free_port, stand_in, started
from tests.bench.report import spread, table, write
from tests.bench.subjects import our_environment
from tests.bench.walks import FIRST_CHAT, walk_of

GOAL = 2.0
PATIENCE = 60.0
_chats = count(FIRST_CHAT + 8_000 * CHATS_A_SLICE)


def run(out: Path, *, trials: int = 7) -> None:
    """Start so often with a new home and again with the same, and write `start.json`."""
    folder = Path(tempfile.mkdtemp(prefix="start-", dir=out))
    found: dict[str, list[tuple[float, float]]] = {"a new home": [], "a home with a database": []}
    try:
        with stand_in(folder, load_cores()) as api:
            for number in range(trials):
                for name in found:
                    found[name].append(_first_answer(folder / f"home{number}", api))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = [
        (name, spread([taken for taken, _ in times]), spread([shown for _, shown in times]))
        for name, times in found.items()
    ]
    text = table(("the service starts with", "200 after s", "reply delivered after s"), rows)
    write(out, "start", {"seconds": found}, f"{text}\n\nGoal: under {GOAL:g} s to the first answer.")


def run_short(out: Path) -> None:
    """The same, twice."""
    run(out, trials=2)


def _first_answer(home: Path, api: StandIn) -> tuple[float, float]:
    """Seconds to the first 200, and to the first message that the stand-in got."""
    home.mkdir(exist_ok=True)
    port, chat = free_port(), next(_chats)
    request = walk_of("tourist", port, datetime.now(UTC).date()).request(0, chat)
    with closing(socket.create_connection((HOST, api.news), PATIENCE)) as news:
        began = time.perf_counter()
        command = [sys.executable, "-m", "tests.bench.our_service"]
        words = home.with_suffix(".log")
        with started(command, port, words, server_cores(), our_environment(home, port, api.url)):
            with closing(socket.create_connection((HOST, port), PATIENCE)) as line:
                line.sendall(request)
                if not line.recv(4096).startswith(b"HTTP/1.1 200"):
                    raise RuntimeError("the first message was refused")
                taken = time.perf_counter() - began
                _hear(news, chat)
            return taken, time.perf_counter() - began


def _hear(news: socket.socket, chat: int) -> None:
    """Wait until the stand-in tells of this chat."""
    held = b""
    while b"%d\n" % chat not in held:
        got = news.recv(4096)
        if not got:
            raise RuntimeError("the stand-in is gone")
        held += got
