"""Draws the photographed passports, cards and visas of invented persons that stand in tests/specimens/passports.

Run `python -m tests.specimens.make_passports`; Debian's fonts-ocr-b must be there. Every run draws the same pictures.
"""

from __future__ import annotations

import json
import random
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFilter

from tests.bench.drawn_passports import document, draw
from tests.bench.passport_scenes import Scene, cut_off, fingers, lit, moved, on_a_table, take

FOLDER = Path(__file__).parent / "passports"
MOST_BYTES = 60_000
SIDE = 1000

SHOWN: dict[str, tuple[str, Scene]] = {
    "passport": ("TD3", lambda page, chance: on_a_table(page, chance, SIDE)),
    "passport-upside-down": (
        "TD3",
        lambda page, chance: on_a_table(page, chance, SIDE).transpose(Image.Transpose.ROTATE_180),
    ),
    "passport-on-its-side": (
        "TD3",
        lambda page, chance: on_a_table(page, chance, SIDE).transpose(Image.Transpose.ROTATE_90),
    ),
    "passport-glare": ("TD3", lambda page, chance: lit(on_a_table(page, chance, SIDE), chance, glare=0.5, shadow=0.5)),
    "passport-blurred": (
        "TD3",
        lambda page, chance: on_a_table(page, chance, SIDE).filter(ImageFilter.GaussianBlur(1.4)),
    ),
    "passport-moved": ("TD3", lambda page, chance: moved(on_a_table(page, chance, SIDE), chance, 7)),
    "passport-dark": (
        "TD3",
        lambda page, chance: on_a_table(page, chance, SIDE).point(lambda level: level * 0.22),
    ),
    "passport-aside": (
        "TD3",
        lambda page, chance: on_a_table(page, chance, SIDE, fills=0.75, degrees=14, perspective=0.1),
    ),
    "card": ("TD1", lambda page, chance: on_a_table(page, chance, SIDE)),
    "card-held": ("TD2", lambda page, chance: fingers(on_a_table(page, chance, SIDE, fills=0.96), chance)),
    "visa": ("MRV-A", lambda page, chance: on_a_table(page, chance, SIDE, degrees=8)),
    "visa-small": ("MRV-B", lambda page, chance: on_a_table(page, chance, SIDE, fills=0.6)),
    "passport-cut-off": ("TD3", cut_off),
}


def encoded(picture: Image.Image) -> bytes:
    """As JPEG, as good as fits."""
    for quality in range(80, 20, -6):
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    return encoded(picture.resize((picture.width * 9 // 10, picture.height * 9 // 10), Image.Resampling.LANCZOS))


def main() -> None:
    """Draw all of them, and write down what stands on each."""
    FOLDER.mkdir(exist_ok=True)
    lines = {}
    for seed, (name, (kind, scene)) in enumerate(SHOWN.items(), start=40):
        made = document(random.Random(seed), kind)
        picture = take(scene, draw(made, seed), seed)
        (FOLDER / f"{name}.jpg").write_bytes(encoded(picture))
        lines[name] = {"kind": made.kind, "lines": made.lines}
    (FOLDER / "lines.json").write_text(json.dumps(lines, indent=1) + "\n")


if __name__ == "__main__":
    main()
