"""One photo: milliseconds of pictures that the first rung reads, beside the lower bound, picture by picture."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from statistics import median

import numpy
import zxingcpp
from PIL import Image

from bot.certificates import hcert, specimens
from bot.certificates.trust import TrustStore
from bot.certificates.trust_files import load_trust
from bot.documents.photo import read_photo, see_photo
from tests.bench.machine import server_cores
from tests.bench.pictures import pictures
from tests.bench.report import spread, table, write

GOAL = 1.5
AT = datetime(2026, 11, 24, 5, tzinfo=UTC)
# JPEG's reader gives a half, a quarter or an eighth; this is as small as a code in a large photo stays readable.
DRAFT = (1400, 1400)
ONLY_QR = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))


def run(out: Path, *, rounds: int = 40) -> None:
    """Read every picture both ways in turn, and write `photo.json`."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, server_cores())
    trust = load_trust(specimens.folder())
    try:
        found = {name: _both(content, trust, rounds) for name, content in pictures().items()}
    finally:
        os.sched_setaffinity(0, before)
    rows = []
    for name, (rung, seen, whole, least) in found.items():
        ratio = f"{median(_ratios(seen, least)):.2f}"
        figures = (f"{median(times):.1f}" for times in (least, seen, whole))
        rows.append((name, rung, *figures, ratio, f"{median(_ratios(whole, least)):.2f}"))
    first = [ratio for rung, seen, _, least in found.values() if rung == "plain" for ratio in _ratios(seen, least)]
    all_of_it = [
        ratio for rung, _, whole, least in found.values() if rung == "plain" for ratio in _ratios(whole, least)
    ]
    head = ("picture", "rung", "lower bound, ms", "to the verdict, ms", "with the kept picture, ms", "ratio", "with it")
    text = table(head, rows)
    verdict = (
        f"First rung, to the verdict: {spread(first)} × the lower bound (goal: at most {GOAL:g}); "
        f"with the picture encoded anew for keeping: {spread(all_of_it)}"
    )
    kept = {
        name: {"rung": rung, "seen_ms": seen, "whole_ms": whole, "bound_ms": least}
        for name, (rung, seen, whole, least) in found.items()
    }
    write(out, "photo", kept, f"{text}\n\n{verdict}")


def run_short(out: Path) -> None:
    """The same with fewer rounds."""
    run(out, rounds=10)


def _ratios(ours: list[float], least: list[float]) -> list[float]:
    return [one / other for one, other in zip(ours, least, strict=True)]


def _both(content: bytes, trust: TrustStore, rounds: int) -> tuple[str, list[float], list[float], list[float]]:
    """The rung that read it, and milliseconds to our verdict, of all that we do, and of the lower bound."""
    reading = read_photo(content, trust, AT)
    if reading.verdict is None or reading.verdict.outcome != "verified":
        return reading.trouble or "not verified", [0.0], [0.0], [1.0]
    _bound(content, trust)
    seen, whole, least = [], [], []
    for _ in range(rounds):
        seen.append(_ms(lambda: see_photo(content, trust, AT)))
        whole.append(_ms(lambda: read_photo(content, trust, AT)))
        least.append(_ms(lambda: _bound(content, trust)))
    return reading.rung or "", seen, whole, least


def _bound(content: bytes, trust: TrustStore) -> None:
    """JPEG's draft, the reader, and the verification; nothing else."""
    picture = Image.open(BytesIO(content))
    picture.draft("L", DRAFT)
    codes = zxingcpp.read_barcodes(numpy.asarray(picture), formats=ONLY_QR)
    if hcert.check(codes[0].text, trust, AT).outcome != "verified":
        raise AssertionError("the lower bound read something else")


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
