"""All benchmarks, one after the other: `python -m tests.bench [names…] [--short]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bench import attacks, codes, light, memory_per_chat, passport, photo, start, step, stored, two_processes
from tests.bench.home import out_folder

Bench = Callable[[Path], None]
# The whole, and the short form that fits into three minutes with all others.
BENCHES: Final[dict[str, tuple[Bench, Bench]]] = {
    "step": (step.run, step.run_short),
    "light": (light.run, light.run_short),
    "start": (start.run, start.run_short),
    "photo": (photo.run, photo.run_short),
    "codes": (codes.run, codes.run_short),
    "passport": (passport.run, passport.run_short),
    "memory_per_chat": (memory_per_chat.run, memory_per_chat.run_short),
    "two_processes": (two_processes.run, two_processes.run_short),
    "stored": (stored.run, stored.run_short),
}
# Wanted by name alone: each needs half an hour, and the first a large disk.
SELDOM: Final[dict[str, tuple[Bench, Bench]]] = {
    "stored_million": (stored.run_million, stored.run_million),
    "attacks": (attacks.run, attacks.run_short),
}


def main() -> int:
    """Run what was asked for; 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    known = ", ".join([*BENCHES, *SELDOM])
    parser.add_argument("names", nargs="*", help=f"some of {known}; without a name all but the last two")
    parser.add_argument("--short", action="store_true", help="within three minutes instead of fifteen")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHES | SELDOM):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    out, failed = out_folder(), False
    for name in arguments.names or BENCHES:
        whole, short = (BENCHES | SELDOM)[name]
        began = time.monotonic()
        print(f"## {name}", flush=True)
        try:
            (short if arguments.short else whole)(out)
        except Exception as error:
            # One that fails does not keep the others from being measured.
            print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr)
            failed = True
        print(f"({name} took {time.monotonic() - began:.0f} s)", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
