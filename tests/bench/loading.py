"""A slice of load on a server, and what it cost: the load's own figures, with the server's processor time beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.home import ROOT
from tests.bench.machine import cpu_seconds, load_cores
from tests.bench.processes import StandIn, Started

# Chats of different slices must not meet.
CHATS_A_SLICE = 1_000_000
_slices = iter(range(1, 8_000))


class WentWrong(RuntimeError):
    """The load was refused, or a reply did not come: what was measured is no step."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice measured."""

    steps: int
    steps_a_second: float
    cpu_ms: float
    answer_p50_ms: float
    answer_p99_ms: float
    step_p50_ms: float
    step_p99_ms: float
    finished: int
    doubled: int


def load(
    server: Started,
    api: StandIn,
    walk: str,
    replies: str,
    seconds: float,
    connections: int = 32,
    more: Sequence[str] = (),
    doubles: bool = False,
) -> Slice:
    """Load the server for so long; WentWrong if a step was refused or not answered, or answered twice unless told."""
    flags = {"none": (), "body": ("--body",), "delivered": ("--delivers",), "told": ("--delivers",)}[replies]
    command = [sys.executable, "-m", "tests.bench.load", "--port", str(server.port), "--news", str(api.news)]
    command += ["--walk", walk, "--seconds", str(seconds), "--connections", str(connections)]
    command += ["--first", str(next(_slices) * CHATS_A_SLICE), *flags, *more]
    before = cpu_seconds(server.pid)
    ran = subprocess.run(
        command,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, load_cores()),
    )
    cost = cpu_seconds(server.pid) - before
    seen = json.loads(ran.stdout)
    if seen["refused"] or seen["stuck"] or not seen["steps"] or (seen["early"] and not doubles):
        raise WentWrong(json.dumps(seen))
    return Slice(
        steps=seen["steps"],
        steps_a_second=seen["steps_a_second"],
        cpu_ms=1000 * cost / seen["steps"],
        answer_p50_ms=seen["answer_p50_ms"],
        answer_p99_ms=seen["answer_p99_ms"],
        step_p50_ms=seen["step_p50_ms"],
        step_p99_ms=seen["step_p99_ms"],
        finished=seen["finished"],
        doubled=seen["early"],
    )
