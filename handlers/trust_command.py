"""`khaibao trust`: bring lists of trusted keys in, look at them, and take keys or certificates out of trust."""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import contextlib
import getpass
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.certificates.public_keys import to_spki
from bot.certificates.trust import (
    SCHEMES,
    Problem,
    TrustedKey,
    TrustStore,
    UnreadableFile,
    all_keys,
    build_store,
    is_withdrawn,
    iso_country,
)
from bot.certificates.trust_files import gather, load_trust, needs_scheme
from bot.certificates.trust_lists import own, withdrawals
from bot.certificates.trust_lists.origin import Origin
from bot.certified import reuse_keys
from handlers.reopening import reopen_all
from handlers.service import KEY_FILE, now, open_memory
from handlers.settings import Settings
from handlers.trust_folder import read_withdrawals, replace_file, trust_folder
from storage.certificates import Reopened
from storage.faults import MemoryFault
from storage.keys import KeyTrouble

DONE, NOT_FOUND, WRONG_USE, HALF_DONE = 0, 1, 2, 3

MOST_PROBLEMS = 20
"""Problems that are printed one by one; a list of another shape has thousands."""

_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_SOURCE = re.compile(r"[\w.-]{1,60}")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao trust`."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    bring = actions.add_parser("import", help="read a list or a folder, and trust its keys")
    bring.add_argument("path", type=Path, metavar="file-or-folder")
    bring.add_argument("--scheme", choices=SCHEMES, help="which certificates the keys sign, where the list is silent")
    bring.add_argument("--source", help="the name of the list; importing under it again replaces it")
    bring.add_argument("--date", type=date.fromisoformat, help="the day of the list, as 2026-11-30")
    bring.add_argument("--country", default="", help="the country of keys that name none, as two letters")
    bring.add_argument("--issuer", default="", help="the issuer of keys that name none: an address or a DID")
    actions.add_parser("list", help="what is trusted, how much of it, and how old the lists are")
    show = actions.add_parser("show", help="the keys of an identifier or a country, or a withdrawn certificate")
    show.add_argument("what", metavar="key-country-or-certificate")
    withdraw = actions.add_parser("withdraw", help="take a key, or one certificate, out of trust")
    wanted = withdraw.add_mutually_exclusive_group(required=True)
    wanted.add_argument("key", nargs="?", help="the key's identifier, as `trust list` and verdicts write it")
    wanted.add_argument("--certificate", metavar="identifier", help="the identifier of one certificate")
    withdraw.add_argument("--reason", required=True, help="why; it is kept with the withdrawal")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one thing with the trusted keys; status 1 when nothing was found, 2 when it cannot be done as told.

    Status 3: something was withdrawn, but the permits that rest on it could not be reopened.
    """
    folder = trust_folder(settings)
    try:
        match arguments.action:
            case "import":
                return _import(arguments, folder)
            case "list":
                return _list(load_trust(folder) if folder.is_dir() else TrustStore())
            case "show":
                return _show(arguments.what, load_trust(folder) if folder.is_dir() else TrustStore())
            case _:
                return _withdraw(arguments, settings)
    except UnreadableFile as wrong:
        print(f"khaibao: {wrong}", file=sys.stderr)
        return WRONG_USE


def _import(arguments: argparse.Namespace, folder: Path) -> int:
    source = arguments.source or _plain(arguments.path.resolve().stem)
    if not _SOURCE.fullmatch(source) or f"{source}.json" == withdrawals.FILE:
        print("khaibao: --source is a short name of letters, digits, points and dashes", file=sys.stderr)
        return WRONG_USE
    if not arguments.scheme and needs_scheme(arguments.path):
        print("khaibao: say with --scheme which certificates these keys sign", file=sys.stderr)
        return WRONG_USE
    told = Origin(source, arguments.scheme or "", arguments.country, arguments.issuer, arguments.date)
    found, problems = gather(arguments.path, told)
    keys = _once_each(found)
    _tell_problems(problems)
    if not keys:
        print(f"No key could be read, {len(problems)} refused; nothing was changed.")
        return NOT_FOUND
    path = folder / f"{source}.json"
    before = {_name(key) for key in all_keys(_store_of(path))}
    after = {_name(key) for key in keys}
    day = arguments.date or next((key.listed_on for key in keys if key.listed_on), None) or _written(arguments.path)
    replace_file(path, own.write(source, day.isoformat(), keys))
    print(
        f"{source}: {len(keys)} keys read, {len(problems)} refused; "
        f"{len(after - before)} new, {len(after & before)} replaced, {len(before - after)} gone. List of {day}."
    )
    return DONE


def _list(store: TrustStore) -> int:
    today = now().date()
    groups: dict[tuple[str, str, str, date | None], list[TrustedKey]] = {}
    for key in all_keys(store):
        groups.setdefault((key.scheme, key.country, key.source, key.listed_on), []).append(key)
    rows = [("scheme", "country", "keys", "withdrawn", "list", "of", "days old")]
    for (scheme, country, source, day), keys in sorted(
        groups.items(), key=lambda item: (*item[0][:3], str(item[0][3]))
    ):
        gone = str(sum(key.withdrawn for key in keys))
        age = str((today - day).days) if day else "-"
        rows.append((scheme, country or "-", str(len(keys)), gone, source, str(day or "-"), age))
    for line in _table(rows):
        print(line)
    withdrawn = sum(len(several.certificates) for several in store.withdrawals)
    print(
        f"{len(all_keys(store))} keys, {withdrawn} certificates withdrawn, {len(store.problems)} entries not readable."
    )
    return DONE


def _show(what: str, store: TrustStore) -> int:
    country = iso_country(what) if len(what) in (2, 3) else ""
    keys = [key for key in all_keys(store) if key.country == country] if country else _keys_named(what, store)
    for key in sorted(keys, key=lambda key: (key.scheme, key.issuer, key.kid)):
        print("\n".join(_lines_of(key)))
    gone = is_withdrawn(store, what)
    if gone:
        print(f"{what}: this certificate is withdrawn.")
    if not keys and not gone:
        print(f"Nothing is known of {what}.")
        return NOT_FOUND
    return DONE


def _withdraw(arguments: argparse.Namespace, settings: Settings) -> int:
    folder = trust_folder(settings)
    found = read_withdrawals(folder)
    kids: list[bytes] = []
    names: tuple[str, ...] = ()
    at = now().isoformat(timespec="seconds")
    if arguments.certificate:
        names = reuse_keys(arguments.certificate.strip())
        found = withdrawals.with_certificate(found, arguments.certificate.strip(), arguments.reason, at)
        told = "The certificate is withdrawn."
    else:
        keys = _keys_named(arguments.key, load_trust(folder) if folder.is_dir() else TrustStore())
        if not keys:
            print(f"There is no key {arguments.key}.")
            return NOT_FOUND
        kids = list(dict.fromkeys(key.kid for key in keys))
        for kid in kids:
            found = withdrawals.with_key(found, kid, arguments.reason, at)
        told = "Withdrawn: " + "; ".join(f"{key.scheme} {key.country or '-'} {key.source}" for key in keys)
    replace_file(folder / withdrawals.FILE, withdrawals.write(found))
    print(told)
    return _reopen(settings, [base64.b64encode(kid).decode() for kid in kids], names)


def _reopen(settings: Settings, kids: Sequence[str], names: Sequence[str]) -> int:
    """Send to a person what rests on the withdrawn; the service may run meanwhile."""

    async def work() -> Reopened:
        async with open_memory(settings) as memory:
            actor = f"staff:{getpass.getuser()}"
            return await reopen_all(memory, actor, now(), keys=kids, certificates=names)

    if not settings.shares and not (settings.home / KEY_FILE).exists():
        return DONE  # Nobody has ever declared anything here, and looking would make an empty database.
    try:
        reopened = asyncio.run(work())
    except (MemoryFault, KeyTrouble, OSError, DBAPIError) as wrong:
        why = str(wrong) if isinstance(wrong, MemoryFault | KeyTrouble) else "it does not answer"
        print(f"khaibao: the database: {why}", file=sys.stderr)
        print("The permits that rest on it are not reopened yet: run this again when the database answers.")
        return HALF_DONE
    print(f"Reopened for a person: {reopened.permits} permits, {reopened.drafts} declarations without one.")
    return DONE


def _keys_named(name: str, store: TrustStore) -> list[TrustedKey]:
    """The keys with this identifier, written as Base64, in hex, or as the text that it is."""
    wanted = {name.encode()}
    with contextlib.suppress(binascii.Error, ValueError):
        wanted.add(base64.b64decode(name, altchars=b"-_" if set(name) & set("-_") else None, validate=True))
    if re.fullmatch(r"(?:[0-9a-fA-F]{2}){4,}", name):
        wanted.add(bytes.fromhex(name))
    return [key for key in all_keys(store) if key.kid in wanted]


def _lines_of(key: TrustedKey) -> Iterator[str]:
    marks = [mark for mark, set_ in (("withdrawn", key.withdrawn), ("specimen", key.specimen)) if set_]
    yield f"{base64.b64encode(key.kid).decode()}  {key.scheme}  {key.country or '-'}  {' '.join(marks)}".rstrip()
    text = key.kid.decode("utf-8", "replace")
    if key.issuer:
        yield f"    issuer {key.issuer}, key {text}"
    yield f"    {key.public_key.__class__.__name__}, may sign {', '.join(sorted(key.usages)) or 'nothing'}"
    yield f"    from {_day(key.valid_from)} to {_day(key.valid_until)}; list {key.source} of {key.listed_on or '-'}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _tell_problems(problems: Sequence[Problem]) -> None:
    for problem in problems[:MOST_PROBLEMS]:
        print(f"refused: {problem.source} {problem.entry}: {problem.trouble}".replace(" :", ":"))
    for trouble, times in Counter(problem.trouble for problem in problems[MOST_PROBLEMS:]).most_common():
        print(f"refused: {times} more: {trouble}")


def _once_each(keys: Iterable[TrustedKey]) -> list[TrustedKey]:
    """The keys without repetitions; of several certificates for one key the longest-lived counts."""
    by_life = sorted(keys, key=lambda key: key.valid_until or _FOR_EVER)
    return list({(_name(key), to_spki(key.public_key)): key for key in by_life}.values())


def _name(key: TrustedKey) -> tuple[str, bytes, str]:
    return key.scheme, key.kid, key.issuer


def _store_of(path: Path) -> TrustStore:
    """The keys that one list had so far; none where it is not there or damaged."""
    if not path.exists():
        return TrustStore()
    return build_store(gather(path, Origin(path.name))[0])


def _written(path: Path) -> date:
    """The day a file was written, in UTC: the best that is known of a list that tells no day."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name)[:60] or "list"
