"""Processes that a benchmark starts: pinned to their core, waited for, paused while others are measured, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.home import ROOT

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
QUIET_SECONDS: Final = 0.2


class DidNotStart(RuntimeError):
    """A process ended or did not answer in time; the message ends with its last words."""


@dataclass(frozen=True, slots=True)
class Started:
    """A process, the port that it answers on, and the file of its words."""

    process: subprocess.Popen[bytes]
    port: int
    words: Path

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def pause(self) -> None:
        """Let it and its children stand still, once what follows the last reply is over and holds no lock."""
        time.sleep(QUIET_SECONDS)
        os.killpg(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        os.killpg(self.pid, signal.SIGCONT)

    def end(self) -> None:
        """End it, politely at first."""
        if self.process.poll() is None:
            self.go_on()
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextmanager
def started(
    command: Sequence[str | Path],
    port: int,
    words: Path,
    cores: set[int],
    environment: Mapping[str, str] | None = None,
) -> Iterator[Started]:
    """A process in a group of its own that listens on the port, until the end of the block."""
    with words.open("ab") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=dict(os.environ) | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
    one = Started(process, port, words)
    try:
        wait_for(one)
        yield one
    finally:
        one.end()


def wait_for(one: Started) -> None:
    """Wait until it listens; DidNotStart if it does not."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and one.process.poll() is None:
        try:
            socket.create_connection((HOST, one.port), 0.5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise DidNotStart(one.words.read_text(errors="replace")[-2000:])


@dataclass(frozen=True, slots=True)
class StandIn:
    """The Bot API that stands in: its address, and the port of its news."""

    process: Started
    news: int

    @property
    def url(self) -> str:
        """Where the Bot API is."""
        return f"http://{HOST}:{self.process.port}"


@contextmanager
def stand_in(out: Path, cores: set[int]) -> Iterator[StandIn]:
    """A stand-in of the Bot API."""
    port, news = free_port(), free_port()
    command = [sys.executable, "-m", "tests.bench.stand_in_api", str(port), str(news)]
    with started(command, port, out / "stand_in.log", cores) as process:
        yield StandIn(process, news)
