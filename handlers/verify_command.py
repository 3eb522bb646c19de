"""`khaibao verify`: check the certificates in files, without a database.

Every file is opened in a worker process with limits of time and memory, so one that hangs or crashes costs its own
line. What a certificate claims is printed on standard output and goes nowhere else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.certificates.verdict import Event, Verdict, keep
from bot.documents.photo_reading import MAX_BYTES, PhotoReading
from handlers.reading import ReadingRoom
from handlers.service import now, trust_folders
from handlers.settings import Settings
from handlers.table import lay_out

VERIFIED, NOT_VERIFIED, WRONG_USE = 0, 1, 2

AHEAD = 8
"""Files a worker may be ahead of the one whose line is next, so that a slow one does not hold the others up."""

_MARKS = {"verified": "[+]", "unverified": "[?]", "unreadable": "[x]"}
_HEADING = ("outcome", "file", "format", "issuer", "name", "events", "reason", "rung", "ms")
# How narrow a column may become: a mark and a word stay whole, a name is known by its beginning.
_FLOORS = (14, 12, 5, 4, 10, 15, 8, 5, 3)
# SNOMED CT, as the EU value sets have it.
_RESULTS = {"260415000": "not detected", "260373001": "detected"}


class WrongUse(Exception):
    """The command cannot be begun as it was given; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one file brought: its best certificate, how many others it holds, and how long the reading took."""

    file: Path
    reading: PhotoReading
    milliseconds: int

    @property
    def outcome(self) -> str:
        """The outcome of the best certificate; "unreadable" where there is none."""
        return self.reading.verdict.outcome if self.reading.verdict else "unreadable"


def add_to(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao verify`."""
    tells = "pictures, documents, text files that hold a code's content, and folders of them"
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=tells)
    tells = "one JSON object a line instead of a table: a file's best certificate, and in `others` how many more it has"
    parser.add_argument("--json", action="store_true", help=tells)
    tells = "a folder of lists of trusted keys, instead of what the service trusts; may be given several times"
    parser.add_argument("--trust", action="append", type=Path, metavar="FOLDER", help=tells)
    tells = "check as of this moment: a date, or a date and time with their zone, as 2026-11-24T08:00+07:00"
    parser.add_argument("--at", type=_moment, metavar="TIME", help=tells)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Check every file; 0 when each held a certificate that is verified, 1 otherwise, 2 when it cannot be begun."""
    try:
        files = _gather(arguments.files)
        folders = _folders(arguments.trust) if arguments.trust else trust_folders(settings)
    except WrongUse as wrong:
        print(f"khaibao: {wrong}", file=sys.stderr)
        return WRONG_USE
    workers = min(settings.photo_workers, len(files))
    found = asyncio.run(_tell(files, folders, workers, arguments.at or now(), arguments.json))
    return VERIFIED if all(finding.outcome == "verified" for finding in found) else NOT_VERIFIED


async def verify(files: Sequence[Path], room: ReadingRoom, at: datetime, workers: int) -> AsyncIterator[Finding]:
    """What each file holds, in their order, `workers` of them being read at a time; the room must have as many."""
    places = asyncio.Semaphore(workers)
    begun: deque[asyncio.Task[Finding]] = deque()
    try:
        for file in files:
            begun.append(asyncio.create_task(_look(file, room, at, places)))
            if len(begun) >= AHEAD * workers:
                yield await begun.popleft()
        while begun:
            yield await begun.popleft()
    finally:
        for task in begun:
            task.cancel()


async def _look(file: Path, room: ReadingRoom, at: datetime, places: asyncio.Semaphore) -> Finding:
    async with places:
        began = time.perf_counter()
        try:
            reading = await room.read(await asyncio.to_thread(_content, file), at)
        except OSError:
            # It went away since the folder was listed, or belongs to somebody else.
            reading = PhotoReading("cannot_be_opened")
        return Finding(file, reading, round(1000 * (time.perf_counter() - began)))


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        # One byte more tells that it is too large.
        return opened.read(MAX_BYTES + 1)


async def _tell(
    files: Sequence[Path], folders: Sequence[Path], workers: int, at: datetime, as_json: bool
) -> list[Finding]:
    """Check all files and print what they brought: objects as they come, the table when all are known."""
    room = ReadingRoom(folders, workers)
    found: list[Finding] = []
    bad = 0
    try:
        await room.warm()
        async for finding in verify(files, room, at, workers):
            found.append(finding)
            bad += finding.outcome != "verified"
            if as_json:
                _show_progress("")
                print(json.dumps(as_object(finding)), flush=True)
            _show_progress(f"{len(found)} of {len(files)} files, {bad} not verified")
    finally:
        _show_progress("")
        await room.close()
    if not as_json:
        for line in lay_out([_HEADING, *map(_row, found)], _FLOORS):
            print(line)
    return found


def _show_progress(text: str) -> None:
    """Write over the line on the terminal; nothing where standard error goes elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def as_object(finding: Finding) -> dict[str, Any]:
    """A file's finding for JSON; every object has the same members, whatever the file held."""
    reading = finding.reading
    best = reading.verdict or Verdict("unreadable", "no_code", "")
    kept = keep(best)
    return {
        "file": str(finding.file),
        "outcome": finding.outcome,
        "format": best.format,
        "reason": _reason(reading),
        "validity": best.validity if finding.outcome != "unreadable" else None,
        "specimen": best.specimen,
        "issuer": best.issuer,
        "country": best.country,
        "kid": best.kid,
        "subject": kept["subject"] or {},
        "events": kept["events"],
        "issued_at": kept["issued_at"],
        "expires_at": kept["expires_at"],
        "identifier": best.identifier,
        "others": max(0, len(reading.verdicts) - 1),
        "page": reading.page,
        "rung": reading.rung,
        "milliseconds": finding.milliseconds,
    }


def _reason(reading: PhotoReading) -> str:
    """Why the best certificate has its outcome, or what was wrong with the file where there is none."""
    return reading.verdict.reason if reading.verdict else reading.trouble or "no_code"


def _row(finding: Finding) -> tuple[str, ...]:
    reading, best = finding.reading, finding.reading.verdict
    begin = f"{_MARKS[finding.outcome]} {finding.outcome}", str(finding.file)
    end = reading.rung or "", str(finding.milliseconds)
    if best is None:
        return *begin, "", "", "", "", _reason(reading).replace("_", " "), *end
    subject = best.subject
    name = ", ".join(filter(None, (subject.family, subject.given))) if subject else ""
    issuer = best.country if best.issuer == best.country else f"{best.country} {best.issuer}".strip()
    events = "; ".join(map(in_short, best.events))
    return *begin, best.format, issuer, name, events, ", ".join(_remarks(reading, best)), *end


def _remarks(reading: PhotoReading, best: Verdict) -> Iterator[str]:
    """The reason, and what else should be known before a certificate is relied on."""
    if best.validity != "valid":
        yield best.validity.replace("_", " ")
    if best.specimen:
        yield "specimen"
    if len(reading.verdicts) > 1:
        yield f"{len(reading.verdicts) - 1} more"
    if best.reason != "ok":
        yield best.reason.replace("_", " ")


def in_short(event: Event) -> str:
    """An event in a few words, such as "vaccination 2/2 2021-06-01"."""
    words: list[str] = [event.kind]
    if event.dose is not None:
        words.append(f"{event.dose}/{event.doses if event.doses is not None else '?'}")
    if event.test_result:
        words.append(_RESULTS.get(event.test_result, event.test_result))
    return " ".join(filter(None, (*words, event.date)))


def _gather(named: Sequence[Path]) -> list[Path]:
    """Every file named, and of folders all that are not hidden; WrongUse where there is none."""
    files: list[Path] = []
    for path in named:
        if path.is_dir():
            inside = (file for file in sorted(path.rglob("*")) if file.is_file() and not _is_hidden(file, path))
            files.extend(inside)
        elif not path.exists():
            raise WrongUse(f"there is no file or folder {path}")
        elif not path.is_file() or not os.access(path, os.R_OK):
            raise WrongUse(f"{path} cannot be read")
        else:
            files.append(path)
    if not files:
        raise WrongUse(f"there is no file in {', '.join(map(str, named))}")
    return files


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _folders(named: Sequence[Path]) -> tuple[Path, ...]:
    for folder in named:
        if not folder.is_dir():
            raise WrongUse(f"there is no folder {folder}")
    return tuple(named)


def _moment(text: str) -> datetime:
    """A time with its zone, or the midnight (UTC) at which a date begins."""
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo:
            return moment.astimezone(UTC)
        if len(text) <= len("2026-11-24"):
            return moment.replace(tzinfo=UTC)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a date nor a date and time with their zone")
