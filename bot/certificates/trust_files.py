"""Reads keys from files of trust lists, whatever their shape, and keeps the store of a folder up to date.

A file or entry that cannot be used becomes a problem in the store and hides no other. Files that lie in a folder named
after a scheme belong to it: trust/vdsnc/authority.der, trust/divoc/did%3Aindia.pem.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from bot.certificates.trust import (
    DIVOC,
    SCHEMES,
    Problem,
    TrustedKey,
    TrustError,
    TrustStore,
    UnreadableFile,
    Withdrawals,
    build_store,
    join_stores,
)
from bot.certificates.trust_lists import did, gateway, icao, own, pathcheck, pem, smart, withdrawals
from bot.certificates.trust_lists.origin import Found, Origin

MAX_FILE_BYTES = 32 * 1024 * 1024
"""Bytes of one trust file; the largest published list has 3 MB."""

MAX_FILES = 2000
"""Files in one folder; a folder of single certificates has a few hundred."""

MAX_KEYS = 50_000
"""Keys in one folder; all that were ever published are a few thousand."""

_ENDINGS = frozenset((".json", ".pem", ".der", ".crt", ".cer", ".ml", ".mls"))

_SHAPES: tuple[tuple[Callable[[object], bool], Callable[[object, Origin], Iterator[Found]]], ...] = (
    (own.recognises, own.read),
    (smart.recognises, smart.read),
    (pathcheck.recognises, pathcheck.read),
    (did.recognises, did.read),
    (gateway.recognises, gateway.read),
)


@dataclass(frozen=True, slots=True)
class _Paths:
    """A file of a folder and the scheme that the name of its folder gives it."""

    path: Path
    scheme: str = ""


def load_trust(folder: Path) -> TrustStore:
    """The store of all trust files in `folder`, read in the order of their names; never raises for a file."""
    keys: list[TrustedKey] = []
    problems: list[Problem] = []
    try:
        found = _files(folder)
        gone = _withdrawals(folder)
    except OSError as wrong:
        return TrustStore(problems=(Problem(folder.name, "", wrong.strerror or "cannot be read"),))
    except TrustError as wrong:
        # Nobody can tell which of the keys was withdrawn, so none of them is trusted.
        return TrustStore(problems=(Problem(withdrawals.FILE, "", str(wrong)),))
    for file in found:
        try:
            _sort_out(read_keys(read_bytes(file.path), file.path.name, _origin(file)), keys, problems)
        except TrustError as wrong:
            problems.append(Problem(file.path.name, "", str(wrong)))
    return build_store(keys, problems, gone)


def _withdrawals(folder: Path) -> list[Withdrawals]:
    """What was withdrawn in a folder; UnreadableFile where that cannot be told."""
    path = folder / withdrawals.FILE
    return [withdrawals.as_withdrawals(withdrawals.read(_json(read_bytes(path))))] if path.exists() else []


def gather(path: Path, origin: Origin) -> tuple[list[TrustedKey], list[Problem]]:
    """The keys of a file or of all files in a folder, under one origin; OSError where the path cannot be opened."""
    keys: list[TrustedKey] = []
    problems: list[Problem] = []
    files = _files(path) if path.is_dir() else [_Paths(path, _scheme_of(path.parent))]
    for file in files:
        told = replace(_origin(file), source=origin.source)
        told = replace(
            told,
            scheme=origin.scheme or told.scheme,
            country=origin.country,
            issuer=origin.issuer or told.issuer,
            listed_on=origin.listed_on,
        )
        try:
            _sort_out(read_keys(read_bytes(file.path), file.path.name, told), keys, problems)
        except TrustError as wrong:
            problems.append(Problem(file.path.name, "", str(wrong)))
    return keys, problems


def read_bytes(path: Path) -> bytes:
    """What stands in a trust file; UnreadableFile where it is too large or cannot be opened."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as wrong:
        raise UnreadableFile(wrong.strerror or "cannot be read") from wrong
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFile("file too large")
    return content


def read_keys(content: bytes, name: str, origin: Origin) -> Iterator[Found]:
    """Every key in the bytes of a file and every problem with one; UnreadableFile where its shape is none we know."""
    if not name.lower().endswith(".json") and content.lstrip()[:1] not in (b"{", b"["):
        yield from (icao.read if icao.recognises(content) else pem.read)(content, origin)
        return
    listed = _json(content)
    read = next((read for recognises, read in _SHAPES if recognises(listed)), None)
    if read is None:
        raise UnreadableFile("no list of keys in a shape that is known")
    yield from read(listed, origin)


def needs_scheme(path: Path) -> bool:
    """Whether a file, or one in a folder, holds bare keys or certificates that no name of a folder gives a scheme."""
    files = _files(path) if path.is_dir() else [_Paths(path, _scheme_of(path.parent))]
    return any(not file.scheme and not _tells_its_scheme(file.path) for file in files)


def _tells_its_scheme(path: Path) -> bool:
    """Whether a file says by its shape what its keys are for: a list in JSON, or a master list."""
    with path.open("rb") as file:
        start = file.read(256)
    return start.lstrip()[:1] in (b"{", b"[") or icao.recognises(start)


class LiveTrust:
    """The trust of some folders as they are now: loaded when first asked for, and again when a file has changed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._stamp: tuple[object, ...] | None = None
        self._store = TrustStore()

    def now(self) -> TrustStore:
        """The store as the files stand; looking for a change costs a few file names."""
        stamp = tuple(_stamp(folder) for folder in self._folders)
        if stamp != self._stamp:
            self._store = join_stores(*(load_trust(folder) for folder in self._folders))
            self._stamp = stamp
        return self._store


def _stamp(folder: Path) -> tuple[object, ...]:
    """What changes when a file in the folder does."""
    try:
        paths = [file.path for file in _files(folder)]
        if (folder / withdrawals.FILE).exists():
            paths.append(folder / withdrawals.FILE)
        found = [(path, path.stat()) for path in paths]
    except OSError:
        return ()
    return tuple((str(path), facts.st_mtime_ns, facts.st_size, facts.st_ino) for path, facts in found)


def _files(folder: Path) -> list[_Paths]:
    """The trust files of a folder and of those of its folders that are named after a scheme."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name in SCHEMES:
            found += [_Paths(inner, path.name) for inner in sorted(path.iterdir()) if _counts(inner)]
        elif _counts(path):
            found.append(_Paths(path, _scheme_of(folder)))
    return found[:MAX_FILES]


def _counts(path: Path) -> bool:
    listed = path.suffix.lower() in _ENDINGS and not path.name.startswith(".") and path.name != withdrawals.FILE
    return listed and path.is_file()


def _scheme_of(folder: Path) -> str:
    return folder.name if folder.name in SCHEMES else ""


def _origin(file: _Paths) -> Origin:
    """What the place of a file says of its keys; a bare DIVOC key is named by its file, quoted as in an address."""
    issuer = unquote(file.path.stem) if file.scheme == DIVOC and "%3A" in file.path.stem else ""
    return Origin(file.path.name, file.scheme, issuer=issuer)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise UnreadableFile("not JSON") from wrong


def _sort_out(found: Iterable[Found], keys: list[TrustedKey], problems: list[Problem]) -> None:
    """Put keys and problems where they belong; UnreadableFile where there are more keys than anybody has published."""
    for one in found:
        if isinstance(one, Problem):
            problems.append(one)
        elif len(keys) >= MAX_KEYS:
            raise UnreadableFile("more keys than a trust folder may hold")
        else:
            keys.append(one)
