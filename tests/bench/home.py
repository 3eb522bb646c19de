"""Where the benchmarks keep their files, and the environment that the baselines run in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
REQUIREMENTS: Final = Path(__file__).parent / "baselines" / "requirements.txt"


def out_folder() -> Path:
    """The folder of the results."""
    folder = (Path(os.environ.get("KHAIBAO_HOME", "var")) / "bench").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def baseline_python(out: Path) -> Path:
    """The Python of the baselines' own environment, which is made at the first call."""
    folder = out / "venv"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists() or ready.read_text() != REQUIREMENTS.read_text():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "-r", REQUIREMENTS], check=True)
        ready.write_text(REQUIREMENTS.read_text())
    return python
