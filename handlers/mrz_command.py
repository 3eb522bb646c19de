"""`khaibao mrz`: read the machine readable zones of passports in picture files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.documents.mrz import Mrz
from bot.documents.mrz_reading import MrzReading, read_mrz
from bot.documents.pixels import PixelsError, open_picture
from handlers.settings import Settings

NOT_READ = 1


def add_to(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao mrz`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="pictures of passports, cards or visas")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")


def run(arguments: argparse.Namespace, _settings: Settings) -> int:
    """Read every file; 0 when all were read and all check digits are right, else 1.

    Raises OSError for a file that is not there.
    """
    contents = [(path, path.read_bytes()) for path in arguments.files]
    all_valid = True
    for path, content in contents:
        reading = _read(content)
        all_valid = all_valid and isinstance(reading, MrzReading) and reading.mrz is not None and reading.mrz.valid
        if arguments.json:
            sys.stdout.write(json.dumps(_object(path, reading)) + "\n")
        else:
            sys.stdout.write("\n".join(_rows(path, reading)) + "\n\n")
    return 0 if all_valid else NOT_READ


def _read(content: bytes) -> MrzReading | str:
    """The reading, or the short name of what is wrong with the picture."""
    try:
        return read_mrz(open_picture(content))
    except PixelsError as wrong:
        return wrong.trouble


def _object(path: Path, reading: MrzReading | str) -> dict[str, Any]:
    """One file's result for JSON."""
    if isinstance(reading, str) or reading.mrz is None:
        trouble = reading if isinstance(reading, str) else reading.trouble
        return {"file": str(path), "valid": False, "trouble": trouble}
    mrz = reading.mrz
    return {
        "file": str(path),
        "valid": mrz.valid,
        "kind": mrz.kind,
        "lines": list(mrz.lines),
        "fields": {name: {"text": field.value, "mark": field.mark} for name, field in mrz.fields.items()},
        "names": {"primary": mrz.names.primary, "secondary": mrz.names.secondary, "truncated": mrz.names.truncated},
        "checks": [
            {"name": check.name, "line": check.line, "column": check.column, "stands": check.stands}
            | {"ought": check.ought, "valid": check.valid}
            for check in mrz.checks
        ],
        "doubts": [
            {"field": doubt.field, "line": doubt.line, "column": doubt.column, "read": doubt.read}
            | {"candidates": list(doubt.candidates)}
            for doubt in mrz.doubts
        ],
        "to_ask": list(mrz.to_ask),
        "to_confirm": list(mrz.to_confirm),
    }


def _rows(path: Path, reading: MrzReading | str) -> Iterator[str]:
    """One file's result for people."""
    if isinstance(reading, str) or reading.mrz is None:
        trouble = reading if isinstance(reading, str) else reading.trouble or ""
        yield f"{path}: {trouble.replace('_', ' ')}"
        return
    mrz = reading.mrz
    yield f"{path}: {mrz.kind}, {'valid' if mrz.valid else 'not valid'}"
    yield from (f"  {line}" for line in mrz.lines)
    for name, field in mrz.fields.items():
        yield f"  {name.replace('_', ' '):<17} {field.value:<40} {_remark(mrz, name)}".rstrip()
    for check in mrz.checks:
        if not check.valid:
            place = f"line {check.line}, column {check.column}"
            what = check.name.replace("_", " ")
            yield f"  check digit of {what} ({place}): {check.stands}, ought to be {check.ought}"
    for doubt in mrz.doubts:
        instead = f", perhaps {' or '.join(doubt.candidates)}" if doubt.candidates else ""
        yield f"  doubtful: line {doubt.line}, column {doubt.column}: {doubt.read}{instead}"


def _remark(mrz: Mrz, name: str) -> str:
    if name in mrz.to_ask:
        return "cannot be used"
    return mrz.fields[name].mark
