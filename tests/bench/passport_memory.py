"""What reading passports takes in a fresh process: seconds to load, megabytes of memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURE = Path(__file__).parents[1] / "specimens" / "passports" / "passport.jpg"
PROGRAM = """
import sys, time
from pathlib import Path
from bot.documents.pixels import open_picture
def size(name):
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith(name))
picture = open_picture(Path(sys.argv[1]).read_bytes())
before = size("VmRSS"), size("VmSize")
began = time.perf_counter()
from bot.documents.mrz_reading import read_mrz
read_mrz(picture)
first = time.perf_counter() - began
began = time.perf_counter()
read_mrz(picture)
print(f"first {first:.2f} s, then {time.perf_counter() - began:.2f} s; "
      f"{size('VmHWM') - before[0]} MB of memory and {size('VmPeak') - before[1]} MB of address space more than before")
"""


def memory() -> str:
    """One sentence with what was measured."""
    command = [sys.executable, "-c", PROGRAM, str(PICTURE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PICTURE.parents[3])
    return f"In a fresh process: {done.stdout.strip()}."
