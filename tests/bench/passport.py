"""Passports: lines read exactly, fields read wrongly, milliseconds; beside what other readers make of the same."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image, ImageOps

from bot.documents.mrz import Mrz, parse_zone
from bot.documents.mrz_reading import read_mrz
from tests.bench import passport_baselines
from tests.bench.drawn_passports import OCR_B, Document, documents, draw
from tests.bench.passport_lines import read_line
from tests.bench.passport_memory import memory
from tests.bench.passport_scenes import HARDER, SCENES, Scene, cut_off, take
from tests.bench.report import table, write

# Another seed than any that lines for training were drawn with.
SEED = 210
SHARED = Path(__file__).parents[3] / "shared"
Reader = Callable[[Image.Image], Mrz | None]


@dataclass(slots=True)
class Tally:
    """What one reader made of its pictures."""

    exact: dict[str, int] = field(default_factory=dict)
    wrong: int = 0
    pictures: int = 0
    ms: list[float] = field(default_factory=list)

    def add(self, scene: str, made: Document, mrz: Mrz | None, ms: float) -> None:
        """Count one picture."""
        self.exact[scene] = self.exact.get(scene, 0) + (mrz is not None and mrz.lines == made.lines)
        self.wrong += mrz is not None and is_wrong(mrz, made)
        self.pictures += 1
        self.ms.append(ms)

    def row(self, name: str, scenes: Mapping[str, Scene]) -> tuple[str, ...]:
        """The line of the table."""
        each = self.pictures // len(scenes)
        counts = [str(self.exact.get(scene, 0)) for scene in scenes]
        whole = f"**{sum(self.exact.values())}** of {self.pictures}"
        return name, str(each), *counts, whole, str(self.wrong), f"{median(self.ms):,.0f}"


def is_wrong(mrz: Mrz, made: Document) -> bool:
    """Whether a field that counts as confirmed differs from what stands on the document."""
    truth = parse_zone(made.lines).fields
    confirmed = [name for name, read in mrz.fields.items() if read.mark == "confirmed"]
    return any(name not in truth or truth[name].text != mrz.fields[name].text for name in confirmed)


def run(out: Path, *, count: int = 30, beside: int = 6, harder: int = 8) -> None:
    """Read `count` documents in every scene, the first `beside` of them by the other readers too."""
    if not OCR_B.exists():
        print("passport needs Debian's fonts-ocr-b to draw its documents")
        return
    readers: dict[str, tuple[Reader, int]] = {"khaibao": (lambda picture: read_mrz(picture).mrz, count)}
    readers.update({name: (reader, beside) for name, reader in passport_baselines.readers().items()})
    usual = _tallies(readers, SCENES, documents(SEED, count), SEED)
    hard = _tallies({"khaibao": (readers["khaibao"][0], harder)}, HARDER, documents(SEED + 1, harder), SEED + 1)
    texts = [
        table(("reader", "documents", *SCENES, "exact", "wrong", "ms"), [t.row(n, SCENES) for n, t in usual.items()]),
        table(("harder", "documents", *HARDER, "exact", "wrong", "ms"), [t.row(n, HARDER) for n, t in hard.items()]),
        _cut(harder),
        *_of_others(),
        memory(),
    ]
    found: dict[str, Any] = {
        name: {"exact": tally.exact, "pictures": tally.pictures, "wrong": tally.wrong, "ms": tally.ms}
        for name, tally in {**usual, "harder": hard["khaibao"]}.items()
    }
    write(out, "passport", found, "\n\n".join(texts))


def run_short(out: Path) -> None:
    """The same with fewer documents."""
    run(out, count=4, beside=1, harder=1)


def _tallies(
    readers: Mapping[str, tuple[Reader, int]], scenes: Mapping[str, Scene], made: list[Document], seed: int
) -> dict[str, Tally]:
    tallies = {name: Tally() for name in readers}
    for place, document in enumerate(made):
        page = draw(document, seed * 1000 + place)
        for number, (scene, taken) in enumerate(scenes.items()):
            picture = take(taken, page, seed * 7919 + place * 31 + number)
            for name, (reader, most) in readers.items():
                if place < most:
                    began = time.perf_counter()
                    mrz = reader(picture)
                    tallies[name].add(scene, document, mrz, 1000 * (time.perf_counter() - began))
    return tallies


def _cut(count: int) -> str:
    """Pictures that miss the ends of the lines: how many gave a wrong field, or anything at all."""
    tally, given = Tally(), 0
    for place, document in enumerate(documents(SEED + 2, count)):
        mrz = read_mrz(take(cut_off, draw(document, SEED + place), SEED + place)).mrz
        given += mrz is not None
        tally.add("cut", document, mrz, 0)
    return f"Cut off: of {count} pictures {given} gave a zone, {tally.wrong} a wrong field."


def _of_others() -> list[str]:
    """Lines and specimens that others drew, where they are at hand."""
    lines, specimens = SHARED / "testdata/mrz/lines", SHARED / "testdata/mrz/specimen"
    if not lines.exists():
        return [f"The test data of others is not at {SHARED}."]
    rows = [json.loads(row) for row in (lines / "ground_truth.jsonl").read_text().splitlines()]
    right = 0
    for row in rows:
        with Image.open(SHARED / "testdata" / row["file"]) as picture:
            right += read_line(ImageOps.expand(picture.convert("L"), 20, 255)) == row["text"]
    expected = json.loads((specimens / "expected.json").read_text())
    valid = 0
    for name, truth in expected.items():
        with Image.open(specimens / name) as picture:
            mrz = read_mrz(picture.convert("RGB")).mrz
        valid += mrz is not None and mrz.valid and mrz.names.primary == truth["surname"]
    return [f"Lines of others: {right} of {len(rows)} exactly; specimens of others: {valid} of {len(expected)}."]
