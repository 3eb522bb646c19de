"""Codes found in damaged pictures, by our ladder, by pyzbar and by zxing-cpp side by side; and the coach's advice."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy
import zxingcpp
from pyzbar import pyzbar
from pyzbar.pyzbar_error import PyZbarError

from bot.documents.codes import find_codes
from bot.documents.pixels import full_size, open_picture
from tests.bench.coaching import SPOILT, confusions
from tests.bench.damage import EASY, HARD, Damage
from tests.bench.drawn_codes import SEED, Drawn, own_codes, real_codes
from tests.bench.report import table, write

DENSE = 8
"""The last of our own codes, which are the dense ones and all of them in the hard set."""

ONLY_QR = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))
Reader = Callable[[bytes], list[bytes]]


def run(out: Path, every: int = 1) -> None:
    """Read all pictures with each reader, and write `codes.json`."""
    own, real = own_codes(), real_codes()
    found: dict[str, object] = {}
    texts = []
    sets: list[tuple[str, Mapping[str, Damage], Sequence[Drawn]]] = [("our own codes", EASY, own[::every])]
    if real:
        sets.append(("real certificates", EASY, real[::every]))
    sets.append(("hard", HARD, [*own[: -DENSE : 6 * every], *own[-DENSE:]]))
    for name, damages, codes in sets:
        result = measure(damages, codes)
        found[name] = result
        texts.append(_shown(name, result, len(codes)))
    said = confusions(own[4:-DENSE:8])
    found["coach"] = {trouble: dict(answers) for trouble, answers in said.items()}
    texts.append(_confusions(said))
    write(out, "codes", found, "\n\n".join(texts))


def run_short(out: Path) -> None:
    """The same with a sixth of the codes."""
    run(out, every=6)


def measure(damages: Mapping[str, Damage], codes: Sequence[Drawn]) -> dict[str, dict[str, object]]:
    """By damage: what each reader found, its milliseconds, the rungs of the ladder, and what was read wrongly."""
    result: dict[str, dict[str, object]] = {}
    for turn, (name, damage) in enumerate(damages.items()):
        right: Counter[str] = Counter()
        wrong: Counter[str] = Counter()
        took: dict[str, list[float]] = defaultdict(list)
        rungs: Counter[str] = Counter()
        for number, code in enumerate(codes):
            content = damage(code.picture, numpy.random.default_rng([SEED, turn, number]))
            for reader, read in _readers(rungs).items():
                began = time.perf_counter()
                contents = read(content)
                took[reader].append(1000 * (time.perf_counter() - began))
                right[reader] += code.content in contents
                wrong[reader] += any(other != code.content for other in contents)
        result[name] = {
            reader: {
                "found": right[reader],
                "wrong": wrong[reader],
                "ms": median(took[reader]),
                "most_ms": max(took[reader]),
            }
            for reader in took
        }
        result[name]["rungs"] = dict(rungs)
    return result


def _readers(rungs: Counter[str]) -> dict[str, Reader]:
    def ladder(content: bytes) -> list[bytes]:
        picture = open_picture(content, smaller=True, grey=True)
        large = full_size(content) != picture.size
        codes = find_codes(picture, full=(lambda: open_picture(content, grey=True)) if large else None)
        rungs.update(code.rung for code in codes[:1])
        return [code.content for code in codes]

    return {"ladder": ladder, "zxing-cpp": _zxing, "pyzbar": _zbar}


def _zxing(content: bytes) -> list[bytes]:
    return [bytes(code.bytes) for code in zxingcpp.read_barcodes(_grey(content), formats=ONLY_QR)]


def _zbar(content: bytes) -> list[bytes]:
    try:
        read = pyzbar.decode(_grey(content), symbols=[pyzbar.ZBarSymbol.QRCODE])
    except (ValueError, PyZbarError):
        return []
    return [_undone(code.data) for code in read]


def _undone(content: bytes) -> bytes:
    """Bytes as they were before zbar made UTF-8 of them."""
    try:
        return content.decode("utf-8").encode("latin-1")
    except UnicodeError:
        return content


def _grey(content: bytes) -> numpy.typing.NDArray[numpy.uint8]:
    return numpy.asarray(open_picture(content, grey=True).convert("L"))


def _shown(name: str, result: dict[str, dict[str, object]], codes: int) -> str:
    readers = ("pyzbar", "zxing-cpp", "ladder")
    rows = []
    for damage, figures in result.items():
        cells = [figures[reader] for reader in readers]
        rungs = figures["rungs"]
        later = sum(count for rung, count in rungs.items() if rung != "plain") if isinstance(rungs, dict) else 0
        rows.append((damage, *(f"{cell['found']} ({cell['ms']:.0f} ms)" for cell in cells), str(later)))  # type: ignore[index]
    totals = {reader: sum(figures[reader]["found"] for figures in result.values()) for reader in readers}  # type: ignore[index]
    wrong = sum(figures["ladder"]["wrong"] for figures in result.values())  # type: ignore[index]
    slowest = max(figures["ladder"]["most_ms"] for figures in result.values())  # type: ignore[index]
    of = codes * len(result)
    rows.append((f"**of {of}**", *(f"**{totals[reader]}**" for reader in readers), ""))
    head = (f"{name}, {codes} each", *readers, "later rungs")
    return f"{table(head, rows)}\n\nRead wrongly: {wrong}. Slowest: {slowest / 1000:.1f} s."


def _confusions(said: Mapping[str, Counter[str]]) -> str:
    columns = [*SPOILT, "unclear", "read"]
    rows = [(trouble, *(str(answers[column] or "") for column in columns)) for trouble, answers in said.items()]
    return table(("spoilt by, and what the coach says", *columns), rows)
