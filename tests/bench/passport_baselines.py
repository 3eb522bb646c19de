"""Other readers of passports, each used as its makers advise, with the same parser behind it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

from bot.documents.mrz import Mrz, MrzError
from bot.documents.mrz_text import parse_lines

MODELS = Path(__file__).parents[3] / "shared" / "models"
MRZ_MODEL = MODELS / "mrz.traineddata"


def readers() -> dict[str, Callable[[Image.Image], Mrz | None]]:
    """The readers that are installed here."""
    found: dict[str, Callable[[Image.Image], Mrz | None]] = {"rapidocr, whole page": rapidocr}
    if shutil.which("tesseract"):
        found["tesseract, English, whole page"] = lambda picture: tesseract(picture, "eng")
        if MRZ_MODEL.exists():
            found["tesseract, MRZ model, whole page"] = lambda picture: tesseract(picture, "mrz")
    return found


def rapidocr(picture: Image.Image) -> Mrz | None:
    """All lines of print that rapidocr finds and reads."""
    found, _ = _rapidocr()(numpy.asarray(picture.convert("RGB"))[..., ::-1])
    return _parsed("\n".join(text for _, text, _ in found or ()))


@cache
def _rapidocr() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)


def tesseract(picture: Image.Image, language: str) -> Mrz | None:
    """All that tesseract reads on the page, as one block where it knows nothing but machine readable lines."""
    command = ["tesseract", "-", "-", "-l", language, *(["--psm", "6"] if language == "mrz" else [])]
    if language == "mrz":
        command += ["--tessdata-dir", str(MODELS)]
    with tempfile.TemporaryFile() as file:
        picture.convert("L").save(file, "PNG")
        file.seek(0)
        done = subprocess.run(command, stdin=file, capture_output=True, text=True, timeout=60, check=False)
    return _parsed(done.stdout)


def _parsed(text: str) -> Mrz | None:
    try:
        return parse_lines(text[:4000])
    except MrzError:
        return None
