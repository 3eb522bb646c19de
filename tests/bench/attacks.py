"""Attacks in the long form: a million bent codes and ten thousand bent pictures, none accepted, none that crashes."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image

from bot.certificates.check import check
from bot.certificates.specimens import folder
from bot.certificates.trust_files import load_trust
from bot.certificates.verdict import Verdict
from bot.documents.photo import read_photo
from bot.documents.photo_reading import PhotoReading
from handlers.reading import ReadingRoom
from tests.attacks.hostile_codes import AT, LAYERS, bend_bytes, content_of, signers
from tests.bench.report import table, write

SEED: Final = 20261124
PROCESSES: Final = 2
# Codes of one batch: a second or two, so that the progress is seen.
BATCH: Final = 10_000
FORMS: Final = ("PNG", "JPEG", "WEBP")
NOW: Final = datetime(2026, 11, 24, 5, tzinfo=UTC)
# Shorter than the service's own, for a bent picture that hangs must cost the benchmark little.
PHOTO_SECONDS: Final = 4.0


def run(out: Path, *, codes: int = 1_000_000, pictures: int = 10_000) -> None:
    """Bend and try so many of each, and write `attacks.json`; RuntimeError if one was accepted or crashed something."""
    tried_codes, tried_pictures = try_codes(codes), asyncio.run(try_pictures(pictures))
    rows = [tried.row(what) for what, tried in (("codes", tried_codes), ("pictures", tried_pictures))]
    head = ("bent", "tried", "refused", "verified, same content", "verified, other content", "crashed", "seconds")
    layers = ", ".join(f"{layer} {count:,}" for layer, count in sorted(tried_codes.layers.items()))
    troubles = ", ".join(f"{name} {count:,}" for name, count in tried_pictures.layers.most_common())
    found = {"codes": tried_codes.kept(), "pictures": tried_pictures.kept()}
    write(out, "attacks", found, f"{table(head, rows)}\n\nCodes by layer: {layers}.\n\nPictures came to: {troubles}.")
    if tried_codes.lost or tried_pictures.lost:
        raise RuntimeError("a bent code or picture was accepted, or brought something down")


def run_short(out: Path) -> None:
    """Twenty thousand codes and eighty pictures."""
    run(out, codes=20_000, pictures=80)


@dataclass
class Tried:
    """What became of everything that was tried; `layers` counts by layer, or by what a picture came to."""

    refused: int = 0
    same: int = 0
    other: int = 0
    crashed: int = 0
    seconds: float = 0.0
    layers: Counter[str] = field(default_factory=Counter)

    @property
    def tried(self) -> int:
        """How many there were."""
        return self.refused + self.same + self.other + self.crashed

    @property
    def lost(self) -> int:
        """How many attacks had what they wanted."""
        return self.other + self.crashed

    def add(self, more: Tried) -> None:
        """Count these as well; time passes by itself."""
        self.refused += more.refused
        self.same += more.same
        self.other += more.other
        self.crashed += more.crashed
        self.layers += more.layers

    def row(self, what: str) -> tuple[str, ...]:
        """This as a row of the table."""
        counts = (self.tried, self.refused, self.same, self.other, self.crashed)
        return (what, *(f"{count:,}" for count in counts), f"{self.seconds:.0f}")

    def kept(self) -> dict[str, object]:
        """This for the file of results."""
        counts = {"tried": self.tried, "refused": self.refused, "verified_same": self.same}
        more = {"verified_other": self.other, "crashed": self.crashed, "seconds": round(self.seconds, 1)}
        return counts | more | {"by": dict(self.layers)}


# ---- codes


def try_codes(number: int) -> Tried:
    """Bend so many codes in two processes; each process signs with keys of its own."""
    whole, began = Tried(), time.monotonic()
    sizes = [min(BATCH, number - done) for done in range(0, number, BATCH)]
    # Started anew, so that nothing of this process is shared.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        batches: list[Future[Tried]] = [pool.submit(one_batch, SEED + each, size) for each, size in enumerate(sizes)]
        for batch in as_completed(batches):
            whole.add(batch.result())
            _progress("codes", whole.tried, number)
    whole.seconds = time.monotonic() - began
    return whole


def one_batch(seed: int, number: int) -> Tried:
    """Bend so many codes and check each, a layer after the other."""
    chance, known, tried = Random(seed), signers(), Tried()
    bends = list(LAYERS.items())
    for each in range(number):
        (layer, bend), sound = bends[each % len(bends)], known.certificates[each // len(bends) % 2]
        text = bend(chance, sound.text)
        tried.layers[layer] += 1
        try:
            verdict = check(text, known.store, AT)
        except Exception as error:
            # The one promise is that nothing raises: whatever does is told, and the rest is tried.
            print(f"crashed at {layer}, seed {seed}, {each}: {error!r}", file=sys.stderr)
            tried.crashed += 1
            continue
        if verdict.outcome != "verified":
            tried.refused += 1
        elif content_of(text) == (sound.protected, sound.payload):
            tried.same += 1
        else:
            tried.other += 1
    return tried


# ---- pictures


async def try_pictures(number: int) -> Tried:
    """Bend so many pictures, and read them the way that the service does: in workers, with their limits."""
    sources, room, tried, began = (
        _sources(),
        ReadingRoom([folder()], PROCESSES, PHOTO_SECONDS),
        Tried(),
        time.monotonic(),
    )
    sound = [_verified(read_photo(source, load_trust(folder()), NOW)) for source in sources]
    left = iter(range(number))

    async def read_on() -> None:
        for each in left:
            chance = Random(SEED + each)
            content = bend_bytes(chance, sources[each % len(sources)])
            _count(tried, await room.read(content, NOW), sound[each % len(sources)])
            if tried.tried % 200 == 0:
                _progress("pictures", tried.tried, number)

    try:
        await room.warm()
        await asyncio.gather(*(read_on() for _ in range(PROCESSES)))
    finally:
        await room.close()
    tried.seconds = time.monotonic() - began
    return tried


def _sources() -> list[bytes]:
    """The specimen in each format, and as a photo with the metadata that telephones write."""
    found: list[bytes] = []
    with Image.open(folder() / "good.png") as opened:
        page = opened.convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Telephone"
    save: list[Callable[[io.BytesIO], None]] = [lambda out, form=form: page.save(out, form) for form in FORMS]  # type: ignore[misc]
    save.append(lambda out: page.save(out, "JPEG", quality=60, exif=exif, progressive=True))
    for each in save:
        out = io.BytesIO()
        each(out)
        found.append(out.getvalue())
    return found


def _verified(reading: PhotoReading) -> Verdict:
    if reading.verdict is None or reading.verdict.outcome != "verified":
        raise RuntimeError("a sound picture is not read")
    return reading.verdict


def _count(tried: Tried, reading: PhotoReading, sound: Verdict) -> None:
    """A worker that was given up in time is a refusal; one that died is counted as crashed, and told."""
    verdict = reading.verdict
    tried.layers[reading.trouble or (verdict.outcome if verdict else "nothing")] += 1
    if reading.trouble == "crashed":
        tried.crashed += 1
    elif verdict is None or verdict.outcome != "verified":
        tried.refused += 1
    elif (verdict.subject, verdict.events, verdict.identifier) == (sound.subject, sound.events, sound.identifier):
        tried.same += 1
    else:
        tried.other += 1


def _progress(what: str, done: int, number: int) -> None:
    if os.isatty(sys.stderr.fileno()) or done == number or done % (number // 10 or 1) < BATCH // 10:
        print(f"{what}: {done:,} of {number:,}", file=sys.stderr, flush=True)
