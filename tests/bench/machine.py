"""The machine: which core serves and which loads, and what a process has cost so far."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")


def server_cores() -> set[int]:
    """The one core that a measured server may use."""
    return {min(os.sched_getaffinity(0))}


def load_cores() -> set[int]:
    """The cores of everything else: the load, the stand-in, and database servers; the same one if there is only one."""
    return os.sched_getaffinity(0) - server_cores() or server_cores()


def cpu_seconds(pid: int) -> float:
    """Seconds of processor that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def describe() -> dict[str, object]:
    """What the figures were measured on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return {"processor": models[0] if models else "", "cores": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0]}
